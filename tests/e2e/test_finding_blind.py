"""« Find an open bakery that takes Moneko near Bellevue, and its address »: by keyboard alone, by what is announced."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from backend.domain.days import PARIS
from backend.domain.merchants import Kind
from backend.domain.missing import Outline
from backend.storage import outlines
from tests.e2e.test_keyboard import MOST, here, reach
from tests.e2e.test_map import Fund, fund, new_page, tiles
from tests.publishing import active, soon
from tests.town import NANTES

__all__ = ["fund", "new_page", "tiles"]

BELLEVUE = [[[[-1.613, 47.215], [-1.599, 47.215], [-1.599, 47.205], [-1.613, 47.205], [-1.613, 47.215]]]]
MORNINGS = "Mo-Su,PH 07:00-19:30"
TEN = datetime.combine(datetime.now(PARIS).date() + timedelta(days=1), time(10), PARIS)


def neighbourhood(session: Session, now: datetime) -> None:
    """Around Bellevue: one bakery to find, and each way not to be it."""
    outlines.load(session, NANTES, [Outline("Bellevue", BELLEVUE)], now)
    bread: dict[str, Any] = {"kind": Kind.BAKERY, "opening_hours": MORNINGS, "city": "Nantes", "lon": -1.607}
    active(session, "Le Fournil", now, lat=47.211, address="3 place des Lauriers", **bread)
    active(session, "Le Pain Endormi", now, lat=47.2101, **(bread | {"opening_hours": "Mo-Su closed"}))
    soon(session, "La Mie Prochaine", now, lat=47.2099, **bread)
    active(session, "Le Primeur", now, lat=47.2098, **(bread | {"kind": Kind.GREENGROCER}))
    active(session, "La Miche Lointaine", now, lat=47.4, **bread)


@pytest.fixture
def page(new_page: Any, fund: Fund) -> Page:
    """Tomorrow at ten in the morning, on the page that everyone begins with."""
    fund.show(neighbourhood)
    page: Page = new_page(timezone_id="Europe/Paris")
    page.clock.set_fixed_time(TEN.astimezone(UTC))
    page.goto(fund.server.address)
    page.wait_for_selector("html[data-map=complete]")
    return page


def look_for_an_open_bakery(page: Page) -> None:
    """With the Tab key, letters, arrows, Space and Enter, each control as it comes."""
    press, write = page.keyboard.press, page.keyboard.type
    wanted = {
        "accès": lambda: press("Enter"),
        "Autour de": lambda: press("Enter"),
        "Adresse, quartier": lambda: (write("Bellevue"), press("Enter")),
        "Pain et pâtisserie": lambda: press("Space"),
        "Ouvert": lambda: press("ArrowDown"),
        "Lieux": lambda: press("ArrowDown"),
    }
    for _ in range(MOST):
        press("Tab")
        for name in [name for name in wanted if name in here(page)]:
            wanted.pop(name)()
        if not wanted:
            break
    assert not wanted
    reach(page, "Montrer")
    press("Enter")


def test_by_keyboard_alone(page: Page) -> None:
    look_for_an_open_bakery(page)
    expect(page.get_by_role("status")).to_have_text("2 lieux où payer en Moneko.")
    expect(page.locator(".place h4")).to_have_text(["Le Fournil", "La Miche Lointaine"])
    reach(page, "Le Fournil")
    while page.evaluate("document.activeElement.closest('.place') === null"):  # the pin, before the list
        reach(page, "Le Fournil")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Le Fournil", level=1)).to_be_visible()
    expect(page.locator("address")).to_contain_text("3 place des Lauriers")


def test_what_is_announced_is_enough(page: Page) -> None:
    status = page.get_by_role("status")
    expect(status).to_have_count(1)  # it was there before it has anything to say
    expect(page.get_by_role("search", name="Chercher un lieu")).to_be_visible()
    look_for_an_open_bakery(page)
    expect(status).to_have_text("2 lieux où payer en Moneko.")
    first = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Le Fournil"))
    expect(first).to_match_aria_snapshot(
        """
        - listitem:
          - heading "Le Fournil" [level=4]:
            - link "Le Fournil"
          - paragraph: /à \\d+ m/
          - paragraph: Boulangerie
          - paragraph: accepte la Moneko
          - paragraph: Ouvert jusqu’à 19:30
          - paragraph: /3 place des Lauriers, 44100 Nantes/
        """
    )
    expect(page.get_by_role("heading", name="Du plus proche au plus loin")).to_be_visible()
    first.get_by_role("link", name="Le Fournil").press("Enter")
    told = page.get_by_role("main").aria_snapshot()
    for said in (
        'heading "Le Fournil" [level=1]',
        "paragraph: accepte la Moneko",
        "Ouvert, ferme à 19:30",
        "3 place des Lauriers",
    ):
        assert re.search(re.escape(said), told, re.IGNORECASE), (said, told)
