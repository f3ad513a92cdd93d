"""The version of what the public pages are made of: raised by every change of it, and by nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col

from backend.domain.merchants import RecordKind
from backend.settings import ROOT
from backend.storage import merchants, published
from backend.storage.engine import Database
from backend.storage.tables import FormKey, Merchant, SalesPoint, Territory
from tests.publishing import ACCREDITED, ACTIVE, TOLD, active, merchant
from tests.town import NANTES, NOON, settle

Work = Callable[[Session], Any]


@pytest.fixture
def shop(database: Database) -> str:
    database.write(lambda session: settle(session, NOON))
    return database.write(lambda session: active(session, "Le Panier d’Ici", NOON))


def version(database: Database) -> int:
    with database.read() as session:
        return published.version(session)


def raised(database: Database, work: Work) -> bool:
    before = version(database)
    database.write(work)
    return version(database) != before


def setting(table: Any, row_id: str, **fields: Any) -> Work:
    def work(session: Session) -> None:
        row = session.get_one(table, row_id)
        for name, value in fields.items():
            setattr(row, name, value)

    return work


def test_every_change_of_a_merchant_a_place_or_a_territory_raises_it(database: Database, shop: str) -> None:
    with database.read() as session:
        (place,) = merchants.places(session, shop)
    for work in (
        setting(Merchant, shop, name="Le Panier"),
        setting(SalesPoint, place.id, lat=47.3),
        setting(Territory, NANTES, phone="02"),
        lambda session: session.add(Territory(id="new", name="New", lat=47.0, lon=-1.0)),
        lambda session: merchants.add_record(
            session, shop, RecordKind.SUSPENDED, {"note": ""}, NOON, by=None
        ),
        lambda session: session.delete(session.get_one(SalesPoint, place.id)),
    ):
        assert raised(database, work)


def test_what_the_public_does_not_see_leaves_it(database: Database, shop: str) -> None:
    form = FormKey(key="k", person_id="p", at=NOON, location="/")
    assert not raised(database, lambda session: session.add(form))
    assert not raised(database, lambda session: session.get_one(Merchant, shop))
    assert not raised(database, lambda session: session.exec(delete(FormKey).where(col(FormKey.key) == "k")))


def test_a_record_that_changes_neither_stage_nor_standing_leaves_it(database: Database, shop: str) -> None:
    contacted = (RecordKind.CONTACTED, {"note": ""})
    assert not raised(
        database, lambda session: merchants.add_record(session, shop, *contacted, NOON, by=None)
    )


def test_each_record_that_brings_a_merchant_to_the_public_raises_it(database: Database, shop: str) -> None:
    other = database.write(lambda session: merchant(session, "Le Radis Bavard", NOON))
    for record in (ACCREDITED, TOLD, ACTIVE):
        assert raised(
            database,
            lambda session, record=record: merchants.add_record(session, other, *record, NOON, by=None),
        )


def test_a_change_that_failed_leaves_it(database: Database, shop: str) -> None:
    def work(session: Session) -> None:
        setting(Merchant, shop, name="Le Panier")(session)
        session.flush()
        raise LookupError

    before = version(database)
    assert isinstance(database.submit(work).exception(), LookupError)
    assert version(database) == before
    assert raised(database, setting(Merchant, shop, name="Le Panier"))


def test_a_change_by_another_process_raises_it(database: Database, shop: str) -> None:
    before = version(database)
    elsewhere = Database(database.url.render_as_string(hide_password=False))
    elsewhere.write(setting(Merchant, shop, name="Le Panier"))
    elsewhere.close()
    assert version(database) != before


WRITES = re.compile(
    r"\b(?:insert|update|delete)\(\s*_?(?:Merchant|SalesPoint|Territory|MERCHANT|SALES_POINT|PLACE|TERRITORY)\b"
    r"|\b_?(?:MERCHANT|SALES_POINT|PLACE|TERRITORY)\.(?:insert|update|delete)\("
)


def test_no_statement_writes_these_tables_behind_the_session_unnoticed() -> None:
    """`merchants.refresh` says so by itself; a restored backup brings its own version, to a server not yet started."""
    found = {
        (Path(file).name, hit.group())
        for file in (ROOT / "backend" / "storage").glob("*.py")
        for hit in WRITES.finditer(file.read_text())
    }
    assert found == {("merchants.py", "update(_MERCHANT")}
