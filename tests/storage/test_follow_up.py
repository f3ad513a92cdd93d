"""What is due, asked for many merchants at once, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from backend.domain.follow_up import Kept, Kind
from backend.domain.merchants import RecordKind
from backend.storage import follow_up, merchants
from backend.storage.engine import Database
from backend.storage.follow_up import Following
from backend.storage.tables import Decision, DecisionCommitment, Merchant
from tests.counting import statements
from tests.doses import dose
from tests.town import NANTES, RETZ, Town, settle

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def town(database: Database) -> Town:
    return database.write(lambda session: settle(session, NOW))


def decide(session: Session, merchant_id: str, by: str, rank: int, outcome: str, **fields: date) -> Decision:
    made = Decision(
        id=f"{merchant_id}-{rank}",
        merchant_id=merchant_id,
        outcome=outcome,
        decided_on=TODAY,
        reasons="",
        recorded_by=by,
        recorded_at=NOW + timedelta(hours=rank),
        **fields,
    )
    session.add(made)
    session.flush()
    body = {"decision": made.id, "outcome": outcome} | {name: day.isoformat() for name, day in fields.items()}
    merchants.add_record(session, merchant_id, RecordKind.DECIDED, body, made.recorded_at, by=by)
    return made


def promise(session: Session, decision: Decision, rank: int, due: date | None) -> str:
    made = DecisionCommitment(
        id=f"{decision.id}-{rank}", decision_id=decision.id, criterion="", text=f"Promis {rank}", due=due
    )
    session.add(made)
    session.flush()
    return made.id


def kinds(database: Database, merchant_id: str, day: date = TODAY) -> list[Kind]:
    with database.read() as session:
        return [each.kind for each in follow_up.of_merchants(session, [merchant_id], day)[merchant_id]]


def test_only_the_latest_decision_and_the_latest_record_count(database: Database, town: Town) -> None:
    def first(session: Session) -> str:
        made = decide(session, town.shop, town.claire, 1, "accredited", valid_until=TODAY)
        return promise(session, made, 1, TODAY)

    ramp = database.write(first)
    assert kinds(database, town.shop) == [Kind.COMMITMENT, Kind.RENEWAL]

    def extend(session: Session) -> str:
        longer = Following(Kept.EXTENDED, TODAY + timedelta(days=90), "Travaux", "")
        return follow_up.note(session, town.shop, ramp, longer, TODAY, NOW, by=town.claire).id

    latest = database.write(extend)
    assert kinds(database, town.shop) == [Kind.RENEWAL]
    assert kinds(database, town.shop, TODAY + timedelta(days=60)) == [Kind.COMMITMENT, Kind.RENEWAL]

    def break_it(session: Session) -> None:
        broken = Following(Kept.NOT_KEPT, None, "Rien", latest)
        follow_up.note(session, town.shop, ramp, broken, TODAY, NOW + timedelta(hours=1), by=town.claire)

    database.write(break_it)
    assert kinds(database, town.shop) == [Kind.BROKEN, Kind.RENEWAL]
    database.write(lambda session: decide(session, town.shop, town.claire, 2, "deferred", returns_on=TODAY))
    assert kinds(database, town.shop) == [Kind.BROKEN, Kind.RETURN]
    year = TODAY + timedelta(days=365)
    database.write(lambda session: decide(session, town.shop, town.claire, 3, "accredited", valid_until=year))
    assert kinds(database, town.shop) == []


MANY = dose(1_000, 10_000)


def test_however_many_merchants_they_are_asked_in_two_questions(database: Database, town: Town) -> None:
    def fill(session: Session) -> None:
        for rank in range(MANY):
            merchant_id, due = f"m{rank}", TODAY + timedelta(days=rank % 365 + 1)
            session.add(
                Merchant(
                    id=merchant_id, territory_id=(NANTES, RETZ)[rank % 2], name=f"Commerce {rank}", kind="other",
                    stage="active", standing="active", stage_since=NOW, created_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        for rank in range(MANY):
            merchant_id, due = f"m{rank}", TODAY + timedelta(days=rank % 365 + 1)
            session.add(
                Decision(
                    id=f"d{rank}", merchant_id=merchant_id, outcome="accredited_with_commitments", decided_on=TODAY,
                    valid_until=due, reasons="", recorded_by=town.claire, recorded_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        for rank in range(MANY):
            due = TODAY + timedelta(days=rank % 365 + 1)
            session.add(
                DecisionCommitment(
                    id=f"c{rank}", decision_id=f"d{rank}", criterion="", text="Promis", due=due
                )
            )

    database.write(fill)
    with database.read() as session, statements() as sent:
        items = follow_up.of_territories(session, [NANTES], TODAY)
    assert len([each for each in sent if each.lstrip().upper().startswith("SELECT")]) == 2
    count = sum(1 for rank in range(0, MANY, 2) if rank % 365 + 1 <= 30)
    ending = sum(1 for rank in range(0, MANY, 2) if rank % 365 + 1 <= 60)
    assert [sum(each.due.kind is kind for each in items) for kind in (Kind.COMMITMENT, Kind.RENEWAL)] == [
        count,
        ending,
    ]
    with database.read() as session, statements() as sent:
        found = follow_up.of_merchants(session, [f"m{rank}" for rank in range(500)], TODAY)
    assert len([each for each in sent if each.lstrip().upper().startswith("SELECT")]) == 2
    assert sum(map(len, found.values())) > 0
