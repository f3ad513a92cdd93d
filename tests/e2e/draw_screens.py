"""`make screenshots`: every state of the gallery at 360 × 740, light and dark, in `screenshots/`, which git ignores."""

import re
import shutil

import pytest
from playwright.sync_api import Page

from backend.settings import ROOT
from backend.web.house import House
from tests.e2e.field_app import NewPhone
from tests.e2e.gallery import WALKS, Visitor
from tests.servers import Server
from tests.town import Town

FOLDER = ROOT / "screenshots"
SHOWN = ROOT / "fixtures" / "screenshots"
README = {
    "a question answered with a remark": "question",
    "what differs": "comparaison",
    "a code of a series": "code",
    "a closed visit read again": "score",
}
"""The four that stand in the README, by state."""


@pytest.mark.parametrize("name", WALKS)
def test_the_screens_are_drawn(
    name: str, phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def new_page() -> Page:
        return phone(reduced_motion="reduce").new_page()

    def draw(page: Page, state: str) -> None:
        number = len(list(folder.iterdir())) // 2 + 1
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            file = folder / f"{number:02} {re.sub(r'[^a-z0-9 ]', '', state.lower())} {scheme}.png"
            page.screenshot(path=file)
            if state in README and scheme == "light":
                shutil.copy(file, SHOWN / f"{README[state]}.png")

    WALKS[name](Visitor(new_page(), new_page, home, town, live_server, draw))
