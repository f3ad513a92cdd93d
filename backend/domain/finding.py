"""Finding where to spend: which sales points answer what somebody wants, and in which order.

`web/static/map/finding.js` is its twin on the phone. Both only compare: hours were made instants before
(`openings`), texts were folded, positions are whole numbers. Distances use the same operations in the same order, so
that both put the same places in the same order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from math import sqrt

from backend.domain.merchants import folded
from backend.domain.openings import Now, Openings, status

DEGREE = 100_000  # positions are in hundred-thousandths of a degree: a metre or so

Spot = tuple[int, int]
"""Latitude and longitude, in hundred-thousandths of a degree."""


class Opening(IntEnum):
    """Whether one finds it open, in the order of the list."""

    OPEN = 0
    UNKNOWN = 1
    CLOSED = 2


@dataclass(frozen=True)
class Findable:
    """What finding looks at. `words`: its name, what it is and its town, folded; `moving`: it comes on its days, as a
    market does; `hours`: the rank of its openings in the directory."""

    words: str
    active: bool
    families: frozenset[str]
    access: str
    moving: bool
    hours: int
    spot: Spot | None


@dataclass(frozen=True)
class Directory:
    """The public sales points in the order of the list, and when each is open from the moment `since` on."""

    places: Sequence[Findable]
    openings: Sequence[Openings | None]
    since: datetime


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; a field left as it is asks nothing.

    `state`: active or soon. `access`: yes, or help (with help is fine too). `market_day`: Monday 0.
    """

    text: str = ""
    families: frozenset[str] = frozenset()
    state: str = ""
    access: str = ""
    market_day: int | None = None
    open_at: datetime | None = None


@dataclass(frozen=True)
class Hit:
    """A sales point that answers. `row`: its rank in the directory; `opening`: at the moment that was asked, if any."""

    row: int
    opening: Opening | None
    metres: float | None


def find(directory: Directory, wanted: Wanted, near: Spot | None = None) -> list[Hit]:
    """The sales points that answer, where one can pay first; then those surely open, then the nearest.

    Hours that nobody knows never hide a sales point: it comes after those that are open.
    """
    answers = _answering(directory, wanted)
    opening = [opening_at(known, directory.since, wanted.open_at) for known in directory.openings]
    hits = [
        Hit(row, opening[place.hours], _metres(near, place.spot))
        for row, place in enumerate(directory.places)
        if answers(place) and opening[place.hours] is not Opening.CLOSED
    ]
    return sorted(hits, key=lambda hit: _order(directory, hit))


def _answering(directory: Directory, wanted: Wanted) -> Callable[[Findable], bool]:
    words = folded(wanted.text).split()
    admitted = {"": None, "yes": ("yes",), "help": ("yes", "limited")}[wanted.access]
    on_its_day = [_comes_on(known, wanted.market_day) for known in directory.openings]

    def answers(place: Findable) -> bool:
        return (
            all(word in place.words for word in words)
            and (not wanted.families or not wanted.families.isdisjoint(place.families))
            and (not wanted.state or place.active == (wanted.state == "active"))
            and (admitted is None or place.access in admitted)
            and (wanted.market_day is None or (place.moving and on_its_day[place.hours]))
        )

    return answers


def _comes_on(known: Openings | None, day: int | None) -> bool:
    """Whether it may come on this day of the week: hours that nobody knows do not say no."""
    return day is None or known is None or day in known.weekdays


def opening_at(known: Openings | None, since: datetime, at: datetime | None) -> Opening | None:
    """How one finds it at this moment; None when no moment is asked. Before `since` nobody knows either."""
    if at is None:
        return None
    now = status(known, at).now if at >= since else Now.UNKNOWN
    return {Now.OPEN: Opening.OPEN, Now.CLOSED: Opening.CLOSED}.get(now, Opening.UNKNOWN)


def _order(directory: Directory, hit: Hit) -> tuple[bool, bool, float, int]:
    far = float("inf") if hit.metres is None else hit.metres
    return not directory.places[hit.row].active, hit.opening is Opening.UNKNOWN, far, hit.row


# --- distances ---

_METRES = 1.11195  # in a hundred-thousandth of a degree of latitude
_RADIAN = 57.29577951308232 * DEGREE


def spot(lat: float | None, lon: float | None) -> Spot | None:
    """A position as finding knows it; None when there is none."""
    return None if lat is None or lon is None else (round(lat * DEGREE), round(lon * DEGREE))


def metres(one: Spot, other: Spot) -> float:
    """How far it is as the crow flies, well enough for a region."""
    north = other[0] - one[0]
    east = (other[1] - one[1]) * _cosine(one[0] / _RADIAN)
    return sqrt(north * north + east * east) * _METRES


def _metres(near: Spot | None, spot: Spot | None) -> float | None:
    return None if near is None or spot is None else metres(near, spot)


def _cosine(angle: float) -> float:
    """By a series rather than by the machine: phones and servers must agree to the last digit."""
    square = angle * angle
    return 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90))))
