"""What is made for everyone is made again behind the back of those who read it."""

import itertools
import threading
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.storage import publications
from backend.storage.engine import Database
from backend.web.republishing import GivenUp, Pace, Republished
from tests.land import Land, add_places


def now() -> datetime:
    return datetime(2026, 11, 24, 9, tzinfo=UTC)


def large(_thing: int) -> bool:
    return False


def test_the_old_one_is_given_while_the_next_is_being_made() -> None:
    kept, may_end = Republished[int](), threading.Event()

    def make(before: int | None, _pace: Pace) -> int:
        if before is not None:
            may_end.wait()
        return (before or 0) + 1

    assert kept.get(lambda _: True, make, large) == 1
    assert [kept.get(lambda made: made == 2, make, large) for _ in range(5)] == [1] * 5
    may_end.set()
    kept.wait()
    assert kept.get(lambda made: made == 2, make, large) == 2


def test_what_is_small_is_waited_for() -> None:
    kept = Republished[int]()
    made = [
        kept.get(lambda thing, n=n: thing == n, lambda _, _pace, n=n: n, lambda _: True) for n in (1, 2, 3)
    ]
    assert made == [1, 2, 3]


def test_one_that_fails_leaves_the_old_one_and_is_tried_again() -> None:
    kept, tries = Republished[int](), list[int]()

    def make(before: int | None, _pace: Pace) -> int:
        tries.append(1)
        if len(tries) == 2:
            raise ValueError("no")
        return len(tries)

    assert kept.get(lambda _: True, make, large) == 1
    assert kept.get(lambda made: made == 3, make, large) == 1
    kept.wait()
    kept.get(lambda made: made == 3, make, large)
    kept.wait()
    assert kept.get(lambda _: True, make, large) == 3


def test_what_nobody_waits_for_any_more_is_given_up() -> None:
    kept, begun = Republished[int](), threading.Event()

    def make(before: int | None, pace: Pace) -> int:
        if before is None:
            return 1
        begun.set()
        return len(list(pace.through(itertools.count())))

    assert kept.get(lambda _: True, make, large) == 1
    assert kept.get(lambda made: made == 2, make, large) == 1
    begun.wait()
    kept.close()
    assert kept.get(lambda _: True, make, large) == 1


def test_a_server_that_is_told_to_stop_while_it_publishes_very_many_places_ends_by_itself(
    tmp_path: Path,
) -> None:
    land = Land(tmp_path / "land", 20_000)
    try:
        land.rename("Épicerie Rebaptisée")
        urllib.request.urlopen(f"{land.server.address}/", timeout=60).close()
        assert land.server.stop() == 0
        assert "publishing given up" in land.server.log.read_text()
    finally:
        land.close()


def test_publications_are_dated_some_at_a_time_and_the_rest_after_a_stop(tmp_path: Path) -> None:
    db = Database(Settings(_env_file=None, data_dir=tmp_path).sqlalchemy_url)  # type: ignore[call-arg]
    db.migrate()
    db.write(lambda session: add_places(session, 3 * publications.AT_ONCE))
    turns = itertools.count()

    def stop_after_one() -> None:
        if next(turns) == 3:
            raise GivenUp

    with pytest.raises(GivenUp):
        publications.keep_dated(db, now, stop_after_one)
    with db.read() as session:
        assert len(publications.dated(session).places) == publications.AT_ONCE
    publications.keep_dated(db, now, lambda: None)
    with db.read() as session:
        assert len(publications.dated(session).places) == 3 * publications.AT_ONCE
    db.close()
