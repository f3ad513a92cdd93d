"""Merchants, where they sell, and their dated records."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Merchant(SQLModel, table=True):
    """A legal person. `stage`, `standing` and their dates are projections of its records. `followed_by`: who of the
    coordination looks after it."""

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
    families: str = ""  # of products: their codes, apart by commas
    followed_by: str | None = Field(default=None, foreign_key="person.id", index=True)


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
    access: str = ""  # with a wheelchair: yes, limited, no; nothing: not known
    access_note: str = ""
    payable: str = ""  # in Moneko: all, some; nothing: not known
    payable_note: str = ""
    paying: str = ""  # how one pays in Moneko: codes of ways, apart by commas; nothing: not known
    paying_note: str = ""


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
