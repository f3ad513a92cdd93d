"""Keying in a filled paper grid: whose it is, what it adds, what it never undoes, and who may."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.journal import VisitState, fold
from backend.storage import decisions, journal, visits
from backend.storage.decisions import Deciding
from backend.storage.verify import differences
from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, Town
from tests.web.forms import everything, post, refused, sent_twice, words

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def criteria(home: House) -> list[str]:
    return [each.id for each in home.grids[GRID].criteria]


def path(town: Town) -> str:
    return f"/visits/{town.visit}/paper"


def paper(home: House, who: str, level: str = "2", sheet: str = "own", **changes: Any) -> dict[str, Any]:
    """A whole sheet at one level; `newest` as on the first time."""
    answers = {f"answer_{each}": level for each in criteria(home)}
    return {**answers, "who": who, "sheet": sheet, "newest": "", "seen": "", **changes}


def shown(browser: TestClient, town: Town, who: str, sheet: str = "own") -> Response:
    return browser.get(path(town), params={"who": who, "sheet": sheet})


def hidden(page: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


def state(home: House, town: Town) -> VisitState:
    with home.db.read() as session:
        assert list(differences(session, home.rules)) == []
        return fold(journal.records_of(session, town.visit))


def holds(home: House, town: Town, sheet: str, criterion: str) -> list[Any]:
    made = state(home, town)["sheets"].get(sheet, {}).get(criterion, [])
    return [each["choice"] for each in made if each["choice"] is not None]


def decide(home: House, town: Town) -> None:
    with home.db.read() as session:
        seen = visits.get(session, town.visit).last_seq
    deciding = Deciding(
        DecisionOutcome.ACCREDITED, date(2026, 11, 24), "Oui.", {town.visit: seen}, despite="Papier."
    )
    home.db.write(
        lambda session: decisions.record(
            session, town.shop, deciding, home.rules, home.drafts, home.now(), by=town.claire
        )
    )


def test_one_chooses_whose_paper_it_is(coordination: TestClient, town: Town) -> None:
    page = words(coordination.get(path(town)))
    for name in ("Amina", "Bruno"):
        assert f"Feuille de {name} rien de saisi" in page
        assert f"Feuille commune, remplie par {name} rien de saisi" in page


def test_the_whole_grid_is_on_one_page_with_its_sentences(
    coordination: TestClient, home: House, town: Town
) -> None:
    page = shown(coordination, town, town.amina)
    said = words(page)
    for criterion in home.grids[GRID].criteria:
        assert criterion.question.replace("\u202f", " ").replace("\u00a0", " ") in said
        values = re.findall(rf'name="answer_{criterion.id}" value="([^"]*)"', page.text)
        assert values == ["0", "1", "2", "3", *(["na"] if criterion.may_not_apply else []), ""]
    assert "Grille de départ, à adopter par le comité" in said


def test_a_keyed_paper_is_scored_and_says_who_wrote_and_who_brought(
    coordination: TestClient, home: House, town: Town
) -> None:
    answer = post(coordination, path(town), paper(home, town.amina, remark="Bon accueil.", done="1"))
    assert (answer.status_code, answer.headers["location"]) == (303, path(town))
    assert "Feuille de Amina 15 réponses saisies, feuille finie" in words(coordination.get(path(town)))
    with home.db.read() as session:
        records = journal.records_of(session, town.visit)
        assert {record.entry.author for record in records} == {town.amina}
        assert {record.brought_by for record in records} == {town.claire}
        assert not any(record.confirmed for record in records)
        assert {record.entry.app for record in records} == {"paper"}
    assert "66,6 sur 100" in words(coordination.get(f"/visits/{town.visit}"))


def test_the_common_sheet_names_who_was_there(coordination: TestClient, home: House, town: Town) -> None:
    form = paper(home, town.bruno, sheet="duo", present=[town.amina, town.bruno], last="1")
    post(coordination, path(town), form)
    now = state(home, town)
    assert (now["mode"], list(now["sheets"])) == ("one_phone", ["duo"])
    assert now["closed"]
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "réponse commune, notée par Bruno" in page
    assert "Sur place Amina, Bruno" in page
    assert "reçue par la caisse" in page


def test_a_double_click_keys_in_once(coordination: TestClient, home: House, town: Town) -> None:
    sent_twice(home, coordination, path(town), paper(home, town.amina, remark="Bon accueil.", done="1"))


def test_a_second_tab_with_the_same_paper_adds_nothing(
    coordination: TestClient, home: House, town: Town
) -> None:
    post(coordination, path(town), paper(home, town.amina))
    before = everything(home)
    assert post(coordination, path(town), paper(home, town.amina)).status_code == 303
    assert everything(home) == before


def test_a_second_tab_with_another_paper_is_told_and_overwrites_nothing(
    coordination: TestClient, home: House, town: Town
) -> None:
    first = criteria(home)[0]
    post(coordination, path(town), paper(home, town.amina))
    before = everything(home)
    other = paper(home, town.amina, **{f"answer_{first}": "0", "remark": "Une marche."})
    answer = post(coordination, path(town), other)
    refused(answer, 409, "Du nouveau est arrivé")
    assert "Quelqu’un d’autre a saisi cette feuille entre-temps" in words(answer)
    assert "Une marche." in answer.text
    assert everything(home) == before
    again = other | {"newest": hidden(answer, "newest")}
    assert post(coordination, path(town), again).status_code == 303
    assert holds(home, town, town.amina, first) == [0]


def test_a_slip_is_corrected_when_the_sheet_is_opened_again(
    coordination: TestClient, home: House, town: Town
) -> None:
    first = criteria(home)[0]
    post(coordination, path(town), paper(home, town.amina, **{f"remark_{first}": "Une marche."}))
    page = shown(coordination, town, town.amina)
    assert f'name="answer_{first}" value="2" checked' in page.text
    assert "Une marche." in page.text
    form = paper(home, town.amina, newest=hidden(page, "newest"), **{f"answer_{first}": ""})
    post(coordination, path(town), form)
    now = state(home, town)
    assert holds(home, town, town.amina, first) == []
    assert now["remarks"] == []


def on_the_phone(phone: Phone, town: Town, choices: Mapping[str, Any], sheet: str) -> None:
    phone.send(
        phone.start(town.visit, GRID, "separate"),
        *(phone.choose(town.visit, criterion, level, sheet=sheet) for criterion, level in choices.items()),
    )


def test_what_differs_from_the_phone_is_shown_first_and_both_are_kept(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    first, second, *_ = criteria(home)
    on_the_phone(amina, town, {first: 0, second: 2}, town.amina)
    before = everything(home)
    answer = post(coordination, path(town), paper(home, town.amina))
    refused(answer, 409, "Le papier et le téléphone ne disent pas la même chose")
    listed = words(answer).split("Ce qui diffère")[1].split("Au clavier")[0]
    assert "Entrer et circuler Sur le téléphone : 0 :" in listed
    assert "Venir sans voiture" not in listed
    assert everything(home) == before
    form = paper(home, town.amina, seen=hidden(answer, "seen"))
    assert post(coordination, path(town), form).status_code == 303
    assert holds(home, town, town.amina, first) == [0, 2]
    assert "À départager" in words(coordination.get(f"/visits/{town.visit}"))


def test_what_the_phone_says_since_is_looked_at_again(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    first, second, *_ = criteria(home)
    on_the_phone(amina, town, {first: 0}, town.amina)
    seen = hidden(post(coordination, path(town), paper(home, town.amina)), "seen")
    amina.send(amina.choose(town.visit, second, 0, sheet=town.amina))
    refused(post(coordination, path(town), paper(home, town.amina, seen=seen)), 409, "ne disent pas")


def test_a_paper_that_agrees_with_the_phone_is_kept_without_a_word(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    on_the_phone(amina, town, dict.fromkeys(criteria(home), 2), town.amina)
    assert post(coordination, path(town), paper(home, town.amina)).status_code == 303
    assert "À départager" not in words(coordination.get(f"/visits/{town.visit}"))


def test_a_sheet_done_on_the_phone_stays_as_it_is(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    first = criteria(home)[0]
    on_the_phone(amina, town, {first: 0}, town.amina)
    amina.send(amina.entry("sheet_done", town.visit, sheet=town.amina))
    page = shown(coordination, town, town.amina)
    assert "Cette feuille est finie." in words(page)
    seen = hidden(post(coordination, path(town), paper(home, town.amina)), "seen")
    post(coordination, path(town), paper(home, town.amina, seen=seen))
    assert holds(home, town, town.amina, first) == [0]


def test_a_paper_does_not_open_the_sheets_of_others(
    coordination: TestClient, home: House, town: Town, bruno: Phone
) -> None:
    on_the_phone(bruno, town, {criteria(home)[0]: 0}, town.bruno)
    post(coordination, path(town), paper(home, town.amina, done="1"))
    bruno.send()
    seen = [each["entry"] for each in bruno.seen.values() if each["entry"]["kind"] == "choice_made"]
    assert town.amina not in {entry["author"] for entry in seen}


def test_after_the_decision_it_is_kept_beside_and_not_counted(
    coordination: TestClient, home: House, town: Town
) -> None:
    post(coordination, path(town), paper(home, town.amina, "3", sheet="duo", last="1"))
    decide(home, town)
    assert "Le comité a déjà décidé." in words(coordination.get(path(town)))
    assert post(coordination, path(town), paper(home, town.bruno, "0")).status_code == 303
    page = words(coordination.get(f"/visits/{town.visit}"))
    assert "100,0 sur 100" in page
    assert "Arrivé après la décision, non compté" in page


def test_someone_who_left_their_place_may_still_have_filled_a_paper(
    coordination: TestClient, home: House, town: Town
) -> None:
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    assert "a laissé sa place" in words(coordination.get(path(town)))
    assert post(coordination, path(town), paper(home, town.bruno)).status_code == 303
    assert "Bruno · pas comptée" in words(coordination.get(f"/visits/{town.visit}"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"who": "01890000-0000-7000-8000-000000000000"}, "de qui est cette feuille"),
        ({"sheet": "autre"}, "de qui est cette feuille"),
        ({"answer_petits-prix": "9"}, "niveaux de la grille"),
        ({"answer_entrer-circuler": "na"}, "n’est pas permis"),
        ({"filled_on": "2026-12-24"}, "pas encore venu"),
        ({"filled_on": "2020-11-24"}, "à plus d’un an"),
        ({"filled_on": "hier"}, "n’est pas une date"),
        ({"remark": "x" * 4001}, "dépasse 4000 signes"),
    ],
)
def test_a_paper_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    coordination: TestClient, home: House, town: Town, changes: dict[str, Any], sentence: str
) -> None:
    before = everything(home)
    form = paper(home, town.amina) | {"remark_petits-prix": "Au kilo."} | changes
    answer = post(coordination, path(town), form)
    refused(answer, 422, sentence)
    assert everything(home) == before
    if not {"who", "sheet"} & changes.keys():
        assert "Au kilo." in answer.text


def test_what_people_write_is_never_read_as_html(coordination: TestClient, home: House, town: Town) -> None:
    post(coordination, path(town), paper(home, town.amina, remark=HOSTILE, **{"remark_petits-prix": HOSTILE}))
    for page in (shown(coordination, town, town.amina), coordination.get(f"/visits/{town.visit}")):
        assert "&lt;script&gt;" in page.text
        assert "<script>" not in page.text
        assert 'onerror="' not in page.text


def test_only_the_coordination_of_the_territory_keys_in(
    client: TestClient,
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    home: House,
    town: Town,
) -> None:
    before = everything(home)
    for browser, status in ((committee, 403), (moneko, 403), (neighbour, 404), (client, 401)):
        assert post(browser, path(town), paper(home, town.amina)).status_code == status
        if status != 401:
            assert shown(browser, town, town.amina).status_code == status
    assert everything(home) == before
