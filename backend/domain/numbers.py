"""What the records add up to over time: how many merchants stood at which stage, and how long they stayed there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median

from backend.domain.errors import N_
from backend.domain.merchants import Record, Stage, stages_of
from backend.domain.scoring import Why

Change = tuple[datetime, Stage]

# Stages that mean the same to someone who looks from afar, in the order of the work.
GROUPS: dict[str, tuple[Stage, ...]] = {
    N_("À visiter"): (Stage.SPOTTED, Stage.CONTACTED, Stage.VISIT_PLANNED),
    N_("À décider"): (Stage.ASSESSED, Stage.DEFERRED),
    N_("Conventionnés, pas encore payables"): (Stage.ACCREDITED, Stage.ONBOARDING),
    N_("Acceptent la Moneko"): (Stage.ACTIVE, Stage.TO_RENEW),
    N_("Arrêtés"): (Stage.SUSPENDED, Stage.WITHDRAWN),
    N_("Non retenus, pas intéressés, fermés"): (Stage.DECLINED, Stage.NOT_INTERESTED, Stage.CLOSED_DOWN),
}


def month_ends(today: date, count: int) -> list[date]:
    """The last days of the `count` months up to this one, whose last day so far is `today`."""
    first = today.replace(day=1)
    ends = [today]
    while len(ends) < count:
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    return ends[::-1]


def changes(records: Iterable[Record]) -> list[Change]:
    """When a merchant came to which stage, oldest first."""
    found: list[Change] = []
    for at, stage in stages_of(records):
        if not found or found[-1][1] is not stage:
            found.append((at, stage))
    return found


def standing_at(lived: Iterable[Sequence[Change]], days: Sequence[date]) -> list[Counter[Stage]]:
    """At the end of each of these days (UTC), oldest first: how many merchants were at each stage."""
    counts: list[Counter[Stage]] = [Counter() for _ in days]
    for each in lived:
        for place, day in enumerate(days):
            if (stage := _at(each, day)) is not None:
                counts[place][stage] += 1
    return counts


def _at(lived: Sequence[Change], day: date) -> Stage | None:
    before = [stage for at, stage in lived if at.date() <= day]
    return before[-1] if before else None


@dataclass(frozen=True)
class Stays:
    """How long merchants stay at one stage: those that have left it (half of them for fewer days than `median`), and
    those that are there now, the longest for `longest` days."""

    left: int
    median: float | None
    there: int
    longest: int | None


def stays(lived: Iterable[Sequence[Change]], now: datetime) -> dict[Stage, Stays]:
    """By stage, how long merchants stay there, in days."""
    over: dict[Stage, list[int]] = {stage: [] for stage in Stage}
    going_on: dict[Stage, list[int]] = {stage: [] for stage in Stage}
    for each in lived:
        for (at, stage), (until, _next) in pairwise(each):
            over[stage].append((until - at).days)
        if each:
            going_on[each[-1][1]].append((now - each[-1][0]).days)
    return {
        stage: Stays(
            len(over[stage]),
            median(over[stage]) if over[stage] else None,
            len(going_on[stage]),
            max(going_on[stage], default=None),
        )
        for stage in Stage
    }


@dataclass(frozen=True)
class Answers:
    """What visits found on one criterion: how many answered it, with which mean share of its points (0 to 1; the middle
    when two answers are to settle), for how many it does not apply, how many left it open."""

    answered: int
    mean: Fraction | None
    excluded: int
    unanswered: int


def answers(scores: Iterable[Sequence[Why]]) -> dict[str, Answers]:
    """By criterion, what these visits found; the criteria in the order in which they come first."""
    told: dict[str, list[Why]] = {}
    for score in scores:
        for why in score:
            told.setdefault(why.id, []).append(why)
    return {criterion: _answers(found) for criterion, found in told.items()}


def _answers(found: Sequence[Why]) -> Answers:
    shares = [
        (why.points[0] + why.points[1]) / 2 / why.maximum
        for why in found
        if why.state in ("answered", "to_settle") and why.points[0] is not None and why.points[1] is not None
    ]
    states = Counter(why.state for why in found)
    mean = sum(shares, Fraction(0)) / len(shares) if shares else None
    return Answers(len(shares), mean, states["not_applicable"], states["unanswered"])
