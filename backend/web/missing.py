"""The map of what is missing: how far each corner of a territory is from the nearest shop of each family."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from backend import shapes
from backend.domain import missing as rules
from backend.domain.errors import Refusal
from backend.domain.merchants import STAGE_NAMES
from backend.domain.missing import BANDS_M, NEAR_M, Cell, Found, Outline, Plane
from backend.domain.people import Role, may_act
from backend.domain.products import FAMILY_NAMES, Family
from backend.storage import missing, outlines, people
from backend.storage.missing import Seller
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.pages import page
from backend.web.security import staff

READERS = frozenset({Role.COORDINATION, Role.COMMITTEE, Role.RESEARCH})
COMING = 12  # of those that may still come, the ones that would bring most

FAMILIES = tuple(family for family in Family if family is not Family.OTHER)


@dataclass(frozen=True)
class Ground:
    """What every map of a territory shares. `assumed`: nobody has loaded its outline, a disc stands for it."""

    plane: Plane
    cells: Sequence[Cell]
    limits: str
    assumed: bool

    @property
    def middles(self) -> list[tuple[float, float]]:
        return [each.middle for each in self.cells]


@dataclass(frozen=True)
class Drawn:
    """One family's map: the paths of its bands from the nearest, its shops, what it says in all and part by part."""

    bands: Sequence[str]
    shops: Sequence[tuple[float, float]]
    whole: Found
    parts: Sequence[Found]
    far: Sequence[Cell]


@dataclass(frozen=True)
class Hope:
    """A merchant that may still come; `share` of the territory, 0 to 1, would then come near."""

    seller: Seller
    share: float


def show(request: Request) -> Response:
    """GET /missing: every family at once, or one with its numbers and with who may still come."""
    who, asked = staff(request), request.query_params
    family = next((each for each in FAMILIES if each == asked.get("family")), None)
    with house(request).db.read() as session:
        mine = [each for each in people.territories(session) if may_act(who.grants, READERS, each.id)]
        if not mine:
            raise Refusal("not_found")  # a fund without territories misses everything
        here = next((each for each in mine if each.id == asked.get("territory")), mine[0])
        ground = _ground(here, outlines.of_territory(session, here.id))
        active, unplaced = missing.active(session), missing.active_without_position(session)
        may_go = may_act(who.grants, frozenset({Role.COORDINATION}), here.id)
        coming = missing.coming(session, here.id) if family and may_go else []
    drawn = {each: _drawn(ground, active, each) for each in ([family] if family else FAMILIES)}
    return page(
        request,
        "missing.html",
        territories=mine,
        here=here,
        ground=ground,
        family=family,
        drawn=drawn,
        hopes=_hopes(ground, drawn[family], coming, family) if family else [],
        coordinates=may_go,
        unknown=sorted({each.name for each in active if not each.families}),
        unplaced=unplaced,
        family_names=FAMILY_NAMES,
        stage_names=STAGE_NAMES,
        bands=BANDS_M,
        near=NEAR_M,
    )


def _ground(here: Territory, loaded: Sequence[Outline]) -> Ground:
    kept = loaded or [rules.disc((here.lat, here.lon), here.name)]
    plane = Plane.around(kept)
    return Ground(plane, shapes.cells(kept, plane), _limits(plane, kept), assumed=not loaded)


def _limits(plane: Plane, kept: Sequence[Outline]) -> str:
    rings = [ring for each in kept for polygon in each.polygons for ring in polygon]
    return "".join(
        "M" + "L".join(_point(plane, *plane.at((lat, lon))) for lon, lat in ring) + "Z" for ring in rings
    )


def _point(plane: Plane, x: float, y: float) -> str:
    return f"{x:.1f} {plane.height - y:.1f}"


def _drawn(ground: Ground, active: Sequence[Seller], family: Family) -> Drawn | None:
    """None when nobody sells it, or when the territory is too small for a cell."""
    shops = [ground.plane.at(each.position) for each in active if family in each.families]
    if not shops or not ground.cells:
        return None
    metres = shapes.walked(ground.middles, shops)
    height = ground.plane.height
    paths = [
        "".join(f"M{column} {height - 1 - row}h{count}v1h-{count}z" for column, row, count in each)
        for each in rules.runs(ground.cells, metres).values()
    ]
    return Drawn(
        bands=paths,
        shops=[(round(x, 1), round(height - y, 1)) for x, y in shops if _within(ground.plane, x, y)],
        whole=rules.summed("", metres),
        parts=rules.found(ground.cells, metres),
        far=[cell for cell, far in zip(ground.cells, metres, strict=True) if far > NEAR_M],
    )


def _within(plane: Plane, x: float, y: float) -> bool:
    return 0 <= x <= plane.width and 0 <= y <= plane.height


def _hopes(ground: Ground, drawn: Drawn | None, coming: Sequence[Seller], family: Family) -> list[Hope]:
    """Those that would bring most first; nobody who would bring nothing."""
    selling = [each for each in coming if family in each.families]
    far = [each.middle for each in (drawn.far if drawn else ground.cells)]
    gains = shapes.reached(far, [ground.plane.at(each.position) for each in selling], NEAR_M)
    hopes = [Hope(each, gain / len(ground.cells)) for each, gain in zip(selling, gains, strict=True) if gain]
    return sorted(hopes, key=lambda each: -each.share)[:COMING]
