"""The database: readers that never wait, and one writer that commits in groups.

On SQLite one thread takes what waits in its queue, runs it in one transaction and answers after one fsync.
On PostgreSQL the same calls run on a small pool, a transaction each. Either way `write` returns only once
the work is on disk.
"""

import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pysqlite3
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from backend.storage.tables import Counter, Meta

T = TypeVar("T")
Job = tuple[Callable[[Session], Any], "Future[Any]"]

GROUP = 64  # jobs in one transaction at most
POSTGRES_WRITERS = 8
WAL_RESET_FIXED = (3, 51, 3)  # older engines may corrupt a WAL database when the log is reset

log = structlog.get_logger()


class Database:
    """One database, open. `dbapi` replaces the SQLite driver (the power-cut tests bring their own)."""

    def __init__(self, url: str, dbapi: ModuleType = pysqlite3, synchronous: str = "FULL") -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._dbapi, self._synchronous = dbapi, synchronous
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        if self.is_sqlite:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        self._writing = self._engine("BEGIN IMMEDIATE", POSTGRES_WRITERS)
        self._reading = self._engine("BEGIN", 16) if self.is_sqlite else self._writing
        count = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._threads = [
            threading.Thread(target=self._work, daemon=True, name=f"writer-{n}") for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _engine(self, begin: str, pool_size: int) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_size=pool_size + 16, max_overflow=16, pool_pre_ping=True)
        engine = create_engine(
            self.url,
            module=self._dbapi,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=16,
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine

    def _prepare(self, connection: Any, _record: object) -> None:
        """WAL and FULL: an acknowledged commit survives a power cut. The driver must not begin by itself."""
        connection.isolation_level = None
        safe = self._dbapi.sqlite_version_info >= WAL_RESET_FIXED
        if not safe:
            log.warning("sqlite_without_wal", version=self._dbapi.sqlite_version, journal="TRUNCATE")
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=10000",
            f"journal_mode={'WAL' if safe else 'TRUNCATE'}",
            f"synchronous={self._synchronous}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # --- reading and writing ---

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on a stable snapshot; what it changes is thrown away."""
        with self._reading.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as transaction, Session(bind=connection) as session:
                yield session
                transaction.rollback()

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        """Queue `work`; the future ends once it is committed and on disk, or with what it raised."""
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction and return what it returned, once that is on disk."""
        return self.submit(work).result()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            group = [first]
            while self.is_sqlite and len(group) < GROUP:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    self._jobs.put(None)
                    break
                group.append(job)
            self._run(group)

    def _run(self, group: list[Job]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._writing.connect() as connection, connection.begin():
                for work, future in group:
                    try:
                        done.append((future, self._run_one(connection, work)))
                    except Exception as error:  # the job's own fault: the others go on
                        future.set_exception(error)
        except Exception as error:  # the transaction's fault: nobody's work is on disk
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for future, result in done:
            future.set_result(result)

    def _run_one(self, connection: Connection, work: Callable[[Session], T]) -> T:
        """Run one job in a savepoint of its own, so that a job that fails takes nothing else with it."""
        with Session(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            result = work(session)
            session.commit()
            return result

    # --- life ---

    def migrate(self) -> None:
        """Bring the tables to the newest version (Alembic) and make the first facts."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._writing.connect() as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        self.write(_first_facts)

    def close(self) -> None:
        """Finish what is queued, then stop."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._writing.dispose()
        self._reading.dispose()


def _first_facts(session: Session) -> None:
    if session.get(Counter, "journal") is None:
        session.add(Counter(name="journal", value=0))
    for key in ("epoch", "secret"):
        if session.get(Meta, key) is None:
            session.add(Meta(key=key, value=secrets.token_urlsafe(32)))


def fact(session: Session, key: str) -> str:
    """A fact of this database: `epoch` or `secret`."""
    meta = session.get(Meta, key)
    if meta is None:
        raise LookupError(key)
    return meta.value


def now_ms() -> int:
    """Unix milliseconds, for ids."""
    return time.time_ns() // 1_000_000
