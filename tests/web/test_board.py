"""The board: each merchant at its stage, what comes next, what is in the way, and who looks after it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Kind, RecordKind
from backend.storage import decisions, merchants, questions
from backend.storage.decisions import Commitment, Deciding
from backend.web.house import House
from backend.web.pages import short_day
from tests.counting import statements
from tests.town import NANTES, RETZ, Clock, Town
from tests.web.forms import post, words


def add(home: House, name: str, territory: str = NANTES, kind: Kind = Kind.BAKERY) -> str:
    """A merchant just spotted; its id."""

    def write(session: Session) -> str:
        made = merchants.add(session, territory, name, kind, home.now(), by=None, source="hand")
        return made.id

    return home.db.write(write)


def test_each_merchant_stands_at_its_stage_with_its_age_and_what_comes_next(
    home: House, town: Town, coordination: TestClient, clock: Clock
) -> None:
    add(home, "Le Fournil")
    clock.forward(days=12)
    page = coordination.get("/board")
    assert page.status_code == 200
    seen = words(page)
    assert "Le Fournil" in seen
    assert "Prendre contact" in seen
    assert "depuis 12 jours" in seen
    # the visit of 26 November is over by now, and nothing came
    assert "Appeler le duo de la visite du 26 novembre 2026" in seen
    assert "Rien n’est arrivé depuis." in seen
    assert "Au tour de : la coordination" in seen


def test_the_committee_and_moneko_have_no_board(committee: TestClient, moneko: TestClient) -> None:
    assert committee.get("/board").status_code == 403
    assert moneko.get("/board").status_code == 403


def test_a_coordinator_sees_no_merchant_of_the_territory_next_door(
    home: House, town: Town, coordination: TestClient, neighbour: TestClient, admin: TestClient
) -> None:
    assert "Ferme du Tenu" not in coordination.get("/board").text
    assert "Bourderies" not in neighbour.get("/board").text
    both = admin.get("/board").text
    assert "Ferme du Tenu" in both
    assert "Bourderies" in both
    assert "Ferme du Tenu" not in admin.get(f"/board?territory={NANTES}").text
    assert "Ferme du Tenu" not in coordination.get(f"/board?territory={RETZ}").text


@pytest.mark.parametrize("text", ["epicerie bourderie", "ÉPICERIE   Bourderies", "44100 bourderies"])
def test_it_is_found_however_it_is_typed(coordination: TestClient, text: str) -> None:
    assert "Épicerie des Bourderies" in coordination.get("/board", params={"text": text}).text


def test_filters_leave_the_others_out(home: House, town: Town, coordination: TestClient) -> None:
    add(home, "Le Fournil")
    assert "Bourderies" not in coordination.get("/board?kind=bakery").text.split("<nav", 2)[-1]
    with_amina = coordination.get(f"/board?person={town.amina}").text
    assert "Épicerie des Bourderies" in with_amina
    assert "Le Fournil" not in with_amina
    nothing = coordination.get("/board?text=inconnu")
    assert "Aucun commerce ne correspond" in words(nothing)
    senseless = "/board?kind=x&person=%00&territory=%00&stage=x&page=-1&text=%25"
    assert coordination.get(senseless).status_code == 200


def test_an_empty_territory_offers_the_first_step(home: House, neighbour: TestClient, town: Town) -> None:
    def gone(session: Session) -> None:
        merchants.get(session, town.farm).territory_id = NANTES

    home.db.write(gone)
    page = words(neighbour.get("/board"))
    assert "Importer un fichier" in page


def test_a_stage_shows_those_that_wait_the_longest_and_counts_the_others(
    home: House, town: Town, coordination: TestClient
) -> None:
    for rank in range(15):
        add(home, f"Boulangerie {rank:02}")
    page = coordination.get("/board")
    assert "Boulangerie 00" in page.text
    assert "Boulangerie 11" in page.text
    assert "Boulangerie 12" not in page.text
    assert "Voir les 3 autres" in words(page)


def test_a_question_that_waits_for_its_answer_is_in_the_way(
    home: House, town: Town, coordination: TestClient
) -> None:
    def ask(session: Session) -> None:
        questions.ask(session, town.visit, None, "Qui ?", home.now(), by=town.claire)
        body = {"visit": town.visit}
        merchants.add_record(session, town.shop, RecordKind.ASSESSED, body, home.now(), by=None)

    home.db.write(ask)
    assert "Une question posée au duo attend sa réponse." in words(coordination.get("/board"))


def test_the_list_says_what_comes_next_to_the_coordination_alone(
    home: House, town: Town, coordination: TestClient, committee: TestClient
) -> None:
    body = {"visit": town.visit}
    home.db.write(
        lambda session: merchants.add_record(
            session, town.shop, RecordKind.ASSESSED, body, home.now(), by=None
        )
    )
    assert "Faire décider le comité" in words(coordination.get("/merchants"))
    assert "Faire décider le comité" not in words(committee.get("/merchants"))


def decide(home: House, town: Town, deciding: Deciding) -> None:
    home.db.write(
        lambda session: decisions.record(
            session, town.shop, deciding, home.rules, home.drafts, home.now(), by=town.claire
        )
    )


def test_one_put_off_comes_back_on_its_day(home: House, town: Town, coordination: TestClient) -> None:
    back = home.now().date() + timedelta(days=90)
    outcome = DecisionOutcome.DEFERRED
    decide(home, town, Deciding(outcome, home.now().date(), "Il manque les prix.", returns_on=back))
    for path in ("/board", "/merchants"):
        assert f"Revient le {short_day(back)}" in words(coordination.get(path))


def test_a_commitment_that_falls_due_comes_next(
    home: House, town: Town, coordination: TestClient, signed_in: Any, clock: Clock
) -> None:
    day = home.now().date()
    due = day + timedelta(days=40)
    promised = [Commitment("entrer", "Poser une rampe.", due)]
    outcome = DecisionOutcome.ACCREDITED_WITH_COMMITMENTS
    year = day + timedelta(days=365)
    decide(home, town, Deciding(outcome, day, "Il y tient.", valid_until=year, commitments=promised))
    said = f"Vérifier l’engagement du {short_day(due)}"
    assert said not in words(coordination.get("/board"))
    clock.forward(days=15)
    waiting = words(coordination.get("/board"))  # it is not told yet: that comes first
    assert "Prévenir le commerce" in waiting
    assert f"Aussi : {said}" in waiting

    def take(session: Session) -> None:
        now = home.now()
        merchants.add_record(session, town.shop, RecordKind.TOLD, {"note": ""}, now, by=town.claire)
        active = {"status": "active", "note": ""}
        merchants.add_record(session, town.shop, RecordKind.MONEKO_STATUS, active, now, by=town.malo)

    home.db.write(take)
    for path in ("/board", "/merchants"):
        assert said in words(coordination.get(path))
    assert "Rien à faire avant" not in words(coordination.get("/board"))
    clock.forward(days=30)
    assert "Son jour est passé." in words(signed_in(town.claire).get("/board"))


def test_the_board_asks_as_few_questions_for_many_merchants_as_for_one(
    home: House, town: Town, coordination: TestClient
) -> None:
    def asked(path: str) -> int:
        with statements() as made:
            assert coordination.get(path).status_code == 200
        return len(made)

    for path in ("/board", "/merchants"):  # the first time some things are read that are kept then
        coordination.get(path)
    few = [asked("/board"), asked("/merchants")]
    for rank in range(11):
        add(home, f"Boulangerie {rank:02}")
    assert [asked("/board"), asked("/merchants")] == few


# --- who looks after it ---


def test_someone_of_the_coordination_looks_after_a_merchant(
    home: House, town: Town, coordination: TestClient
) -> None:
    answer = post(coordination, f"/merchants/{town.shop}/followings", {"person": town.claire})
    assert answer.status_code == 303
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Suivi confié à Claire" in page
    add(home, "Le Fournil")
    hers = coordination.get(f"/board?person={town.claire}").text
    assert "Bourderies" in hers
    assert "Le Fournil" not in hers
    post(coordination, f"/merchants/{town.shop}/followings", {"person": ""})
    assert "à personne en particulier" in words(coordination.get(f"/merchants/{town.shop}"))


def test_saying_it_twice_writes_it_once(home: House, town: Town, coordination: TestClient) -> None:
    for _ in range(2):
        post(coordination, f"/merchants/{town.shop}/followings", {"person": town.claire})
    with home.db.read() as session:
        kinds = [row.kind for row in merchants.records(session, town.shop)]
    assert kinds.count("followed") == 1


def test_somebody_who_does_not_coordinate_there_cannot_look_after_it(
    town: Town, coordination: TestClient, home: House
) -> None:
    answer = post(coordination, f"/merchants/{town.shop}/followings", {"person": town.amina})
    assert answer.status_code == 422
    assert "ne coordonne pas ce territoire" in words(answer)
    with home.db.read() as session:
        assert merchants.get(session, town.shop).followed_by is None


def test_only_the_coordination_of_the_territory_says_who_looks_after_it(
    town: Town, neighbour: TestClient, committee: TestClient, moneko: TestClient
) -> None:
    path = f"/merchants/{town.shop}/followings"
    assert [post(who, path, {"person": ""}).status_code for who in (neighbour, committee, moneko)] == [
        404,
        403,
        403,
    ]


def test_ages_are_said_in_words(town: Town, coordination: TestClient, signed_in: Any, clock: Clock) -> None:
    assert "depuis aujourd’hui" in words(coordination.get("/board"))
    clock.forward(days=1)
    assert "depuis hier" in words(coordination.get("/board"))
    clock.forward(days=99)
    assert "depuis 3 mois" in words(signed_in(town.claire).get("/board"))
