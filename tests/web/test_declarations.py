"""What a merchant says of itself before the visit: saved as they go, frozen with the visit, beside the score."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.storage import declarations, visits
from backend.web.house import House
from tests.merchant_side import made_link, opened
from tests.phones import Phone
from tests.town import GRID, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

FIRST = "entrer-circuler"


@pytest.fixture
def merchant(app: Starlette, coordination: TestClient, home: House, town: Town) -> TestClient:
    """The browser of the shop's manager, the page open."""
    return opened(app, made_link(coordination, home, town.shop))


def saying(
    criterion: str, level: str = "", text: str = "", was: tuple[str, str] = ("", "")
) -> dict[str, str]:
    """The part of the form that is about one criterion."""
    return {
        "grid": GRID,
        f"level_{criterion}": level,
        f"words_{criterion}": text,
        f"was_level_{criterion}": was[0],
        f"was_words_{criterion}": was[1],
    }


def said(home: House, town: Town) -> dict[str, tuple[str, str]]:
    with home.db.read() as session:
        rows = declarations.said(session, town.shop, GRID)
    return {name: (row.points, row.words) for name, row in rows.items()}


def visited(phone: Phone, home: House, town: Town) -> None:
    made = [phone.start(town.visit, GRID)]
    made += [phone.choose(town.visit, each.id, 3) for each in home.grids[GRID].criteria]
    made.append(phone.close(town.visit, made))
    phone.send(*made)


def test_every_question_is_there_with_its_levels_its_weight_and_where_it_comes_from(
    merchant: TestClient, home: House
) -> None:
    page = words(merchant.get("/commerce/grille"))
    grid = home.grids[GRID]
    assert "Grille de départ, à adopter par le comité." in page
    for criterion in grid.criteria:
        assert words_of(criterion.question) in page
        assert f"poids {criterion.weight}" in page
        for level in criterion.levels:
            assert words_of(level.sentence) in page
    assert "Sans le niveau 2 au moins, la proposition est défavorable" in page


def words_of(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_what_one_says_is_kept_with_its_moment(merchant: TestClient, home: House, town: Town) -> None:
    sent_twice(home, merchant, "/commerce/declarations", saying(FIRST, "2", "Une rampe est derrière."))
    assert said(home, town) == {FIRST: ("2", "Une rampe est derrière.")}
    page = merchant.get("/commerce/grille")
    assert "Enregistré. Votre dernière réponse est du 24 novembre 2026" in words(page)
    assert f'name="was_level_{FIRST}" value="2"' in page.text
    assert "Vous avez répondu à 1 question." in words(merchant.get("/commerce"))


def test_what_was_not_changed_is_not_written_and_each_change_is_kept(
    merchant: TestClient, home: House, town: Town
) -> None:
    post(merchant, "/commerce/declarations", saying(FIRST, "2"))
    before = everything(home)
    post(merchant, "/commerce/declarations", saying(FIRST, "2", was=("2", "")))
    assert everything(home) == before
    post(merchant, "/commerce/declarations", saying(FIRST, "", was=("2", "")))
    assert said(home, town) == {FIRST: ("", "")}
    assert len(everything(home)["declaration"]) == 2


def test_two_pages_on_two_questions_both_count(merchant: TestClient, home: House, town: Town) -> None:
    other = home.grids[GRID].criteria[1].id
    post(merchant, "/commerce/declarations", saying(FIRST, "1") | saying(other))
    post(merchant, "/commerce/declarations", saying(FIRST) | saying(other, "3"))
    assert said(home, town) == {FIRST: ("1", ""), other: ("3", "")}


def test_two_pages_on_one_question_the_second_is_told_and_loses_nothing(
    merchant: TestClient, home: House, town: Town
) -> None:
    post(merchant, "/commerce/declarations", saying(FIRST, "1", "Une marche."))
    before = everything(home)
    answer = post(merchant, "/commerce/declarations", saying(FIRST, "3", "Plus de marche."))
    refused(answer, 409, "Du nouveau est arrivé")
    assert "Entre-temps, une autre page a enregistré" in words(answer)
    assert "Plus de marche." in answer.text
    assert f'name="was_level_{FIRST}" value="1"' in answer.text
    assert everything(home) == before
    post(merchant, "/commerce/declarations", saying(FIRST, "3", "Plus de marche.", ("1", "Une marche.")))
    assert said(home, town)[FIRST] == ("3", "Plus de marche.")


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        (saying(FIRST, "17"), 422, "Choisissez un niveau de la liste."),
        (saying(FIRST, "not_applicable"), 422, "Choisissez un niveau de la liste."),
        (saying(FIRST, "2", "é" * 1001), 422, "Un texte dépasse 1000 signes."),
        (saying(FIRST, "2") | {"grid": "pays-de-retz/depart-1"}, 409, "Du nouveau est arrivé"),
    ],
)
def test_what_cannot_be_is_refused(
    merchant: TestClient, home: House, form: dict[str, str], status: int, sentence: str
) -> None:
    before = everything(home)
    answer = post(merchant, "/commerce/declarations", form)
    refused(answer, status, sentence)
    assert form[f"words_{FIRST}"] in answer.text
    assert everything(home) == before


def test_a_question_of_no_grid_is_passed_over(merchant: TestClient, home: House) -> None:
    before = everything(home)
    assert post(merchant, "/commerce/declarations", saying("sourire", "3")).status_code == 303
    assert everything(home) == before


def test_hostile_words_are_words(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    amina: Phone,
    home: House,
    town: Town,
) -> None:
    hostile = "<img src=x onerror=alert(1)> {{ 7*7 }} ' OR 1=1 --\u202e"
    post(merchant, "/commerce/declarations", saying(FIRST, "3", hostile))
    visited(amina, home, town)
    for browser, path in (
        (merchant, "/commerce/grille"),
        (coordination, f"/merchants/{town.shop}/side"),
        (committee, f"/visits/{town.visit}"),
    ):
        page = browser.get(path)
        assert "<img src=x" not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt; {{ 7*7 }}" in page.text


def test_once_the_visit_is_closed_it_changes_no_more(
    merchant: TestClient, amina: Phone, home: House, town: Town
) -> None:
    post(merchant, "/commerce/declarations", saying(FIRST, "2", "Une rampe."))
    visited(amina, home, town)
    before = everything(home)
    answer = post(merchant, "/commerce/declarations", saying(FIRST, "3", "", ("2", "Une rampe.")))
    refused(answer, 409, "Ce que vous avez dit avant la visite ne change plus.")
    assert everything(home) == before
    page = merchant.get("/commerce/grille")
    assert "votre réponse" in words(page)
    assert "Une rampe." in words(page)
    assert "<textarea" not in page.text


def test_it_stands_beside_the_visit_as_the_merchants_word_and_never_in_the_score(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    amina: Phone,
    home: House,
    town: Town,
) -> None:
    post(merchant, "/commerce/declarations", saying(FIRST, "0", "Trois marches."))
    visited(amina, home, town)
    for browser in (coordination, committee):
        page = words(browser.get(f"/visits/{town.visit}"))
        assert "Ce que le commerce dit de lui" in page
        assert "Trois marches." in page
        assert "100,0 sur 100" in page
    assert "Trois marches." in words(committee.get(f"/merchants/{town.shop}/side"))
    assert "Son lien personnel" not in words(committee.get(f"/merchants/{town.shop}/side"))
    assert "Trois marches." not in amina.http.get("/api/field").text


def test_what_is_said_before_the_next_visit_does_not_stand_beside_the_first(
    app: Starlette, coordination: TestClient, amina: Phone, home: House, town: Town, clock: Clock
) -> None:
    address = made_link(coordination, home, town.shop)
    post(opened(app, address), "/commerce/declarations", saying(FIRST, "0", "Trois marches."))
    visited(amina, home, town)
    clock.forward(days=20)
    planned = home.now().date()
    later = home.db.write(
        lambda session: visits.plan(session, town.shop, GRID, planned, [town.amina], home.now(), by=None).id
    )
    form = saying(FIRST, "3", "Une rampe.", ("0", "Trois marches."))
    assert post(opened(app, address), "/commerce/declarations", form).status_code == 303
    with home.db.read() as session:
        beside = [
            declarations.beside(session, visits.get(session, each))[FIRST].words
            for each in (town.visit, later)
        ]
    assert beside == ["Trois marches.", "Une rampe."]
