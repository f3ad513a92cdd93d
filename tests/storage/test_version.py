"""The version of the data: what is prepared from it is kept until it changes."""

from collections.abc import Callable

from sqlmodel import Session

from backend.storage.engine import Database
from backend.storage.tables import Meta


def noting(key: str) -> Callable[[Session], None]:
    return lambda session: session.add(Meta(key=key, value=""))


def test_it_stays_while_nothing_is_written(database: Database) -> None:
    first = database.version()
    with database.read() as session:
        session.get(Meta, "epoch")
    assert database.version() == first


def test_it_changes_with_each_thing_written_here(database: Database) -> None:
    seen = [database.version()]
    for key in ("one", "two"):
        database.write(noting(key))
        seen.append(database.version())
    assert len(set(seen)) == 3


def test_it_changes_with_what_another_process_writes(database: Database) -> None:
    elsewhere = Database(database.url.render_as_string(hide_password=False))
    first = database.version()
    elsewhere.write(noting("elsewhere"))
    elsewhere.close()
    assert database.version() != first


def test_a_write_after_one_that_failed_is_seen(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(Meta(key="undone", value=""))
        session.flush()
        raise LookupError

    failed = database.submit(work).exception()
    assert isinstance(failed, LookupError)
    before = database.version()
    database.write(noting("undone"))
    assert database.version() != before
