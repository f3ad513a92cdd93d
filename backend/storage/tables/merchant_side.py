"""The merchant's side: their personal link, what they say of themselves, and what they answer."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from backend.storage.tables.base import Instant


class MerchantLink(SQLModel, table=True):
    """A merchant's way to their own page, without an account. Only hashes are kept: `secret_hash` of what stands in
    the address, `form_hash` of the key of the form that asked for it, so that the same form gets the same link again.

    `opened_at`: the last time someone opened it, to know whether the merchant got it. Kept as long as the merchant.
    """

    __tablename__ = "merchant_link"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    secret_hash: str = Field(unique=True)
    form_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(foreign_key="person.id")
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = Field(default=None, foreign_key="person.id")
    opened_at: datetime | None = Field(default=None, sa_type=Instant)


class MerchantSignIn(SQLModel, table=True):
    """A browser in which a personal link was opened, for a day. Only the token's hash is kept."""

    __tablename__ = "merchant_sign_in"
    token_hash: str = Field(primary_key=True)
    link_id: str = Field(foreign_key="merchant_link.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class DecisionRelease(SQLModel, table=True):
    """The coordination lets the merchant learn of a decision by opening their link."""

    __tablename__ = "decision_release"
    decision_id: str = Field(primary_key=True, foreign_key="decision.id")
    released_at: datetime = Field(sa_type=Instant)
    released_by: str = Field(foreign_key="person.id")


class Declaration(SQLModel, table=True):
    """What a merchant says of itself on one criterion; a later row replaces an earlier one and both are kept.

    `points`: of the level, empty for none; `words`: the merchant's own, kept as long as the decisions they come before.
    """

    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    link_id: str = Field(foreign_key="merchant_link.id")
    grid_id: str
    criterion: str
    points: str = ""
    words: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class MerchantReply(SQLModel, table=True):
    """What a merchant answers to a decision, in their own words, kept as long as the decision."""

    __tablename__ = "merchant_reply"
    id: str = Field(primary_key=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    decision_id: str = Field(foreign_key="decision.id", index=True)
    link_id: str = Field(foreign_key="merchant_link.id")
    text: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class PlaceReport(SQLModel, table=True):
    """What a merchant says is wrong with what is, or will be, published of a sales point; and who saw to it."""

    __tablename__ = "place_report"
    id: str = Field(primary_key=True)
    place_id: str = Field(foreign_key="sales_point.id", index=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    link_id: str = Field(foreign_key="merchant_link.id")
    text: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    handled_at: datetime | None = Field(default=None, sa_type=Instant)
    handled_by: str | None = Field(default=None, foreign_key="person.id")


class Appeal(SQLModel, table=True):
    """A merchant asks the committee to look at a decision again, once per decision, in their own words."""

    id: str = Field(primary_key=True)
    decision_id: str = Field(foreign_key="decision.id", unique=True)
    merchant_id: str = Field(foreign_key="merchant.id", index=True)
    link_id: str = Field(foreign_key="merchant_link.id")
    text: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class AppealStep(SQLModel, table=True):
    """What was done with an appeal (`domain/appeals.py`), each step once. `text`: the answer to the merchant."""

    __tablename__ = "appeal_step"
    appeal_id: str = Field(primary_key=True, foreign_key="appeal.id")
    step: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(foreign_key="person.id")
    text: str = Field(default="", sa_type=Text)
