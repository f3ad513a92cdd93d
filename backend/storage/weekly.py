"""To whom the letter of the week goes, and that it is written once."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from backend.domain.people import Role
from backend.storage.tables import Person, RoleGrant, Territory, WeeklyLetter


def without_letter(session: Session, monday: date) -> list[Territory]:
    """The territories whose letter of this week is not written yet."""
    written = select(WeeklyLetter.territory_id).where(WeeklyLetter.monday == monday)
    return list(
        session.exec(select(Territory).where(col(Territory.id).not_in(written)).order_by(Territory.id))
    )


def written(session: Session, territory_id: str, monday: date, now: datetime) -> None:
    """The letter of this week is written; a second one cannot be."""
    session.add(WeeklyLetter(territory_id=territory_id, monday=monday, at=now))
    session.flush()


class Reader(NamedTuple):
    """Someone of the coordination who has an e-mail address."""

    id: str
    name: str
    email: str


def readers(session: Session, territory_id: str) -> Collection[Reader]:
    """Those who coordinate this territory and can be written to."""
    rows = session.exec(
        select(Person.id, Person.name, Person.email)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            RoleGrant.role == Role.COORDINATION,
            or_(RoleGrant.territory_id == territory_id, col(RoleGrant.territory_id).is_(None)),
            col(RoleGrant.revoked_at).is_(None),
            col(Person.erased_at).is_(None),
            col(Person.email).is_not(None),
        )
        .distinct()
        .order_by(Person.id)
    )
    return [Reader(*row) for row in rows]
