"""What the committee may decide, and how long it holds."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import N_
from backend.domain.scoring import Outcome

MOST_COMMITMENTS = 5
RETURNS_AFTER = timedelta(weeks=13)  # a deferred merchant, when the committee names no day
LATEST_RETURN = timedelta(days=2 * 366)  # further away is a slip in the year


class DecisionOutcome(StrEnum):
    """The four ends of a committee's discussion (criteria/REGLES.md, 2)."""

    ACCREDITED = "accredited"
    ACCREDITED_WITH_COMMITMENTS = "accredited_with_commitments"
    DEFERRED = "deferred"
    DECLINED = "declined"


OUTCOME_NAMES: dict[DecisionOutcome, str] = {
    DecisionOutcome.ACCREDITED: N_("Conventionné"),
    DecisionOutcome.ACCREDITED_WITH_COMMITMENTS: N_("Conventionné avec engagements"),
    DecisionOutcome.DEFERRED: N_("À revoir"),
    DecisionOutcome.DECLINED: N_("Non retenu"),
}

PROPOSED: dict[str, DecisionOutcome] = {
    "favorable": DecisionOutcome.ACCREDITED,
    "conditional": DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
    "unfavorable": DecisionOutcome.DECLINED,
}

PROPOSAL_NAMES: dict[str, str] = {
    "favorable": N_("favorable"),
    "conditional": N_("favorable avec des engagements"),
    "unfavorable": N_("non favorable"),
    "undetermined": N_("rien encore"),
}

# How a merchant learns what was decided.
WAYS_OF_TELLING: dict[str, str] = {
    "in_person": N_("de vive voix"),
    "phone": N_("par téléphone"),
    "email": N_("par e-mail"),
    "letter": N_("par courrier"),
    "link": N_("par son lien personnel"),
}
BY_LINK = "link"  # recorded when the merchant opens it, never by hand

_FROM_LOW_TO_HIGH = ("unfavorable", "conditional", "favorable")


def proposed(ends: tuple[Outcome, Outcome]) -> frozenset[DecisionOutcome]:
    """What a score may still propose: from its low end to its high one; nothing when it is undetermined."""
    if "undetermined" in ends:
        return frozenset()
    low, high = (_FROM_LOW_TO_HIGH.index(end) for end in ends)
    return frozenset(PROPOSED[end] for end in _FROM_LOW_TO_HIGH[low : high + 1])


def needs_reasons(outcome: DecisionOutcome, proposals: Iterable[tuple[Outcome, Outcome]]) -> bool:
    """Whether a decision must say why: it postpones or declines, or some visit does not propose it.

    A decision that rests on no visit has no proposal to agree with, and says why too.
    """
    if outcome in (DecisionOutcome.DEFERRED, DecisionOutcome.DECLINED):
        return True
    agreeing = [outcome in proposed(ends) for ends in proposals]
    return not agreeing or not all(agreeing)


def a_year_later(day: date) -> date:
    """Until when an accreditation decided on `day` holds by default: twelve months."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)
