"""Phones of the size that people have, each with a storage of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.field_app import PHONE, NewPhone


@pytest.fixture
def phone(chromium: Browser) -> Iterator[NewPhone]:
    """Gives new phones, each with a storage of its own."""
    made: list[BrowserContext] = []

    def new(**how: Any) -> BrowserContext:
        made.append(chromium.new_context(**(PHONE | how)))
        return made[-1]

    yield new
    for context in made:
        context.unroute_all(behavior="ignoreErrors")
        context.close()
