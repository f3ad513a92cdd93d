"""Following up: what falls due appears by itself, is noted once, and is written each Monday morning."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend import weekly
from backend.background import Background
from backend.delivery import Delivery
from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Kind, RecordKind
from backend.geocoding import Geocoder
from backend.mail import mailer
from backend.photos import Photos
from backend.storage import decisions, merchants
from backend.storage.decisions import Commitment, Deciding
from backend.storage.tables import Mail
from backend.web.house import House
from tests.merchant_side import decided, made_link, opened
from tests.town import NANTES, NOON, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

DAY = NOON.date()


def accredit(
    home: House,
    merchant_id: str,
    by: str,
    *promised: tuple[str, date | None],
    outcome: DecisionOutcome = DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
    valid_until: date | None = date(2027, 11, 20),
    **more: Any,
) -> list[str]:
    """Decide on a merchant; gives the ids of its commitments."""

    def write(session: Session) -> list[str]:
        made = decisions.record(
            session,
            merchant_id,
            Deciding(
                outcome,
                date(2026, 11, 20),
                "Le comité y tient.",
                valid_until=valid_until,
                commitments=[Commitment("entrer", text, due) for text, due in promised],
                **more,
            ),
            home.rules,
            home.drafts,
            home.now(),
            by=by,
        )
        return [each.id for each in decisions.commitments_of(session, made.id)]

    return home.db.write(write)


def note(town: Town, commitment: str, **form: str) -> tuple[str, dict[str, str]]:
    path = f"/merchants/{town.shop}/commitments/{commitment}/followings"
    return path, {"state": "kept", "after": "", "commitment": commitment, **form}


def page_of(browser: TestClient) -> str:
    return words(browser.get("/follow-up"))


def test_with_nothing_due_the_page_says_what_will_come(coordination: TestClient, town: Town) -> None:
    assert "Rien à suivre pour le moment." in page_of(coordination)


def test_a_commitment_appears_a_month_before_its_day_and_says_when_it_is_late(
    coordination: TestClient, home: House, town: Town, clock: Clock, signed_in: Any
) -> None:
    accredit(home, town.shop, town.claire, ("Une rampe mobile", date(2027, 1, 10)))
    assert "Une rampe mobile" not in page_of(coordination)
    clock.forward(days=17)
    assert "Engagements à vérifier 1" in page_of(coordination)
    assert "le 10 janvier 2027" in page_of(coordination)
    clock.forward(days=31)
    assert "depuis le 10 janvier 2027" in page_of(signed_in(town.claire))


def test_it_is_noted_kept_once(coordination: TestClient, home: House, town: Town) -> None:
    (ramp,) = accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    assert "aujourd’hui" in page_of(coordination)
    sent_twice(home, coordination, *note(town, ramp))
    assert "Une rampe mobile" not in page_of(coordination)


def test_not_kept_it_stays_to_be_talked_about_and_extended_it_comes_later(
    coordination: TestClient, home: House, town: Town, clock: Clock, signed_in: Any
) -> None:
    ramp, bags = accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY), ("Plus de sachets", DAY))
    post(coordination, *note(town, ramp, state="not_kept", note="Le trottoir est trop haut."))
    sent_twice(
        home, coordination, *note(town, bags, state="extended", due="2027-03-01", note="Il reste du stock.")
    )
    page = page_of(coordination)
    assert "Engagements pas tenus 1" in page
    assert "Le trottoir est trop haut." in page
    assert "Plus de sachets" not in page
    clock.forward(days=70)
    assert "le 1er mars 2027" in page_of(signed_in(town.claire))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"state": ""}, "Choisissez ce que cet engagement est devenu."),
        ({"state": "forgotten"}, "Choisissez ce que cet engagement est devenu."),
        ({"state": "not_kept"}, "Écrivez en une phrase"),
        ({"state": "extended", "note": "Travaux"}, "Choisissez un jour à venir"),
        ({"state": "extended", "note": "Travaux", "due": "2026-11-24"}, "Choisissez un jour à venir"),
        ({"state": "extended", "note": "Travaux", "due": "bientôt"}, "n’est pas une date"),
    ],
)
def test_what_cannot_be_noted_is_refused_and_loses_nothing(
    coordination: TestClient, home: House, town: Town, form: dict[str, str], sentence: str
) -> None:
    (ramp,) = accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    before = everything(home)
    answer = post(coordination, *note(town, ramp, **form))
    refused(answer, 422, sentence)
    assert form.get("note", "") in answer.text
    assert everything(home) == before


def test_a_second_tab_is_told_that_somebody_noted_it_already(
    coordination: TestClient, home: House, town: Town
) -> None:
    (ramp,) = accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    assert post(coordination, *note(town, ramp)).status_code == 303
    before = everything(home)
    answer = post(coordination, *note(town, ramp, state="not_kept", note="Rien vu."))
    refused(answer, 409, "Du nouveau est arrivé")
    assert everything(home) == before


def test_a_later_decision_replaces_what_was_promised_before(
    coordination: TestClient, home: House, town: Town, clock: Clock
) -> None:
    accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    clock.forward(hours=1)
    accredit(home, town.shop, town.claire, outcome=DecisionOutcome.DEFERRED, valid_until=None)
    assert "Une rampe mobile" in page_of(coordination)  # put off: what was promised still holds
    clock.forward(hours=1)
    accredit(home, town.shop, town.claire, ("Des prix lisibles", DAY))
    page = page_of(coordination)
    assert "Une rampe mobile" not in page
    assert "Des prix lisibles" in page


def test_ends_and_returns_appear_by_themselves(coordination: TestClient, home: House, town: Town) -> None:
    def write(session: Session) -> str:
        return merchants.add(
            session, NANTES, "Le Fournil", Kind.BAKERY, home.now(), by=None, source="hand"
        ).id

    bakery = home.db.write(write)
    accredit(home, town.shop, town.claire, outcome=DecisionOutcome.ACCREDITED, valid_until=date(2027, 1, 23))
    accredit(
        home,
        bakery,
        town.claire,
        outcome=DecisionOutcome.DEFERRED,
        valid_until=None,
        returns_on=date(2026, 12, 24),
    )
    page = page_of(coordination)
    assert "À renouveler 1" in page
    assert "À revoir 1" in page
    assert "le 24 décembre 2026" in page


# --- who ---


def test_each_territory_follows_its_own(
    coordination: TestClient,
    committee: TestClient,
    neighbour: TestClient,
    moneko: TestClient,
    home: House,
    town: Town,
) -> None:
    (ramp,) = accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    assert "Une rampe mobile" in page_of(committee)
    assert '<form method="post" action="/merchants' not in committee.get("/follow-up").text
    assert "Une rampe mobile" not in page_of(neighbour)
    assert moneko.get("/follow-up").status_code == 403
    before = everything(home)
    path, form = note(town, ramp)
    assert post(committee, path, form).status_code == 403
    assert post(moneko, path, form).status_code == 403
    assert post(neighbour, path, form).status_code == 404
    other = f"/merchants/{town.farm}/commitments/{ramp}/followings"
    assert post(coordination, other, form).status_code == 404
    assert post(neighbour, other, form).status_code == 404  # hers, but this was promised by another merchant
    assert post(coordination, f"/merchants/{town.shop}/commitments/0/followings", form).status_code == 404
    assert everything(home) == before


def test_a_hostile_commitment_stays_a_text(coordination: TestClient, home: House, town: Town) -> None:
    accredit(home, town.shop, town.claire, ("<script>alert(1)</script>" + "é" * 900, DAY))
    assert "<script>alert" not in coordination.get("/follow-up").text


# --- suspending ---


def test_suspending_and_lifting_say_why_and_change_what_the_public_sees(
    coordination: TestClient, home: House, town: Town
) -> None:
    def active(session: Session) -> None:
        for kind, body in ((RecordKind.TOLD, {"note": ""}), (RecordKind.MONEKO_STATUS, {"status": "active"})):
            merchants.add_record(session, town.shop, kind, body, home.now(), by=None)

    accredit(home, town.shop, town.claire, ("Une rampe mobile", DAY))
    home.db.write(active)
    path = f"/merchants/{town.shop}/records"

    def standing() -> str:
        with home.db.read() as session:
            return merchants.get(session, town.shop).standing

    assert standing() == "active"
    before = everything(home)
    refused(post(coordination, path, {"kind": "suspended", "note": ""}), 422, "Écrivez pourquoi")
    assert everything(home) == before
    sent_twice(home, coordination, path, {"kind": "suspended", "note": "Engagement pas tenu."})
    assert standing() == "suspended"
    refused(post(coordination, path, {"kind": "resumed", "note": " "}), 422, "Écrivez pourquoi")
    sent_twice(home, coordination, path, {"kind": "resumed", "note": "La rampe est là."})
    assert standing() == "active"
    refused(post(coordination, path, {"kind": "withdrawn", "note": ""}), 422, "Écrivez pourquoi")
    post(coordination, path, {"kind": "withdrawn", "note": "Le commerce change de main."})
    assert standing() == "ended"
    assert "Une rampe mobile" not in page_of(coordination)


# --- the letter of the week ---


def writing(home: House, clock: Clock, folder: Path) -> Background:
    """A background that sends mails into a folder."""
    delivery = Delivery(
        home.db, mailer("file", folder, "", "", "http://testserver"), "http://testserver", clock
    )
    return Background(home.db, Photos(folder, "", 1), Geocoder(""), clock, delivery)


@pytest.fixture
def worker(home: House, clock: Clock, tmp_path: Path) -> Background:
    return writing(home, clock, tmp_path)


def letters(home: House) -> list[Mail]:
    with home.db.read() as session:
        return list(session.exec(select(Mail).where(Mail.kind == "week")))


MONDAY = datetime(2026, 11, 30, 5, 59, tzinfo=UTC)  # 6:59 in Paris


def test_it_is_written_each_monday_morning_once_to_the_coordination(
    worker: Background, home: House, town: Town, clock: Clock
) -> None:
    accredit(home, town.shop, town.claire, ("Une rampe\nmobile", DAY))
    worker.work()
    assert letters(home) == []  # it is Tuesday
    clock.forward(seconds=(MONDAY - clock()).total_seconds())
    worker.work()
    assert letters(home) == []  # too early
    clock.forward(minutes=2)
    worker.work()
    worker.work()
    (mail,) = letters(home)
    assert (mail.to, mail.person_id) == ("claire@example.org", town.claire)
    assert mail.subject == "La semaine du 30 novembre 2026, Nantes Ouest : 1 à suivre"
    assert "- Épicerie des Bourderies : Une rampe mobile (depuis le 24 novembre 2026)" in mail.text
    assert "http://testserver/follow-up" in mail.text
    clock.forward(days=7)
    worker.work()
    assert len(letters(home)) == 2


def test_it_names_those_who_ask_for_another_look(
    app: Starlette, coordination: TestClient, worker: Background, home: House, town: Town, clock: Clock
) -> None:
    decision = decided(home, town)
    form = {"decision": decision, "how": "phone", "told_on": "2026-11-24"}
    post(coordination, f"/merchants/{town.shop}/told", form)
    shop = opened(app, made_link(coordination, home, town.shop))
    post(shop, f"/commerce/decisions/{decision}/recours", {"appeal": "Revenez."})
    clock.forward(seconds=(MONDAY - clock()).total_seconds() + 600)
    worker.work()
    (mail,) = letters(home)
    assert mail.subject.endswith("1 à suivre")
    assert "à dire au comité\n- Épicerie des Bourderies (depuis le 24 novembre 2026)" in mail.text
    assert "Revenez" not in mail.text


def test_with_nothing_due_nobody_is_written_to(
    worker: Background, home: House, town: Town, clock: Clock
) -> None:
    clock.forward(seconds=(MONDAY - clock()).total_seconds() + 600)
    worker.work()
    assert letters(home) == []


def test_summer_time_changes_nothing_to_the_hour_in_paris() -> None:
    assert weekly.monday_of(datetime(2027, 7, 5, 4, 59, tzinfo=UTC)) is None
    assert weekly.monday_of(datetime(2027, 7, 5, 5, 0, tzinfo=UTC)) == date(2027, 7, 5)
    assert weekly.monday_of(datetime(2027, 1, 4, 5, 59, tzinfo=UTC)) is None
    assert weekly.monday_of(datetime(2027, 7, 6, 12, 0, tzinfo=UTC)) is None


def test_the_letter_of_a_territory_goes_to_its_own_coordination(
    worker: Background, home: House, town: Town, clock: Clock, neighbour: TestClient
) -> None:
    accredit(home, town.farm, town.claire, ("Un étal couvert", DAY))
    clock.forward(seconds=(MONDAY - clock()).total_seconds() + 600)
    worker.work()
    assert {(mail.to, "Pays de Retz" in mail.subject) for mail in letters(home)} == {
        ("rose@example.org", True)
    }
