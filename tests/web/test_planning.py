"""Planning with the house's suggestions: who is proposed, who cannot go and why, what no plan may do."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.merchants import Kind
from backend.domain.planning import TieKind
from backend.storage import merchants, people, person_files, planning, visits
from backend.storage.person_files import Told
from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, NANTES, Town
from tests.web.forms import everything, post, refused, words


def plan_form(town: Town, **changes: Any) -> dict[str, Any]:
    return {
        "planned_on": "2026-12-04",
        "planned_at": "14:30",
        "grid": GRID,
        "member": [town.amina, town.bruno],
        **changes,
    }


def arrive(home: House, name: str, **told: Any) -> str:
    """Someone new on the list, with what they told of themselves."""

    def write(session: Session) -> str:
        person = people.add_evaluator(session, name, NANTES, home.now(), by=None)
        blank = {"phone": "", "email": "", "slots": [], "away": None, "district_id": "", "version": 0}
        if told:
            person_files.edit(session, person, Told(**{**blank, **told}), home.now(), by=person.id)
        return person.id

    return home.db.write(write)


def tie(home: House, town: Town, person_id: str, merchant_id: str, kind: TieKind = TieKind.WORKS) -> None:
    home.db.write(
        lambda session: person_files.note_tie(
            session, person_id, merchant_id, kind, home.now(), by=town.claire
        )
    )


def open_shop(home: House, name: str = "Le Levain") -> str:
    def write(session: Session) -> str:
        made = merchants.add(session, NANTES, name, Kind.BAKERY, home.now(), by=None, source="hand")
        merchants.add_place(session, made, city="Nantes", postcode="44100")
        return made.id

    return home.db.write(write)


def make_visits(home: House, town: Town, phone: Phone, count: int) -> None:
    """Amina and Bruno finish this many visits, elsewhere."""
    for rank in range(count):
        shop = open_shop(home, f"Commerce {rank}")
        visit = home.db.write(
            lambda session, shop=shop: (
                visits.plan(session, shop, GRID, date(2026, 11, 20), [town.amina], home.now(), by=None).id
            )
        )
        started = phone.start(visit, GRID)
        phone.send(started, phone.close(visit, [started]))


# --- suggestions ---


def test_an_experienced_person_is_suggested_with_one_who_begins(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    make_visits(home, town, amina, 2)
    page = words(coordination.get(f"/merchants/{town.shop}/visits/new"))
    assert "Duos suggérés" in page
    assert "Amina a l’habitude (visites faites : 2), Bruno commence." in page


def test_a_tap_on_a_duo_ticks_its_two_people_and_keeps_what_was_typed(
    coordination: TestClient, town: Town
) -> None:
    asked = {"planned_on": "2026-12-04", "planned_at": "9h15", "newcomer_1": "Yvonne"}
    duo = f"{town.amina} {town.bruno}"
    page = coordination.get(f"/merchants/{town.shop}/visits/new", params={**asked, "duo": duo}).text
    assert page.count(" checked") == 2
    for value in ("2026-12-04", "9h15", "Yvonne"):
        assert f'value="{value}"' in page


def test_who_is_away_or_busy_or_cannot_that_half_day_is_named_with_the_reason(
    coordination: TestClient, home: House, town: Town
) -> None:
    arrive(home, "Carla", away=(date(2026, 12, 1), date(2026, 12, 10)))
    arrive(home, "Diego", slots=["mon-am"])
    page = words(coordination.get(f"/merchants/{town.shop}/visits/new", params={"planned_on": "2026-12-04"}))
    assert "2 personnes ne peuvent pas y aller" in page
    assert "Carla n’est pas là du 1er décembre 2026 au 10 décembre 2026." in page
    assert "Diego a dit ne pas pouvoir ce jour-là." in page
    busy = coordination.get(f"/merchants/{town.shop}/visits/new", params={"planned_on": "2026-11-26"})
    assert "Amina a déjà une visite ce jour-là." in words(busy)


def test_who_said_no_that_day_may_still_be_asked(coordination: TestClient, home: House, town: Town) -> None:
    carla = arrive(home, "Carla", away=(date(2026, 12, 1), date(2026, 12, 10)))
    form = plan_form(town, member=[town.amina, carla])
    assert post(coordination, f"/merchants/{town.shop}/visits", form).status_code == 303


@pytest.mark.parametrize("day", ["", "demain", "2026-02-30"])
def test_a_day_that_is_none_yet_only_leaves_days_aside(
    coordination: TestClient, town: Town, day: str
) -> None:
    page = coordination.get(
        f"/merchants/{town.shop}/visits/new", params={"planned_on": day, "planned_at": "x"}
    )
    assert page.status_code == 200


def test_a_name_that_would_like_to_be_a_program_stays_a_name(
    coordination: TestClient, home: House, town: Town
) -> None:
    bold = arrive(home, "<b onclick=x>Zoé {name} %s</b>")
    tie(home, town, bold, town.shop)
    page = coordination.get(f"/merchants/{town.shop}/visits/new").text
    assert "<b onclick" not in page
    assert "{name} %s&lt;/b&gt; travaille chez" in page


# --- what no plan may do ---


def test_a_tie_keeps_its_person_off_the_list_and_out_of_the_plan(
    coordination: TestClient, home: House, town: Town
) -> None:
    tie(home, town, town.amina, town.shop)
    page = coordination.get(f"/merchants/{town.shop}/visits/new")
    assert f'name="member" value="{town.amina}"' not in page.text
    assert "Amina travaille chez « Épicerie des Bourderies »." in words(page)
    before = everything(home)
    answer = post(coordination, f"/merchants/{town.shop}/visits", plan_form(town, newcomer_1="Yvonne"))
    refused(answer, 422, "Amina travaille chez « Épicerie des Bourderies ». Choisissez quelqu’un d’autre.")
    assert 'value="Yvonne"' in answer.text
    assert everything(home) == before


def test_nobody_is_sent_to_be_kind_in_return(coordination: TestClient, home: House, town: Town) -> None:
    bakery = open_shop(home)
    post(coordination, f"/visits/{town.visit}/cancellation", {})
    tie(home, town, town.amina, town.shop, TieKind.RUNS)
    tie(home, town, town.bruno, bakery, TieKind.FAMILY)
    first = post(coordination, f"/merchants/{bakery}/visits", plan_form(town, member=[town.amina]))
    assert first.status_code == 303
    carla = arrive(home, "Carla")
    back = post(coordination, f"/merchants/{town.shop}/visits", plan_form(town, member=[town.bruno, carla]))
    refused(
        back,
        422,
        "Amina, qui a un lien avec « Épicerie des Bourderies », évalue « Le Levain », où Bruno a un lien.",
    )


def test_a_visit_changed_later_obeys_the_same_rules(
    coordination: TestClient, home: House, town: Town
) -> None:
    carla = arrive(home, "Carla")
    tie(home, town, carla, town.shop)
    form = {
        "planned_on": "2026-11-26",
        "was_planned_on": "2026-11-26",
        "member": [town.amina, carla],
        "was_member": [town.amina, town.bruno],
    }
    before = everything(home)
    refused(post(coordination, f"/visits/{town.visit}/edits", form), 422, "Carla travaille chez")
    assert everything(home) == before


def test_one_merchant_has_one_visit_a_day(coordination: TestClient, home: House, town: Town) -> None:
    before = everything(home)
    answer = post(coordination, f"/merchants/{town.shop}/visits", plan_form(town, planned_on="2026-11-26"))
    refused(answer, 409, "a déjà une visite ce jour-là, avec Amina, Bruno.")
    assert everything(home) == before


def test_a_cancelled_visit_leaves_its_day_free(coordination: TestClient, town: Town) -> None:
    post(coordination, f"/visits/{town.visit}/cancellation", {})
    form = plan_form(town, planned_on="2026-11-26")
    assert post(coordination, f"/merchants/{town.shop}/visits", form).status_code == 303


def test_what_is_counted_is_what_was_done(home: House, amina: Phone, town: Town) -> None:
    make_visits(home, town, amina, 1)
    with home.db.read() as session:
        known = {each.name: each for each in planning.candidates(session, NANTES, date(2026, 11, 24))}
    assert (known["Amina"].visits_done, known["Bruno"].visits_done) == (1, 0)
    assert known["Amina"].last_done == date(2026, 11, 20)
    assert known["Bruno"].planned == {(date(2026, 11, 26), "")}
    assert "Gaël" not in known
