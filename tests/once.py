"""What is the same for every house that the tests open, and made once in each process: it cost more than the tests.

Nothing here depends on a house's data, settings or clock, and nothing in it changes once made: our static files,
compressed; the grids, checked; the templates and the SQL statements, compiled; the list of migrations.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from backend import app, grids
from backend.domain.grid import Grid
from backend.settings import ROOT
from backend.storage.engine import Database
from backend.web import assets, pages


def keep(put: Callable[[Any, str, Any], None]) -> None:
    """Have each of them kept; `put` sets an attribute, for as long as the caller wants."""
    put(assets, "prepare", lru_cache(maxsize=None)(assets.prepare))
    put(app, "Assets", lru_cache(maxsize=None)(assets.Assets))
    put(pages, "environment", lru_cache(maxsize=None)(pages.environment))
    put(grids, "load_all", _of_our_own(grids.load_all))
    put(ScriptDirectory, "from_config", _by_folder(ScriptDirectory.from_config))
    put(Database, "_engine", _that_compile_once(Database._engine))


def make() -> None:
    """Make them now, for the processes that will be forked from this one."""
    made = app.Assets(ROOT / "pwa", ROOT / "backend" / "web" / "static")
    templates = pages.environment(made.url)
    for name in templates.list_templates():
        templates.get_template(name)
    grids.load_all(grids.CRITERIA)


def _of_our_own(load_all: Callable[[Path], dict[str, Grid]]) -> Callable[[Path], dict[str, Grid]]:
    """A folder that a test made is read each time: the test is about what it writes there."""
    ours = lru_cache(maxsize=1)(load_all)
    return lambda folder: dict(ours(folder)) if folder == grids.CRITERIA else load_all(folder)


def _by_folder(from_config: Callable[[Any], ScriptDirectory]) -> Callable[[Any], ScriptDirectory]:
    known: dict[str | None, ScriptDirectory] = {}

    def found(config: Any) -> ScriptDirectory:
        folder = config.get_main_option("script_location")
        if folder not in known:
            known[folder] = from_config(config)
        return known[folder]

    return found


def _that_compile_once(make: Callable[..., Engine]) -> Callable[..., Engine]:
    """SQLAlchemy keeps a statement compiled by engine and by dialect, and each house has engines of its own."""
    known: dict[Any, tuple[Any, LRUCache[Any, Any]]] = {}

    def made(database: Database, *given: Any) -> Engine:
        engine = make(database, *given)
        if database.is_sqlite:
            dialect, compiled = known.setdefault(database._dbapi, (engine.dialect, LRUCache(5_000)))
            engine.dialect, engine._compiled_cache = dialect, compiled
        return engine

    return made
