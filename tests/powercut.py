"""A disk that loses what was not synced when the power is cut, and the DB-API driver that writes to it.

A killed process proves no fsync: the kernel still writes what it was given. Here SQLite writes through a file layer
that knows what was synced. A cut keeps that, and of the rest some sectors, at random, as a real disk may.
"""

import random
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


class Disk:
    """The files of one folder, as the platter has them."""

    def __init__(self, folder: Path, rnd: random.Random) -> None:
        self._lock, self._rnd, self._on = threading.Lock(), rnd, True
        self._kept = {file.name: bytearray(file.read_bytes()) for file in folder.iterdir()}
        self._cached: dict[str, list[tuple[int, bytes | None]]] = {}  # offset and bytes; None: cut off there

    def write(self, name: str, offset: int, data: bytes | None) -> None:
        """Written to the cache, or (None) truncated; lost unless it is synced."""
        with self._lock:
            self._powered()
            self._cached.setdefault(name, []).append((offset, data))

    def sync(self, name: str) -> None:
        with self._lock:
            self._powered()
            self._flush(name, lambda: True)

    def delete(self, name: str) -> None:
        with self._lock:
            self._powered()
            self._kept.pop(name, None)
            self._cached.pop(name, None)

    def cut(self) -> dict[str, bytes]:
        """Off. What is left in each file: all that was synced, and some sectors of what was not."""
        with self._lock:
            self._on = False
            for name in list(self._cached):
                self._flush(name, lambda: self._rnd.random() < 0.5)
            return {name: bytes(kept) for name, kept in self._kept.items()}

    def _powered(self) -> None:
        if not self._on:
            raise apsw.IOError("the power is off")

    def _flush(self, name: str, lands: Any) -> None:
        kept = self._kept.setdefault(name, bytearray())
        for offset, data in self._cached.pop(name, ()):
            if data is None:
                if lands():
                    del kept[offset:]
                continue
            for start in range(0, len(data), SECTOR):
                if lands():
                    sector = data[start : start + SECTOR]
                    end = offset + start + len(sector)
                    kept.extend(bytes(max(0, end - len(kept))))
                    kept[offset + start : end] = sector


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, filename: Any, flags: Any) -> None:
        super().__init__("", filename, flags)
        path = filename.filename() if isinstance(filename, apsw.URIFilename) else filename
        self._disk, self._name = disk, Path(path).name

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.write(self._name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.write(self._name, newsize, None)
        super().xTruncate(newsize)

    def xSync(self, _flags: int) -> None:
        self._disk.sync(self._name)


class _Layer(apsw.VFS):
    def __init__(self, disk: Disk, name: str) -> None:
        super().__init__(name, "")
        self._disk = disk

    def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
        return apsw.VFSFile("", name, flags) if name is None else _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.delete(Path(filename).name)
        super().xDelete(filename, syncdir)


# --- the driver, as SQLAlchemy expects one -------------------------------------------------------


class Error(Exception):
    pass


class DatabaseError(Error):
    pass


class OperationalError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class Driver:
    """Stands where `pysqlite3` stands, on one disk. To be closed when the disk is done with."""

    apilevel, paramstyle, threadsafety = "2.0", "qmark", 1
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
    Error, DatabaseError, OperationalError = Error, DatabaseError, OperationalError
    IntegrityError, ProgrammingError = IntegrityError, ProgrammingError
    InterfaceError = DataError = InternalError = NotSupportedError = DatabaseError
    Warning = Warning
    Binary = bytes

    def __init__(self, disk: Disk) -> None:
        self._name = f"powercut-{id(disk)}"
        self._layer = _Layer(disk, self._name)

    def connect(self, database: str, **_options: object) -> "Connection":
        return Connection(apsw.Connection(database, vfs=self._name))

    def close(self) -> None:
        self._layer.unregister()


class Connection:
    """A connection that begins nothing by itself."""

    isolation_level: str | None = None

    def __init__(self, inner: apsw.Connection) -> None:
        self._inner = inner

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

    def cursor(self) -> "Cursor":
        return Cursor(self._inner)

    def commit(self) -> None:
        if self._inner.in_transaction:
            Cursor(self._inner).execute("COMMIT")

    def rollback(self) -> None:
        if self._inner.in_transaction:
            Cursor(self._inner).execute("ROLLBACK")

    def create_function(self, name: str, count: int, function: Any, **options: bool) -> None:
        self._inner.create_scalar_function(name, function, count, **options)

    def close(self) -> None:
        self._inner.close(force=True)


class Cursor:
    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount, self.lastrowid = -1, 0

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        return self._run(lambda cursor: cursor.execute(statement, tuple(parameters)))

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        return self._run(lambda cursor: cursor.executemany(statement, map(tuple, parameters)))

    def _run(self, run: Any) -> "Cursor":
        cursor, before = self._connection.cursor(), self._connection.total_changes()
        cursor.exec_trace = self._describe
        try:
            self._rows = list(run(cursor))
        except apsw.ConstraintError as error:
            raise IntegrityError(str(error)) from error
        except apsw.Error as error:
            raise OperationalError(f"{type(error).__name__}: {error}") from error
        self.rowcount = self._connection.total_changes() - before
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def _describe(self, cursor: Any, _statement: str, _bindings: Any) -> bool:
        self.description = tuple((name, *[None] * 6) for name, *_ in cursor.get_description()) or None
        return True

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        self._rows = []
