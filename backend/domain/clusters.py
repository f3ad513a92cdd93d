"""Places too close to be touched apart, drawn as one: what the page shows before the phone has worked out its own.

The same steps as supercluster's, which the phone uses: from the closest scale to the widest, each place takes its
neighbours in.
"""

from collections.abc import Iterable, Sequence
from math import floor, log, pi, sin
from typing import NamedTuple

from backend.domain.finding import DEGREE, Spot

CLOSEST = 16  # beyond, places are drawn one by one
RADIUS = 44  # pixels
TILE = 256  # pixels: Leaflet's tiles


class Cluster(NamedTuple):
    """`x`, `y`: on Mercator's square, 0 to 1. `row`: of the place, when it is alone."""

    x: float
    y: float
    size: int
    row: int


def projected(spot: Spot) -> tuple[float, float]:
    """A position on Mercator's square."""
    sine = sin(spot[0] / DEGREE * pi / 180)
    return spot[1] / DEGREE / 360 + 0.5, 0.5 - 0.25 * log((1 + sine) / (1 - sine)) / pi


def alone(spots: Iterable[tuple[int, Spot]]) -> list[Cluster]:
    """Each place by itself: rows and positions in, clusters of one out."""
    return [Cluster(*projected(spot), 1, row) for row, spot in spots]


def at(zoom: int, places: Sequence[Cluster]) -> list[Cluster]:
    """What is drawn at this zoom, from what is drawn one zoom closer (or further, roughly)."""
    reach = RADIUS / (TILE * 2**zoom)
    cells: dict[tuple[int, int], list[int]] = {}
    for rank, place in enumerate(places):
        cells.setdefault((floor(place.x / reach), floor(place.y / reach)), []).append(rank)
    found, taken = [], bytearray(len(places))
    for rank, place in enumerate(places):
        if taken[rank]:
            continue
        taken[rank] = 1
        near = _near(place, places, cells, reach, taken)
        found.append(_joined(place, near) if near else place)
    return found


def _near(
    place: Cluster,
    places: Sequence[Cluster],
    cells: dict[tuple[int, int], list[int]],
    reach: float,
    taken: bytearray,
) -> list[Cluster]:
    column, line = floor(place.x / reach), floor(place.y / reach)
    near = []
    for key in [(column + right, line + down) for right in (-1, 0, 1) for down in (-1, 0, 1)]:
        left = []
        for rank in cells.get(key, ()):
            if taken[rank]:
                continue
            other = places[rank]
            if (other.x - place.x) ** 2 + (other.y - place.y) ** 2 <= reach * reach:
                taken[rank] = 1
                near.append(other)
            else:
                left.append(rank)
        if key in cells:
            cells[key] = left  # those taken are not looked at again
    return near


def _joined(place: Cluster, near: Sequence[Cluster]) -> Cluster:
    together = [place, *near]
    size = sum(each.size for each in together)
    x = sum(each.x * each.size for each in together) / size
    y = sum(each.y * each.size for each in together) / size
    return Cluster(x, y, size, -1)


def down_to(zoom: int, places: Sequence[Cluster]) -> list[Cluster]:
    """What is drawn at this zoom, through all closer ones."""
    drawn = list(places)
    for each in range(CLOSEST, zoom - 1, -1):
        drawn = at(each, drawn)
    return drawn
