"""Searching on the public map and list in a real Chromium: the address, around where, and what comes meanwhile."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import Session

from backend import shapes
from backend.domain.days import PARIS
from backend.domain.merchants import Kind
from backend.storage import outlines
from tests.e2e.test_map import (
    COMMUNES,
    Fund,
    Tiles,
    five_places,
    fund,
    in_many_towns,
    looked_for,
    new_page,
    tiles,
)
from tests.publishing import active
from tests.town import NANTES

__all__ = ["fund", "new_page", "tiles"]

HERE = {"latitude": 47.30043, "longitude": -1.60067}
NEAR_ME = re.compile("Me situer")
UNKEPT: Any = {"service_workers": "block"}  # a page that keeps nothing asks the network itself


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(**UNKEPT)


def open_complete(page: Page, fund: Fund, rest: str = "") -> None:
    page.goto(f"{fund.server.address}/{rest}")
    page.wait_for_selector("html[data-map=complete]")


def look_around(page: Page, name: str) -> None:
    page.locator("[name=autour]").evaluate("(field, name) => { field.value = name; }", name)
    page.locator(".search").evaluate("form => form.requestSubmit()")


def tick(page: Page, product: str) -> None:
    page.locator(f"[name=produits][value={product}]").evaluate("box => box.click()")


def headings(page: Page) -> list[str]:
    return page.locator(".place h4").all_inner_texts()


# --- the places change while the page is open ---


def test_a_page_that_stays_open_finds_among_the_places_that_are_there_now(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_complete(page, fund)

    def another(session: Session, now: datetime) -> None:
        active(session, "Abricot", now, kind=Kind.BAKERY, lat=47.2, lon=-1.6, city="Ancenis")
        five_places(session, now)

    fund.show(another)
    page.get_by_role("button", name="Commerce 1 — accepte la Moneko").click()
    expect(page.get_by_role("dialog")).to_contain_text("Boulangerie")  # of the same place, at another rank
    page.get_by_role("button", name="Fermer").click()
    tick(page, "bread")
    expect(page.get_by_role("status")).to_have_text("2 lieux où payer en Moneko.")
    expect(page.locator(".place h4")).to_have_text(["Abricot", "Commerce 1"])
    page.route("**/carte/lignes/*", lambda route: route.abort())
    fund.show(five_places)
    open_complete(page, fund)
    tick(page, "bread")
    expect(page.get_by_role("status")).to_contain_text("Rechargez la page")


def test_what_was_written_before_the_places_were_there_is_looked_for_once_they_are(
    page: Page, fund: Fund
) -> None:
    fund.show(five_places)
    held: list[Route] = []
    page.route("**/lieux.json", lambda route: held.append(route))
    page.goto(fund.server.address)
    page.get_by_label("Commerce ou commune").fill("Commerce 3")
    page.wait_for_selector("html[data-map=usable]")
    page.wait_for_timeout(500)  # the pause after the last letter is over
    held[0].continue_()
    expect(page.locator(".place h4")).to_have_text(["Commerce 3"])
    expect(page).to_have_url(f"{fund.server.address}/?texte=Commerce+3")


# --- around where ---


def test_around_a_place_stays_while_something_else_is_asked(page: Page, fund: Fund) -> None:
    fund.show(looked_for)
    open_complete(page, fund, "?autour=Vue")
    expect(page.locator(".map-pin")).to_have_count(1)  # the map is there, and not over all places
    tick(page, "bread")
    expect(page.locator(".around")).to_have_text("Autour de Vue")
    expect(page.locator(".place h4")).to_have_text(["Fournil Fermé", "Fournil Ouvert"])
    expect(page.locator(".place .distance")).to_have_count(2)
    assert "?produits=bread&autour=Vue" in page.url
    look_around(page, "nantes")
    expect(page.locator(".around")).to_have_text("Autour de nantes")
    expect(page).to_have_url(re.compile("autour=nantes"))
    look_around(page, "")
    expect(page.locator(".around")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("autour"))


def test_a_place_that_is_asked_for_counts_more_than_where_one_is_and_that_stays_unsaid(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    fund.show(five_places)
    page = new_page(geolocation=HERE, permissions=["geolocation"], **UNKEPT)
    open_complete(page, fund)
    near_me = page.get_by_role("button", name=NEAR_ME)
    near_me.click()
    expect(page.get_by_role("status")).to_contain_text("Le plus proche : Commerce 1")
    look_around(page, "Commerce 2")
    expect(page.locator(".around")).to_have_text("Autour de Commerce 2")
    page.context.set_geolocation({"latitude": 47.33, "longitude": -1.9})
    expect(page.locator(".leaflet-control-locate-location")).to_have_count(0)
    expect(page.locator(".place h4").first).to_have_text("Commerce 2")
    page.context.set_geolocation(HERE)
    near_me.click()  # the control goes at once where one was
    expect(page.get_by_role("status")).to_contain_text("Le plus proche : Commerce 1")
    page.get_by_role("button", name="Rapprocher", exact=True).click()
    expect(page).to_have_url(f"{fund.server.address}/")
    expect(page.locator("[name=autour]")).to_have_value("")
    kept = page.evaluate("localStorage.getItem('last-view')")
    assert "47.300" not in (kept or "")
    assert headings(page)[0] == "Commerce 1"


def test_a_position_found_before_the_places_is_not_written_down(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    fund.show(five_places)
    page = new_page(geolocation=HERE, permissions=["geolocation"], **UNKEPT)
    held: list[Route] = []
    page.route("**/lieux.json", lambda route: held.append(route))
    page.goto(fund.server.address)
    page.get_by_role("button", name=NEAR_ME).click()
    expect(page.locator(".leaflet-control-locate-location")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("Le plus proche : Commerce 1")
    page.get_by_role("button", name=NEAR_ME).click()
    page.get_by_role("button", name="Éloigner", exact=True).click()
    expect(page).to_have_url(f"{fund.server.address}/")
    assert page.evaluate("localStorage.getItem('last-view')") is None


# --- what comes late ---


def test_an_answer_that_comes_late_overwrites_nothing(page: Page, fund: Fund) -> None:
    fund.show(looked_for)
    open_complete(page, fund)
    held: list[Route] = []
    page.route("**/carte/adresses.json*", lambda route: held.append(route))
    look_around(page, "3 rue du Panier")
    tick(page, "bread")
    expect(page.locator(".place h4")).to_have_count(2)
    spot = {"said": "", "label": "3 Rue du Panier", "spot": [4725000, -160000]}
    held[0].fulfill(json=spot)
    expect(page.locator(".around")).to_have_text("Autour de 3 Rue du Panier")
    assert headings(page) == ["Fournil Fermé", "Fournil Ouvert"]
    assert re.search(r"\?produits=bread&autour=3\+rue\+du\+Panier", page.url)
    look_around(page, "2 rue du Panier")
    look_around(page, "Vue")
    expect(page.locator(".around")).to_have_text("Autour de Vue")
    held[1].fulfill(json=spot | {"label": "2 Rue du Panier"})
    page.wait_for_function("() => performance.now() > 0")
    tick(page, "bread")
    expect(page.locator(".place h4").first).to_have_text("Primeur")
    expect(page.locator(".around")).to_have_text("Autour de Vue")


# --- addresses that are given to somebody ---


def test_an_address_opens_the_map_whatever_stands_behind_it(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_complete(page, fund, "#16/47.3000/-1.6000.")
    expect(page.locator(".map-pin")).to_have_count(1)


# --- what is open, and what is chosen ---


def test_what_is_open_is_said_anew_while_the_page_stays_open(page: Page, fund: Fund) -> None:
    fund.show(mornings)
    tomorrow = (datetime.now(PARIS) + timedelta(days=1)).replace(hour=7, minute=59, second=30)
    page.clock.install(time=tomorrow)
    open_complete(page, fund)
    expect(page.locator(".place .opening").first).to_have_text("Fermé en ce moment")
    page.clock.fast_forward(90_000)
    expect(page.locator(".place .opening").first).to_have_text("Ouvert jusqu’à 12:00")
    page.locator("[name=ouvert]").select_option("maintenant")
    page.clock.run_for(1000)
    expect(page.locator(".place h4")).to_have_text(["Le Matin"])
    page.clock.fast_forward("04:00:00")
    expect(page.locator(".place h4")).to_have_text(["Le Soir"])
    page.locator("[name=ouvert]").select_option("le")
    page.clock.run_for(1000)
    expect(page.locator(".place h4")).to_have_text(["Le Matin", "Le Soir"])
    expect(page.locator(".place .opening")).to_have_count(0)  # no day is chosen yet


def mornings(session: Session, now: datetime) -> None:
    active(session, "Le Matin", now, opening_hours="Mo-Su,PH 08:00-12:00", city="Vue")
    active(session, "Le Soir", now, opening_hours="Mo-Su,PH 12:00-20:00", city="Vue")


def test_choices_out_of_sight_are_counted_and_buttons_say_which_place(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_complete(page, fund, "?produits=bread&acces=help")
    hint = page.locator(".search-more .hint")
    expect(hint).to_have_text("2 choix faits")
    tick(page, "bread")
    expect(hint).to_have_text("1 choix fait")
    page.locator(".search-more summary").filter(has_text="Produits").click()
    page.locator("[name=acces]").select_option("")
    expect(hint).to_have_text("")
    show = page.get_by_role("button", name=re.compile(r"^Voir sur la carte.: Commerce 3$"))
    expect(show).to_have_text("Voir sur la carte")


def test_on_a_touch_screen_a_sentence_says_how_to_move_the_map(
    new_page: Callable[..., Page], page: Page, fund: Fund
) -> None:
    fund.show(five_places)
    page.goto(fund.server.address)
    expect(page.get_by_text("deux doigts")).to_be_hidden()
    touched = new_page(has_touch=True, is_mobile=True)
    touched.goto(fund.server.address)
    expect(touched.get_by_text("deux doigts")).to_be_visible()


# --- a ground that comes and goes ---


def test_the_maps_own_ground_stands_in_only_while_no_other_comes(
    page: Page, fund: Fund, tiles: Tiles
) -> None:
    fund.show(in_many_towns)
    drawn = shapes.read(COMMUNES.read_bytes())
    fund.database.write(lambda session: outlines.load(session, NANTES, drawn, datetime.now(UTC)))
    lost = [True]
    page.route(tiles.url[: tiles.url.index("{")] + "**", lambda route: each(route, lost))
    open_complete(page, fund)
    page.wait_for_function("() => document.querySelector('.leaflet-tile-loaded')")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("status")).to_have_text("")  # one piece was lost: no matter
    expect(page.locator(".map path.limit")).to_have_count(0)
    lost[:] = [True] * 100
    page.get_by_role("button", name="Éloigner", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Le fond de carte ne répond pas")
    expect(page.locator(".map path.limit")).to_have_count(len(drawn))
    lost.clear()
    page.get_by_role("button", name="Rapprocher", exact=True).click()
    expect(page.locator(".map path.limit")).to_have_count(0)
    expect(page.locator(".map .town-name")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("")


def each(route: Route, lost: list[bool]) -> None:
    """Lose as many pieces as `lost` has."""
    if lost:
        lost.pop()
        route.abort()
    else:
        route.continue_()


# --- more places than a phone takes ---


def test_with_more_places_than_a_phone_takes_the_list_stays_the_funds(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    fund.show(five_places)
    page = new_page(geolocation=HERE, permissions=["geolocation"], **UNKEPT)
    page.route("**/lieux.json", lambda route: route.fulfill(json={"version": "many", "size": 30_000}))

    def in_pieces(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('"whole": true', '"whole": false'))

    page.route("**/carte.js", in_pieces)
    asked: list[str] = []
    page.on("response", lambda response: asked.append(f"{response.status} {urlsplit(response.url).path}"))
    open_complete(page, fund, "#2/47.2/-1.6")
    page.get_by_role("button", name="Éloigner", exact=True).click()
    expect(page.get_by_role("button", name="5 lieux proches : rapprocher")).to_be_visible()
    page.get_by_role("button", name=NEAR_ME).click()
    expect(page.get_by_role("button", name="Commerce 1 — accepte la Moneko")).to_be_visible()
    expect(page.locator(".place h4")).to_have_text([f"Commerce {rank}" for rank in range(5)])
    expect(page.get_by_role("status")).to_have_text("")
    assert not [each for each in asked if each.startswith("404")]
