"""A merchant as the committee looks at it together: in words and one picture, without any inhabitant's name.

The same file is shown on the wall, printed, and kept in the minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from sqlmodel import Session

from backend.domain import scoring
from backend.domain.follow_up import Promise
from backend.domain.grid import Grid
from backend.domain.journal import Commitment
from backend.storage import (
    appeals,
    decisions,
    declarations,
    follow_up,
    journal,
    merchants,
    photos,
    replies,
    visits,
    votes,
)
from backend.storage.appeals import Case
from backend.storage.tables import Decision, DecisionVote, Merchant, MerchantReply, SalesPoint, Visit
from backend.storage.visits import Reading
from backend.web.declarations import grid_of
from backend.web.explained import Explained, Level, Line, Picture, explain, level
from backend.web.house import House

READABLE = frozenset({"closed", "received", "decided"})  # visits that a duo has finished


@dataclass(frozen=True)
class Point:
    """A criterion with the level that was found, in the words of its grid."""

    name: str
    level: Level


@dataclass(frozen=True)
class Seen:
    """A visit as the committee looks at it.

    `strong`: at the highest level; `weak`: in the lower half; `between`: the rest.
    """

    reading: Reading
    explained: Explained
    strong: Sequence[Point]
    weak: Sequence[Point]
    between: Sequence[Point]
    unknown: Sequence[str]  # what is not known, a sentence each
    commitments: Sequence[Commitment]
    photo: Picture | None

    @property
    def picture(self) -> dict[str, Any]:
        return picture(self.explained.grid, scoring.summary(self.explained.score))

    @property
    def visit(self) -> Visit:
        return self.reading.visit


@dataclass(frozen=True)
class Earlier:
    """A decision recorded before, with what was promised then and how it was taken."""

    decision: Decision
    promises: Sequence[Promise]
    vote: DecisionVote | None


@dataclass(frozen=True)
class Declared:
    """What the merchant said of itself on one criterion before the visit: a level, words, or both."""

    name: str
    level: Level
    words: str


@dataclass(frozen=True)
class OwnWords:
    """The merchant's own words, the newest first; no number comes from them."""

    appeals: Sequence[Case]
    replies: Sequence[MerchantReply]
    declared: Sequence[Declared]

    def __bool__(self) -> bool:
        return bool(self.appeals or self.replies or self.declared)


@dataclass(frozen=True)
class Dossier:
    """All that the committee looks at together about one merchant; the newest first."""

    merchant: Merchant
    places: Sequence[SalesPoint]
    seen: Seen | None  # the visit that the next decision would rest on
    visits: Sequence[Visit]
    earlier: Sequence[Earlier]
    own_words: OwnWords

    @property
    def cities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(place.city for place in self.places if place.city))


def dossier(home: House, session: Session, merchant: Merchant) -> Dossier:
    """A merchant's file, from its latest visit that is no trial."""
    made = [each for each in visits.of_merchant(session, merchant.id) if each.state in READABLE]
    telling = next(
        (each for each in made if each.grid_id not in home.drafts and each.grid_id in home.grids), None
    )
    decided = decisions.of_merchant(session, merchant.id)
    taken = votes.of_decisions(session, [each.id for each in decided])
    return Dossier(
        merchant,
        merchants.places(session, merchant.id),
        _seen(home, session, telling) if telling else None,
        made,
        [Earlier(each, promises(session, each), taken.get(each.id)) for each in decided],
        OwnWords(
            appeals.of_merchant(session, merchant.id),
            replies.of_merchant(session, merchant.id),
            _declared(home, session, merchant, telling),
        ),
    )


def _declared(home: House, session: Session, merchant: Merchant, visit: Visit | None) -> list[Declared]:
    """What the merchant said before this visit, or says now where there is none; in the order of the grid."""
    grid = home.grids[visit.grid_id] if visit else grid_of(home, session, merchant)
    if grid is None:
        return []
    said = declarations.beside(session, visit) if visit else declarations.said(session, merchant.id, grid.id)
    return [
        Declared(each.name, level(each, row.points or None), row.words)
        for each in grid.criteria
        if (row := said.get(each.id)) and (row.points or row.words)
    ]


def promises(session: Session, decision: Decision) -> list[Promise]:
    """What was promised with a decision, as it was followed up since."""
    made = decisions.commitments_of(session, decision.id)
    followed = follow_up.promises_of(session, made)
    return [followed[each.id] for each in made]


def _seen(home: House, session: Session, visit: Visit) -> Seen:
    """A visit as it is now: what arrived after an earlier decision counts for the next one."""
    grid, rules = home.grids[visit.grid_id], home.rules[visit.grid_id]
    reading = visits.read(session, visit, home.rules, journal.last_of(session, visit.id))
    announced = photos.by_hash(session, [each["sha256"] for each in reading.state["photos"]])
    told = explain(reading.state, reading.score, reading.counted, grid, rules, {}, announced)
    lines = [line for family in told.families for line in family.lines]
    sure = [(line, found) for line in lines if (found := _found(line)) and found.rank]
    return Seen(
        reading,
        told,
        strong=[Point(line.criterion.name, found) for line, found in sure if found.rank == found.of],
        weak=[Point(line.criterion.name, found) for line, found in sure if _is_weak(found)],
        between=[
            Point(line.criterion.name, found)
            for line, found in sure
            if found.rank != found.of and not _is_weak(found)
        ],
        unknown=_unknown(reading, told),
        commitments=reading.state["commitments"],
        photo=_photo(told),
    )


def _found(line: Line) -> Level | None:
    """The level of a criterion when there is one only."""
    counting = {answer.level for answer in line.answers if answer.counts}
    return level(line.criterion, counting.pop().choice) if len(counting) == 1 else None


def _is_weak(found: Level) -> bool:
    return found.rank is not None and found.rank * 2 <= found.of


def _photo(told: Explained) -> Picture | None:
    """The first photo that can be shown, those of the visit itself before those of a criterion."""
    lines = [line for family in told.families for line in family.lines]
    every = [*told.pictures, *(picture for line in lines for picture in line.pictures)]
    return next((each for each in every if each.status == "shown"), None)


def _unknown(reading: Reading, told: Explained) -> list[str]:
    """What the visit does not tell."""
    score, names = told.score, {each.id: each.name for each in told.grid.criteria}
    left_out = [why.id for why in score.criteria if why.state == "not_applicable"]
    said = (
        (_("Sans réponse : {names}."), score.unanswered),
        (_("Le duo n’est pas d’accord : {names}."), score.to_settle),
        (_("Vu par une seule personne : {names}."), score.rests_on_one),
        (_("Ne s’applique pas ici : {names}."), left_out),
    )
    told_so = [text.format(names=", ".join(names[each] for each in ids)) for text, ids in said if ids]
    if not reading.received:
        told_so.append(
            _("La visite n’est pas arrivée en entier : des réponses ou des photos manquent encore.")
        )
    return told_so


def picture(grid: Grid, score: Mapping[str, Any]) -> dict[str, Any]:
    """What the bars of a file are drawn from, in plain numbers out of 100: kept as it is in the minutes.

    `score`: as `scoring.summary` gives it, or as it is frozen beside a decision.
    """
    return {
        "grid": grid.title,
        "outcome": list(score["outcome"]),
        "total": score["total"],
        "marks": [float(grid.decision.conditional), float(grid.decision.favorable)],
        "families": [
            {
                "id": each.id,
                "name": each.name,
                "ends": score["categories"][each.id],
                "minimum": None if each.minimum is None else float(each.minimum),
            }
            for each in grid.categories
        ],
    }
