"""What the committee lets everyone read of its decisions: its words, and which commitments. Nothing else is public."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import ACCREDITING, RecordKind
from backend.storage import decisions
from backend.storage.people import new_id
from backend.storage.tables import Decision, DecisionCommitment, Merchant, MerchantRecord, PublicWords


def write(
    session: Session, decision_id: str, words: str, commitments: Collection[str], now: datetime, *, by: str
) -> None:
    """From now on this, and no more, is public of a decision. The same again is not written again.

    Raises not_found for a commitment of another decision.
    """
    known = [each.id for each in decisions.commitments_of(session, decision_id)]
    if not set(commitments) <= set(known):
        raise Refusal("not_found")
    kept = [each for each in known if each in commitments]
    before = of_decisions(session, [decision_id]).get(decision_id)
    if (before.words, before.commitments) == (words, kept) if before else not (words or kept):
        return
    session.add(
        PublicWords(id=new_id(), decision_id=decision_id, words=words, commitments=kept, at=now, by=by)
    )


def of_decisions(session: Session, decision_ids: Collection[str]) -> dict[str, PublicWords]:
    """What is public of each of these decisions; those of which nothing ever was are left out."""
    rows = session.exec(
        select(PublicWords)
        .where(col(PublicWords.decision_id).in_(list(decision_ids)))
        .order_by(col(PublicWords.at), col(PublicWords.id))
    )
    return {row.decision_id: row for row in rows}


class Said(NamedTuple):
    """What everyone may read of why a merchant is accredited."""

    words: str
    commitments: tuple[str, ...]


def said(session: Session, merchant_ids: Collection[str] | None = None) -> dict[str, Said]:
    """What everyone may read, by merchant; None: of all. Only of the decision that the merchant was told last."""
    written = _written(session, merchant_ids)
    if not written:
        return {}
    told = _told(session, {row.merchant_id for row in written.values()})
    found = {}
    for merchant_id, decision_id in told.items():
        if (row := written.get(decision_id)) is not None and row.merchant_id == merchant_id:
            found[merchant_id] = Said(row.words, _texts(session, row))
    return found


class _Row(NamedTuple):
    merchant_id: str
    decision_id: str
    words: str
    commitments: list[str]


def _written(session: Session, merchant_ids: Collection[str] | None) -> dict[str, _Row]:
    query = (
        select(Decision.merchant_id, PublicWords.decision_id, PublicWords.words)
        .add_columns(col(PublicWords.commitments))
        .join(Decision, col(Decision.id) == PublicWords.decision_id)
        .join(Merchant, col(Merchant.id) == Decision.merchant_id)
        .order_by(col(PublicWords.at), col(PublicWords.id))
    )
    if merchant_ids is not None:
        query = query.where(col(Decision.merchant_id).in_(list(merchant_ids)))
    return {row[1]: _Row(*row) for row in session.execute(query)}


def _told(session: Session, merchant_ids: Collection[str]) -> dict[str, str]:
    """The decision to accredit that each of these merchants was told of last."""
    rows = session.execute(
        select(MerchantRecord.merchant_id, MerchantRecord.kind)
        .add_columns(col(MerchantRecord.body))
        .where(
            col(MerchantRecord.merchant_id).in_(list(merchant_ids)),
            col(MerchantRecord.kind).in_([RecordKind.DECIDED, RecordKind.TOLD]),
        )
        .order_by(col(MerchantRecord.at), col(MerchantRecord.id))
    )
    decided: dict[str, str] = {}
    told: dict[str, str] = {}
    for merchant_id, kind, body in rows:
        if kind == RecordKind.DECIDED:
            decided[merchant_id] = body["decision"] if body["outcome"] in ACCREDITING else ""
        elif decided.get(merchant_id):
            told[merchant_id] = decided[merchant_id]
    return told


def _texts(session: Session, row: _Row) -> tuple[str, ...]:
    if not row.commitments:
        return ()
    found = session.exec(
        select(DecisionCommitment)
        .where(col(DecisionCommitment.id).in_(row.commitments))
        .order_by(col(DecisionCommitment.id))
    )
    return tuple(each.text for each in found)
