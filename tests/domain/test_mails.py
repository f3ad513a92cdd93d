"""When an e-mail that did not go is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.mails import DELAYS, GIVEN_UP_AFTER, TROUBLES, Trouble, next_try

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_first_delay_is_a_minute_and_the_longest_six_hours() -> None:
    assert (DELAYS[0], DELAYS[-1]) == (timedelta(minutes=1), timedelta(hours=6))
    assert list(DELAYS) == sorted(DELAYS)


@given(st.integers(1, 1000), st.timedeltas(timedelta(0), timedelta(days=10)))
def test_a_next_try_lies_ahead_and_never_after_three_days(tries: int, waited: timedelta) -> None:
    then = next_try(tries, NOON, NOON + waited)
    if then is None:
        assert waited + DELAYS[-1] > GIVEN_UP_AFTER
    else:
        assert NOON + waited + DELAYS[0] <= then <= NOON + GIVEN_UP_AFTER


def test_a_mail_that_always_fails_is_tried_some_fifteen_times_in_three_days() -> None:
    at: datetime | None = NOON
    tries = 0
    while at is not None:
        tries += 1
        at = next_try(tries, NOON, at)
    assert 12 <= tries <= 20


def test_every_trouble_is_said_in_words() -> None:
    assert set(TROUBLES) == set(Trouble)
