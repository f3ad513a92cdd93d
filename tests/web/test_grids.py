"""The grids, as people read them."""

import pytest
from starlette.testclient import TestClient

from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, NANTES, RETZ, Town
from tests.web.forms import words


def test_a_grid_is_read_whole_with_its_weights_and_thresholds(
    home: House, admin: TestClient, town: Town
) -> None:
    grid, page = home.grids[GRID], words(admin.get(f"/grids/{GRID}"))
    for criterion in grid.criteria:
        assert criterion.name in page
        assert f"Poids : {criterion.weight}".replace(".", ",") in page
    assert "Favorable : à partir de 65 sur 100" in page
    assert "Minimum : 40 sur 100." in page
    assert "éliminatoire en dessous de 1" in page
    assert "Aucun comité ne l’a encore adoptée." in page
    assert grid.notice.replace("\u202f", " ").replace("\u00a0", " ") in page
    assert admin.get(f"/grids/{GRID}/paper.pdf").headers["content-type"] == "application/pdf"


def test_the_list_says_who_uses_a_grid(home: House, admin: TestClient, town: Town, amina: Phone) -> None:
    assert "aucune visite faite, 2 à venir" in words(admin.get("/grids"))
    amina.send(*amina.whole_visit(town.visit, GRID, list(home.rules[GRID].criteria)))
    assert "1 visite faite, 1 à venir" in words(admin.get("/grids"))
    assert "Avec elle : 1 visite faite, 1 à venir." in words(admin.get(f"/grids/{GRID}"))


def test_a_draft_says_by_which_command_it_is_published_and_a_published_one_that_it_stays(
    home: House, admin: TestClient, town: Town
) -> None:
    draft = sorted(home.drafts)[0]
    page = words(admin.get(f"/grids/{draft}"))
    assert f"python -m backend grid publish criteria/{draft}.toml" in page
    assert "grid publish" not in words(admin.get(f"/grids/{GRID}"))


def test_the_coordination_reads_the_grids_of_its_territory_and_no_other(
    home: House, coordination: TestClient, neighbour: TestClient, committee: TestClient, town: Town
) -> None:
    draft = sorted(home.drafts)[0]
    assert draft.startswith(RETZ)
    assert neighbour.get(f"/grids/{draft}").status_code == 200
    assert coordination.get(f"/grids/{draft}").status_code == 404
    assert neighbour.get(f"/grids/{GRID}").status_code == 404
    assert "Pays de Retz" not in words(coordination.get("/grids"))
    assert committee.get("/grids").status_code == 403


@pytest.mark.parametrize("path", [f"/grids/{NANTES}/unknown", "/grids/ailleurs/depart-1"])
def test_a_grid_that_is_not_there(admin: TestClient, town: Town, path: str) -> None:
    assert admin.get(path).status_code == 404
