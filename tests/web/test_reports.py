"""Errors that the public reports: three taps, no account; who learns of them, and what is done."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select
from starlette.requests import Request
from starlette.testclient import TestClient

from backend import cli
from backend.domain.merchants import RecordKind
from backend.domain.reports import REPORT_NAMES, URGENT, ReportKind
from backend.storage import duplicates, merchants
from backend.storage.retention import forget_what_is_over
from backend.storage.tables import Mail, Report, Suggestion
from backend.web import reports as handlers
from backend.web.house import House
from backend.web.security import caller
from tests.publishing import active
from tests.town import NOON, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

SHEET = "/lieux/le-panier-d-ici-nantes"
SEND = f"{SHEET}/reports"
TEXT = "<b>Fermé</b> le mardi."


@pytest.fixture
def shop(home: House, town: Town, clock: Clock) -> str:
    return home.db.write(lambda session: active(session, "Le Panier d’Ici", clock(), label="La boutique"))


@pytest.fixture(autouse=True)
def slug(home: House, shop: str) -> None:
    def work(session: Session) -> None:
        merchants.places(session, shop)[0].slug = "le-panier-d-ici-nantes"

    home.db.write(work)


def kept(home: House, table: type[SQLModel] = Report) -> list[Any]:
    with home.db.read() as session:
        return list(session.exec(select(table)))


def mailed(home: House) -> list[tuple[str, str]]:
    return sorted((mail.to, mail.subject) for mail in kept(home, Mail) if mail.kind == "report")


def test_three_taps_and_the_coordination_has_it(
    client: TestClient, home: House, shop: str, coordination: TestClient
) -> None:
    assert f'href="{SHEET}/report"' in client.get(SHEET).text
    assert all(f'value="{kind}"' in client.get(f"{SHEET}/report").text for kind in ReportKind)
    answer = sent_twice(home, client, SEND, {"kind": "hours", "text": TEXT})
    assert "La coordination le lira" in words(client.get(answer.headers["location"]))
    board = words(coordination.get("/board"))
    assert "Signalé par le public, à traiter (1)" in board
    assert (
        "Le Panier d’Ici, La boutique Les horaires sont faux une personne du public, 24 novembre 2026"
        in board
    )
    page = coordination.get(f"/merchants/{shop}")
    assert TEXT in words(page).replace("&lt;", "<")
    assert "<b>Fermé" not in page.text
    assert mailed(home) == []


def test_without_a_word_it_is_enough(client: TestClient, home: House) -> None:
    for kind in ReportKind:
        assert post(client, SEND, {"kind": kind}).status_code == 303
    assert {report.kind for report in kept(home)} == set(ReportKind)


def test_what_is_sent_after_going_back_is_another_report(
    client: TestClient, home: House, clock: Clock
) -> None:
    assert client.get(f"{SHEET}/report").headers["cache-control"] == "no-store"
    key = "a" * 32
    for _ in range(2):
        for kind in ("hours", "refused"):
            assert post(client, SEND, {"kind": kind}, key).status_code == 303
    assert [report.kind for report in kept(home)] == ["hours", "refused"]
    assert mailed(home)


def test_nothing_is_kept_of_who_sent_it(client: TestClient, home: House) -> None:
    post(client, SEND, {"kind": "hours"})
    assert "testclient" not in repr(everything(home))
    assert "127.0.0.1" not in repr(everything(home))


def test_what_does_not_go_is_said(client: TestClient, home: House) -> None:
    refused(post(client, SEND, {"text": TEXT}), 422, "Touchez ce qui ne va pas.")
    again = post(client, SEND, {"kind": "hours", "text": "x" * 1001})
    refused(again, 422, "Un texte dépasse 1000 signes")
    assert 'value="hours" required checked' in again.text
    refused(client.post(SEND, data={"kind": "hours"}), 422, "Rouvrez la page")
    assert kept(home) == []


def test_a_robot_is_thanked_and_nothing_is_kept(client: TestClient, home: House) -> None:
    assert post(client, SEND, {"kind": "refused", "surname": "Bond"}).status_code == 303
    assert (kept(home), mailed(home)) == ([], [])


def test_who_sends_many_waits_and_a_double_tap_counts_no_more_than_it_should(
    client: TestClient, home: House
) -> None:
    for _ in range(10):
        assert post(client, SEND, {"kind": "hours"}).status_code == 303
    answer = post(client, SEND, {"kind": "hours", "text": TEXT})
    refused(answer, 429, "Attendez 60 minutes")
    assert 'href="tel:+33240000001"' in answer.text
    assert TEXT in words(answer)
    assert len(kept(home)) == 10
    assert post(client, SEND, {"kind": "refused"}).status_code == 303  # it never waits behind the others
    assert mailed(home)


def test_few_addresses_do_not_close_a_shops_form_to_all(
    client: TestClient, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "caller", lambda request: request.headers["x-from"])
    for address in ("a", "b"):
        client.headers["x-from"] = address
        while post(client, SEND, {"kind": "refused"}).status_code == 303:
            pass
    client.headers["x-from"] = "c"
    assert post(client, SEND, {"kind": "refused"}).status_code == 303


def test_the_proxies_of_the_setting_and_no_others_are_believed_about_who_calls(home: House) -> None:
    config = cli._answering(home.settings.model_copy(update={"trusted_proxies": "10.0.0.0/8, 192.0.2.7"}))
    config.load()
    believed: Any = config.loaded_app
    assert [host in believed.trusted_hosts for host in ("10.2.3.4", "192.0.2.7", "127.0.0.1")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_the_addresses_of_one_line_are_one_caller(one: str, other: str, same: bool) -> None:
    asked = [caller(Request({"type": "http", "headers": [], "client": (host, 1)})) for host in (one, other)]
    assert (asked[0] == asked[1]) is same


@pytest.mark.parametrize("left", [RecordKind.SUSPENDED, RecordKind.CLOSED_DOWN])
def test_nothing_is_reported_about_who_is_not_public(
    client: TestClient, home: House, shop: str, clock: Clock, town: Town, left: RecordKind
) -> None:
    home.db.write(lambda session: merchants.add_record(session, shop, left, {"note": ""}, clock(), by=None))
    with home.db.read() as session:
        unknown = merchants.places(session, town.shop)[0].slug
    for path, status in ((SHEET, 410), (f"/lieux/{unknown}", 404), ("/lieux/nowhere", 404)):
        assert client.get(f"{path}/report").status_code == status
        assert post(client, f"{path}/reports", {"kind": "hours"}).status_code == status
    assert kept(home) == []


# --- a refused payment ---


def test_a_refused_payment_reaches_the_coordination_and_moneko_at_once_and_once_a_day(
    client: TestClient, home: House, shop: str, clock: Clock, moneko: TestClient, coordination: TestClient
) -> None:
    answer = post(client, SEND, {"kind": "refused", "text": "Le terminal\nn’a pas voulu."})
    assert "la coordination et Moneko sont" not in words(client.get(SHEET))
    assert "La coordination et l’équipe Moneko sont prévenues." in words(
        client.get(answer.headers["location"])
    )
    to_both = [
        ("claire@example.org", "Paiement en Moneko refusé : Le Panier d’Ici"),
        ("malo@example.org", "Paiement en Moneko refusé : Le Panier d’Ici"),
    ]
    assert mailed(home) == to_both
    text = next(mail.text for mail in kept(home, Mail) if mail.kind == "report")
    assert "Le Panier d’Ici, La boutique, 3 rue du Panier, Nantes" in text
    assert "« Le terminal n’a pas voulu. »" in text
    assert f"http://testserver/merchants/{shop}#signalements" in text
    post(client, SEND, {"kind": "refused"})
    assert mailed(home) == to_both
    assert "Paiements refusés, à traiter (2)" in words(moneko.get("/onboarding"))
    assert "Urgent" in words(coordination.get("/board"))
    clock.forward(days=1)
    post(client, SEND, {"kind": "refused"})
    assert len(mailed(home)) == 4


def test_a_payment_refused_again_after_it_was_settled_or_at_another_stall_is_told_at_once(
    client: TestClient, home: House, shop: str, moneko: TestClient
) -> None:
    post(client, SEND, {"kind": "refused"})
    assert len(mailed(home)) == 2
    post(moneko, handling(home, shop), {"how": "Le terminal est changé."})
    post(client, SEND, {"kind": "refused"})
    assert len(mailed(home)) == 4

    def work(session: Session) -> str:
        shop_row = merchants.get(session, shop)
        return merchants.add_place(session, shop_row, label="Marché", city="Nantes", takes_moneko=True).slug

    stall = home.db.write(work)
    post(client, f"/lieux/{stall}/reports", {"kind": "refused"})
    assert len(mailed(home)) == 6


def test_a_report_sent_to_an_address_of_before_reaches_the_sales_point_that_it_leads_to(
    client: TestClient, home: House, shop: str, town: Town, clock: Clock
) -> None:
    double = home.db.write(lambda session: active(session, "Panier d’Ici", clock()))
    with home.db.read() as session:
        old = merchants.places(session, double)[0].slug
    home.db.write(lambda session: duplicates.merge(session, shop, double, clock(), by=town.claire))
    assert f'action="{SEND}"' in client.get(f"/lieux/{old}/report").text
    sent = post(client, f"/lieux/{old}/reports", {"kind": "hours", "text": TEXT})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{SHEET}/thanks")
    assert [(report.merchant_id, report.text) for report in kept(home)] == [(shop, TEXT)]
    assert client.get(f"/lieux/{old}/thanks").status_code == 200
    assert client.get(f"/lieux/{old}/x.png").status_code == 200


def test_the_urgent_come_first(client: TestClient, coordination: TestClient) -> None:
    for kind in ("hours", "refused"):
        post(client, SEND, {"kind": kind})
    board = words(coordination.get("/board"))
    assert board.index("refusé ici") < board.index("horaires sont faux")


def test_who_is_next_door_reads_nothing_of_it(client: TestClient, neighbour: TestClient, shop: str) -> None:
    post(client, SEND, {"kind": "refused", "text": TEXT})
    assert "Signalé" not in words(neighbour.get("/board"))
    assert neighbour.get(f"/merchants/{shop}").status_code == 404


# --- what is done ---


def handling(home: House, shop: str) -> str:
    return f"/merchants/{shop}/reports/{kept(home)[0].id}/handling"


def test_what_was_done_is_noted_with_who_did_it_and_it_leaves_the_board(
    client: TestClient, home: House, shop: str, coordination: TestClient, moneko: TestClient
) -> None:
    post(client, SEND, {"kind": "refused"})
    path = handling(home, shop)
    refused(post(coordination, path, {"how": " "}), 422, "Écrivez ce qui a été fait.")
    sent_twice(home, moneko, path, {"how": "Le terminal est changé."})
    assert "Traité par Malo, 24 novembre 2026" in words(coordination.get(f"/merchants/{shop}"))
    assert "Le terminal est changé." in words(coordination.get(f"/merchants/{shop}"))
    assert "Signalé par le public, à traiter" not in words(coordination.get("/board"))
    refused(post(coordination, path, {"how": "Rien."}), 409, "Du nouveau est arrivé")


def test_moneko_handles_refused_payments_alone(
    client: TestClient, home: House, shop: str, moneko: TestClient
) -> None:
    post(client, SEND, {"kind": "hours", "text": "Des mots."})
    assert "Des mots." not in words(moneko.get(f"/merchants/{shop}"))
    assert post(moneko, handling(home, shop), {"how": "Vu."}).status_code == 404
    assert kept(home)[0].handled_at is None


def test_a_report_of_another_merchant_does_not_exist(
    client: TestClient, home: House, town: Town, coordination: TestClient
) -> None:
    post(client, SEND, {"kind": "hours"})
    answer = post(coordination, handling(home, town.shop), {"how": "Vu."})
    assert answer.status_code == 404


# --- how long ---


def test_the_words_and_the_addresses_of_the_public_go_after_a_year(
    home: House, shop: str, client: TestClient
) -> None:
    post(client, SEND, {"kind": "hours", "text": TEXT})

    def add(session: Session) -> None:
        for name, at in (("old", NOON - timedelta(days=366)), ("new", NOON)):
            session.add(
                Suggestion(
                    id=name, merchant_id=shop, name="Chez Lou", words=TEXT, email="lou@example.org", at=at
                )
            )
        session.exec(select(Report)).one().at = NOON - timedelta(days=366)

    home.db.write(add)
    home.db.write(lambda session: forget_what_is_over(session, NOON))
    assert [report.text for report in kept(home)] == [""]
    assert {each.id: (each.words, each.email) for each in kept(home, Suggestion)} == {
        "old": ("", None),
        "new": (TEXT, "lou@example.org"),
    }


def test_every_kind_has_its_words() -> None:
    assert set(REPORT_NAMES) == set(ReportKind)
    assert {ReportKind.REFUSED} == URGENT
