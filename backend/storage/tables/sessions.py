"""The committee's sessions: who was there, what was on the agenda, and how each decision was taken."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class CommitteeSession(SQLModel, table=True):
    """One meeting of a territory's committee. `others`: how many were there whose names nobody wrote.

    Once closed, `quorum` is the one that held that day and `minutes` are its contents, which never change again.
    """

    __tablename__ = "committee_session"
    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)
    held_on: date
    place: str = ""
    others: int = 0
    quorum: int | None = None
    minutes: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    created_by: str = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    closed_by: str | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class SessionPresence(SQLModel, table=True):
    """Someone who was there. `name`: a first name suffices, to say in the minutes who decided; kept as long as them.

    `person_id`: when it is one of ours. Taken off the list by mistake corrected: `removed_at`.
    """

    __tablename__ = "session_presence"
    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="committee_session.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    name: str
    noted_at: datetime = Field(sa_type=Instant)
    noted_by: str = Field(foreign_key="person.id")
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class AgendaItem(SQLModel, table=True):
    """A merchant on a session's agenda, at a rank (the lowest first), and why (`domain.committee.Why`)."""

    __tablename__ = "agenda_item"
    __table_args__ = (UniqueConstraint("session_id", "merchant_id"),)
    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="committee_session.id")
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    rank: int
    why: str
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(foreign_key="person.id")
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class DecisionVote(SQLModel, table=True):
    """How a decision was taken in a session. The numbers count everyone, those named in `ballots` included.

    `ballots`: by name, what those present who are named said (for, against, abstain, recused); kept as the minutes.
    """

    __tablename__ = "decision_vote"
    decision_id: str = Field(primary_key=True, foreign_key="decision.id")
    session_id: str = Field(foreign_key="committee_session.id", index=True)
    method: str
    present: int
    quorum: int | None = None
    in_favour: int = 0
    against: int = 0
    abstained: int = 0
    recused: int = 0
    ballots: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class CommitmentFollowing(SQLModel, table=True):
    """What became of a commitment on a day: kept, not kept, or extended to another day (`due`)."""

    __tablename__ = "commitment_following"
    id: str = Field(primary_key=True)
    commitment_id: str = Field(foreign_key="decision_commitment.id", index=True)
    state: str
    noted_on: date
    due: date | None = None
    note: str = Field(default="", sa_type=Text)
    recorded_by: str = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)


class WeeklyLetter(SQLModel, table=True):
    """A territory's letter of the week was written: on that Monday, once."""

    __tablename__ = "weekly_letter"
    territory_id: str = Field(primary_key=True, foreign_key="territory.id")
    monday: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
