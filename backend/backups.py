"""One file that holds all of a caisse: every table as JSON lines, photos, documents, and a manifest with their hashes.

It is the same for both databases, so that a backup made from SQLite can be restored on PostgreSQL, or the reverse.
"""

import fcntl
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlmodel import Session

from backend.documents import Documents
from backend.domain.scoring import Rules
from backend.photos import Photos
from backend.storage import copies, documents, erasures
from backend.storage import photos as photo_rows
from backend.storage.copies import Misfit
from backend.storage.engine import Database
from backend.storage.erasures import Erased

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 200_000_000  # bytes: a million photos, and a bound on what a hostile file makes us read
_PIECE = 1 << 20


class BackupError(Exception):
    """Why nothing was done; its text is the sentence to show."""


@dataclass(frozen=True)
class Made:
    """What a backup holds. `missing`, `lost`: photos and documents that the database knows and the disk has no more."""

    photos: int
    missing: list[str]
    lost: list[str]


# --- who is at work ---


@contextmanager
def at_work(data_dir: Path) -> Iterator[None]:
    """While a server runs here. It waits for a restoration to end."""
    with _locked(data_dir, fcntl.LOCK_SH):
        yield


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """While nobody else may be at work here; raises BackupError when a server runs."""
    try:
        with _locked(data_dir, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError:
        raise BackupError(
            _("La caisse est ouverte : arrêtez-la, puis recommencez. Rien n’a été touché.")
        ) from None


@contextmanager
def _locked(data_dir: Path, how: int) -> Iterator[None]:
    """The system lets go of the lock when the process ends, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / ".at-work").open("a") as file:
        fcntl.flock(file, how)
        yield


# --- making one ---


def make(file: Path, db: Database, photos: Photos, now: datetime) -> Made:
    """Write a backup, which has this name only once it is whole and on disk. The server may be running."""
    if file.exists():
        raise BackupError(_("{file} existe déjà : choisissez un autre nom.").format(file=file))
    with _in_place_once_whole(file) as whole, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        writing = _Writing(archive)
        with db.read() as session:  # one moment of the database, whatever is written meanwhile
            if copies.version(session) != copies.newest_version():
                raise BackupError(_("Il n’y a pas ici de caisse à jour : ouvrez-la d’abord une fois."))
            for name in copies.table_names():
                lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in copies.rows(session, name))
                writing.add(_table_part(name), (line.encode() for line in lines))
            announced = photo_rows.all_states(session)
            due = documents.due(session)
        missing = [
            sha256
            for sha256, due, decoded in announced
            if not writing.photo(photos, sha256, decoded=decoded) and due
        ]
        kept = Documents(photos, 0)
        lost = [sha256 for sha256, media in due if not writing.files(kept.file_of(sha256, media))]
        writing.finish(now)
    return Made(len(announced) - len(missing), missing, lost)


class _Writing:
    """A backup being written: adds parts, and remembers the hash and the size of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pieces: Iterator[bytes], compression: int = zipfile.ZIP_DEFLATED) -> None:
        digest, size = hashlib.sha256(), 0
        entry = zipfile.ZipInfo(name)
        entry.compress_type = compression
        with self._archive.open(entry, "w", force_zip64=True) as part:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                part.write(piece)
        self._parts[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def photo(self, photos: Photos, sha256: str, *, decoded: bool) -> bool:
        """Add what there is of a photo; False when there is nothing."""
        return self.files(photos.files_of(sha256, decoded=decoded))

    def files(self, found: Sequence[tuple[str, bytes]]) -> bool:
        """Add them as they are; False when there is none."""
        for name, body in found:
            self.add(name, iter([body]), zipfile.ZIP_STORED)
        return bool(found)

    def finish(self, now: datetime) -> None:
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "version": version("caisse-commune"),
            "tables": copies.newest_version(),
            "parts": self._parts,
        }
        self._archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


@contextmanager
def _in_place_once_whole(file: Path) -> Iterator[Any]:
    """A new file beside `file`, readable by its owner alone, that takes this name at the end, synced."""
    try:
        handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}-")
    except OSError as error:
        sentence = _("Impossible d’écrire dans {folder} ({reason}).")
        raise BackupError(sentence.format(folder=file.absolute().parent, reason=error.strerror)) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as whole:
            yield whole
            whole.flush()
            os.fsync(whole.fileno())
        part.rename(file)
        _sync_folder(file.absolute().parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _table_part(name: str) -> str:
    return f"tables/{name}.jsonl"


# --- giving one back ---


class Backup:
    """A backup whose every part was read and has the hash that the manifest says."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
        self._archive, self._parts = archive, manifest["parts"]
        self.made_at = datetime.fromisoformat(manifest["made_at"])

    @property
    def photo_names(self) -> list[str]:
        return [name for name in self._parts if Photos.is_name(name)]

    def rows(self, table: str) -> Generator[Any]:
        with self._archive.open(_table_part(table)) as lines:
            yield from map(json.loads, lines)

    def read(self, name: str) -> bytes:
        return self._archive.read(name)


@contextmanager
def opened(file: Path) -> Iterator[Backup]:
    """A backup, checked to the last byte; raises BackupError for anything else."""
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BackupError(_("{file} est introuvable.").format(file=file)) from None
    except Exception as error:  # on hostile bytes it may raise anything
        raise _not_whole(file) from error
    with archive:
        try:
            backup = _checked(archive)
        except BackupError:
            raise
        except Exception as error:
            raise _not_whole(file) from error
        yield backup


def _checked(archive: zipfile.ZipFile) -> Backup:
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise ValueError(MANIFEST)
    manifest = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT or manifest["tables"] != copies.newest_version():
        raise BackupError(
            _(
                "Cette sauvegarde vient d’une autre version de la caisse ({version}) : restaurez-la avec celle-là,"
                " puis mettez à jour. Rien n’a été touché."
            ).format(version=manifest["version"])
        )
    parts = manifest["parts"]
    tables = set(map(_table_part, copies.table_names()))
    if sorted(archive.namelist()) != sorted([MANIFEST, *parts]) or not parts.keys() >= tables:
        raise ValueError("parts")
    for name, part in parts.items():
        if name not in tables and not Photos.is_name(name):
            raise ValueError(name)
        _check_part(archive, name, part["sha256"], part["bytes"])
    return Backup(archive, manifest)


def _check_part(archive: zipfile.ZipFile, name: str, sha256: str, size: int) -> None:
    """No more is unpacked than the manifest says, whatever the part unpacks to."""
    digest, left = hashlib.sha256(), size
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
    if left != 0 or digest.hexdigest() != sha256:
        raise ValueError(name)


def _not_whole(file: Path) -> BackupError:
    sentence = _("{file} n’est pas une sauvegarde entière de la caisse. Rien n’a été touché.")
    return BackupError(sentence.format(file=file))


def restore(
    backup: Backup,
    db: Database,
    photos: Photos,
    rules: Mapping[str, Rules],
    *,
    replace: bool,
    erased: Collection[Erased] = (),
) -> None:
    """Make this caisse the one of the backup, under a new epoch. Raises BackupError, and then nothing has changed.

    What was `erased` since the backup was made, as it was noted elsewhere or as the caisse that is here knows, is
    erased again. Nobody else may be at work (`alone`).
    """
    before = set(photos.names())
    with db.read() as session:
        empty = copies.is_empty(session) and not before
    if not empty and not replace:
        raise BackupError(
            _("Il y a déjà une caisse ici. Pour mettre la sauvegarde à sa place, ajoutez --replace.")
        )
    db.migrate()
    with db.read() as session:
        again = [*erased, *erasures.all_of_them(session)]
    try:
        db.write(lambda session: _put_back(session, backup, photos, again, rules))
    except Misfit as misfit:
        sentence = _("La table {table} de cette sauvegarde ne se lit pas. Rien n’a été touché.")
        raise BackupError(sentence.format(table=misfit.table)) from misfit
    for name in before.difference(backup.photo_names):
        photos.drop(name)


def _put_back(
    session: Session,
    backup: Backup,
    photos: Photos,
    erased: Collection[Erased],
    rules: Mapping[str, Rules],
) -> None:
    """The photos come after the rows have proved good, and before they count: a crash leaves the caisse as it was,
    with some photos more. Running it again does the same again."""
    copies.replace_all(session, backup.rows)
    erasures.erase_again(session, erased, rules)
    for name in backup.photo_names:
        photos.put_back(name, backup.read(name))
