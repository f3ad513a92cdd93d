"""What the records add up to over time."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain import numbers
from backend.domain.merchants import Record, RecordKind, Stage, life

START = datetime(2026, 1, 10, 12, tzinfo=UTC)


def record(day: int, kind: RecordKind, **body: object) -> Record:
    return Record(f"{day:05}", kind, START + timedelta(days=day), body)


LIFE = [
    record(0, RecordKind.SPOTTED, source="hand"),
    record(10, RecordKind.CONTACTED, note=""),
    record(12, RecordKind.NOTE, note="Rien"),
    record(30, RecordKind.VISIT_PLANNED, visit="v"),
    record(40, RecordKind.ASSESSED, visit="v"),
]


def test_a_stage_begins_when_a_record_changes_it() -> None:
    assert [(at.date().isoformat(), stage) for at, stage in numbers.changes(reversed(LIFE))] == [
        ("2026-01-10", Stage.SPOTTED),
        ("2026-01-20", Stage.CONTACTED),
        ("2026-02-09", Stage.VISIT_PLANNED),
        ("2026-02-19", Stage.ASSESSED),
    ]


def test_month_ends_go_back_over_new_year_and_the_last_is_today() -> None:
    assert numbers.month_ends(date(2026, 2, 15), 4) == [
        date(2025, 11, 30),
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 15),
    ]


def test_each_month_counts_merchants_where_they_stood_then() -> None:
    ends = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
    lived = [numbers.changes(LIFE), numbers.changes(LIFE[:1])]
    before, january, february = numbers.standing_at(lived, ends)
    assert before == {}
    assert january == {Stage.CONTACTED: 1, Stage.SPOTTED: 1}
    assert february == {Stage.ASSESSED: 1, Stage.SPOTTED: 1}


def test_stays_tell_those_that_left_from_those_that_are_there() -> None:
    lived = [numbers.changes(LIFE), numbers.changes(LIFE[:1])]
    stays = numbers.stays(lived, START + timedelta(days=50))
    assert stays[Stage.SPOTTED] == numbers.Stays(1, 10, 1, 50)
    assert stays[Stage.ASSESSED] == numbers.Stays(0, None, 1, 10)
    assert stays[Stage.DECLINED] == numbers.Stays(0, None, 0, None)


def test_every_stage_is_in_one_group() -> None:
    assert sorted(stage for stages in numbers.GROUPS.values() for stage in stages) == sorted(Stage)


KINDS = st.sampled_from(
    [RecordKind.CONTACTED, RecordKind.NOT_INTERESTED, RecordKind.CLOSED_DOWN, RecordKind.NOTE]
)


@given(kinds=st.lists(KINDS, max_size=12))
def test_the_last_stage_is_the_one_that_a_life_ends_in(kinds: list[RecordKind]) -> None:
    records = [LIFE[0], *(record(day, kind, note="") for day, kind in enumerate(kinds, 1))]
    found = numbers.changes(records)
    assert found[-1][1] is life(records).stage
    assert found[-1][0] == life(records).since
