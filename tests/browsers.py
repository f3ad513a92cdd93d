"""Chromium for the tests that look at screens. The one place that says how it is started."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def installed() -> str | None:
    """The system's Chromium, first the one without windows: it takes a third less of the processor."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


LAUNCH: dict[str, Any] = {
    "executable_path": installed(),  # None: Playwright's own
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A running Chromium; each test opens its own context in it."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)  # all cores are at work
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**LAUNCH)
        yield browser
        browser.close()
