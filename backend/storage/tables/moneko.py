"""What was handed over to Moneko, and what came back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class MonekoPartner(SQLModel, table=True):
    """A merchant that Moneko knows, by its own external id. `took_already`: it took the Moneko before we came."""

    __tablename__ = "moneko_partner"
    merchant_id: str = Field(primary_key=True, foreign_key="merchant.id")
    external_id: str = Field(unique=True)
    took_already: bool = False
    at: datetime = Field(sa_type=Instant)
    by: str | None = Field(default=None, foreign_key="person.id")


class Handover(SQLModel, table=True):
    """Files made for Moneko's back-office. `model`: leads or partners."""

    id: str = Field(primary_key=True)
    model: str
    made_at: datetime = Field(sa_type=Instant, index=True)
    made_by: str = Field(foreign_key="person.id")


class HandoverLine(SQLModel, table=True):
    """What was said of one merchant, by column."""

    __tablename__ = "handover_line"
    handover_id: str = Field(primary_key=True, foreign_key="handover.id")
    merchant_id: str = Field(primary_key=True, foreign_key="merchant.id", index=True)
    position: int
    sent_before: bool
    cells: dict[str, Any] = Field(sa_type=JSON)


class KnownPartner(SQLModel, table=True):
    """A line of Moneko's own list of partners, as imported last. `status` as Moneko writes it, or nothing."""

    __tablename__ = "known_partner"
    external_id: str = Field(primary_key=True)
    name: str
    siret: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    status: str = ""
    imported_at: datetime = Field(sa_type=Instant)


class UnlikePartner(SQLModel, table=True):
    """Somebody looked: this merchant is not that partner of Moneko's list."""

    __tablename__ = "unlike_partner"
    merchant_id: str = Field(primary_key=True, foreign_key="merchant.id")
    external_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")


class MonekoFile(SQLModel, table=True):
    """A file from Moneko, kept until it is applied. `kind`: partners or statuses. Its text is erased then; `result`:
    how many of its lines had which fate."""

    __tablename__ = "moneko_file"
    id: str = Field(primary_key=True)
    kind: str
    filename: str
    text: str = Field(sa_type=Text)
    sent_at: datetime = Field(sa_type=Instant)
    sent_by: str = Field(foreign_key="person.id")
    applied_at: datetime | None = Field(default=None, sa_type=Instant)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
