"""What Moneko's software is told."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Announcement(SQLModel, table=True):
    """A change of a merchant's situation on its way to Moneko's software; its `id` is the message's, and stays.

    `topic`: what changed (`domain/announcements.py`); `body`: the message, as it travels. It waits until `sent_at`;
    `next_try_at` moves away with each failure, and is empty once the receiver wants no more. `trying_since`: a process
    has it in hand. `said`: the first words of the answer. Nobody's name is in it; kept 90 days once received.
    """

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    topic: str
    body: str = Field(sa_type=Text)
    occurred_at: datetime = Field(sa_type=Instant)
    next_try_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    tries: int = 0
    trouble: str = ""
    said: str = ""
    trying_since: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
