"""The e-mails that wait to be sent, and what became of them.

A mail is in one process's hands at a time, so that it is sent once. A process that dies between the mail server's
answer and its record leaves a mail of which nobody knows whether it went: it is sent once more, and never a third time.
"""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.mails import GIVEN_UP_AFTER, Trouble, next_try
from backend.storage.engine import fact
from backend.storage.in_hand import in_no_hand
from backend.storage.people import new_id
from backend.storage.tables import Mail, MailRefusal, Merchant, Person, Territory


class Kind(StrEnum):
    """Why an e-mail is written."""

    INVITATION = "invitation"  # a visit is planned, changed or cancelled
    REMINDER = "reminder"  # the day before it
    WEEK = "week"  # what is due, each Monday, to the coordination
    MERCHANT = "merchant"  # a decision that waits, an answer to an appeal
    LINK = "link"  # a merchant's personal link: its text holds a secret, and is forgotten once it went
    REPORT = "report"  # a payment was refused: at once, to those who can do something


# What one may stop receiving; the others answer something that concerns one person alone.
REFUSABLE = frozenset({Kind.REMINDER, Kind.WEEK})


class State(StrEnum):
    """What became of an e-mail."""

    WAITING = "waiting"
    FAILED = "failed"
    SENT = "sent"


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
    calendar: str | None = None,
    not_after: datetime | None = None,
) -> Mail:
    """Have an e-mail sent once this transaction is on disk. `text`: plain, its paragraphs apart by an empty line;
    the HTML form is made of it when it goes. `calendar`: an iCalendar file to go with it. `not_after`: when it is
    of no more use."""
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
        calendar=calendar,
        not_after=not_after,
    )
    session.add(mail)
    return mail


# --- sending ---


@dataclass(frozen=True)
class InHand:
    """A mail that this process, and no other, has to send. `unsubscribe`: what signs the link that stops such mails."""

    mail: Mail
    reply_to: str
    unsubscribe: str


def due(session: Session, now: datetime, limit: int = 50) -> Sequence[str]:
    """The ids of the mails to send now, those that have waited longest first."""
    statement = select(Mail.id).where(
        _waits, col(Mail.next_try_at) <= now, in_no_hand(col(Mail.trying_since), now)
    )
    return session.exec(statement.order_by(col(Mail.next_try_at), Mail.id).limit(limit)).all()


_waits = and_(col(Mail.sent_at).is_(None), col(Mail.next_try_at).is_not(None))


def take(session: Session, mail_id: str, now: datetime) -> InHand | None:
    """Have this mail in hand to send it; None when someone else has it, or when it is not to be sent any more."""
    statement = (
        select(Mail)
        .where(Mail.id == mail_id, _waits, in_no_hand(col(Mail.trying_since), now))
        .with_for_update()
    )
    mail = session.exec(statement).first()
    if mail is None:
        return None
    if trouble := _why_not(session, mail, now):
        _give_up(mail, trouble)
        return None
    mail.unsure_since = mail.unsure_since or mail.trying_since
    mail.trying_since, mail.tries = now, mail.tries + 1
    refusable = mail.person_id and mail.kind in REFUSABLE
    token = (
        unsubscribe_token(session, mail.person_id, Kind(mail.kind)) if refusable and mail.person_id else ""
    )
    return InHand(mail, _answered_by(session, mail), token)


def _why_not(session: Session, mail: Mail, now: datetime) -> Trouble | None:
    if mail.trying_since and mail.unsure_since:
        return Trouble.INTERRUPTED
    if mail.not_after and mail.not_after <= now:
        return Trouble.TOO_LATE
    if mail.person_id and is_refused(session, mail.person_id, Kind(mail.kind)):
        return Trouble.UNWANTED
    return None


def _answered_by(session: Session, mail: Mail) -> str:
    """The address of the coordination that a mail's reader may answer to; empty when it has none."""
    merchant = session.get(Merchant, mail.merchant_id) if mail.merchant_id else None
    person = session.get(Person, mail.person_id) if mail.person_id else None
    territory_id = merchant.territory_id if merchant else person.territory_id if person else None
    territory = session.get(Territory, territory_id) if territory_id else None
    return territory.email if territory else ""


def sent(session: Session, mail_id: str, now: datetime) -> None:
    """The mail server has it."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        return  # whom it was for was erased meanwhile
    mail.sent_at, mail.next_try_at, mail.trying_since = now, None, None
    mail.trouble, mail.said = "", None
    if mail.kind == Kind.LINK:
        mail.text = ""


def failed(
    session: Session, mail_id: str, trouble: Trouble, said: str, now: datetime, *, final: bool, unsure: bool
) -> None:
    """It did not go, or (`unsure`) nobody knows; tried again later, unless that is no use (`final`)."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        return None
    if unsure and mail.unsure_since:
        return _give_up(mail, Trouble.INTERRUPTED)
    mail.trying_since, mail.trouble, mail.said = None, trouble, said[:500]
    mail.unsure_since = now if unsure else mail.unsure_since
    mail.next_try_at = None if final else next_try(mail.tries, mail.retried_at or mail.queued_at, now)
    return None


def _give_up(mail: Mail, trouble: Trouble) -> None:
    mail.next_try_at, mail.trying_since, mail.trouble = None, None, trouble


def give_up_unserved(session: Session, now: datetime) -> None:
    """Without a mail server, mails wait three days for one: later they would only surprise."""
    begun = func.coalesce(Mail.retried_at, Mail.queued_at, type_=Mail.queued_at.type)  # type: ignore[attr-defined]
    for mail in session.exec(select(Mail).where(_waits, begun < now - GIVEN_UP_AFTER)):
        _give_up(mail, Trouble.NO_SERVER)


def try_again(session: Session, mail_id: str, now: datetime) -> None:
    """Someone asks for another try, now, whatever became of the others. Raises mail_gone when it went meanwhile."""
    mail = session.get_one(Mail, mail_id, with_for_update=True)
    if mail.sent_at:
        raise Refusal("mail_gone")
    mail.next_try_at, mail.retried_at, mail.tries = now, now, 0
    mail.unsure_since = None


# --- no longer wanted ---


def unsubscribe_token(session: Session, person_id: str, kind: Kind) -> str:
    """What a link carries to say that this person wants no more of these: signed, and good for nothing else."""
    return f"{kind}.{person_id}.{_signature(session, person_id, kind)}"


def _signature(session: Session, person_id: str, kind: str) -> str:
    key = fact(session, "secret").encode()
    return hmac.digest(key, f"unsubscribe:{kind}:{person_id}".encode(), "sha256").hex()[:32]


def who_unsubscribes(session: Session, token: str) -> tuple[Person, Kind]:
    """The person and the kind of mails that a link names; raises not_found for one that we did not make."""
    kind, _dot, rest = token.partition(".")
    person_id, _dot, signature = rest.partition(".")
    person = session.get(Person, person_id)
    signed = hmac.compare_digest(signature.encode(), _signature(session, person_id, kind).encode())
    if person is None or person.erased_at or kind not in REFUSABLE or not signed:
        raise Refusal("not_found")
    return person, Kind(kind)


def is_refused(session: Session, person_id: str, kind: Kind) -> bool:
    return _refusal(session, person_id, kind) is not None


def _refusal(session: Session, person_id: str, kind: Kind) -> MailRefusal | None:
    return session.exec(
        select(MailRefusal).where(
            MailRefusal.person_id == person_id,
            MailRefusal.kind == kind,
            col(MailRefusal.ended_at).is_(None),
        )
    ).first()


def refuse(session: Session, person_id: str, kind: Kind, now: datetime) -> None:
    """This person wants no more mails of this kind; said twice, said once."""
    if not is_refused(session, person_id, kind):
        session.add(MailRefusal(id=new_id(), person_id=person_id, kind=kind, at=now))


def want_again(session: Session, person_id: str, kind: Kind, now: datetime) -> None:
    """After all, this person wants them."""
    if refusal := _refusal(session, person_id, kind):
        refusal.ended_at = now


# --- what became of them ---

_STATES: dict[State, ColumnElement[bool]] = {
    State.WAITING: _waits,
    State.FAILED: and_(col(Mail.sent_at).is_(None), col(Mail.next_try_at).is_(None)),
    State.SENT: col(Mail.sent_at).is_not(None),
}


def _theirs(territories: Collection[str] | None, reader_id: str) -> ColumnElement[bool]:
    """The mails about these territories' merchants or to their people, and one's own; None: all of them."""
    if territories is None:
        return col(Mail.id).is_not(None)
    where = func.coalesce(Merchant.territory_id, Person.territory_id)
    return or_(where.in_(list(territories)), col(Mail.person_id) == reader_id)


def counts(session: Session, territories: Collection[str] | None, reader_id: str) -> dict[State, int]:
    """How many mails wait, failed and went, among those that this person may read."""
    return {
        state: session.scalar(_joined(select(func.count(col(Mail.id))), territories, reader_id).where(which))
        for state, which in _STATES.items()
    }


def _joined(statement, territories: Collection[str] | None, reader_id: str):  # type: ignore[no-untyped-def]
    joined = statement.select_from(Mail).outerjoin(Merchant, col(Merchant.id) == Mail.merchant_id)
    return joined.outerjoin(Person, col(Person.id) == Mail.person_id).where(_theirs(territories, reader_id))


def listed(
    session: Session,
    territories: Collection[str] | None,
    reader_id: str,
    state: State,
    *,
    limit: int,
    offset: int,
) -> list[Mail]:
    """The mails in this state that this person may read, newest first."""
    statement = _joined(select(Mail), territories, reader_id).where(_STATES[state])
    ordered = statement.order_by(col(Mail.queued_at).desc(), col(Mail.id).desc())
    return list(session.exec(ordered.limit(limit).offset(offset)))


def must_read(session: Session, territories: Collection[str] | None, reader_id: str, mail_id: str) -> None:
    """Raises not_found unless this person may read this mail."""
    statement = _joined(select(Mail.id), territories, reader_id).where(Mail.id == mail_id)
    if session.exec(statement).first() is None:
        raise Refusal("not_found")
