"""Someone goes in someone else's place; what was done already stays with the visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind
from backend.domain.scoring import Rules
from backend.storage import merchants, planning, visits
from backend.storage.tables import Visit


@dataclass(frozen=True)
class Change:
    """Who leaves, who comes, and why (a code of `domain/visits.py`)."""

    leaves: str
    comes: str
    reason: str


def replace(
    session: Session, visit: Visit, change: Change, rules: Mapping[str, Rules], now: datetime, *, by: str
) -> None:
    """One goes for the other. Raises read_again when they left, or came, meanwhile; person_barred."""
    planning.hold(session)
    going = visits.parts(session, [visit.id])[visit.id].current
    if change.leaves not in going or change.comes in going:
        raise Refusal("read_again")
    planning.must_be_fair(session, visit.territory_id, [visit.merchant_id], [change.comes])
    visits.add_member(session, visit.id, change.comes, rules, now)
    visits.remove_member(session, visit.id, change.leaves, rules, now)
    body = {"visit": visit.id, "left": change.leaves, "came": change.comes, "reason": change.reason}
    merchants.add_record(session, visit.merchant_id, RecordKind.VISIT_EDITED, body, now, by=by)
