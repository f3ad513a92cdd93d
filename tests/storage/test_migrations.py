"""The migrations make exactly the tables that the models describe, on both engines."""

from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from backend.storage.engine import Database, fact
from tests.databases import ENGINES, NewDatabase, sqlalchemy_url


def schema(database: Database) -> dict[str, Any]:
    """All that the database itself says of its tables."""
    with database._writing.connect() as connection:
        seen = inspect(connection)
        return {
            table: {
                "columns": [{**column, "type": repr(column["type"])} for column in seen.get_columns(table)],
                "key": seen.get_pk_constraint(table),
                "foreign": sorted(seen.get_foreign_keys(table), key=str),
                "unique": sorted(seen.get_unique_constraints(table), key=str),
                "indexes": sorted(seen.get_indexes(table), key=str),
            }
            for table in seen.get_table_names()
            if table != "alembic_version"
        }


@pytest.mark.parametrize("engine", ENGINES)
def test_the_migrations_make_exactly_what_the_models_describe(
    engine: str, empty_database: NewDatabase
) -> None:
    migrated = Database(sqlalchemy_url(empty_database(engine)))
    migrated.migrate()
    url = sqlalchemy_url(empty_database(engine))
    alchemy = create_engine(url)
    SQLModel.metadata.create_all(alchemy)
    alchemy.dispose()
    described = Database(url)
    assert schema(migrated) == schema(described)
    assert set(schema(migrated)) == set(SQLModel.metadata.tables)
    migrated.close()
    described.close()


def test_upgrading_twice_is_upgrading_once(database: Database) -> None:
    with database.read() as session:
        facts = fact(session, "epoch"), fact(session, "secret")
    before = schema(database)
    database.migrate()
    assert schema(database) == before
    with database.read() as session:
        versions = session.connection().execute(text("SELECT version_num FROM alembic_version")).all()
        assert (fact(session, "epoch"), fact(session, "secret")) == facts
    assert len(versions) == 1
