"""What the map draws before the phone has all places: its first view, and with very many places each piece of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import atan, exp, floor, log2, pi
from typing import Any

from backend.domain import clusters
from backend.domain.clusters import Cluster
from backend.domain.finding import Directory, Wanted, find
from backend.domain.publication import called
from backend.web.public_places import Shown, Through, columns

FEW = 2_000  # places that are put together scale by scale, exactly as the phone will
INDEXED = 11  # the scale of the drawers that places are kept in
MOST = 300  # places and clusters of the first views, all scales together
PHONE = (228, 320)  # pixels of the smallest map, without its margins
CLOSEST_FIRST = 15


@dataclass(frozen=True)
class Drawn:
    """The placed places by themselves, and their rows by the drawer they are in."""

    alone: Sequence[Cluster]
    drawers: dict[tuple[int, int], list[Cluster]]


def drawn(found: Directory, through: Through = iter) -> Drawn:
    """The places of a directory, put into drawers."""
    spots = ((row, place.spot) for row, place in enumerate(through(found.places)) if place.spot is not None)
    alone = clusters.alone(spots)
    drawers: dict[tuple[int, int], list[Cluster]] = {}
    for each in through(alone):
        drawers.setdefault(_cell(each, INDEXED), []).append(each)
    return Drawn(alone, drawers)


def _cell(place: Cluster, zoom: int) -> tuple[int, int]:
    return floor(place.x * 2**zoom), floor(place.y * 2**zoom)


# --- the first view ---


def first_view(
    shown: Shown, drawing: Drawn, positions: Sequence[Any], pause: Callable[[], None]
) -> dict[str, list[Any]]:
    """What is drawn first, by scale: the one that a small phone will choose, and the two that larger screens will."""
    if not positions:
        return {}
    found: dict[str, list[Any]] = {}
    widest = _scale(drawing.alone)
    for zoom in range(widest, min(widest + 2, CLOSEST_FIRST) + 1):
        pause()
        places = [_written(shown, each) for each in _together(drawing.alone, zoom)]
        if sum(map(len, found.values())) + len(places) > MOST:
            break
        found[str(zoom)] = places
    return found


def _together(alone: Sequence[Cluster], zoom: int) -> list[Cluster]:
    return clusters.down_to(zoom, alone) if len(alone) <= FEW else clusters.at(zoom, alone)


def _scale(alone: Sequence[Cluster]) -> int:
    wide = max(each.x for each in alone) - min(each.x for each in alone)
    high = max(each.y for each in alone) - min(each.y for each in alone)
    fitting = [
        log2(pixels / (clusters.TILE * part))
        for pixels, part in zip(PHONE, (wide, high), strict=True)
        if part
    ]
    return max(0, floor(min([*fitting, CLOSEST_FIRST])))


def _written(shown: Shown, each: Cluster) -> list[Any]:
    """Latitude, longitude and count; of a place that is alone, also what its pin says and its row."""
    lat, lon = _position(each)
    if each.size > 1:
        return [lat, lon, each.size]
    place = shown.places[each.row]
    return [lat, lon, 1, each.row, called(place.name, place.label), place.kind, int(place.state == "active")]


def _position(each: Cluster) -> tuple[float, float]:
    lat = 360 / pi * atan(exp((0.5 - each.y) * 2 * pi)) - 90
    return round(lat, 5), round((each.x - 0.5) * 360, 5)


# --- a piece of the map ---


def tile(
    shown: Shown,
    found: Directory,
    drawing: Drawn,
    at: tuple[int, int, int],
    wanted: Wanted,
    name: str,
) -> bytes:
    """What is drawn on one square of 512 pixels: the clusters, and the places by themselves, in columns.

    `at`: the scale of the map, and the square's number from the left and from the top.
    """
    zoom, x, y = at
    here = [each for each in _in_drawers(drawing, at) if _cell(each, zoom - 1) == (x, y)]
    if wanted != Wanted():
        rows = [each.row for each in here]
        some = Directory([found.places[row] for row in rows], found.openings, found.since)
        here = [here[hit.row] for hit in sorted(find(some, wanted), key=lambda hit: rows[hit.row])]
    together = clusters.at(zoom, here) if zoom <= clusters.CLOSEST else here
    rows = sorted(each.row for each in together if each.size == 1)
    groups = [[*_position(each), each.size] for each in together if each.size > 1]
    answer = {"version": name, "clusters": groups, "places": columns(shown, found, rows)}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _in_drawers(drawing: Drawn, at: tuple[int, int, int]) -> Iterator[Cluster]:
    zoom, x, y = at[0] - 1, at[1], at[2]
    if zoom >= INDEXED:
        closer = zoom - INDEXED
        yield from drawing.drawers.get((x >> closer, y >> closer), ())
        return
    wider = INDEXED - zoom
    for (column, line), places in drawing.drawers.items():
        if (column >> wider, line >> wider) == (x, y):
            yield from places
