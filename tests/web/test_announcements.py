"""The page of what Moneko's software is told, and the one that says how to receive it."""

import html
import re
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.delivery import Announcing
from backend.domain.announcements import key_of
from backend.domain.merchants import RecordKind
from backend.storage import merchants
from backend.web.house import House
from backend.webhook import Webhook
from tests.receivers import receiver
from tests.town import Clock, Town
from tests.web.forms import post, sent_twice, words

SECRET = "whsec_" + b64encode(b"k" * 32).decode()


@pytest.fixture
def told(home: House, town: Town) -> str:
    """The shop, accredited, told so, and with an account."""

    def write(session: Session) -> None:
        for kind, body in (
            (RecordKind.DECIDED, {"decision": "d", "outcome": "accredited"}),
            (RecordKind.TOLD, {"note": ""}),
            (RecordKind.ONBOARDING_STEP, {"step": "account", "done": True, "note": ""}),
        ):
            merchants.add_record(session, town.shop, kind, body, home.now(), by=town.malo)

    home.db.write(write)
    return town.shop


def work(home: House, url: str) -> None:
    announcing = Announcing(home.db, Webhook(url, key_of(SECRET), timeout=2), home.now)
    while announcing.work(lambda: False):
        pass


def test_it_says_what_waits_and_that_nothing_goes_without_an_address(told: str, moneko: TestClient) -> None:
    page = words(moneko.get("/announcements"))
    assert "En attente 3" in page
    assert "Épicerie des Bourderies" in page
    assert "pas chez Moneko → chez Moneko" in page
    assert "Situation publique : pas publique → bientôt" in page
    assert "sans situation, étapes faites : 1 sur 6" in page
    assert "Aucune annonce ne part." in page


def test_it_says_what_was_received_and_what_was_not_and_why(
    told: str, home: House, moneko: TestClient, clock: Clock
) -> None:
    with receiver() as software:
        software.does = 500
        work(home, software.url)
        page = words(moneko.get("/announcements"))
        assert "Le logiciel de Moneko n’a pas accepté l’annonce. Il répond :" in page
        assert "500" in page
        software.does = 200
        answer = post(moneko, "/announcements/tries", {})
        assert answer.headers["location"] == "/announcements?state=waiting"
        work(home, software.url)
    assert "Rien n’attend." in words(moneko.get("/announcements?state=waiting"))
    assert "Reçue le" in words(moneko.get("/announcements"))


def test_the_button_pressed_twice_is_pressed_once(told: str, home: House, moneko: TestClient) -> None:
    sent_twice(home, moneko, "/announcements/tries", {})


def test_it_is_for_moneko_and_the_administration(
    told: str,
    moneko: TestClient,
    admin: TestClient,
    coordination: TestClient,
    committee: TestClient,
    client: TestClient,
) -> None:
    for path in ("/announcements", "/announcements/format"):
        assert [who.get(path).status_code for who in (moneko, admin, coordination, committee)] == [
            *(200, 200, 403, 403)
        ]
        assert client.get(path).headers["location"].startswith("/sign-in")
    assert post(coordination, "/announcements/tries", {}).status_code == 403


def test_senseless_addresses_show_the_first_page(told: str, moneko: TestClient) -> None:
    for query in ("state=x", "page=0", "page=99999", "state=sent&page=2"):
        assert moneko.get(f"/announcements?{query}").status_code == 200


def test_an_empty_list_says_what_will_be_there(moneko: TestClient) -> None:
    assert "La première part quand un commerce conventionné est informé." in words(
        moneko.get("/announcements")
    )


def test_the_lines_to_copy_verify_what_is_really_sent(
    told: str, home: House, moneko: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = moneko.get("/announcements/format").text
    found = re.search(r'<code id="verification">(.*?)</code>', page, re.S)
    assert found is not None
    copied: dict[str, Any] = {}
    exec(html.unescape(found[1]), copied)
    verify = copied["verify"]
    now = datetime.now(UTC)
    with receiver() as software:
        announcing = Announcing(home.db, Webhook(software.url, key_of(SECRET), timeout=2), lambda: now)
        assert announcing.work(lambda: False)
    (sent,) = software.received
    assert verify(SECRET, sent.headers, sent.body)
    assert not verify(SECRET, sent.headers, sent.body + b" ")
    assert not verify("whsec_" + b64encode(b"x" * 32).decode(), sent.headers, sent.body)
    assert not verify(SECRET, {**sent.headers, "webhook-id": "another"}, sent.body)
    old = str(int(now.timestamp()) - 301)
    assert not verify(SECRET, {**sent.headers, "webhook-timestamp": old}, sent.body)
    both = "v1,AAAA " + sent.headers["webhook-signature"]
    assert verify(SECRET, {**sent.headers, "webhook-signature": both}, sent.body)
