"""The file of an inhabitant, and the short list of districts."""

from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.storage import merchants, people, person_files
from backend.storage.tables import PersonFile
from backend.web.house import House
from tests.town import NANTES, RETZ, Town
from tests.web.forms import everything, post, refused, sent_twice, words


def told(**changes: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "phone": "06 12 34 56 78",
        "email": "amina@example.org",
        "slot": ["mon-am", "fri-pm"],
        "away_from": "2026-12-20",
        "away_until": "2027-01-03",
        "district": "",
        **changes,
    }


def test_a_file_is_empty_at_first_and_says_what_nothing_means(coordination: TestClient, town: Town) -> None:
    page = words(coordination.get(f"/people/{town.amina}"))
    assert "pas encore de visite faite" in page
    assert "on peut lui demander n’importe quel jour" in page
    assert "Aucun lien noté." in page
    assert "Épicerie des Bourderies" in page  # the visit to come


def test_what_someone_told_is_kept_and_shown(coordination: TestClient, home: House, town: Town) -> None:
    answer = sent_twice(
        home, coordination, f"/people/{town.amina}/edits", told(slot=["fri-pm", "x", "mon-am"])
    )
    page = coordination.get(answer.headers["location"]).text
    assert page.count(" checked") == 2
    for value in ("06 12 34 56 78", "amina@example.org", "2026-12-20", "2027-01-03"):
        assert f'value="{value}"' in page
    with home.db.read() as session:
        assert session.get_one(PersonFile, town.amina).slots == ["mon-am", "fri-pm"]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"phone": "12"}, 422, "numéro"),
        ({"email": "amina"}, 422, "adresse"),
        ({"email": "claire@example.org"}, 422, "déjà celle de quelqu’un"),
        ({"away_until": ""}, 422, "le premier et le dernier jour"),
        ({"away_until": "2026-12-01"}, 422, "finit avant de commencer"),
        ({"district": "inconnu"}, 422, "quartier de la liste"),
        ({"version": "7"}, 409, "Du nouveau est arrivé"),
        ({"version": ""}, 422, "Rouvrez la page"),
    ],
)
def test_a_file_that_cannot_be_is_refused_and_what_was_typed_is_still_there(
    coordination: TestClient, home: House, town: Town, changes: dict[str, Any], status: int, sentence: str
) -> None:
    before = everything(home)
    answer = post(coordination, f"/people/{town.amina}/edits", told(**changes))
    refused(answer, status, sentence)
    assert everything(home) == before
    assert 'value="fri-pm" checked' in answer.text


def test_two_who_write_in_one_file_the_second_is_told(coordination: TestClient, town: Town) -> None:
    assert post(coordination, f"/people/{town.amina}/edits", told()).status_code == 303
    again = post(coordination, f"/people/{town.amina}/edits", told(phone="06 12 34 56 79"))
    refused(again, 409, "Du nouveau est arrivé")
    assert "La fiche dit maintenant" in words(again)
    assert "06 12 34 56 78" in words(again)
    assert 'name="version" value="1"' in again.text  # read again, it may be sent again


# --- ties ---


def test_a_tie_is_noted_by_name_and_ended_later_and_both_stay_dated(
    coordination: TestClient, home: House, town: Town
) -> None:
    form = {"merchant": "epicerie des bourderies", "kind": "works"}
    sent_twice(home, coordination, f"/people/{town.amina}/ties", form)
    assert len(everything(home)["merchant_tie"]) == 1
    page = coordination.get(f"/people/{town.amina}")
    assert "Épicerie des Bourderies : y travaille" in words(page)
    assert "Amina est prévu ou prévue chez « Épicerie des Bourderies »" in words(page)
    assert f"/visits/{town.visit}/replacements/new?leaves={town.amina}" in page.text
    assert "Amina travaille chez" in words(coordination.get(f"/visits/{town.visit}"))
    with home.db.read() as session:
        ((tie, _merchant),) = person_files.ties(session, town.amina)
    sent_twice(home, coordination, f"/people/{town.amina}/ties/{tie.id}/end", {})
    assert "terminé le 24 novembre 2026" in words(coordination.get(f"/people/{town.amina}"))
    post(coordination, f"/people/{town.amina}/ties", form)
    assert len(everything(home)["merchant_tie"]) == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"merchant": "Épicerie des Bourderies", "kind": "admires"}, "quel est le lien"),
        ({"merchant": "Le Levain", "kind": "works"}, "Aucun commerce ne s’appelle « Le Levain »"),
        ({"merchant": "Ferme du Tenu", "kind": "works"}, "Aucun commerce"),  # of another territory
        ({"merchant": "", "kind": "works"}, "Aucun commerce"),
    ],
)
def test_a_tie_that_cannot_be_is_refused(
    coordination: TestClient, home: House, town: Town, form: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    refused(post(coordination, f"/people/{town.amina}/ties", form), 422, sentence)
    assert everything(home) == before


def test_two_merchants_of_one_name_are_told_apart_first(
    coordination: TestClient, home: House, town: Town
) -> None:
    def twin(session: Session) -> None:
        first = merchants.get(session, town.shop)
        merchants.add(session, NANTES, first.name, first.kind, home.now(), by=None, source="hand")

    home.db.write(twin)
    form = {"merchant": "Épicerie des Bourderies", "kind": "works"}
    refused(post(coordination, f"/people/{town.amina}/ties", form), 422, "Plusieurs commerces")


def test_a_tie_of_someone_else_is_not_ended(coordination: TestClient, home: House, town: Town) -> None:
    post(coordination, f"/people/{town.amina}/ties", {"merchant": "Épicerie des Bourderies", "kind": "runs"})
    with home.db.read() as session:
        ((tie, _merchant),) = person_files.ties(session, town.amina)
    assert post(coordination, f"/people/{town.bruno}/ties/{tie.id}/end", {}).status_code == 404


# --- who may ---


def test_a_file_is_for_the_coordination_of_the_territory_alone(
    coordination: TestClient, committee: TestClient, moneko: TestClient, neighbour: TestClient, town: Town
) -> None:
    for browser, status in ((committee, 403), (moneko, 403), (neighbour, 404)):
        assert browser.get(f"/people/{town.amina}").status_code == status
        assert post(browser, f"/people/{town.amina}/edits", told()).status_code == status
        assert post(browser, f"/people/{town.amina}/ties", {"kind": "works"}).status_code == status
    assert coordination.get(f"/people/{town.gael}").status_code == 404
    assert coordination.get("/people/nobody").status_code == 404


def test_someone_with_a_very_long_hostile_name_has_a_file_too(
    coordination: TestClient, home: House, town: Town
) -> None:
    name = "<script>alert(1)</script>" + "A" * 50
    person = home.db.write(
        lambda session: people.add_evaluator(session, name, NANTES, home.now(), by=None).id
    )
    page = coordination.get(f"/people/{person}")
    assert "<script>alert" not in page.text
    assert page.status_code == 200


# --- districts ---


def test_the_districts_are_a_short_list_that_one_chooses_from(
    coordination: TestClient, home: House, town: Town
) -> None:
    form = {"names": "Bellevue\nChantenay\n\n Chantenay ", "was_names": ""}
    sent_twice(home, coordination, f"/territories/{NANTES}/districts", form)
    with home.db.read() as session:
        bellevue, chantenay = person_files.districts(session, NANTES)
    assert (bellevue.name, chantenay.name) == ("Bellevue", "Chantenay")
    assert post(coordination, f"/people/{town.amina}/edits", told(district=bellevue.id)).status_code == 303
    page = coordination.get(f"/people/{town.amina}").text
    assert f'value="{bellevue.id}" selected' in page
    stale = post(coordination, f"/territories/{NANTES}/districts", {"names": "X", "was_names": ""})
    refused(stale, 409, "Du nouveau est arrivé")
    form = {"names": "Chantenay", "was_names": "Bellevue\nChantenay"}
    assert post(coordination, f"/territories/{NANTES}/districts", form).status_code == 303
    assert coordination.get(f"/people/{town.amina}").status_code == 200


def test_a_list_too_long_or_elsewhere_is_refused(coordination: TestClient, home: House, town: Town) -> None:
    before = everything(home)
    address = f"/territories/{NANTES}/districts"
    many = "\n".join(f"Quartier {rank}" for rank in range(31))
    refused(post(coordination, address, {"names": many}), 422, "30 quartiers au plus")
    refused(post(coordination, address, {"names": "Q" * 61}), 422, "dépasse 60 signes")
    for elsewhere in (RETZ, "nulle-part"):
        assert coordination.get(f"/territories/{elsewhere}/districts").status_code == 404
        assert post(coordination, f"/territories/{elsewhere}/districts", {"names": "X"}).status_code == 404
    assert everything(home) == before


def test_a_file_leaves_no_trace_of_an_address(home: House, town: Town) -> None:
    """What is kept of where someone lives is a district of the list, never a place."""
    with home.db.read() as session:
        assert session.exec(select(PersonFile)).all() == []
    assert set(PersonFile.model_fields) == {
        "person_id", "slots", "away_from", "away_until", "district_id", "version", "edited_at", "edited_by",
    }  # fmt: skip
