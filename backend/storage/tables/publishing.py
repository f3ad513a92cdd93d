"""What the public was told of merchants, and what it tells the fund."""

from datetime import datetime

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class PublicWords(SQLModel, table=True):
    """What the committee lets everyone read of a decision: its words, and which commitments. The latest counts; empty
    ones take back those before."""

    __tablename__ = "public_words"
    id: str = Field(primary_key=True)
    decision_id: str = Field(foreign_key="decision.id", index=True)
    words: str = Field(default="", sa_type=Text)
    commitments: list[str] = Field(default_factory=list, sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")


class PlaceAlias(SQLModel, table=True):
    """The address that a sales point had before it was joined with another: it leads there for ever."""

    __tablename__ = "place_alias"
    slug: str = Field(primary_key=True)
    sales_point_id: str = Field(foreign_key="sales_point.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")


class Publication(SQLModel, table=True):
    """When a sales point first was public, when what is said of it last changed, and when it left. `digest`: of what
    is said. Kept for ever: other sites ask what left since they last asked."""

    slug: str = Field(primary_key=True)
    digest: str
    appeared_at: datetime = Field(sa_type=Instant, index=True)
    changed_at: datetime = Field(sa_type=Instant, index=True)
    left_at: datetime | None = Field(default=None, sa_type=Instant, index=True)


class Report(SQLModel, table=True):
    """An error that somebody of the public saw on a sheet, who is not known and never was. `text`: their words, erased
    a year after (`retention.py`)."""

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    sales_point_id: str = Field(foreign_key="sales_point.id", index=True)
    kind: str
    text: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    handled_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    handled_by: str | None = Field(default=None, foreign_key="person.id")
    handled_how: str = Field(default="", sa_type=Text)


class Suggestion(SQLModel, table=True):
    """A shop that somebody of the public proposes, in their words. `email`: to hear back only, given with consent,
    erased a year after (`retention.py`)."""

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    name: str
    postcode: str = ""
    city: str = ""
    words: str = Field(default="", sa_type=Text)
    email: str | None = None
    at: datetime = Field(sa_type=Instant)
