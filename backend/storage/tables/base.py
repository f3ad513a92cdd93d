"""The tables. `table=True` models validate nothing: what comes in was validated by `domain` or at the edge."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid alias must be INTEGER


class Meta(SQLModel, table=True):
    """Facts about this database: its epoch (new after a restore) and its secret."""

    key: str = Field(primary_key=True)
    value: str


class Counter(SQLModel, table=True):
    """`journal`: its sequence. Raising it locks the row until commit, so a lower number never commits later.
    `places`: the version of what the public pages are made of."""

    name: str = Field(primary_key=True)
    value: int = Field(sa_type=BIG)
