"""The tables. `table=True` models validate nothing: what comes in was validated by `domain` or at the edge."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid alias must be INTEGER


class Meta(SQLModel, table=True):
    """Facts about this database: its epoch (new after a restore) and its secret."""

    key: str = Field(primary_key=True)
    value: str


class Counter(SQLModel, table=True):
    """`journal`: its sequence. Raising it locks the row until commit, so a lower number never commits later.
    `places`: the version of what the public pages are made of."""

    name: str = Field(primary_key=True)
    value: int = Field(sa_type=_BIG)


# --- people -------------------------------------------------------------------------------------


class Territory(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    phone: str = ""
    email: str = ""
    lat: float
    lon: float


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
    """Who may act as what, where (no territory: everywhere), since when, given by whom."""

    __tablename__ = "role_grant"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    role: str
    territory_id: str | None = Field(default=None, foreign_key="territory.id")
    granted_at: datetime = Field(sa_type=Instant)
    granted_by: str | None = Field(default=None, foreign_key="person.id")
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


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


# --- merchants ----------------------------------------------------------------------------------


class Merchant(SQLModel, table=True):
    """A legal person. `stage`, `standing` and their dates are projections of its records."""

    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    name: str
    kind: str
    siret: str | None = Field(default=None, index=True)
    phone: str = ""
    email: str = ""
    website: str = ""
    products: str = ""
    hand_edited: list[str] = Field(default_factory=list, sa_type=JSON)
    search: str = Field(default="", sa_type=Text)
    stage: str = Field(default="spotted", index=True)
    stage_since: datetime = Field(sa_type=Instant)
    standing: str = Field(default="none", index=True)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)


class SalesPoint(SQLModel, table=True):
    """Where one buys: a shop, a farm door, a stall. `placing`: how its position came
    (file, found, street: only as far as that, hand) or why it has none yet (to_find, by_hand)."""

    __tablename__ = "sales_point"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    slug: str = Field(unique=True)
    label: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    lat: float | None = None
    lon: float | None = None
    placing: str = "by_hand"
    opening_hours: str = ""
    takes_moneko: bool = False
    position: int = 0


class MerchantRecord(SQLModel, table=True):
    """One dated, authored fact of a merchant's life; `domain/merchants.py` knows the kinds and their bodies."""

    __tablename__ = "merchant_record"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    kind: str
    at: datetime = Field(sa_type=Instant)
    author_id: str | None = Field(default=None, foreign_key="person.id")
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class ImportDraft(SQLModel, table=True):
    """A file of merchants. Once applied its text is erased; `result`: how many of its lines had which
    fate, and what of them was left out."""

    __tablename__ = "import_draft"
    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id")
    created_by: str = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    filename: str
    text: str = Field(sa_type=Text)
    applied_at: datetime | None = Field(default=None, sa_type=Instant)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


# --- visits and their journal -------------------------------------------------------------------


class Visit(SQLModel, table=True):
    """A planned visit. From `state` on: projections of its journal, rewritten with every entry received.

    `hiding`: it holds personal sheets that not all of its people may see yet.
    """

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    grid_id: str
    mode: str = "one_phone"
    planned_on: date
    planned_at: str = ""
    planned_by: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = "planned"
    hiding: bool = False
    answered: int = 0
    score: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    last_seq: int = Field(default=0, sa_type=_BIG)


class VisitMember(SQLModel, table=True):
    """Who goes, or was to go. `removed_seq`: the end of the journal as they left it; later entries are not theirs
    to see."""

    __tablename__ = "visit_member"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    added_at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_seq: int | None = Field(default=None, sa_type=_BIG)


class Entry(SQLModel, table=True):
    """A journal entry as received, for ever. `body` is its canonical JSON, `sha256` of it decides "the same".

    `confirmed_seq`: when its author's own device sent it (none yet: only a relay, by `brought_by`).
    """

    seq: int = Field(primary_key=True, sa_type=_BIG, sa_column_kwargs={"autoincrement": False})
    id: str = Field(unique=True)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    kind: str
    author_id: str = Field(foreign_key="person.id", index=True)
    device_id: str | None = Field(default=None, foreign_key="device.id")
    brought_by: str | None = Field(default=None, foreign_key="person.id")
    confirmed_seq: int | None = Field(default=None, sa_type=_BIG)
    received_at: datetime = Field(sa_type=Instant)
    sha256: str
    body: str = Field(sa_type=Text)


class RefusedEntry(SQLModel, table=True):
    """An entry that was refused: it stays on its phone, to be corrected. A closing does not wait for it."""

    __tablename__ = "refused_entry"
    entry_id: str = Field(primary_key=True)
    visit_id: str = Field(primary_key=True, foreign_key="visit.id", index=True)
    at: datetime = Field(sa_type=Instant)
    code: str


class Question(SQLModel, table=True):
    """What the coordination asks the people of a visit, on one criterion or on the visit as a whole."""

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    criterion: str | None = None
    text: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(foreign_key="person.id")


class DisputedEntry(SQLModel, table=True):
    """Another content received under an id already taken: kept, shown, not counted once its author's own device
    has spoken. `seq`: its place in the journal."""

    __tablename__ = "disputed_entry"
    __table_args__ = (UniqueConstraint("entry_id", "sha256"),)
    id: str = Field(primary_key=True)
    entry_id: str = Field(index=True)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    seq: int = Field(sa_type=_BIG)
    device_id: str | None = Field(default=None, foreign_key="device.id")
    brought_by: str | None = Field(default=None, foreign_key="person.id")
    received_at: datetime = Field(sa_type=Instant)
    sha256: str
    body: str = Field(sa_type=Text)


class Resend(SQLModel, table=True):
    """What a person may see of a visit has widened: phones whose cursor is below `seq` get all of it again."""

    seq: int = Field(primary_key=True, sa_type=_BIG, sa_column_kwargs={"autoincrement": False})
    person_id: str = Field(foreign_key="person.id", index=True)
    visit_id: str = Field(foreign_key="visit.id")


class PhotoMention(SQLModel, table=True):
    """Which visit announces which photo: who may send it or see it follows from the visit."""

    __tablename__ = "photo_mention"
    sha256: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    author_id: str = Field(foreign_key="person.id")


class Photo(SQLModel, table=True):
    """A photo whose bytes are on disk. `decoded_at` or `problem`: what the background re-encoding found."""

    sha256: str = Field(primary_key=True)
    bytes: int
    media: str
    received_at: datetime = Field(sa_type=Instant)
    decoded_at: datetime | None = Field(default=None, sa_type=Instant)
    problem: str | None = None
    width: int | None = None
    height: int | None = None


# --- decisions ----------------------------------------------------------------------------------


class Decision(SQLModel, table=True):
    """What the committee decided, with what the grid proposed at that moment."""

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    outcome: str
    decided_on: date
    valid_until: date | None = None
    reasons: str = Field(sa_type=Text)
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)


class DecisionVisit(SQLModel, table=True):
    """A visit that a decision rests on, the sequence number it was read at, and its score frozen there.

    `counted`: the people whose personal sheets counted.
    """

    __tablename__ = "decision_visit"
    decision_id: str = Field(primary_key=True, foreign_key="decision.id")
    visit_id: str = Field(primary_key=True, foreign_key="visit.id", index=True)
    read_seq: int = Field(sa_type=_BIG)
    counted: list[str] = Field(default_factory=list, sa_type=JSON)
    score: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class DecisionCommitment(SQLModel, table=True):
    """What a merchant commits to, tied to a criterion, with its date."""

    __tablename__ = "decision_commitment"
    id: str = Field(primary_key=True)
    decision_id: str = Field(foreign_key="decision.id", index=True)
    criterion: str
    text: str = Field(sa_type=Text)
    due: date | None = None
