"""The committee's decision: on what it rests, what it must say, what came meanwhile, and the merchant told of it."""

import re
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.merchants import RecordKind
from backend.storage import decisions, merchants, visits
from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

TODAY = "2026-11-24"


def visited(phone: Phone, home: House, town: Town, level: int = 3) -> list[dict[str, Any]]:
    """A whole visit, each criterion at this level, received; gives its entries."""
    made = [phone.start(town.visit, GRID)]
    made += [phone.choose(town.visit, each.id, level) for each in home.grids[GRID].criteria]
    made.append(phone.close(town.visit, made))
    phone.send(*made)
    return made


def decision(home: House, town: Town, **changes: Any) -> dict[str, Any]:
    """The form as the page offers it now, resting on the town's visit."""
    with home.db.read() as session:
        seen = visits.get(session, town.visit).last_seq
        latest = decisions.latest(session, town.shop)
    return {
        "outcome": "accredited",
        "decided_on": TODAY,
        "visit": [town.visit],
        f"read_seq_{town.visit}": str(seen),
        "after": latest.id if latest else "",
        **changes,
    }


def telling(home: House, town: Town, **changes: str) -> dict[str, str]:
    """The form that says that the merchant knows, as the page offers it now."""
    with home.db.read() as session:
        latest = decisions.latest(session, town.shop)
    return {"decision": latest.id if latest else "", "how": "phone", "told_on": TODAY, **changes}


def path(town: Town) -> str:
    return f"/merchants/{town.shop}/decisions"


def standing(home: House, town: Town) -> str:
    with home.db.read() as session:
        return merchants.get(session, town.shop).standing


# --- recording ---


def test_a_decision_that_follows_the_proposal_is_recorded_for_a_year(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    page = words(coordination.get(path(town)))
    assert "La grille propose : favorable." in page
    assert "100,0 sur 100" in page
    sent_twice(home, coordination, path(town), decision(home, town))
    with home.db.read() as session:
        (made,) = decisions.of_merchant(session, town.shop)
        (rested,) = decisions.visits_of(session, made.id)
        assert (made.outcome, made.valid_until) == ("accredited", date(2027, 11, 24))
        assert (rested.visit_id, rested.score["outcome"]) == (town.visit, ["favorable", "favorable"])  # type: ignore[index]
        assert visits.get(session, town.visit).state == "decided"
        assert merchants.get(session, town.shop).stage == "accredited"
    assert standing(home, town) == "none"  # nothing is public before the merchant knows
    assert "la grille proposait favorable (100,0)" in words(coordination.get(path(town)))


@pytest.mark.parametrize("outcome", ["accredited_with_commitments", "deferred", "declined"])
def test_against_the_proposal_the_reasons_are_asked_for(
    coordination: TestClient, amina: Phone, home: House, town: Town, outcome: str
) -> None:
    visited(amina, home, town)
    before = everything(home)
    more = {"commitment_text_1": "Une rampe"} if outcome == "accredited_with_commitments" else {}
    answer = post(coordination, path(town), decision(home, town, outcome=outcome, **more))
    refused(answer, 422, "Écrivez les raisons : une phrase suffit.")
    assert everything(home) == before
    form = decision(home, town, outcome=outcome, reasons="L’accueil.", **more)
    assert post(coordination, path(town), form).status_code == 303


def test_what_the_grid_may_still_propose_needs_no_reasons(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    criteria = home.grids[GRID].criteria
    made = [amina.start(town.visit, GRID)]
    made += [amina.choose(town.visit, each.id, 2) for each in criteria[2:]]  # conditional to favorable
    made.append(amina.close(town.visit, made))
    amina.send(*made)
    assert post(coordination, path(town), decision(home, town)).status_code == 303


def test_commitments_noted_in_the_shop_are_ticked_not_typed_again(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town, level=2)
    first, second = (each.id for each in home.grids[GRID].criteria[:2])
    noted = amina.entry(
        "commitment_noted",
        town.visit,
        criterion=first,
        text="Une rampe mobile",
        due="2027-03-01",
        supersedes=[],
    )
    amina.send(noted)
    assert "Une rampe mobile" in words(coordination.get(path(town)))
    form = decision(
        home,
        town,
        outcome="accredited_with_commitments",
        reasons="Le comité y tient.",
        noted=[noted["id"]],
        commitment_text_1="Afficher les prix au kilo",
        commitment_criterion_1=second,
        commitment_due_1="2027-02-01",
    )
    assert post(coordination, path(town), form).status_code == 303
    with home.db.read() as session:
        made = decisions.latest(session, town.shop)
        assert made is not None
        kept = [(one.criterion, one.text, one.due) for one in decisions.commitments_of(session, made.id)]
    assert kept == [
        (first, "Une rampe mobile", date(2027, 3, 1)),
        (second, "Afficher les prix au kilo", date(2027, 2, 1)),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"outcome": ""}, "Choisissez ce que le comité a décidé"),
        ({"outcome": "adored"}, "Choisissez ce que le comité a décidé"),
        ({"decided_on": ""}, "Choisissez le jour de la décision"),
        ({"decided_on": "hier"}, "n’est pas une date"),
        ({"decided_on": "2026-11-25"}, "n’est pas encore venu"),
        ({"valid_until": "2026-11-24"}, "fin de validité"),
        ({"outcome": "accredited_with_commitments"}, "au moins un engagement"),
        ({"commitment_text_1": "Une rampe"}, "choisissez « Conventionné avec engagements »"),
        ({"commitment_text_1": "Une rampe", "commitment_due_1": "bientôt"}, "n’est pas une date"),
        (
            {
                "outcome": "accredited_with_commitments",
                "noted": ["a"],
                **{f"commitment_text_{n}": "Une rampe" for n in range(1, 6)},
            },
            "Cinq engagements au plus",
        ),
        ({"reasons": "x" * 4001}, "dépasse 4000 signes"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_and_nothing_is_written(
    coordination: TestClient, amina: Phone, home: House, town: Town, changes: dict[str, Any], sentence: str
) -> None:
    visited(amina, home, town)
    before = everything(home)
    refused(post(coordination, path(town), decision(home, town, **changes)), 422, sentence)
    assert everything(home) == before


def test_what_was_typed_is_still_there_after_a_refusal(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    form = decision(
        home,
        town,
        decided_on="hier",
        outcome="deferred",
        reasons="Revenir à l’été",
        commitment_text_1="Une rampe",
        valid_until="2027-01-01",
    )
    page = post(coordination, path(town), form).text
    for typed in ("Revenir à l’été", 'value="Une rampe"', 'value="2027-01-01"', 'value="hier"'):
        assert typed in page
    assert 'value="deferred" required checked' in page


def test_what_arrived_meanwhile_is_shown_and_nothing_is_half_written(
    coordination: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    form = decision(home, town)
    bruno.send(
        bruno.entry(
            "remark_made",
            town.visit,
            sheet="duo",
            criterion=None,
            text="Il y a une marche derrière.",
            supersedes=[],
        )
    )
    before = everything(home)
    answer = post(coordination, path(town), form)
    refused(answer, 409, "Du nouveau est arrivé depuis que vous avez ouvert cette page")
    assert "Arrivé depuis que vous avez ouvert cette page" in words(answer)
    assert "Il y a une marche derrière." in words(answer)
    assert everything(home) == before
    assert f'value="{decision(home, town)[f"read_seq_{town.visit}"]}"' in answer.text  # read again, then
    assert post(coordination, path(town), decision(home, town)).status_code == 303


def test_a_relay_confirmed_meanwhile_is_read_again_too(
    coordination: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    brought = bruno.choose(town.visit, home.grids[GRID].criteria[0].id, 0)
    amina.send(brought)
    form = decision(home, town)
    bruno.send(brought)
    answer = post(coordination, path(town), form)
    refused(answer, 409, "Du nouveau est arrivé")
    assert post(coordination, path(town), decision(home, town)).status_code == 303


def test_two_coordinators_do_not_decide_twice_unknowingly(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    form = decision(home, town)
    assert post(coordination, path(town), form).status_code == 303
    refused(post(coordination, path(town), form), 409, "Du nouveau est arrivé")
    with home.db.read() as session:
        assert len(decisions.of_merchant(session, town.shop)) == 1


def test_a_visit_not_received_whole_is_decided_on_for_a_reason_only(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    criteria = home.grids[GRID].criteria
    made = [amina.start(town.visit, GRID), *(amina.choose(town.visit, each.id, 3) for each in criteria)]
    amina.send(*made)  # never closed
    before = everything(home)
    refused(post(coordination, path(town), decision(home, town)), 409, "dites pourquoi continuer")
    assert everything(home) == before
    form = decision(home, town, despite="Le téléphone est perdu.")
    assert post(coordination, path(town), form).status_code == 303
    with home.db.read() as session:
        record = merchants.records(session, town.shop)[-1]
        assert (record.kind, record.body["despite"]) == (RecordKind.DECIDED, "Le téléphone est perdu.")


def test_a_decision_without_a_visit_says_why(coordination: TestClient, home: House, town: Town) -> None:
    page = words(coordination.get(path(town)))
    assert "Aucune visite reçue n’appuie cette décision." in page
    assert "Pourquoi le comité décide-t-il sans visite ?" in page
    answer = post(coordination, path(town), decision(home, town, visit=[]))
    refused(answer, 422, "Écrivez dans les raisons pourquoi le comité décide sans visite.")
    assert '<a href="#reasons">' in answer.text
    form = decision(home, town, visit=[], reasons="Décidé sur papier avant l’été.")
    assert post(coordination, path(town), form).status_code == 303
    assert "Aucune visite n’appuie cette décision." in words(coordination.get(path(town)))


def test_a_decision_on_a_visit_is_asked_its_plain_reasons(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    amina.send(*visited(amina, home, town))
    page = words(coordination.get(path(town)))
    assert "sans visite" not in page
    answer = post(coordination, path(town), decision(home, town, outcome="declined"))
    refused(answer, 422, "Écrivez les raisons : une phrase suffit.")
    assert '<a href="#reasons">' in answer.text
    assert 'id="reasons"' in answer.text


def test_it_rests_on_no_visit_of_another_merchant(coordination: TestClient, home: House, town: Town) -> None:
    before = everything(home)
    form = decision(home, town, visit=[town.farm_visit], **{f"read_seq_{town.farm_visit}": "0"})
    assert post(coordination, path(town), form).status_code == 404
    assert everything(home) == before


def test_a_form_without_what_was_seen_is_too_old(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    form = decision(home, town)
    del form[f"read_seq_{town.visit}"]
    refused(post(coordination, path(town), form), 422, "Rouvrez la page")


def test_a_second_decision_counts_what_came_after_the_first(
    coordination: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    made = visited(amina, home, town)
    post(coordination, path(town), decision(home, town))
    first = home.grids[GRID].criteria[0].id
    bruno.send(bruno.choose(town.visit, first, 0, supersedes=[made[1]["id"]]))
    assert "90,3 sur 100" in words(coordination.get(path(town)))
    post(coordination, path(town), decision(home, town))
    with home.db.read() as session:
        newest, oldest = decisions.of_merchant(session, town.shop)
        frozen = [decisions.visits_of(session, one.id)[0].score for one in (oldest, newest)]
    assert [score["total"] for score in frozen if score] == [[100.0, 100.0], [90.3, 90.3]]


def test_the_committee_reads_the_proposal_and_records_nothing(
    committee: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    page = committee.get(path(town))
    assert "La grille propose : favorable." in words(page)
    assert '<form method="post" action="/merchants' not in page.text
    assert "Amina" not in page.text
    before = everything(home)
    assert post(committee, path(town), decision(home, town)).status_code == 403
    assert post(committee, f"/merchants/{town.shop}/told", {}).status_code == 403
    assert everything(home) == before


def test_moneko_and_other_territories_stay_outside(
    moneko: TestClient, coordination: TestClient, home: House, town: Town
) -> None:
    assert moneko.get(path(town)).status_code == 403
    assert coordination.get(f"/merchants/{town.farm}/decisions").status_code == 404
    before = everything(home)
    form = {"outcome": "declined", "decided_on": TODAY, "reasons": "Non.", "after": ""}
    assert post(coordination, f"/merchants/{town.farm}/decisions", form).status_code == 404
    told = {"how": "phone", "told_on": TODAY}
    assert post(coordination, f"/merchants/{town.farm}/told", told).status_code == 404
    assert everything(home) == before


# --- told ---


@pytest.fixture
def decided(coordination: TestClient, amina: Phone, home: House, town: Town) -> None:
    """The shop is accredited, and does not know yet."""
    visited(amina, home, town)
    assert post(coordination, path(town), decision(home, town)).status_code == 303


@pytest.mark.usefixtures("decided")
def test_once_the_merchant_is_told_it_is_soon_on_the_map(
    coordination: TestClient, home: House, town: Town
) -> None:
    assert standing(home, town) == "none"
    assert "Le commerce est-il informé ?" in words(coordination.get(path(town)))
    form = telling(home, town, note="Très contente.")
    assert f'name="decision" value="{form["decision"]}"' in coordination.get(path(town)).text
    assert f'name="decision" value="{form["decision"]}"' in coordination.get(f"/merchants/{town.shop}").text
    sent_twice(home, coordination, f"/merchants/{town.shop}/told", form)
    assert standing(home, town) == "soon"
    with home.db.read() as session:
        told = merchants.records(session, town.shop)[-1]
        assert told.body == {
            "decision": form["decision"],
            "how": "phone",
            "on": TODAY,
            "note": "Très contente.",
        }
        assert told.author_id == town.claire
    assert "Le commerce est-il informé ?" not in words(coordination.get(path(town)))


@pytest.mark.usefixtures("decided")
def test_those_who_visited_learn_a_decision_once_the_merchant_knows_that_one(
    coordination: TestClient, amina: Phone, home: House, town: Town, clock: Clock
) -> None:
    def on_the_phone() -> Any:
        [visit] = amina.http.get("/api/field").json()["visits"]
        return visit["outcome"]

    assert on_the_phone() is None
    post(coordination, f"/merchants/{town.shop}/told", telling(home, town))
    assert on_the_phone() == {"decision": "accredited", "reasons": ""}
    clock.forward(hours=1)
    post(coordination, path(town), decision(home, town, reasons="Une année de plus."))
    assert on_the_phone() is None
    clock.forward(hours=1)
    post(coordination, f"/merchants/{town.shop}/told", telling(home, town))
    assert on_the_phone() == {"decision": "accredited", "reasons": "Une année de plus."}


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"how": "telepathy"}, "Choisissez comment"),
        ({"told_on": ""}, "Choisissez le jour"),
        ({"told_on": "2026-11-25"}, "n’est pas encore venu"),
        ({"told_on": "2026-11-23"}, "avant celui de la décision"),
    ],
)
def test_telling_that_cannot_be_is_refused_and_the_shop_stays_unknown(
    coordination: TestClient, home: House, town: Town, changes: dict[str, str], sentence: str
) -> None:
    form = telling(home, town, note="Contente.", **changes)
    answer = post(coordination, f"/merchants/{town.shop}/told", form)
    refused(answer, 422, sentence)
    assert 'value="Contente."' in answer.text
    assert standing(home, town) == "none"


def test_nobody_is_told_before_there_is_a_decision(coordination: TestClient, home: House, town: Town) -> None:
    before = everything(home)
    form = telling(home, town)
    answer = post(coordination, f"/merchants/{town.shop}/told", form)
    refused(answer, 409, "Le commerce en est à « visite prévue »")
    assert everything(home) == before


@pytest.mark.usefixtures("decided")
def test_a_refusal_takes_a_shop_off_the_map_only_once_it_knows(
    coordination: TestClient, home: House, town: Town, clock: Clock
) -> None:
    post(coordination, f"/merchants/{town.shop}/told", telling(home, town))
    clock.forward(hours=1)
    form = decision(home, town, outcome="declined", reasons="Plus de vrac ni de local.")
    assert post(coordination, path(town), form).status_code == 303
    assert standing(home, town) == "soon"
    post(coordination, f"/merchants/{town.shop}/told", telling(home, town))
    assert standing(home, town) == "ended"


@pytest.mark.usefixtures("decided")
def test_a_shop_told_of_a_decision_that_holds_no_more_stays_unknown(
    coordination: TestClient, home: House, town: Town, clock: Clock
) -> None:
    declined = decision(home, town, outcome="declined", reasons="Trop loin des critères.")
    post(coordination, path(town), declined)
    form = telling(home, town, note="Contente.")  # told of the refusal, on a page left open
    clock.forward(hours=1)
    assert post(coordination, path(town), decision(home, town)).status_code == 303
    before = everything(home)
    answer = post(coordination, f"/merchants/{town.shop}/told", form)
    refused(answer, 409, "Du nouveau est arrivé depuis que vous avez ouvert cette page")
    assert 'value="Contente."' in answer.text
    assert everything(home) == before
    assert standing(home, town) == "none"


# --- the merchant's sheet ---


def next_step(browser: TestClient, town: Town) -> list[str]:
    """What the sheet puts forward: the words of its beetroot buttons."""
    page = browser.get(f"/merchants/{town.shop}").text
    card = page[page.index('class="card merchant-actions"') : page.index('aria-labelledby="contact"')]
    return [words.strip() for words in re.findall(r'class="(?:button )?primary"[^>]*>([^<]+)<', card)]


def test_the_sheet_puts_one_next_step_forward(
    coordination: TestClient, committee: TestClient, amina: Phone, home: House, town: Town
) -> None:
    assert next_step(coordination, town) == ["Imprimer les invitations"]
    visited(amina, home, town)
    assert next_step(coordination, town) == ["Enregistrer la décision du comité"]
    post(coordination, path(town), decision(home, town))
    assert next_step(coordination, town) == ["Le commerce est informé"]
    post(coordination, f"/merchants/{town.shop}/told", telling(home, town))
    assert next_step(coordination, town) == []
    assert f"/onboarding/{town.shop}" in coordination.get(f"/merchants/{town.shop}").text
    assert next_step(committee, town) == []


def test_a_visit_is_cancelled_from_the_sheet_and_planned_again(
    coordination: TestClient, home: House, town: Town
) -> None:
    page = coordination.get(f"/merchants/{town.shop}").text
    assert f'action="/visits/{town.visit}/cancellation"' in page
    sent_twice(home, coordination, f"/visits/{town.visit}/cancellation", {"note": "La gérante est malade."})
    assert next_step(coordination, town) == ["Prévoir une visite"]
