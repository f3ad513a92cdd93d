"""Reminders of the day before: each is sent once."""

from datetime import date, datetime

from sqlmodel import Session, and_, col, select

from backend.domain.visits import CANCELLABLE
from backend.storage.mails import Kind
from backend.storage.tables import MailRefusal, Person, Reminder, Visit, VisitMember


def due(session: Session, on: date, told_since: datetime) -> list[tuple[Visit, Person]]:
    """Who goes on a visit that day, gave an address, was not reminded of it yet, still wants to be, and did not learn
    of it after `told_since`."""
    refused = and_(
        col(MailRefusal.person_id) == Person.id,
        col(MailRefusal.kind) == Kind.REMINDER,
        col(MailRefusal.ended_at).is_(None),
    )
    done = and_(
        col(Reminder.visit_id) == Visit.id,
        col(Reminder.person_id) == Person.id,
        col(Reminder.planned_on) == Visit.planned_on,
    )
    rows = session.exec(
        select(Visit, Person)
        .join(VisitMember, col(VisitMember.visit_id) == Visit.id)
        .join(Person, col(Person.id) == VisitMember.person_id)
        .where(Visit.planned_on == on, col(Visit.state).in_(CANCELLABLE))
        .where(col(VisitMember.removed_at).is_(None), VisitMember.added_at < told_since)
        .where(col(Person.email).is_not(None), col(Person.erased_at).is_(None))
        .where(
            ~select(MailRefusal.id).where(refused).exists(), ~select(Reminder.visit_id).where(done).exists()
        )
        .order_by(Visit.id, Person.id)
    )
    return list(rows)


def note(session: Session, visit: Visit, person_id: str, now: datetime) -> None:
    """This person is reminded of this visit; a second process that tries the same fails, and sends nothing."""
    reminder = Reminder(visit_id=visit.id, person_id=person_id, planned_on=visit.planned_on, at=now)
    session.add(reminder)
    session.flush()
