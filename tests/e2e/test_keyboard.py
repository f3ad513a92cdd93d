"""A full visit by keyboard alone, and what a screen reader is told on the way."""

from playwright.sync_api import Page, expect

from backend.web.house import House
from tests.e2e.field_app import CRITERIA, NewPhone
from tests.e2e.test_duo import sheets
from tests.servers import Server
from tests.town import Town, code_for

MOST = 60  # presses of Tab to reach anything on a screen


def reach(page: Page, name: str) -> None:
    """Tab forward until the focus is on the control with this name."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if name in here(page):
            return
    raise AssertionError(f"no way to {name} by Tab")


def here(page: Page) -> str:
    """The name of the control that has the focus."""
    name: str = page.evaluate(
        "(({ activeElement: e }) => (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent)"
        ".replace(/\\s+/g, ' ').trim())(document)"
    )
    return name


def heading_has_focus(page: Page, words: str = "") -> None:
    """A new screen is read from its heading."""
    expect(page.locator("h1:focus")).to_contain_text(words)


def test_a_whole_visit_is_made_by_keyboard_alone(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone(is_mobile=False, has_touch=False).new_page()
    page.goto(f"{live_server.address}/app/")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    reach(page, "Votre code")
    page.keyboard.type(code_for(home, town.amina))
    page.keyboard.press("Enter")
    heading_has_focus(page, "Mes visites")
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()
    reach(page, "Épicerie des Bourderies")
    page.keyboard.press("Enter")
    heading_has_focus(page, "Épicerie des Bourderies")
    reach(page, "Un téléphone pour tous")
    reach(page, "Commencer la visite")
    page.keyboard.press("Enter")
    for here in range(1, CRITERIA + 1):
        heading_has_focus(page)
        expect(page.get_by_role("link", name=f"{here} sur 15")).to_be_visible()
        reach(page, "Niveau 2 sur")
        page.keyboard.press("Space")
        expect(page.locator("#said")).to_have_text("Enregistré sur ce téléphone.")
        expect(page.locator(".level:focus[aria-pressed=true]")).to_have_count(1)
        reach(page, "Suivant" if here < CRITERIA else "Relire tout")
        page.keyboard.press("Enter")
    heading_has_focus(page)
    reach(page, "Terminer la visite")
    page.keyboard.press("Enter")
    heading_has_focus(page, "Terminer la visite")
    reach(page, "Terminer la visite")
    page.keyboard.press("Enter")
    heading_has_focus(page, "Merci")
    expect(page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    assert len(sheets(home, town)["duo"]) == CRITERIA


def test_a_difference_is_settled_by_keyboard_alone(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone(is_mobile=False, has_touch=False).new_page()
    page.goto(f"{live_server.address}/app/#essai")
    expect(page.get_by_role("button", name="Commencer l’essai")).to_be_visible()
    reach(page, "Commencer l’essai")
    page.keyboard.press("Enter")
    reach(page, "Commencer la visite")
    page.keyboard.press("Enter")
    heading_has_focus(page)
    reach(page, "Niveau 3 sur")
    page.keyboard.press("Space")
    reach(page, "Visites")
    page.goto(page.url.rsplit("/critere", 1)[0] + "/fini")
    reach(page, "J’ai fini ma part")
    page.keyboard.press("Enter")
    heading_has_focus(page)
    reach(page, "Choisir ensemble")
    page.keyboard.press("Enter")
    heading_has_focus(page)
    reach(page, "Niveau 1 sur")
    page.keyboard.press("Space")
    expect(page.locator(".level:focus[aria-pressed=true]")).to_have_count(1)
    reach(page, "Pourquoi ce choix")
    page.keyboard.type("Trois marches.")
    reach(page, "Comparaison")
    page.keyboard.press("Enter")
    heading_has_focus(page)
    expect(page.locator("q").filter(has_text="Trois marches.")).to_be_visible()
