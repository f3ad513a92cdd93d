"""What those who go are told: by e-mail with a calendar, the day before, and by a message ready to be sent."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import icalendar
import pytest
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend import notices
from backend.background import Background
from backend.delivery import Delivery
from backend.domain.merchants import RecordKind
from backend.geocoding import Geocoder
from backend.mail import mailer
from backend.photos import Photos
from backend.storage import mails, merchants, people, visits
from backend.storage.mails import Kind
from backend.storage.tables import Mail
from backend.web.house import House
from tests.town import GRID, Clock, Town
from tests.web.forms import post, words

PLAN = {"planned_on": "2026-12-04", "planned_at": "14:30", "grid": GRID}
URL = "http://testserver"


@pytest.fixture
def addresses(home: House, town: Town) -> None:
    def give(session: Session) -> None:
        people.get(session, town.amina).email = "amina@example.org"
        people.get(session, town.bruno).email = "bruno@example.org"

    home.db.write(give)


def written(home: House) -> list[Mail]:
    with home.db.read() as session:
        return list(session.exec(select(Mail).order_by(Mail.id)))


def event(text: str | None) -> Any:
    assert text
    calendar = icalendar.Calendar.from_ical(text)
    (found,) = calendar.walk("VEVENT")
    return calendar, found


# --- by e-mail ---


@pytest.mark.usefixtures("addresses")
def test_who_is_to_go_gets_the_visit_their_way_in_and_the_calendar(
    coordination: TestClient, client: TestClient, home: House, town: Town
) -> None:
    post(coordination, f"/merchants/{town.shop}/visits", {**PLAN, "member": [town.amina, town.bruno]})
    first, _second = written(home)
    assert (first.to, first.kind) == ("amina@example.org", Kind.INVITATION)
    assert first.subject == "Votre visite : Épicerie des Bourderies, vendredi 4 décembre 2026"
    for said in (
        "Bonjour Amina,",
        "Vous visitez Épicerie des Bourderies, 2 rue des Bourderies, 44100 Nantes, vendredi 4 décembre 2026 à 14:30.",
        "Vous y allez avec Bruno.",
        "http://testserver/app/#code=",
        "+33240000001",
    ):
        assert said in first.text, said
    _calendar, found = event(first.calendar)
    assert found["dtstart"].dt == datetime(2026, 12, 4, 13, 30, tzinfo=UTC)  # Paris in winter
    assert found["dtstart"].params["TZID"] == "Europe/Paris"


def test_who_gave_no_address_is_not_written_to(coordination: TestClient, home: House, town: Town) -> None:
    post(coordination, f"/merchants/{town.shop}/visits", {**PLAN, "member": [town.amina]})
    assert written(home) == []


@pytest.mark.usefixtures("addresses")
def test_a_change_a_place_given_away_and_the_end_are_told_to_those_concerned(
    coordination: TestClient, home: House, town: Town
) -> None:
    def carla(session: Session) -> str:
        made = people.add_evaluator(
            session, "Carla", "nantes-ouest", home.now(), by=None, email="carla@example.org"
        )
        return made.id

    form = {"leaves": town.bruno, "comes": home.db.write(carla), "reason": "prevented"}
    post(coordination, f"/visits/{town.visit}/replacements", form)
    told = {mail.to: mail for mail in written(home)}
    assert told["carla@example.org"].subject.startswith("Votre visite")
    assert told["bruno@example.org"].subject.startswith("Vous n’y allez plus")
    assert told["amina@example.org"].subject.startswith("Du changement")
    assert "Vous y allez avec Carla." in told["amina@example.org"].text
    calendar, gone = event(told["bruno@example.org"].calendar)
    assert (str(calendar["method"]), str(gone["status"])) == ("CANCEL", "CANCELLED")
    _calendar, stays = event(told["amina@example.org"].calendar)
    assert stays["uid"] == gone["uid"]
    post(coordination, f"/visits/{town.visit}/cancellation", {})
    last = written(home)[-1]
    assert last.subject.startswith("Visite annulée")
    assert event(last.calendar)[1]["sequence"] > stays["sequence"]


@pytest.mark.usefixtures("addresses")
def test_a_form_sent_again_without_a_change_writes_to_nobody(
    coordination: TestClient, home: House, town: Town
) -> None:
    form = {
        "planned_on": "2026-11-26",
        "was_planned_on": "2026-11-26",
        "member": [town.amina, town.bruno],
        "was_member": [town.amina, town.bruno],
    }
    post(coordination, f"/visits/{town.visit}/edits", form)
    assert written(home) == []
    post(coordination, f"/visits/{town.visit}/edits", {**form, "planned_at": "10:00"})
    assert [mail.subject for mail in written(home)] == [
        "Du changement pour votre visite : Épicerie des Bourderies"
    ] * 2


# --- in a calendar ---


def calendar_of(coordination: TestClient, visit_id: str) -> Any:
    return event(coordination.get(f"/visits/{visit_id}/calendar.ics").text)


def test_a_visit_keeps_its_identity_in_a_calendar_and_its_changes_are_counted(
    coordination: TestClient, town: Town
) -> None:
    _calendar, first = calendar_of(coordination, town.visit)
    assert first["dtstart"].dt == date(2026, 11, 26)  # no hour yet: the whole day
    assert first["uid"] == f"{town.visit}@testserver"
    post(
        coordination,
        f"/visits/{town.visit}/edits",
        {
            "planned_on": "2026-07-14",
            "planned_at": "9h30",
            "member": [town.amina],
            "was_member": [town.amina],
        },
    )  # refused: the day is over
    form = {
        "planned_on": "2027-07-14",
        "planned_at": "9h30",
        "was_planned_on": "2026-11-26",
        "member": [town.amina, town.bruno],
        "was_member": [town.amina, town.bruno],
    }
    post(coordination, f"/visits/{town.visit}/edits", form)
    _calendar, second = calendar_of(coordination, town.visit)
    assert second["uid"] == first["uid"]
    assert second["sequence"] == first["sequence"] + 1
    assert second["dtstart"].dt == datetime(2027, 7, 14, 7, 30, tzinfo=UTC)  # Paris in summer
    assert str(second["location"]) == "2 rue des Bourderies, 44100 Nantes"
    post(coordination, f"/visits/{town.visit}/cancellation", {})
    calendar, last = calendar_of(coordination, town.visit)
    assert (str(calendar["method"]), str(last["status"])) == ("CANCEL", "CANCELLED")
    assert last["sequence"] == second["sequence"] + 1


def test_a_hostile_name_cannot_write_another_event(coordination: TestClient, home: House, town: Town) -> None:
    def rename(session: Session) -> None:
        merchants.get(session, town.shop).name = "Chez\nEND:VEVENT\nBEGIN:VEVENT;,\\"

    home.db.write(rename)
    _calendar, found = calendar_of(coordination, town.visit)
    assert "END:VEVENT" in str(found["summary"])


def test_a_calendar_is_for_the_coordination_of_the_territory(
    coordination: TestClient, committee: TestClient, neighbour: TestClient, town: Town
) -> None:
    assert committee.get(f"/visits/{town.visit}/calendar.ics").status_code == 403
    assert neighbour.get(f"/visits/{town.visit}/calendar.ics").status_code == 404
    assert coordination.get("/visits/unknown/calendar.ics").status_code == 404


# --- the day before ---


@pytest.fixture
def worker(home: House, clock: Clock, tmp_path: Path) -> Background:
    """A background that sends mails into a folder."""
    post = mailer("file", tmp_path, "", "", URL)
    delivery = Delivery(home.db, post, URL, clock)
    return Background(home.db, Photos(tmp_path, "", 1), Geocoder(""), clock, delivery)


def reminders(home: House) -> list[str]:
    return [mail.to for mail in written(home) if mail.kind == Kind.REMINDER]


@pytest.mark.usefixtures("addresses")
def test_the_day_before_each_is_reminded_once(
    worker: Background, home: House, town: Town, clock: Clock, tmp_path: Path
) -> None:
    worker.work()
    assert reminders(home) == []  # the visit is in two days
    clock.forward(hours=17)  # six in the morning, in Paris
    worker.work()
    assert reminders(home) == []
    clock.forward(hours=3)
    worker.work()
    worker.work()
    assert sorted(reminders(home)) == ["amina@example.org", "bruno@example.org"]
    (mail, _other) = [each for each in written(home) if each.kind == Kind.REMINDER]
    assert mail.subject == "Demain, votre visite : Épicerie des Bourderies"
    assert "jeudi 26 novembre 2026" in mail.text
    files = [file.read_bytes() for file in (tmp_path / "courrier").iterdir()]
    assert len(files) == 2
    assert all(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in file for file in files)


@pytest.mark.usefixtures("addresses")
def test_who_wants_none_was_told_today_or_no_longer_goes_is_not_reminded(
    worker: Background, home: House, town: Town, clock: Clock
) -> None:
    home.db.write(lambda session: mails.refuse(session, town.amina, Kind.REMINDER, home.now()))
    clock.forward(hours=20)
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    home.db.write(lambda session: visits.add_member(session, town.visit, town.claire, home.rules, home.now()))
    worker.work()
    assert reminders(home) == []


@pytest.mark.usefixtures("addresses")
def test_a_visit_moved_to_another_day_is_reminded_again_and_a_cancelled_one_is_not(
    worker: Background, home: House, town: Town, clock: Clock
) -> None:
    clock.forward(hours=20)
    worker.work()

    def move(session: Session) -> None:
        visits.get(session, town.visit).planned_on = date(2026, 11, 28)

    home.db.write(move)
    clock.forward(days=2)
    worker.work()
    assert len(reminders(home)) == 4

    def cancel(session: Session) -> None:
        visit = visits.get(session, town.visit)
        visit.planned_on = date(2026, 11, 30)
        visits.cancel(session, visit, home.rules, home.now(), by=town.claire, note="")

    home.db.write(cancel)
    clock.forward(days=2)
    worker.work()
    assert len(reminders(home)) == 4


@pytest.mark.usefixtures("addresses")
def test_without_a_mail_server_nobody_is_reminded_by_mail(home: House, town: Town, clock: Clock) -> None:
    clock.forward(hours=20)
    home.background.work()
    assert reminders(home) == []


@pytest.mark.usefixtures("addresses")
def test_two_processes_remind_once(home: House, town: Town, clock: Clock) -> None:
    clock.forward(hours=20)
    for future in [home.db.submit(lambda session: notices.remind(session, clock(), URL)) for _ in range(3)]:
        future.result()
    assert len(reminders(home)) == 2


# --- from the coordination's own phone ---


def test_a_message_is_ready_to_be_sent_or_copied(coordination: TestClient, home: House, town: Town) -> None:
    def give_number(session: Session) -> None:
        people.get(session, town.amina).phone = "06 12 34 56 78"

    home.db.write(give_number)
    page = coordination.get(f"/visits/{town.visit}")
    message = (
        "Bonjour Amina, rappel de votre visite : Épicerie des Bourderies, 2 rue des Bourderies, 44100 Nantes"
    )
    assert message in page.text
    link = page.text.split('href="sms:')[1].split('"')[0]
    assert link.startswith("0612345678?body=")
    assert message in unquote(link)
    assert "Pas de numéro sur sa fiche" in words(page)  # Bruno's


def test_the_committee_sees_no_name_and_no_message(
    committee: TestClient, amina: Any, home: House, town: Town
) -> None:
    started = amina.start(town.visit, GRID)
    amina.send(started, amina.close(town.visit, [started]))
    page = committee.get(f"/visits/{town.visit}")
    if page.status_code == 200:
        assert "sms:" not in page.text
        assert "Remplacer" not in words(page)


def test_what_phones_show_is_dated(amina: Any, town: Town) -> None:
    """In the app a visit carries its day: nothing else is needed to be reminded."""
    (visit,) = amina.http.get("/api/field").json()["visits"]
    assert visit["planned_on"] == "2026-11-26"


def test_a_refused_plan_writes_to_nobody(
    app: Starlette, coordination: TestClient, home: House, town: Town
) -> None:
    post(
        coordination,
        f"/merchants/{town.shop}/visits",
        {**PLAN, "planned_on": "2026-11-26", "member": [town.amina]},
    )
    assert written(home) == []
    assert app
    assert RecordKind
