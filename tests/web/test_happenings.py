"""What happened to a merchant, in one list: from every table that knows of it, and no more than the reader may know."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.committee import Why
from backend.domain.handover import Model
from backend.domain.merchants import RecordKind
from backend.storage import decisions, handovers, merchants, questions, sessions
from backend.storage.tables import CommitmentFollowing
from backend.web.house import House
from tests.counting import statements
from tests.phones import Phone
from tests.town import GRID, NANTES, Town
from tests.web.forms import words
from tests.web.test_onboarding import accredit, tell


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    home.background.stop()


@pytest.fixture
def lived(home: House, town: Town, amina: Phone) -> str:
    """A shop with a whole life: visited, asked about, decided, told, followed up, handed over."""
    amina.send(*amina.whole_visit(town.visit, GRID, list(home.rules[GRID].criteria), []))

    def ask(session: Session) -> None:
        questions.ask(session, town.visit, None, "Y a-t-il une <b>marche</b> ?", home.now(), by=town.claire)
        held = sessions.open_one(session, NANTES, date(2026, 12, 3), "Salle Zola", home.now(), by=town.claire)
        sessions.add_items(session, held.id, {town.shop: Why.APPEAL}, home.now(), by=town.claire)

    home.db.write(ask)
    accredit(home, town.shop, town.claire)
    tell(home, town.shop, town.claire)

    def follow(session: Session) -> None:
        decided = decisions.latest(session, town.shop)
        assert decided is not None
        session.add(
            CommitmentFollowing(
                id="f1",
                commitment_id=decisions.commitments_of(session, decided.id)[0].id,
                state="extended",
                noted_on=date(2026, 11, 24),
                due=date(2027, 1, 15),
                note="Il attend ses étiquettes.",
                recorded_by=town.claire,
                recorded_at=home.now(),
            )
        )
        handovers.make(session, Model.LEADS, [NANTES], home.now(), by=town.malo)

    home.db.write(follow)
    return town.shop


def told(browser: TestClient, merchant_id: str, query: str = "") -> str:
    page = words(browser.get(f"/merchants/{merchant_id}{query}"))
    return page[page.index("Ce qui s’est passé") :]


def test_everything_stands_in_one_list_the_latest_first(lived: str, coordination: TestClient) -> None:
    page = told(coordination, lived)
    in_order = [
        "· Malo Fichier pour Moneko préparé",
        "· Claire Engagement prolongé, jusqu’au vendredi 15 janvier 2027 Afficher les prix au kilo",
        "Il attend ses étiquettes.",
        "· Claire Commerce informé par téléphone",
        "· Claire Décision du comité : conventionné avec engagements, valable jusqu’au samedi 20 novembre 2027",
        "· Claire À l’ordre du jour du jeudi 3 décembre 2026",
        "· Claire Question au duo Y a-t-il une <b>marche</b> ? La visite du 26 novembre 2026",
        "Visite reçue La visite du 26 novembre 2026",
        "Visite prévue",
        "Repéré par la coordination",
    ]
    places = [page.index(each) for each in in_order]
    assert places == sorted(places)


def test_one_kind_may_be_read_alone(lived: str, coordination: TestClient) -> None:
    page = told(coordination, lived, "?only=committee")
    assert "À l’ordre du jour du" in page
    assert "Fichier pour Moneko préparé" not in page
    assert "Visite prévue" not in page
    assert 'aria-current="true">Le comité' in coordination.get(f"/merchants/{lived}?only=committee").text
    for nonsense in (
        "?only=x",
        "?only=documents",
        "?page=0",
        "?page=-1",
        "?page=٣",
        "?page=9999999",
        "?page=x",
    ):
        assert "Fichier pour Moneko préparé" in told(coordination, lived, nonsense)


def test_the_committee_reads_what_it_decides_on_and_no_inhabitant_s_name(
    home: House, town: Town, lived: str, committee: TestClient
) -> None:
    home.db.write(
        lambda session: merchants.add_record(
            session, lived, RecordKind.SPOTTED, {"source": "field"}, home.now(), by=town.amina
        )
    )
    page = told(committee, lived)
    assert "· une habitante ou un habitant Repéré sur le terrain" in page
    assert "· Claire Décision du comité" in page
    assert "Engagement prolongé" in page
    for hidden in ("Amina", "Bruno", "Fichier pour Moneko", "marche", "Visite prévue"):
        assert hidden not in page


def test_moneko_reads_what_came_since_the_approval(lived: str, moneko: TestClient) -> None:
    page = told(moneko, lived)
    assert "· Malo Fichier pour Moneko préparé" in page
    assert "· Claire Décision du comité" in page
    for hidden in ("Amina", "Bruno", "Engagement", "marche", "Visite", "ordre du jour"):
        assert hidden not in page


def many(home: House, merchant_id: str, count: int, by: str) -> None:
    def write(session: Session) -> None:
        for rank in range(count):
            at = home.now() + timedelta(seconds=rank)
            merchants.add_record(session, merchant_id, RecordKind.NOTE, {"note": f"Note {rank}."}, at, by=by)

    home.db.write(write)


def test_five_hundred_events_are_ten_pages_or_one_to_print(
    home: House, town: Town, coordination: TestClient
) -> None:
    many(home, town.shop, 498, town.claire)
    first = told(coordination, town.shop)
    assert "Note 497." in first
    assert "Note 447." not in first
    assert "page 1 sur 10" in first
    assert "Plus récent" not in first
    last = told(coordination, town.shop, "?page=10")
    assert "Repéré" in last
    assert "Plus ancien" not in last
    every = told(coordination, town.shop, "?page=all")
    assert all(f"Note {rank}." in every for rank in range(498))
    assert "page 1" not in told(coordination, town.shop, "?only=visits")


def test_it_takes_as_many_questions_to_the_database_whatever_happened(
    home: House, town: Town, lived: str, coordination: TestClient
) -> None:
    coordination.get(f"/merchants/{lived}")
    with statements() as few:
        coordination.get(f"/merchants/{lived}")
    many(home, lived, 500, town.claire)
    with statements() as after:
        coordination.get(f"/merchants/{lived}?page=all")
    assert len(after) == len(few) < 40
