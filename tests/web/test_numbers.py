"""Numbers that people look at, lists for a spreadsheet, and what research takes away."""

import csv
import io
import zipfile
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Kind
from backend.domain.people import Role
from backend.storage import decisions, merchants, people
from backend.storage.decisions import Deciding
from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, NANTES, RETZ, Town
from tests.web.forms import words

HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture
def research(home: House, town: Town, signed_in: Any) -> TestClient:
    """The browser of Sam, who studies both territories."""

    def hire(session: Session) -> str:
        sam = people.add_person(session, "Sam", home.now(), email="sam@example.org")
        people.grant_role(session, sam.id, Role.RESEARCH, home.now(), territory_id=None, by=None)
        return sam.id

    browser: TestClient = signed_in(home.db.write(hire))
    return browser


@pytest.fixture
def received(amina: Phone, town: Town, home: House) -> None:
    """Amina has made the visit, all of it."""
    amina.send(*amina.whole_visit(town.visit, GRID, list(home.rules[GRID].criteria)))


def tables(browser: TestClient) -> dict[str, list[dict[str, str]]]:
    """The files of the research export, as lists of records."""
    answer = browser.get("/research/data.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""), delimiter=";")
            )
            for name in archive.namelist()
        }


def cells(body: bytes) -> list[list[str]]:
    """The cells of a workbook's sheet, as texts; a formula fails."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        shared = [
            "".join(part.itertext())
            for part in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", space)
        ]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(".//m:f", space) is None
    return [
        [
            shared[int(value)] if cell.get("t") == "s" else value
            for cell in row.findall("m:c", space)
            for value in [cell.findtext("m:v", "", space)]
        ]
        for row in sheet.iterfind(".//m:row", space)
    ]


# --- the page ---


@pytest.mark.usefixtures("received")
def test_numbers_say_where_merchants_stand_and_what_visits_find(coordination: TestClient) -> None:
    page = words(coordination.get("/numbers"))
    assert "À décider 1" in page
    assert "D’après 1 visite reçue." in page
    assert "Prévues ce mois-ci 1" in page
    assert "Reçues ce mois-ci 1" in page


def test_an_empty_fund_says_what_will_be_there(home: House, research: TestClient) -> None:
    page = words(research.get(f"/numbers?territory={'x' * 300}"))
    assert "Aucune n’est encore reçue." in page
    assert "dès qu’un commerce sera repéré" in page


def test_numbers_are_those_of_ones_own_territory(
    coordination: TestClient,
    neighbour: TestClient,
    admin: TestClient,
    moneko: TestClient,
    committee: TestClient,
) -> None:
    assert "À visiter 1" in words(coordination.get("/numbers"))
    assert "À visiter 0" in words(coordination.get(f"/numbers?territory={RETZ}"))
    assert "À visiter 1" in words(neighbour.get("/numbers"))
    assert "À visiter 2" in words(admin.get("/numbers"))
    assert "À visiter 1" in words(admin.get(f"/numbers?territory={NANTES}"))
    assert committee.get("/numbers").status_code == 200
    assert moneko.get("/numbers").status_code == 403


# --- lists ---


def with_a_formula(home: House, town: Town) -> None:
    def add(session: Session) -> None:
        merchants.add(session, NANTES, HOSTILE, Kind.OTHER, home.now(), by=town.claire, source="hand")
        deciding = Deciding(DecisionOutcome.DECLINED, date(2026, 11, 20), HOSTILE, {})
        decisions.record(session, town.shop, deciding, home.rules, home.drafts, home.now(), by=town.claire)

    home.db.write(add)


@pytest.mark.parametrize("name", ["merchants", "visits", "decisions"])
def test_a_list_is_a_file_in_which_nothing_runs(
    home: House, town: Town, coordination: TestClient, name: str
) -> None:
    with_a_formula(home, town)
    text = coordination.get(f"/lists/{name}.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    workbook = cells(coordination.get(f"/lists/{name}.xlsx").content)
    assert len(rows) == len(workbook) > 1
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert any("Épicerie des Bourderies" in row for row in workbook)
    assert "Ferme du Tenu" not in text
    if name != "visits":
        assert f"'{HOSTILE}" in text
        assert any(HOSTILE in row for row in workbook)


def test_the_file_holds_what_the_filters_leave(home: House, town: Town, coordination: TestClient) -> None:
    with_a_formula(home, town)
    text = coordination.get("/lists/merchants.csv?text=bourderies").text
    assert "Bourderies" in text
    assert HOSTILE not in text
    assert coordination.get("/lists/merchants.csv?stage=assessed").text.count("\r\n") == 1


def test_lists_are_for_the_coordination(
    coordination: TestClient, committee: TestClient, moneko: TestClient, research: TestClient
) -> None:
    for who in (committee, moneko, research):
        assert who.get("/lists/merchants.csv").status_code == 403
    for unknown in ("/lists/people.csv", "/lists/merchants.exe", "/gap.exe"):
        assert coordination.get(unknown).status_code == 404
    assert moneko.get("/gap.csv").status_code == 200


# --- research ---


@pytest.mark.usefixtures("received")
def test_research_gets_no_name_no_text_and_no_day(home: House, town: Town, research: TestClient) -> None:
    with_a_formula(home, town)
    found = tables(research)
    assert set(found) == {"commerces", "visites", "reponses", "decisions", "codebook"}
    assert len(found["commerces"]) == 3
    assert len(found["visites"]) == 1
    assert found["reponses"]
    everything = repr({name: rows for name, rows in found.items() if name != "codebook"})
    for known in ("Bourderies", "Tenu", "Amina", "Bruno", "calc", town.shop, town.amina, town.visit, "44100"):
        assert known not in everything
    assert "2026-11-" not in everything
    told = {(row["fichier"], row["colonne"]) for row in found["codebook"]}
    assert told == {
        (name, column) for name, rows in found.items() if name != "codebook" for column in rows[0]
    }


@pytest.mark.usefixtures("received")
def test_pseudonyms_stay_the_same_and_join_the_files(research: TestClient) -> None:
    first, again = tables(research), tables(research)
    assert first == again
    shops = {row["commerce"] for row in first["commerces"]}
    assert {row["commerce"] for row in first["visites"]} <= shops
    assert {row["visite"] for row in first["reponses"]} == {row["visite"] for row in first["visites"]}


def test_research_is_for_research_and_the_coordination(
    research: TestClient, coordination: TestClient, committee: TestClient, moneko: TestClient, town: Town
) -> None:
    page = words(research.get("/research"))
    assert "Aucun nom de personne ni de commerce" in page
    assert coordination.get("/research/data.zip").status_code == 200
    for who in (committee, moneko):
        assert who.get("/research").status_code == 403
        assert who.get("/research/data.zip").status_code == 403
    assert research.get("/merchants").status_code == 403
    assert research.get("/board").status_code == 403


@pytest.mark.usefixtures("received")
def test_the_coordination_takes_only_its_own_territory(
    coordination: TestClient, neighbour: TestClient
) -> None:
    assert {row["territoire"] for row in tables(coordination)["commerces"]} == {NANTES}
    assert tables(neighbour)["visites"] == []
