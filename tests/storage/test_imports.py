"""Writing a file of merchants: in one go, once, and never twice at the same time."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from backend.domain import directory
from backend.domain.directory import Line
from backend.domain.merchants import Kind, RecordKind
from backend.storage import duplicates, imports, merchants
from backend.storage.engine import Database
from backend.storage.tables import Merchant, MerchantRecord, SalesPoint
from tests.town import NANTES, Town, settle

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILE = "nom;code postal;ville;adresse\n" + "".join(f"Étal {n};44100;Nantes;{n} rue Zola\n" for n in range(30))


@pytest.fixture
def town(database: Database) -> Town:
    return database.write(lambda session: settle(session, NOW))


def kept(database: Database, town: Town, text: str = FILE) -> str:
    return database.write(
        lambda session: imports.keep(session, NANTES, "a.csv", text, NOW, by=town.claire).id
    )


def lines(text: str = FILE) -> tuple[Line, ...]:
    return directory.read(text, (47.207, -1.606)).lines


def apply(session: Session, draft: str, town: Town, text: str = FILE) -> None:
    imports.apply(session, imports.get(session, draft), lines(text), {}, NOW, by=town.claire)


def test_two_files_that_say_the_same_applied_at_the_same_time_double_nothing(
    database: Database, town: Town
) -> None:
    drafts = [kept(database, town) for _ in range(4)]
    waiting = [database.submit(lambda session, draft=draft: apply(session, draft, town)) for draft in drafts]
    for future in waiting:
        future.result()
    with database.read() as session:
        added = session.exec(select(Merchant.id).where(Merchant.name != "Épicerie des Bourderies"))
        assert len(added.all()) == 31  # those of the file, and the farm next door
        results = sorted(str(imports.get(session, draft).result) for draft in drafts)
    assert results == ["{'new': 30}"] + ["{'unchanged': 30}"] * 3


def test_what_is_written_is_what_the_records_add_up_to(database: Database, town: Town) -> None:
    draft = kept(database, town)
    database.write(lambda session: apply(session, draft, town))
    with database.read() as session:
        added = session.exec(select(Merchant).where(Merchant.name == "Étal 7")).one()
        life = merchants.life_of(session, added.id)
        assert (added.stage, added.standing, added.stage_since) == (life.stage, life.standing, life.since)
        (record,) = merchants.records(session, added.id)
        assert (record.kind, record.author_id, record.body["import"]) == (
            RecordKind.SPOTTED,
            town.claire,
            draft,
        )
        (place,) = merchants.places(session, added.id)
        assert (place.slug, place.placing) == ("etal-7-nantes", "to_find")


def test_a_file_gives_away_no_address_that_leads_to_a_joined_sales_point(
    database: Database, town: Town
) -> None:
    def join(session: Session) -> list[str]:
        at = {"address": "7 rue Zola", "postcode": "44100", "city": "Nantes"}
        ids = [
            merchants.add(session, NANTES, "Étal 7", Kind.GROCERY, NOW, by=town.claire, source="hand").id
            for _ in range(2)
        ]
        slugs = [
            merchants.add_place(session, merchants.get(session, merchant), **at).slug for merchant in ids
        ]
        duplicates.merge(session, ids[1], ids[0], NOW, by=town.claire)
        merchants.get(session, ids[1]).name = "Autre nom"
        return slugs

    before = database.write(join)
    draft = kept(database, town)
    database.write(lambda session: apply(session, draft, town))
    with database.read() as session:
        added = session.exec(
            select(SalesPoint.slug)
            .join(Merchant, Merchant.id == SalesPoint.merchant_id)
            .where(Merchant.name == "Étal 7")
        ).one()
    assert added not in before


def test_the_text_of_a_file_goes_once_it_is_applied(database: Database, town: Town) -> None:
    draft = kept(database, town)
    database.write(lambda session: apply(session, draft, town))
    with database.read() as session:
        assert imports.get(session, draft).text == ""


def test_a_file_that_fails_writes_nothing(database: Database, town: Town) -> None:
    draft = kept(database, town)

    def fail(session: Session) -> None:
        apply(session, draft, town)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fail)
    with database.read() as session:
        assert imports.get(session, draft).applied_at is None
        assert len(session.exec(select(SalesPoint)).all()) == 2
        assert not [row for row in session.exec(select(MerchantRecord)) if "import" in row.body]
