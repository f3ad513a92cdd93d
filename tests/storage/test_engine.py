"""The writer and the readers: what is answered is on disk, and one job's fault is nobody else's."""

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

import pysqlite3
import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from backend.domain.errors import Refusal
from backend.storage.engine import Database
from backend.storage.tables import Meta
from tests.databases import NewDatabase, sqlalchemy_url
from tests.refusing import refused


def put(key: str, value: str = "") -> Any:
    def work(session: Session) -> str:
        session.add(Meta(key=key, value=value))
        session.flush()
        return key

    return work


def kept(database: Database) -> set[str]:
    """What is there, as someone else sees it."""
    elsewhere = Database(database.url.render_as_string(hide_password=False))
    with elsewhere.read() as session:
        keys = set(session.exec(select(Meta.key).where(col(Meta.key).startswith("test-"))))
    elsewhere.close()
    return keys


class Gate:
    """A job that keeps the writers busy until it is opened, so that what is queued meanwhile waits together."""

    def __init__(self, database: Database) -> None:
        self._open = threading.Event()
        began = [threading.Event() for _ in database._threads]
        self._jobs = [database.submit(lambda _session, mine=mine: self._wait(mine)) for mine in began]
        for event in began:
            event.wait()

    def _wait(self, began: threading.Event) -> None:
        began.set()
        self._open.wait()

    def open(self) -> None:
        self._open.set()
        for job in self._jobs:
            job.result()


# --- writing ---


def test_what_is_answered_is_committed(database: Database) -> None:
    assert database.write(put("test-a")) == "test-a"
    assert kept(database) == {"test-a"}


def test_jobs_that_wait_together_are_all_answered_and_one_that_fails_takes_nothing_with_it(
    database: Database,
) -> None:
    gate = Gate(database)

    def fails(session: Session) -> None:
        put("test-lost")(session)
        raise Refusal("wrong_grid", expected="a", grid="b")

    before, bad, after = (
        database.submit(put("test-1")),
        database.submit(fails),
        database.submit(put("test-2")),
    )
    gate.open()
    assert (before.result(), after.result()) == ("test-1", "test-2")
    with refused("wrong_grid"):
        bad.result()
    assert kept(database) == {"test-1", "test-2"}


def test_a_row_that_cannot_be_written_fails_its_own_job_only(database: Database) -> None:
    gate = Gate(database)

    def twice(session: Session) -> None:
        put("test-same")(session)
        session.connection().execute(text("INSERT INTO meta (key, value) VALUES ('test-same', '')"))

    bad, good = database.submit(twice), database.submit(put("test-1"))
    gate.open()
    assert good.result() == "test-1"
    with pytest.raises(Exception, match=r"(?i)unique"):
        bad.result()
    assert kept(database) == {"test-1"}


def test_a_request_that_is_cancelled_before_its_turn_does_not_end_the_writer(database: Database) -> None:
    gate = Gate(database)
    waiting: Future[str] = database.submit(put("test-never"))
    assert waiting.cancel()
    gate.open()
    assert database.write(put("test-1")) == "test-1"
    assert kept(database) == {"test-1"}


def test_a_request_that_is_cancelled_while_it_is_written_is_still_written(database: Database) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        began.set()
        go_on.wait()
        put("test-1")(session)

    async def ask() -> None:
        job = asyncio.wrap_future(database.submit(slow))
        await asyncio.to_thread(began.wait)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        go_on.set()

    asyncio.run(ask())
    database.write(put("test-2"))
    database.close()
    assert kept(database) == {"test-1", "test-2"}


def test_closing_finishes_what_is_queued(database: Database) -> None:
    gate = Gate(database)
    queued = [database.submit(put(f"test-{n}")) for n in range(100)]
    gate.open()
    database.close()
    assert all(job.done() for job in queued)
    assert len(kept(database)) == 100


def test_a_reader_sees_one_moment_however_much_is_written_meanwhile(database: Database) -> None:
    database.write(put("test-1"))
    with database.read() as session:
        asked = select(Meta.key).where(col(Meta.key).startswith("test-"))
        assert session.exec(asked).all() == ["test-1"]
        database.write(put("test-2"))
        assert session.exec(asked).all() == ["test-1"]


def test_what_a_reader_changes_is_thrown_away(database: Database) -> None:
    with database.read() as session:
        put("test-1")(session)
    assert kept(database) == set()


# --- SQLite's own troubles ---


@pytest.fixture
def sqlite(new_database: NewDatabase) -> Any:
    database = Database(new_database("sqlite"))
    yield database
    database.close()


def pragma(database: Database, name: str) -> Any:
    return database.write(lambda session: session.connection().execute(text(f"PRAGMA {name}")).scalar())


def test_sqlite_syncs_each_commit_to_disk(sqlite: Database) -> None:
    assert (pragma(sqlite, "journal_mode"), pragma(sqlite, "synchronous")) == ("wal", 2)
    assert pragma(sqlite, "foreign_keys") == 1


def test_a_full_disk_undoes_the_whole_group_and_acknowledges_nothing(sqlite: Database) -> None:
    sqlite.write(lambda session: session.connection().execute(text("PRAGMA max_page_count = 200")))
    gate = Gate(sqlite)
    small = sqlite.submit(put("test-1"))
    huge = sqlite.submit(put("test-huge", "x" * 10_000_000))
    after = sqlite.submit(put("test-2"))
    gate.open()
    acknowledged = {job.result() for job in (small, huge, after) if job.exception() is None}
    assert acknowledged <= kept(sqlite)
    with refused("unavailable"):
        huge.result()
    assert sqlite.write(put("test-3")) == "test-3"


def test_an_engine_with_the_wal_reset_fault_runs_without_wal_and_says_so(new_database: NewDatabase) -> None:
    old = ModuleType("old_sqlite")
    vars(old).update(vars(pysqlite3.dbapi2))
    old.sqlite_version_info, old.sqlite_version = (3, 40, 1), "3.40.1"  # type: ignore[attr-defined]
    with capture_logs() as logs:
        database = Database(new_database("sqlite"), dbapi=old)
        database.migrate()
        assert (pragma(database, "journal_mode"), pragma(database, "synchronous")) == ("truncate", 2)
        database.write(put("test-1"))
    assert kept(database) == {"test-1"}
    database.close()
    assert any(entry["event"] == "sqlite_without_wal" and entry["version"] == "3.40.1" for entry in logs)


def test_a_database_locked_by_another_process_for_too_long_is_refused_as_unavailable(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.write(lambda session: session.connection().execute(text("PRAGMA busy_timeout = 1")))
    other = pysqlite3.connect(str(sqlite.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with refused("unavailable"):
        sqlite.write(put("test-1"))
    other.execute("ROLLBACK")
    other.close()
    assert sqlite.write(put("test-1")) == "test-1"


# --- PostgreSQL's own troubles ---


@pytest.fixture
def postgresql(new_database: NewDatabase) -> Any:
    database = Database(sqlalchemy_url(new_database("postgresql")))
    yield database
    database.close()


def test_two_jobs_that_lock_each_other_out_both_succeed(postgresql: Database) -> None:
    for key in ("test-a", "test-b"):
        postgresql.write(put(key))
    both_hold_one = threading.Barrier(2)

    def lock(first: str, second: str) -> Any:
        tries: list[int] = []

        def work(session: Session) -> int:
            tries.append(1)
            session.exec(select(Meta).where(Meta.key == first).with_for_update()).one()
            if len(tries) == 1:
                both_hold_one.wait()
            session.exec(select(Meta).where(Meta.key == second).with_for_update()).one()
            return len(tries)

        return work

    one = postgresql.submit(lock("test-a", "test-b"))
    other = postgresql.submit(lock("test-b", "test-a"))
    assert max(one.result(), other.result()) > 1


def test_two_jobs_that_find_nothing_and_write_the_same_key_both_succeed(postgresql: Database) -> None:
    both_looked = threading.Barrier(2)
    tries: list[int] = []

    def find_or_add(session: Session) -> str:
        found = session.get(Meta, "test-1")
        tries.append(1)
        if len(tries) <= 2:
            both_looked.wait()
        return found.key if found else str(put("test-1")(session))

    jobs = [postgresql.submit(find_or_add) for _ in range(2)]
    assert [job.result() for job in jobs] == ["test-1", "test-1"]
    assert len(tries) == 3


def test_a_lost_connection_is_refused_as_unavailable_and_the_next_one_works(postgresql: Database) -> None:
    def cut_off(session: Session) -> None:
        put("test-lost")(session)
        session.connection().execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with refused("unavailable"):
        postgresql.write(cut_off)
    assert postgresql.write(put("test-1")) == "test-1"
    assert kept(postgresql) == {"test-1"}


def test_a_database_that_is_not_there_is_refused_as_unavailable(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    address = sqlalchemy_url(new_database("postgresql"))
    database = Database(address.replace("/test_", "/no_such_"))
    with refused("unavailable"), database.read() as session:
        session.exec(select(Meta)).all()
    database.close()
