"""The sheet of a sales point in a real Chromium: read by anyone, said anew with the time, safe from what is written."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from backend.domain.days import PARIS
from backend.domain.openings import openings, status
from backend.storage import merchants
from backend.web.openings import for_phone, said
from tests.axe import barriers
from tests.e2e.test_map import Fund, fund, new_page, page, tiles
from tests.publishing import active, soon

__all__ = ["fund", "new_page", "page", "tiles"]

LONG = "Donaudampfschifffahrtsgesellschaft" * 3
NOTATIONS = (
    "Tu-Sa 09:00-12:30,15:00-19:00; Su 09:30-12:30",
    "Mo-Su 18:00-02:00",
    "Th 08:00-13:00; PH closed",
    "24/7",
    "Mo[1] 09:00-12:00",
)


def full(session: Session, now: datetime) -> None:
    """A sheet with all that it may have, in long words."""
    shop = active(
        session,
        "Le Panier d’Ici",
        now,
        label=LONG,
        phone="02 61 91 00 02",
        opening_hours=NOTATIONS[0],
        payable="some",
        payable_note=LONG,
        paying="phone,card",
        paying_note=LONG,
        access="limited",
        access_note=LONG,
    )
    merchants.get(session, shop).families = "vegetables,bread,dry"
    merchants.add_place(session, merchants.get(session, shop), label="Marché de Zola", city=LONG)
    soon(session, "Le Radis Bavard", now, lat=None, lon=None, address="")


def sheet(session: Session, name: str) -> str:
    found = [each.slug for each in merchants.public_places(session) if each.name == name]
    return f"/lieux/{found[0]}"


def address(fund: Fund, name: str = "Le Panier d’Ici") -> str:
    with fund.database.read() as session:
        return fund.server.address + sheet(session, name)


@pytest.mark.parametrize("how", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 1280, "height": 800}}])
def test_no_barrier_is_found_on_a_sheet_full_or_empty(new_page: Any, fund: Fund, how: dict[str, Any]) -> None:
    fund.show(full)
    page = new_page(**how)
    for name in ("Le Panier d’Ici", "Le Radis Bavard"):
        page.goto(address(fund, name))
        assert barriers(page) == []
    assert page.evaluate("window.ran") == []


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (360, "225%"), (1280, "100%")])
def test_no_sheet_is_wider_than_the_screen(new_page: Any, fund: Fund, width: int, text: str) -> None:
    fund.show(full)
    page = new_page(viewport={"width": width, "height": 740})
    page.goto(address(fund))
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_the_sheet_says_everything(new_page: Any, fund: Fund) -> None:
    fund.show(full)
    page = new_page(java_script_enabled=False)
    page.goto(address(fund))
    expect(page.locator("#opening")).not_to_be_empty()
    expect(page.get_by_role("button", name="Partager")).to_be_hidden()
    expect(page.get_by_role("link", name="À pied")).to_be_visible()


def test_the_phone_says_the_same_as_the_server_at_any_moment(page: Page, fund: Fund) -> None:
    fund.show(full)
    page.goto(address(fund))
    module = page.locator("script[type=module]").get_attribute("src")
    for notation in NOTATIONS:
        first = datetime(2026, 12, 21, tzinfo=PARIS)
        known = openings(notation, first.date())
        moments = [first.astimezone(UTC) + timedelta(minutes=37 * step) for step in range(560)]
        expected = [said(status(known, at), at) for at in moments]
        told = page.evaluate(
            """async ([module, known, moments]) => {
                const { said } = await import(module);
                return moments.map((at) => said(known, at));
            }""",
            [module, json.loads(json.dumps(for_phone(known))), [at.timestamp() for at in moments]],
        )
        assert told == expected, notation


def test_an_open_page_says_anew_that_the_shop_has_closed(new_page: Any, fund: Fund) -> None:
    fund.show(full)
    page = new_page()
    page.goto(address(fund))
    known = json.loads(page.locator("#openings").text_content())
    page.clock.install(time=datetime.fromtimestamp(known["open"][3][1] - 90, UTC))
    page.goto(address(fund))
    expect(page.locator("#opening")).to_have_text("Ouvert, ferme dans 1 min")
    page.clock.run_for(100_000)
    expect(page.locator("#opening")).to_contain_text("Fermé, ouvre")


def test_the_address_is_shared_or_copied(new_page: Any, fund: Fund) -> None:
    fund.show(full)
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script("delete Navigator.prototype.share")
    page.goto(address(fund))
    page.get_by_role("button", name="Partager").click()
    expect(page.locator("#shared")).to_have_text("Adresse copiée")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/lieux/" + address(fund).split("/")[-1])
