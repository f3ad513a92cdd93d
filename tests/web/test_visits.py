"""Planning a visit, reading one with its score explained, cancelling one; and its photos."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import RecordKind
from backend.storage import decisions, merchants, people, visits
from backend.storage.decisions import Deciding
from backend.web.house import House
from tests.phones import Phone, picture, sha256
from tests.town import GRID, NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

BEST = 3


def criteria(home: House) -> list[str]:
    return [each.id for each in home.grids[GRID].criteria]


# --- planning ---


def plan_form(town: Town, **changes: Any) -> dict[str, Any]:
    return {
        "planned_on": "2026-12-04",
        "planned_at": "14:30",
        "grid": GRID,
        "member": [town.amina, town.bruno],
        **changes,
    }


def test_a_duo_is_planned_and_its_invitations_are_next(
    coordination: TestClient, home: House, town: Town
) -> None:
    answer = post(coordination, f"/merchants/{town.shop}/visits", plan_form(town))
    visit_id = answer.headers["location"].split("/")[2]
    assert answer.headers["location"] == f"/visits/{visit_id}/invitations"
    with home.db.read() as session:
        visit = visits.get(session, visit_id)
        assert (visit.planned_on, visit.planned_at, visit.grid_id) == (date(2026, 12, 4), "14:30", GRID)
        assert {person.id for person, _ in visits.members(session, visit_id)} == {town.amina, town.bruno}
        assert merchants.get(session, town.shop).stage == "visit_planned"
    page = coordination.get(answer.headers["location"])
    assert "Bonjour Amina" in words(page)
    assert "Bonjour Bruno" in words(page)


def test_a_first_name_typed_on_the_spot_goes_too(coordination: TestClient, home: House, town: Town) -> None:
    form = plan_form(town, member=[town.amina], newcomer_2="Yvonne")
    answer = post(coordination, f"/merchants/{town.shop}/visits", form)
    with home.db.read() as session:
        going = [
            person.name for person, _ in visits.members(session, answer.headers["location"].split("/")[2])
        ]
        assert going == ["Amina", "Yvonne"]
        assert "Yvonne" in [person.name for person in people.evaluators(session, NANTES)]


def test_planning_twice_with_one_key_plans_once(coordination: TestClient, home: House, town: Town) -> None:
    sent_twice(home, coordination, f"/merchants/{town.shop}/visits", plan_form(town, newcomer_1="Yvonne"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"member": []}, "au moins une personne"),
        ({"newcomer_1": "Yvonne", "newcomer_2": "Zoé"}, "à trois au plus"),
        ({"member": ["01890000-0000-7000-8000-000000000000"]}, "personnes de la liste"),
        ({"newcomer_1": "amina"}, "est déjà dans la liste"),
        ({"grid": "nantes-ouest/inconnue"}, "grille de ce territoire"),
        ({"grid": "pays-de-retz/depart-1"}, "grille de ce territoire"),
        ({"planned_on": "demain"}, "n’est pas une date"),
        ({"planned_on": "2026-02-30"}, "n’est pas une date"),
        ({"planned_on": ""}, "Choisissez le jour"),
        ({"planned_on": "2062-12-04"}, "Vérifiez l’année"),
        ({"planned_on": "2026-11-23"}, "déjà passé"),
        ({"planned_at": "25:00"}, "L’heure s’écrit"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_written(
    coordination: TestClient, home: House, town: Town, changes: dict[str, Any], sentence: str
) -> None:
    before = everything(home)
    refused(post(coordination, f"/merchants/{town.shop}/visits", plan_form(town, **changes)), 422, sentence)
    assert everything(home) == before


def test_a_grid_that_was_withdrawn_starts_no_visit(
    coordination: TestClient, home: House, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home.grids[GRID].model_copy(update={"version": "autre", "status": "withdrawn"})
    monkeypatch.setitem(home.grids, other.id, other)  # type: ignore[arg-type]
    answer = post(coordination, f"/merchants/{town.shop}/visits", plan_form(town, grid=other.id))
    refused(answer, 422, "est un brouillon ou a été retirée")
    assert other.id not in coordination.get(f"/merchants/{town.shop}/visits/new").text


def test_a_draft_serves_a_trial_visit_and_every_page_says_so(
    neighbour: TestClient, home: House, town: Town
) -> None:
    assert "Visite d’essai." in words(neighbour.get(f"/merchants/{town.farm}/visits/new"))
    form = plan_form(town, grid=f"{RETZ}/depart-1", member=[town.gael])
    cards = post(neighbour, f"/merchants/{town.farm}/visits", form).headers["location"]
    assert "C’est une visite d’essai." in words(neighbour.get(cards))
    assert "visite d’essai" in words(neighbour.get(cards.removesuffix("/invitations")))
    sheet = words(neighbour.get(f"/merchants/{town.farm}"))
    assert "C’est une visite d’essai." in sheet
    assert "prévue · visite d’essai" in sheet


def test_a_published_grid_comes_before_a_draft(
    coordination: TestClient, home: House, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = home.grids[GRID].model_copy(update={"version": "zeste", "status": "draft"})
    monkeypatch.setitem(home.grids, draft.id, draft)  # type: ignore[arg-type]
    page = coordination.get(f"/merchants/{town.shop}/visits/new").text
    assert re.findall(r'name="grid" value="([^"]+)"( checked)?', page) == [(GRID, " checked"), (draft.id, "")]


def test_a_territory_without_a_grid_says_so(
    neighbour: TestClient, home: House, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(home.grids, f"{RETZ}/depart-1")  # type: ignore[arg-type]
    assert "pas encore de grille" in words(neighbour.get(f"/merchants/{town.farm}/visits/new"))


def test_what_was_typed_is_still_there_after_a_refusal(coordination: TestClient, town: Town) -> None:
    form = plan_form(town, planned_on="", planned_at="9:15", member=[town.bruno], newcomer_1="Yvonne")
    page = post(coordination, f"/merchants/{town.shop}/visits", form).text
    assert 'value="9:15"' in page
    assert 'value="Yvonne"' in page
    assert re.search(f'value="{town.bruno}" checked', page)
    assert not re.search(f'value="{town.amina}" checked', page)


def test_a_day_may_be_written_as_people_write_it(coordination: TestClient, home: House, town: Town) -> None:
    form = plan_form(town, planned_on="4/12/2026", planned_at="9h15")
    answer = post(coordination, f"/merchants/{town.shop}/visits", form)
    with home.db.read() as session:
        visit = visits.get(session, answer.headers["location"].split("/")[2])
        assert (visit.planned_on, visit.planned_at) == (date(2026, 12, 4), "09:15")


def test_another_territorys_merchant_does_not_exist_here(coordination: TestClient, town: Town) -> None:
    assert coordination.get(f"/merchants/{town.farm}/visits/new").status_code == 404
    assert post(coordination, f"/merchants/{town.farm}/visits", plan_form(town)).status_code == 404


def test_only_the_coordination_plans(
    client: TestClient, committee: TestClient, moneko: TestClient, home: House, town: Town
) -> None:
    before = everything(home)
    path = f"/merchants/{town.shop}/visits"
    assert post(committee, path, plan_form(town)).status_code == 403
    assert post(moneko, path, plan_form(town)).status_code == 403
    assert post(client, path, plan_form(town)).status_code == 401
    assert everything(home) == before


def test_a_visit_can_be_today(coordination: TestClient, town: Town) -> None:
    form = plan_form(town, planned_on="2026-11-24")
    assert post(coordination, f"/merchants/{town.shop}/visits", form).status_code == 303


# --- changing ---


def edit_form(town: Town, **changes: Any) -> dict[str, Any]:
    """The form of the town's visit as it is shown, with some of it changed."""
    return {
        "planned_on": "2026-11-26",
        "planned_at": "",
        "member": [town.amina, town.bruno],
        "was_planned_on": "2026-11-26",
        "was_planned_at": "",
        "was_member": [town.amina, town.bruno],
        **changes,
    }


def going(home: House, visit_id: str) -> list[str]:
    with home.db.read() as session:
        return [person.name for person, part in visits.members(session, visit_id) if part.removed_at is None]


def test_another_day_and_hour_reach_the_phones(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    form = edit_form(town, planned_on="2026-12-01", planned_at="9h30")
    answer = sent_twice(home, coordination, f"/visits/{town.visit}/edits", form)
    assert answer.headers["location"] == f"/visits/{town.visit}/invitations"
    seen = amina.http.get("/api/field").json()["visits"][0]
    assert (seen["planned_on"], seen["planned_at"]) == ("2026-12-01", "09:30")
    assert "Visite modifiée" in words(coordination.get(f"/merchants/{town.shop}"))


def test_someone_replaced_keeps_what_they_wrote_and_the_new_person_is_invited(
    coordination: TestClient, home: House, town: Town, bruno: Phone
) -> None:
    bruno.send(
        bruno.start(town.visit, GRID),
        bruno.entry(
            "remark_made", town.visit, sheet="duo", criterion=None, text="Une marche.", supersedes=[]
        ),
    )
    form = edit_form(town, member=[town.amina], newcomer_1="Yvonne")
    answer = post(coordination, f"/visits/{town.visit}/edits", form)
    assert going(home, town.visit) == ["Amina", "Yvonne"]
    assert bruno.http.get("/api/field").json()["visits"] == []
    invitations = words(coordination.get(answer.headers["location"]))
    assert "Bonjour Yvonne" in invitations
    assert "Bonjour Bruno" not in invitations
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Bruno (a laissé sa place)" in page
    assert "Une marche." in page


def test_what_someone_else_changed_meanwhile_stays(coordination: TestClient, home: House, town: Town) -> None:
    path = f"/visits/{town.visit}/edits"
    post(coordination, path, edit_form(town, member=[town.amina], planned_at="10:00"))
    post(coordination, path, edit_form(town, planned_on="2026-12-01"))
    assert going(home, town.visit) == ["Amina"]
    with home.db.read() as session:
        visit = visits.get(session, town.visit)
        assert (visit.planned_on, visit.planned_at) == (date(2026, 12, 1), "10:00")


def test_a_change_that_changes_nothing_writes_nothing(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    assert amina
    assert bruno  # both are invited already
    before = everything(home)
    assert post(coordination, f"/visits/{town.visit}/edits", edit_form(town)).status_code == 303
    assert everything(home) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"member": []}, "au moins une personne"),
        ({"newcomer_1": "Yvonne", "newcomer_2": "Zoé"}, "à trois au plus"),
        ({"planned_on": "2026-11-23"}, "déjà passé"),
        ({"planned_at": "25:00"}, "L’heure s’écrit"),
        ({"member": ["01890000-0000-7000-8000-000000000000"]}, "personnes de la liste"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_what_was_typed_stays(
    coordination: TestClient, home: House, town: Town, changes: dict[str, Any], sentence: str
) -> None:
    before = everything(home)
    form = edit_form(town, **{"planned_at": "16:45", **changes})
    answer = post(coordination, f"/visits/{town.visit}/edits", form)
    refused(answer, 422, sentence)
    assert f'value="{form["planned_at"]}"' in answer.text
    assert everything(home) == before


def test_people_change_though_the_day_has_passed(
    coordination: TestClient, home: House, town: Town, clock: Clock
) -> None:
    clock.forward(days=5)
    post(coordination, f"/visits/{town.visit}/edits", edit_form(town, member=[town.bruno]))
    assert going(home, town.visit) == ["Bruno"]


def test_a_visit_that_was_received_is_not_changed(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    before = everything(home)
    answer = post(coordination, f"/visits/{town.visit}/edits", edit_form(town, planned_on="2026-12-01"))
    refused(answer, 422, "elle ne se change plus")
    assert coordination.get(f"/visits/{town.visit}/edit").status_code == 422
    assert everything(home) == before


def test_only_the_coordination_of_the_territory_changes_a_visit(
    committee: TestClient, neighbour: TestClient, home: House, town: Town
) -> None:
    before = everything(home)
    for browser, status in ((committee, 403), (neighbour, 404)):
        assert post(browser, f"/visits/{town.visit}/edits", edit_form(town)).status_code == status
        assert browser.get(f"/visits/{town.visit}/edit").status_code == status
    assert everything(home) == before


# --- reading ---


def filled(phone: Phone, town: Town, choices: dict[str, Any]) -> list[dict[str, Any]]:
    """A visit started with these answers on the common sheet."""
    return [phone.start(town.visit, GRID), *(phone.choose(town.visit, *each) for each in choices.items())]


def whole(phone: Phone, home: House, town: Town, level: int = BEST) -> None:
    """A visit received whole, each criterion at this level."""
    made = filled(phone, town, dict.fromkeys(criteria(home), level))
    phone.send(*made, phone.close(town.visit, made))


def test_a_visit_not_begun_says_what_will_be_here(coordination: TestClient, town: Town) -> None:
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Rien n’est encore arrivé" in page
    assert "prévue" in page
    assert "Grille de départ, à adopter par le comité" in page


def test_each_criterion_tells_its_level_its_weight_and_its_part_of_the_total(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town, 2)
    page = words(coordination.get(f"/visits/{town.visit}"))
    first = home.grids[GRID].criteria[0]
    assert first.levels[2].sentence.replace("\u202f", " ").replace("\u00a0", " ") in page
    assert "●●●○" in page
    assert "Niveau 3 sur 4 :" in page
    assert "réponse commune, notée par Amina" in page
    assert "Points 2 sur 3" in page
    assert "Part du total 6,45 sur 9,67" in page  # 3 of 31 in weight; two thirds of it: rounded down
    assert "66,6 sur 100" in page
    assert "La grille propose : favorable." in page
    assert "couvrent 100,0 % du poids" in page
    assert "reçue par la caisse" in page


def test_somebody_with_a_calculator_finds_the_total_again(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    levels = {each: rank % 4 for rank, each in enumerate(criteria(home)[1:])}
    amina.send(*filled(amina, town, levels))
    page = words(coordination.get(f"/visits/{town.visit}"))
    shown = re.findall(r"Part du total ([\d,]+)(?: à ([\d,]+))? sur", page)
    assert len(shown) == len(criteria(home))
    sums = [sum(Decimal((pair[end] or pair[0]).replace(",", ".")) for pair in shown) for end in (0, 1)]
    said = re.search(r"affichées font ([\d,]+) à ([\d,]+)\. Le score est de ([\d,]+) à ([\d,]+) :", page)
    assert said
    low, high, *totals = (Decimal(number.replace(",", ".")) for number in said.groups())
    assert sums == [low, high]
    for found, total in zip(sums, totals, strict=True):  # what was cut off each part is less than a hundredth
        assert found <= total < found + Decimal("0.01") * (len(shown) + 1)


def test_it_says_who_was_there_and_who_was_not(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Sur place Amina noté par Amina, sans Bruno" in page


def test_nobody_is_missing_when_both_were_there(
    coordination: TestClient, amina: Phone, bruno: Phone, town: Town
) -> None:
    amina.send(amina.start(town.visit, GRID, "two_phones"))
    bruno.send(bruno.start(town.visit, GRID, "two_phones"))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Sur place Amina, Bruno" in page
    assert "sans " not in page.split("Dernier envoi")[0]


def test_what_is_noted_after_the_end_is_said_and_told(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    assert "Noté après la fin" not in words(coordination.get(f"/visits/{town.visit}"))
    text = "La rampe était rangée."
    amina.send(amina.entry("remark_made", town.visit, sheet="duo", criterion=None, text=text, supersedes=[]))
    page = coordination.get(f"/visits/{town.visit}")
    assert "1 élément est arrivé après la fin de la visite" in words(page)
    section = page.text.split('id="after-end"')[1].split("</section>")[0]
    assert text in section
    assert "<details" not in section


def test_what_the_closing_announced_is_not_late(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    made = filled(amina, town, {criteria(home)[0]: 1, criteria(home)[1]: 2})
    amina.send(*made[:-1], amina.close(town.visit, made))
    amina.send(made[-1])
    assert "Noté après la fin" not in words(coordination.get(f"/visits/{town.visit}"))


def test_a_visit_that_could_not_be_made_says_so_first_and_is_not_scored(
    coordination: TestClient, amina: Phone, town: Town
) -> None:
    amina.send(
        amina.start(town.visit, GRID),
        amina.entry("visit_impossible", town.visit, cause="closed", text="Rideau baissé."),
    )
    page = coordination.get(f"/visits/{town.visit}")
    said = words(page)
    assert said.index("La visite n’a pas pu se faire.") < said.index("Où elle en est")
    assert "Rideau baissé." in said
    assert "Le score" not in said
    assert "L’addition" not in said
    assert "<article" not in page.text
    assert "Enregistrer la décision" not in said
    assert "Prévoir une autre visite" in said


def test_already_settled_is_said_when_what_is_missing_cannot_change_the_proposal(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    all_but_one = dict.fromkeys(criteria(home)[:-1], BEST)
    amina.send(*filled(amina, town, all_but_one))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "entre 93,5 et 100,0 sur 100" in page
    assert "C’est déjà acquis : les réponses qui manquent" in page


def test_what_the_proposal_still_depends_on_is_named(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    amina.send(*filled(amina, town, dict.fromkeys(criteria(home)[2:], 2)))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "La grille propose : entre favorable avec des engagements et favorable" in page
    assert "Cela dépend encore de : Entrer et circuler, Venir sans voiture" in page
    assert "déjà acquis" not in page


def test_an_answer_that_rests_on_one_person_settles_nothing(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    alone, *others = criteria(home)
    sheets = [amina.start(town.visit, GRID, "separate")]
    sheets += [amina.choose(town.visit, each, BEST, sheet=town.amina) for each in criteria(home)]
    amina.send(*sheets)
    bruno.send(*(bruno.choose(town.visit, each, BEST, sheet=town.bruno) for each in others))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert alone
    assert "La grille propose : favorable." in page
    assert "Ce n’est pas encore acquis : 1 critère repose sur une seule personne." in page
    assert "déjà acquis" not in page


def test_what_two_people_see_differently_is_to_settle_with_both_names(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    first = criteria(home)[0]
    amina.send(
        amina.start(town.visit, GRID, "separate"), amina.choose(town.visit, first, 0, sheet=town.amina)
    )
    bruno.send(bruno.choose(town.visit, first, BEST, sheet=town.bruno))
    page = coordination.get(f"/visits/{town.visit}")
    article = re.search(rf'id="c-{first}".*?</article>', page.text, re.DOTALL)
    assert article
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article[0]))
    assert "À départager" in told
    assert "Amina" in told
    assert "Bruno" in told
    assert re.search(r"0 à 3\s+sur 3", told)


def test_it_says_which_level_would_change_the_proposal(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town, 2)  # 66.6, just above 65
    page = coordination.get(f"/visits/{town.visit}").text
    article = re.search(rf'id="c-{criteria(home)[0]}".*?</article>', page, re.DOTALL)
    assert article
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article[0]))
    assert "Changerait la proposition : ●○○○ niveau 1 sur 4 ou ●●○○ niveau 2 sur 4" in told.replace(
        "\u00a0", " "
    )
    assert "→ favorable avec des engagements" in told


def test_the_committee_reads_without_names(
    committee: TestClient, coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    first = criteria(home)[0]
    amina.send(
        amina.start(town.visit, GRID, "separate"), amina.choose(town.visit, first, 1, sheet=town.amina)
    )
    bruno.send(
        bruno.choose(town.visit, first, 2, sheet=town.bruno),
        bruno.entry(
            "remark_made", town.visit, sheet=town.bruno, criterion=first, text="Une marche.", supersedes=[]
        ),
    )
    assert committee.get(f"/visits/{town.visit}").status_code == 404  # still going on
    amina.send(amina.close(town.visit, []))
    page = committee.get(f"/visits/{town.visit}")
    assert "personne A" in words(page)
    assert "personne B" in words(page)
    assert "Une marche." in words(page)
    for name in ("Amina", "Bruno", town.amina, town.bruno):
        assert name not in page.text
    assert "Annuler" not in page.text
    assert "Amina" in coordination.get(f"/visits/{town.visit}").text


def test_what_has_not_come_yet_is_counted(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    made = filled(amina, town, {criteria(home)[0]: 1, criteria(home)[1]: 2})
    photo = picture(1)
    made.append(amina.attach(town.visit, photo))
    amina.send(made[0], made[1], made[3], amina.close(town.visit, made, [photo]))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Il manque encore : 1 réponse ou remarque, 1 photo" in page
    assert "Photo manquante : un téléphone l’annonce, elle n’est pas encore reçue." in page
    assert "terminée, pas encore reçue en entier" in page


def test_the_history_of_an_answer_can_be_opened(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    first = criteria(home)[0]
    before = amina.choose(town.visit, first, 0)
    amina.send(before, amina.choose(town.visit, first, 2, supersedes=[before["id"]]))
    page = coordination.get(f"/visits/{town.visit}")
    assert re.search(r"<details>\s*<summary>Historique : 2 réponses", page.text.replace("\u00a0", " "))
    assert "remplacée" in words(page)


def test_the_sheet_of_someone_replaced_is_kept_and_not_counted(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    first = criteria(home)[0]
    amina.send(amina.start(town.visit, GRID, "separate"))
    bruno.send(bruno.choose(town.visit, first, BEST, sheet=town.bruno))
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Bruno (a laissé sa place)" in page
    assert "Bruno · pas comptée" in page
    assert "entre 0,0 et 100,0 sur 100" in page


def test_what_comes_after_the_decision_is_told_and_not_counted(
    coordination: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    decide(home, town, DecisionOutcome.ACCREDITED)
    bruno.send(
        bruno.choose(town.visit, criteria(home)[0], 0),
        bruno.entry(
            "remark_made", town.visit, sheet="duo", criterion=None, text="La rampe est neuve.", supersedes=[]
        ),
    )
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "Arrivé après la décision" in page
    assert "La rampe est neuve." in page
    assert "Réponse à « Entrer et circuler » : ●○○○ niveau 1 sur 4 Bruno" in page
    assert "100,0 sur 100" in page
    assert "Sur la visite elle-même" not in page  # the late remark stands beside the decision, nowhere else


def decide(home: House, town: Town, outcome: DecisionOutcome, reasons: str = "") -> None:
    with home.db.read() as session:
        seen = visits.get(session, town.visit).last_seq
    home.db.write(
        lambda session: decisions.record(
            session,
            town.shop,
            Deciding(outcome, date(2026, 11, 24), reasons, {town.visit: seen}),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        )
    )


def test_what_people_write_is_never_read_as_html(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    text = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    amina.send(
        amina.start(town.visit, GRID),
        amina.entry("remark_made", town.visit, sheet="duo", criterion=None, text=text, supersedes=[]),
        amina.entry(
            "commitment_noted",
            town.visit,
            criterion=criteria(home)[0],
            text=text,
            due="2027-01-01",
            supersedes=[],
        ),
    )
    for path in (f"/visits/{town.visit}", f"/merchants/{town.shop}/decisions"):
        page = coordination.get(path).text
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert 'onerror="' not in page


def test_no_page_of_a_visit_needs_what_the_content_policy_forbids(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    for path in (
        f"/visits/{town.visit}",
        f"/visits/{town.visit}/invitations",
        f"/merchants/{town.shop}/visits/new",
        f"/merchants/{town.shop}/decisions",
        "/people",
    ):
        page = coordination.get(path)
        assert page.status_code == 200
        assert not re.search(
            r"<script(?! type=.module. src=./static/)|\sstyle=|\son[a-z]+=|https?://(?!testserver)", page.text
        )


def test_a_visit_elsewhere_does_not_exist(coordination: TestClient, moneko: TestClient, town: Town) -> None:
    assert coordination.get(f"/visits/{town.farm_visit}").status_code == 404
    assert coordination.get("/visits/01890000-0000-7000-8000-000000000000").status_code == 404
    assert moneko.get(f"/visits/{town.visit}").status_code == 403


# --- opening the sheets ---


def alone(phone: Phone, home: House, town: Town) -> str:
    """An answer on this phone's own sheet, in a visit made each on their own phone; gives its id."""
    hers = phone.choose(town.visit, criteria(home)[0], 2, sheet=phone.owner)
    phone.send(phone.start(town.visit, GRID, "separate"), hers)
    entry_id: str = hers["id"]
    return entry_id


def test_the_coordination_opens_the_sheets_that_nobody_would_finish(
    coordination: TestClient, amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    hers = alone(amina, home, town)
    bruno.send()
    assert hers not in bruno.seen
    assert "Ouvrir les feuilles" in coordination.get(f"/visits/{town.visit}").text
    sent_twice(home, coordination, f"/visits/{town.visit}/release", {})
    bruno.send()
    assert hers in bruno.seen
    assert "Ouvrir les feuilles" not in coordination.get(f"/visits/{town.visit}").text
    with home.db.read() as session:
        last = merchants.records(session, town.shop)[-1]
    assert (last.kind, last.body, last.author_id) == (
        RecordKind.SHEETS_RELEASED,
        {"visit": town.visit},
        town.claire,
    )


def test_only_the_coordination_of_the_territory_opens_the_sheets(
    committee: TestClient, neighbour: TestClient, amina: Phone, home: House, town: Town
) -> None:
    alone(amina, home, town)
    before = everything(home)
    assert post(committee, f"/visits/{town.visit}/release", {}).status_code == 403
    assert post(neighbour, f"/visits/{town.visit}/release", {}).status_code == 404
    assert everything(home) == before


# --- cancelling ---


def test_a_visit_is_cancelled_with_its_reason(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    path = f"/visits/{town.visit}/cancellation"
    sent_twice(home, coordination, path, {"note": "La gérante est malade."})
    with home.db.read() as session:
        assert visits.get(session, town.visit).state == "cancelled"
        assert merchants.records(session, town.shop)[-1].body["note"] == "La gérante est malade."
        assert merchants.get(session, town.shop).stage == "contacted"
    assert amina.http.get("/api/field").json()["visits"] == []
    assert "annulée" in words(coordination.get(f"/visits/{town.visit}"))


def test_a_visit_that_was_received_is_not_cancelled(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    whole(amina, home, town)
    before = everything(home)
    answer = post(coordination, f"/visits/{town.visit}/cancellation", {"note": "Trop tard"})
    refused(answer, 422, "elle ne s’annule plus")
    assert "Trop tard" in answer.text
    assert everything(home) == before


def test_only_the_coordination_of_the_territory_cancels(
    committee: TestClient, neighbour: TestClient, home: House, town: Town
) -> None:
    before = everything(home)
    assert post(committee, f"/visits/{town.visit}/cancellation", {}).status_code == 403
    assert post(neighbour, f"/visits/{town.visit}/cancellation", {}).status_code == 404
    assert everything(home) == before


# --- photos ---


@pytest.fixture
def photo(amina: Phone, home: House, town: Town) -> bytes:
    """A photo that Amina attached and sent; not re-encoded yet."""
    body = picture(3)
    amina.send(amina.start(town.visit, GRID), amina.attach(town.visit, body))
    assert amina.put(body).status_code == 201
    return body


def test_a_photo_is_shown_re_encoded_to_those_who_may_read_the_visit(
    coordination: TestClient, committee: TestClient, home: House, town: Town, amina: Phone, photo: bytes
) -> None:
    home.background.work()
    path = f"/photos/{sha256(photo)}/small"
    assert committee.get(path).status_code == 404  # the visit is still going on
    amina.send(amina.close(town.visit, []))
    for browser in (coordination, committee):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"].startswith("private")
        assert answer.content != photo
    assert f"/photos/{sha256(photo)}/small" in coordination.get(f"/visits/{town.visit}").text


def test_a_photo_is_nobody_elses(
    client: TestClient, moneko: TestClient, neighbour: TestClient, home: House, photo: bytes
) -> None:
    home.background.work()
    path = f"/photos/{sha256(photo)}/small"
    assert moneko.get(path).status_code == 403
    assert neighbour.get(path).status_code == 404
    assert client.get(path).status_code == 303  # to the sign-in page


@pytest.mark.parametrize("path", ["/photos/{sha}/huge", "/photos/../small", "/photos/{other}/small"])
def test_a_photo_that_is_not_there_is_not_found(
    coordination: TestClient, home: House, photo: bytes, path: str
) -> None:
    home.background.work()
    found = path.format(sha=sha256(photo), other="0" * 64)
    assert coordination.get(found).status_code == 404


def test_the_clock_of_a_phone_is_shown_and_no_more(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    first = criteria(home)[0]
    one = amina.choose(town.visit, first, 0) | {"at": "2031-01-01T00:00:00+01:00"}
    amina.send(one, amina.choose(town.visit, first, 2, supersedes=[one["id"]]))
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "1er janvier 2031" in page
    assert "●●●○" in page
