"""What was erased, noted outside the database too: a backup made before does not know of it.

`effacements.jsonl`, in DATA_DIR: ids and days, no word and no name. Restoring reads it and erases again.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from backend.storage.erasures import Erased

FILE = "effacements.jsonl"


def remember(data_dir: Path, erasures: Iterable[Erased]) -> None:
    """Note these beside those that are noted already; on disk when this returns."""
    known = remembered(data_dir)
    every = {**{_key(one): one for one in known}, **{_key(one): one for one in erasures}}
    if len(every) > len(known):
        _write(data_dir / FILE, every.values())


def _key(one: Erased) -> tuple[str, str | None]:
    return one.person_id, one.entry_id


def remembered(data_dir: Path) -> list[Erased]:
    """What is noted here."""
    file = data_dir / FILE
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text().splitlines() if line]
    return [Erased(row["person"], row["entry"], datetime.fromisoformat(row["at"])) for row in rows]


def _write(file: Path, erasures: Iterable[Erased]) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(handle, "w") as whole:
        for one in erasures:
            row = {"person": one.person_id, "entry": one.entry_id, "at": one.at.isoformat()}
            whole.write(json.dumps(row) + "\n")
        whole.flush()
        os.fsync(whole.fileno())
    Path(name).rename(file)
