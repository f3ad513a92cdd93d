"""When a sales point is open in the two weeks to come, as instants that a phone can compare."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.domain.openings import Now, Status, openings, status

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = date(2026, 11, 27)


def opens(notation: str, first: date) -> list[tuple[str, str]]:
    """The spans of local time, as one reads them on a clock with its shift from UTC."""
    known = openings(notation, first)
    assert known is not None
    return [
        (f"{start.astimezone(PARIS):%d %H:%M%z}", f"{end.astimezone(PARIS):%d %H:%M%z}")
        for start, end in known.open
    ]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS).astimezone(UTC)  # type: ignore[arg-type, misc]


def test_a_bar_closes_the_next_morning() -> None:
    assert opens("Fr 19:00-02:00", FRIDAY)[0] == ("27 19:00+0100", "28 02:00+0100")


def test_the_night_before_the_first_day_counts_too() -> None:
    assert opens("Th 19:00-02:00", FRIDAY)[0] == ("27 00:00+0100", "27 02:00+0100")


def test_every_other_week_follows_the_number_of_the_week() -> None:
    odd = opens("week 1-53/2 Mo 09:00-12:00", FRIDAY)  # the 30th of November begins week 49
    even = opens("week 2-53/2 Mo 09:00-12:00", FRIDAY)
    assert [start[:2] for start, _ in odd] == ["30"]
    assert [start[:2] for start, _ in even] == ["07"]


def test_the_third_saturday_of_the_month_is_found() -> None:
    assert [start[:2] for start, _ in opens("Sa[2] 09:00-12:00", date(2026, 12, 1))] == ["12"]


def test_a_dated_exception_goes_before_the_week() -> None:
    days = [start[:2] for start, _ in opens("Mo-Su 09:00-12:00; 2026 Nov 28 closed", FRIDAY)]
    assert days[:2] == ["27", "29"]


def test_a_public_holiday_of_which_the_hours_say_nothing_is_doubtful() -> None:
    known = openings("Mo-Su 09:00-12:00", date(2026, 12, 20))
    assert status(known, at(2026, 12, 25, 10)).now is Now.DOUBTFUL
    assert status(known, at(2026, 12, 26, 10)).now is Now.OPEN


@pytest.mark.parametrize(("said", "now"), [("PH off", Now.CLOSED), ("PH 09:00-12:00", Now.OPEN)])
def test_a_public_holiday_follows_what_the_hours_say_of_it(said: str, now: Now) -> None:
    known = openings(f"Mo-Su 09:00-12:00; {said}", date(2026, 12, 20))
    assert status(known, at(2026, 12, 25, 10)).now is now


def test_the_night_that_lasts_an_hour_less() -> None:
    assert opens("Sa 22:00-03:00", date(2027, 3, 26))[0] == ("27 22:00+0100", "28 03:00+0200")
    known = openings("Sa 22:00-03:00", date(2027, 3, 26))
    assert known is not None
    assert known.open[0][1] - known.open[0][0] == timedelta(hours=4)


def test_the_night_that_lasts_an_hour_more() -> None:
    known = openings("Sa 22:00-03:00", date(2026, 10, 23))
    assert known is not None
    assert known.open[0][1] - known.open[0][0] == timedelta(hours=6)


@pytest.mark.parametrize("notation", ["", "quand je peux", "Mo-Fr 09:00-12:00 foo"])
def test_hours_that_nobody_wrote_or_that_mean_nothing_are_not_known(notation: str) -> None:
    assert openings(notation, FRIDAY) is None
    assert status(None, at(2026, 11, 27, 10)).now is Now.UNKNOWN


def test_past_two_weeks_nobody_knows() -> None:
    known = openings("24/7", FRIDAY)
    assert status(known, at(2026, 12, 10, 23, 59)).now is Now.OPEN
    assert status(known, at(2026, 12, 11)).now is Now.UNKNOWN


def test_hours_marked_as_doubtful_are_not_said_open() -> None:
    known = openings("Mo-Fr 09:00-12:00 unknown", FRIDAY)
    assert status(known, at(2026, 11, 27, 10)).now is Now.DOUBTFUL
    assert status(known, at(2026, 11, 27, 13)).now is Now.CLOSED


def test_the_end_of_a_night_is_kept_though_the_next_day_has_hours_of_its_own() -> None:
    spans = opens("Fr 19:00-02:00; Sa 10:00-18:00", FRIDAY)
    assert spans[:2] == [("27 19:00+0100", "28 02:00+0100"), ("28 10:00+0100", "28 18:00+0100")]


def test_nobody_knows_whether_the_night_goes_on_that_began_on_a_doubtful_holiday() -> None:
    known = openings("Mo-Su 19:00-02:00", date(2027, 5, 2))  # the day after the 1st of May
    assert status(known, at(2027, 5, 2, 0, 30)).now is Now.DOUBTFUL
    assert status(known, at(2027, 5, 2, 2, 30)).now is Now.CLOSED
    assert status(known, at(2027, 5, 3, 0, 30)).now is Now.OPEN


def test_hours_of_the_next_day_are_sure_though_the_night_before_them_is_not() -> None:
    known = openings("Sa 19:00-02:00; Su 01:00-12:00", date(2027, 5, 2))
    assert status(known, at(2027, 5, 2, 0, 30)).now is Now.DOUBTFUL
    assert status(known, at(2027, 5, 2, 1, 30)).now is Now.OPEN


def test_a_night_marked_as_doubtful_stays_so_after_midnight() -> None:
    known = openings("Fr 19:00-02:00 unknown", FRIDAY)
    assert status(known, at(2026, 11, 28, 1)).now is Now.DOUBTFUL


@pytest.mark.parametrize(
    ("notation", "first", "days"),
    [
        ("Sa 08:00-13:00", date(2027, 4, 25), [5]),  # the 1st and the 8th of May
        ("Fr 08:00-13:00", date(2026, 12, 19), [4]),  # the 25th of December and the 1st of January
        ("Fr 08:00-13:00; PH closed", date(2026, 12, 19), []),
        ("Fr 20:00-02:00", FRIDAY, [4]),
        ("24/7", FRIDAY, [0, 1, 2, 3, 4, 5, 6]),
        ("Sa[1] 08:00-13:00", date(2026, 11, 8), [5]),
        ("We 08:00-13:00; Sa[1] 08:00-13:00; PH 08:00-13:00", date(2026, 11, 8), [2, 5]),
        ("Apr-Sep Sa 20:00-02:00", FRIDAY, [5]),
        ("Sa 08:00-13:00; Jan closed", date(2027, 1, 2), [5]),
        ("Sa 08:00-13:00; 2026 Nov 28-2026 Dec 12 closed", FRIDAY, []),
        ("week 1-53/2 Sa 08:00-13:00; 2026 Nov 28-2026 Dec 12 closed", FRIDAY, []),
        ("Sa 08:00-13:00; 2027 Mar 04 08:00-13:00", FRIDAY, [5]),
        ("2027 Mar 04 08:00-13:00", FRIDAY, [3]),
        ("Fr 08:00-13:00 unknown", FRIDAY, [4]),
    ],
)
def test_it_comes_on_the_days_that_its_hours_do_not_rule_out(
    notation: str, first: date, days: list[int]
) -> None:
    known = openings(notation, first)
    assert known is not None
    assert list(known.weekdays) == days


def test_no_opening_is_promised_beyond_a_day_that_nobody_knows() -> None:
    both_fridays_are_holidays = openings("Fr 08:00-12:00", date(2026, 12, 19))
    assert status(both_fridays_are_holidays, at(2026, 12, 19, 10)) == Status(Now.CLOSED, sure=False)
    known = openings("We-Fr 09:00-19:00", date(2026, 12, 24))
    assert status(known, at(2026, 12, 24, 8)) == Status(Now.CLOSED, at(2026, 12, 24, 9))
    assert status(known, at(2026, 12, 24, 20)) == Status(Now.CLOSED, sure=False)


def test_an_hour_is_said_only_when_it_is_within_a_day() -> None:
    known = openings("Mo-Sa 00:00-24:00", date(2026, 11, 30))
    assert status(known, at(2026, 11, 30, 10)) == Status(Now.OPEN)
    assert status(known, at(2026, 12, 5, 10)) == Status(Now.OPEN, at(2026, 12, 6))
