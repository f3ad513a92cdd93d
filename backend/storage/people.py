"""People, their roles, invitations and sessions. Phones are in `devices.py`, the staff's accounts in `accounts.py`."""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import gettext as _

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from backend.domain import ids
from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.people import Grant, Role, code_from
from backend.storage.engine import fact, now_ms
from backend.storage.tables import (
    Device,
    Enrolment,
    Instant,
    Invitation,
    Person,
    RoleGrant,
    SignIn,
    Territory,
)

DEVICES_PER_INVITATION = 3


_minting = threading.Lock()
_last_minted: str | None = None


def new_id() -> str:
    """A fresh UUIDv7, above all that this process made: what comes after sorts after, within a millisecond too."""
    global _last_minted
    with _minting:
        _last_minted = ids.mint(now_ms(), secrets.randbits(74), _last_minted)
        return _last_minted


def digest(secret: str) -> str:
    """How secrets with enough bits of their own (tokens, device keys) are kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- territories and people ---


def territories(session: Session) -> list[Territory]:
    return list(session.exec(select(Territory).order_by(Territory.name)))


def add_person(
    session: Session,
    name: str,
    now: datetime,
    *,
    territory_id: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    passphrase_hash: str | None = None,
) -> Person:
    """A new person; raises form_invalid when the e-mail is already somebody's."""
    if email and person_by_email(session, email):
        sentence = _("L’adresse {email} est déjà celle de quelqu’un.")
        raise Refusal("form_invalid", sentence=sentence.format(email=email))
    person = Person(
        id=new_id(),
        name=name,
        email=email.lower() if email else None,
        phone=phone,
        passphrase_hash=passphrase_hash,
        territory_id=territory_id,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def add_evaluator(
    session: Session,
    name: str,
    territory_id: str,
    now: datetime,
    *,
    by: str | None,
    email: str | None = None,
    phone: str | None = None,
) -> Person:
    """An inhabitant who may be sent on visits in this territory; raises form_invalid for a name taken there."""
    if any(person.name.casefold() == name.casefold() for person in evaluators(session, territory_id)):
        sentence = _("{name} est déjà dans la liste. Choisissez-y son nom, ou ajoutez une lettre : {name} B.")
        raise Refusal("form_invalid", sentence=sentence.format(name=name))
    person = add_person(session, name, now, territory_id=territory_id, email=email, phone=phone)
    grant_role(session, person.id, Role.EVALUATOR, now, territory_id=territory_id, by=by)
    session.flush()
    return person


def get(session: Session, person_id: str) -> Person:
    """One person; raises not_found."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at:
        raise Refusal("not_found")
    return person


def person_by_email(session: Session, email: str) -> Person | None:
    return session.exec(select(Person).where(Person.email == email.strip().lower())).first()


def grant_role(
    session: Session, person_id: str, role: Role, now: datetime, *, territory_id: str | None, by: str | None
) -> None:
    session.add(
        RoleGrant(
            id=new_id(),
            person_id=person_id,
            role=role,
            territory_id=territory_id,
            granted_at=now,
            granted_by=by,
        )
    )


def grants_of(session: Session, person_id: str) -> tuple[Grant, ...]:
    rows = session.exec(
        select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    )
    return tuple(Grant(Role(row.role), row.territory_id) for row in rows)


def evaluators(session: Session, territory_id: str) -> list[Person]:
    """The inhabitants who may be sent on a visit in this territory, by name (Élodie between Diego and Farid)."""
    found = session.exec(
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            RoleGrant.role == Role.EVALUATOR,
            RoleGrant.territory_id == territory_id,
            col(RoleGrant.revoked_at).is_(None),
            col(Person.erased_at).is_(None),
        )
    )
    return sorted(found, key=lambda person: (folded(person.name), person.id))


def names(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by id, for those that exist."""
    rows = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(list(person_ids))))
    return dict(rows.all())


def erased_among(session: Session, person_ids: Collection[str]) -> set[str]:
    """Which of these people were erased."""
    if not person_ids:
        return set()
    erased = select(Person.id).where(col(Person.id).in_(list(person_ids)), col(Person.erased_at).is_not(None))
    return set(session.exec(erased))


def staff_names(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Names by id of those of them who only ever worked for the fund: no inhabitant's, who may be of the committee."""
    inhabitants = select(RoleGrant.person_id).where(
        col(RoleGrant.role).in_((Role.EVALUATOR, Role.COMMITTEE)),
        col(RoleGrant.person_id).in_(list(person_ids)),
    )
    workers = select(RoleGrant.person_id).where(
        col(RoleGrant.role).in_((Role.COORDINATION, Role.MONEKO, Role.ADMIN)),
        col(RoleGrant.person_id).in_(list(person_ids)),
    )
    rows = session.exec(
        select(Person.id, Person.name).where(col(Person.id).in_(workers), col(Person.id).not_in(inhabitants))
    )
    return dict(rows.all())


def territory_of(session: Session, person_id: str) -> str | None:
    """Where a person lives or works, as far as the fund is concerned."""
    return session.exec(select(Person.territory_id).where(Person.id == person_id)).first()


# --- invitations ---


def code_of(session: Session, invitation_id: str) -> str:
    """The code printed under an invitation's QR: derived, so that it can be printed again."""
    key = fact(session, "secret").encode()
    return code_from(hmac.digest(key, f"invitation:{invitation_id}".encode(), "sha256"))


def code_hash(session: Session, code: str) -> str:
    """How a code is kept: whoever reads the database can join with none of them."""
    return hmac.digest(fact(session, "secret").encode(), f"code:{code}".encode(), "sha256").hex()


def invite(session: Session, person_id: str, now: datetime, *, days: int, by: str | None) -> Invitation:
    """A new way in for one person, valid `days` days."""
    invitation_id = new_id()
    invitation = Invitation(
        id=invitation_id,
        person_id=person_id,
        code_hash=code_hash(session, code_of(session, invitation_id)),
        created_at=now,
        created_by=by,
        expires_at=now + timedelta(days=days),
    )
    session.add(invitation)
    session.flush()
    return invitation


def current_invitation(session: Session, person_id: str, now: datetime) -> Invitation | None:
    """The newest invitation of this person that still has a day before it."""
    return session.exec(
        select(Invitation)
        .where(Invitation.person_id == person_id, col(Invitation.expires_at) > now + timedelta(days=1))
        .order_by(col(Invitation.expires_at).desc())
    ).first()


def usable_invitation(session: Session, person_id: str, now: datetime) -> Invitation | None:
    """The invitation of this person that can be printed again: it has a day before it, and a device left."""
    invitation = current_invitation(session, person_id, now)
    if invitation is None or other_devices(session, invitation.id, None) >= DEVICES_PER_INVITATION:
        return None
    return invitation


def invite_once(session: Session, person_id: str, now: datetime, *, days: int, by: str | None) -> Invitation:
    """The person's invitation that can still be used, else a new one."""
    return usable_invitation(session, person_id, now) or invite(session, person_id, now, days=days, by=by)


def invite_anew(session: Session, person_id: str, now: datetime, *, days: int, by: str | None) -> Invitation:
    """A new invitation for someone who lost theirs; whoever finds the old one comes too late."""
    for lost in session.exec(
        select(Invitation).where(Invitation.person_id == person_id, col(Invitation.expires_at) > now)
    ):
        lost.expires_at = now
        session.add(lost)
    return invite(session, person_id, now, days=days, by=by)


def other_devices(session: Session, invitation_id: str, device: Device | None) -> int:
    """How many devices but this one the invitation was used on, those left since included."""
    used = session.exec(select(Enrolment.device_id).where(Enrolment.invitation_id == invitation_id))
    return len(set(used) - {device.id if device else None})


# --- sessions ---


@dataclass(frozen=True)
class DeviceSession:
    """A phone that is signed in, and who it holds."""

    device_id: str
    people: tuple[tuple[str, str], ...]  # (id, name)
    territory_id: str | None

    @property
    def person_ids(self) -> frozenset[str]:
        return frozenset(person_id for person_id, _ in self.people)


@dataclass(frozen=True)
class StaffSession:
    """A member of staff who is signed in."""

    person_id: str
    name: str
    grants: tuple[Grant, ...]


def open_session(
    session: Session,
    now: datetime,
    *,
    days: int,
    device_id: str | None = None,
    person_id: str | None = None,
) -> str:
    """A new session of a device or of a person; returns the token for the cookie, of which we keep a hash."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=digest(token),
            device_id=device_id,
            person_id=person_id,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    return token


def _live(session: Session, token: str, now: datetime) -> SignIn | None:
    sign_in = session.get(SignIn, digest(token))
    if sign_in is None or sign_in.ended_at or sign_in.expires_at <= now:
        return None
    return sign_in


_ON_DEVICE = (
    select(SignIn.device_id, Person.id, Person.name, Person.territory_id)
    .join(Device, col(Device.id) == SignIn.device_id)
    .join(Enrolment, col(Enrolment.device_id) == SignIn.device_id)
    .join(Person, col(Person.id) == Enrolment.person_id)
    .where(
        SignIn.token_hash == bindparam("token"),
        col(SignIn.ended_at).is_(None),
        col(SignIn.expires_at) > bindparam("now", type_=Instant),
        col(Device.revoked_at).is_(None),
        col(Enrolment.left_at).is_(None),
        col(Person.erased_at).is_(None),
    )
    .order_by(Person.id)
)  # built once: every request of every phone asks it


def device_session(session: Session, token: str, now: datetime) -> DeviceSession | None:
    """The phone that holds this token; None when it was revoked, left, or waited too long."""
    rows = session.execute(_ON_DEVICE, {"token": digest(token), "now": now}).all()
    if not rows:
        return None
    return DeviceSession(rows[0].device_id, tuple((row.id, row.name) for row in rows), rows[0].territory_id)


def staff_session(session: Session, token: str, now: datetime) -> StaffSession | None:
    sign_in = _live(session, token, now)
    person = session.get(Person, sign_in.person_id) if sign_in and sign_in.person_id else None
    if person is None or person.erased_at:
        return None
    return StaffSession(person.id, person.name, grants_of(session, person.id))


def end_session(session: Session, token: str, now: datetime) -> None:
    sign_in = session.get(SignIn, digest(token))
    if sign_in:
        sign_in.ended_at = sign_in.ended_at or now
