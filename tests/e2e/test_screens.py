"""Every screen in every state, for everyone: the walks of gallery.py, seen with other eyes."""

import json
import tomllib
from collections.abc import Callable
from operator import sub
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend import catalogues
from backend.settings import ROOT
from backend.web.house import House
from tests.axe import by_day_and_by_night
from tests.doses import SOAK
from tests.e2e.field_app import NewPhone
from tests.e2e.gallery import WALKS, Look, Visitor
from tests.servers import Server
from tests.town import Town

PHONE = {"is_mobile": False, "reduced_motion": "reduce", "bypass_csp": True}

# A new screen gives the page a new title, then the focus to its heading: it is known once the title has been replaced.
WATCH = """
    window.screens = 0
    window.focusLost = []
    const watch = ({ target, removedNodes: [former] }) => {
        if (target.tagName !== 'TITLE' || !former) return
        const here = document.activeElement
        if (window.screens++ && here.tagName !== 'H1') window.focusLost.push(`${document.title}: on ${here.tagName}`)
    }
    new MutationObserver((changes) => changes.forEach(watch)).observe(document, { childList: true, subtree: true })
"""
LOST = "[...focusLost, ...(screens > 1 && document.activeElement === document.body ? ['nowhere'] : [])]"
SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('main, dialog[open], dialog[open] > *')]
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => `${box.tagName} ${box.className}: ${box.scrollWidth} in ${box.clientWidth}`)"""
# help is at the end of the line, whichever side that is
HELP = """(({ left, right, top }) =>
    [document.dir === 'rtl' ? left : innerWidth - right, top].map(Math.round)
)(document.querySelector('.help').getBoundingClientRect())"""
NEAR = 2  # pixels

EMBED, POP = "\u202b", "\u202c"  # what is between them is written from right to left


def mirrored() -> str:
    """A language from right to left, made of the French texts and a third longer, as the server would hand it over."""
    messages: dict[str, str | list[str]] = {}
    for file in (ROOT / "pwa").rglob("*.js"):
        with file.open("rb") as code:
            for _, _, text, _ in catalogues.phone_texts(code):
                if isinstance(text, tuple):
                    messages[text[0]] = [longer(form) for form in text]
                else:
                    messages[text] = longer(text)
    for file in (ROOT / "criteria").rglob("*.toml"):
        messages |= {text: longer(text) for text in catalogues.texts_of(tomllib.loads(file.read_text()))}
    return json.dumps({"language": "ur", "dir": "rtl", "messages": messages})


def longer(text: str) -> str:
    return f"{EMBED}{text}{' ·' * (len(text) // 6)}{POP}"


walked: set[str] = set()
shown: set[str] = set()
"""The walks made so far, and the views that they have shown."""


Go = Callable[..., None]


@pytest.fixture
def go(phone: NewPhone, home: House, town: Town, live_server: Server) -> Go:
    """Takes a walk on new phones of a new fund; `how`: what is different about them."""

    def walk(name: str, look: Look, catalogue: str | None = None, **how: Any) -> None:
        def new_page() -> Page:
            context = phone(**(PHONE | how))
            context.add_init_script(WATCH)
            context.set_default_timeout(10_000)
            if catalogue:
                context.route("**/locale/*.json", lambda route: route.fulfill(body=catalogue))
            return context.new_page()

        def look_and_note(page: Page, state: str) -> None:
            shown.add(view_of(page))
            look(page, state)

        to_keep = how.get("service_workers") != "block"
        WALKS[name](Visitor(new_page(), new_page, home, town, live_server, look_and_note, to_keep))
        walked.add(name)

    return walk


def view_of(page: Page) -> str:
    name: str = page.evaluate("document.querySelector('main').classList[1]")
    return name


class EveryLook:
    """What is asked of each state; faults are gathered, so that one walk tells them all."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, Any]] = []
        self.help_at: list[float] | None = None

    def __call__(self, page: Page, state: str) -> None:
        self.expect_none(f"{state}: the focus is lost", page.evaluate(LOST))
        help_at: list[float] = page.evaluate(HELP)
        self.help_at = self.help_at or help_at
        moved = [help_at, self.help_at] if max(map(abs, map(sub, help_at, self.help_at))) > NEAR else []
        self.expect_none(f"{state}: help is elsewhere", moved)
        self.expect_none(state, by_day_and_by_night(page))
        self.expect_none(f"{state} at 320 px", self.sideways(page, width=320))
        self.expect_none(f"{state} with texts at 200 %", self.sideways(page, text_size=200))

    def expect_none(self, what: str, found: list[Any]) -> None:
        if found:
            self.faults.append((what, found))

    def sideways(self, page: Page, *, width: int = 360, text_size: int = 100) -> list[str]:
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate(f"document.documentElement.style.fontSize = '{text_size * 1.125}%'")
        found: list[str] = page.evaluate(SIDEWAYS)
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 360, "height": 740})
        return found


@pytest.mark.parametrize("name", WALKS)
def test_every_state_is_accessible_keeps_the_focus_and_fits(name: str, go: Go) -> None:
    look = EveryLook()
    go(name, look)
    assert look.faults == []


MIRRORED = [name for name in WALKS if name != "a_phone_that_keeps_nothing" or SOAK]
"""A phone that cannot read its language from its disk speaks French."""


@pytest.mark.parametrize("name", MIRRORED)
def test_every_state_is_accessible_and_fits_from_right_to_left(name: str, go: Go) -> None:
    look = EveryLook()
    go(name, look, mirrored(), locale="en-GB", service_workers="block")
    assert look.faults == []


def test_no_view_is_left_out_of_the_gallery(phone: NewPhone, live_server: Server) -> None:
    if walked < set(WALKS):
        pytest.skip("said once all the walks have been made")
    page = phone().new_page()
    page.goto(f"{live_server.address}/app/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    registry = "new URL('views/index.js', document.querySelector('script').src).href"
    names = page.evaluate(f"import({registry}).then(({{ NAMES }}) => NAMES)")
    assert set(names) - shown == set()
