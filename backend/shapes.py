"""Outlines and distances, through shapely. The one adapter of it."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from backend.domain.details import Position
from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.missing import CELL_M, DETOUR, Cell, Outline, Plane, Ring

_TOLERANCE = 0.0001  # degrees, about 10 m: what nobody sees at this size
_THIN = 0.0006  # degrees, about 60 m: for a map of towns, drawn under their names
_DIGITS = 5  # about 1 m
_NAMES = ("nom", "name", "libelle", "nom_commune")

Point = tuple[float, float]
"""Cells east and north of a plane's corner."""


def read(data: bytes, only: Collection[str] = ()) -> list[Outline]:
    """The named surfaces of a GeoJSON file, drawn no finer than 10 m; `only`: those of these names or codes.

    Raises outline_unreadable, outline_unknown.
    """
    try:
        features = [each for each in json.loads(data)["features"] if each["geometry"]]
        named = [(_named(each["properties"]), each) for each in features]
        chosen = [(name, shape(each["geometry"])) for name, each in _chosen(named, only)]
        found = [_outline(name, surface) for name, surface in _simple(chosen)]
    except (ValueError, LookupError, TypeError, AttributeError, ShapelyError):
        raise Refusal("outline_unreadable") from None
    if not found:
        raise Refusal("outline_unreadable")
    return found


def _named(properties: dict[str, Any]) -> str:
    names = [str(properties[each]) for each in _NAMES if properties.get(each)]
    return names[0]


def _chosen(named: Sequence[tuple[str, Any]], only: Collection[str]) -> Iterable[tuple[str, Any]]:
    asked = {folded(each): each for each in only}
    known = {
        key: (name, each)
        for name, each in named
        for key in (folded(name), str(each["properties"].get("code")))
    }
    for key, told in asked.items():
        if key not in known:
            raise Refusal("outline_unknown", name=told)
    return [known[key] for key in asked] if asked else named


def _simple(chosen: Sequence[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Simplified together, so that neighbours still touch."""
    surfaces = [shapely.make_valid(each) for _name, each in chosen]
    if not all(
        each.area and shapely.bounds(each)[1] >= -90 and shapely.bounds(each)[3] <= 90 for each in surfaces
    ):
        raise ValueError("not surfaces on the earth, in degrees")
    thin = shapely.transform(
        shapely.coverage_simplify(surfaces, _TOLERANCE), lambda each: each.round(_DIGITS)
    )
    return [(name, each) for (name, _surface), each in zip(chosen, thin, strict=True)]


def _outline(name: str, surface: Any) -> Outline:
    parts = [each for each in shapely.get_parts(surface) if each.geom_type == "Polygon"]
    return Outline(
        name, [[[list(point) for point in ring] for ring in mapping(each)["coordinates"]] for each in parts]
    )


def thin(outlines: Sequence[Outline]) -> list[tuple[str, list[Ring], Sequence[float]]]:
    """For a small map: each outline's name, its outer rings drawn no finer than 60 m, and a point well inside for its
    name, as (longitude, latitude). Neighbours still touch."""
    surfaces = [_surface(each) for each in outlines]
    drawn: Any = shapely.coverage_simplify(surfaces, _THIN) if surfaces else []
    return [
        (outline.name, _outer(surface), shapely.maximum_inscribed_circle(_largest(surface), 0.002).coords[0])
        for outline, surface in zip(outlines, drawn, strict=True)
    ]


def _outer(surface: Any) -> list[Ring]:
    return [list(each.exterior.coords) for each in shapely.get_parts(surface) if each.geom_type == "Polygon"]


def _largest(surface: Any) -> Any:
    return max(shapely.get_parts(surface), key=lambda each: float(each.area))


def _surface(outline: Outline) -> Any:
    return shapely.union_all([shapely.Polygon(each[0], each[1:]) for each in outline.polygons])


def cells(outlines: Sequence[Outline], plane: Plane) -> list[Cell]:
    """The cells whose middle is within one of these; the first one's when several say so."""
    squares = [Cell(column, row, "") for row in range(plane.height) for column in range(plane.width)]
    names = parts(outlines, [plane.position(*each.middle) for each in squares])
    return [square._replace(part=name) for square, name in zip(squares, names, strict=True) if name]


def parts(outlines: Sequence[Outline], positions: Sequence[Position]) -> list[str]:
    """The name of the outline that each of these positions is in; "" when it is in none."""
    found = [""] * len(positions)
    for outline in reversed(outlines):  # the first one's, when several say so
        inside = _within(outline, positions)
        found = [outline.name if within else name for name, within in zip(found, inside, strict=True)]
    return found


def _within(outline: Outline, positions: Sequence[Position]) -> Sequence[bool]:
    surface = _surface(outline)
    return list(shapely.contains_xy(surface, [lon for _, lon in positions], [lat for lat, _ in positions]))


def walked(points: Sequence[Point], shops: Sequence[Point]) -> list[float]:
    """How far each point is from the nearest of these shops, at least one: metres, straight line × 1.3."""
    tree = shapely.STRtree(shapely.points(shops))
    _pairs, far = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)
    return [float(each) * CELL_M * DETOUR for each in far]


def reached(points: Sequence[Point], shops: Sequence[Point], metres: float) -> list[int]:
    """How many of these points each shop is within `metres` of, straight line × 1.3."""
    if not points or not shops:
        return [0] * len(shops)
    tree = shapely.STRtree(shapely.points(points))
    near, _points = tree.query(shapely.points(shops), predicate="dwithin", distance=metres / DETOUR / CELL_M)
    counts = [0] * len(shops)
    for each in near:
        counts[each] += 1
    return counts
