"""What happened to a merchant, source by source: one question to the database each, whatever there is."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from backend.domain.happenings import Also, Happening
from backend.storage.tables import (
    AgendaItem,
    CommitmentFollowing,
    CommitteeSession,
    Decision,
    DecisionCommitment,
    Entry,
    Handover,
    HandoverLine,
    MerchantRecord,
    Question,
    Visit,
)


def of_records(rows: Iterable[MerchantRecord]) -> list[Happening]:
    """What the records tell."""
    return [Happening(row.id, row.at, row.kind, row.author_id, row.body) for row in rows]


def questions(session: Session, merchant_id: str) -> list[Happening]:
    """What the coordination asked the people of its visits."""
    rows = session.exec(
        select(Question)
        .join(Visit, col(Visit.id) == Question.visit_id)
        .where(Visit.merchant_id == merchant_id)
    )
    return [
        Happening(
            row.id,
            row.asked_at,
            Also.QUESTION_ASKED,
            row.asked_by,
            {"visit": row.visit_id, "text": row.text},
        )
        for row in rows
    ]


def answers(session: Session, merchant_id: str) -> list[Happening]:
    """That the people of its visits answered; what they say is on the visit's page, erased or not."""
    rows = session.exec(
        select(Entry)
        .join(Visit, col(Visit.id) == Entry.visit_id)
        .where(Visit.merchant_id == merchant_id, Entry.kind == Also.QUESTION_ANSWERED)
    )
    return [
        Happening(row.id, row.received_at, Also.QUESTION_ANSWERED, row.author_id, {"visit": row.visit_id})
        for row in rows
    ]


def agenda(session: Session, merchant_id: str) -> list[Happening]:
    """When it was put on a session's agenda, and left there."""
    rows: Any = session.exec(
        select(AgendaItem, CommitteeSession)
        .join(CommitteeSession, col(CommitteeSession.id) == AgendaItem.session_id)
        .where(AgendaItem.merchant_id == merchant_id, col(AgendaItem.removed_at).is_(None))
    )
    return [
        Happening(
            item.id,
            item.added_at,
            Also.ON_AGENDA,
            item.added_by,
            {"session": held.id, "on": held.held_on.isoformat()},
        )
        for item, held in rows
    ]


def followings(session: Session, merchant_id: str) -> list[Happening]:
    """What became of its commitments."""
    rows: Any = session.exec(
        select(CommitmentFollowing, DecisionCommitment.text)
        .join(DecisionCommitment, col(DecisionCommitment.id) == CommitmentFollowing.commitment_id)
        .join(Decision, col(Decision.id) == DecisionCommitment.decision_id)
        .where(Decision.merchant_id == merchant_id)
    )
    return [
        Happening(
            row.id,
            row.recorded_at,
            Also.COMMITMENT_FOLLOWED,
            row.recorded_by,
            {
                "state": row.state,
                "text": text,
                "due": row.due.isoformat() if row.due else None,
                "note": row.note,
            },
        )
        for row, text in rows
    ]


def handovers(session: Session, merchant_id: str) -> list[Happening]:
    """The files for Moneko's back-office that it stood in."""
    rows = session.exec(
        select(Handover)
        .join(HandoverLine, col(HandoverLine.handover_id) == Handover.id)
        .where(HandoverLine.merchant_id == merchant_id)
    )
    return [
        Happening(row.id, row.made_at, Also.HANDED_OVER, row.made_by, {"handover": row.id}) for row in rows
    ]
