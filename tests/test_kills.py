"""kill -9 at random moments while eight phones send visits with photos: nothing acknowledged is lost or doubled."""

import io
import random
import secrets
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from sqlalchemy import text
from sqlmodel import Session, select

from backend import grids
from backend.domain.merchants import Kind
from backend.domain.people import Role
from backend.photos import Photos
from backend.settings import ROOT
from backend.storage import merchants, people, visits
from backend.storage.engine import Database
from backend.storage.tables import Entry, Photo, Visit
from backend.storage.verify import differences, photos_due
from tests.databases import sqlalchemy_url
from tests.doses import dose
from tests.phones import Phone, picture, sha256
from tests.servers import Server
from tests.town import GRID, NANTES, NOON, settle

PHONES = 8
VISITS = dose(32, 500)
KILLS = dose(3, 50)
IN_ONE_GO = 6  # entries: a visit takes several requests, so that kills fall between them too


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


@pytest.fixture
def criteria() -> list[str]:
    return [criterion.id for criterion in grids.load_all(ROOT / "criteria")[GRID].criteria]


class Tally:
    """What the server has acknowledged so far, by all phones."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self.entries: dict[str, str] = {}  # id to visit
        self.photos: set[str] = set()
        self.complaints: list[str] = []

    def acknowledged(self, entries: dict[str, str], photo: str | None = None) -> None:
        with self._more:
            self.entries |= entries
            self.photos |= {photo} if photo else set()
            self._more.notify_all()

    def complain(self, what: str) -> None:
        with self._more:
            self.complaints.append(what)

    @property
    def count(self) -> int:
        return len(self.entries) + len(self.photos)

    def wait_for(self, count: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.count >= count or self.complaints, 120)


class Sender(threading.Thread):
    """One phone that sends its visits whatever happens, and never again what was acknowledged."""

    def __init__(self, address: str, code: str, mine: list[str], criteria: list[str], tally: Tally) -> None:
        super().__init__(daemon=True)
        self.phone = Phone(httpx2.Client(base_url=address, timeout=20), secrets.token_urlsafe(32))
        self.phone.join(code)
        self.mine, self.criteria, self.tally = mine, criteria, tally

    def run(self) -> None:
        try:
            self._send_all()
        finally:
            self.phone.http.close()

    def _send_all(self) -> None:
        for rank, visit in enumerate(self.mine):
            photo = picture(int(visit[-6:], 16), side=320)
            made = self.phone.whole_visit(visit, GRID, self.criteria, [photo])
            for start in range(0, len(made), IN_ONE_GO):
                part = made[start : start + IN_ONE_GO]
                receipt = self._until(lambda part=part: self.phone.post(part), {200})
                accepted = receipt.json()["accepted"] if receipt else []
                if accepted != [entry["id"] for entry in part]:
                    self.tally.complain(f"visit {rank}: {receipt.text if receipt else ''}")
                    return
                self.tally.acknowledged(dict.fromkeys(accepted, visit))
            if self._until(lambda photo=photo: self.phone.put(photo), {200, 201}) is None:
                return
            self.tally.acknowledged({}, sha256(photo))

    def _until(self, ask: "object", welcome: set[int]) -> httpx2.Response | None:
        """Ask again after a lost connection, as often as it takes; any other answer is a complaint."""
        while True:
            try:
                answer: httpx2.Response = ask()  # type: ignore[operator]
            except httpx2.HTTPError:
                threading.Event().wait(random.uniform(0.01, 0.1))
                continue
            if answer.status_code in welcome:
                return answer
            self.tally.complain(f"{answer.status_code} {answer.text}")
            return None


def plan(session: Session) -> list[tuple[str, list[str]]]:
    """Eight more inhabitants, each with an invitation and a share of the visits."""
    town = settle(session, NOON)
    planned = []
    for number in range(PHONES):
        shop = merchants.add(
            session, NANTES, f"Lieu {number}", Kind.OTHER, NOON, by=town.claire, source="hand"
        )
        person = people.add_person(session, f"Personne {number}", NOON, territory_id=NANTES)
        people.grant_role(session, person.id, Role.EVALUATOR, NOON, territory_id=NANTES, by=None)
        invitation = people.invite(session, person.id, NOON, days=10_000, by=None)
        mine = [
            visits.plan(session, shop.id, GRID, date(2026, 12, 1), [person.id], NOON, by=None).id
            for _ in range(number, VISITS, PHONES)
        ]
        planned.append((people.code_of(session, invitation.id), mine))
    return planned


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    made = Server(tmp_path / "data", database_url)
    yield made
    made.stop()


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(
    server: Server, database_url: str, tmp_path: Path, criteria: list[str]
) -> None:
    database = Database(sqlalchemy_url(database_url))
    planned = database.write(plan)
    database.close()
    server.start()
    tally = Tally()
    senders = [Sender(server.address, code, mine, criteria, tally) for code, mine in planned]
    whole = VISITS * (len(criteria) + 4)  # entries: started, answers, photo attached, closed; and the photo
    for sender in senders:
        sender.start()
    for kill in range(KILLS):
        fair = whole * (kill + 1) / (KILLS + 1)  # spread over the work, so that each finds phones sending
        tally.wait_for(int(fair * random.uniform(0.9, 1)))
        threading.Event().wait(random.uniform(0, 0.05))
        assert any(sender.is_alive() for sender in senders)
        server.kill()
        server.start()
    for sender in senders:
        sender.join()
    server.kill()

    assert tally.complaints == []
    assert tally.count == whole
    assert "error" not in server.log.read_text()
    database = Database(sqlalchemy_url(database_url))
    photos = Photos(tmp_path / "data", "", limit_mb=8)
    with database.read() as session:
        stored = session.exec(select(Entry.id, Entry.visit_id)).all()
        assert dict(stored) == tally.entries  # nothing lost
        assert len(stored) == len(tally.entries)  # nothing doubled
        assert set(session.exec(select(Photo.sha256))) == tally.photos
        states = session.exec(select(Visit.state).where(Visit.id.in_(set(tally.entries.values())))).all()  # type: ignore[attr-defined]
        assert set(states) == {"received"}
        rules = {grid_id: grid.rules() for grid_id, grid in grids.load_all(ROOT / "criteria").items()}
        assert list(differences(session, rules)) == []
        assert all(photos.has(photo) for photo in photos_due(session))
        if database.is_sqlite:
            assert session.connection().execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert session.connection().execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()
    for photo in tally.photos:
        assert intact(tmp_path / "data", photos, photo)


def intact(folder: Path, photos: Photos, photo: str) -> bool:
    """As it was received, to the byte; or re-encoded, and readable."""
    original = folder / "incoming" / photo
    if original.exists():
        return sha256(original.read_bytes()) == photo
    with Image.open(io.BytesIO(photos.open(photo, "large"))) as shown:
        shown.load()
        return shown.size == (320, 320)
