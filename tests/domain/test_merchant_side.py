"""What a merchant reads of where it stands: nothing that it was not told, and what comes next."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.domain.appeals import AppealStep, appeal_until, next_steps
from backend.domain.declarations import may_declare
from backend.domain.merchant_links import LinkState, link_state
from backend.domain.merchant_side import Where, where
from backend.domain.merchants import Record, RecordKind, life

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = NOON.date()
STUDIES = "Le comité habitant étudie votre commerce."


def stands(outcome: str, *, told: bool, meeting_on: date | None = None, appealing: bool = False) -> Where:
    records = [Record("1", RecordKind.DECIDED, NOON, {"outcome": outcome})]
    if told:
        records.append(Record("2", RecordKind.TOLD, NOON + timedelta(minutes=1), {}))
    return where(life(records), None, "", meeting_on, appealing=appealing)


@pytest.mark.parametrize("outcome", ["accredited", "accredited_with_commitments", "deferred", "declined"])
def test_nothing_is_said_of_a_decision_before_it_is_told(outcome: str) -> None:
    assert stands(outcome, told=False).now == STUDIES
    assert stands(outcome, told=True).now != STUDIES


def test_who_appeals_reads_when_the_committee_talks_of_it() -> None:
    assert "demander un nouvel examen" in stands("declined", told=True).then
    waits = stands("declined", told=True, appealing=True)
    assert (waits.now, waits.day) == (stands("declined", told=True).now, None)
    assert "Vous avez demandé" in waits.then
    planned = stands("declined", told=True, meeting_on=DAY, appealing=True)
    assert planned.day == DAY
    assert "{day}" in planned.then


def test_one_may_appeal_for_sixty_days() -> None:
    assert appeal_until(date(2026, 11, 24)) == date(2027, 1, 23)


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ([], ["received", "on_agenda", "answered"]),
        (["received"], ["on_agenda", "answered"]),
        (["on_agenda"], ["answered"]),
        (["answered"], []),
        (["received", "answered"], []),
    ],
)
def test_an_appeal_goes_forward_and_ends_with_its_answer(done: list[str], left: list[str]) -> None:
    assert next_steps(done) == tuple(map(AppealStep, left))


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (None, True),
        ("planned", True),
        ("open", True),
        ("closed", False),
        ("received", False),
        ("decided", False),
    ],
)
def test_a_merchant_speaks_of_itself_until_the_visit_is_over(state: str | None, may: bool) -> None:
    assert may_declare(state) is may


def test_a_link_serves_until_its_last_moment_and_never_once_withdrawn() -> None:
    end = NOON + timedelta(days=365)
    assert link_state(end, None, end - timedelta(seconds=1)) is LinkState.USABLE
    assert link_state(end, None, end) is LinkState.EXPIRED
    assert link_state(end, NOON, NOON) is LinkState.REVOKED
