"""The committee decides when enough people who may decide are there, and in a way that can be said."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.committee import (
    Ballot,
    Method,
    Vote,
    Why,
    missing_for_quorum,
    must_stand,
    why_ready,
)
from backend.domain.errors import Refusal
from backend.domain.merchants import Record, RecordKind, life

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOON.date()


def refusal_of(vote: Vote, present: int, quorum: int | None) -> str | None:
    try:
        must_stand(vote, present, quorum)
    except Refusal as refusal:
        return refusal.problem.code
    return None


@pytest.mark.parametrize(
    ("present", "recused", "quorum", "missing"),
    [
        (5, 0, 5, 0),
        (5, 1, 5, 1),
        (0, 0, 5, 5),
        (9, 2, 5, 0),
        (1, 0, None, 0),
        (0, 0, None, 1),
        (1, 1, None, 1),
    ],
)
def test_who_is_recused_does_not_count_for_the_quorum(
    present: int, recused: int, quorum: int | None, missing: int
) -> None:
    assert missing_for_quorum(present, recused, quorum) == missing


@pytest.mark.parametrize(
    ("vote", "code"),
    [
        (Vote(Method.CONSENT), None),
        (Vote(Method.CONSENT, in_favour=5), None),
        (Vote(Method.CONSENT, against=1), "objection_left"),
        (Vote(Method.CONSENT, ballots={"Inès": Ballot.AGAINST}), "objection_left"),
        (Vote(Method.VOTE), "votes_missing"),
        (Vote(Method.VOTE, in_favour=3), None),
        (Vote(Method.VOTE, in_favour=3, against=2), None),
        (Vote(Method.VOTE, in_favour=2, against=2, abstained=1), None),
        (Vote(Method.VOTE, in_favour=2, against=3), "votes_against"),
        (Vote(Method.VOTE, in_favour=4, against=2), "votes_too_many"),
        (Vote(Method.VOTE, in_favour=5, ballots={"Inès": Ballot.FOR}), "votes_too_many"),
        (Vote(Method.VOTE, in_favour=4, ballots={"Inès": Ballot.FOR}), None),
        (Vote(Method.VOTE, in_favour=5, ballots={"Inès": Ballot.RECUSED}), "votes_too_many"),
        (Vote(Method.VOTE, in_favour=4, ballots={"Inès": Ballot.RECUSED}), None),
    ],
)
def test_five_people_of_whom_four_must_be_there(vote: Vote, code: str | None) -> None:
    assert refusal_of(vote, 5, 4) == code


def test_one_recusal_too_many_stops_the_item() -> None:
    recused = dict.fromkeys(("Inès", "Omar"), Ballot.RECUSED)
    assert refusal_of(Vote(Method.CONSENT, ballots=recused), 5, 4) == "quorum_missing"


ballots = st.dictionaries(st.text(min_size=1, max_size=4), st.sampled_from(Ballot), max_size=6)
voices = st.integers(0, 8)


@given(
    voices,
    voices,
    voices,
    ballots,
    st.sampled_from(Method),
    st.integers(0, 12),
    st.none() | st.integers(1, 12),
)
def test_what_stands_always_adds_up(
    in_favour: int,
    against: int,
    abstained: int,
    named: dict[str, Ballot],
    method: Method,
    present: int,
    quorum: int | None,
) -> None:
    vote = Vote(method, in_favour, against, abstained, named)
    if refusal_of(vote, present, quorum) is None:
        deciding = present - vote.count(Ballot.RECUSED)
        said = sum(vote.count(each) for each in (Ballot.FOR, Ballot.AGAINST, Ballot.ABSTAIN))
        assert deciding >= (quorum or 1)
        assert said <= deciding
        assert vote.count(Ballot.AGAINST) <= vote.count(Ballot.FOR)
        assert method is Method.VOTE or not vote.count(Ballot.AGAINST)


# --- who comes before the committee ---


def decided(outcome: str, days_ago: int = 0, **body: str) -> list[Record]:
    at = NOON - timedelta(days=days_ago)
    told = Record("2", RecordKind.TOLD, at + timedelta(minutes=1), {})
    return [Record("1", RecordKind.DECIDED, at, {"outcome": outcome, **body}), told]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([], None),
        ([Record("1", RecordKind.ASSESSED, NOON, {"visit": "v"})], Why.ASSESSED),
        (decided("deferred", returns_on="2026-11-24"), Why.RETURNS),
        (decided("deferred", returns_on="2026-11-25"), None),
        (decided("deferred"), Why.RETURNS),  # before returns had dates
        (decided("declined"), None),
        (decided("accredited", valid_until="2027-01-23"), Why.RENEWAL),
        (decided("accredited", valid_until="2027-01-24"), None),
        (decided("accredited", valid_until="2026-01-01"), Why.RENEWAL),
    ],
)
def test_a_merchant_comes_when_it_is_its_turn(records: list[Record], why: Why | None) -> None:
    assert why_ready(life(records), TODAY) is why


@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_who_is_deferred_comes_back_by_itself_from_its_day_on(returns_on: date, day: date) -> None:
    postponed = life(decided("deferred", returns_on=returns_on.isoformat()))
    assert (why_ready(postponed, day) is Why.RETURNS) == (returns_on <= day)


@pytest.mark.parametrize("records", [[], decided("declined"), decided("deferred"), decided("accredited")])
def test_an_appeal_comes_first_whatever_the_stage(records: list[Record]) -> None:
    assert why_ready(life(records), TODAY, appealing=True) is Why.APPEAL
