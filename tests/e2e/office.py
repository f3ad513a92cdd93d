"""Staff at their desk, in a real browser: signed in, looked at with other eyes."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from backend.storage import people
from backend.web.house import House
from backend.web.security import STAFF_COOKIE
from tests.servers import Server

DESK: dict[str, Any] = {
    "locale": "fr-FR",
    "timezone_id": "Europe/Paris",
    "viewport": {"width": 1280, "height": 800},
}
STICKING_OUT = """(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth ? [] :
    [...document.querySelectorAll('main *, header *, footer *')]
        .filter((box) => box.getBoundingClientRect().right > clientWidth + 1)
        .map((box) => box.outerHTML.slice(0, 90))
        .slice(-4)
)(document.documentElement)"""


def at_desk(context: BrowserContext, home: House, server: Server, person_id: str) -> Page:
    """A page of somebody of the staff who is signed in."""
    token = home.db.write(
        lambda session: people.open_session(session, home.now(), days=30, person_id=person_id)
    )
    context.add_cookies([{"name": STAFF_COOKIE, "value": token, "url": server.address}])
    page = context.new_page()
    page.goto(server.address + "/merchants")
    expect(page.get_by_role("button", name=re.compile("Se déconnecter"))).to_be_visible()
    return page


def sticking_out(page: Page, width: int) -> list[str]:
    """What makes a page scroll sideways at this width, in pixels; nothing when it fits."""
    page.set_viewport_size({"width": width, "height": 740})
    return _sticking_out(page)


def sticking_out_in_large(page: Page, width: int) -> list[str]:
    """The same with texts at 200 %, and all that folds unfolded; the page stays so."""
    page.set_viewport_size({"width": width, "height": 740})
    page.add_style_tag(content="html { font-size: 225% !important }")  # ours are 112.5 % to begin with
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    return _sticking_out(page)


def _sticking_out(page: Page) -> list[str]:
    found: list[str] = page.evaluate(STICKING_OUT)
    return found
