"""What a person does in the field app, gesture by gesture, in a browser the size of a phone."""

import contextlib
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, expect

NewPhone = Callable[..., BrowserContext]
"""Makes a phone with a storage of its own; what is given changes how its browser is."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "locale": "fr-FR",
    "timezone_id": "Europe/Paris",
}
CRITERIA = 15


def listened(context: BrowserContext) -> BrowserContext:
    """A phone whose requests can be spoiled at any moment: a page that its worker already serves may let the next one
    pass, unless they are listened to from the start. Its browser's own cache is off then."""
    context.route("**/api/**", lambda route: route.fallback())
    return context


def join(page: Page, address: str, code: str, *, to_keep: bool = True) -> Page:
    """Open the invitation's link, once with a network; `to_keep`: until the app is kept for the days without one."""
    page.goto(f"{address}/app/#code={code}")
    expect(page.get_by_role("heading", name="Mes visites")).to_be_visible()
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()
    if to_keep:
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def begin(page: Page, shop: str = "Épicerie des Bourderies") -> None:
    page.get_by_role("link", name=shop).click()
    page.get_by_role("button", name="Commencer la visite").click()
    expect(page.get_by_role("link", name="1 sur 15")).to_be_visible()


def answer(page: Page, level: int = 2) -> None:
    """Touch a level, and wait for the app to say that it is kept."""
    page.locator(".level").nth(level).click()
    expect(page.locator(".kept .state")).to_be_visible()


def go_on(page: Page, here: int) -> None:
    """From one criterion to the next, and from the last one to the summary."""
    if here < CRITERIA:
        page.get_by_role("link", name="Suivant").click()
        expect(page.get_by_role("link", name=f"{here + 1} sur 15")).to_be_visible()
    else:
        page.get_by_role("link", name="Relire tout").click()


def close_visit(page: Page) -> None:
    page.get_by_role("link", name="Terminer").click()
    page.get_by_role("button", name="Terminer la visite").click()
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Until something is so that no screen says; at most 15 s."""
    for _ in range(150):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it is not so after 15 s")


def kill(page: Page) -> Page:
    """The system ends the page behind the app, without a word; someone opens the app again at the same place."""
    address, context = page.url, page.context
    end(page)
    again = context.new_page()
    again.goto(address)
    return again


def end(page: Page) -> None:
    """The system ends the page behind the app, without a word."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()


def offline(page: Page, gone: bool = True) -> None:
    page.context.set_offline(gone)
