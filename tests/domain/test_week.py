"""A week of opening hours: what a form shows of the notation, and the notation it makes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import hours, week
from backend.domain.errors import Refusal
from backend.domain.hours_in_words import in_words
from backend.domain.week import ASKED, OtherDays, Week

TIMES = st.sampled_from(["09:00-12:30", "09:00-12:30,14:00-19:00", "08:00-13:00", "18:00-02:00", "closed"])
DATES = st.dates(date(2026, 1, 1), date(2028, 12, 31))
WEEKS = st.builds(
    Week,
    st.dictionaries(st.sampled_from(ASKED), TIMES),
    st.lists(
        st.tuples(DATES, DATES, TIMES).map(lambda one: OtherDays(min(one[:2]), max(one[:2]), one[2])),
        max_size=4,
        unique_by=lambda one: one.first,
    ),
)


@given(WEEKS)
def test_a_week_comes_back_from_its_notation_and_means_something_to_openstreetmap(asked: Week) -> None:
    said = week.notation(asked)
    again = week.from_notation(said)
    assert again is not None
    assert again.days == asked.days
    assert sorted(again.exceptions, key=str) == sorted(asked.exceptions, key=str)
    assert not said or hours.read(said) == said


def test_days_alike_and_in_a_row_are_said_together() -> None:
    days = {"Mo": "closed", "Tu": "09:00-12:00", "We": "09:00-12:00", "Fr": "09:00-12:00", "PH": "closed"}
    assert week.notation(Week(days)) == "Mo closed; Tu-We 09:00-12:00; Fr 09:00-12:00; PH closed"


def test_closed_weeks_and_special_days_are_said_in_words() -> None:
    asked = Week(
        {"Sa": "08:00-13:00"},
        [
            OtherDays(date(2026, 12, 24), date(2026, 12, 24), "08:00-12:00"),
            OtherDays(date(2026, 8, 1), date(2026, 8, 15), "closed"),
        ],
    )
    assert in_words(week.notation(asked), str) == [
        "samedi : 8:00–13:00",
        "du 1er août 2026 au 15 août 2026 : fermé",
        "le 24 décembre 2026 : 8:00–12:00",
    ]


def test_the_first_saturday_of_the_month_is_said_in_words_and_left_to_the_field_for_experts() -> None:
    assert in_words("Sa[1,3] 08:00-13:00", str) == ["premier et troisième samedi du mois : 8:00–13:00"]
    assert week.from_notation("Sa[1,3] 08:00-13:00") is None


@pytest.mark.parametrize(
    ("written", "kept"), [("9h", "09:00"), ("9h30", "09:30"), ("9 h 05", "09:05"), ("19:00", "19:00")]
)
def test_times_are_read_as_people_write_them(written: str, kept: str) -> None:
    assert week.time(written) == kept


@pytest.mark.parametrize(
    "pairs",
    [
        [("9h", "")],
        [("", "12h")],
        [("", "")],
        [("12h", "9h")],
        [("9h", "9h")],
        [("9h", "14h"), ("12h", "19h")],
        [("25h", "26h")],
        [("9h75", "12h")],
        [("matin", "midi")],
        [("<script>", "12h")],
    ],
)
def test_times_that_do_not_follow_one_another_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Refusal, match="Il manque une heure"):
        week.ranges(pairs)


def test_a_bar_may_close_after_midnight() -> None:
    assert week.ranges([("12h", "14h"), ("18h", "2h")]) == "12:00-14:00,18:00-02:00"


@pytest.mark.parametrize(
    "written",
    ["lundi 9h-12h, lundi 14h-18h", "Mo 09:00-12:00; Mo 14:00-18:00", "Mo 09:00-12:00, Mo 14:00-18:00"],
)
def test_two_rules_for_one_day_are_both_kept(written: str) -> None:
    assert hours.read(written) == "Mo 09:00-12:00,14:00-18:00"


def test_what_is_added_to_a_day_of_several_stays_in_the_form() -> None:
    shown = week.from_notation("Mo-Tu 09:00-12:00, Tu 14:00-18:00")
    assert shown is not None
    assert shown.days == {"Mo": "09:00-12:00", "Tu": "09:00-12:00,14:00-18:00"}
    later = week.from_notation("Mo-Tu 09:00-12:00; Tu 14:00-18:00")
    assert later is not None
    assert later.days["Tu"] == "14:00-18:00"
