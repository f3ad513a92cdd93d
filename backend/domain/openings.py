"""When a sales point is open in the two weeks to come: instants that can be compared, and what is to be said of now.

Past these two weeks, without hours, and on a public holiday of which the hours say nothing, nobody knows.
"""

import re
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
    if not notation:
        return None
    try:
        evenings, nights = _apart(notation)
    except ParserError:
        return None
    spans = [
        (start.astimezone(UTC), end.astimezone(UTC), state) for start, end, state, _ in _of(evenings, first)
    ]
    doubtful = [(start, end) for start, end, state in spans if state == State.UNKNOWN]
    doubtful += _silent_holidays(notation, first)
    is_open = [(start, end) for start, end, state in spans if state == State.OPEN]
    is_open = sorted(is_open + _next_morning(nights, first))
    until = _midnight(first + timedelta(days=DAYS_AHEAD))
    return Openings(tuple(_without(_joined(is_open), doubtful)), tuple(_joined(sorted(doubtful))), until)


_RANGE = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def _apart(notation: str) -> tuple[Any, Any]:
    """Hours until midnight, and those of the morning after, told as if they were of the evening's day (None: none).

    Of two rules the later one takes the whole day, the end of the night before included: on Saturday « Fr 19:00-02:00;
    Sa 10:00-18:00 » would forget those whom Friday kept up.
    """

    def evening(hit: re.Match[str]) -> str:
        return f"{hit[1]}-24:00" if _past_midnight(hit) else hit[0]

    def morning(times: re.Match[str]) -> str:
        ends = [_of_next_day(hit[2]) for hit in _RANGE.finditer(times[0]) if _past_midnight(hit)]
        kept = [f"00:00-{end}" for end in ends if end != "00:00"]
        return ",".join(kept) or "closed"

    if not any(_past_midnight(hit) for hit in _RANGE.finditer(notation)):
        return OpeningHours(notation, country="FR", timezone=PARIS), None
    evenings = _RANGE.sub(evening, notation)
    mornings = re.sub(rf"{_RANGE.pattern}(?:,{_RANGE.pattern})*", morning, notation)
    return OpeningHours(evenings, country="FR", timezone=PARIS), OpeningHours(mornings, country="FR")


def _past_midnight(hit: re.Match[str]) -> bool:
    return hit[2] <= hit[1] or hit[2] > "24:00"


def _of_next_day(end: str) -> str:
    return f"{int(end[:2]) % 24:02}{end[2:]}"


def _next_morning(nights: Any, first: date) -> list[Span]:
    """What is left, in these two weeks, of the nights that began the day before."""
    if nights is None:
        return []
    start = datetime.combine(first, time()) - timedelta(days=1)
    end, day = start + timedelta(days=DAYS_AHEAD), timedelta(days=1)
    spans = nights.intervals(start, end)
    return [(_instant(a + day), _instant(b + day)) for a, b, state, _ in spans if state == State.OPEN]


def _instant(wall: datetime) -> datetime:
    """When clocks show this: the later time in the night when an hour comes twice, the end of one that is skipped."""
    once, again = (wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))
    return again if again >= once else once.replace(minute=0)


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
