"""The database: readers that never wait, and one writer that commits in groups.

On SQLite one thread takes what waits in its queue, runs it in one transaction and answers after one fsync.
On PostgreSQL the same calls run on a small pool, a transaction each, again when two of them were in each
other's way. Either way `write` returns only once the work is on disk.
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
from typing import Any, Literal, TypeVar

import pysqlite3
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from backend.domain.errors import Refusal
from backend.storage import published
from backend.storage.tables import Counter, Meta

T = TypeVar("T")
Job = tuple[Callable[[Session], Any], "Future[Any]"]

GROUP = 64  # jobs in one transaction at most
READERS = 16  # connections that stay open; more threads than that would open and close one each time
POSTGRES_WRITERS = 8
IN_EACH_OTHERS_WAY = {"40001", "40P01", "23505"}  # serialisation, deadlock, the same key a moment earlier
TRIES = 5
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
        self._reading = self._engine("BEGIN", READERS) if self.is_sqlite else self._writing
        # a connection that never writes, since its data_version says what the others wrote; one thread at a time
        self._watching = threading.Lock()
        self._watcher: Any = self._reading.raw_connection() if self.is_sqlite else None
        count = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._threads = [
            threading.Thread(target=self._work, daemon=True, name=f"writer-{n}") for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _engine(self, begin: str, pool_size: int) -> Engine:
        if not self.is_sqlite:
            return create_engine(
                self.url,
                pool_size=pool_size + READERS,
                max_overflow=16,
                pool_pre_ping=True,
                hide_parameters=True,
            )
        engine = create_engine(
            self.url,
            module=self._dbapi,
            hide_parameters=True,  # what people wrote is nothing for the logs
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
        """A session on a stable snapshot; what it changes is thrown away. Raises unavailable."""
        try:
            with self._reading.connect() as connection:
                if not self.is_sqlite:
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin() as transaction, Session(bind=connection) as session:
                    yield session
                    transaction.rollback()
        except OperationalError as error:
            raise _unavailable(error) from error

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        """Queue `work`; the future ends once it is committed and on disk, or with what it raised.

        On PostgreSQL `work` may run several times before one is committed.
        """
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction and return what it returned, once that is on disk. Raises unavailable."""
        return self.submit(work).result()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            waiting = [first, *self._waiting()] if self.is_sqlite else [first]
            # from here on it can no longer be cancelled: setting its result must not fail, or the thread ends
            group = [job for job in waiting if job[1].set_running_or_notify_cancel()]
            try:
                answers = self._commit(group)
            except Exception as error:  # nobody's work is on disk
                answers = [(future, error) for _, future in group]
            for future, answer in answers:
                if isinstance(answer, Exception):
                    future.set_exception(_unavailable(answer))
                else:
                    future.set_result(answer)

    def _waiting(self) -> Iterator[Job]:
        for _ in range(GROUP - 1):
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._jobs.put(None)
                return
            yield job

    def _commit(self, group: list[Job], tries: int = TRIES) -> list[tuple["Future[Any]", Any]]:
        """Run the jobs in one transaction and commit it; gives each job's result, or the exception it raised."""
        try:
            with self._writing.connect() as connection, connection.begin():
                if len(group) == 1:  # nobody else to protect from what it raises
                    ((work, future),) = group
                    return [(future, _run(connection, work, "rollback_only"))]
                return [(future, self._attempt(connection, work)) for work, future in group]
        except DBAPIError as error:
            if tries == 1 or getattr(error.orig, "sqlstate", None) not in IN_EACH_OTHERS_WAY:
                raise
            return self._commit(group, tries - 1)

    def _attempt(self, connection: Connection, work: Callable[[Session], T]) -> T | Exception:
        """Run one job in a savepoint of its own, so that a job that fails takes nothing else with it."""
        try:
            return _run(connection, work, "create_savepoint")
        except Exception as error:
            if not self._goes_on(connection, error):
                raise
            return error

    def _goes_on(self, connection: Connection, error: Exception) -> bool:
        """Whether the others' transaction outlived a failed job: a full disk, say, makes SQLite undo all of it,
        and a lost connection or a deadlock leaves nothing to commit."""
        if self.is_sqlite:
            return bool(getattr(connection.connection.driver_connection, "in_transaction", False))
        return not isinstance(error, DBAPIError)

    # --- what changed ---

    def version(self) -> str:
        """Differs from the one before as soon as anything was committed in between, by whatever process.

        Costs microseconds: what is prepared from the data is kept beside its version and asked again by it.
        """
        if self.is_sqlite:
            with self._watching:
                return str(self._watcher.execute("PRAGMA data_version").fetchone()[0])
        with self._reading.connect() as connection:
            return str(connection.exec_driver_sql("SELECT pg_current_snapshot()").scalar_one())

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
        if self._watcher is not None:
            self._watcher.close()
        self._writing.dispose()
        self._reading.dispose()


def _run(
    connection: Connection,
    work: Callable[[Session], T],
    within: Literal["rollback_only", "create_savepoint"],
) -> T:
    with Session(bind=connection, join_transaction_mode=within, expire_on_commit=False) as session:
        result = work(session)
        session.commit()
        return result


def _first_facts(session: Session) -> None:
    for name in ("journal", published.COUNTER):
        if session.get(Counter, name) is None:
            session.add(Counter(name=name, value=0))
    for key in ("epoch", "secret"):
        if session.get(Meta, key) is None:
            session.add(Meta(key=key, value=secrets.token_urlsafe(32)))


def _unavailable(error: Exception) -> Exception:
    """The database's own troubles, as the refusal that asks to come back later; any other error as it is."""
    if not isinstance(error, OperationalError):
        return error
    log.error("database", exc_info=error)
    refusal = Refusal("unavailable")
    refusal.__cause__ = error
    return refusal


def fact(session: Session, key: str) -> str:
    """A fact of this database: `epoch` or `secret`."""
    meta = session.get(Meta, key)
    if meta is None:
        raise LookupError(key)
    return meta.value


def now_ms() -> int:
    """Unix milliseconds, for ids."""
    return time.time_ns() // 1_000_000
