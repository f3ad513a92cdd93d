"""Merchants that were one and the same, and those that look it and are not."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class MerchantAlias(SQLModel, table=True):
    """An id that a merchant had before it was merged into another, or Moneko's second id for it: good for ever."""

    __tablename__ = "merchant_alias"
    old_id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")


class DistinctMerchants(SQLModel, table=True):
    """Somebody looked: these two, the lesser id first, are not the same merchant."""

    __tablename__ = "distinct_merchants"
    first_id: str = Field(primary_key=True, foreign_key="merchant.id")
    second_id: str = Field(primary_key=True, foreign_key="merchant.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")
