"""The phones of inhabitants: joined with an invitation, left, revoked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.people import normal_code
from backend.storage.people import (
    DEVICES_PER_INVITATION,
    code_hash,
    digest,
    erased_among,
    new_id,
    other_devices,
)
from backend.storage.tables import Device, Enrolment, Invitation, Person, SignIn


def enrol(session: Session, typed_code: str, device_key: str, now: datetime) -> str:
    """Put the person a code invites on the device that holds this key; return the device's id.

    The same code with the same key answers the same again. Raises unknown_code, expired_code,
    too_many_devices, person_erased.
    """
    code = normal_code(typed_code)
    if not code.isascii():
        raise Refusal("unknown_code")
    invitation = session.exec(
        select(Invitation).where(Invitation.code_hash == code_hash(session, code)).with_for_update()
    ).first()
    if invitation is None:
        raise Refusal("unknown_code")
    if erased_among(session, {invitation.person_id}):
        raise Refusal("person_erased")
    device = session.exec(select(Device).where(Device.key_hash == digest(device_key))).first()
    enrolment = session.get(Enrolment, (device.id, invitation.person_id)) if device else None
    if device and enrolment and enrolment.invitation_id == invitation.id and not enrolment.left_at:
        if device.revoked_at:
            raise Refusal("expired_code")
        return device.id  # a lost answer asked again locks nobody out, even after the last day
    if invitation.expires_at <= now:
        raise Refusal("expired_code")
    if other_devices(session, invitation.id, device) >= DEVICES_PER_INVITATION:
        raise Refusal("too_many_devices", limit=DEVICES_PER_INVITATION)
    return _put_on_device(session, invitation, device, enrolment, digest(device_key), now)


def _put_on_device(
    session: Session,
    invitation: Invitation,
    device: Device | None,
    enrolment: Enrolment | None,
    key_hash: str,
    now: datetime,
) -> str:
    if device is None:
        device = Device(id=new_id(), key_hash=key_hash, created_at=now)
        session.add(device)
        session.flush()
    device.revoked_at = None
    if enrolment is None:
        enrolment = Enrolment(
            device_id=device.id, person_id=invitation.person_id, invitation_id=invitation.id, at=now
        )
    enrolment.invitation_id, enrolment.left_at = invitation.id, None
    session.add(enrolment)
    session.flush()
    return device.id


def leave_device(session: Session, device_id: str, now: datetime) -> None:
    """Everyone leaves this device; what it sent stays, its sessions end."""
    for enrolment in session.exec(select(Enrolment).where(Enrolment.device_id == device_id)):
        enrolment.left_at = enrolment.left_at or now
    _end_sessions_of(session, device_id, now)


def leave_alone(session: Session, device_id: str, person_id: str, now: datetime) -> None:
    """One of the people of a device leaves it; the others go on."""
    enrolment = session.get(Enrolment, (device_id, person_id))
    if enrolment is not None:
        enrolment.left_at = enrolment.left_at or now


def _end_sessions_of(session: Session, device_id: str, now: datetime) -> None:
    for sign_in in session.exec(
        select(SignIn).where(SignIn.device_id == device_id, col(SignIn.ended_at).is_(None))
    ):
        sign_in.ended_at = now


@dataclass(frozen=True)
class Enrolled:
    """A device that a person joined with: since when, and whether it still may send."""

    device_id: str
    since: datetime
    ended_at: datetime | None


def enrolled(session: Session, person_ids: Collection[str]) -> dict[str, list[Enrolled]]:
    """The devices of each of these people, oldest first."""
    found: dict[str, list[Enrolled]] = {person_id: [] for person_id in person_ids}
    rows = session.exec(
        select(Enrolment, Device)
        .join(Device, col(Device.id) == Enrolment.device_id)
        .where(col(Enrolment.person_id).in_(list(found)))
        .order_by(col(Enrolment.at), col(Enrolment.device_id))
    )
    for enrolment, device in rows:
        ended = min(filter(None, (enrolment.left_at, device.revoked_at)), default=None)
        found[enrolment.person_id].append(Enrolled(device.id, enrolment.at, ended))
    return found


def ever_on(session: Session, device_id: str) -> list[Person]:
    """Everyone who ever joined with this device."""
    return list(
        session.exec(
            select(Person)
            .join(Enrolment, col(Enrolment.person_id) == Person.id)
            .where(Enrolment.device_id == device_id)
        )
    )


def revoke_device(session: Session, device_id: str, now: datetime) -> None:
    """This device may no longer send; what it holds stays on it, and a new invitation lets it resume."""
    device = session.get(Device, device_id)
    if device is None:
        raise Refusal("not_found")
    device.revoked_at = device.revoked_at or now
    session.add(device)
    _end_sessions_of(session, device_id, now)


def people_on(session: Session, device_id: str) -> list[Person]:
    return list(
        session.exec(
            select(Person)
            .join(Enrolment, col(Enrolment.person_id) == Person.id)
            .where(
                Enrolment.device_id == device_id,
                col(Enrolment.left_at).is_(None),
                col(Person.erased_at).is_(None),
            )
            .order_by(Person.id)
        )
    )
