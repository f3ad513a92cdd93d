"""What is due appears by itself, from records and a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refusal
from backend.domain.follow_up import Case, Due, Kept, Kind, Promise, due, must_follow
from backend.domain.merchants import Stage

TODAY = date(2026, 11, 24)


def promised(days: int | None, state: Kept | None = None) -> Promise:
    day = None if days is None else TODAY + timedelta(days=days)
    return Promise("p", "Une rampe", "entrer", day, state, TODAY if state else None)


def kinds(*cases: Case) -> list[Kind]:
    return [each.kind for each in due(cases, TODAY)]


@pytest.mark.parametrize(
    ("promise", "kind"),
    [
        (promised(-400), Kind.COMMITMENT),
        (promised(30), Kind.COMMITMENT),
        (promised(31), None),
        (promised(None), Kind.COMMITMENT),
        (promised(-1, Kept.KEPT), None),
        (promised(-1, Kept.NOT_KEPT), Kind.BROKEN),
        (promised(-1, Kept.EXTENDED), Kind.COMMITMENT),
        (promised(90, Kept.EXTENDED), None),
    ],
)
def test_a_commitment_is_due_a_month_before_its_day_until_it_is_settled(
    promise: Promise, kind: Kind | None
) -> None:
    case = Case("m", Stage.ACTIVE, accredited=True, promises=[promise])
    assert kinds(case) == ([kind] if kind else [])


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.DECLINED, Stage.CLOSED_DOWN, Stage.NOT_INTERESTED])
def test_who_has_left_owes_nothing(stage: Stage) -> None:
    case = Case("m", stage, True, TODAY, TODAY, [promised(-3), promised(-3, Kept.NOT_KEPT)])
    assert kinds(case) == []


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (Case("m", Stage.ACTIVE, True, TODAY + timedelta(days=60)), Kind.RENEWAL),
        (Case("m", Stage.ACTIVE, True, TODAY + timedelta(days=61)), None),
        (Case("m", Stage.SUSPENDED, True, TODAY - timedelta(days=5)), Kind.RENEWAL),
        (Case("m", Stage.ASSESSED, True, TODAY), Kind.RENEWAL),
        (Case("m", Stage.ACTIVE, False, TODAY), None),
        (Case("m", Stage.DEFERRED, returns_on=TODAY + timedelta(days=30)), Kind.RETURN),
        (Case("m", Stage.DEFERRED, returns_on=TODAY + timedelta(days=31)), None),
        (Case("m", Stage.DEFERRED), Kind.RETURN),
        (Case("m", Stage.VISIT_PLANNED, returns_on=TODAY), None),  # its visit is planned already
    ],
)
def test_returns_and_ends_appear_by_themselves(case: Case, kind: Kind | None) -> None:
    assert kinds(case) == ([kind] if kind else [])


days = st.integers(-100, 200)
cases = st.builds(
    Case,
    st.text(min_size=1, max_size=3),
    st.sampled_from(Stage),
    st.booleans(),
    st.none() | days.map(lambda n: TODAY + timedelta(days=n)),
    st.none() | days.map(lambda n: TODAY + timedelta(days=n)),
    st.lists(st.builds(promised, st.none() | days, st.none() | st.sampled_from(Kept)), max_size=4),
)


@given(st.lists(cases, max_size=6))
def test_what_is_due_one_day_is_still_due_the_next(listed: list[Case]) -> None:
    def told(day: date) -> set[tuple[Kind, str, date | None, str]]:
        found: list[Due] = due(listed, day)
        return {
            (one.kind, one.merchant_id, one.day, one.promise.text if one.promise else "") for one in found
        }

    assert told(TODAY) <= told(TODAY + timedelta(days=1))


@given(st.lists(cases, max_size=6))
def test_it_is_listed_by_kind_then_by_day(listed: list[Case]) -> None:
    found = due(listed, TODAY)
    order = list(Kind)
    keys = [(order.index(one.kind), one.day is None, one.day or TODAY) for one in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("state", "new_due", "note", "code"),
    [
        (Kept.KEPT, None, "", None),
        (Kept.NOT_KEPT, None, "Pas de rampe.", None),
        (Kept.NOT_KEPT, None, "", "following_note_missing"),
        (Kept.EXTENDED, TODAY + timedelta(days=60), "Travaux.", None),
        (Kept.EXTENDED, TODAY + timedelta(days=60), "", "following_note_missing"),
        (Kept.EXTENDED, None, "Travaux.", "following_day_wrong"),
        (Kept.EXTENDED, TODAY, "Travaux.", "following_day_wrong"),
        (Kept.EXTENDED, date(2126, 11, 24), "Travaux.", "following_day_wrong"),
    ],
)
def test_what_became_of_a_commitment_says_enough(
    state: Kept, new_due: date | None, note: str, code: str | None
) -> None:
    if code is None:
        must_follow(state, new_due, note, TODAY)
        return
    with pytest.raises(Refusal) as refused:
        must_follow(state, new_due, note, TODAY)
    assert refused.value.problem.code == code
