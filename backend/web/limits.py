"""The limits of the communes under the public map: what it draws where its ground does not come."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend import shapes
from backend.domain.finding import Spot
from backend.domain.missing import Outline, Ring
from backend.storage import outlines, published
from backend.web.assets import Prepared, prepare, respond
from backend.web.house import House, house
from backend.web.republishing import Pace
from backend.web.stamps import unchanged

STEP = 10_000  # positions are in ten-thousandths of a degree, some ten metres


@dataclass(frozen=True)
class Limits:
    """The limits as they were loaded, a point well within each, and their bytes. `version`, `stamp`: see `stamps`."""

    version: int
    stamp: list[str]
    loaded: Sequence[Outline]
    points: Sequence[tuple[str, Spot]]
    prepared: Prepared


def show(request: Request) -> Response:
    """GET /carte/limites.json: the limits of the communes, thin, with where their names stand."""
    return respond(request, current(house(request)).prepared)


def current(home: House) -> Limits:
    """The limits as they are now."""
    return home.limits.get(partial(unchanged, home), partial(_made, home), lambda _limits: True)


def _made(home: House, before: Limits | None, _pace: Pace) -> Limits:
    stamp = home.db.version()
    with home.db.read() as session:
        version, loaded = published.version(session), outlines.everywhere(session)
    if before is not None and before.loaded == loaded:
        return replace(before, version=version, stamp=[stamp])
    parts = [_written(name, rings, at) for name, rings, at in shapes.thin(loaded)]
    body = json.dumps({"parts": parts}, ensure_ascii=False, separators=(",", ":"))
    points = [(part["name"], _spot(part["at"])) for part in parts]
    return Limits(version, [stamp], loaded, points, prepare(body.encode(), "application/json"))


def _written(name: str, rings: Sequence[Ring], at: Sequence[float]) -> dict[str, Any]:
    """`at`: latitude and longitude of the name; each ring: latitudes and longitudes in turn, since the ones before."""
    return {"name": name, "at": _steps([at]), "rings": [_steps(ring) for ring in rings]}


def _spot(at: Sequence[int]) -> Spot:
    """As the phone reads it."""
    finer = 100_000 // STEP
    return at[0] * finer, at[1] * finer


def _steps(points: Sequence[Sequence[float]]) -> list[int]:
    return list(_since_the_one_before(points))


def _since_the_one_before(points: Sequence[Sequence[float]]) -> Iterator[int]:
    before = (0, 0)
    for lon, lat in points:
        here = (round(lat * STEP), round(lon * STEP))
        if here != before:
            yield from (here[0] - before[0], here[1] - before[1])
        before = here
