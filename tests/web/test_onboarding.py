"""Moneko's accompaniment: who waits, the file, the steps, where one pays."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import RecordKind
from backend.domain.onboarding import Step
from backend.domain.people import Role
from backend.storage import decisions, merchants, people
from backend.storage.decisions import Commitment, Deciding, Telling
from backend.web.house import House
from tests.town import NANTES, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words


def accredit(home: House, merchant_id: str, by: str) -> None:
    home.db.write(
        lambda session: decisions.record(
            session,
            merchant_id,
            Deciding(
                DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
                date(2026, 11, 20),
                "Le comité connaît bien ce commerce.",
                {},
                valid_until=date(2027, 11, 20),
                commitments=[Commitment("", "Afficher les prix au kilo", None)],
            ),
            home.rules,
            home.drafts,
            home.now(),
            by=by,
        )
    )


def tell(home: House, merchant_id: str, by: str) -> None:
    def work(session: Session) -> None:
        decision = decisions.latest(session, merchant_id)
        assert decision is not None
        telling = Telling(decision.id, "phone", date(2026, 11, 21), "")
        decisions.tell(session, merchant_id, telling, home.now(), by=by)

    home.db.write(work)


@pytest.fixture
def told(home: House, town: Town) -> str:
    """The shop, accredited and told so."""
    accredit(home, town.shop, town.claire)
    tell(home, town.shop, town.claire)
    return town.shop


def standing(home: House, merchant_id: str) -> str:
    with home.db.read() as session:
        return merchants.get(session, merchant_id).standing


def places(home: House, merchant_id: str) -> list[str]:
    with home.db.read() as session:
        return [place.id for place in merchants.places(session, merchant_id)]


# --- who waits ---


def test_a_shop_arrives_once_it_is_accredited_and_told(moneko: TestClient, home: House, town: Town) -> None:
    assert "Personne n’attend" in words(moneko.get("/onboarding"))
    accredit(home, town.shop, town.claire)
    assert "Épicerie des Bourderies" not in words(moneko.get("/onboarding"))
    tell(home, town.shop, town.claire)
    page = words(moneko.get("/onboarding"))
    assert "Épicerie des Bourderies" in page
    assert "Ensuite : Rendez-vous" in page
    assert "depuis aujourd’hui" in page


def test_the_longest_waiting_comes_first(
    moneko: TestClient, home: House, town: Town, told: str, clock: Clock
) -> None:
    clock.forward(days=12)
    accredit(home, town.farm, town.claire)
    tell(home, town.farm, town.claire)
    page = words(moneko.get("/onboarding"))
    assert "depuis 12 jours" in page
    assert page.index("Épicerie des Bourderies") < page.index("Ferme du Tenu")
    assert told


def test_the_file_holds_what_moneko_needs_and_not_the_grid(
    moneko: TestClient, home: House, told: str
) -> None:
    page = words(moneko.get(f"/onboarding/{told}"))
    for needed in (
        "2 rue des Bourderies",
        "44100 Nantes",
        "Conventionné avec engagements",
        "Afficher les prix au kilo",
        "Le comité connaît bien ce commerce.",
        "20 novembre 2027",
    ):
        assert needed in page
    for criterion in home.grids["nantes-ouest/depart-1"].criteria:
        assert criterion.question not in page


def test_a_shop_that_does_not_know_yet_cannot_be_onboarded(
    moneko: TestClient, home: House, town: Town
) -> None:
    accredit(home, town.shop, town.claire)
    before = everything(home)
    for answer in (
        moneko.get(f"/onboarding/{town.shop}"),
        post(moneko, f"/onboarding/{town.shop}/steps", {"step": "account", "done": "yes"}),
        post(moneko, f"/onboarding/{town.shop}/status", {"status": "active", "place": "x"}),
    ):
        refused(answer, 409, "Le commerce en est à « conventionné »")
    assert everything(home) == before


# --- steps ---


def test_a_step_is_ticked_and_unticked_each_time_with_a_record(
    moneko: TestClient, home: House, told: str, town: Town
) -> None:
    path = f"/onboarding/{told}/steps"
    sent_twice(home, moneko, path, {"step": "account", "done": "yes", "note": "Compte 1234"})
    page = words(moneko.get(f"/onboarding/{told}"))
    assert "fait le 24 novembre 2026" in page
    assert "Compte ouvert : fait : Compte 1234" in page
    sent_twice(home, moneko, path, {"step": "account", "done": "no", "note": "Ce n’était pas le bon"})
    assert "fait le" not in words(moneko.get(f"/onboarding/{told}"))
    with home.db.read() as session:
        kept = [row for row in merchants.records(session, told) if row.kind == RecordKind.ONBOARDING_STEP]
    assert [(row.body["step"], row.body["done"], row.author_id) for row in kept] == [
        ("account", True, town.malo),
        ("account", False, town.malo),
    ]


def test_ticking_what_is_ticked_writes_nothing(moneko: TestClient, home: House, told: str) -> None:
    path = f"/onboarding/{told}/steps"
    post(moneko, path, {"step": "papers", "done": "yes"})
    before = everything(home)
    assert post(moneko, path, {"step": "papers", "done": "yes"}).status_code == 303
    assert post(moneko, path, {"step": "qr_code", "done": "no"}).status_code == 303
    assert everything(home) == before


def test_the_list_says_what_comes_next(moneko: TestClient, told: str) -> None:
    for step in Step:
        assert "Ensuite :" in words(moneko.get("/onboarding"))
        post(moneko, f"/onboarding/{told}/steps", {"step": step, "done": "yes"})
    assert "Toutes les étapes sont faites" in words(moneko.get("/onboarding"))


def test_an_unknown_step_is_refused(moneko: TestClient, told: str) -> None:
    refused(post(moneko, f"/onboarding/{told}/steps", {"step": "dance", "done": "yes"}), 422, "étape")


# --- status ---


def test_active_means_at_the_sales_points_ticked_and_no_other(
    moneko: TestClient, home: House, told: str
) -> None:
    home.db.write(
        lambda session: merchants.add_place(
            session, merchants.get(session, told), label="Marché", city="Nantes"
        )
    )
    shop, market = places(home, told)
    assert standing(home, told) == "soon"
    form = {"status": "active", "place": [shop], "sure": "yes"}
    sent_twice(home, moneko, f"/onboarding/{told}/status", form)
    assert standing(home, told) == "active"
    with home.db.read() as session:
        assert [place.takes_moneko for place in merchants.places(session, told)] == [True, False]
        assert [place.active for place in merchants.public_places(session)] == [True, False]
        assert merchants.records(session, told)[-1].body["places"] == [shop]
    assert "Acceptent la Moneko" in words(moneko.get("/onboarding"))
    assert market


def test_active_needs_a_sales_point_of_its_own(
    moneko: TestClient, home: House, told: str, town: Town
) -> None:
    before = everything(home)
    elsewhere = places(home, town.farm)
    for chosen in ([], elsewhere):
        answer = post(moneko, f"/onboarding/{told}/status", {"status": "active", "place": chosen})
        refused(answer, 422, "au moins un point de vente")
    assert everything(home) == before


def test_steps_left_are_asked_about_once(moneko: TestClient, home: House, told: str) -> None:
    path = f"/onboarding/{told}"
    post(moneko, f"{path}/steps", {"step": "account", "done": "yes"})
    assert "Oui, on peut y payer" not in words(moneko.get(path))
    active = {"status": "active", "place": places(home, told)}
    answer = post(moneko, f"{path}/status", active)
    refused(answer, 422, "Il en reste 5. Le commerce peut-il vraiment être payé en Moneko aujourd’hui ?")
    assert 'id="sure" name="sure"' in answer.text
    assert standing(home, told) == "soon"
    assert post(moneko, f"{path}/status", {**active, "sure": "yes"}).status_code == 303
    assert standing(home, told) == "active"
    assert post(moneko, f"{path}/status", active).status_code == 303  # it is already: nothing to ask


def test_nothing_is_asked_when_every_step_is_ticked(moneko: TestClient, home: House, told: str) -> None:
    for step in Step:
        post(moneko, f"/onboarding/{told}/steps", {"step": step, "done": "yes"})
    active = {"status": "active", "place": places(home, told)}
    assert post(moneko, f"/onboarding/{told}/status", active).status_code == 303


def test_it_says_beforehand_what_leaves_the_map(moneko: TestClient, told: str) -> None:
    page = words(moneko.get(f"/onboarding/{told}"))
    assert "La carte publique change tout de suite" in page
    assert "« Bloqué » en retire le commerce" in page
    assert "« Inactif » en retire un commerce où l’on payait déjà" in page


def test_a_square_is_drawn_only_where_it_can_be_pressed(
    moneko: TestClient, coordination: TestClient, told: str
) -> None:
    pressed = moneko.get(f"/onboarding/{told}").text
    assert pressed.count('class="box"') == pressed.count('<button class="step-name">') == len(Step)
    assert 'class="box"' not in coordination.get(f"/onboarding/{told}").text


@pytest.mark.parametrize("status", ["inactive", "blocked"])
def test_what_is_stopped_says_why(moneko: TestClient, home: House, told: str, status: str) -> None:
    answer = post(moneko, f"/onboarding/{told}/status", {"status": status})
    refused(answer, 422, "Écrivez pourquoi")
    post(moneko, f"/onboarding/{told}/status", {"status": status, "note": "Le gérant renonce."})
    assert "Arrêtés" in words(moneko.get("/onboarding"))
    assert "Le gérant renonce." in words(moneko.get(f"/onboarding/{told}"))
    assert standing(home, told) == {"inactive": "soon", "blocked": "suspended"}[status]


def test_a_blocked_shop_is_no_longer_said_to_take_the_moneko(
    moneko: TestClient, coordination: TestClient, home: House, told: str
) -> None:
    active = {"status": "active", "place": places(home, told), "sure": "yes"}
    post(moneko, f"/onboarding/{told}/status", active)
    assert "La Moneko s’y paie" in words(coordination.get(f"/merchants/{told}"))
    post(moneko, f"/onboarding/{told}/status", {"status": "blocked", "note": "Compte en vérification."})
    assert "La Moneko s’y paie" not in words(coordination.get(f"/merchants/{told}"))


def test_an_unknown_status_is_refused(moneko: TestClient, told: str) -> None:
    refused(post(moneko, f"/onboarding/{told}/status", {"status": "famous"}), 422, "situation")


# --- who may ---


def test_the_coordination_reads_and_does_not_tick(coordination: TestClient, home: House, told: str) -> None:
    assert "Épicerie des Bourderies" in words(coordination.get("/onboarding"))
    page = coordination.get(f"/onboarding/{told}")
    assert page.status_code == 200
    assert f'action="/onboarding/{told}' not in page.text
    before = everything(home)
    tick = {"step": "account", "done": "yes"}
    assert post(coordination, f"/onboarding/{told}/steps", tick).status_code == 403
    active = {"status": "active", "place": places(home, told)}
    assert post(coordination, f"/onboarding/{told}/status", active).status_code == 403
    assert everything(home) == before


def test_another_territory_does_not_exist_here(
    coordination: TestClient, home: House, signed_in: Any, town: Town
) -> None:
    accredit(home, town.farm, town.claire)
    tell(home, town.farm, town.claire)
    assert "Ferme du Tenu" not in words(coordination.get("/onboarding"))
    assert coordination.get(f"/onboarding/{town.farm}").status_code == 404

    def hire(session: Any) -> str:
        person = people.add_person(session, "Lise", home.now(), email="lise@example.org")
        people.grant_role(session, person.id, Role.MONEKO, home.now(), territory_id=NANTES, by=None)
        return person.id

    lise = signed_in(home.db.write(hire))
    before = everything(home)
    assert "Ferme du Tenu" not in words(lise.get("/onboarding"))
    assert post(lise, f"/onboarding/{town.farm}/steps", {"step": "account", "done": "yes"}).status_code == 404
    assert everything(home) == before


def test_the_committee_and_strangers_stay_outside(
    committee: TestClient, client: TestClient, told: str
) -> None:
    assert committee.get("/onboarding").status_code == 403
    assert committee.get(f"/onboarding/{told}").status_code == 403
    assert client.get("/onboarding").status_code == 303
