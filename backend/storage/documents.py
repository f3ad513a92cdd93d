"""What is kept with a merchant's file. The bytes are `backend/documents.py`'s."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind
from backend.storage import merchants
from backend.storage.people import new_id
from backend.storage.tables import Merchant, MerchantDocument


class Kept(NamedTuple):
    """Which bytes, and of what kind."""

    sha256: str
    media: str
    bytes: int


def of_merchant(session: Session, merchant_id: str) -> list[MerchantDocument]:
    """The documents that are there, the latest first."""
    rows = select(MerchantDocument).where(
        MerchantDocument.merchant_id == merchant_id, col(MerchantDocument.removed_at).is_(None)
    )
    return list(
        session.exec(rows.order_by(col(MerchantDocument.added_at).desc(), col(MerchantDocument.id).desc()))
    )


def ever(session: Session, merchant_id: str, document_id: str) -> MerchantDocument:
    """One document of this merchant, taken off or not; raises not_found."""
    found = session.get(MerchantDocument, document_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("not_found")
    return found


def get(session: Session, merchant_id: str, document_id: str) -> MerchantDocument:
    """One document of this merchant that is there; raises not_found."""
    found = ever(session, merchant_id, document_id)
    if found.removed_at is not None:
        raise Refusal("not_found")
    return found


def add(
    session: Session, merchant: Merchant, title: str, kept: Kept, now: datetime, *, by: str, room_mb: int
) -> MerchantDocument:
    """Note one more document, in the `room_mb` that a merchant's may take; the same file again is the one there is.

    Raises documents_full.
    """
    merchants.hold(session, merchant)
    there = of_merchant(session, merchant.id)
    if same := next((each for each in there if each.sha256 == kept.sha256), None):
        return same
    if sum(each.bytes for each in there) + kept.bytes > room_mb * 1_000_000:
        raise Refusal("documents_full", limit=room_mb, detail="file")
    made = MerchantDocument(
        id=new_id(), merchant_id=merchant.id, **kept._asdict(), title=title, added_at=now, added_by=by
    )
    session.add(made)
    _record(session, made, "added", now, by)
    return made


def remove(
    session: Session, merchant: Merchant, document: MerchantDocument, now: datetime, *, by: str
) -> None:
    """Take it off the file: what it was stays noted. Raises read_again when somebody just did."""
    merchants.hold(session, merchant)
    session.refresh(document)
    if document.removed_at is not None:
        raise Refusal("read_again")
    document.removed_at, document.removed_by = now, by
    session.add(document)
    _record(session, document, "removed", now, by)


def is_used(session: Session, sha256: str) -> bool:
    """Whether a document that is there, of any merchant, has these bytes."""
    rows = select(MerchantDocument.id).where(
        MerchantDocument.sha256 == sha256, col(MerchantDocument.removed_at).is_(None)
    )
    return session.exec(rows.limit(1)).first() is not None


def due(session: Session) -> list[tuple[str, str]]:
    """The hash and media type of all whose bytes must be there."""
    rows = select(MerchantDocument.sha256, MerchantDocument.media).where(
        col(MerchantDocument.removed_at).is_(None)
    )
    return sorted(set(session.exec(rows)))


def _record(session: Session, document: MerchantDocument, what: str, now: datetime, by: str) -> None:
    body = {"what": what, "document": document.id, "title": document.title}
    merchants.add_record(session, document.merchant_id, RecordKind.DOCUMENT, body, now, by=by)
