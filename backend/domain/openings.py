"""When a sales point is open in the two weeks to come: instants that can be compared, and what is to be said of now.

Past these two weeks, without hours, and on a public holiday of which the hours say nothing, nobody knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # its stub forgets them

from backend.domain.days import PARIS
from backend.domain.hours import day_of, split_rules

DAYS_AHEAD = 14

Span = tuple[datetime, datetime]
"""From the one instant until just before the other, both in UTC: Python compares times of one zone by their digits."""


@dataclass(frozen=True)
class Openings:
    """When it is open, and when nobody knows, in the order of time; nothing is known after `until`."""

    open: tuple[Span, ...]
    doubtful: tuple[Span, ...]
    until: datetime


@lru_cache(maxsize=20_000)  # the same few hours, again and again
def openings(notation: str, first: date) -> Openings | None:
    """What these hours mean from the day `first` on; None when they are not known."""
    try:
        hours = OpeningHours(notation, country="FR", timezone=PARIS) if notation else None
    except ParserError:
        hours = None
    if hours is None:
        return None
    spans = [
        (start.astimezone(UTC), end.astimezone(UTC), state) for start, end, state, _ in _of(hours, first)
    ]
    doubtful = [(start, end) for start, end, state in spans if state == State.UNKNOWN]
    doubtful += _silent_holidays(notation, first)
    is_open = [(start, end) for start, end, state in spans if state == State.OPEN]
    until = _midnight(first + timedelta(days=DAYS_AHEAD))
    return Openings(tuple(_without(_joined(is_open), doubtful)), tuple(_joined(sorted(doubtful))), until)


def _of(hours: Any, first: date) -> Iterable[tuple[datetime, datetime, Any, str]]:
    last = first + timedelta(days=DAYS_AHEAD)
    spans: Iterable[tuple[datetime, datetime, Any, str]] = hours.intervals(
        datetime.combine(first, time(), PARIS), datetime.combine(last, time(), PARIS)
    )
    return spans


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def _silent_holidays(notation: str, first: date) -> list[Span]:
    """The public holidays of which these hours say nothing: what they say of the weekday proves nothing."""
    if notation == "24/7" or "PH" in notation:
        return []
    dated = [found for rule in split_rules(notation) if (found := day_of(rule)) is not None]
    days = (first + timedelta(days=rank) for rank in range(DAYS_AHEAD))
    return [
        (_midnight(day), _midnight(day + timedelta(days=1)))
        for day in days
        if is_holiday(day) and not any(start <= day <= end for start, end, _ in dated)
    ]


@lru_cache(maxsize=1000)
def is_holiday(day: date) -> bool:
    """Whether it is a public holiday in France."""
    noon = datetime.combine(day, time(12), PARIS)
    return bool(_HOLIDAYS.is_open(noon))


_HOLIDAYS = OpeningHours("PH", country="FR", timezone=PARIS)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that touch are one."""
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _without(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """What is left of `spans` outside the others."""
    left = list(spans)
    for first, last in others:
        cut = [((start, min(end, first)), (max(start, last), end)) for start, end in left]
        left = [span for pair in cut for span in pair if span[0] < span[1]]
    return left


# --- now ---

SOON = timedelta(hours=1)  # below, one says how many minutes are left


class Now(StrEnum):
    """How a sales point is at a moment."""

    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Status:
    """How it is, and until when; None: as far as anybody knows."""

    now: Now
    until: datetime | None = None

    def minutes(self, at: datetime) -> int | None:
        """The minutes until it changes, when that is soon."""
        left = self.until - at if self.until else SOON
        return int(left.total_seconds() // 60) if left < SOON else None


def status(known: Openings | None, at: datetime) -> Status:
    """How a sales point is at this moment."""
    if known is None or at >= known.until:
        return Status(Now.UNKNOWN)
    if any(start <= at < end for start, end in known.doubtful):
        return Status(Now.DOUBTFUL)
    for start, end in known.open:
        if start <= at < end:
            return Status(Now.OPEN, end if end < known.until and end not in dict(known.doubtful) else None)
        if at < start:
            return Status(Now.CLOSED, start)
    return Status(Now.CLOSED)


def days_open(known: Openings | None) -> tuple[int, ...]:
    """The days of the week on which it opens, Monday 0."""
    return tuple(sorted({start.astimezone(PARIS).weekday() for start, _ in known.open})) if known else ()
