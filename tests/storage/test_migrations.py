"""The migrations make exactly the tables that the models describe, on both engines."""

from typing import Any

from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from backend.storage.engine import Database
from tests.databases import NewDatabase, sqlalchemy_url


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


def test_the_migrations_make_exactly_what_the_models_describe(
    database: Database, new_database: NewDatabase
) -> None:
    url = sqlalchemy_url(new_database("sqlite" if database.is_sqlite else "postgresql"))
    engine = create_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    from_models = Database(url)
    assert schema(database) == schema(from_models)
    assert set(schema(database)) == set(SQLModel.metadata.tables)
    from_models.close()


def test_upgrading_twice_is_upgrading_once(database: Database) -> None:
    before = schema(database)
    database.migrate()
    assert schema(database) == before
    with database.read() as session:
        versions = session.connection().execute(text("SELECT version_num FROM alembic_version")).all()
    assert len(versions) == 1
