"""What the committee decided."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import BIG, Instant


class Decision(SQLModel, table=True):
    """What the committee decided. `returns_on`: when a deferred merchant comes back before it by itself."""

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    outcome: str
    decided_on: date
    valid_until: date | None = None
    reasons: str = Field(sa_type=Text)
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)
    returns_on: date | None = None


class DecisionVisit(SQLModel, table=True):
    """A visit that a decision rests on, the sequence number it was read at, and its score frozen there.

    `counted`: the people whose personal sheets counted.
    """

    __tablename__ = "decision_visit"
    decision_id: str = Field(primary_key=True, foreign_key="decision.id")
    visit_id: str = Field(primary_key=True, foreign_key="visit.id", index=True)
    read_seq: int = Field(sa_type=BIG)
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
