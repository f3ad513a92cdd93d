"""Every row of every table as JSON, the same on both engines: what a backup keeps, and what it gives back."""

import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Table, TypeDecorator, inspect
from sqlalchemy import select as select_rows
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, SQLModel, select

from backend.storage.tables import Counter, Meta

Row = Mapping[str, Any]
"""A row as JSON has it: dates and instants in ISO 8601."""

AT_ONCE = 1000  # rows in one statement
_OF_EVERY_DATABASE = {Meta.__tablename__, Counter.__tablename__}  # an empty one has them too


class Misfit(Exception):
    """These rows are not those of our tables; `table` is the first that does not fit."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


def _tables() -> list[Table]:
    """Ours, each after those that it refers to."""
    return list(SQLModel.metadata.sorted_tables)


def table_names() -> list[str]:
    return [table.name for table in _tables()]


def newest_version() -> str:
    """The version of the tables that this code knows."""
    return str(ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head())


def version(session: Session) -> str | None:
    """The version of this database's tables; None when it has none."""
    connection = session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def is_empty(session: Session) -> bool:
    """Whether nothing was ever written here."""
    there = set(inspect(session.connection()).get_table_names())
    return not any(
        session.execute(select_rows(table).limit(1)).first()
        for table in _tables()
        if table.name in there - _OF_EVERY_DATABASE
    )


def rows(session: Session, table_name: str) -> Iterator[Row]:
    """All rows of a table."""
    table = SQLModel.metadata.tables[table_name]
    statement = select_rows(table).order_by(*table.primary_key)
    for row in session.execute(statement, execution_options={"yield_per": AT_ONCE}):
        yield {name: _as_json(value) for name, value in row._mapping.items()}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def replace_all(session: Session, rows_of: Callable[[str], Generator[Row]]) -> None:
    """Put these rows in place of all there are, under a new epoch, so that phones send again what they keep.

    Raises Misfit.
    """
    for table in reversed(_tables()):
        session.execute(table.delete())
    for table in _tables():
        try:
            with closing(rows_of(table.name)) as found:
                _fill(session, table, found)
        except OperationalError:  # a full disk, say, is not the rows' fault
            raise
        except (SQLAlchemyError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Misfit(table.name) from error
    _new_epoch(session)


def _fill(session: Session, table: Table, found: Iterable[Row]) -> None:
    values = ({column.name: _value(column, row) for column in _columns(table, row)} for row in found)
    while some := list(islice(values, AT_ONCE)):
        session.execute(table.insert(), some)


def _columns(table: Table, row: Row) -> Iterable[Column[Any]]:
    if not isinstance(row, dict) or row.keys() != set(table.columns.keys()):
        raise ValueError(table.name)
    return table.columns


def _value(column: Column[Any], row: Row) -> Any:
    """As Python has it. SQLite takes any type in any column: it is checked here."""
    raw = row[column.name]
    if raw is None or isinstance(column.type, JSON):
        return raw
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    kind = stored.python_type
    if issubclass(kind, date):  # instants too
        return kind.fromisoformat(raw)
    if type(raw) is not kind:
        raise ValueError(column.name)
    return raw


def _new_epoch(session: Session) -> None:
    facts = set(session.exec(select(Meta.key)))
    counters = set(session.exec(select(Counter.name)))
    if facts != {"epoch", "secret"} or counters != {"journal", "places"}:
        raise Misfit(str(Meta.__tablename__))
    session.get_one(Meta, "epoch").value = secrets.token_urlsafe(32)
    session.flush()
