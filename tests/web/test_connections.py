"""What a real connection does: it breaks in the middle, or is answered before all was sent."""

import secrets
import socket
from collections.abc import Iterator

import httpx2
import pytest

from backend.storage import people
from backend.storage.engine import Database
from tests.phones import Phone, picture, sha256
from tests.servers import Server
from tests.town import NOON, Town, settle


@pytest.fixture
def town(live_server: Server, database_url: str) -> Town:
    database = Database(database_url)
    made = database.write(lambda session: settle(session, NOON))
    database.close()
    return made


@pytest.fixture
def amina(live_server: Server, town: Town, database_url: str) -> Iterator[Phone]:
    database = Database(database_url)

    def invite(session: object) -> str:
        invitation = people.invite(session, town.amina, NOON, days=10_000, by=None)  # type: ignore[arg-type]
        return people.code_of(session, invitation.id)  # type: ignore[arg-type]

    code = database.write(invite)
    database.close()
    phone = Phone(httpx2.Client(base_url=live_server.address), secrets.token_urlsafe(32))
    phone.join(code)
    yield phone
    phone.http.close()


@pytest.mark.parametrize("path", ["/api/photos/{photo}", "/api/journal"])
def test_a_connection_that_breaks_in_the_middle_leaves_nothing_and_is_no_error(
    live_server: Server, town: Town, amina: Phone, path: str
) -> None:
    photo = picture(side=600)
    amina.send(amina.attach(town.visit, photo))
    head = (
        f"{'PUT' if 'photos' in path else 'POST'} {path.format(photo=sha256(photo))} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nCookie: caisse_device={amina.http.cookies['caisse_device']}\r\n"
        f"Content-Length: {len(photo)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", live_server.port)) as connection:
        connection.sendall(head.encode() + photo[: len(photo) // 2])
    while amina.put(photo).status_code not in (200, 201):  # it still answers, also on that address
        pass
    live_server.stop()
    assert "rror" not in live_server.log.read_text()
    assert not list((live_server.log.parent / "incoming").glob(".part-*"))


def test_an_answer_that_comes_before_the_body_was_read_leaves_the_connection_in_order(
    town: Town, amina: Phone
) -> None:
    photo = picture() + b"\0" * 5_000_000
    amina.send(amina.attach(town.visit, photo))
    assert amina.put(photo).status_code == 201
    for _ in range(3):
        assert amina.put(photo).status_code == 200
        assert amina.put(photo, sha256(b"another")).status_code == 404
        assert amina.send()["missing_photos"] == []
