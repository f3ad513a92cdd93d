"""The duo, for real: blind, compared, settled; three people; one phone for two; sheets opened; a grid that changes."""

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from backend.domain.grid import Grid, to_json
from backend.storage import visits
from backend.web.house import House
from tests.e2e.field_app import NewPhone, answer, begin, close_visit, go_on, join, offline
from tests.e2e.gallery import SHOP, begin_apart
from tests.servers import Server
from tests.town import Town, code_for
from tests.web.forms import post


@pytest.fixture
def pages(phone: NewPhone, home: House, town: Town, live_server: Server) -> tuple[Page, Page]:
    """Amina's phone and Bruno's."""
    amina, bruno = (
        join(phone().new_page(), live_server.address, code_for(home, person))
        for person in (town.amina, town.bruno)
    )
    return amina, bruno


def fetch(page: Page) -> None:
    """Back to the list, and ask the fund for news."""
    page.goto(page.url.split("#")[0] + "#")
    with page.expect_response("**/api/field"):
        page.get_by_role("button", name="Envoyer maintenant").click()


def resume(page: Page) -> None:
    page.get_by_role("link", name=SHOP).click()


def answer_some(page: Page, level: int, count: int = 2) -> None:
    for here in range(1, count + 1):
        answer(page, level)
        go_on(page, here)


def finish(page: Page) -> None:
    page.get_by_role("link", name=" sur 15").click()
    page.get_by_role("link", name="J’ai fini").click()
    page.get_by_role("button", name="J’ai fini ma part").click()


def sheets(home: House, town: Town) -> dict[str, dict[str, list[int]]]:
    with home.db.read() as session:
        state = visits.read(session, visits.get(session, town.visit), home.rules).state
    return {
        sheet: {criterion: [one["choice"] for one in made] for criterion, made in by_criterion.items()}
        for sheet, by_criterion in state["sheets"].items()
    }


def test_two_people_answer_blind_then_compare_settle_and_end(
    pages: tuple[Page, Page], home: House, town: Town
) -> None:
    amina, bruno = pages
    begin_apart(amina)
    answer_some(amina, level=2)
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    fetch(bruno)
    resume(bruno)
    expect(bruno.locator(".level[aria-pressed=true]")).to_have_count(0)
    expect(bruno.get_by_text("Amina ne la voit pas encore")).to_be_visible()
    answer(bruno, level=2)
    go_on(bruno, 1)
    answer(bruno, level=0)
    finish(bruno)
    expect(bruno.get_by_text("Il reste : Amina.")).to_be_visible()
    expect(bruno.locator(".apart")).to_have_count(0)
    finish(amina)
    expect(
        amina.get_by_text("Il reste : Bruno.").or_(amina.get_by_text("1 question à départager."))
    ).to_be_visible()
    fetch(bruno)
    fetch(amina)
    resume(amina)
    expect(amina.get_by_text("1 réponse identique")).to_be_visible()
    expect(amina.get_by_text("1 question à départager.")).to_be_visible()
    amina.get_by_role("link", name="Choisir ensemble").click()
    expect(amina.locator(".apart")).to_have_count(2)
    answer(amina, level=1)
    amina.get_by_label("Pourquoi ce choix").fill("Nous avons compté ensemble.")
    amina.get_by_role("link", name="Comparaison").click()
    expect(amina.get_by_text("Nous avons compté ensemble.")).to_be_visible()
    amina.locator(".steps").get_by_role("link", name="Terminer").click()
    amina.get_by_role("button", name="Terminer la visite").click()
    expect(amina.get_by_role("heading", name="Ce que dit la grille")).to_be_visible()
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    assert sheets(home, town) == {
        town.amina: {"entrer-circuler": [2], "venir-sans-voiture": [2]},
        town.bruno: {"entrer-circuler": [2], "venir-sans-voiture": [0]},
        "duo": {"venir-sans-voiture": [1]},
    }
    fetch(bruno)
    resume(bruno)
    expect(bruno.get_by_text("Amina a terminé la visite")).to_be_visible()


def test_what_is_done_changes_no_more_even_in_another_tab(
    pages: tuple[Page, Page], home: House, town: Town
) -> None:
    amina, _ = pages
    begin_apart(amina)
    answer(amina, level=2)
    other = amina.context.new_page()
    other.goto(amina.url)
    expect(other.locator(".level[aria-pressed=true]")).to_have_count(1)
    finish(amina)
    expect(other.locator(".level")).to_have_count(0)
    expect(other.get_by_text("Votre part est finie.")).to_be_visible()


def test_three_people_wait_for_the_last_one(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    home.db.write(lambda session: visits.add_member(session, town.visit, town.gael, home.rules, home.now()))
    people = (town.amina, town.bruno, town.gael)
    amina, bruno, gael = (
        join(phone().new_page(), live_server.address, code_for(home, person)) for person in people
    )
    begin_apart(amina)
    answer(amina, level=1)
    finish(amina)
    expect(amina.get_by_text("Il reste : Bruno et Gaël.")).to_be_visible()
    for page, level in ((bruno, 1), (gael, 3)):
        fetch(page)
        resume(page)
        answer(page, level)
        finish(page)
    expect(gael.get_by_text("1 question à départager.")).to_be_visible()
    fetch(amina)
    resume(amina)
    expect(amina.locator(".apart")).to_have_count(3)


def test_two_people_who_share_a_phone_read_nothing_of_each_other_before_both_are_done(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    join(page, live_server.address, code_for(home, town.bruno))
    page.get_by_role("link", name="Qui tient le téléphone").click()
    page.get_by_role("button", name="Amina").click()
    page.get_by_role("link", name="Continuer").click()
    begin_apart(page)
    answer(page, level=2)
    page.get_by_label("Une remarque").fill("Je trouve la marche haute.")
    page.get_by_role("link", name="Visites").click()
    page.get_by_role("link", name="Amina tient le téléphone").click()
    page.get_by_role("button", name="Bruno").click()
    page.get_by_role("link", name="Continuer").click()
    resume(page)
    expect(page.locator(".level[aria-pressed=true]")).to_have_count(0)
    expect(page.get_by_text("Je trouve la marche haute.")).to_have_count(0)
    answer(page, level=1)
    finish(page)
    page.get_by_role("link", name="Visites").click()
    page.get_by_role("link", name="Bruno tient le téléphone").click()
    page.get_by_role("button", name="Amina").click()
    page.get_by_role("link", name="Continuer").click()
    resume(page)
    expect(page.get_by_role("link", name="2 sur 15")).to_be_visible()
    finish(page)
    expect(page.get_by_text("1 question à départager.")).to_be_visible()
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    assert sheets(home, town) == {town.amina: {"entrer-circuler": [2]}, town.bruno: {"entrer-circuler": [1]}}


def test_the_coordination_opens_the_sheets_of_someone_who_does_not_finish(
    pages: tuple[Page, Page], home: House, town: Town, coordination: TestClient
) -> None:
    amina, bruno = pages
    begin_apart(amina)
    answer(amina, level=2)
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    fetch(bruno)
    resume(bruno)
    answer(bruno, level=0)
    finish(bruno)
    expect(bruno.get_by_text("Il reste : Amina.")).to_be_visible()
    post(coordination, f"/visits/{town.visit}/release", {})
    fetch(bruno)
    resume(bruno)
    expect(bruno.get_by_text("1 question à départager.")).to_be_visible()


def test_together_on_two_phones_answers_made_at_once_are_settled_and_nothing_is_hidden(
    pages: tuple[Page, Page], home: House, town: Town
) -> None:
    amina, bruno = pages
    amina.get_by_role("link", name=SHOP).click()
    amina.get_by_text("Ensemble, sur plusieurs téléphones").click()
    amina.get_by_role("button", name="Commencer la visite").click()
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    fetch(bruno)
    resume(bruno)
    offline(amina)
    offline(bruno)
    answer(amina, level=1)
    answer(bruno, level=3)
    offline(amina, False)
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    offline(bruno, False)
    expect(bruno.get_by_text("Deux réponses ont été notées.")).to_be_visible()
    answer(bruno, level=3)
    expect(bruno.locator(".level[aria-pressed=true]")).to_have_count(1)
    expect(bruno.locator(".kept .state")).to_have_attribute("data-state", "received")
    assert sheets(home, town) == {"duo": {"entrer-circuler": [3]}}


# --- grids that change ---


def later_version(grid: Grid) -> Grid:
    """The next version of a grid, with another first question."""
    first, *rest = grid.criteria
    changed = first.model_copy(update={"question": "Une question toute neuve ?"})
    return grid.model_copy(update={"version": "depart-2", "criteria": (changed, *rest)})


def test_a_visit_begun_on_one_version_of_the_grid_ends_on_it_when_the_next_is_published(
    pages: tuple[Page, Page], home: House, town: Town
) -> None:
    amina, _ = pages
    begin(amina)
    answer(amina, level=2)
    old = amina.locator("#question").inner_text()
    new = later_version(home.grids["nantes-ouest/depart-1"])
    amina.context.route(
        "**/api/field", lambda route: route.fulfill(json=with_grid(route.fetch().json(), new))
    )
    fetch(amina)
    resume(amina)
    amina.get_by_role("link", name="2 sur 15").click()
    amina.get_by_role("link", name="Entrer et circuler").click()
    assert amina.locator("#question").inner_text() == old
    amina.get_by_role("link", name="1 sur 15").click()
    close_visit(amina)
    expect(amina.get_by_text("La caisse a tout reçu.")).to_be_visible()


def with_grid(field: dict[str, dict[str, object]], grid: Grid) -> dict[str, object]:
    """What a phone is told once this grid is published too."""
    return field | {"grids": field["grids"] | {"nantes-ouest/depart-2": to_json(grid)}}
