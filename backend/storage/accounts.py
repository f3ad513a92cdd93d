"""The accounts of those who work for the fund: who may do what, where, since when, and who said so."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.people import NEEDS_A_TERRITORY, Grant, Role, code_from, spaced_code
from backend.storage.people import add_person, digest, grant_role, grants_of, person_by_email, territories
from backend.storage.tables import Person, RoleGrant, SignIn


def invented_passphrase() -> str:
    """100 bits, in letters and digits that are not misread."""
    return "-".join(spaced_code(code_from(secrets.token_bytes(7))) for _half in range(2))


# --- opening ---


def hire(
    session: Session,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    territory_id: str | None,
    passphrase_hash: str,
    by: str | None = None,
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
        grant_role(session, person.id, role, now, territory_id=territory_id, by=by)
    return person


def open_one(
    session: Session,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    territory_id: str | None,
    passphrase_hash: str,
    by: str,
) -> Person:
    """A new account; raises account_exists when this e-mail already has one: nobody's passphrase changes unawares."""
    _hold(session, "")
    person = person_by_email(session, email)
    if person is not None and _held(session, person.id):
        raise Refusal("account_exists", email=email)
    return hire(
        session, email, name, role, now, territory_id=territory_id, passphrase_hash=passphrase_hash, by=by
    )


def _must_have_place(session: Session, role: Role, territory_id: str | None) -> None:
    if territory_id is None and role not in NEEDS_A_TERRITORY:
        return
    known = [territory.id for territory in territories(session)]
    if territory_id not in known:
        sentence = _("Dites le territoire, parmi ceux de cette caisse : {known}.")
        raise Refusal("form_invalid", sentence=sentence.format(known=", ".join(known) or "–"))


# --- reading ---


@dataclass(frozen=True)
class Account:
    """Someone with what they may do now, what they could do once, newest first."""

    person: Person
    grants: Sequence[RoleGrant]
    past: Sequence[RoleGrant]


def get(session: Session, person_id: str) -> Account:
    """The account of someone who works, or worked, for the fund; raises not_found."""
    person = session.get(Person, person_id)
    ever = session.exec(
        select(RoleGrant)
        .where(RoleGrant.person_id == person_id, RoleGrant.role != Role.EVALUATOR)
        .order_by(col(RoleGrant.granted_at).desc(), col(RoleGrant.id).desc())
    ).all()
    if person is None or person.erased_at or not ever:
        raise Refusal("not_found")
    return Account(
        person,
        [each for each in ever if each.revoked_at is None],
        [each for each in ever if each.revoked_at is not None],
    )


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


def closed(session: Session) -> list[Person]:
    """Those who had an account once and have none now; by name."""
    now_in = {person.id for person, _grant in staff(session)}
    rows = session.exec(
        select(Person)
        .where(col(Person.id).in_(select(RoleGrant.person_id).where(RoleGrant.role != Role.EVALUATOR)))
        .where(col(Person.erased_at).is_(None))
        .order_by(Person.name, Person.id)
    )
    return [person for person in rows if person.id not in now_in]


def _held(session: Session, person_id: str) -> list[RoleGrant]:
    """Someone's roles among the staff: going on visits is another matter."""
    grants = select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    return list(session.exec(grants.where(RoleGrant.role != Role.EVALUATOR)))


# --- changing ---


def rename(session: Session, person_id: str, name: str) -> None:
    """The name that the others read."""
    person = get(session, person_id).person
    person.name = name
    session.add(person)


def give_role(
    session: Session, person_id: str, role: Role, territory_id: str | None, now: datetime, *, by: str
) -> None:
    """One more role; given twice, held once. Raises form_invalid without a territory that it needs."""
    _hold(session, person_id)
    _must_have_place(session, role, territory_id)
    if Grant(role, territory_id) not in grants_of(session, person_id):
        grant_role(session, person_id, role, now, territory_id=territory_id, by=by)


def renew_passphrase(session: Session, person_id: str, passphrase_hash: str, now: datetime) -> None:
    """Another passphrase; whoever came in with the old one is outside. Raises not_found for a closed account."""
    account = get(session, person_id)
    if not account.grants:
        raise Refusal("not_found")
    account.person.passphrase_hash = passphrase_hash
    session.add(account.person)
    end_sessions(session, person_id, now)


def take_back(session: Session, person_id: str, grant_id: str, now: datetime, *, by: str) -> None:
    """End one role; their sessions end at once. Taken back twice, done once. Raises not_found, last_admin."""
    _hold(session, person_id)
    account = get(session, person_id)
    if grant_id not in {each.id for each in (*account.grants, *account.past)}:
        raise Refusal("not_found")
    ended = [each for each in account.grants if each.id == grant_id]
    if ended:
        _end(session, person_id, ended, now, by)


def close(session: Session, person_id: str, now: datetime, *, by: str) -> None:
    """End all that someone of the staff may do, at once; what they wrote keeps their name. Raises not_found,
    last_admin."""
    _hold(session, person_id)
    account = get(session, person_id)
    _end(session, person_id, account.grants, now, by)
    account.person.passphrase_hash = None
    session.add(account.person)


def dismiss(session: Session, email: str, role: Role | None, now: datetime) -> None:
    """End what someone of the staff may do: this role wherever they hold it, or (None) all they have; their
    sessions end too. Raises form_invalid when there is no such account, last_admin."""
    person = person_by_email(session, email)
    held = _held(session, person.id) if person else []
    ended = [grant for grant in held if role in (None, grant.role)]
    if person is None or not ended:
        sentence = _("Personne n’a ce rôle sous l’adresse {email}. Regardez la liste : user list.")
        raise Refusal("form_invalid", sentence=sentence.format(email=email))
    _hold(session, person.id)
    _end(session, person.id, ended, now, None)


def _hold(session: Session, person_id: str) -> None:
    """One change of roles after the other: two admins who dismiss each other leave one."""
    admins = select(RoleGrant).where(RoleGrant.role == Role.ADMIN, col(RoleGrant.revoked_at).is_(None))
    session.exec(admins.order_by(col(RoleGrant.id)).with_for_update()).all()
    session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()


def _end(
    session: Session, person_id: str, grants: Collection[RoleGrant], now: datetime, by: str | None
) -> None:
    if any(each.role == Role.ADMIN for each in grants) and not _other_admins(session, grants):
        raise Refusal("last_admin")
    for grant in grants:
        grant.revoked_at, grant.revoked_by = now, by
        session.add(grant)
    end_sessions(session, person_id, now)


def _other_admins(session: Session, ended: Collection[RoleGrant]) -> bool:
    """Whether somebody is still an admin once these roles are over."""
    admins = select(RoleGrant.id).where(RoleGrant.role == Role.ADMIN, col(RoleGrant.revoked_at).is_(None))
    return bool(set(session.exec(admins)) - {each.id for each in ended})


# --- sessions ---


def sessions_of(session: Session, person_id: str, now: datetime) -> list[SignIn]:
    """The sessions in which this person is signed in now, newest first."""
    live = select(SignIn).where(
        SignIn.person_id == person_id, col(SignIn.ended_at).is_(None), SignIn.expires_at > now
    )
    return list(session.exec(live.order_by(col(SignIn.created_at).desc())))


def end_sessions(session: Session, person_id: str, now: datetime, *, but: str = "") -> None:
    """Sign this person out everywhere, except where `but` (a cookie's token) is."""
    open_ones = select(SignIn).where(SignIn.person_id == person_id, col(SignIn.ended_at).is_(None))
    for sign_in in session.exec(open_ones):
        if not but or sign_in.token_hash != digest(but):
            sign_in.ended_at = now
            session.add(sign_in)
