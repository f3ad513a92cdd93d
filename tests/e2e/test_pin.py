"""A sales point's pin, put in place on its map by mouse, by finger and by keyboard, in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from backend.storage import merchants
from backend.web.house import House
from tests.axe import barriers
from tests.e2e.office import DESK, at_desk
from tests.servers import Server
from tests.town import Town

NORTH_OF_IT = 20 / 111_320  # degrees of latitude


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A desk whose pages note what the Content-Security-Policy refuses. There is no tile server to reach."""
    made = chromium.new_context(**DESK, reduced_motion="reduce")
    made.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.refused.push(event.blockedURI));"
    )
    yield made
    made.close()


def saved(home: House, town: Town) -> tuple[float, float]:
    with home.db.read() as session:
        place = merchants.places(session, town.shop)[0]
    assert place.lat is not None
    assert place.lon is not None
    return place.lat, place.lon


def opened(context: BrowserContext, home: House, town: Town, server: Server) -> Page:
    page = at_desk(context, home, server, town.claire)
    page.goto(f"{server.address}/merchants/{town.shop}")
    page.get_by_role("link", name="Déplacer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Placer à la main sur la carte")
    return page


def pin_of(page: Page) -> Locator:
    return page.get_by_role("application", name="Épingle de ce point de vente")


def middle(thing: Locator) -> tuple[float, float]:
    box = thing.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def put(page: Page) -> None:
    page.get_by_role("button", name="Placer ici").click()
    expect(page.get_by_text("Placé à la main")).to_be_visible()


def test_by_mouse(context: BrowserContext, home: House, town: Town, live_server: Server) -> None:
    page = opened(context, home, town, live_server)
    x, y = middle(pin_of(page))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text="de la position enregistrée")).to_be_visible()
    shown = (
        float(page.get_by_label("Latitude").input_value()),
        float(page.get_by_label("Longitude").input_value()),
    )
    assert shown[0] > 47.2093
    assert shown[1] > -1.5987
    put(page)
    assert saved(home, town) == shown
    assert page.evaluate("window.refused") == []


def test_by_a_tap_on_the_map(context: BrowserContext, home: House, town: Town, live_server: Server) -> None:
    page = opened(context, home, town, live_server)
    x, y = middle(pin_of(page))
    page.mouse.click(x - 100, y + 90)
    expect(page.get_by_label("Latitude")).not_to_have_value("47.2093")
    put(page)
    assert saved(home, town)[0] < 47.2093
    assert saved(home, town)[1] < -1.5987


def test_by_keyboard(context: BrowserContext, home: House, town: Town, live_server: Server) -> None:
    page = opened(context, home, town, live_server)
    pin = pin_of(page)
    page.get_by_role("link", name="Épicerie des Bourderies").focus()
    for _tab in range(3):
        page.keyboard.press("Tab")
        if pin.evaluate("(pin) => pin === document.activeElement"):
            break
    expect(pin).to_be_focused()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_role("status")).to_contain_text(re.compile("à 20 m de la position enregistrée"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("status")).to_contain_text(re.compile("à 18 m de la position enregistrée"))
    expect(pin).to_be_focused()
    put(page)
    lat, lon = saved(home, town)
    assert lat == pytest.approx(47.2093 + NORTH_OF_IT * 0.9, abs=2e-6)
    assert lon == pytest.approx(-1.5987 + 2 / 75_630, abs=2e-6)


def test_the_numbers_and_the_pin_keep_step(
    context: BrowserContext, home: House, town: Town, live_server: Server
) -> None:
    page = opened(context, home, town, live_server)
    pin, together = pin_of(page), page.get_by_label("Les deux nombres ensemble")
    together.fill("47,2105 -1,5983")
    expect(page.get_by_role("status")).to_contain_text("47,21050 -1,59830")
    expect(page.get_by_label("Latitude")).to_have_value("47.2105")
    page.get_by_label("Longitude").fill("-1,59")
    pin.press("ArrowUp")
    expect(together).to_have_value("")  # it would come before the two others
    expect(page.get_by_label("Longitude")).to_have_value("-1.590000")
    page.get_by_label("Latitude").fill("-")  # not a number yet
    expect(page.get_by_role("status")).to_contain_text("47,21052")
    pin.press("ArrowUp")
    expect(page.get_by_label("Latitude")).to_have_value("47.210536")
    put(page)
    assert saved(home, town) == (47.210536, -1.59)


def test_numbers_written_before_the_script_came_are_followed_once_it_is_there(
    context: BrowserContext, home: House, town: Town, live_server: Server
) -> None:
    held: list[Route] = []
    context.route("**/pin-map.js", lambda route: held.append(route))
    page = at_desk(context, home, live_server, town.claire)
    page.goto(f"{live_server.address}/merchants/{town.shop}")
    with page.expect_request("**/pin-map.js"):
        page.get_by_role("link", name="Déplacer").click(no_wait_after=True)
    page.get_by_label("Les deux nombres ensemble").fill("47,2105 -1,5983")
    (script,) = held
    script.continue_()
    expect(page.get_by_role("status")).to_contain_text("47,21050 -1,59830")
    expect(page.get_by_label("Latitude")).to_have_value("47.2105")


def test_a_place_that_is_on_no_map_yet_starts_in_the_middle_of_its_territory(
    context: BrowserContext, home: House, town: Town, live_server: Server
) -> None:
    home.db.write(
        lambda session: merchants.put_place(
            session, merchants.places(session, town.shop)[0], None, None, "by_hand"
        )
    )
    page = at_desk(context, home, live_server, town.claire)
    page.goto(f"{live_server.address}/merchants/{town.shop}")
    page.get_by_role("link", name="Placer à la main").click()
    expect(page.get_by_label("Latitude")).to_have_value("")
    pin_of(page).press("ArrowUp")
    expect(page.get_by_label("Latitude")).to_have_value(re.compile(r"47\.2070\d\d"))
    put(page)


def test_without_tiles_the_page_says_so_and_stays_accessible(
    chromium: Browser, home: House, town: Town, live_server: Server
) -> None:
    context = chromium.new_context(**DESK, bypass_csp=True)
    page = opened(context, home, town, live_server)
    expect(page.get_by_role("status")).to_contain_text("Le fond de carte ne répond pas.")
    assert barriers(page) == []
    context.close()


def test_without_javascript_the_two_numbers_do_it(
    chromium: Browser, home: House, town: Town, live_server: Server
) -> None:
    context = chromium.new_context(**DESK, java_script_enabled=False)
    page = opened(context, home, town, live_server)
    expect(page.get_by_role("region", name="Sur la carte")).to_be_hidden()
    page.get_by_label("Les deux nombres ensemble").fill("47,2105 -1,5983")
    put(page)
    assert saved(home, town) == (47.2105, -1.5983)
    context.close()


def test_who_moves_what_somebody_moved_meanwhile_is_told(
    context: BrowserContext, home: House, town: Town, live_server: Server
) -> None:
    page = opened(context, home, town, live_server)
    other = context.new_page()
    other.goto(page.url)
    pin_of(other).press("Shift+ArrowUp")
    put(other)
    there = saved(home, town)
    pin_of(page).press("Shift+ArrowLeft")
    page.get_by_role("button", name="Placer ici").click()
    expect(page.get_by_role("alert")).to_contain_text("Entre-temps, on y a écrit « 47.20948 -1.59870 »")
    assert saved(home, town) == there
    expect(page.get_by_label("Longitude")).to_have_value("-1.598964")  # what was chosen is still there
    put(page)
    assert saved(home, town) == (47.2093, -1.598964)
