"""What was erased, when, by whom."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Erasure(SQLModel, table=True):
    """A person (no `entry_id`) or one entry of theirs was erased. Kept for ever and without a word of what it was, so
    that nothing brings it back: neither an old phone nor an old backup. `reason`: why one entry was."""

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    entry_id: str | None = Field(default=None, unique=True)
    reason: str = ""
    at: datetime = Field(sa_type=Instant)
    by: str | None = Field(default=None, foreign_key="person.id")
