"""The accounts of those who work for the fund: who may do what, and where."""

from datetime import datetime
from gettext import gettext as _

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.people import Grant, Role
from backend.storage.people import add_person, grant_role, grants_of, person_by_email, territories
from backend.storage.tables import Person, RoleGrant, SignIn


def hire(
    session: Session,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    territory_id: str | None,
    passphrase_hash: str,
) -> Person:
    """A member of staff with this role. Someone known by this e-mail gets the role and the new passphrase.

    Raises form_invalid when the territory does not exist, or the role needs one.
    """
    _must_have_place(session, role, territory_id)
    person = person_by_email(session, email) or add_person(session, name or email, now, email=email)
    person.name = name or person.name
    person.passphrase_hash = passphrase_hash
    session.add(person)
    if Grant(role, territory_id) not in grants_of(session, person.id):
        grant_role(session, person.id, role, now, territory_id=territory_id, by=None)
    return person


def dismiss(session: Session, email: str, role: Role | None, now: datetime) -> None:
    """End what someone of the staff may do: this role wherever they hold it, or (None) all they have; their
    sessions end too. Raises form_invalid when there is no such account."""
    person = person_by_email(session, email)
    held = _held(session, person.id) if person else []
    ended = [grant for grant in held if role in (None, grant.role)]
    if person is None or not ended:
        sentence = _("Personne n’a ce rôle sous l’adresse {email}. Regardez la liste : user list.")
        raise Refusal("form_invalid", sentence=sentence.format(email=email))
    for grant in ended:
        grant.revoked_at = now
    open_ones = select(SignIn).where(SignIn.person_id == person.id, col(SignIn.ended_at).is_(None))
    for sign_in in session.exec(open_ones):
        sign_in.ended_at = now


def _held(session: Session, person_id: str) -> list[RoleGrant]:
    """Someone's roles among the staff: going on visits is another matter."""
    grants = select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    return list(session.exec(grants.where(RoleGrant.role != Role.EVALUATOR)))


def staff(session: Session) -> list[tuple[Person, Grant]]:
    """Who holds which role among the staff, and where; by e-mail."""
    rows = session.exec(
        select(Person, RoleGrant)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(col(RoleGrant.revoked_at).is_(None), RoleGrant.role != Role.EVALUATOR)
        .where(col(Person.erased_at).is_(None))
        .order_by(col(Person.email), col(RoleGrant.role), col(RoleGrant.territory_id))
    )
    return [(person, Grant(Role(grant.role), grant.territory_id)) for person, grant in rows]


def _must_have_place(session: Session, role: Role, territory_id: str | None) -> None:
    if territory_id is None and role not in (Role.COORDINATION, Role.COMMITTEE):
        return
    known = [territory.id for territory in territories(session)]
    if territory_id not in known:
        sentence = _("Dites le territoire, parmi ceux de cette caisse : {known}.")
        raise Refusal("form_invalid", sentence=sentence.format(known=", ".join(known) or "–"))
