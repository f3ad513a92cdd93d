"""A merchant is refused, reads why on their own page, answers, appeals; the committee sees it, nobody else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import by_day_and_by_night
from tests.desks import Office, office
from tests.merchant_side import public_addresses, shown_link
from tests.town import Clock, Town, joined, settle
from tests.web.test_decisions import visited

SHOP, REASONS = "Épicerie des Bourderies", "On ne sert pas tout le monde de la même façon."
REPLY, APPEAL = "Ce n’est plus vrai : nous avons parlé avec l’équipe.", "Revenez un samedi, vous verrez."
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "locale": "fr-FR"}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with office(tmp_path / "data", clock) as made:
        yield made


@pytest.fixture
def town(place: Office) -> Town:
    """The shop was visited, and is low."""
    town = place.home.db.write(lambda session: settle(session, place.home.now()))
    visited(joined(place.app, town.amina), place.home, town, level=1)
    return town


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_refused_merchant(place: Office, town: Town, chromium: Browser, javascript: bool) -> None:
    desk = place.desk(chromium, town.claire, java_script_enabled=javascript)
    link = gets_a_link(desk, town)
    is_declined(desk, town)
    shop = chromium.new_context(base_url=place.address, java_script_enabled=javascript, **PHONE).new_page()
    learns_nothing_yet(shop, link)
    is_told(desk, shop, town)
    reads_why(shop)
    answers(shop)
    if javascript:
        looked_at(shop)
    reaches_the_committee(desk, place, town, chromium)
    shop.reload()
    expect(shop.get_by_text("Le comité en parle le mardi 1er décembre 2026.")).to_be_visible()
    nobody_else_knows(chromium, place, town)


def gets_a_link(desk: Page, town: Town) -> str:
    desk.goto(f"/merchants/{town.shop}")
    desk.get_by_role("link", name="Faire son lien personnel").click()
    desk.get_by_role("button", name="Faire son lien").click()
    expect(desk.get_by_text("Ce lien ne s’affiche qu’ici, une seule fois.")).to_be_visible()
    return shown_link(desk.content())


def is_declined(desk: Page, town: Town) -> None:
    desk.goto(f"/merchants/{town.shop}/decisions")
    desk.get_by_label("Non retenu").check()
    desk.get_by_label("Les raisons").fill(REASONS)
    desk.get_by_role("button", name="Enregistrer la décision").click()
    expect(desk.get_by_text(REASONS).first).to_be_visible()


def learns_nothing_yet(shop: Page, link: str) -> None:
    shop.goto(link)
    assert link.rsplit("/", 1)[1] not in shop.url  # neither in the history nor in a bookmark
    shop.get_by_role("button", name="Ouvrir ma page").click()
    expect(shop.get_by_text("Le comité habitant étudie votre commerce.")).to_be_visible()
    assert "Non retenu" not in shop.content()


def is_told(desk: Page, shop: Page, town: Town) -> None:
    desk.goto(f"/merchants/{town.shop}/decisions")
    desk.get_by_role("button", name="Prévenir par son lien").click()
    shop.reload()
    expect(shop.get_by_text("Le comité a pris une décision.")).to_be_visible()
    assert "Non retenu" not in shop.content()
    shop.get_by_role("button", name="La lire").click()
    expect(shop.get_by_text("Le comité n’a pas retenu votre commerce.")).to_be_visible()


def reads_why(shop: Page) -> None:
    shop.get_by_role("link", name="Lire les raisons et répondre").click()
    expect(shop.get_by_text(REASONS)).to_be_visible()
    letter = shop.get_by_role("link", name="La lettre (PDF)").get_attribute("href")
    document = pypdfium2.PdfDocument(shop.request.get(str(letter)).body())
    said = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    assert REASONS in said.replace("\ufffe", "")


def answers(shop: Page) -> None:
    shop.get_by_label("Votre réponse").fill(REPLY)
    shop.get_by_role("button", name="Envoyer ma réponse").click()
    expect(shop.get_by_text(REPLY)).to_be_visible()
    shop.get_by_label("Pourquoi le comité devrait-il regarder de nouveau ?").fill(APPEAL)
    shop.get_by_role("button", name="Demander un nouvel examen").click()
    expect(shop.get_by_text(APPEAL)).to_be_visible()
    expect(shop.get_by_text("Le comité vous répondra ici.")).to_be_visible()
    expect(shop.get_by_role("button", name="Demander un nouvel examen")).to_have_count(0)


def looked_at(shop: Page) -> None:
    """On a phone, in both lights, with letters twice as large, and on the narrowest one."""
    here = shop.url
    for path in ("/commerce", "/commerce/grille", here):
        shop.goto(path)
        assert by_day_and_by_night(shop) == [], path
        shop.evaluate(TWICE_AS_LARGE)
        assert shop.evaluate(SIDEWAYS) == 0, path
        shop.set_viewport_size({"width": 320, "height": 640})
        shop.reload()
        assert shop.evaluate(SIDEWAYS) == 0, path
        shop.set_viewport_size({"width": 360, "height": 740})


def reaches_the_committee(desk: Page, place: Office, town: Town, chromium: Browser) -> None:
    desk.goto("/board")
    appeals = desk.get_by_role("region", name="Un commerce demande un nouvel examen")
    expect(appeals.get_by_role("link", name=SHOP)).to_be_visible()
    desk.goto("/sessions")
    desk.get_by_label("Jour").fill("2026-12-01")
    desk.get_by_label("Lieu").fill("Maison de quartier")
    desk.get_by_role("button", name="Préparer la séance").click()
    evening = desk.url
    committee = place.desk(chromium, town.dalila)
    committee.goto(evening)
    expect(committee.get_by_text("recours du commerce")).to_be_visible()
    committee.get_by_role("link", name="Projeter les commerces").click()
    expect(committee.get_by_text(APPEAL)).to_be_visible()
    expect(committee.get_by_text(REPLY)).to_be_visible()


def nobody_else_knows(chromium: Browser, place: Office, town: Town) -> None:
    public = chromium.new_context(base_url=place.address, **PHONE).new_page()
    for path in [*public_addresses(place.home), "/?text=bourderies", "/commerce"]:
        told = public.request.get(path).text()
        for secret in ("Bourderies", REASONS, REPLY, APPEAL, town.shop):
            assert secret not in told, (path, secret)
