"""Which merchants are likely to be one and the same: by SIRET, by telephone, by name and by where they sell."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import cos, hypot, radians

from rapidfuzz import fuzz

from backend.domain.details import Position
from backend.domain.errors import N_
from backend.domain.merchants import folded

SAME_NAME, LIKE_NAME = 88.0, 70.0  # of 100
NEXT_DOOR, SAME_QUARTER = 60.0, 1_500.0  # metres
_LITTLE = frozenset(["l", "la", "le", "les", "d", "de", "des", "du", "et", "au", "aux", "a", "en", "chez"])


class Reason(StrEnum):
    """Why two merchants look alike."""

    SIRET = "siret"
    PHONE = "phone"
    NAME = "name"
    NEAR = "near"


REASON_NAMES = {
    Reason.SIRET: N_("même SIRET"),
    Reason.PHONE: N_("même téléphone"),
    Reason.NAME: N_("noms presque pareils"),
    Reason.NEAR: N_("à deux pas l’un de l’autre"),
}


@dataclass(frozen=True)
class Known:
    """What tells merchants apart. `postcodes`, `positions` and `towns` (see `town`): of all its sales points."""

    id: str
    name: str
    siret: str = ""
    phone: str = ""
    postcodes: frozenset[str] = frozenset()
    positions: tuple[Position, ...] = ()
    towns: frozenset[str] = frozenset()


def town(text: str) -> str:
    """The name of a town, to compare: without accents or case, and « St » written out.

    >>> town("St-Étienne-de-Montluc")
    'saint etienne de montluc'
    """
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in folded(text).split())


@dataclass(frozen=True)
class Pair:
    """Two merchants that may be one."""

    first: str
    second: str
    reasons: tuple[Reason, ...]


def reasons(one: Known, other: Known) -> tuple[Reason, ...]:
    """Why these two may be the same merchant; empty when nothing says so."""
    near = _metres(one.positions, other.positions)
    alike = fuzz.token_sort_ratio(_telling(one.name), _telling(other.name))
    found = []
    if one.siret and one.siret == other.siret:
        found.append(Reason.SIRET)
    if one.phone and one.phone == other.phone:
        found.append(Reason.PHONE)
    next_door = near is not None and near <= NEXT_DOOR
    if (alike >= SAME_NAME and _same_quarter(one, other, near)) or (
        alike >= LIKE_NAME and (next_door or found)
    ):
        found.append(Reason.NAME)
    if next_door and found:
        found.append(Reason.NEAR)
    return tuple(found)


def _telling(name: str) -> str:
    words = folded(name).split()
    return " ".join(word for word in words if word not in _LITTLE) or " ".join(words)


def _same_quarter(one: Known, other: Known, near: float | None) -> bool:
    if one.postcodes & other.postcodes:
        return True
    if near is not None:
        return near <= SAME_QUARTER
    if one.towns and other.towns:  # a town may have many postcodes
        return bool(one.towns & other.towns)
    return not one.postcodes or not other.postcodes


def _metres(some: Iterable[Position], others: Collection[Position]) -> float | None:
    """The shortest way between two of them; None when one has no position. Flat: good to a metre at this scale."""
    ways = [
        hypot((lat - there) * 111_195, (lon - east) * 111_195 * cos(radians(lat)))
        for lat, lon in some
        for there, east in others
    ]
    return min(ways, default=None)


def pairs(everyone: Collection[Known], distinct: Collection[frozenset[str]] = ()) -> list[Pair]:
    """The pairs that may be one merchant, the likeliest first, but those that somebody told apart."""
    found = {}
    for one, other in _worth_comparing(everyone):
        ids = frozenset((one.id, other.id))
        if ids in found or ids in distinct or len(ids) == 1:
            continue
        if why := reasons(one, other):
            found[ids] = Pair(min(ids), max(ids), why)
    return sorted(
        found.values(), key=lambda pair: (Reason.SIRET not in pair.reasons, -len(pair.reasons), pair.first)
    )


def _worth_comparing(everyone: Collection[Known]) -> Iterator[tuple[Known, Known]]:
    """Those that share something: comparing everyone with everyone takes too long."""
    sharing: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for one in everyone:
        for postcode in one.postcodes or {""}:
            sharing["postcode", postcode].append(one)
        for what, text in (("siret", one.siret), ("phone", one.phone), ("name", _telling(one.name))):
            if text:
                sharing[what, text].append(one)
    for group in sharing.values():
        yield from combinations(group, 2)
