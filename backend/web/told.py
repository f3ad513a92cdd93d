"""Entries of a visit told one by one, and what they say of who was there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain import journal
from backend.domain.grid import Grid
from backend.domain.journal import VisitState
from backend.storage.journal import Numbered
from backend.web.explained import Level, level


@dataclass(frozen=True)
class Arrived:
    """An entry told in one line. `kind` says which sentence; the rest fills it."""

    kind: str
    who: str
    received_at: datetime
    about: str
    level: Level | None
    text: str
    spoken: bool


def arrived(numbered: Iterable[Numbered], grid: Grid, names: Mapping[str, str]) -> list[Arrived]:
    """Entries told one by one, in the order of their arrival."""
    return [_arrived(each, grid, names) for each in numbered]


def _arrived(numbered: Numbered, grid: Grid, names: Mapping[str, str]) -> Arrived:
    entry = numbered.record.entry
    criterion = next((each for each in grid.criteria if each.id == getattr(entry, "criterion", None)), None)
    return Arrived(
        entry.kind,
        names.get(entry.author, "?"),
        numbered.received_at,
        criterion.name if criterion else "",
        level(criterion, entry.choice) if criterion and isinstance(entry, journal.ChoiceMade) else None,
        str(getattr(entry, "text", None) or getattr(entry, "caption", "")),
        bool(getattr(entry, "voice", None)),
    )


def on_the_spot(
    entries: Iterable[journal.Entry], members: Collection[str], names: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """The names of those who were there, as the phones say it, and of the `members` who neither were nor wrote."""
    present: set[str] = set()
    wrote: set[str] = set()
    for entry in entries:
        wrote.add(entry.author)
        if isinstance(entry, journal.VisitStarted):
            present.update(entry.present)
    absent = set(members) - present - wrote if present else set()
    return _named(present, names), _named(absent, names)


def _named(person_ids: Collection[str], names: Mapping[str, str]) -> list[str]:
    return sorted(names[person_id] for person_id in person_ids if person_id in names)


def after_the_end(numbered: Sequence[Numbered], state: VisitState) -> list[Numbered]:
    """What arrived after the first closing, and which no closing lists."""
    ends = [each.seq for each in numbered if each.record.entry.id in state["closings"]]
    listed = {*state["expected_entries"], *state["closings"]}
    return [each for each in numbered if ends and each.seq > min(ends) and each.record.entry.id not in listed]
