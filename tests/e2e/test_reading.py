"""The coordination reads a visit with two sheets, keys in a paper by keyboard alone, sees the score, prints."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.storage import people
from backend.web.house import House
from backend.web.security import STAFF_COOKIE
from tests.axe import by_day_and_by_night
from tests.e2e.test_keyboard import reach
from tests.e2e.test_screens import SIDEWAYS
from tests.phones import Phone
from tests.servers import Server
from tests.town import GRID, Town

DESK = {
    "locale": "fr-FR",
    "viewport": {"width": 1280, "height": 800},
    "bypass_csp": True,
    "reduced_motion": "reduce",
}


@pytest.fixture
def desk(chromium: Browser, home: House, town: Town, live_server: Server) -> Iterator[BrowserContext]:
    """Claire's browser."""
    context = signed_in(chromium, home, town, live_server)
    yield context
    context.close()


def signed_in(chromium: Browser, home: House, town: Town, live_server: Server, **how: bool) -> BrowserContext:
    token = home.db.write(
        lambda session: people.open_session(session, home.now(), days=30, person_id=town.claire)
    )
    context = chromium.new_context(**(DESK | how))  # type: ignore[arg-type]
    context.add_cookies([{"name": STAFF_COOKIE, "value": token, "url": live_server.address}])
    return context


def criteria(home: House) -> list[str]:
    return [each.id for each in home.grids[GRID].criteria]


@pytest.fixture
def two_sheets(home: House, town: Town, amina: Phone, bruno: Phone) -> str:
    """Amina and Bruno answered apart, and differ on the first criterion; the address of their visit."""
    for phone, first in ((amina, 0), (bruno, 3)):
        levels = dict.fromkeys(criteria(home), 2) | {criteria(home)[0]: first}
        made = [phone.choose(town.visit, each, level, sheet=phone.owner) for each, level in levels.items()]
        phone.send(phone.start(town.visit, GRID, "separate"), *made)
    return f"/visits/{town.visit}"


def for_everyone(page: Page) -> None:
    """No fault that axe finds, by day and by night, and nothing that sticks out of a small screen."""
    assert by_day_and_by_night(page) == [], page.url
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate(SIDEWAYS) == [], page.url
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert page.evaluate(SIDEWAYS) == [], page.url
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.emulate_media(color_scheme="light")


def test_two_sheets_are_read_side_by_side_and_printed(
    desk: BrowserContext, two_sheets: str, live_server: Server
) -> None:
    page = desk.new_page()
    page.goto(live_server.address + two_sheets)
    side_by_side = page.get_by_role("region", name="Les feuilles côte à côte").first
    expect(side_by_side).to_contain_text("1 critère où les réponses diffèrent")
    expect(page.get_by_role("row", name="Entrer et circuler")).to_contain_text("différent")
    expect(page.get_by_role("row", name="Venir sans voiture")).to_contain_text("d’accord")
    expect(page.get_by_role("heading", name="Le score")).to_be_visible()
    for_everyone(page)
    printed = desk.request.get(live_server.address + two_sheets + "/visit.pdf")
    assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    expect(page.get_by_role("link", name="Imprimer la visite")).to_have_attribute(
        "href", f"{two_sheets}/visit.pdf"
    )
    page.get_by_role("link", name="Tout l’historique").click()
    expect(page.get_by_role("heading", name="Tout l’historique")).to_be_visible()
    for_everyone(page)


def test_a_paper_is_keyed_in_by_keyboard_alone(
    desk: BrowserContext, home: House, town: Town, live_server: Server
) -> None:
    page = desk.new_page()
    page.goto(f"{live_server.address}/visits/{town.visit}")
    reach(page, "Saisir une grille remplie")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Saisir une grille remplie sur papier")).to_be_visible()
    for_everyone(page)
    reach(page, "Feuille commune, remplie par Amina")
    page.keyboard.press("Enter")
    expect(page.get_by_text("0 critères sur 15 ont une réponse.")).to_be_visible()
    for rank, criterion in enumerate(home.grids[GRID].criteria):
        key = "n" if criterion.may_not_apply and rank < 3 else "2"
        expect(page.locator(f"#k-{criterion.id} input:focus")).to_have_count(1)
        page.keyboard.press(key)
        if rank == 0:
            page.keyboard.press("r")
            page.keyboard.type("Une marche de 10 cm.")
        page.keyboard.press("Enter")
    expect(page.get_by_text("15 critères sur 15 ont une réponse.")).to_be_visible()
    expect(page.get_by_label("Remarque sur toute la visite")).to_be_focused()
    for_everyone(page)
    reach(page, "C’est la dernière feuille")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # sends nothing by accident
    reach(page, "Enregistrer cette feuille")
    page.keyboard.press("Enter")
    expect(page.get_by_text("15 réponses saisies")).to_be_visible()
    page.goto(f"{live_server.address}/visits/{town.visit}")
    expect(page.get_by_role("region", name="Le score")).to_contain_text("66,6 sur 100")
    expect(page.get_by_text("Une marche de 10 cm.")).to_be_visible()
    expect(page.get_by_text("reçue par la caisse")).to_be_visible()


def test_what_differs_from_a_phone_is_looked_at_before_it_is_saved_without_script(
    chromium: Browser, home: House, town: Town, two_sheets: str, live_server: Server
) -> None:
    context = signed_in(chromium, home, town, live_server, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.address + two_sheets + "/paper")
    page.get_by_role("link", name="Feuille de Amina").click()
    expect(page.locator("#keys")).to_be_hidden()  # these keys do nothing here
    page.locator("#k-entrer-circuler").get_by_role("radio", name="sans aide et fait tout le tour").check()
    page.get_by_label("Remarque : Entrer et circuler").fill("Elle a compté deux marches.")
    page.get_by_role("button", name="Enregistrer cette feuille").click()
    differing = page.get_by_role("region", name="Ce qui diffère")
    expect(differing).to_contain_text("Entrer et circuler")
    expect(page.get_by_label("Remarque : Entrer et circuler")).to_have_value("Elle a compté deux marches.")
    page.get_by_role("button", name="Enregistrer le papier malgré les différences").click()
    expect(page.get_by_text("1 réponse saisie")).to_be_visible()
    context.close()


def test_the_differences_are_for_everyone(
    desk: BrowserContext, two_sheets: str, town: Town, live_server: Server
) -> None:
    page = desk.new_page()
    page.goto(f"{live_server.address}{two_sheets}/paper?who={town.amina}&sheet=own")
    page.keyboard.press("3")
    page.get_by_role("button", name="Enregistrer cette feuille").click()
    expect(page.get_by_role("region", name="Ce qui diffère")).to_be_visible()
    for_everyone(page)
