"""Decisions that a merchant learns of by opening their personal link."""

from datetime import date, datetime

from sqlmodel import Session

from backend.domain.decisions import BY_LINK
from backend.domain.errors import Refusal
from backend.domain.merchants import STAGE_NAMES
from backend.storage import decisions, journal, merchant_links, merchants
from backend.storage.decisions import Telling
from backend.storage.tables import DecisionRelease


def release(session: Session, merchant_id: str, decision_id: str, now: datetime, *, by: str) -> bool:
    """Let the merchant learn of the latest decision by their link; tells whether that is new.

    Raises wrong_stage without a decision that holds, read_again when it is another one, link_missing without a link
    that still opens.
    """
    journal.hold(session)
    decision, life = decisions.latest(session, merchant_id), merchants.life_of(session, merchant_id)
    if decision is None or life.outcome != decision.outcome:
        raise Refusal("wrong_stage", stage=STAGE_NAMES[life.stage])
    if decision_id != decision.id:
        raise Refusal("read_again")
    link = merchant_links.current(session, merchant_id)
    if link is None or link.expires_at <= now:
        raise Refusal("link_missing")
    if of_decision(session, decision_id) is not None:
        return False
    session.add(DecisionRelease(decision_id=decision_id, released_at=now, released_by=by))
    return True


def of_decision(session: Session, decision_id: str) -> DecisionRelease | None:
    return session.get(DecisionRelease, decision_id)


def waits(session: Session, merchant_id: str) -> bool:
    """Whether the latest decision waits for the merchant to open their page."""
    decision_id = decisions.untold(session, merchant_id)
    return decision_id is not None and of_decision(session, decision_id) is not None


def learn(session: Session, merchant_id: str, now: datetime, today: date) -> None:
    """The merchant opens their page: told, from now on, of the decision that waited there."""
    journal.hold(session)
    decision = decisions.latest(session, merchant_id)
    if decision is not None and waits(session, merchant_id):
        # a decision is never dated after today, but the clock of another day may have been
        on = max(today, decision.decided_on)
        decisions.tell(session, merchant_id, Telling(decision.id, BY_LINK, on, ""), now, by=None)
