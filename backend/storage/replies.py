"""What merchants answer to a decision, and what they say is wrong with what is published of them."""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.storage import merchants
from backend.storage.merchant_links import MerchantSession
from backend.storage.people import new_id
from backend.storage.tables import MerchantReply, PlaceReport


def reply(session: Session, who: MerchantSession, decision_id: str, text: str, now: datetime) -> None:
    """One more answer to this decision."""
    session.add(
        MerchantReply(
            id=new_id(),
            merchant_id=who.merchant_id,
            decision_id=decision_id,
            link_id=who.link_id,
            text=text,
            at=now,
        )
    )


def of_merchant(session: Session, merchant_id: str) -> list[MerchantReply]:
    """All that a merchant answered, newest first."""
    statement = select(MerchantReply).where(MerchantReply.merchant_id == merchant_id)
    return list(session.exec(statement.order_by(col(MerchantReply.at).desc(), col(MerchantReply.id).desc())))


# --- what is published ---


def report(session: Session, who: MerchantSession, place_id: str, text: str, now: datetime) -> None:
    """Say what is wrong with a sales point of theirs. Raises not_found."""
    place = merchants.place(session, who.merchant_id, place_id)
    session.add(
        PlaceReport(
            id=new_id(),
            place_id=place.id,
            merchant_id=who.merchant_id,
            link_id=who.link_id,
            text=text,
            at=now,
        )
    )


def reports(session: Session, merchant_id: str) -> list[PlaceReport]:
    """What a merchant said was wrong, newest first."""
    statement = select(PlaceReport).where(PlaceReport.merchant_id == merchant_id)
    return list(session.exec(statement.order_by(col(PlaceReport.at).desc(), col(PlaceReport.id).desc())))


def handle(session: Session, merchant_id: str, report_id: str, now: datetime, *, by: str) -> None:
    """Someone saw to it; the first to say so stays. Raises not_found."""
    found = session.get(PlaceReport, report_id, with_for_update=True)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("not_found")
    if found.handled_at is None:
        found.handled_at, found.handled_by = now, by
