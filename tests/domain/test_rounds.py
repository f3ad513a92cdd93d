"""The order of a round, and how far its shops are from one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.rounds import Stop, distance_m, in_order

NANTES = (47.2184, -1.5536)


@pytest.mark.parametrize(
    ("other", "metres"),
    [(NANTES, 0), ((47.2184, -1.5400), 1027), ((47.0, -1.5536), 24285), ((48.8566, 2.3522), 342_700)],
)
def test_distances_are_those_of_a_map(other: tuple[float, float], metres: float) -> None:
    assert distance_m(*NANTES, *other) == pytest.approx(metres, rel=0.01)


points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(points, points)
def test_a_way_is_as_long_there_as_back(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert distance_m(*one, *other) == pytest.approx(distance_m(*other, *one), abs=1)
    assert 0 <= distance_m(*one, *other) < 20_100_000


def order(*hours: str) -> list[str]:
    return [stop.merchant_id for stop in in_order([Stop(str(rank), at) for rank, at in enumerate(hours)])]


def test_hours_fix_the_order_and_the_others_keep_their_place() -> None:
    assert order("", "", "") == ["0", "1", "2"]
    assert order("15:00", "14:00") == ["1", "0"]
    assert order("14:00", "", "09:30") == ["2", "0", "1"]
    assert order("", "14:00", "09:30") == ["0", "2", "1"]


@given(st.lists(st.sampled_from(["", "09:00", "10:30", "14:00"]), max_size=8))
def test_no_stop_is_lost_and_hours_follow_one_another(hours: list[str]) -> None:
    found = in_order([Stop(str(rank), at) for rank, at in enumerate(hours)])
    assert sorted(stop.merchant_id for stop in found) == sorted(str(rank) for rank in range(len(hours)))
    fixed = [stop.at for stop in found if stop.at]
    assert fixed == sorted(fixed)
