"""Inhabitants and staff, and the ways in."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Territory(SQLModel, table=True):
    """`quorum`: how many people its committee must be to decide; none was fixed yet when it is missing."""

    id: str = Field(primary_key=True)
    name: str
    phone: str = ""
    email: str = ""
    lat: float
    lon: float
    quorum: int | None = None


class Person(SQLModel, table=True):
    """A human being. `name`: a first name suffices; `email`, `phone`: to reach them; erased on request."""

    id: str = Field(primary_key=True)
    name: str
    email: str | None = Field(default=None, unique=True)
    phone: str | None = None
    passphrase_hash: str | None = None
    territory_id: str | None = Field(default=None, foreign_key="territory.id")
    created_at: datetime = Field(sa_type=Instant)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class RoleGrant(SQLModel, table=True):
    """Who may act as what, where (no territory: everywhere), since when, given by whom; taken back when, by whom."""

    __tablename__ = "role_grant"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    role: str
    territory_id: str | None = Field(default=None, foreign_key="territory.id")
    granted_at: datetime = Field(sa_type=Instant)
    granted_by: str | None = Field(default=None, foreign_key="person.id")
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = Field(default=None, foreign_key="person.id")


class Invitation(SQLModel, table=True):
    """One person's way in. The code itself is derived from the secret and the id, never stored."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime = Field(sa_type=Instant)


class Device(SQLModel, table=True):
    id: str = Field(primary_key=True)
    key_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class Enrolment(SQLModel, table=True):
    """A person on a device; a device may hold several people."""

    device_id: str = Field(primary_key=True, foreign_key="device.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)


class SignIn(SQLModel, table=True):
    """A server-side session, of a device or of a staff member. Only the token's hash is kept."""

    __tablename__ = "sign_in"
    token_hash: str = Field(primary_key=True)
    device_id: str | None = Field(default=None, foreign_key="device.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class FormKey(SQLModel, table=True):
    """A form already taken: the same key again answers the same page and changes nothing."""

    __tablename__ = "form_key"
    key: str = Field(primary_key=True)
    person_id: str
    at: datetime = Field(sa_type=Instant)
    location: str
