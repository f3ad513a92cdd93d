"""The opening hours of a sales point, entered day by day; and two people who write at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.storage import merchants
from backend.storage.tables import SalesPoint
from backend.web.house import House
from tests.town import Town, sign_in
from tests.web.forms import everything, post, refused, sent_twice, words


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    home.background.stop()


def first_place(home: House, merchant_id: str) -> SalesPoint:
    with home.db.read() as session:
        return merchants.places(session, merchant_id)[0]


def path_of(home: House, town: Town) -> str:
    return f"/merchants/{town.shop}/places/{first_place(home, town.shop).id}/hours"


def day(name: str, how: str = "open", *times: str) -> dict[str, str]:
    ends = dict(zip(("from1", "to1", "from2", "to2"), times, strict=False))
    return {f"{name}_how": how, **{f"{name}_{end}": text for end, text in ends.items()}}


WEEK = {
    **day("Mo", "open", "9h", "12h30", "14:00", "19h"),
    **day("Tu", "like_monday"),
    **day("We", "like_monday"),
    **day("Sa", "", "8h", "13h"),
    **day("Su", "closed"),
    **day("PH", "closed"),
    "opening_hours": "",
    "was_opening_hours": "",
}


def test_a_week_is_entered_day_by_day_and_shown_in_words(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = path_of(home, town)
    sent_twice(home, coordination, path, WEEK)
    assert (
        first_place(home, town.shop).opening_hours
        == "Mo-We 09:00-12:30,14:00-19:00; Sa 08:00-13:00; Su closed; PH closed"
    )
    sheet = words(coordination.get(f"/merchants/{town.shop}"))
    assert "lundi à mercredi : 9:00–12:30, 14:00–19:00 samedi : 8:00–13:00 dimanche : fermé" in sheet
    again = coordination.get(path).text
    assert 'name="Tu_from2" value="14:00"' in again
    assert "Mo-We 09:00-12:30,14:00-19:00; Sa 08:00-13:00" in again


def test_the_stalls_of_a_merchant_have_their_own_market_days(
    home: House, town: Town, coordination: TestClient
) -> None:
    for label, name in (("Marché de Talensac", "Sa"), ("Marché de Chantenay", "Th"), ("Zola", "We")):
        post(coordination, f"/merchants/{town.shop}/places", {"label": label, "city": "Nantes"})
        with home.db.read() as session:
            stall = merchants.places(session, town.shop)[-1]
        blank = {"Mo_how": "", "opening_hours": "", "was_opening_hours": ""}
        path = f"/merchants/{town.shop}/places/{stall.id}/hours"
        assert post(coordination, path, {**blank, **day(name, "open", "8h", "13h")}).status_code == 303
    sheet = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Marché de Talensac Nantes samedi : 8:00–13:00" in sheet
    assert "Marché de Chantenay Nantes jeudi : 8:00–13:00" in sheet
    assert "Zola Nantes mercredi : 8:00–13:00" in sheet


def test_closed_weeks_and_special_days_are_dated_and_can_be_taken_away(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = path_of(home, town)
    closed = {"x0_first": "2026-08-01", "x0_last": "15/08/2026", "x0_how": "closed"}
    special = {"x1_first": "2026-12-24", "x1_last": "", **day("x1", "open", "9h", "17h")}
    post(coordination, path, {**WEEK, **closed, **special})
    kept = first_place(home, town.shop).opening_hours
    assert kept.endswith("2026 Aug 1-2026 Aug 15 closed; 2026 Dec 24 09:00-17:00")
    assert "du 1er août 2026 au 15 août 2026 : fermé" in words(coordination.get(f"/merchants/{town.shop}"))
    post(coordination, path, {**WEEK, "opening_hours": kept, "was_opening_hours": kept})
    assert "2026" not in first_place(home, town.shop).opening_hours


def test_what_is_too_rare_for_the_week_goes_in_one_line(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = path_of(home, town)
    form = {"Mo_how": "", "opening_hours": "Sa[1] 08:00-13:00", "was_opening_hours": ""}
    post(coordination, path, form)
    page = words(coordination.get(path))
    assert "Ces horaires sont trop particuliers pour le tableau des jours." in page
    assert "premier samedi du mois : 8:00–13:00" in words(coordination.get(f"/merchants/{town.shop}"))
    french = {"opening_hours": "mardi-samedi 9h-12h30", "was_opening_hours": "Sa[1] 08:00-13:00"}
    post(coordination, path, french)
    assert first_place(home, town.shop).opening_hours == "Tu-Sa 09:00-12:30"


def test_wrong_times_come_back_as_typed_with_a_sentence_at_their_day(
    home: House, town: Town, coordination: TestClient
) -> None:
    before = everything(home)
    wrong = {**WEEK, **day("Mo", "open", "12h", "9h"), **day("Fr", "open", "<b>", "")}
    answer = post(coordination, path_of(home, town), wrong)
    refused(answer, 422, "2 champs sont à corriger")
    assert 'value="&lt;b&gt;"' in answer.text
    assert "<b>" not in answer.text
    assert everything(home) == before
    backwards = {**WEEK, "x0_first": "2026-08-15", "x0_last": "2026-08-01", "x0_how": "closed"}
    refused(post(coordination, path_of(home, town), backwards), 422, "Les deux jours ne se suivent pas.")


# --- two people at once ---


def test_who_writes_second_sees_what_changed_and_keeps_what_they_typed(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = f"/merchants/{town.shop}/edits"
    post(coordination, path, {"phone": "0240999999", "was_phone": ""})
    mine = {"phone": "02 40 11 11 11", "was_phone": "", "email": "a@exemple.fr", "was_email": ""}
    answer = post(coordination, path, mine)
    refused(answer, 409, "Entre-temps, on y a écrit « 02 40 99 99 99 ».")
    assert 'value="02 40 11 11 11"' in answer.text
    assert 'name="was_phone" value="02 40 99 99 99"' in answer.text
    with home.db.read() as session:
        assert merchants.get(session, town.shop).phone == "02 40 99 99 99"
    seen = {**mine, "was_phone": "02 40 99 99 99"}
    assert post(coordination, path, seen).status_code == 303
    with home.db.read() as session:
        assert merchants.get(session, town.shop).phone == "02 40 11 11 11"


def test_hours_that_someone_else_wrote_meanwhile_are_shown_before_they_are_replaced(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = path_of(home, town)
    post(coordination, path, {"opening_hours": "lundi 9h-12h", "was_opening_hours": ""})
    refused(post(coordination, path, WEEK), 409, "Entre-temps, on y a écrit « lundi : 9:00–12:00 ».")
    assert first_place(home, town.shop).opening_hours == "Mo 09:00-12:00"


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


@pytest.fixture
def two_browsers(app: Starlette, town: Town) -> tuple[TestClient, TestClient]:
    return sign_in(app, town.claire), sign_in(app, town.nour)


def test_of_two_people_who_save_at_the_same_moment_one_wins_and_the_other_is_told(
    home: House, town: Town, two_browsers: Any
) -> None:
    start = Barrier(2)

    def save(browser: TestClient, phone: str) -> int:
        start.wait()
        return post(browser, f"/merchants/{town.shop}/edits", {"phone": phone, "was_phone": ""}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, two_browsers, ("02 40 11 11 11", "02 40 22 22 22")))
    assert sorted(answers) == [303, 409]
    won = ("02 40 11 11 11", "02 40 22 22 22")[answers.index(303)]
    with home.db.read() as session:
        assert merchants.get(session, town.shop).phone == won
        edits = [row for row in merchants.records(session, town.shop) if row.kind == "edited"]
    assert len(edits) == 1


@pytest.mark.parametrize(("who", "status"), [("committee", 403), ("moneko", 403), ("neighbour", 404)])
def test_only_the_coordination_of_the_territory_writes_hours(
    home: House, town: Town, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    browser: TestClient = request.getfixturevalue(who)
    before = everything(home)
    assert browser.get(path_of(home, town)).status_code == status
    assert post(browser, path_of(home, town), WEEK).status_code == status
    assert everything(home) == before
