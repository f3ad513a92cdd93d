"""The map of what is missing: distances for every reader of numbers, and whom to visit for the coordination alone."""

import re
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend import shapes
from backend.domain.merchants import Kind, Stage, Standing
from backend.domain.people import Role
from backend.storage import merchants, outlines, people
from backend.storage.tables import Merchant
from backend.web.house import House
from tests.test_outlines import SQUARE, geojson, surface
from tests.town import NANTES, RETZ, Town
from tests.web.forms import words

BREAD = f"/missing?territory={NANTES}&family=bread"


@pytest.fixture
def outlined(home: House, town: Town) -> None:
    drawn = shapes.read(geojson(surface("Chantenay", SQUARE)))
    home.db.write(lambda session: outlines.load(session, NANTES, drawn, home.now()))


def add(
    home: House,
    town: Town,
    name: str,
    at: tuple[float, float] | None,
    stage: Stage,
    territory: str = NANTES,
    **given: Any,
) -> str:
    """A merchant that sells bread in one place, at a stage."""
    standing = Standing.ACTIVE if stage is Stage.ACTIVE else Standing.NONE

    def write(session: Session) -> str:
        told = {"families": "bread", "kind": Kind.BAKERY, **given}
        made = merchants.add(session, territory, name, now=home.now(), by=town.claire, source="hand", **told)
        active = standing is Standing.ACTIVE
        lat, lon = at or (None, None)
        merchants.add_place(session, made, lat=lat, lon=lon, placing="hand", takes_moneko=active)
        row = session.get_one(Merchant, made.id)
        row.stage, row.standing = stage, standing
        return made.id

    return home.db.write(write)


@pytest.mark.usefixtures("outlined")
def test_nothing_sold_is_said_and_nothing_is_drawn(coordination: TestClient) -> None:
    page = words(coordination.get("/missing"))
    assert page.count("Aucun commerce actif n’en vend.") == 8
    assert "Ici viendra la carte des distances" in words(coordination.get(BREAD))


@pytest.mark.usefixtures("outlined")
def test_distances_are_from_the_nearest_active_shop_of_any_territory(
    home: House, town: Town, coordination: TestClient
) -> None:
    add(home, town, "Trop tôt", (47.21, -1.59), Stage.ACCREDITED)
    assert "Aucun commerce actif" in words(coordination.get(BREAD))
    add(home, town, "D’à côté", (47.21, -1.57), Stage.ACTIVE, RETZ)
    page = words(coordination.get(BREAD))
    assert "Chantenay 2,1 km 3,1 km 98 %" in page
    add(home, town, "Du milieu", (47.21, -1.59), Stage.ACTIVE)
    page = words(coordination.get(BREAD))
    assert "Chantenay 990 m 1,6 km 47 %" in page
    assert "La moitié du territoire est à plus de 990 m." in words(
        coordination.get(f"/missing?territory={NANTES}")
    )


@pytest.mark.usefixtures("outlined")
def test_who_would_bring_most_comes_first_and_who_said_no_does_not_come(
    home: House, town: Town, coordination: TestClient
) -> None:
    add(home, town, "Active", (47.201, -1.599), Stage.ACTIVE)
    add(home, town, "Au bord", (47.219, -1.6), Stage.SPOTTED)
    add(home, town, "Au milieu", (47.213, -1.587), Stage.ASSESSED)
    add(home, town, "À Tombouctou", (16.77, -3.0), Stage.SPOTTED)
    for stage in (Stage.DECLINED, Stage.NOT_INTERESTED, Stage.CLOSED_DOWN, Stage.WITHDRAWN, Stage.SUSPENDED):
        add(home, town, f"Non {stage}", (47.21, -1.59), stage)
    add(home, town, "Sans pain", (47.21, -1.59), Stage.SPOTTED, families="fish")
    names = re.findall(r'<a href="/merchants/[^"]+">([^<]+)</a>', coordination.get(BREAD).text)
    assert names == ["Au milieu", "Au bord"]


@pytest.mark.usefixtures("outlined")
def test_the_committee_and_research_see_distances_and_no_merchant_that_is_not_public(
    home: House, town: Town, committee: TestClient, moneko: TestClient, client: TestClient
) -> None:
    add(home, town, "Boulangerie secrète", (47.21, -1.59), Stage.SPOTTED)
    add(home, town, "Sans produits", (47.21, -1.59), Stage.ACTIVE, families="", kind=Kind.OTHER)
    page = words(committee.get(BREAD))
    assert "secrète" not in page
    assert "Qui rapprocherait" not in page
    assert "1 commerce actif n’est pas compté" in page
    assert moneko.get("/missing").status_code == 403
    assert client.get("/missing").status_code in (302, 303, 401)


def test_another_territory_is_not_shown_and_an_unknown_family_is_none(
    home: House, town: Town, coordination: TestClient, admin: TestClient
) -> None:
    add(home, town, "De Retz", (47.19, -1.82), Stage.ACTIVE, RETZ)
    asked = f"/missing?territory={RETZ}"
    assert "de Pays de Retz." in words(admin.get(asked))
    assert "de Nantes Ouest." in words(coordination.get(asked))
    assert "Ce qui manque, et où" in words(coordination.get("/missing?family=%00<b>"))


def test_who_sells_what_is_as_in_the_list_and_who_is_nowhere_on_the_map_is_named(
    home: House, town: Town, coordination: TestClient
) -> None:
    add(home, town, "Nulle part", None, Stage.ACTIVE)
    assert "Ici viendra la carte des distances" in words(coordination.get(BREAD))
    add(home, town, "Boulangerie sans notes", (47.201, -1.599), Stage.ACTIVE, families="")
    page = words(coordination.get(BREAD))
    assert "Ici viendra la carte des distances" not in page
    assert "ses produits ne sont pas notés" not in page
    assert "sa place sur la carte n’est pas connue Nulle part" in page


def test_without_outline_a_disc_stands_for_it_and_that_is_said(
    home: House, town: Town, coordination: TestClient
) -> None:
    page = words(coordination.get("/missing"))
    assert "un cercle de 3 km en tient lieu" in page


@pytest.mark.usefixtures("outlined")
def test_names_that_would_be_code_are_words(home: House, town: Town, coordination: TestClient) -> None:
    add(home, town, "<script>alert(1)</script>", (47.21, -1.59), Stage.SPOTTED)
    add(home, town, "<img src=x onerror=alert(1)>", (47.21, -1.59), Stage.ACTIVE, families="")
    page = coordination.get(BREAD).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_fund_without_territories_has_no_such_page_and_no_link_to_it(home: House, signed_in: Any) -> None:
    def hire(session: Session) -> str:
        nour = people.add_person(session, "Nour", home.now(), email="nour@example.org")
        people.grant_role(session, nour.id, Role.ADMIN, home.now(), territory_id=None, by=None)
        return nour.id

    browser: TestClient = signed_in(home.db.write(hire))
    assert browser.get("/missing").status_code == 404
    assert "/missing" not in browser.get("/numbers").text
