"""What importing a file of merchants does, line by line (criteria/REGLES.md, 2).

Importing updates and never doubles. A merchant is recognised by its SIRET, else by its name and postcode;
where neither decides, the plan asks. Empty cells and what was edited by hand since are left alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz, process

from backend.domain.details import Position
from backend.domain.directory import Line
from backend.domain.errors import N_, Refusal
from backend.domain.merchants import folded

NEAR = 90.0  # of 100: names this alike are shown to a person rather than taken for two merchants

OF_MERCHANT = ("name", "kind", "siret", "phone", "email", "website")
_WHERE = ("address", "postcode", "city")
OF_PLACE = (*_WHERE, "opening_hours")


# --- what is there already ---


@dataclass(frozen=True)
class KnownPlace:
    """A sales point of the directory, with what of it a file may give; `by_hand`: a person put it on the map."""

    id: str
    values: Mapping[str, str]
    position: Position | None
    by_hand: bool


@dataclass(frozen=True)
class Known:
    """A merchant of the directory, with what of it a file may give, and what a hand wrote ("place.city"…)."""

    id: str
    values: Mapping[str, str]
    hand_edited: frozenset[str] = frozenset()
    places: tuple[KnownPlace, ...] = ()

    @property
    def name(self) -> str:
        return self.values["name"]

    @property
    def siret(self) -> str:
        return self.values.get("siret", "")

    @property
    def postcodes(self) -> frozenset[str]:
        """Where it sells; {""} when nobody wrote it down."""
        return frozenset(place.values.get("postcode", "") for place in self.places) or frozenset({""})


# --- what importing would do ---


class Fate(StrEnum):
    """What becomes of a line."""

    TO_DECIDE = "to_decide"
    REFUSED = "refused"
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


FATE_NAMES: Mapping[Fate, str] = {
    Fate.TO_DECIDE: N_("à décider"),
    Fate.REFUSED: N_("refusée"),
    Fate.NEW: N_("nouveau commerce"),
    Fate.UPDATED: N_("mise à jour"),
    Fate.UNCHANGED: N_("sans changement"),
    Fate.SKIPPED: N_("laissée de côté"),
}

NEW, LEFT_OUT = "new", "skip"  # the answers to "to decide" that name no merchant

Changes = Mapping[str, tuple[str, str]]
"""By detail: before and after."""


@dataclass(frozen=True)
class Step:
    """What importing one line does. `troubles`: what of it is not taken, and why; `kept`: what a hand wrote."""

    line: Line
    fate: Fate
    merchant: Known | None = None
    changes: Changes = field(default_factory=dict)
    place: KnownPlace | None = None
    place_changes: Changes = field(default_factory=dict)
    position: Position | None = None  # to be set
    kept: tuple[str, ...] = ()
    candidates: tuple[Known, ...] = ()
    answer: str = ""  # given, or (fate "to decide") the likely one
    troubles: Mapping[str, Refusal] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether the line is taken without some of its cells."""
        return bool(self.troubles) and self.fate not in NOT_TAKEN

    @property
    def changed(self) -> tuple[str, ...]:
        """The details that change, in the order of the columns."""
        moved = ("position",) if self.position else ()
        return (*self.changes, *self.place_changes, *moved)


@dataclass(frozen=True)
class LeftOut:
    """What was not taken of a line: all of it by its fate, or some cells, each with what is wrong with it."""

    number: int
    name: str
    fate: Fate
    troubles: Mapping[str, Refusal]

    @classmethod
    def of(cls, step: Step) -> "LeftOut":
        return cls(step.line.number, step.line.name, step.fate, step.troubles)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "LeftOut":
        troubles = {detail: Refusal(code, **params) for detail, (code, params) in kept["troubles"].items()}
        return cls(kept["number"], kept["name"], Fate(kept["fate"]), troubles)

    def to_json(self) -> dict[str, Any]:
        troubles = {detail: [each.problem.code, dict(each.params)] for detail, each in self.troubles.items()}
        return {"number": self.number, "name": self.name, "fate": self.fate.value, "troubles": troubles}


NOT_TAKEN = frozenset({Fate.REFUSED, Fate.TO_DECIDE, Fate.SKIPPED})


def left_out(steps: Iterable[Step]) -> list[LeftOut]:
    """The lines of which something is not taken."""
    return [LeftOut.of(step) for step in steps if step.troubles or step.fate in NOT_TAKEN]


def plan(lines: Iterable[Line], known: Iterable[Known], answers: Mapping[int, str]) -> list[Step]:
    """What importing `lines` into a directory of `known` merchants does; `answers`: line number to answer."""
    register, earlier = _Register(known), _Earlier()
    return [_step(line, register, earlier, answers.get(line.number, "")) for line in lines]


def _step(line: Line, register: "_Register", earlier: "_Earlier", answer: str) -> Step:
    if not line.name:
        return Step(line, Fate.REFUSED, troubles=line.troubles)
    twin = earlier.twin(line)
    if twin is not None:
        return _twice(line, twin)
    same, candidates = register.find(line)
    if candidates and answer == LEFT_OUT:
        return Step(line, Fate.SKIPPED, answer=answer, troubles=line.troubles)
    if candidates and answer != NEW:
        same = next((known for known in candidates if known.id == answer), None)
        if same is None:
            likely = _likely(line, candidates)
            return Step(line, Fate.TO_DECIDE, candidates=candidates, answer=likely, troubles=line.troubles)
    if same is not None and same.id in earlier.merchants:
        return _twice(line, earlier.merchants[same.id])
    earlier.note(line, same)
    return Step(line, Fate.NEW, troubles=line.troubles) if same is None else _update(line, same)


def _twice(line: Line, other: int) -> Step:
    return Step(line, Fate.REFUSED, troubles={**line.troubles, "": Refusal("csv_twice", line=other)})


def _likely(line: Line, candidates: Sequence[Known]) -> str:
    """The answer to propose: the only one of that very name, when its city does not speak against it."""
    namesakes = [known for known in candidates if folded(known.name) == folded(line.name)]
    if len(namesakes) != 1 or (line.values.get("siret") and namesakes[0].siret):
        return ""
    cities = {folded(place.values.get("city", "")) for place in namesakes[0].places} - {""}
    city = folded(line.values.get("city", ""))
    return namesakes[0].id if not cities or not city or city in cities else ""


def _update(line: Line, known: Known) -> Step:
    changes, kept = _differences(line, OF_MERCHANT, known.values, known.hand_edited)
    step = Step(line, Fate.UNCHANGED, known, changes, kept=kept, troubles=line.troubles)
    if line.position or any(detail in line.values for detail in OF_PLACE):
        step = _update_place(step, known)
    return replace(step, fate=Fate.UPDATED) if step.changed else step


def _differences(
    line: Line, of: Iterable[str], before: Mapping[str, str], hand_edited: frozenset[str]
) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """What the line would change, and what it may not because a hand wrote it."""
    differing = {
        detail: (before.get(detail, ""), line.values[detail])
        for detail in of
        if detail in line.values and line.values[detail] != before.get(detail, "")
    }
    kept = tuple(detail for detail in differing if detail in hand_edited)
    return {detail: pair for detail, pair in differing.items() if detail not in kept}, kept


def _update_place(step: Step, known: Known) -> Step:
    line = step.line
    meant = _places_meant(line, known.places)
    if len(meant) > 1 or (known.places and not meant):
        return replace(step, troubles={**step.troubles, "address": Refusal("other_place")})
    place = meant[0] if meant else None
    protected = frozenset(
        name.removeprefix("place.") for name in known.hand_edited if name.startswith("place.")
    )
    changes, kept = _differences(line, OF_PLACE, place.values if place else {}, protected)
    position = line.position
    if place and position and place.position and max(map(abs, _minus(position, place.position))) < 1e-6:
        position = None
    # an address written by hand is newer than the file's, and so is what follows from it
    if position and place and (place.by_hand or protected & set(_WHERE)):
        position, kept = None, (*kept, "position")
    return replace(step, place=place, place_changes=changes, position=position, kept=(*step.kept, *kept))


def _minus(one: Position, other: Position) -> Position:
    return one[0] - other[0], one[1] - other[1]


def _places_meant(line: Line, places: Sequence[KnownPlace]) -> list[KnownPlace]:
    """The sales points that the line may speak of: the only one, or those at its address."""
    if len(places) < 2:
        return list(places)
    given = {detail: folded(line.values[detail]) for detail in _WHERE if detail in line.values}
    return [
        place
        for place in places
        if all(folded(place.values.get(detail, "")) == text for detail, text in given.items())
    ]


class _Register:
    """The directory, indexed once, so that no line has to be asked of the database."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.by_siret: dict[str, list[Known]] = {}
        self.by_key: dict[tuple[str, str], list[Known]] = {}
        # names that may be alike, by postcode and figures: rank in `all` to name
        self.names: dict[tuple[str, str], dict[int, str]] = {}
        self.all = list(known)
        for rank, one in enumerate(self.all):
            if one.siret:
                self.by_siret.setdefault(one.siret, []).append(one)
            for postcode in one.postcodes:
                self.by_key.setdefault((folded(one.name), postcode), []).append(one)
                self.names.setdefault((postcode, _figures(one.name)), {})[rank] = _essence(one.name)
            self.names.setdefault((_ANYWHERE, _figures(one.name)), {})[rank] = _essence(one.name)

    def find(self, line: Line) -> tuple[Known | None, tuple[Known, ...]]:
        """The merchant this line is about; or, when that is not sure, those that it may be about."""
        siret, postcode = line.values.get("siret", ""), line.values.get("postcode", "")
        found = self.by_siret.get(siret, []) if siret else []
        if not found and postcode:
            namesakes = self.by_key.get((folded(line.name), postcode), [])
            found = [known for known in namesakes if not (siret and known.siret)]
            if not found and namesakes:  # with another SIRET: it changed hands, or there are two
                return None, tuple(namesakes)
        if len(found) == 1:
            return found[0], ()
        return None, tuple(found) or self._alike(line, siret, postcode)

    def _alike(self, line: Line, siret: str, postcode: str) -> tuple[Known, ...]:
        """Those whose name is nearly the same, there or nobody knows where; another SIRET is another merchant."""
        where = (postcode, "") if postcode else (_ANYWHERE,)
        name, figures = _essence(line.name), _figures(line.name)
        ranks = {
            rank: score
            for place in where
            for _, score, rank in process.extract(
                name, self.names.get((place, figures), {}), scorer=fuzz.ratio, score_cutoff=NEAR, limit=9
            )
        }
        nearest = sorted(ranks, key=lambda rank: (-ranks[rank], rank))
        return tuple(self.all[rank] for rank in nearest if not (siret and self.all[rank].siret))[:4]


_ANYWHERE = "*"
_ARTICLES = frozenset(("a", "au", "aux", "d", "de", "des", "du", "et", "l", "la", "le", "les"))


def _essence(name: str) -> str:
    """A name without its little words and their order, to compare what two people call the same shop."""
    words = folded(name).split()
    return " ".join(sorted(word for word in words if word not in _ARTICLES) or words)


def _figures(name: str) -> str:
    """The numbers in a name: stalls 12 and 13 are not alike, however alike their names."""
    return " ".join(re.findall(r"\d+", name))


class _Earlier:
    """The lines already met in the file: a second one about the same merchant is not taken."""

    def __init__(self) -> None:
        self.merchants: dict[str, int] = {}
        self.sirets: dict[str, int] = {}
        self.named: dict[
            tuple[str, ...], dict[str, int]
        ] = {}  # where one may meet again: SIRET to line number

    def note(self, line: Line, same: Known | None) -> None:
        siret = line.values.get("siret", "")
        if same is not None:
            self.merchants[same.id] = line.number
        if siret:
            self.sirets[siret] = line.number
        name, postcode, city = self._key(line)
        where = [(name,), (name, "city", city)]
        where += [(name, "at", postcode)] if postcode else [(name, "lost"), (name, "lost", city)]
        for key in where:
            self.named.setdefault(key, {}).setdefault(siret, line.number)

    def twin(self, line: Line) -> int | None:
        """The line already met that is about the same merchant: same SIRET, or same name and nothing against it."""
        siret = line.values.get("siret", "")
        if siret in self.sirets:
            return self.sirets[siret]
        name, postcode, city = self._key(line)
        where = [(name, "city", city), (name, "city", "")] if city else [(name,)]
        if postcode:
            lost = [(name, "lost", city), (name, "lost", "")] if city else [(name, "lost")]
            where = [(name, "at", postcode), *lost]
        for key in where:
            met = self.named.get(key, {})
            if siret and "" in met:
                return met[""]
            if met and not siret:
                return min(met.values())
        return None

    def _key(self, line: Line) -> tuple[str, str, str]:
        return folded(line.name), line.values.get("postcode", ""), folded(line.values.get("city", ""))
