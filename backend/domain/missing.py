"""What is missing where: how far each corner of a territory is from the nearest shop of each family of products.

Streets are longer than straight lines: a distance here is the straight line × 1.3, and every page says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, radians, sin
from statistics import median
from typing import NamedTuple

from backend.domain.details import Position

CELL_M = 200
DETOUR = 1.3
BANDS_M = (500, 1_000, 2_000, 5_000)  # the first that a distance does not exceed is its band; one more beyond
NEAR_M = 1_000  # a quarter of an hour on foot
AROUND_M = 3_000  # of a territory whose outline nobody has loaded yet
_ROOM = 0.005  # degrees: some 500 m
_METRES_PER_DEGREE = 111_195  # of latitude: a sphere of 6,371 km

Ring = Sequence[Sequence[float]]
"""Points as (longitude, latitude), the last one the first again."""


@dataclass(frozen=True)
class Outline:
    """The limits of a part of a territory. `polygons`: as in GeoJSON, each an outer ring, then its holes."""

    name: str
    polygons: Sequence[Sequence[Ring]]


@dataclass(frozen=True)
class Plane:
    """A flat drawing of a territory, in cells from its south-west corner. Off by less than 1 % over 50 km."""

    south: float
    west: float
    width: int
    height: int

    @classmethod
    def around(cls, outlines: Iterable[Outline], positions: Iterable[Position] = ()) -> "Plane":
        """Just large enough for these outlines, at least one, and with some room around these positions."""
        points = [point for each in outlines for polygon in each.polygons for point in polygon[0]]
        points += [(lon + side * _ROOM, lat + side * _ROOM) for lat, lon in positions for side in (-1, 1)]
        (west, east), (south, north) = ((min(each), max(each)) for each in zip(*points, strict=True))
        corner = cls(south, west, 0, 0)
        x, y = corner.at((north, east))
        return cls(south, west, int(x) + 1, int(y) + 1)

    def at(self, position: Position) -> tuple[float, float]:
        """Cells to the east and to the north of the corner."""
        lat, lon = position
        north = (lat - self.south) * _METRES_PER_DEGREE
        east = (lon - self.west) * _METRES_PER_DEGREE * cos(radians(self.south))
        return east / CELL_M, north / CELL_M

    def is_near(self, position: Position, metres: float) -> bool:
        """Whether it is on the drawing, or at most that far beside it."""
        x, y = self.at(position)
        far = metres / CELL_M
        return -far <= x <= self.width + far and -far <= y <= self.height + far

    def position(self, x: float, y: float) -> Position:
        """The opposite of `at`."""
        lat = self.south + y * CELL_M / _METRES_PER_DEGREE
        return lat, self.west + x * CELL_M / _METRES_PER_DEGREE / cos(radians(self.south))


class Cell(NamedTuple):
    """A square of 200 m: its column from the west, its row from the south, and which part of the territory it is in."""

    column: int
    row: int
    part: str

    @property
    def middle(self) -> tuple[float, float]:
        return self.column + 0.5, self.row + 0.5


class Found(NamedTuple):
    """How far a part of the territory is, in metres: half of it further than `half`, its worst corner at `farthest`,
    and how much of it (0 to 1) is further than NEAR_M."""

    part: str
    half: float
    farthest: float
    far: float


def disc(position: Position, name: str) -> Outline:
    """What stands for the outline of a territory until one is loaded: all within AROUND_M of its middle."""
    turns = [radians(each) for each in range(0, 361, 10)]
    plane, reach = Plane(*position, 0, 0), AROUND_M / CELL_M
    ring = [plane.position(reach * cos(turn), reach * sin(turn)) for turn in turns]
    return Outline(name, [[[(lon, lat) for lat, lon in ring]]])


def band(metres: float) -> int:
    """0 for the nearest; len(BANDS_M) for further than all of them."""
    return next((place for place, most in enumerate(BANDS_M) if metres <= most), len(BANDS_M))


def found(cells: Sequence[Cell], metres: Sequence[float]) -> list[Found]:
    """Part by part, those that are furthest first. `metres`: of each cell."""
    by_part: dict[str, list[float]] = {}
    for cell, far in zip(cells, metres, strict=True):
        by_part.setdefault(cell.part, []).append(far)
    return sorted((summed(part, each) for part, each in by_part.items()), key=lambda each: -each.half)


def summed(part: str, metres: Sequence[float]) -> Found:
    return Found(part, median(metres), max(metres), sum(each > NEAR_M for each in metres) / len(metres))


def runs(cells: Sequence[Cell], metres: Sequence[float]) -> Mapping[int, list[tuple[int, int, int]]]:
    """Band by band, the rows of neighbouring cells in it: the first one's column and row, and how many they are."""
    drawn: dict[int, list[tuple[int, int, int]]] = {place: [] for place in range(len(BANDS_M) + 1)}
    placed = sorted((cell.row, cell.column, band(far)) for cell, far in zip(cells, metres, strict=True))
    # neighbours of one row and one band share what is left of their column once their rank is taken away
    ranked = enumerate(placed)
    for (row, near, _shared), group in groupby(
        ranked, lambda each: (each[1][0], each[1][2], each[1][1] - each[0])
    ):
        first, *others = group
        drawn[near].append((first[1][1], row, 1 + len(others)))
    return drawn
