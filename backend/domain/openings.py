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
from backend.domain.hours import DAY_RULE, day_of, split_rules

DAYS_AHEAD = 14

Span = tuple[datetime, datetime]
"""From the one instant until just before the other, both in UTC: Python compares times of one zone by their digits."""


@dataclass(frozen=True)
class Openings:
    """When it is open, and when nobody knows, in the order of time; nothing is known after `until`.

    `weekdays`: the days of the week on which it comes, Monday 0 (`_weekdays`).
    """

    open: tuple[Span, ...]
    doubtful: tuple[Span, ...]
    until: datetime
    weekdays: tuple[int, ...]


@lru_cache(maxsize=20_000)  # the same few hours, again and again
def openings(notation: str, first: date) -> Openings | None:
    """What these hours mean from the day `first` on; None when they are not known."""
    if not notation:
        return None
    evenings, mornings = _apart(notation)
    try:
        told = list(_told(evenings, first, DAYS_AHEAD))
        nights = list(_nights(mornings, first))
    except ParserError:
        return None
    silent = _silent_holidays(notation, first)
    of_the_day = [_in_utc(start, end) for start, end, state in told if state == State.OPEN]
    sure = [span for evening, span, state in nights if state == State.OPEN and evening not in silent]
    unsure = [span for evening, span, state in nights if state != State.OPEN or evening in silent]
    doubtful = [_in_utc(start, end) for start, end, state in told if state == State.UNKNOWN]
    doubtful += [(_midnight(day), _midnight(day + timedelta(days=1))) for day in silent if day >= first]
    doubtful = _joined(sorted(doubtful + _without(unsure, of_the_day)))
    is_open = _without(_joined(sorted(of_the_day + sure)), doubtful)
    until = _midnight(first + timedelta(days=DAYS_AHEAD))
    return Openings(tuple(is_open), tuple(doubtful), until, _weekdays(notation, first, told))


_RANGE = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def _apart(notation: str) -> tuple[str, str]:
    """Hours until midnight, and those of the morning after, told as if they were of the evening's day (empty: none).

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
        return notation, ""
    mornings = re.sub(rf"{_RANGE.pattern}(?:,{_RANGE.pattern})*", morning, notation)
    return _RANGE.sub(evening, notation), mornings


def _past_midnight(hit: re.Match[str]) -> bool:
    return hit[2] <= hit[1] or hit[2] > "24:00"


def _of_next_day(end: str) -> str:
    return f"{int(end[:2]) % 24:02}{end[2:]}"


def _nights(mornings: str, first: date) -> Iterable[tuple[date, Span, Any]]:
    """What is left, in these two weeks, of the nights that began the day before: the evening's day, the span, and its
    state."""
    if not mornings:
        return
    start = datetime.combine(first, time()) - timedelta(days=1)
    end, day = start + timedelta(days=DAYS_AHEAD), timedelta(days=1)
    for since, until, state, _ in OpeningHours(mornings, country="FR").intervals(start, end):
        if state != State.CLOSED:
            yield since.date(), (_instant(since + day), _instant(until + day)), state


def _instant(wall: datetime) -> datetime:
    """When clocks show this: the later time in the night when an hour comes twice, the end of one that is skipped."""
    once, again = (wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))
    return again if again >= once else once.replace(minute=0)


def _told(evenings: str, first: date, days: int) -> Iterable[tuple[datetime, datetime, Any]]:
    """The spans as clocks show them, closed ones too."""
    hours, last = OpeningHours(evenings, country="FR", timezone=PARIS), first + timedelta(days=days)
    spans = hours.intervals(datetime.combine(first, time(), PARIS), datetime.combine(last, time(), PARIS))
    return ((start, end, state) for start, end, state, _ in spans)


def _in_utc(start: datetime, end: datetime) -> Span:
    return start.astimezone(UTC), end.astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def _silent_holidays(notation: str, first: date) -> list[date]:
    """The public holidays, from the day before on, of which these hours say nothing: what they say of the weekday
    proves nothing."""
    if notation == "24/7" or "PH" in notation:
        return []
    dated = [found for rule in split_rules(notation) if (found := day_of(rule)) is not None]
    days = (first + timedelta(days=rank) for rank in range(-1, DAYS_AHEAD))
    return [
        day for day in days if is_holiday(day) and not any(start <= day <= end for start, end, _ in dated)
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


# --- its days ---


def _weekdays(notation: str, first: date, told: Iterable[tuple[datetime, datetime, Any]]) -> tuple[int, ...]:
    """The days of the week that these hours name within two weeks, public holidays of which they say nothing included:
    nobody knows that it does not come. And those that only come later: once a month, or in their season.
    """
    days = _touched(told)
    if habit := _habit(notation):
        days |= _habitual(habit, first.replace(day=1), 366) - _habitual(habit, first, DAYS_AHEAD)
    return tuple(sorted(days))


def _habit(notation: str) -> str:
    """The rules that do not hold for dates alone; empty where they say the same each week."""
    rules = split_rules(notation)
    lasting = [rule for rule in rules if day_of(rule) is None] or rules
    return "" if all(map(DAY_RULE.fullmatch, lasting)) else "; ".join(lasting)


@lru_cache(maxsize=20_000)  # a year of them costs a millisecond, and is the same all month
def _habitual(habit: str, first: date, days: int) -> frozenset[int]:
    start = datetime.combine(first, time())
    try:
        hours = OpeningHours(_apart(habit)[0])  # of no country: public holidays are no habit
    except ParserError:  # a comment that was cut in two
        return frozenset()
    spans = hours.intervals(start, start + timedelta(days=days))
    return frozenset(_touched((start, end, state) for start, end, state, _ in spans))


def _touched(told: Iterable[tuple[datetime, datetime, Any]]) -> set[int]:
    days = set[int]()
    for start, end, state in told:
        if state != State.CLOSED:
            last = (end - timedelta(microseconds=1)).date()
            days |= {(start.weekday() + rank) % 7 for rank in range(min((last - start.date()).days + 1, 7))}
    return days


# --- now ---

SOON = timedelta(hours=1)  # below, one says how many minutes are left
FAR = timedelta(days=1)  # from there on, the hour at which it closes would be taken for today's


class Now(StrEnum):
    """How a sales point is at a moment."""

    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Status:
    """How it is, and until when; None: as far as anybody knows, or for a day at least. `sure`: whether the next
    opening is; a day that nobody knows may come before it."""

    now: Now
    until: datetime | None = None
    sure: bool = True

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
            is_sure = end < known.until and end - at < FAR and end not in dict(known.doubtful)
            return Status(Now.OPEN, end if is_sure else None)
        if at < start:
            return _closed(known, at, start)
    return _closed(known, at, None)


def _closed(known: Openings, at: datetime, until: datetime | None) -> Status:
    if any(at < start and (until is None or start < until) for start, _end in known.doubtful):
        return Status(Now.CLOSED, sure=False)
    return Status(Now.CLOSED, until)
