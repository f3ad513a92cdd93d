"""The directory on paper, for those without a smartphone: a booklet, also in large print, and a poster with a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import gettext as _

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from backend import printing, shapes
from backend.domain.booklets import apart
from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.missing import Outline, Plane, disc
from backend.domain.publication import PublishedPlace
from backend.storage import outlines, people, public_sheets, published, territories
from backend.storage.tables import Territory
from backend.web.assets import prepare, respond
from backend.web.costly import made_once
from backend.web.house import House, house
from backend.web.pages import page
from backend.web.paper import printed
from backend.web.qr_codes import qr_code
from backend.web.visits import today

NUMBERED = 120  # on a poster; a map with more numbers than this is read by nobody
NEAR = (
    20_000  # metres beyond the limits; who is farther away is in the list alone, and the map keeps its size
)
WIDE = 26  # numbers side by side across the poster's map

# the address of each, and how it is made
FORMS = ("livret", "livret-a-plier", "gros-caracteres", "affiche")


@dataclass(frozen=True)
class Part:
    """The places of a district, a commune or a town, by name."""

    name: str
    places: Sequence[PublishedPlace]


@dataclass(frozen=True)
class Pin:
    """A number on the poster's map. `x`, `y`: where it is read, `at`: where the place is; in units of the map."""

    number: int
    x: float
    y: float
    at: tuple[float, float]


def show(request: Request) -> Response:
    """GET /papier: what there is on paper, territory by territory."""
    home = house(request)
    with home.db.read() as session:
        version = str(published.version(session))
        counts = home.paper_counts.get(version)
        if counts is None:
            counts = home.paper_counts.keep(version, public_sheets.counted(session))
        told = [(each, counts.get(each.id, 0)) for each in people.territories(session)]
    return page(request, "paper_directory.html", territories=told)


async def download(request: Request) -> Response:
    """GET /papier/{territory}/{form}.pdf: made once for each day and each change. Raises not_found, pdf_unavailable."""
    home, form = house(request), request.path_params["form"]
    if form not in FORMS:
        raise Refusal("not_found")
    name, here = await run_in_threadpool(_named, home, request.path_params["territory"], form)
    body = await made_once(home, home.papers, name, lambda: _made(home, here, form))
    return await run_in_threadpool(lambda: respond(request, prepare(body, "application/pdf")))


def _named(home: House, territory: str, form: str) -> tuple[str, Territory]:
    with home.db.read() as session:
        here = territories.get(session, territory)
        return f"{here.id} {form} {published.version(session)} {today(home)}", here


def _made(home: House, here: Territory, form: str) -> bytes:
    with home.db.read() as session:
        parts, soon, drawn = _content(session, here)
    context = {
        "territory": here,
        "parts": parts,
        "soon": soon,
        "count": sum(len(part.places) for part in parts),
        "today": today(home),
        "address": home.settings.public_url.split("//")[-1].rstrip("/"),
        "qr": qr_code(home.settings.public_url, _("Code de l’adresse du site")),
    }
    if form == "affiche":
        return printed(home, "poster.html", **context, **_map(here, parts, drawn))
    body = printed(home, "directory.html", large=form == "gros-caracteres", **context)
    return printing.folded(body) if form == "livret-a-plier" else body


def _content(session: Session, here: Territory) -> tuple[list[Part], list[PublishedPlace], list[Outline]]:
    """Where one pays now, part by part; where one will soon; the limits of the parts."""
    places = [each for each in public_sheets.published_places(session) if each.territory == here.name]
    drawn = outlines.of_territory(session, here.id)
    return (
        _by_part([each for each in places if each.active], drawn),
        [each for each in places if not each.active],
        drawn,
    )


def _by_part(places: Sequence[PublishedPlace], drawn: Sequence[Outline]) -> list[Part]:
    """By the part of the territory that a place is in; where no outline says so, by its town."""
    placed = [(each.lat, each.lon) for each in places if each.lat is not None and each.lon is not None]
    inside = dict(zip(placed, shapes.parts(drawn, placed), strict=True))
    by_name: dict[str, list[PublishedPlace]] = {}
    for each in places:
        name = inside.get((each.lat or 0.0, each.lon or 0.0)) or each.city or _("Sans adresse")
        by_name.setdefault(name, []).append(each)
    return [Part(name, by_name[name]) for name in sorted(by_name, key=folded)]


def _map(here: Territory, parts: Sequence[Part], drawn: Sequence[Outline]) -> dict[str, object]:
    """The poster's map in its own units, north up, and the numbers on it; without any when they are too many."""
    numbered = [each for part in parts for each in part.places]
    kept = list(drawn) or [disc((here.lat, here.lon), here.name)]
    spots = [
        (number, (each.lat, each.lon))
        for number, each in enumerate(numbered, 1)
        if each.lat is not None and each.lon is not None
    ]
    around = Plane.around(kept)
    near = [(number, spot) for number, spot in spots if around.is_near(spot, NEAR)]
    plane = Plane.around(kept, [spot for _number, spot in near])
    unit = max(plane.width, plane.height) / WIDE
    placed = [(number, plane.at(spot)) for number, spot in near]
    points = [(x / unit, (plane.height - y) / unit) for _number, (x, y) in placed]
    read = apart(points, 1.0) if len(points) <= NUMBERED else []
    drawn_at = [(each.name, _in_units(plane, unit, each)) for each in kept]
    return {
        "limits": [
            "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring) + "Z"
            for _name, rings in drawn_at
            for ring in rings
        ],
        "names": [(name, *_middle(rings[0])) for name, rings in drawn_at],
        "pins": [
            Pin(number, round(x, 2), round(y, 2), (round(at[0], 2), round(at[1], 2)))
            for (number, _at), (x, y), at in zip(placed, read, points, strict=False)
        ],
        "dots": [] if read else points,
        "width": plane.width / unit,
        "height": plane.height / unit,
    }


def _in_units(plane: Plane, unit: float, outline: Outline) -> list[list[tuple[float, float]]]:
    """The rings of an outline on the poster's map."""
    rings = [[plane.at((lat, lon)) for lon, lat in ring] for polygon in outline.polygons for ring in polygon]
    return [[(x / unit, (plane.height - y) / unit) for x, y in ring] for ring in rings]


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    xs, ys = zip(*ring, strict=True)
    return round((min(xs) + max(xs)) / 2, 2), round((min(ys) + max(ys)) / 2, 2)
