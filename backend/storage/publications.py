"""Since when each sales point is public, when it changed and when it left: what other sites ask for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, select

from backend.domain.publication import PublishedPlace
from backend.storage.public_sheets import published_places
from backend.storage.published import COUNTER
from backend.storage.tables import Counter, Publication


class Dated(NamedTuple):
    """A sales point that is public, since when, and since when it says what it says."""

    place: PublishedPlace
    appeared_at: datetime
    changed_at: datetime


class Dates(NamedTuple):
    """All that is public, by name; and what was, with the day it left, the latest first."""

    places: Sequence[Dated]
    left: Sequence[tuple[str, datetime]]


def is_noted(session: Session) -> bool:
    """Whether all that is public now, and all that left, has its date."""
    known, places = _known(session), published_places(session)
    return not (any(_differs(known, each) for each in places) or _gone(known, places))


def note(session: Session, now: datetime) -> None:
    """Date what appeared, changed and left since it was last noted."""
    session.get_one(
        Counter, COUNTER, with_for_update=True
    )  # one at a time: what is noted later is dated later
    known, places = _known(session), published_places(session)
    latest = [moment for row in known.values() for moment in (row.changed_at, row.left_at) if moment]
    now = max([now, *(moment + timedelta(microseconds=1) for moment in latest)])
    for slug in _gone(known, places):
        known[slug].left_at = now
    for place in places:
        if _differs(known, place):
            row = known.get(place.slug)
            back = row is None or row.left_at is not None
            row = row or Publication(slug=place.slug, digest="", appeared_at=now, changed_at=now)
            row.digest, row.changed_at, row.left_at = place.digest, now, None
            row.appeared_at = now if back else row.appeared_at
            session.add(row)


def dated(session: Session) -> Dates:
    """What is public and what was, with their dates. What is not noted yet is left out: it comes with its date."""
    known = _known(session)
    places = [
        Dated(place, row.appeared_at, row.changed_at)
        for place in published_places(session)
        if (row := known.get(place.slug)) is not None and not _differs(known, place)
    ]
    left = [(row.slug, row.left_at) for row in known.values() if row.left_at is not None]
    return Dates(places, sorted(left, key=lambda each: (each[1], each[0]), reverse=True))


def _known(session: Session) -> dict[str, Publication]:
    return {row.slug: row for row in session.exec(select(Publication))}


def _differs(known: Mapping[str, Publication], place: PublishedPlace) -> bool:
    row = known.get(place.slug)
    return row is None or row.left_at is not None or row.digest != place.digest


def _gone(known: Mapping[str, Publication], places: Sequence[PublishedPlace]) -> list[str]:
    public = {place.slug for place in places}
    return [slug for slug, row in known.items() if row.left_at is None and slug not in public]
