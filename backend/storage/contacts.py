"""The people one speaks to in a shop: noted, corrected, taken off."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.handover import CONTACT
from backend.domain.merchants import RecordKind
from backend.storage import merchants
from backend.storage.people import new_id
from backend.storage.tables import HandoverLine, Merchant, MerchantContact

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


def to_share(session: Session, merchant_ids: Collection[str]) -> dict[str, MerchantContact]:
    """Of each of these merchants the one to call: the first noted of those who agree that Moneko has their details."""
    agreed = select(MerchantContact).where(
        col(MerchantContact.merchant_id).in_(list(merchant_ids)), col(MerchantContact.shared_at).is_not(None)
    )
    latest_first = agreed.order_by(col(MerchantContact.added_at).desc(), col(MerchantContact.id).desc())
    return {contact.merchant_id: contact for contact in session.exec(latest_first)}


def add(
    session: Session,
    merchant: Merchant,
    given: Mapping[str, str],
    now: datetime,
    *,
    by: str,
    shared: bool = False,
) -> None:
    """One more person to speak to. `shared`: this person agrees that Moneko has their details."""
    made = MerchantContact(
        id=new_id(),
        merchant_id=merchant.id,
        added_at=now,
        added_by=by,
        shared_at=now if shared else None,
        **given,
    )
    session.add(made)
    _record(session, made, "added", now, by)


def edit(
    session: Session,
    contact: MerchantContact,
    changes: Mapping[str, str],
    now: datetime,
    *,
    by: str,
    shared: bool | None = None,
) -> None:
    """What was corrected, and nothing else. `shared`: whether this person agrees now that Moneko has their details;
    None: as before."""
    if shared is not None and shared != (contact.shared_at is not None):
        contact.shared_at = now if shared else None
        _record(session, contact, "shared" if shared else "unshared", now, by)
        if not shared:
            take_out_of_files(session, [contact.merchant_id])
    changed = {name: value for name, value in changes.items() if getattr(contact, name) != value}
    for name, value in changed.items():
        setattr(contact, name, value)
    session.add(contact)
    if changed:
        _record(session, contact, "changed", now, by)


def remove(session: Session, contact: MerchantContact, now: datetime, *, by: str) -> None:
    """Forget this person."""
    _record(session, contact, "removed", now, by)
    if contact.shared_at is not None:
        take_out_of_files(session, [contact.merchant_id])
    session.delete(contact)


def take_out_of_files(session: Session, merchant_ids: Collection[str]) -> None:
    """Blank whom to call at these merchants in the files made for Moneko: who is forgotten is forgotten there too."""
    for line in session.exec(
        select(HandoverLine).where(col(HandoverLine.merchant_id).in_(list(merchant_ids)))
    ):
        line.cells = {column: "" if column in CONTACT else text for column, text in line.cells.items()}
        session.add(line)
    session.flush()


def _record(session: Session, contact: MerchantContact, what: str, now: datetime, by: str) -> None:
    """That it happened, without the name: a record stays when the person is forgotten."""
    body = {"what": what, "function": contact.function}
    merchants.add_record(session, contact.merchant_id, RecordKind.CONTACT, body, now, by=by)
