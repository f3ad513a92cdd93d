"""Who can go where: what the coordination knows of an inhabitant, rounds of several shops, reminders."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class District(SQLModel, table=True):
    """A part of a territory, named by its coordination: near enough to plan by, too large to find anybody by."""

    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    name: str
    added_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class PersonFile(SQLModel, table=True):
    """When an inhabitant can go, and where they start from. For planning only; kept as long as they visit.

    `slots`: half-days of a week (`mon-am`…), none when they said nothing. `away_from`, `away_until`: days included.
    """

    __tablename__ = "person_file"
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    slots: list[str] = Field(default_factory=list, sa_type=JSON)
    away_from: date | None = None
    away_until: date | None = None
    district_id: str | None = Field(default=None, foreign_key="district.id")
    version: int = 1
    edited_at: datetime = Field(sa_type=Instant)
    edited_by: str = Field(foreign_key="person.id")


class MerchantTie(SQLModel, table=True):
    """Why a person must not assess a merchant, from then until `ended_at`. For fairness only; an ended one is kept, to
    explain who went earlier, as long as the person is."""

    __tablename__ = "merchant_tie"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    kind: str
    noted_at: datetime = Field(sa_type=Instant)
    noted_by: str = Field(foreign_key="person.id")
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = Field(default=None, foreign_key="person.id")


class Round(SQLModel, table=True):
    """Several visits planned as one trip."""

    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    planned_on: date
    planned_by: str = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)


class RoundVisit(SQLModel, table=True):
    """A visit of a round. `position`: its place in the order first planned."""

    __tablename__ = "round_visit"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    round_id: str = Field(foreign_key="round.id", index=True)
    position: int


class Reminder(SQLModel, table=True):
    """A person was written to, once, about a visit on this day."""

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    planned_on: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
