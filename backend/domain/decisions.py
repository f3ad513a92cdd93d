"""What the committee may decide, and how long it holds."""

from datetime import date
from enum import StrEnum

from backend.domain.errors import N_


class DecisionOutcome(StrEnum):
    """The four ends of a committee's discussion (product.md, section 2)."""

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


def a_year_later(day: date) -> date:
    """Until when an accreditation decided on `day` holds by default: twelve months."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)
