"""Visits and their journal."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import BIG, Instant


class Visit(SQLModel, table=True):
    """A planned visit. From `state` on: projections of its journal, rewritten with every entry received.

    `hiding`: it holds personal sheets that not all of its people may see yet.
    """

    __table_args__ = (Index("ix_visit_territory_id_state", "territory_id", "state"),)
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
    last_seq: int = Field(default=0, sa_type=BIG)


class VisitMember(SQLModel, table=True):
    """Who goes, or was to go. `removed_seq`: the end of the journal as they left it; later entries are not theirs
    to see."""

    __tablename__ = "visit_member"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    added_at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_seq: int | None = Field(default=None, sa_type=BIG)


class Entry(SQLModel, table=True):
    """A journal entry as received, for ever. `body` is its canonical JSON, `sha256` of it decides "the same".

    `confirmed_seq`: when its author's own device sent it (none yet: only a relay, by `brought_by`).
    `erased_at`: since then `body` holds no word any more, and `sha256` is still that of what was sent.
    """

    seq: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    id: str = Field(unique=True)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    kind: str
    author_id: str = Field(foreign_key="person.id", index=True)
    device_id: str | None = Field(default=None, foreign_key="device.id")
    brought_by: str | None = Field(default=None, foreign_key="person.id")
    confirmed_seq: int | None = Field(default=None, sa_type=BIG)
    received_at: datetime = Field(sa_type=Instant)
    sha256: str
    body: str = Field(sa_type=Text)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


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
    seq: int = Field(sa_type=BIG)
    device_id: str | None = Field(default=None, foreign_key="device.id")
    brought_by: str | None = Field(default=None, foreign_key="person.id")
    received_at: datetime = Field(sa_type=Instant)
    sha256: str
    body: str = Field(sa_type=Text)


class Resend(SQLModel, table=True):
    """What a person may see of a visit has widened: phones whose cursor is below `seq` get all of it again."""

    seq: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
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
