"""A week of opening hours as a form asks for it, with the days that are not like the others.

OpenStreetMap's notation stays the only thing kept: `from_notation` opens it for the form, `notation` closes it again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from backend.domain.errors import Refusal
from backend.domain.hours import CLOSED, DAY_RULE, day_of

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
ADDED = ", "
ASKED = (*DAYS, "PH")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class OtherDays:
    """A day, or days in a row, unlike the others: `times` as the notation writes them, or CLOSED."""

    first: date
    last: date
    times: str


@dataclass(frozen=True)
class Week:
    """What is known of each of ASKED (times or CLOSED; absent: not known), and the exceptions by date."""

    days: Mapping[str, str] = field(default_factory=dict)
    exceptions: Sequence[OtherDays] = ()


def from_notation(text: str) -> Week | None:
    """The week that this notation says, or None for what is rarer than a form can show (every other Saturday…)."""
    days: dict[str, str] = {}
    exceptions = []
    for sign, rule in _signed(text):
        if (dated := _exception(rule)) is not None:
            exceptions.append(dated)
        elif (plain := DAY_RULE.fullmatch(rule)) is not None:
            for day in _days(plain[1] or "Mo-Su"):
                more = sign == ADDED and days.get(day, CLOSED) != CLOSED and plain[2] != CLOSED
                days[day] = f"{days[day]},{plain[2]}" if more else plain[2]
        else:
            return None
    if any(times.count(",") > 1 for times in days.values()):
        return None
    return Week(days, exceptions)


def _signed(text: str) -> list[tuple[str, str]]:
    """The rules, each with the sign before it: of two rules for one day the later holds, unless it is ADDED."""
    first, *others = re.split("([;,] )", text)
    return [("", first), *zip(others[::2], others[1::2], strict=True)] if first else []


def _exception(rule: str) -> OtherDays | None:
    found = day_of(rule)
    return OtherDays(*found) if found else None


def _days(words: str) -> list[str]:
    named: list[str] = []
    for part in words.split(","):
        first, _, last = part.partition("-")
        if first == "PH":
            named.append("PH")
            continue
        start, end = DAYS.index(first), DAYS.index(last or first)
        named += [DAYS[rank % 7] for rank in range(start, end + 1 if end >= start else end + 8)]
    return named


def notation(week: Week) -> str:
    """OpenStreetMap's notation: days alike and in a row together, then public holidays, then what is dated.

    >>> notation(Week({"Mo": "09:00-12:00", "Tu": "09:00-12:00", "Su": "closed"}))
    'Mo-Tu 09:00-12:00; Su closed'
    """
    rules = []
    for start, end in _runs(week.days):
        span = DAYS[start] if start == end else f"{DAYS[start]}-{DAYS[end]}"
        rules.append(f"{span} {week.days[DAYS[start]]}")
    if "PH" in week.days:
        rules.append(f"PH {week.days['PH']}")
    for each in sorted(week.exceptions, key=lambda one: (one.first, one.last)):
        span = _dated(each.first) if each.first == each.last else f"{_dated(each.first)}-{_dated(each.last)}"
        rules.append(f"{span} {each.times}")
    return "; ".join(rules)


def _runs(days: Mapping[str, str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for rank, day in enumerate(DAYS):
        if day not in days:
            continue
        if runs and runs[-1][1] == rank - 1 and days[DAYS[rank - 1]] == days[day]:
            runs[-1] = runs[-1][0], rank
        else:
            runs.append((rank, rank))
    return runs


def _dated(day: date) -> str:
    return f"{day.year} {_MONTHS[day.month - 1]} {day.day}"


# --- what a form says ---

_TIME = re.compile(r"(\d{1,2})\s*[h:]?\s*(\d{2})?", re.I)


def time(text: str) -> str:
    """« 9h », « 9:30 », « 09:30 » as « 09:30 »; midnight at the end of a day is « 24:00 ». Raises day_hours_wrong."""
    found = _TIME.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Refusal("day_hours_wrong")
    return f"{hour:02}:{minute:02}"


def ranges(pairs: Sequence[tuple[str, str]]) -> str:
    """One or two ranges as the notation writes them; empty pairs are passed over. Raises day_hours_wrong.

    A range may end after midnight only when it is the last one.
    """
    given = [(time(first), time(last)) for first, last in pairs if first.strip() or last.strip()]
    ends = [moment for pair in given for moment in pair]
    for before, after in pairwise(ends[:-1]):
        if before >= after:
            raise Refusal("day_hours_wrong")
    if not given or ends[-1] == ends[-2]:
        raise Refusal("day_hours_wrong")
    if ends[-1] < ends[-2] and ends[-1] > "06:00":  # 19h to 15h is a slip, 19h to 2h a bar
        raise Refusal("day_hours_wrong")
    return ",".join(f"{first}-{last}" for first, last in given)
