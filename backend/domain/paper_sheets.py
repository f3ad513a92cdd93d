"""A grid filled on paper and keyed in by the coordination: the journal entries that it stands for.

They are entries like the others, written by the person who held the pen and brought by the one who keys them in. They
supersede what was keyed in before, and never what somebody's own phone has sent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backend.domain.journal import ChoiceMade, Record, RemarkMade, SheetDone, VisitState
from backend.domain.scoring import DUO, NOT_APPLICABLE

PAPER = "paper"  # what an entry keyed in from paper says of the app that wrote it

Choice = int | str | None
Raw = dict[str, Any]
Mint = Callable[[str | None], str]
"""Gives a new entry id above this one."""


def from_paper(record: Record) -> bool:
    """Whether an entry was keyed in: somebody brought it, and no phone's app wrote it."""
    return record.brought_by is not None and record.entry.app == PAPER


def choice_of(points: Sequence[Choice], key: str) -> Choice:
    """The choice that a key stands for: the rank of a level from 0, "na", or nothing. KeyError for any other."""
    keys: dict[str, Choice] = {str(rank): each for rank, each in enumerate(points)}
    return {**keys, "na": NOT_APPLICABLE, "": None}[key]


def key_of(points: Sequence[Choice], choice: Choice) -> str:
    """The key that stands for a choice; empty for one that the grid does not have."""
    if choice == NOT_APPLICABLE:
        return "na"
    return next((str(rank) for rank, each in enumerate(points) if str(each) == str(choice)), "")


@dataclass(frozen=True)
class Keyed:
    """What a paper says: whose hand, on which sheet ("duo" or the author's own), who was there, when (ISO).

    `answers` by criterion, None where nothing is ticked; `remarks` by criterion, None: on the visit itself;
    `done`: the sheet is finished; `last`: so is the visit.
    """

    author: str
    sheet: str
    present: tuple[str, ...] = ()
    at: str = ""
    answers: Mapping[str, Choice] = field(default_factory=dict)
    remarks: Mapping[str | None, str] = field(default_factory=dict)
    done: bool = False
    last: bool = False


@dataclass(frozen=True)
class Before:
    """What was keyed in already of one sheet in one hand. `newest`: the id of its last entry, empty without any."""

    answers: Mapping[str, Choice]
    remarks: Mapping[str | None, str]
    done: bool
    newest: str


def keyed_before(records: Iterable[Record], author: str, sheet: str) -> Before:
    """What was keyed in of this sheet in this person's hand; the last word on each criterion counts."""
    answers: dict[str, Choice] = {}
    remarks: dict[str | None, str] = {}
    done, newest = False, ""
    for entry in _on_paper(records, author, sheet):
        newest = entry.id
        if isinstance(entry, ChoiceMade):
            answers[entry.criterion] = entry.choice
        elif isinstance(entry, RemarkMade):
            remarks[entry.criterion] = entry.text or ""
        else:
            done = True
    return Before(answers, remarks, done, newest)


def _on_paper(
    records: Iterable[Record], author: str, sheet: str
) -> Iterator[ChoiceMade | RemarkMade | SheetDone]:
    for entry in sorted((record.entry for record in records if from_paper(record)), key=lambda each: each.id):
        on_sheet = isinstance(entry, ChoiceMade | RemarkMade | SheetDone) and entry.sheet == sheet
        if on_sheet and entry.author == author:
            yield entry  # type: ignore[misc]  # seen one line above


class Difference(NamedTuple):
    """A criterion of which phones say otherwise than the paper."""

    criterion: str
    said: tuple[Choice, ...]
    keyed: Choice


def differences(state: VisitState, keyed: Keyed) -> list[Difference]:
    """Where the paper and what phones sent of the same sheet do not agree, in the order of the grid's answers."""
    found = []
    for criterion, choice in keyed.answers.items():
        said = _said_by_phones(state, keyed.sheet, criterion)
        if choice is not None and said and set(map(str, said)) != {str(choice)}:
            found.append(Difference(criterion, said, choice))
    return found


def _said_by_phones(state: VisitState, sheet: str, criterion: str) -> tuple[Choice, ...]:
    """The distinct answers that hold on this sheet and that their authors' own phones have sent."""
    made = state["sheets"].get(sheet, {}).get(criterion, ())
    own = [
        each["choice"] for each in made if each["id"] not in state["relayed"] and each["choice"] is not None
    ]
    return tuple(dict.fromkeys(own))


def frozen(state: VisitState, sheet: str) -> bool:
    """Whether a sheet was declared done: what comes to it now is kept and not counted."""
    return sheet != DUO and sheet in state["done"]


def entries(
    keyed: Keyed, records: Sequence[Record], state: VisitState, visit: str, grid: str, mint: Mint
) -> list[Raw]:
    """The entries that make the journal say what the paper says, as JSON; none when it does already."""
    pen = _Pen(keyed, visit, mint, max(state["ids"], default=None))
    before = keyed_before(records, keyed.author, keyed.sheet)
    begun = [] if state["started"] else [pen.begin(grid)]
    said = [*_answers(keyed, before, state, pen), *_remarks(keyed, before, records, pen)]
    if keyed.done and keyed.sheet not in state["done"]:
        said.append(pen.write("sheet_done", sheet=keyed.sheet))
    if keyed.last and state["closed"] is None:
        said.append(pen.close(state, [*begun, *said]))
    return [*begun, *said] if said else []


def _answers(keyed: Keyed, before: Before, state: VisitState, pen: "_Pen") -> Iterator[Raw]:
    for criterion, choice in keyed.answers.items():
        if before.answers.get(criterion) == choice:
            continue
        past = state["history"].get(keyed.sheet, {}).get(criterion, ())
        targets = [
            each["id"]
            for each in past
            if each["state"] == "current"
            and (each["author"] == keyed.author or each["id"] in state["relayed"])
        ]
        present = {"present": list(keyed.present)} if keyed.sheet == DUO else {}
        yield pen.write(
            "choice_made",
            sheet=keyed.sheet,
            criterion=criterion,
            choice=choice,
            supersedes=targets[-MOST_TARGETS:],
            **present,
        )


MOST_TARGETS = 50  # as many as an entry may supersede


def _remarks(keyed: Keyed, before: Before, records: Sequence[Record], pen: "_Pen") -> Iterator[Raw]:
    for criterion, text in keyed.remarks.items():
        if before.remarks.get(criterion, "") == text:
            continue
        targets = [
            entry.id
            for entry in _on_paper(records, keyed.author, keyed.sheet)
            if isinstance(entry, RemarkMade) and entry.criterion == criterion
        ]
        yield pen.write(
            "remark_made",
            sheet=keyed.sheet,
            criterion=criterion,
            text=text,
            supersedes=targets[-MOST_TARGETS:],
        )


class _Pen:
    """Writes one entry after the other, each with an id above all that the visit has seen."""

    def __init__(self, keyed: Keyed, visit: str, mint: Mint, above: str | None) -> None:
        self._common = {"v": 1, "visit": visit, "author": keyed.author, "at": keyed.at, "app": PAPER}
        self._keyed, self._mint, self._above = keyed, mint, above

    def begin(self, grid: str) -> Raw:
        mode = "one_phone" if self._keyed.sheet == DUO else "separate"
        return self.write("visit_started", grid=grid, mode=mode, present=list(self._keyed.present))

    def close(self, state: VisitState, written: Sequence[Raw]) -> Raw:
        ids = [*state["ids"], *(each["id"] for each in written)]
        return self.write("visit_closed", entries=ids, photos=[each["sha256"] for each in state["photos"]])

    def write(self, kind: str, **keys: Any) -> Raw:
        self._above = self._mint(self._above)
        return {"id": self._above, "kind": kind, **self._common, **keys}


def changed(keyed: Keyed, before: Before) -> list[Difference]:
    """Where this paper says otherwise than what was keyed in of it before."""
    return [
        Difference(criterion, (before.answers.get(criterion),), choice)
        for criterion, choice in keyed.answers.items()
        if before.answers.get(criterion) != choice
    ]
