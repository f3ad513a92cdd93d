"""E-mails that wait, or went."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class Mail(SQLModel, table=True):
    """One e-mail to one address. It waits until `sent_at`; `next_try_at` moves away with each failure, and is empty
    once the mail was given up. Kept to answer "did they get it?", and deleted after 90 days (`retention.py`).

    `kind`: why it was written (`mails.Kind`); `person_id`: whose address it is, when it is one of ours.
    `calendar`: an iCalendar file that goes with it. `not_after`: when it is of no more use.
    `trying_since`: a process has it in hand; `unsure_since`: one died with it in hand. `said`: the mail
    server's own words.
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
    calendar: str | None = Field(default=None, sa_type=Text)
    not_after: datetime | None = Field(default=None, sa_type=Instant)
    trying_since: datetime | None = Field(default=None, sa_type=Instant)
    unsure_since: datetime | None = Field(default=None, sa_type=Instant)
    said: str | None = None
    retried_at: datetime | None = Field(default=None, sa_type=Instant)


class MailRefusal(SQLModel, table=True):
    """Someone no longer wants e-mails of this kind, from then until `ended_at`. Kept as long as the person is: else
    they would be written to again."""

    __tablename__ = "mail_refusal"
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
