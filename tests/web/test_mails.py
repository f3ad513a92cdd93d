"""The e-mails as the coordination follows them, and the page where one stops receiving some."""

import secrets
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.mails import Trouble
from backend.storage import mails
from backend.storage.mails import Kind
from backend.storage.tables import Mail
from backend.web.house import House
from backend.web.mails import KIND_NAMES, STATE_NAMES, STOPPED
from tests.town import Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words


def queued(home: House, subject: str = "Votre visite", kind: Kind = Kind.INVITATION, **of: Any) -> str:
    def write(session: Session) -> str:
        return mails.queue(session, "amina@example.org", subject, "Bonjour.", kind, home.now(), **of).id

    return home.db.write(write)


def fail(
    home: House, mail_id: str, trouble: Trouble = Trouble.REFUSED, said: str = "550 <b>inconnu</b>"
) -> None:
    def write(session: Session) -> None:
        mails.take(session, mail_id, home.now())
        mails.failed(session, mail_id, trouble, said, home.now(), final=True, unsure=False)

    home.db.write(write)


def test_every_state_and_kind_has_its_words() -> None:
    assert set(STATE_NAMES) == set(mails.State)
    assert set(KIND_NAMES) == set(Kind)
    assert set(STOPPED) == mails.REFUSABLE


def test_before_the_first_mail_the_page_says_what_will_be_here(coordination: TestClient) -> None:
    page = words(coordination.get("/mails"))
    assert "Aucun e-mail encore." in page
    assert "Aucun e-mail ne part." in page  # this fund has no mail server
    assert "Tout est parti." in words(coordination.get("/mails?state=failed"))
    assert "Rien n’attend." in words(coordination.get("/mails?state=waiting"))


def test_what_waits_and_what_failed_are_told_with_the_reason_and_the_servers_words(
    coordination: TestClient, home: House, town: Town
) -> None:
    queued(home, "Celui qui attend", merchant_id=town.shop)
    assert "Celui qui attend" in words(coordination.get("/mails"))
    fail(home, queued(home, "Celui qui a échoué", person_id=town.amina))
    page = coordination.get("/mails")
    assert "Celui qui a échoué" in words(page)
    assert "Le serveur d’e-mail refuse cet e-mail." in words(page)
    assert "550 &lt;b&gt;inconnu&lt;/b&gt;" in page.text
    assert "Abandonné après 1 essai." in words(page)


def test_another_try_is_asked_for_once(coordination: TestClient, home: House, town: Town) -> None:
    mail_id = queued(home, person_id=town.amina)
    fail(home, mail_id)
    answer = sent_twice(home, coordination, f"/mails/{mail_id}/tries", {})
    assert answer.headers["location"] == "/mails?state=waiting"
    with home.db.read() as session:
        assert session.get_one(Mail, mail_id).next_try_at is not None


def test_a_mail_that_went_meanwhile_is_not_sent_again(
    coordination: TestClient, home: House, town: Town
) -> None:
    mail_id = queued(home, person_id=town.amina)
    home.db.write(lambda session: mails.sent(session, mail_id, home.now()))
    before = everything(home)
    refused(post(coordination, f"/mails/{mail_id}/tries", {}), 409, "parti entre-temps")
    assert everything(home) == before


def test_a_territory_reads_its_own_mails_and_no_others(
    coordination: TestClient, neighbour: TestClient, admin: TestClient, home: House, town: Town
) -> None:
    mine = queued(home, "Pour l’épicerie", merchant_id=town.shop)
    queued(home, "Pour Amina", person_id=town.amina)
    queued(home, "Pour Claire elle-même", Kind.WEEK, person_id=town.claire)
    queued(home, "Pour Gaël", person_id=town.gael)
    queued(home, "Pour la ferme", merchant_id=town.farm, person_id=town.amina)
    ours, theirs = words(coordination.get("/mails")), words(neighbour.get("/mails"))
    for subject, here in (
        ("Pour l’épicerie", True),
        ("Pour Amina", True),
        ("Pour Claire elle-même", True),
        ("Pour Gaël", False),
        ("Pour la ferme", False),
    ):
        if subject != "Pour Claire elle-même":
            assert (subject in theirs) is not here, subject
        assert subject in words(admin.get("/mails"))
    assert "Pour Claire elle-même" in ours
    assert "Pour Gaël" not in ours
    assert post(neighbour, f"/mails/{mine}/tries", {}).status_code == 404


def test_other_roles_do_not_read_mails(
    committee: TestClient, moneko: TestClient, client: TestClient, home: House, town: Town
) -> None:
    mail_id = queued(home, person_id=town.amina)
    for browser, status in ((committee, 403), (moneko, 403), (client, 401)):
        assert browser.get("/mails", headers={"Accept": "application/json"}).status_code == status
        assert post(browser, f"/mails/{mail_id}/tries", {}).status_code == status


def test_many_mails_are_told_page_by_page(coordination: TestClient, home: House, town: Town) -> None:
    for rank in range(51):
        queued(home, f"Visite n° {rank}", person_id=town.amina)
    first, second = coordination.get("/mails"), coordination.get("/mails?state=waiting&page=2")
    assert "Visite n° 0 " not in words(first)
    assert "Visite n° 0 " in words(second)
    assert "Plus anciens" in words(first)
    assert "Plus récents" in words(second)
    assert coordination.get("/mails?state=autre&page=-1").status_code == 200


# --- no longer wanted ---


@pytest.fixture
def link(home: House, town: Town) -> str:
    with home.db.read() as session:
        return f"/unsubscribe/{mails.unsubscribe_token(session, town.amina, Kind.REMINDER)}"


def is_refused(home: House, town: Town) -> bool:
    with home.db.read() as session:
        return mails.is_refused(session, town.amina, Kind.REMINDER)


def test_looking_at_the_link_stops_nothing_and_the_button_does(
    client: TestClient, home: House, town: Town, link: str
) -> None:
    assert "Vous recevez les rappels de la veille d’une visite." in words(client.get(link))
    assert not is_refused(home, town)
    assert client.post(link).headers["location"] == link
    assert is_refused(home, town)
    page = words(client.get(link))
    assert "C’est fait." in page
    assert "Amina" not in page  # whoever holds the link learns no name


def test_a_mail_program_may_stop_them_with_one_click_and_twice_is_once(
    app: Any, home: House, town: Town, link: str
) -> None:
    program = TestClient(app, follow_redirects=False)
    for _ in range(2):
        assert program.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 303
    assert len(everything(home)["mail_refusal"]) == 1


def test_after_all_they_come_again(client: TestClient, home: House, town: Town, link: str) -> None:
    client.post(link)
    client.post(link.replace("/unsubscribe/", "/subscriptions/"))
    assert not is_refused(home, town)
    client.post(link)
    assert is_refused(home, town)
    assert len(everything(home)["mail_refusal"]) == 2  # each time is a dated record


def test_a_link_that_we_did_not_make_stops_nothing(
    client: TestClient, home: House, town: Town, link: str
) -> None:
    kind, person_id, signature = link.removeprefix("/unsubscribe/").split(".")
    before = everything(home)
    for forged in (
        f"{kind}.{town.bruno}.{signature}",
        f"week.{person_id}.{signature}",
        f"invitation.{person_id}.{signature}",
        f"{kind}.{person_id}.{secrets.token_hex(16)}",
        f"{kind}.{person_id}",
        "é",
    ):
        assert client.get(f"/unsubscribe/{forged}").status_code == 404
        assert client.post(f"/unsubscribe/{forged}").status_code == 404
        assert client.post(f"/subscriptions/{forged}").status_code == 404
    assert everything(home) == before


def test_an_address_of_the_page_holds_no_secret_of_the_clock(clock: Clock, home: House, town: Town) -> None:
    """The same link serves whichever mail it stands in."""
    with home.db.read() as session:
        first = mails.unsubscribe_token(session, town.amina, Kind.REMINDER)
        clock.forward(days=30)
        assert mails.unsubscribe_token(session, town.amina, Kind.REMINDER) == first
