"""What the committee decided, on which visits, and what was promised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import RecordKind
from backend.domain.scoring import Rules
from backend.storage import merchants, visits
from backend.storage.people import new_id
from backend.storage.tables import Decision, DecisionCommitment, DecisionVisit, Visit


@dataclass(frozen=True)
class Commitment:
    """What the merchant undertakes, on one criterion, by a date or without one."""

    criterion: str
    text: str
    due: date | None


def record(
    session: Session,
    merchant_id: str,
    outcome: DecisionOutcome,
    decided_on: date,
    reasons: str,
    read_at: Mapping[str, int],
    rules: Mapping[str, Rules],
    now: datetime,
    *,
    by: str,
    valid_until: date | None,
    commitments: Collection[Commitment] = (),
) -> Decision:
    """Record a decision. `read_at`: the visits it rests on, each with the sequence number it was read at.

    The score of exactly those entries is frozen beside it; whatever comes later is kept and not counted.
    """
    decision = Decision(
        id=new_id(),
        merchant_id=merchant_id,
        outcome=outcome,
        decided_on=decided_on,
        valid_until=valid_until,
        reasons=reasons,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(decision)
    session.flush()
    for visit_id, read_seq in read_at.items():
        _freeze(session, decision.id, visits.get(session, visit_id), read_seq, rules)
    for commitment in commitments:
        session.add(
            DecisionCommitment(
                id=new_id(),
                decision_id=decision.id,
                criterion=commitment.criterion,
                text=commitment.text,
                due=commitment.due,
            )
        )
    merchants.add_record(
        session,
        merchant_id,
        RecordKind.DECIDED,
        {
            "decision": decision.id,
            "outcome": outcome.value,
            "valid_until": valid_until.isoformat() if valid_until else None,
        },
        now,
        by=by,
    )
    return decision


def _freeze(
    session: Session, decision_id: str, visit: Visit, read_seq: int, rules: Mapping[str, Rules]
) -> None:
    reading = visits.read(session, visit, rules, up_to=read_seq)
    session.add(
        DecisionVisit(
            decision_id=decision_id,
            visit_id=visit.id,
            read_seq=read_seq,
            score=visits.frozen(reading.score),
        )
    )
    visit.state = "decided"
    session.add(visit)


def of_merchant(session: Session, merchant_id: str) -> list[Decision]:
    """A merchant's decisions, newest first."""
    return list(
        session.exec(
            select(Decision)
            .where(Decision.merchant_id == merchant_id)
            .order_by(col(Decision.recorded_at).desc(), col(Decision.id).desc())
        )
    )


def resting_on(session: Session, visit_ids: Collection[str]) -> dict[str, Decision]:
    """The latest decision that rests on each of these visits."""
    rows = session.exec(
        select(DecisionVisit.visit_id, Decision)
        .join(Decision, col(Decision.id) == DecisionVisit.decision_id)
        .where(col(DecisionVisit.visit_id).in_(list(visit_ids)))
        .order_by(col(Decision.recorded_at))
    )
    return dict(rows.all())


def visits_of(session: Session, decision_id: str) -> list[DecisionVisit]:
    return list(session.exec(select(DecisionVisit).where(DecisionVisit.decision_id == decision_id)))


def commitments_of(session: Session, decision_id: str) -> list[DecisionCommitment]:
    return list(
        session.exec(
            select(DecisionCommitment)
            .where(DecisionCommitment.decision_id == decision_id)
            .order_by(col(DecisionCommitment.id))
        )
    )
