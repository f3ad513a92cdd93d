"""Since when each sales point is public, when it changed and when it left: what other sites ask for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from backend.domain.publication import PublishedPlace
from backend.storage import published
from backend.storage.engine import Database
from backend.storage.public_sheets import published_places
from backend.storage.published import COUNTER
from backend.storage.tables import Counter, Publication

AT_ONCE = 500  # dated in one transaction


class Dated(NamedTuple):
    """A sales point that is public, when it first was, and since when it says what it says."""

    place: PublishedPlace
    appeared_at: datetime
    changed_at: datetime


class Dates(NamedTuple):
    """All that is public, by name; and what was, with the day it left, the latest first."""

    places: Sequence[Dated]
    left: Sequence[tuple[str, datetime]]


def keep_dated(db: Database, now: Callable[[], datetime], give_way: Callable[[], None]) -> int:
    """Date what appeared, changed and left since this was last done: some at a time, so that whoever else writes does
    not wait for all of it. `give_way` comes before each of them, and may end it by what it raises.

    Returns the version of what is public that was looked at: what is edited in the meantime may have no date yet.
    """
    with db.read() as session:
        version, waiting = published.version(session), _undated(session, give_way)
    for start in range(0, len(waiting), AT_ONCE):
        give_way()
        db.write(partial(_note, slugs=waiting[start : start + AT_ONCE], now=now()))
    return version


def _undated(session: Session, give_way: Callable[[], None]) -> list[str]:
    """What has no date, or another one than what is said of it now."""
    known = _known(session)
    give_way()
    places = published_places(session)
    give_way()
    return [each.slug for each in places if _differs(known, each)] + _gone(known, places)


def _note(session: Session, slugs: Sequence[str], now: datetime) -> None:
    """Date these, as they are now."""
    session.get_one(
        Counter, COUNTER, with_for_update=True
    )  # one at a time: what is noted later is dated later
    known, places = _known(session, slugs), published_places(session, slugs=slugs)
    latest = session.exec(select(func.max(Publication.changed_at), func.max(Publication.left_at))).one()
    now = max([now, *(moment + timedelta(microseconds=1) for moment in latest if moment)])
    for slug in _gone(known, places):
        known[slug].left_at = now
    for place in places:
        if _differs(known, place):
            # who comes back, after a day's suspension say, is not new: it appeared when it first did
            row = known.get(place.slug) or Publication(
                slug=place.slug, digest="", appeared_at=now, changed_at=now
            )
            row.digest, row.changed_at, row.left_at = place.digest, now, None
            session.add(row)


def dated(session: Session, through: Callable[[Iterable[Any]], Iterator[Any]] = iter) -> Dates:
    """What is public and what was, with their dates. What just appeared is left out until it is noted: it comes with
    its date. What was just edited stays, or who mirrors us would take it away, and comes again with its new date."""
    known = _known(session)
    places = [
        Dated(place, row.appeared_at, row.changed_at)
        for place in through(published_places(session))
        if (row := known.get(place.slug)) is not None and row.left_at is None
    ]
    left = [(row.slug, row.left_at) for row in known.values() if row.left_at is not None]
    return Dates(places, sorted(left, key=lambda each: (each[1], each[0]), reverse=True))


def _known(session: Session, slugs: Sequence[str] | None = None) -> dict[str, Publication]:
    query = select(Publication)
    if slugs is not None:
        query = query.where(col(Publication.slug).in_(slugs))
    return {row.slug: row for row in session.exec(query)}


def _differs(known: Mapping[str, Publication], place: PublishedPlace) -> bool:
    row = known.get(place.slug)
    return row is None or row.left_at is not None or row.digest != place.digest


def _gone(known: Mapping[str, Publication], places: Sequence[PublishedPlace]) -> list[str]:
    public = {place.slug for place in places}
    return [slug for slug, row in known.items() if row.left_at is None and slug not in public]
