"""The grid to fill with a pencil: from the grid's own file, blank or prepared for one visit, small and large."""

import io
import re

import pypdfium2
import pytest
from starlette.testclient import TestClient

from backend.storage import merchants
from backend.web.house import House
from tests.town import GRID, Town

BLANK = f"/grids/{GRID}/paper.pdf"


def read(browser: TestClient, path: str) -> tuple[str, int]:
    """What a PDF says, in one line, and how many pages it has."""
    answer = browser.get(path)
    assert answer.headers["content-type"] == "application/pdf", answer.text
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    said = " ".join(document[rank].get_textpage().get_text_range() for rank in range(len(document)))
    count = len(document)
    document.close()
    plain = said.replace("\ufffe", "").replace("-\r\n", "").replace("\u202f", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", plain), count


def letters(text: str) -> str:
    """A text without what cutting it into lines changes."""
    return re.sub(r"[\s\u202f\u00a0\u00ad-]", "", text)


@pytest.mark.parametrize(("how", "fewest", "most"), [("", 2, 2), ("?large=1", 5, 20)])
def test_every_criterion_is_there_with_its_question_and_its_sentences(
    coordination: TestClient, home: House, town: Town, how: str, fewest: int, most: int
) -> None:
    for path in (BLANK, f"/visits/{town.visit}/grid.pdf"):
        said, pages = read(coordination, path + how)
        assert fewest <= pages <= most
        for criterion in home.grids[GRID].criteria:
            assert letters(criterion.question) in letters(said)
            for level in criterion.levels:
                assert letters(level.sentence) in letters(said)
        applies = sum(each.may_not_apply for each in home.grids[GRID].criteria)
        assert said.count("Ne s’applique pas") == applies
        assert said.count("Remarque :") == len(home.grids[GRID].criteria) + 1
        assert "Grille de départ, à adopter par le comité." in said


def test_the_one_of_a_visit_names_the_shop_the_day_and_who_goes(coordination: TestClient, town: Town) -> None:
    said, _pages = read(coordination, f"/visits/{town.visit}/grid.pdf")
    assert "Épicerie des Bourderies" in said
    assert "jeudi 26 novembre 2026" in said
    assert "2 rue des Bourderies, Nantes" in said
    assert "Par : Amina, Bruno" in said
    assert "ce code ouvre la saisie" in said


def test_a_very_long_name_stays_on_two_pages_and_hostile_text_is_text(
    coordination: TestClient, home: House, town: Town
) -> None:
    name = "L’Épicerie <script>alert(1)</script> Coopérative des Bourderies et de tous ses Environs"

    def rename(session: object) -> None:
        merchants.get(session, town.shop).name = name  # type: ignore[arg-type]

    home.db.write(rename)
    said, pages = read(coordination, f"/visits/{town.visit}/grid.pdf")
    assert letters(name) in letters(said)
    assert pages == 2


def test_who_may_print_it(
    client: TestClient, committee: TestClient, moneko: TestClient, neighbour: TestClient, town: Town
) -> None:
    of_visit = f"/visits/{town.visit}/grid.pdf"
    assert committee.get(BLANK).status_code == 200
    assert committee.get(of_visit).status_code == 403
    for path in (BLANK, of_visit):
        assert moneko.get(path).status_code == 403
        assert neighbour.get(path).status_code == 404
        assert client.get(path).status_code == 303


def test_a_grid_that_is_not_there_is_not_found(coordination: TestClient, town: Town) -> None:
    assert coordination.get("/grids/nantes-ouest/inconnue/paper.pdf").status_code == 404
