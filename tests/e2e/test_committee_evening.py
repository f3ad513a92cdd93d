"""An evening of the committee, from the agenda to the minutes, in a real browser by role and label."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from backend.domain.merchants import Kind
from backend.storage import merchants, visits
from tests.axe import by_day_and_by_night
from tests.desks import Office, office
from tests.town import GRID, NANTES, Clock, Town, joined, settle
from tests.web.test_decisions import visited

SHOP, BAKERY = "Épicerie des Bourderies", "Le Fournil de la Très Longue Avenue des Marronniers en Fleurs"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def place(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with office(tmp_path / "data", clock) as made:
        yield made


@pytest.fixture
def town(place: Office) -> Town:
    """The shop was visited, and proposed; a bakery with a long name was visited too, and is low."""
    home = place.home
    town = home.db.write(lambda session: settle(session, home.now()))
    amina = joined(place.app, town.amina)
    visited(amina, home, town)

    def plan(session: Session) -> str:
        made = merchants.add(session, NANTES, BAKERY, Kind.BAKERY, home.now(), by=town.claire, source="hand")
        day = home.now().date()
        return visits.plan(session, made.id, GRID, day, [town.amina], home.now(), by=town.claire).id

    visit = home.db.write(plan)
    entries = [amina.start(visit, GRID)]
    entries += [amina.choose(visit, each.id, 1) for each in home.grids[GRID].criteria]
    amina.send(*entries, amina.close(visit, entries))
    return town


def looked_at(page: Page) -> None:
    """Nothing is wrong with this page: axe in both lights, and nothing goes sideways on a small phone."""
    assert by_day_and_by_night(page) == []
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(SIDEWAYS) == 0
    if size:
        page.set_viewport_size(size)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_an_evening(place: Office, town: Town, chromium: Browser, javascript: bool) -> None:
    page = place.desk(chromium, town.claire, java_script_enabled=javascript)
    page.goto("/sessions")
    page.get_by_label("Nombre de personnes").fill("3")
    page.get_by_role("button", name="Enregistrer le quorum").click()
    expect(page.get_by_text("Le quorum est de 3 personnes.")).to_be_visible()
    page.get_by_label("Jour").fill("2026-11-24")
    page.get_by_label("Lieu").fill("Maison de quartier")
    page.get_by_role("button", name="Préparer la séance").click()
    expect(page.get_by_role("heading", name="Séance du mardi 24 novembre 2026")).to_be_visible()
    evening = page.url
    expect(page.get_by_role("link", name=BAKERY).first).to_be_visible()
    page.get_by_role("button", name=f"Monter {BAKERY}").or_(
        page.get_by_role("button", name=f"Monter {SHOP}")
    ).click()
    if javascript:
        looked_at(page)
        walk(page)
    below_the_quorum(page, evening)
    recused(page, evening)
    page.goto(evening)
    put_off(page)
    the_end(page, evening)


def walk(page: Page) -> None:
    """On the wall, with the arrows."""
    page.get_by_role("link", name="Projeter les commerces").click()
    first = page.get_by_role("heading", level=1).inner_text()
    looked_at(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 sur 2")).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() != first
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    expect(page.get_by_text("Le calcul propose. Le comité décide.")).to_be_visible()
    page.get_by_role("link", name="Séance du 24 novembre 2026").click()


def decide(page: Page, name: str) -> None:
    page.get_by_role("link", name=f"Enregistrer la décision : {name}").click()


def below_the_quorum(page: Page, evening: str) -> None:
    page.get_by_label("D’autres prénoms").fill("Fatou\nInès")
    page.get_by_role("button", name="Enregistrer les présents").click()
    expect(page.get_by_text("Il manque 1 personne pour le quorum de 3.")).to_be_visible()
    decide(page, SHOP)
    page.get_by_label("Conventionné", exact=True).check()
    page.get_by_label("par consentement").check()
    page.get_by_label("Les raisons").fill("Tout le monde y est servi pareil.")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_role("alert")).to_contain_text("il en manque 1")
    expect(page.get_by_label("Les raisons")).to_have_value("Tout le monde y est servi pareil.")
    page.goto(evening)
    page.get_by_label("Dalila").check()
    page.get_by_label("Et d’autres personnes, en nombre").fill("1")
    page.get_by_role("button", name="Enregistrer les présents").click()
    expect(page.get_by_text("Le quorum de 3 personnes est atteint.")).to_be_visible()


def recused(page: Page, evening: str) -> None:
    """A vote against the proposal, with somebody recused."""
    decide(page, SHOP)
    page.get_by_label("Non retenu").check()
    page.get_by_label("par un vote").check()
    page.get_by_label("Pour", exact=True).fill("2")
    page.get_by_label("Contre", exact=True).fill("1")
    page.get_by_text("Noter quelqu’un par son nom, ou une récusation").click()
    page.get_by_label("Inès").select_option("se récuse")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_role("alert")).to_contain_text("Écrivez les raisons")
    page.get_by_label("Les raisons").fill("Un autre commerce sert déjà cette rue.")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_text("S’est récusée, et n’a pas compté : Inès.")).to_be_visible()
    expect(page.get_by_text("Vote : 2 pour, 1 contre, 0 abstention.")).to_be_visible()


def put_off(page: Page) -> None:
    decide(page, BAKERY)
    page.get_by_label("À revoir").check()
    page.get_by_label("S’il est reporté, il revient le").fill("2027-01-12")
    page.get_by_label("par consentement").check()
    page.get_by_label("Les raisons").fill("Revoir après les travaux.")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_text("revient le 12 janvier 2027")).to_be_visible()


def the_end(page: Page, evening: str) -> None:
    minutes = page.request.get(f"{evening.split('#')[0]}/minutes.pdf")
    assert "Brouillon" in told(minutes.body())
    page.get_by_role("button", name="Clore la séance").click()
    expect(page.get_by_text("Son compte rendu ne change plus.")).to_be_visible()
    text = told(page.request.get(f"{evening.split('#')[0]}/minutes.pdf").body())
    assert "Brouillon" not in text
    for each in ("Non retenu", "À revoir", "Inès", "Un autre commerce", SHOP, "arrêté par Claire"):
        assert each in text, each


def told(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.replace("\u00a0", " ").split())
