"""Questions about merchants that databases might answer differently."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session

from backend.domain.merchants import RecordKind, Stage
from backend.storage import board, merchants
from backend.storage.board import Wanted
from backend.storage.engine import Database
from backend.storage.tables import Decision
from tests.databases import NewDatabase, sqlalchemy_url
from tests.town import NANTES, RETZ, Town, settle

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def town(database: Database) -> Town:
    return database.write(lambda session: settle(session, NOW))


def accredit(session: Session, town: Town, at: datetime, valid_until: date) -> None:
    """The shop, accredited, told, and taking the Moneko."""
    decision = Decision(
        id=f"d{at.day}",
        merchant_id=town.shop,
        outcome="accredited",
        decided_on=at.date(),
        valid_until=valid_until,
        reasons="",
        recorded_by=town.claire,
        recorded_at=at,
    )
    session.add(decision)
    session.flush()
    body = {"decision": decision.id, "outcome": "accredited", "valid_until": valid_until.isoformat()}
    merchants.add_record(session, town.shop, RecordKind.DECIDED, body, at, by=None)
    merchants.add_record(session, town.shop, RecordKind.TOLD, {"note": ""}, at, by=None)
    status = {"status": "active", "note": ""}
    merchants.add_record(session, town.shop, RecordKind.MONEKO_STATUS, status, at, by=None)


def test_what_two_hands_correct_at_once_is_all_kept_from_later_imports(
    new_database: NewDatabase,
) -> None:
    database = Database(sqlalchemy_url(new_database("postgresql")))
    town = database.write(lambda session: settle(session, NOW))
    both_have_read = Barrier(2, timeout=20)

    def correct(details: dict[str, str | None], address: dict[str, str]) -> None:
        def work(session: Session) -> None:
            shop = merchants.get(session, town.shop)
            place = merchants.places(session, town.shop)[0]
            both_have_read.wait()
            merchants.edit(session, shop, details, NOW, by=town.claire)
            merchants.edit_place(session, shop, place, address, NOW, by=town.claire)

        database.write(work)

    with ThreadPoolExecutor(2) as hands:
        changes: list[tuple[dict[str, str | None], dict[str, str]]] = [
            ({"phone": "02 40 12 34 56"}, {"label": "La boutique"}),
            ({"products": "Fromages"}, {"city": "Nantes-Chantenay"}),
        ]
        for done in [hands.submit(correct, *each) for each in changes]:
            done.result()
    with database.read() as session:
        shop, place = merchants.get(session, town.shop), merchants.places(session, town.shop)[0]
        assert shop.hand_edited == ["phone", "place.city", "place.label", "products"]
        assert (shop.phone, shop.products, shop.version) == ("02 40 12 34 56", "Fromages", 3)
        assert (place.label, place.city) == ("La boutique", "Nantes-Chantenay")
        assert "fromages" in shop.search
        assert "chantenay" in shop.search
        assert "boutique" in shop.search
    database.close()


def stages(database: Database, wanted: Wanted, today: date) -> dict[Stage, int]:
    with database.read() as session:
        counts = board.count_by_stage(session, wanted, today)
        found = board.search(session, wanted, today, limit=10)
        shown = [card.stage for card in found]
        assert {stage: shown.count(stage) for stage in shown} == {
            stage: count for stage, count in counts.items() if count
        }
        for card in found:
            merchant, stage = card.merchant, card.stage
            assert merchants.life_of(session, merchant.id, today).stage == stage
    return {stage: count for stage, count in counts.items() if count}


def test_an_accreditation_is_to_renew_the_day_after_its_last(database: Database, town: Town) -> None:
    database.write(lambda session: accredit(session, town, NOW, date(2027, 11, 24)))
    nantes = Wanted([NANTES])
    assert stages(database, nantes, date(2027, 11, 24)) == {Stage.ACTIVE: 1}
    assert stages(database, nantes, date(2027, 11, 25)) == {Stage.TO_RENEW: 1}
    database.write(lambda session: accredit(session, town, NOW + timedelta(days=2), date(2028, 11, 24)))
    assert stages(database, nantes, date(2027, 11, 25)) == {Stage.ACTIVE: 1}


def test_territories_are_wholly_read_or_only_what_was_approved(database: Database, town: Town) -> None:
    today = NOW.date()
    everywhere, nowhere = Wanted(None), Wanted([])
    assert stages(database, everywhere, today) == {Stage.VISIT_PLANNED: 2}
    assert stages(database, nowhere, today) == {}
    assert stages(database, Wanted([], approved_in=None), today) == {}
    database.write(lambda session: accredit(session, town, NOW, date(2027, 11, 24)))
    assert stages(database, Wanted([RETZ], approved_in=[NANTES]), today) == {
        Stage.ACTIVE: 1,
        Stage.VISIT_PLANNED: 1,
    }


def test_a_sign_that_databases_read_as_any_letter_is_only_itself(database: Database, town: Town) -> None:
    def rename(session: Session) -> None:
        shop = merchants.get(session, town.shop)
        merchants.edit(session, shop, {"name": "À 100 mètres"}, NOW, by=town.claire)

    database.write(rename)
    with database.read() as session:
        found = {
            text: len(board.search(session, Wanted(None, text=text), NOW.date(), limit=10))
            for text in ("100", "1_0")
        }
    assert found == {"100": 1, "1_0": 0}
