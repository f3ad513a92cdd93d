"""A round: shops near one another, planned all at once, printed as one."""

import io
from datetime import date
from typing import Any

import icalendar
import pypdfium2
import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.domain.merchants import Kind
from backend.domain.planning import TieKind
from backend.storage import merchants, person_files, rounds, visits
from backend.storage.tables import Mail
from backend.web.house import House
from tests.town import GRID, NANTES, Town
from tests.web.forms import everything, post, refused, sent_twice, words


@pytest.fixture
def shops(home: House, town: Town) -> list[str]:
    """A bakery, a greengrocer 300 m away, a butcher 3 km away, and one whose place is not known."""
    told = [
        ("Le Levain", Kind.BAKERY, 47.2100, -1.6000),
        ("Le Radis", Kind.GREENGROCER, 47.2120, -1.6025),
        ("Le Gigot", Kind.BUTCHER, 47.2300, -1.6250),
        ("Le Lointain", Kind.OTHER, None, None),
    ]

    def open_them(session: Session) -> list[str]:
        made = []
        for name, kind, lat, lon in told:
            shop = merchants.add(session, NANTES, name, kind, home.now(), by=town.claire, source="hand")
            placing = "file" if lat else "by_hand"
            merchants.add_place(
                session, shop, address="1 rue", city="Nantes", lat=lat, lon=lon, placing=placing
            )
            made.append(shop.id)
        return made

    return home.db.write(open_them)


def form(town: Town, shops: list[str], **changes: Any) -> dict[str, Any]:
    return {
        "from": shops[0],
        "stop": [shops[0], shops[1]],
        f"at_{shops[0]}": "15:00",
        f"at_{shops[1]}": "14h15",
        "planned_on": "2026-12-04",
        "member": [town.amina, town.bruno],
        "mode": "separate",
        "grid": GRID,
        **changes,
    }


def test_shops_are_listed_from_near_to_far_and_those_with_a_visit_are_not(
    coordination: TestClient, town: Town, shops: list[str]
) -> None:
    page = coordination.get(f"/rounds/new?from={shops[0]}")
    names = ["Le Levain", "Le Radis", "Le Gigot", "Le Lointain"]
    at = [page.text.index(f"<span>{name}") for name in names]
    assert at == sorted(at)
    text = words(page)
    assert "le point de départ" in text
    assert "à 290 m" in text
    assert "à 2,9 km" in text
    assert "distance inconnue" in text
    assert "<span>Épicerie des Bourderies" not in page.text  # its visit is planned
    assert page.text.count('name="stop"') == 4
    assert page.text.count(" checked") == 2  # the start, and a way of filling the grid


def test_a_round_is_planned_at_once_in_the_order_of_its_hours(
    coordination: TestClient, home: House, town: Town, shops: list[str]
) -> None:
    answer = sent_twice(home, coordination, "/rounds", form(town, shops))
    with home.db.read() as session:
        made = rounds.visits_of(session, answer.headers["location"].split("/")[2])
        assert [(visit.merchant_id, visit.planned_at, visit.mode) for visit in made] == [
            (shops[1], "14:15", "separate"),
            (shops[0], "15:00", "separate"),
        ]
        assert {visit.planned_on for visit in made} == {date(2026, 12, 4)}
        for visit in made:
            assert visits.parts(session, [visit.id])[visit.id].current == {town.amina, town.bruno}
        assert merchants.get(session, shops[0]).stage == "visit_planned"
    page = words(coordination.get(answer.headers["location"]))
    assert "Tournée du vendredi 4 décembre 2026" in page
    assert page.index("14:15") < page.index("15:00")
    assert "Amina, Bruno" in page
    assert "Toute la tournée" in words(coordination.get(f"/visits/{made[0].id}"))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"stop": []}, 422, "au moins deux commerces"),
        ({"stop": ["x", "y"]}, 409, "Du nouveau est arrivé"),
        ({"planned_on": ""}, 422, "Choisissez le jour"),
        ({"planned_on": "2026-11-01"}, 422, "déjà passé"),
        ({"member": []}, 422, "au moins une personne"),
        ({"newcomer_1": "Yvonne", "newcomer_2": "Zoé"}, 422, "à trois au plus"),
        ({"mode": "télépathie"}, 422, "comment le duo remplit"),
        ({"grid": "pays-de-retz/depart-1"}, 422, "grille de ce territoire"),
    ],
)
def test_a_round_that_cannot_be_is_refused_whole_and_loses_nothing(
    coordination: TestClient,
    home: House,
    town: Town,
    shops: list[str],
    changes: dict[str, Any],
    status: int,
    sentence: str,
) -> None:
    before = everything(home)
    answer = post(coordination, "/rounds", form(town, shops, **changes))
    refused(answer, status, sentence)
    assert 'value="14h15"' in answer.text
    assert everything(home) == before


def test_an_hour_that_is_none_is_refused(coordination: TestClient, town: Town, shops: list[str]) -> None:
    refused(
        post(coordination, "/rounds", form(town, shops, **{f"at_{shops[0]}": "25:00"})),
        422,
        "L’heure s’écrit",
    )


def test_a_shop_whose_visit_was_planned_meanwhile_stops_the_whole_round(
    coordination: TestClient, home: House, town: Town, shops: list[str]
) -> None:
    alone = {"planned_on": "2026-12-01", "grid": GRID, "member": [town.amina]}
    post(coordination, f"/merchants/{shops[1]}/visits", alone)
    before = everything(home)
    refused(post(coordination, "/rounds", form(town, shops)), 409, "Du nouveau est arrivé")
    assert everything(home) == before


def test_one_tie_with_one_shop_stops_the_whole_round(
    coordination: TestClient, home: House, town: Town, shops: list[str]
) -> None:
    home.db.write(
        lambda session: person_files.note_tie(
            session, town.bruno, shops[1], TieKind.FAMILY, home.now(), by=town.claire
        )
    )
    before = everything(home)
    refused(post(coordination, "/rounds", form(town, shops)), 422, "Bruno a de la famille chez « Le Radis »")
    assert everything(home) == before
    page = words(
        coordination.get("/rounds/new", params={"from": shops[0], "stop": shops[:2], "planned_on": ""})
    )
    assert "Bruno a de la famille chez" in page


def test_a_lone_shop_is_sent_to_a_visit(coordination: TestClient, home: House, town: Town) -> None:
    page = words(coordination.get(f"/rounds/new?from={town.shop}"))
    assert "Il faut deux commerces à visiter" in page


def test_the_trip_and_a_card_for_each_person_are_one_pdf(
    coordination: TestClient, town: Town, shops: list[str]
) -> None:
    path = post(coordination, "/rounds", form(town, shops)).headers["location"]
    printed = coordination.get(f"{path}/cards.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    pages = [
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(printed.content))
    ]
    text = " ".join(" ".join(pages).split())
    for said in (
        "Tournée du vendredi 4 décembre 2026",
        "14:15",
        "Le Radis",
        "Bonjour Amina",
        "Bonjour Bruno",
    ):
        assert said in text, said


def test_the_whole_trip_goes_into_a_calendar(coordination: TestClient, town: Town, shops: list[str]) -> None:
    path = post(coordination, "/rounds", form(town, shops)).headers["location"]
    file = coordination.get(f"{path}/calendar.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    events = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["Visite : Le Radis", "Visite : Le Levain"]


def test_everyone_is_told_of_each_visit(
    coordination: TestClient, home: House, town: Town, shops: list[str]
) -> None:
    def give_address(session: Session) -> None:
        from backend.storage import people

        people.get(session, town.amina).email = "amina@example.org"

    home.db.write(give_address)
    post(coordination, "/rounds", form(town, shops))
    with home.db.read() as session:
        subjects = [mail.subject for mail in session.exec(select(Mail))]
    assert sorted(subjects) == [
        "Votre visite : Le Levain, vendredi 4 décembre 2026",
        "Votre visite : Le Radis, vendredi 4 décembre 2026",
    ]


def test_a_round_is_for_the_coordination_of_the_territory_alone(
    coordination: TestClient,
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    town: Town,
    shops: list[str],
) -> None:
    path = post(coordination, "/rounds", form(town, shops)).headers["location"]
    for browser, status in ((committee, 403), (moneko, 403), (neighbour, 404)):
        for address in (path, f"{path}/cards.pdf", f"{path}/calendar.ics", f"/rounds/new?from={shops[2]}"):
            assert browser.get(address).status_code == status, address
        assert post(browser, "/rounds", form(town, shops)).status_code == status
    assert coordination.get(f"/rounds/new?from={town.farm}").status_code == 404
    assert coordination.get("/rounds/new").status_code == 404
    assert coordination.get("/rounds/unknown").status_code == 404
