"""What Moneko's software is told, with a real HTTP server: received, refused, late; in order, and never lost."""

import json
import ssl
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlmodel import Session, select

from backend.delivery import Announcing
from backend.domain.announcements import Trouble, key_of
from backend.domain.merchants import RecordKind
from backend.storage import announcements, duplicates, merchants
from backend.storage.engine import Database
from backend.storage.tables import Announcement, MonekoPartner
from backend.webhook import Unreceived, Webhook
from tests.mailservers import certificate
from tests.receivers import Receiver, receiver
from tests.servers import free_port
from tests.town import NOON, Clock, Town, settle

SECRET = "whsec_" + b64encode(b"k" * 32).decode()
KEY = key_of(SECRET)
QUICK = 0.4  # seconds


@pytest.fixture
def town(database: Database) -> Town:
    return database.write(lambda session: settle(session, NOON))


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def announcing(database: Database, told: Receiver, clock: Clock) -> Announcing:
    return Announcing(database, Webhook(told.url, KEY, timeout=QUICK), clock)


def never() -> bool:
    return False


def work(announcing: Announcing) -> None:
    """Until there is nothing left to do now."""
    while announcing.work(never):
        pass


def record(database: Database, merchant_id: str, clock: Clock, kind: RecordKind, **body: Any) -> None:
    database.write(lambda session: merchants.add_record(session, merchant_id, kind, body, clock(), by=None))


def accredit(database: Database, merchant_id: str, clock: Clock) -> None:
    record(database, merchant_id, clock, RecordKind.DECIDED, decision="d", outcome="accredited")
    record(database, merchant_id, clock, RecordKind.TOLD, note="")


def rows(database: Database) -> list[Announcement]:
    with database.read() as session:
        return list(session.exec(select(Announcement).order_by(Announcement.id)))


def bodies(told: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in told.received]


# --- what is told ---


def test_each_change_is_told_in_order_and_nothing_before_the_merchant_knows(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing
) -> None:
    record(database, town.shop, clock, RecordKind.CONTACTED, note="secret")
    record(database, town.shop, clock, RecordKind.DECIDED, decision="d", outcome="accredited")
    assert rows(database) == []
    record(database, town.shop, clock, RecordKind.TOLD, note="secret")
    record(database, town.shop, clock, RecordKind.ONBOARDING_STEP, step="account", done=True, note="secret")
    record(database, town.shop, clock, RecordKind.MONEKO_STATUS, status="active", note="secret")
    record(database, town.shop, clock, RecordKind.NOTE, note="secret")
    record(database, town.shop, clock, RecordKind.SUSPENDED, note="secret")
    record(database, town.shop, clock, RecordKind.WITHDRAWN, note="secret")
    work(announcing)
    seen = [(each["type"], each["before"], each["after"]) for each in bodies(told)]
    nothing = {"status": None, "steps": [], "stopped": None}
    begun = {**nothing, "steps": ["account"]}
    active = {**begun, "status": "active"}
    assert seen == [
        ("merchant.handover", False, True),
        ("merchant.standing", "none", "soon"),
        ("merchant.onboarding", nothing, begun),
        ("merchant.onboarding", begun, active),
        ("merchant.standing", "soon", "active"),
        ("merchant.onboarding", active, {**active, "stopped": "suspended"}),
        ("merchant.standing", "active", "suspended"),
        ("merchant.handover", True, False),
        ("merchant.standing", "suspended", "ended"),
    ]
    first = bodies(told)[0]
    assert first["merchant"] == {"external_id": f"cca44_merchant_{town.shop}", "id": town.shop}
    assert first["territory"] == "nantes-ouest"
    assert first["id"] == told.received[0].headers["webhook-id"]
    everything = b"".join(each.body for each in told.received)
    assert b"secret" not in everything
    assert b"Bourderies" not in everything


def test_a_refusal_is_nothing_for_moneko(database: Database, town: Town, clock: Clock) -> None:
    record(database, town.shop, clock, RecordKind.DECIDED, decision="d", outcome="declined")
    record(database, town.shop, clock, RecordKind.TOLD, note="")
    record(database, town.shop, clock, RecordKind.NOT_INTERESTED, note="")
    assert rows(database) == []


def test_what_does_not_happen_is_not_told(database: Database, town: Town, clock: Clock) -> None:
    accredit(database, town.shop, clock)
    before = len(rows(database))

    def broken(session: Session) -> None:
        body = {"status": "active", "note": ""}
        merchants.add_record(session, town.shop, RecordKind.MONEKO_STATUS, body, clock(), by=None)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        database.write(broken)
    assert len(rows(database)) == before


def test_moneko_s_own_id_once_it_is_known(database: Database, town: Town, clock: Clock) -> None:
    partner = MonekoPartner(merchant_id=town.shop, external_id="res_partner_7", at=NOON)
    database.write(lambda session: session.add(partner))
    accredit(database, town.shop, clock)
    assert {json.loads(each.body)["merchant"]["external_id"] for each in rows(database)} == {"res_partner_7"}


def test_two_files_made_one_tell_what_the_one_has_become(
    database: Database, town: Town, clock: Clock
) -> None:
    def twin(session: Session) -> str:
        kind = merchants.get(session, town.shop).kind
        made = merchants.add(
            session,
            "nantes-ouest",
            "Le même",
            kind,
            clock(),
            by=None,
            source="hand",  # type: ignore[arg-type]
        )
        return made.id

    other = database.write(twin)
    accredit(database, other, clock)
    already = {each.id for each in rows(database)}
    database.write(lambda session: duplicates.merge(session, town.shop, other, clock(), by=town.claire))
    after = rows(database)
    assert {each.merchant_id for each in after} == {town.shop}
    fresh = [json.loads(each.body) for each in after if each.id not in already]
    assert [(each["type"], each["after"]) for each in fresh] == [
        ("merchant.handover", True),
        ("merchant.standing", "soon"),
    ]


# --- received, or not ---


@pytest.mark.parametrize(
    ("does", "trouble", "said"),
    [
        (500, Trouble.REFUSED, "500"),
        (404, Trouble.REFUSED, "404"),
        (301, Trouble.MOVED, "301"),
        (307, Trouble.MOVED, "307"),
        ("hang", Trouble.TIMEOUT, ""),
        ("trickle", Trouble.TIMEOUT, ""),
        ("close", Trouble.UNREACHABLE, ""),
    ],
)
def test_what_is_not_received_comes_again_under_the_same_id(
    database: Database,
    town: Town,
    clock: Clock,
    told: Receiver,
    announcing: Announcing,
    does: int | str,
    trouble: Trouble,
    said: str,
) -> None:
    accredit(database, town.shop, clock)
    told.does = does
    work(announcing)
    assert len(told.received) == 1  # a redirection is not followed, and the next one waits
    first = rows(database)[0]
    assert (first.trouble, first.tries, first.sent_at) == (trouble, 1, None)
    assert first.said.startswith(said)
    assert first.next_try_at is not None
    assert first.next_try_at > clock()
    work(announcing)
    assert len(told.received) == 1  # not before its time
    told.does = 200
    clock.forward(minutes=2)
    work(announcing)
    ids = [each.headers["webhook-id"] for each in told.received]
    assert ids == [first.id, first.id, rows(database)[1].id]
    assert told.received[0].body == told.received[1].body
    assert all(each.sent_at and not each.trouble for each in rows(database))


@pytest.mark.parametrize("does", [200, 204, "half"])
def test_a_2xx_is_received_whatever_comes_after_it(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing, does: int | str
) -> None:
    accredit(database, town.shop, clock)
    told.does = does
    work(announcing)
    assert [bool(each.sent_at) for each in rows(database)] == [True, True]


def test_nobody_listening(database: Database, town: Town, clock: Clock) -> None:
    accredit(database, town.shop, clock)
    work(Announcing(database, Webhook(f"http://127.0.0.1:{free_port()}/", KEY, timeout=QUICK), clock))
    assert [each.trouble for each in rows(database)] == [Trouble.UNREACHABLE, ""]


def test_410_stops_all_until_somebody_asks_again(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing
) -> None:
    accredit(database, town.shop, clock)
    told.does = 410
    work(announcing)
    accredit(database, town.farm, clock)
    told.does = 200
    clock.forward(days=30)
    work(announcing)
    assert len(told.received) == 1
    assert rows(database)[0].trouble == Trouble.GONE
    database.write(lambda session: announcements.try_again(session, clock()))
    work(announcing)
    assert len(told.received) == 5
    assert all(each.sent_at for each in rows(database))


def test_a_merchant_in_trouble_does_not_keep_the_others_waiting(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing
) -> None:
    accredit(database, town.shop, clock)
    told.does = 500
    work(announcing)
    told.does = 200
    accredit(database, town.farm, clock)
    work(announcing)
    assert {each["merchant"]["id"] for each in bodies(told)[1:]} == {town.farm}
    record(database, town.shop, clock, RecordKind.MONEKO_STATUS, status="active", note="")
    work(announcing)
    assert len(told.received) == 3  # what came later of the shop waits behind its first
    clock.forward(minutes=2)
    work(announcing)
    mine = [each["type"] for each in bodies(told)[3:]]
    assert mine == ["merchant.handover", "merchant.standing", "merchant.onboarding", "merchant.standing"]


def test_tries_come_later_and_later_and_never_end(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing
) -> None:
    accredit(database, town.shop, clock)
    told.does = 503
    waits = []
    for _ in range(12):
        work(announcing)
        then = rows(database)[0].next_try_at
        assert then is not None
        now = clock()
        waits.append(then - now)
        clock.forward(seconds=(then - now).total_seconds() + 1)
    assert timedelta(seconds=40) < waits[0] < timedelta(seconds=80)
    assert timedelta(hours=4) < waits[-1] < timedelta(hours=8)
    assert waits[0] < waits[2] < waits[4]


# --- never lost ---


class Dies(Webhook):
    """The process dies when the answer has come, before anybody wrote it down."""

    def post(self, body: str, headers: Any) -> None:
        super().post(body, headers)
        raise SystemExit


def test_a_process_that_dies_after_the_answer_tells_it_again_under_the_same_id(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing
) -> None:
    accredit(database, town.shop, clock)
    with pytest.raises(SystemExit):
        Announcing(database, Dies(told.url, KEY), clock).work(never)
    work(announcing)
    assert len(told.received) == 1  # it may still be alive
    clock.forward(minutes=11)
    work(announcing)
    first, again, _next = (each.headers["webhook-id"] for each in told.received)
    assert first == again
    assert all(each.sent_at for each in rows(database))


def test_two_processes_tell_each_thing_once(
    database: Database, town: Town, clock: Clock, told: Receiver
) -> None:
    for merchant_id in (town.shop, town.farm):
        accredit(database, merchant_id, clock)
    two = [Announcing(database, Webhook(told.url, KEY), clock) for _ in range(2)]
    threads = [Thread(target=work, args=(each,)) for each in two]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(two[0])
    ids = [each.headers["webhook-id"] for each in told.received]
    assert sorted(ids) == sorted(each.id for each in rows(database))


def test_nothing_goes_without_an_address(database: Database, town: Town, clock: Clock) -> None:
    accredit(database, town.shop, clock)
    assert not Announcing(database, None, clock).work(never)
    assert [each.tries for each in rows(database)] == [0, 0]


# --- in secret ---


def test_a_certificate_that_nobody_vouches_for_is_sent_nothing(tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read())

        def log_message(self, *_words: object) -> None:
            """Nothing to say."""

    context, _made = certificate(tmp_path)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with pytest.raises(Unreceived) as refused:
            Webhook(f"https://127.0.0.1:{server.server_port}/", KEY, timeout=5).post("{}", {})
    finally:
        server.shutdown()
        server.server_close()
    assert refused.value.trouble is Trouble.INSECURE
    assert isinstance(refused.value.__cause__, ssl.SSLError)
    assert seen == []


def test_no_log_holds_the_secret_or_the_address(
    database: Database, town: Town, clock: Clock, told: Receiver, announcing: Announcing, capsys: Any
) -> None:
    accredit(database, town.shop, clock)
    told.does = 500
    work(announcing)
    said = "".join(capsys.readouterr())
    assert "announcement" in said
    assert told.url not in said
    assert SECRET not in said
    assert "Bourderies" not in said
