"""E-mails that wait, or went."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Mail(SQLModel, table=True):
    """One e-mail to one address. It waits until `sent_at`; `next_try_at` moves away with each failure.

    `kind`: why it was written (`mails.Kind`); `person_id`: whose address it is, when it is one of ours.
    """

    id: str = Field(primary_key=True)
    kind: str
    to: str
    subject: str
    text: str = Field(sa_type=Text)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    merchant_id: str | None = Field(default=None, foreign_key="merchant.id", index=True)
    queued_at: datetime = Field(sa_type=Instant)
    next_try_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    tries: int = 0
    trouble: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
