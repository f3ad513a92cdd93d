"""Questions of the coordination: they reach the duo's phones, and everyone of the visit sees the answers."""

from starlette.testclient import TestClient

from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, Town
from tests.web.forms import everything, post, refused, sent_twice, words
from tests.web.test_decisions import decision, path, visited

FIRST = "entrer-circuler"
ASKED = {"criterion": FIRST, "text": "La marche fait combien de centimètres ?"}


def of_visit(phone: Phone) -> list[dict[str, str]]:
    found: list[dict[str, str]] = phone.http.get("/api/field").json()["visits"][0]["questions"]
    return found


def test_a_question_reaches_the_phones_of_the_duo_and_its_answer_the_page(
    coordination: TestClient, committee: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    started = amina.start(town.visit, GRID)
    amina.send(started, amina.close(town.visit, [started]))
    sent_twice(home, coordination, f"/visits/{town.visit}/questions", ASKED)
    [question] = of_visit(bruno)
    assert (question["criterion"], question["text"], question["by"]) == (FIRST, ASKED["text"], "Claire")
    assert of_visit(amina) == [question]
    assert "Pas encore de réponse" in words(coordination.get(f"/visits/{town.visit}"))
    answer = bruno.entry("question_answered", town.visit, question=question["id"], text="Douze.")
    bruno.send(answer)
    amina.send()
    assert amina.seen[answer["id"]]["entry"]["text"] == "Douze."
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Douze." in page
    assert "Bruno" in page
    seen = words(committee.get(f"/visits/{town.visit}"))
    assert "Douze." in seen
    assert "Bruno" not in seen
    assert "Claire" not in seen


def test_a_question_may_be_about_the_visit_as_a_whole(
    coordination: TestClient, amina: Phone, town: Town
) -> None:
    amina.send(amina.start(town.visit, GRID))
    post(coordination, f"/visits/{town.visit}/questions", {"criterion": "", "text": "Qui vous a reçus ?"})
    assert [question["criterion"] for question in of_visit(amina)] == [None]
    assert "Qui vous a reçus" in words(coordination.get(f"/visits/{town.visit}"))


def test_an_empty_question_or_one_on_no_criterion_is_refused_and_nothing_is_lost(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    amina.send(amina.start(town.visit, GRID))
    before = everything(home)
    questions = f"/visits/{town.visit}/questions"
    refused(post(coordination, questions, ASKED | {"text": " "}), 422, "Écrivez d’abord votre question.")
    answer = post(coordination, questions, ASKED | {"criterion": "nulle-part"})
    refused(answer, 422, "Choisissez un critère de la liste.")
    assert ASKED["text"] in answer.text
    assert everything(home) == before


def test_no_question_is_asked_once_the_committee_has_decided(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    post(coordination, path(town), decision(home, town))
    answer = post(coordination, f"/visits/{town.visit}/questions", ASKED)
    refused(answer, 422, "Le comité a décidé")


def test_only_the_coordination_of_the_territory_asks(
    committee: TestClient, neighbour: TestClient, amina: Phone, home: House, town: Town
) -> None:
    amina.send(amina.start(town.visit, GRID))
    before = everything(home)
    assert post(committee, f"/visits/{town.visit}/questions", ASKED).status_code == 403
    assert post(neighbour, f"/visits/{town.visit}/questions", ASKED).status_code == 404
    assert everything(home) == before


def test_someone_who_cannot_come_is_named_until_they_are_replaced(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    amina.send(amina.entry("cannot_come", town.visit, text="Mon fils est malade."))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Amina ne peut pas venir." in page
    assert "Mon fils est malade." in page
