"""The public pages without a network: after one visit the list, the sheets and the map last looked at open, say their
date, warn once they are old, and are made new again by themselves."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect
from sqlmodel import Session

from backend import shapes
from backend.domain.merchants import Kind
from backend.storage import merchants, outlines
from backend.web.offline import EVERY
from tests.axe import barriers
from tests.doors import Door, door_before
from tests.e2e.other_browsers import NAMES, Person, missing, running
from tests.e2e.test_map import COMMUNES, Fund, Tiles, fund, new_page, page, tiles
from tests.land import Land
from tests.publishing import active, soon
from tests.town import NANTES

__all__ = ["fund", "new_page", "page", "tiles"]

DAY = 86_400_000  # ms
COPY = "Le réseau ne répond pas. Voici ce que cet appareil a gardé"
OLD = "Attention, ces informations ont plus de sept jours"
ALWAYS = "24/7"
KEPT = re.compile(r"^[1-9]\d*$")
BLÉS = "Les Blés, Marché & halles"
LISTED = ["La Ferme", "Le Panier d’Ici", "Les Blés"]


def three(session: Session, now: datetime) -> None:
    active(session, "Le Panier d’Ici", now, lat=47.20, lon=-1.60, opening_hours=ALWAYS)
    where = {"lat": 47.21, "lon": -1.70, "city": "Couëron", "label": "Marché & halles"}
    active(session, "Les Blés", now, kind=Kind.BAKERY, **where)
    soon(session, "La Ferme", now, kind=Kind.FARM, lat=47.12, lon=-1.80, city="Vue")


@pytest.fixture
def door(fund: Fund) -> Iterator[Door]:
    """The fund behind a door that may lose what it answers."""
    fund.show(three)
    with door_before(fund.server.port) as door:
        yield door


@contextmanager
def killed(fund: Fund) -> Iterator[None]:
    fund.server.kill()
    try:
        yield
    finally:
        fund.server.start()


@contextmanager
def silent(tiles: Tiles) -> Iterator[None]:
    tiles.lost = True
    try:
        yield
    finally:
        tiles.lost = False


def until(page: Page, code: str, given: Any = None) -> Any:
    """Wait for this to be true in the page, whose policy lets no test wait inside it."""
    deadline = time.monotonic() + 20
    while not (found := page.evaluate(code, given)):
        assert time.monotonic() < deadline, code
        threading.Event().wait(0.05)
    return found


def visit(page: Page, address: str) -> None:
    """One visit with a network, until all is kept."""
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-kept", KEPT)


def said_of_the_copy(page: Page) -> str:
    expect(page.locator("#kept-copy")).to_be_visible()
    return page.locator("#kept-copy").inner_text()


def names(page: Page) -> list[str]:
    return sorted(page.locator(".place h4").all_inner_texts())


def sheet(fund: Fund, name: str) -> str:
    with fund.database.read() as session:
        return "/lieux/" + next(each.slug for each in merchants.public_places(session) if each.name == name)


def kept(page: Page) -> dict[str, list[str]]:
    """The paths of all that is kept, by cache."""
    found: dict[str, list[str]] = page.evaluate(
        """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async (name) =>
          [name, (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)])))"""
    )
    return found


def sets(page: Page) -> list[list[str]]:
    return [paths for name, paths in kept(page).items() if name.startswith("lieux-de-")]


def grow_older(page: Page, days: float) -> None:
    """As if what is kept had been fetched that many days earlier."""
    page.evaluate(
        """async (ms) => {
          const cache = await caches.open('lieux-note');
          const note = await (await cache.match('/')).json();
          await cache.put('/', Response.json({ ...note, at: note.at - ms }));
        }""",
        days * DAY,
    )


# --- one visit, then no network ---


def test_after_one_visit_the_list_the_map_and_sheets_never_opened_are_there(page: Page, fund: Fund) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    assert names(page) == LISTED
    with killed(fund):
        page.goto(fund.server.address)
        assert COPY in said_of_the_copy(page)
        assert names(page) == LISTED
        expect(page.locator(".map-pin")).to_have_count(3)
        page.get_by_role("button", name=f"{BLÉS} — accepte la Moneko").click()
        expect(page.get_by_role("dialog", name=BLÉS)).to_be_visible()
        page.goto(fund.server.address + sheet(fund, "Les Blés"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Les Blés")
        assert page.title().startswith(f"{BLÉS} · ")
        assert COPY in said_of_the_copy(page)
        page.goto(fund.server.address + sheet(fund, "Le Panier d’Ici"))
        expect(page.locator("#opening")).to_contain_text("Ouvert")  # the phone's own word: a copy cannot know
        page.get_by_role("link", name="Tous les lieux").click()
        expect(page.locator(".place h4").first).to_be_visible()
        assert names(page) == LISTED
        assert page.evaluate("window.ran") == []


def test_whoever_came_by_the_address_of_one_sheet_has_all_of_them(page: Page, fund: Fund) -> None:
    fund.show(three)
    visit(page, fund.server.address + sheet(fund, "La Ferme"))
    with killed(fund):
        page.goto(fund.server.address + sheet(fund, "Les Blés"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Les Blés")
        page.goto(fund.server.address)
        assert names(page) == LISTED


def test_what_is_looked_for_is_found_in_the_copy_too(page: Page, fund: Fund) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    with killed(fund):
        page.goto(f"{fund.server.address}/?texte=ble")
        expect(page.locator(".place")).to_have_count(1)
        assert names(page) == ["Les Blés"]
        expect(page.get_by_label("Commerce ou commune")).to_have_value("ble")
        page.goto(f"{fund.server.address}/?autour=coueron")
        expect(page.get_by_role("heading", name="Du plus proche au plus loin").first).to_be_visible()
        expect(page.locator(".place h4").first).to_have_text("Les Blés")
        page.goto(f"{fund.server.address}/?autour=rue+Inconnue")
        expect(page.get_by_role("status").filter(has_text="Essayez le nom d’une commune")).to_be_visible()


def test_the_ground_last_looked_at_is_there(page: Page, fund: Fund, tiles: Tiles) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    page.get_by_role("button", name="Rapprocher").click()
    until(page, "() => location.hash")
    view = page.evaluate("location.hash")
    pieces = page.locator("img.leaflet-tile-loaded")
    shown = until(
        page,
        """async () => {
          const shown = [...document.querySelectorAll('img.leaflet-tile')].map(({ src }) => src);
          const kept = (await (await caches.open('lieux-fond')).keys()).map(({ url }) => url);
          return shown.every((one) => kept.includes(one)) && shown;
        }""",
    )
    asked = len(tiles.asked)
    with killed(fund), silent(tiles):
        page.goto("about:blank")
        page.goto(fund.server.address)  # as from a bookmark, which does not say where the map was
        expect(pieces.first).to_be_visible()
        assert {piece.get_attribute("src") for piece in pieces.all()} <= set(shown)
        page.goto(f"{fund.server.address}/{view}")
        expect(pieces.first).to_be_visible()
    assert len(tiles.asked) == asked


def test_pieces_of_the_ground_that_do_not_come_keep_none_of_the_others_away(
    page: Page, fund: Fund, tiles: Tiles
) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    piece = tiles.url.format(z=1, x=0, y=0)
    nowhere = [f"http://127.0.0.1:9/{rank}.png" for rank in range(4)]  # one for each hand
    page.evaluate(
        """async (ground) => (await navigator.serviceWorker.ready).active.postMessage({ ask: 'ground', ground })""",
        [*nowhere, piece],
    )
    until(page, "async (one) => Boolean(await caches.match(one))", piece)


def test_limits_and_districts_are_known_without_the_network_too(page: Page, fund: Fund, tiles: Tiles) -> None:
    fund.show(three)
    drawn = shapes.read(COMMUNES.read_bytes())
    fund.database.write(lambda session: outlines.load(session, NANTES, drawn, datetime.now(UTC)))
    with silent(tiles):
        visit(page, fund.server.address)
        with killed(fund):
            page.goto(fund.server.address)
            expect(page.locator(".map path.limit")).to_have_count(len(drawn))
            page.get_by_text("Autour de", exact=True).click()
            page.get_by_label("Adresse, quartier ou commune").fill(drawn[0].name)
            page.get_by_label("Adresse, quartier ou commune").press("Enter")
            expect(page.get_by_role("heading", name="Du plus proche au plus loin").first).to_be_visible()


def test_what_was_not_kept_says_that_it_needs_the_network_and_staff_pages_are_left_alone(
    page: Page, fund: Fund
) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    page.goto(f"{fund.server.address}/sign-in")
    with killed(fund):
        for path in (
            "/suggest",
            "/papier",
            "/donnees",
            "/lieux/inconnu",
            f"{sheet(fund, 'La Ferme')}/report",
        ):
            page.goto(fund.server.address + path)
            expect(page.get_by_role("heading", level=1)).to_have_text("Cette page a besoin du réseau")
            expect(page.get_by_role("link", name="Voir les lieux gardés sur cet appareil")).to_be_visible()
        assert barriers(page) == []
        for path in ("/sign-in", "/board", "/embed"):
            other = page.context.new_page()  # left with it: Chromium would try again by itself
            with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
                other.goto(fund.server.address + path)
            other.close()
    page.goto(fund.server.address)
    paths = {path for paths in kept(page).values() for path in paths}
    assert not [path for path in paths if path.startswith(("/sign-in", "/board", "/api", "/merchants"))]


# --- its date ---


def test_a_copy_warns_once_it_is_more_than_seven_days_old(page: Page, fund: Fund) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    grow_older(page, 6.9)
    with killed(fund):
        page.goto(fund.server.address)
        assert COPY in said_of_the_copy(page)
        grow_older(page, 0.2)
        for path in ("/", sheet(fund, "Les Blés")):
            page.goto(fund.server.address + path)
            assert OLD in said_of_the_copy(page)
            assert "Appelez avant de vous déplacer" in said_of_the_copy(page)
            assert barriers(page) == []
        grow_older(page, 14)
        page.goto(fund.server.address + sheet(fund, "Le Panier d’Ici"))
        expect(page.locator("#opening")).not_to_contain_text("Ouvert, ferme")


# --- made new again ---


@contextmanager
def open_from_its_copy(page: Page, fund: Fund) -> Iterator[None]:
    """The first page, kept and opened again without a network, which then comes back."""
    fund.show(three)
    visit(page, fund.server.address)
    with killed(fund):
        page.goto(fund.server.address)
        said_of_the_copy(page)
        yield


def test_a_copy_gives_way_by_itself_once_the_network_is_back(page: Page, fund: Fund) -> None:
    with open_from_its_copy(page, fund):
        fund.database.write(lambda session: active(session, "Tout neuf", datetime.now(UTC), city="Vue"))
    page.evaluate("dispatchEvent(new Event('online'))")  # what a phone says of its own network
    expect(page.get_by_role("heading", name="Tout neuf")).to_be_visible()
    expect(page.locator("#kept-copy")).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-kept", KEPT)
    with killed(fund):
        page.goto(fund.server.address)
        expect(page.get_by_role("heading", name="Tout neuf")).to_be_visible()


def test_whoever_is_typing_is_asked_before_the_page_is_made_new(page: Page, fund: Fund) -> None:
    with open_from_its_copy(page, fund):
        page.get_by_label("Commerce ou commune").fill("ble")
        expect(page.locator(".place")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Le réseau est revenu.")).to_be_visible()
    expect(page.get_by_label("Commerce ou commune")).to_have_value("ble")
    assert barriers(page) == []
    page.get_by_role("button", name="Mettre à jour").click()
    expect(page.locator("#kept-copy")).to_be_hidden()
    assert names(page) == ["Les Blés"]


def test_a_page_that_stays_a_copy_is_not_made_new_again_and_again(page: Page, door: Door) -> None:
    visit(page, door.address)
    door.lost = ("/?",)  # the page gets lost, all else comes
    page.goto(f"{door.address}/?texte=ble")
    said_of_the_copy(page)
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new Event('online'))")
    said_of_the_copy(page)
    page.evaluate("window.second = true; for (let n = 0; n < 3; n += 1) dispatchEvent(new Event('online'))")
    expect(page.get_by_role("button", name="Mettre à jour")).to_have_count(1)
    assert page.evaluate("window.second")
    door.lost = ()
    page.get_by_role("button", name="Mettre à jour").click()
    expect(page.locator("#kept-copy")).to_be_hidden()


def test_a_shop_that_left_leaves_the_copy_at_the_next_visit(page: Page, fund: Fund) -> None:
    fund.show(three)
    visit(page, fund.server.address)
    gone = sheet(fund, "La Ferme")
    fund.show(lambda session, now: active(session, "Seul", now, city="Vue"))
    visit(page, fund.server.address)
    with killed(fund):
        page.goto(fund.server.address)
        assert names(page) == ["Seul"]
        page.goto(fund.server.address + gone)
        expect(page.get_by_role("heading", level=1)).to_have_text("Cette page a besoin du réseau")
    assert len(sets(page)) == 1


def test_what_has_not_changed_is_not_fetched_again(page: Page, door: Door) -> None:
    visit(page, door.address)
    door.asked.clear()
    visit(page, door.address)
    fetched = [path for path, status in door.asked if status == 200]
    assert [path for path in fetched if path.startswith(("/hors-ligne/", "/static/"))] == []
    assert ("/hors-ligne.json", 304) in door.asked


def test_who_saves_data_keeps_the_sheets_another_day_and_then_no_longer_what_was_only_shown(
    page: Page, fund: Fund
) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: !localStorage.getItem('plenty') } })"
    )
    fund.show(three)
    visit(page, fund.server.address)
    page.goto(fund.server.address + sheet(fund, "Les Blés"))
    expect(page.locator("html")).to_have_attribute("data-kept", KEPT)
    assert "/hors-ligne/fiches/0.json" not in sets(page)[0]
    assert kept(page)["lieux-vus"] == [sheet(fund, "Les Blés")]
    page.evaluate("localStorage.setItem('plenty', 'yes')")
    visit(page, fund.server.address)
    assert "/hors-ligne/fiches/0.json" in sets(page)[0]
    assert "lieux-vus" not in kept(page)


# --- networks that are worse than none ---


def test_a_network_that_dies_halfway_leaves_the_copy_of_before_whole(
    page: Page, fund: Fund, door: Door
) -> None:
    visit(page, door.address)
    fund.database.write(lambda session: active(session, "Tout neuf", datetime.now(UTC), city="Vue"))
    door.lost = ("/hors-ligne/fiches",)
    page.goto(door.address)
    expect(page.locator("html")).to_have_attribute("data-map", "complete")
    until(
        page, "async () => (await caches.keys()).filter((name) => name.startsWith('lieux-de-')).length === 2"
    )
    door.lost = ("/",)
    page.goto(door.address)
    assert names(page) == LISTED
    page.goto(door.address + sheet(fund, "Les Blés"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Les Blés")
    door.lost = ()
    visit(page, door.address)
    assert len(sets(page)) == 1
    door.lost = ("/",)
    page.goto(door.address + sheet(fund, "Tout neuf"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tout neuf")


def test_a_network_that_never_answers_is_not_waited_for(page: Page, door: Door) -> None:
    visit(page, door.address)
    door.held = ("/",)
    page.goto(door.address)
    assert COPY in said_of_the_copy(page)
    expect(page.locator(".map-pin")).to_have_count(3)
    expect(page.locator("html")).to_have_attribute("data-map", "complete")
    assert names(page) == LISTED


def test_a_server_that_is_being_mended_gives_way_to_the_copy(page: Page, door: Door) -> None:
    visit(page, door.address)
    door.status = 503
    page.goto(door.address)
    assert COPY in said_of_the_copy(page)
    assert names(page) == LISTED


# --- phones without room ---


def limit(page: Page, address: str, size: int) -> None:
    """The bytes that this browser gives to the pages of an address."""
    page.context.new_cdp_session(page).send(
        "Storage.overrideQuotaForOrigin", {"origin": address, "quotaSize": size}
    )


def test_a_full_phone_shows_the_pages_all_the_same(page: Page, fund: Fund) -> None:
    fund.show(three)
    limit(page, fund.server.address, 20_000)
    page.goto(fund.server.address)
    expect(page.locator("html")).to_have_attribute("data-kept", "0")
    assert names(page) == LISTED
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-map", "complete")
    assert names(page) == LISTED


def test_a_phone_with_little_room_keeps_the_list_and_leaves_the_sheets(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    def sixty(session: Session, now: datetime) -> None:
        for rank in range(60):
            active(session, f"Commerce {rank:02}", now, lat=47 + rank / 1_000, lon=-1.6, city="Vue")

    fund.show(sixty)
    page = new_page()
    visit(page, fund.server.address)
    used = page.context.new_cdp_session(page).send(
        "Storage.getUsageAndQuota", {"origin": fund.server.address}
    )["usage"]
    page = new_page()
    limit(page, fund.server.address, int(used) - 100_000)
    visit(page, fund.server.address)
    (paths,) = sets(page)
    assert "/" in paths
    assert not [path for path in paths if path.startswith("/hors-ligne/fiches")]
    page.goto(fund.server.address + sheet(fund, "Commerce 07"))
    with killed(fund):
        page.goto(fund.server.address)
        assert len(names(page)) == 40
        page.goto(fund.server.address + sheet(fund, "Commerce 08"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Cette page a besoin du réseau")
    fund.show(three)


def test_of_a_large_directory_what_was_shown_is_kept(page: Page, tmp_path: Path) -> None:
    land = Land(tmp_path / "land", EVERY + 1)
    try:
        visit(page, land.server.address)
        shown, never = page.locator(".place h4 a").evaluate_all(
            "links => links.slice(0, 2).map(({ href }) => href)"
        )
        listed = names(page)
        page.goto(shown)
        expect(page.locator("html")).to_have_attribute("data-kept", KEPT)
        name = page.get_by_role("heading", level=1).inner_text()
        land.server.kill()
        page.goto(land.server.address)
        assert names(page) == listed
        page.goto(shown)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert COPY in said_of_the_copy(page)
        page.goto(never)
        expect(page.get_by_role("heading", level=1)).to_have_text("Cette page a besoin du réseau")
    finally:
        land.close()


# --- in the other browsers too ---


@pytest.mark.parametrize("browser", NAMES)
def test_in_other_browsers_one_visit_is_enough_too(browser: str, fund: Fund, tmp_path: Path) -> None:
    if reason := missing(browser):
        pytest.skip(reason)
    fund.show(three)
    (tmp_path / "profile").mkdir()
    with running(browser, tmp_path / "profile") as driver:
        person = Person(driver)
        driver.open(fund.server.address)
        person.until("return document.documentElement.dataset.kept > 0")
        with killed(fund):
            driver.open(fund.server.address)
            person.sees(COPY, "#kept-copy")
            person.sees("La Ferme", ".place h4")
            person.until("return document.querySelectorAll('.map-pin').length === 3")
            driver.picture(tmp_path / "list.png")
            driver.open(fund.server.address + sheet(fund, "Les Blés"))
            person.sees("Les Blés", "h1")
            person.sees(COPY, "#kept-copy")
        driver.open(fund.server.address)
        person.until("return document.documentElement.dataset.map === 'complete'")
        person.until("return document.querySelector('#kept-copy').hidden")
