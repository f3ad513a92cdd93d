"""A commitment that falls due: it appears by itself, is written to the coordination, and is noted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.axe import by_day_and_by_night
from tests.desks import Office, office
from tests.town import Clock, Town, settle
from tests.web.test_follow_up import accredit, letters, writing

PROMISED = "Une rampe mobile à l’entrée"


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with office(tmp_path / "data", clock) as made:
        yield made


@pytest.fixture
def town(place: Office) -> Town:
    return place.home.db.write(lambda session: settle(session, place.home.now()))


def test_a_commitment_falls_due(
    place: Office, town: Town, chromium: Browser, clock: Clock, tmp_path: Path
) -> None:
    accredit(place.home, town.shop, town.claire, (PROMISED, date(2027, 2, 1)))
    page = place.desk(chromium, town.claire)
    page.goto("/sessions")
    page.get_by_role("link", name="À suivre").click()
    expect(page.get_by_text("Rien à suivre pour le moment.")).to_have_count(1)
    assert by_day_and_by_night(page) == []
    clock.forward(days=69, hours=-4)  # Monday the 1st of February, 9 o'clock in Paris
    writing(place.home, clock, tmp_path).work()
    (letter,) = letters(place.home)
    assert PROMISED in letter.text
    page.reload()
    due = page.get_by_role("listitem").filter(has_text=PROMISED)
    expect(due).to_contain_text("aujourd’hui")
    due.get_by_text("Noter ce qu’il est devenu").click()
    assert by_day_and_by_night(page) == []
    due.get_by_label("Prolongé", exact=True).check()
    due.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez un jour à venir")
    due.get_by_label("Prolongé jusqu’au").fill("2027-03-15")
    due.get_by_label("Une note").fill("La rampe est commandée.")
    due.get_by_role("button", name="Enregistrer").click()
    expect(due).to_have_count(0)  # extended, it comes back a month before its new day
    clock.forward(days=43)  # two days late
    page.reload()
    expect(due).to_contain_text("depuis le 15 mars 2027")
    due.get_by_text("Noter ce qu’il est devenu").click()
    due.get_by_label("Pas tenu").check()
    due.get_by_label("Une note").fill("Elle n’est jamais venue.")
    due.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Engagements pas tenus")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
