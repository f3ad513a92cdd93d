"""The e-mails that wait to be sent, and what became of them."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from backend.storage.people import new_id
from backend.storage.tables import Mail


class Kind(StrEnum):
    """Why an e-mail is written."""

    INVITATION = "invitation"  # a visit is planned
    REMINDER = "reminder"  # the day before it
    WEEK = "week"  # what is due, each Monday, to the coordination
    MERCHANT = "merchant"  # a decision, its letter, an answer to an appeal


def queue(
    session: Session,
    to: str,
    subject: str,
    text: str,
    kind: Kind,
    now: datetime,
    *,
    person_id: str | None = None,
    merchant_id: str | None = None,
) -> Mail:
    """Have an e-mail sent once this transaction is on disk. `text`: plain, its paragraphs apart by an empty line;
    the HTML form is made of it when it goes."""
    mail = Mail(
        id=new_id(),
        kind=kind,
        to=to,
        subject=subject,
        text=text,
        person_id=person_id,
        merchant_id=merchant_id,
        queued_at=now,
        next_try_at=now,
    )
    session.add(mail)
    return mail
