"""The app in another language, chosen by the system or by the person, also without a network."""

from playwright.sync_api import expect

from backend.web.house import House
from tests.e2e.field_app import NewPhone, offline
from tests.servers import Server
from tests.town import Town, code_for


def test_a_phone_set_to_english_speaks_english_grid_included_and_goes_on_without_network(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone(locale="en-GB").new_page()
    page.goto(f"{live_server.address}/app/#code={code_for(home, town.amina)}")
    expect(page.get_by_role("heading", name="My visits")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    offline(page)
    page.reload()
    page.get_by_role("link", name="Épicerie des Bourderies").click()
    page.get_by_role("button", name="Begin the visit").click()
    expect(page.get_by_role("heading", name="Can one reach the counter")).to_be_visible()
    expect(page.get_by_text("A wheelchair cannot reach the counter, and nobody")).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]


def test_the_language_is_chosen_on_the_phone_and_stays(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone().new_page()
    page.goto(f"{live_server.address}/app/")
    page.get_by_label("Langue").select_option("en")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.goto(f"{live_server.address}/app/#code={code_for(home, town.amina)}")
    expect(page.get_by_role("heading", name="My visits")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="My visits")).to_be_visible()
    page.goto(f"{live_server.address}/app/#telephone")
    page.get_by_label("Language").select_option("fr")
    expect(page.get_by_role("heading", name="Sur ce téléphone")).to_be_visible()
