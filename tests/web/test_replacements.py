"""Someone goes in someone else's place: what was done stays, the new one has an invitation."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.planning import TieKind
from backend.storage import merchants, people, person_files
from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, NANTES, RETZ, Town
from tests.web.forms import everything, post, refused, sent_twice, words


@pytest.fixture
def carla(home: House, town: Town) -> str:
    return home.db.write(
        lambda session: people.add_evaluator(session, "Carla", NANTES, home.now(), by=None).id
    )


def change(town: Town, someone: str, **changes: str) -> dict[str, str]:
    return {"leaves": town.bruno, "comes": someone, "reason": "prevented", **changes}


def test_from_the_visit_one_replaces_someone_in_three_taps(
    coordination: TestClient, home: House, town: Town, carla: str
) -> None:
    visit = coordination.get(f"/visits/{town.visit}")
    form = f"/visits/{town.visit}/replacements/new?leaves={town.bruno}"
    assert form in visit.text
    assert "Remplacer Bruno" in words(visit)
    page = coordination.get(form)
    assert f'value="{carla}" checked' in page.text  # the best one is chosen already, and so is a reason
    assert 'value="prevented" checked' in page.text
    assert "avec Amina" in words(page)
    answer = sent_twice(home, coordination, f"/visits/{town.visit}/replacements", change(town, carla))
    cards = words(coordination.get(answer.headers["location"]))
    assert "Bonjour Carla" in cards
    assert "Bonjour Bruno" not in cards
    with home.db.read() as session:
        record = merchants.records(session, town.shop)[-1]
    assert record.body == {"visit": town.visit, "left": town.bruno, "came": carla, "reason": "prevented"}


def test_what_the_one_who_leaves_wrote_is_kept(
    coordination: TestClient, bruno: Phone, phone_of: Any, home: House, town: Town, carla: str
) -> None:
    bruno.send(bruno.start(town.visit, GRID))
    before = len(everything(home)["entry"])
    post(coordination, f"/visits/{town.visit}/replacements", change(town, carla))
    assert len(everything(home)["entry"]) == before
    assert "Bruno (a laissé sa place)" in words(coordination.get(f"/visits/{town.visit}"))
    seen = phone_of(carla).http.get("/api/field").json()["visits"]
    assert [each["id"] for each in seen] == [town.visit]


def test_a_first_name_typed_on_the_spot_comes_instead(coordination: TestClient, town: Town) -> None:
    answer = post(coordination, f"/visits/{town.visit}/replacements", change(town, "", newcomer="Yvonne"))
    assert "Bonjour Yvonne" in words(coordination.get(answer.headers["location"]))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"comes": ""}, 422, "Choisissez qui vient à la place."),
        ({"reason": "malade"}, 422, "Choisissez pourquoi"),
        ({"leaves": "personne"}, 409, "Du nouveau est arrivé"),
        ({"newcomer": "amina"}, 422, "est déjà dans la liste"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused_and_nothing_is_written(
    coordination: TestClient,
    home: House,
    town: Town,
    carla: str,
    changes: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    before = everything(home)
    answer = post(coordination, f"/visits/{town.visit}/replacements", change(town, carla, **changes))
    refused(answer, status, sentence)
    assert everything(home) == before


def test_who_has_a_tie_with_the_shop_cannot_come_and_is_named(
    coordination: TestClient, home: House, town: Town, carla: str
) -> None:
    home.db.write(
        lambda session: person_files.note_tie(
            session, carla, town.shop, TieKind.FAMILY, home.now(), by=town.claire
        )
    )
    page = words(coordination.get(f"/visits/{town.visit}/replacements/new?leaves={town.bruno}"))
    assert "Carla a de la famille chez" in page
    assert "Personne de la liste n’est libre." in page
    refused(
        post(coordination, f"/visits/{town.visit}/replacements", change(town, carla)),
        422,
        "Carla a de la famille",
    )


def test_who_was_replaced_meanwhile_is_not_replaced_twice(
    coordination: TestClient, home: House, town: Town, carla: str
) -> None:
    post(coordination, f"/visits/{town.visit}/replacements", change(town, carla))
    before = everything(home)
    again = post(coordination, f"/visits/{town.visit}/replacements", change(town, "", newcomer="Yvonne"))
    refused(again, 409, "Du nouveau est arrivé")
    assert everything(home) == before


def test_a_visit_that_is_over_or_elsewhere_is_left_alone(
    coordination: TestClient,
    committee: TestClient,
    neighbour: TestClient,
    home: House,
    town: Town,
    carla: str,
) -> None:
    path = f"/visits/{town.visit}/replacements"
    assert post(committee, path, change(town, carla)).status_code == 403
    assert post(neighbour, path, change(town, carla)).status_code == 404
    assert (
        coordination.get(f"/visits/{town.farm_visit}/replacements/new?leaves={town.gael}").status_code == 404
    )
    assert coordination.get(f"{path}/new?leaves={town.gael}").status_code == 404
    gael = post(coordination, path, change(town, town.gael))
    refused(gael, 422, "Choisissez qui vient")  # someone of another territory
    post(coordination, f"/visits/{town.visit}/cancellation", {})
    before = everything(home)
    assert post(coordination, path, change(town, carla)).status_code == 422
    assert everything(home) == before
    assert RETZ
