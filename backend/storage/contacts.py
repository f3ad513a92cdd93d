"""The people one speaks to in a shop: noted, corrected, taken off."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind
from backend.storage import merchants
from backend.storage.people import new_id
from backend.storage.tables import Merchant, MerchantContact

EDITABLE = ("name", "function", "phone", "email")


def of_merchant(session: Session, merchant_id: str) -> list[MerchantContact]:
    """The contacts of a merchant, the first noted first."""
    query = select(MerchantContact).where(MerchantContact.merchant_id == merchant_id)
    return list(session.exec(query.order_by(col(MerchantContact.added_at), col(MerchantContact.id))))


def get(session: Session, merchant_id: str, contact_id: str) -> MerchantContact:
    """One contact of this merchant; raises not_found."""
    found = session.get(MerchantContact, contact_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("not_found")
    return found


def add(session: Session, merchant: Merchant, given: Mapping[str, str], now: datetime, *, by: str) -> None:
    """One more person to speak to."""
    made = MerchantContact(id=new_id(), merchant_id=merchant.id, added_at=now, added_by=by, **given)
    session.add(made)
    _record(session, made, "added", now, by)


def edit(
    session: Session, contact: MerchantContact, changes: Mapping[str, str], now: datetime, *, by: str
) -> None:
    """What was corrected, and nothing else."""
    changed = {name: value for name, value in changes.items() if getattr(contact, name) != value}
    for name, value in changed.items():
        setattr(contact, name, value)
    session.add(contact)
    if changed:
        _record(session, contact, "changed", now, by)


def remove(session: Session, contact: MerchantContact, now: datetime, *, by: str) -> None:
    """Forget this person."""
    _record(session, contact, "removed", now, by)
    session.delete(contact)


def _record(session: Session, contact: MerchantContact, what: str, now: datetime, by: str) -> None:
    """That it happened, without the name: a record stays when the person is forgotten."""
    body = {"what": what, "function": contact.function}
    merchants.add_record(session, contact.merchant_id, RecordKind.CONTACT, body, now, by=by)
