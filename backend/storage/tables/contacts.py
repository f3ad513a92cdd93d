"""The people one speaks to in a shop."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class MerchantContact(SQLModel, table=True):
    """Someone to speak to at a merchant's. For calling and writing about the fund only: deleted when taken off the
    file, and two years after the merchant left (`retention.py`); records never hold the name. `shared_at`: since when
    this person agrees that Moneko has their details; nothing of them goes there before."""

    __tablename__ = "merchant_contact"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    name: str
    function: str = ""
    phone: str = ""
    email: str = ""
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(foreign_key="person.id")
    shared_at: datetime | None = Field(default=None, sa_type=Instant)
