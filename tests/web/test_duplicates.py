"""Merchants that look like one: said when adding, on the file, in a list; merged with nothing lost, or told apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import select as select_rows
from sqlmodel import Session, SQLModel
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.merchants import Kind, RecordKind
from backend.storage import merchants, visits
from backend.storage.tables import Handover, HandoverLine, Merchant, MonekoPartner
from backend.web.house import House
from tests.merchant_side import decided, made_link, opened
from tests.town import GRID, NANTES, Town, sign_in
from tests.web.forms import everything, post, refused, sent_twice, words

DOUBLE = "Epicerie Bourderies"


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    home.background.stop()


@pytest.fixture
def double(home: House, town: Town) -> str:
    """The shop once more: with what the first has not, a market, a visit, a record, and Moneko's id."""

    def add(session: Session) -> str:
        now = home.now()
        made = merchants.add(
            session, NANTES, DOUBLE, Kind.BAKERY, now, by=town.claire, source="hand", phone="02 40 11 11 11"
        )
        merchants.add_place(session, made, label="Marché de Zola", postcode="44100", city="Nantes")
        merchants.add_record(
            session, made.id, RecordKind.NOTE, {"note": "Ouvre en mai."}, now, by=town.claire
        )
        visits.plan(session, made.id, GRID, date(2026, 12, 1), [town.amina], now, by=town.claire)
        session.add(MonekoPartner(merchant_id=made.id, external_id="__export__.partner_7", at=now))
        return made.id

    return home.db.write(add)


def names_of(home: House, merchant_id: str) -> list[str]:
    """The tables that still name this merchant's id in a column that points at merchants."""
    with home.db.read() as session:
        return [
            table.name
            for table in SQLModel.metadata.sorted_tables
            for column in table.columns
            if any(key.target_fullname == "merchant.id" for key in column.foreign_keys)
            and session.execute(select_rows(column).where(column == merchant_id)).first()
        ]


def test_one_is_asked_before_adding_what_is_probably_there(
    home: House, town: Town, coordination: TestClient
) -> None:
    form = {"territory": NANTES, "name": DOUBLE, "kind": "grocery", "postcode": "44100", "city": "Nantes"}
    before = everything(home)
    answer = post(coordination, "/merchants", form)
    refused(answer, 422, "Ce commerce ressemble à un autre.")
    assert f'href="/merchants/{town.shop}"' in answer.text
    assert f'value="{DOUBLE}"' in answer.text
    assert everything(home) == before
    assert post(coordination, "/merchants", {**form, "another": "1"}).status_code == 303


def test_likely_doubles_are_on_the_file_and_in_the_list(
    town: Town, double: str, coordination: TestClient, neighbour: TestClient
) -> None:
    assert f"Comparer avec {DOUBLE}" in words(coordination.get(f"/merchants/{town.shop}"))
    page = words(coordination.get("/duplicates"))
    assert DOUBLE in page
    assert "noms presque pareils" in page
    assert DOUBLE not in words(neighbour.get("/duplicates"))
    assert "Aucun pour le moment." in words(neighbour.get("/duplicates"))


def test_two_are_compared_side_by_side(town: Town, double: str, coordination: TestClient) -> None:
    page = words(coordination.get(f"/merchants/{town.shop}/duplicates/{double}"))
    assert "Épicerie des Bourderies" in page
    assert "Marché de Zola" in page
    for other in (town.farm, town.shop, "0"):
        assert coordination.get(f"/merchants/{town.shop}/duplicates/{other}").status_code == 404


def test_merging_loses_nothing(home: House, town: Town, double: str, coordination: TestClient) -> None:
    sent_twice(home, coordination, f"/merchants/{town.shop}/mergers", {"other": double})
    with home.db.read() as session:
        kept = merchants.get(session, town.shop)
        places = merchants.places(session, town.shop)
        assert (kept.name, kept.phone) == ("Épicerie des Bourderies", "02 40 11 11 11")
        assert [(place.position, place.label) for place in places] == [(0, ""), (1, "Marché de Zola")]
        assert len(visits.of_merchant(session, town.shop)) == 2
        assert session.get_one(MonekoPartner, town.shop).external_id == "__export__.partner_7"
        assert session.get(Merchant, double) is None
    assert names_of(home, double) == []
    sheet = words(coordination.get(f"/merchants/{town.shop}"))
    assert f"Fusionné avec « {DOUBLE} »" in sheet
    assert "genre : Épicerie gardé, l’autre fiche disait Boulangerie" in sheet
    assert "Ouvre en mai." in sheet
    assert f"/merchants/{town.shop}" in coordination.get("/merchants?text=zola").text


def test_merging_keeps_what_the_merchant_said_and_its_link(
    app: Starlette, home: House, town: Town, double: str, coordination: TestClient
) -> None:
    browser = opened(app, made_link(coordination, home, double))
    kept_link = made_link(coordination, home, town.shop)
    said = {"grid": GRID, "was_level_accueil": "", "level_accueil": "3", "words_accueil": "Bienvenue."}
    post(browser, "/commerce/declarations", {**said, "was_words_accueil": ""})
    decision = decided(home, town)
    post(coordination, f"/merchants/{town.shop}/mergers", {"other": double})
    for each in (browser, opened(app, kept_link)):
        assert "Épicerie des Bourderies" in words(each.get("/commerce"))
    assert "Bienvenue." in words(coordination.get(f"/merchants/{town.shop}/side"))
    form = {"decision": decision, "how": "phone", "told_on": "2026-11-24"}
    post(coordination, f"/merchants/{town.shop}/told", form)
    post(browser, f"/commerce/decisions/{decision}/recours", {"appeal": "Revenez."})
    assert "Revenez." in words(coordination.get(f"/merchants/{town.shop}/side"))


def test_the_old_id_leads_to_the_one_kept_for_ever(
    home: House, town: Town, double: str, coordination: TestClient, neighbour: TestClient
) -> None:
    post(coordination, f"/merchants/{town.shop}/mergers", {"other": double})
    answer = coordination.get(f"/merchants/{double}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/merchants/{town.shop}")
    assert coordination.get(f"/merchants/{double}/edit").status_code == 200
    assert neighbour.get(f"/merchants/{double}").status_code == 404
    third = home.db.write(
        lambda session: (
            merchants.add(session, NANTES, "Zola", Kind.OTHER, home.now(), by=None, source="hand").id
        )
    )
    post(coordination, f"/merchants/{third}/mergers", {"other": town.shop})
    assert coordination.get(f"/merchants/{double}").headers["location"] == f"/merchants/{third}"


def test_what_only_one_can_have_stands_in_the_record(
    home: House, town: Town, double: str, coordination: TestClient
) -> None:
    def hand_over(session: Session) -> None:
        now = home.now()
        session.add(MonekoPartner(merchant_id=town.shop, external_id="__export__.partner_3", at=now))
        session.add(Handover(id="h", model="leads", made_at=now, made_by=town.malo))
        session.flush()
        for rank, each in enumerate((town.shop, double)):
            line = {"handover_id": "h", "merchant_id": each, "position": rank, "sent_before": False}
            session.add(HandoverLine(**line, cells={"name": str(rank)}))

    home.db.write(hand_over)
    post(coordination, f"/merchants/{town.shop}/mergers", {"other": double})
    with home.db.read() as session:
        body = merchants.records(session, town.shop)[-1].body
    assert [row["cells"] for row in body["left"]["handover_line"]] == [{"name": "1"}]
    assert [row["external_id"] for row in body["left"]["moneko_partner"]] == ["__export__.partner_7"]
    moved = coordination.get("/merchants/__export__.partner_7")
    assert moved.headers["location"] == f"/merchants/{town.shop}"


def test_two_that_are_not_the_same_are_not_proposed_again(
    home: House, town: Town, double: str, coordination: TestClient
) -> None:
    sent_twice(home, coordination, f"/merchants/{town.shop}/distinctions", {"other": double})
    assert DOUBLE not in words(coordination.get("/duplicates"))
    sheet = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Comparer avec" not in sheet
    assert f"À ne pas confondre avec « {DOUBLE} »" in sheet


@pytest.mark.parametrize(("who", "status"), [("committee", 403), ("moneko", 403), ("neighbour", 404)])
def test_only_the_coordination_of_the_territory_merges(
    home: House, town: Town, double: str, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    browser: TestClient = request.getfixturevalue(who)
    before = everything(home)
    for what in ("mergers", "distinctions"):
        assert post(browser, f"/merchants/{town.shop}/{what}", {"other": double}).status_code == status
    assert browser.get(f"/merchants/{town.shop}/duplicates/{double}").status_code == status
    assert everything(home) == before


def test_merchants_of_two_territories_are_never_merged(home: House, town: Town, admin: TestClient) -> None:
    before = everything(home)
    assert post(admin, f"/merchants/{town.shop}/mergers", {"other": town.farm}).status_code == 404
    assert everything(home) == before


# --- two people at once ---


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


@pytest.mark.parametrize("opposite", [False, True])
def test_of_two_people_who_merge_the_same_two_one_wins_and_the_other_is_told(
    app: Starlette, home: House, town: Town, double: str, opposite: bool
) -> None:
    start = Barrier(2)
    pairs = [(town.shop, double), (double, town.shop) if opposite else (town.shop, double)]
    browsers = [sign_in(app, town.claire), sign_in(app, town.nour)]

    def merge(rank: int) -> int:
        kept, other = pairs[rank]
        start.wait()
        return post(browsers[rank], f"/merchants/{kept}/mergers", {"other": other}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(merge, range(2)))
    assert answers.count(303) == 1
    assert set(answers) <= {303, 404, 409}
    kept, other = pairs[answers.index(303)]
    with home.db.read() as session:
        merged = [row for row in merchants.records(session, kept) if row.kind == RecordKind.MERGED]
        assert len(merged) == 1
        assert len(merchants.places(session, kept)) == 2
    assert names_of(home, other) == []
