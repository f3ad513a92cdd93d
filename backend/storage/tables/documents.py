"""What is kept with a merchant's file: a price list, a certificate, a signed charter."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class MerchantDocument(SQLModel, table=True):
    """A file that the coordination keeps with a merchant. Its bytes are `backend/documents.py`'s, by the hash of what
    was sent; they go when it is taken off the file, and this row stays: what there was, who brought it, who took it
    off. `media` and `bytes`: of what is kept."""

    __tablename__ = "merchant_document"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    sha256: str = Field(index=True)
    media: str
    bytes: int
    title: str
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(foreign_key="person.id")
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_by: str | None = Field(default=None, foreign_key="person.id")
