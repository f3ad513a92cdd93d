"""A visit arranged as people read it: family by family, criterion by criterion, each number with its reason.

Only arranges what `domain/scoring.py` and the fold say; the words are in `templates/components/score.html`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from backend.domain import scoring
from backend.domain.erasures import ERASED_PHOTO
from backend.domain.grid import Category, Criterion, Grid
from backend.domain.journal import Commitment, PastChoice, Remark, VisitState
from backend.domain.scoring import DUO, NOT_APPLICABLE, Ends, Outcome, Rules, Score, Why
from backend.storage.tables import Photo
from backend.storage.visits import sheets_that_count

Choice = int | str | None


@dataclass(frozen=True)
class Level:
    """A choice as its criterion words it. `rank` from 1 to `of`; None: "ne s'applique pas", or no level."""

    choice: Choice
    rank: int | None
    of: int
    sentence: str


def level(criterion: Criterion, choice: Choice) -> Level:
    """The level that a choice stands for."""
    count = len(criterion.levels)
    if choice is not None and choice != NOT_APPLICABLE:
        for rank, each in enumerate(criterion.levels, 1):
            if each.points == Decimal(str(choice)):
                return Level(choice, rank, count, each.sentence)
    return Level(choice, None, count, "")


@dataclass(frozen=True)
class Answer:
    """A current choice: by whom (all those who made it), on which kind of sheet, and whether it counts."""

    who: tuple[str, ...]
    common: bool
    counts: bool
    level: Level


@dataclass(frozen=True)
class Past:
    """A choice of the history, as it was made."""

    who: str
    common: bool
    level: Level
    at: datetime
    state: str
    relayed: bool
    paper: bool


@dataclass(frozen=True)
class Picture:
    """A photo that the visit announces. `status`: shown, waiting, unreadable."""

    sha256: str
    caption: str
    who: str
    about: str
    status: str


@dataclass(frozen=True)
class Change:
    """Levels of one criterion that, alone, would give another pair of outcomes."""

    outcome: tuple[Outcome, Outcome]
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Line:
    """One criterion with all that the visit says of it. `most`: what it can bring to the total at best."""

    criterion: Criterion
    why: Why
    most: Fraction | None
    lone: bool
    answers: tuple[Answer, ...]
    remarks: tuple[Remark, ...]
    pictures: tuple[Picture, ...]
    commitments: tuple[Commitment, ...]
    changes: tuple[Change, ...]
    history: tuple[Past, ...]

    @property
    def rules_out(self) -> tuple[bool, bool]:
        """Whether each end has fewer points than this criterion asks for, whatever the others have."""
        below = self.criterion.eliminatory_below
        low, high = (
            below is not None and end is not None and end < Fraction(below) for end in self.why.points
        )
        return low, high

    @property
    def told(self) -> bool:
        """Whether anybody noted anything about it."""
        return bool(self.history or self.remarks or self.pictures or self.commitments)

    @property
    def rewritten(self) -> bool:
        """Whether the history tells more than the answers do."""
        return any(past.state != "current" or past.relayed for past in self.history)


@dataclass(frozen=True)
class Family:
    """A family of criteria, with its score out of 100."""

    category: Category
    ends: Ends
    lines: tuple[Line, ...]

    @property
    def short(self) -> tuple[bool, bool]:
        """Whether each end is under the family's minimum."""
        minimum = self.category.minimum
        low, high = (minimum is not None and end is not None and end < Fraction(minimum) for end in self.ends)
        return low, high


@dataclass(frozen=True)
class Explained:
    """A whole visit, ready to be shown. `remarks`, `pictures`: those about the visit itself."""

    state: VisitState
    score: Score
    grid: Grid
    families: tuple[Family, ...]
    remarks: tuple[Remark, ...]
    pictures: tuple[Picture, ...]
    names: Mapping[str, str]
    heard: frozenset[str]  # the voice notes that can be played, by hash
    erased: frozenset[str]  # the photos and voice notes that were erased, by hash

    @property
    def ruling_out(self) -> tuple[Line, ...]:
        """The criteria that rule a favourable proposal out, or still may."""
        return tuple(line for family in self.families for line in family.lines if line.rules_out[0])

    @property
    def short(self) -> tuple[Family, ...]:
        """The families under their minimum, or that still may be."""
        return tuple(family for family in self.families if family.short[0])

    @property
    def cut_parts(self) -> Ends:
        """What somebody finds who adds up the parts of the total as they are shown: cut at two decimals."""
        if self.score.total[0] is None:
            return None, None
        low, high = (
            sum((cut(share) for share in shares if share is not None), Fraction(0))
            for shares in zip(*(why.share for why in self.score.criteria), strict=True)
        )
        return low, high


HUNDREDTH = Fraction(1, 100)


def cut(share: Fraction) -> Fraction:
    """A part of the total as it is shown: cut at two decimals, so that the parts shown never promise too much."""
    return share // HUNDREDTH * HUNDREDTH


def explain(
    state: VisitState,
    score: Score,
    counted: Collection[str],
    grid: Grid,
    rules: Rules,
    names: Mapping[str, str],
    photos: Mapping[str, Photo],
    paper: Collection[str] = (),
) -> Explained:
    """Arrange a visit. `counted`: whose sheets count; `names`: by person; `photos`: what arrived, by hash;
    `paper`: the entries keyed in from paper, by id."""
    changes = scoring.what_would_change(rules, sheets_that_count(state, counted))
    whole = sum((why.weight for why in score.criteria if why.state != "not_applicable"), Fraction(0))
    told = _Telling(
        state, score, whole, changes, counted, names, _pictures(state, grid, names, photos), paper
    )
    lines = [told.line(criterion, why) for criterion, why in zip(grid.criteria, score.criteria, strict=True)]
    families = tuple(
        Family(
            category,
            score.categories[category.id],
            tuple(line for line in lines if line.criterion.category == category.id),
        )
        for category in grid.categories
    )
    heard = frozenset(
        sha256 for sha256, each in photos.items() if each.decoded_at and each.media.startswith("audio/")
    )
    erased = frozenset(sha256 for sha256, each in photos.items() if each.problem == ERASED_PHOTO)
    about = told.remarks(None), told.pictures(None)
    return Explained(state, score, grid, families, *about, names, heard, erased)


@dataclass(frozen=True)
class _Telling:
    """What a visit says of each criterion, or (None) of itself."""

    state: VisitState
    score: Score
    whole: Fraction  # the weights of what applies
    changes: Mapping[str, Sequence[scoring.Change]]
    counted: Collection[str]
    names: Mapping[str, str]
    shown: Sequence[tuple[str | None, Picture]]
    paper: Collection[str]

    def line(self, criterion: Criterion, why: Why) -> Line:
        applies = self.whole and why.state != "not_applicable"
        noted = self.state["commitments"]
        return Line(
            criterion=criterion,
            why=why,
            most=100 * why.weight / self.whole if applies else None,
            lone=criterion.id in self.score.rests_on_one,
            answers=self.answers(criterion),
            remarks=self.remarks(criterion.id),
            pictures=self.pictures(criterion.id),
            commitments=tuple(each for each in noted if each["criterion"] == criterion.id),
            changes=_grouped(criterion, self.changes.get(criterion.id, ())),
            history=self.history(criterion),
        )

    def answers(self, criterion: Criterion) -> tuple[Answer, ...]:
        """The current choices, the common ones first; a personal one counts where there is no common one."""
        made = [
            (sheet, choice)
            for sheet, given in sorted(self.state["sheets"].items(), key=lambda item: item[0] != DUO)
            for choice in given.get(criterion.id, ())
            if choice["choice"] is not None
        ]
        agreed = any(sheet == DUO for sheet, _ in made)
        authors: dict[tuple[bool, bool, Level], list[str]] = {}
        for sheet, choice in made:
            counts = sheet == DUO or (not agreed and sheet in self.counted)
            same = (sheet == DUO, counts, level(criterion, choice["choice"]))
            authors.setdefault(same, []).append(self.who(choice["author"]))
        return tuple(
            Answer(tuple(dict.fromkeys(who)), common, counts, chosen)
            for (common, counts, chosen), who in authors.items()
        )

    def history(self, criterion: Criterion) -> tuple[Past, ...]:
        made: list[tuple[str, PastChoice]] = [
            (sheet, past)
            for sheet, given in self.state["history"].items()
            for past in given.get(criterion.id, ())
        ]
        return tuple(
            Past(
                self.who(past["author"]),
                sheet == DUO,
                level(criterion, past["choice"]),
                datetime.fromisoformat(past["at"]),
                past["state"],
                past["id"] in self.state["relayed"],
                past["id"] in self.paper,
            )
            for sheet, past in sorted(made, key=lambda item: item[1]["id"])
        )

    def remarks(self, criterion_id: str | None) -> tuple[Remark, ...]:
        return tuple(each for each in self.state["remarks"] if each["criterion"] == criterion_id)

    def pictures(self, criterion_id: str | None) -> tuple[Picture, ...]:
        return tuple(picture for about, picture in self.shown if about == criterion_id)

    def who(self, person_id: str) -> str:
        return self.names.get(person_id, "?")


def _pictures(
    state: VisitState, grid: Grid, names: Mapping[str, str], photos: Mapping[str, Photo]
) -> list[tuple[str | None, Picture]]:
    about = {each.id: each.name for each in grid.criteria}
    return [
        (
            photo["criterion"],
            Picture(
                photo["sha256"],
                photo["caption"],
                names.get(photo["author"], "?"),
                about.get(photo["criterion"] or "", ""),
                _status(photos.get(photo["sha256"])),
            ),
        )
        for photo in state["photos"]
    ]


def _status(photo: Photo | None) -> str:
    if photo is not None and photo.problem:
        return "erased" if photo.problem == ERASED_PHOTO else "unreadable"
    return "shown" if photo is not None and photo.decoded_at else "waiting"


def _grouped(criterion: Criterion, changes: Iterable[scoring.Change]) -> tuple[Change, ...]:
    """Levels that lead to the same outcome are said together."""
    by_outcome: dict[tuple[Outcome, Outcome], list[Level]] = {}
    for change in changes:
        by_outcome.setdefault(change.outcome, []).append(level(criterion, change.choice))
    return tuple(Change(outcome, tuple(levels)) for outcome, levels in by_outcome.items())


def shown_names(people: Iterable[tuple[str, str]], hidden: bool, word: str) -> dict[str, str]:
    """Names by person; `hidden`: a letter each (`word` is "personne {letter}"), the same on every page."""
    ordered = sorted(people)
    if not hidden:
        return dict(ordered)
    return {person_id: word.format(letter=_letter(rank)) for rank, (person_id, _) in enumerate(ordered)}


def _letter(rank: int) -> str:
    return chr(ord("A") + rank) if rank < 26 else str(rank + 1)
