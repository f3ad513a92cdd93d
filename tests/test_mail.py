"""E-mails, with a real SMTP server: taken, refused, late, in secret; and once, whoever tries."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from backend.delivery import Delivery
from backend.domain.mails import Trouble
from backend.mail import Folder, Letter, Mailer, Server, Undelivered, Writing, in_html, mailer
from backend.storage import mails
from backend.storage.engine import Database
from backend.storage.mails import Kind
from backend.storage.tables import Mail
from tests.mailservers import Mailbox, certificate, mail_server, only_claire
from tests.servers import free_port
from tests.town import NOON, Clock, Town, settle

WRITING = Writing("caisse@example.org", "coordination@example.org", "caisse.example")
LETTER = Letter(
    "018f", "amina@example.org", "Une visite\r\nBcc: x@example.org", "Bonjour Amina,\n\nÀ demain.", NOON
)


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(box: Mailbox) -> Iterator[Server]:
    with mail_server(box) as controller:
        yield Server(f"smtp://127.0.0.1:{controller.port}", WRITING, timeout=2)


# --- one mail to one server ---


def test_a_mail_is_plain_text_and_the_same_in_html_from_the_fund(box: Mailbox, server: Server) -> None:
    server.send(LETTER)
    (message,) = box.messages
    assert message["From"] == "caisse@example.org"
    assert message["To"] == "amina@example.org"
    assert message["Reply-To"] == "coordination@example.org"
    assert message["Subject"] == "Une visite Bcc: x@example.org"  # a subject cannot write another header
    assert message["Bcc"] is None
    assert message["Message-ID"] == "<018f@caisse.example>"
    plain, html = message.iter_parts()
    assert plain.get_content().split() == ["Bonjour", "Amina,", "À", "demain."]
    assert "<p>À demain.</p>" in html.get_content()
    assert message["List-Unsubscribe"] is None


def test_what_people_wrote_stays_text_and_addresses_become_links() -> None:
    page = in_html("<script>alert(1)</script>\n\nVoir https://caisse.example/app/?a=1&b=2.")
    assert "<script>" not in page
    assert '<a href="https://caisse.example/app/?a=1&amp;b=2">' in page
    assert "&amp;b=2</a>." in page


def test_a_mail_that_one_may_stop_says_how_in_its_text_and_to_the_mail_program(
    box: Mailbox, server: Server
) -> None:
    server.send(Letter(**{**vars(LETTER), "unsubscribe": "https://caisse.example/unsubscribe/x"}))
    (message,) = box.messages
    assert message["List-Unsubscribe"] == "<https://caisse.example/unsubscribe/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all("https://caisse.example/unsubscribe/x" in part.get_content() for part in message.iter_parts())


def test_a_calendar_goes_along_as_one(box: Mailbox, server: Server) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    server.send(Letter(**{**vars(LETTER), "calendar": calendar}))
    attached = list(box.messages[0].iter_attachments())[-1]
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "CANCEL"
    assert attached.get_filename() == "visite.ics"


REFUSALS: list[tuple[str, str, Trouble, dict[str, bool]]] = [
    ("rcpt", "450 4.2.0 Greylisted", Trouble.LATER, {}),
    ("rcpt", "550 5.1.1 No such user", Trouble.REFUSED, {"final": True}),
    ("rcpt", "421 Going away", Trouble.LATER, {"server_down": True}),
    ("data", "452 4.3.1 Disk full", Trouble.LATER, {}),
    ("data", "554 5.7.1 Looks like spam", Trouble.REFUSED, {"final": True}),
]


@pytest.mark.parametrize(("when", "says", "trouble", "how"), REFUSALS, ids=lambda value: str(value))
def test_a_refusal_is_told_with_the_servers_words(
    box: Mailbox, server: Server, when: str, says: str, trouble: Trouble, how: dict[str, bool]
) -> None:
    setattr(box, when, says)
    with pytest.raises(Undelivered) as caught:
        server.send(LETTER)
    assert caught.value.trouble is trouble
    assert caught.value.said == says
    for name in ("final", "unsure", "server_down"):
        assert getattr(caught.value, name) is how.get(name, False), name


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with pytest.raises(Undelivered) as caught:
        Server(f"smtp://127.0.0.1:{free_port()}", WRITING, timeout=2).send(LETTER)
    assert (caught.value.trouble, caught.value.server_down) == (Trouble.UNREACHABLE, True)


def test_a_server_that_never_speaks_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Undelivered) as caught:
        Server(f"smtp://127.0.0.1:{silent.getsockname()[1]}", WRITING, timeout=0.3).send(LETTER)
    assert (caught.value.trouble, caught.value.unsure) == (Trouble.TIMEOUT, False)


def test_a_server_that_falls_silent_with_the_mail_leaves_us_unsure(box: Mailbox) -> None:
    box.hold = True
    with mail_server(box) as controller, pytest.raises(Undelivered) as caught:
        Server(f"smtp://127.0.0.1:{controller.port}", WRITING, timeout=0.5).send(LETTER)
    assert (caught.value.trouble, caught.value.unsure) == (Trouble.TIMEOUT, True)
    assert len(box.received) == 1  # it did arrive


def test_an_address_that_this_mail_server_cannot_write_to_is_refused(server: Server) -> None:
    with pytest.raises(Undelivered) as caught:
        server.send(Letter(**{**vars(LETTER), "to": "élodie@exemple.example"}))
    assert (caught.value.trouble, caught.value.final) == (Trouble.REFUSED, True)


# --- TLS ---

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")


@needs_openssl
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_travels_in_secret(
    box: Mailbox, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    how: dict[str, Any] = {"authenticator": only_claire}
    how |= (
        {"tls_context": context} if scheme == "smtp" else {"ssl_context": context, "auth_require_tls": False}
    )
    with mail_server(box, **how) as controller:
        address = f"127.0.0.1:{controller.port}"
        stranger = Server(f"{scheme}://claire:s%3Asame%4044@{address}", WRITING, timeout=5)
        with pytest.raises(Undelivered) as caught:
            stranger.send(LETTER)  # nobody vouches for this server
        assert caught.value.trouble is Trouble.INSECURE
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        stranger.send(LETTER)
        assert len(box.received) == 1
        with pytest.raises(Undelivered) as caught:
            Server(f"{scheme}://claire:wrong@{address}", WRITING, timeout=5).send(LETTER)
        assert (caught.value.trouble, caught.value.server_down) == (Trouble.LOGIN, True)


def test_a_password_is_never_said_aloud(box: Mailbox) -> None:
    with mail_server(box) as controller, pytest.raises(Undelivered) as caught:
        Server(f"smtp://claire:secret@127.0.0.1:{controller.port}", WRITING, timeout=2).send(LETTER)
    assert caught.value.trouble is Trouble.INSECURE


# --- a folder ---


def test_in_the_demo_each_mail_is_a_file(tmp_path: Path) -> None:
    folder = mailer("file", tmp_path, "", "", "http://caisse.example:8000")
    assert isinstance(folder, Folder)
    folder.send(LETTER)
    folder.send(LETTER)
    (file,) = (tmp_path / "courrier").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert (file.suffix, message["From"]) == (".eml", "caisse@caisse.example")


def test_a_folder_that_cannot_be_written_is_a_trouble_in_words(tmp_path: Path) -> None:
    (tmp_path / "courrier").write_text("a file is in the way")
    with pytest.raises(Undelivered) as caught:
        Folder(tmp_path / "courrier", WRITING).send(LETTER)
    assert caught.value.trouble is Trouble.DISK


def test_without_an_address_no_mail_is_sent(tmp_path: Path) -> None:
    assert mailer("", tmp_path, "", "", "http://caisse.example") is None


# --- what waits, and becomes of it ---


@pytest.fixture
def town(database: Database) -> Town:
    return database.write(lambda session: settle(session, NOON))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def waiting(database: Database, kind: Kind = Kind.INVITATION, **how: Any) -> str:
    def write(session: Session) -> str:
        return mails.queue(session, "amina@example.org", "Une visite", "Bonjour.", kind, NOON, **how).id

    return database.write(write)


def the_mail(database: Database) -> Mail:
    with database.read() as session:
        return session.exec(select(Mail)).one()


def deliver(database: Database, post: Mailer | None, clock: Callable[[], Any]) -> None:
    Delivery(database, post, "https://caisse.example/", clock).work(lambda: False)


def test_what_waits_is_sent_once(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    waiting(database)
    deliver(database, server, clock)
    deliver(database, server, clock)
    assert len(box.received) == 1
    mail = the_mail(database)
    assert mail.sent_at is not None
    assert (mail.tries, mail.trouble, mail.next_try_at) == (1, "", None)


def test_a_refusal_that_may_pass_is_tried_later_and_later_then_given_up(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    waiting(database)
    box.rcpt = "450 Greylisted"
    deliver(database, server, clock)
    assert the_mail(database).tries == 1
    deliver(database, server, clock)
    assert the_mail(database).tries == 1  # not within the same minute
    clock.forward(minutes=1)
    deliver(database, server, clock)
    mail = the_mail(database)
    assert (mail.tries, mail.trouble, mail.said) == (2, Trouble.LATER, "450 Greylisted")
    for _ in range(20):
        clock.forward(hours=6)
        deliver(database, server, clock)
    mail = the_mail(database)
    assert (mail.next_try_at, mail.sent_at) == (None, None)
    database.write(lambda session: mails.try_again(session, mail.id, clock()))
    box.rcpt = ""
    deliver(database, server, clock)
    assert the_mail(database).sent_at is not None


def test_a_refusal_for_good_is_given_up_at_once_and_the_next_mail_goes(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    waiting(database)
    box.rcpt = "550 No such user"
    deliver(database, server, clock)
    assert the_mail(database).next_try_at is None
    box.rcpt = ""
    waiting(database)
    deliver(database, server, clock)
    assert len(box.received) == 1


def test_two_processes_that_try_at_once_send_it_once(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    sent = [waiting(database) for _ in range(5)]
    threads = [threading.Thread(target=deliver, args=(database, server, clock)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message["Message-ID"].split("@")[0][1:] for message in box.messages) == sorted(sent)


class Dying:
    """A process that dies between the mail server's answer and its record."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def send(self, letter: Letter) -> None:
        self.server.send(letter)
        raise KeyboardInterrupt


def test_a_mail_whose_process_dies_before_its_record_goes_twice_at_most(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    waiting(database)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt) if len(box.received) < 2 else pytest.MonkeyPatch.context():
            deliver(database, Dying(server), clock)
        clock.forward(minutes=11)
    assert len(box.received) == 2
    mail = the_mail(database)
    assert (mail.trouble, mail.next_try_at) == (Trouble.INTERRUPTED, None)


def test_a_silence_after_the_content_counts_as_one_of_the_two(
    database: Database, town: Town, box: Mailbox, clock: Clock
) -> None:
    waiting(database)
    box.hold = True
    with mail_server(box) as controller:
        server = Server(f"smtp://127.0.0.1:{controller.port}", WRITING, timeout=0.5)
        for _ in range(4):
            deliver(database, server, clock)
            clock.forward(hours=1)
    assert len(box.received) == 2
    assert the_mail(database).trouble == Trouble.INTERRUPTED


def test_what_is_of_no_more_use_is_not_sent(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    waiting(database, not_after=NOON + timedelta(hours=1))
    clock.forward(hours=2)
    deliver(database, server, clock)
    assert (box.received, the_mail(database).trouble) == ([], Trouble.TOO_LATE)


def test_who_wants_no_more_reminders_gets_none_and_still_gets_invitations(
    database: Database, town: Town, box: Mailbox, server: Server, clock: Clock
) -> None:
    database.write(lambda session: mails.refuse(session, town.amina, Kind.REMINDER, NOON))
    waiting(database, Kind.REMINDER, person_id=town.amina)
    waiting(database, Kind.INVITATION, person_id=town.amina)
    waiting(database, Kind.REMINDER, person_id=town.bruno)
    deliver(database, server, clock)
    told = [message["List-Unsubscribe"] for message in box.messages]
    assert [each is None for each in told] == [True, False]
    assert f"<https://caisse.example/unsubscribe/reminder.{town.bruno}." in told[1]


def test_without_a_mail_server_what_waits_is_given_up_after_three_days_and_said(
    database: Database, town: Town, clock: Clock
) -> None:
    waiting(database)
    deliver(database, None, clock)
    assert the_mail(database).next_try_at is not None
    clock.forward(days=3, minutes=1)
    deliver(database, None, clock)
    assert (the_mail(database).trouble, the_mail(database).next_try_at) == (Trouble.NO_SERVER, None)
