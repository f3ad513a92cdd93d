"""How many visits a second arrive durably, beside a bare server that only writes them down, in one run."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from sqlmodel import Session

from backend import grids
from backend.domain.merchants import Kind
from backend.domain.people import Role
from backend.settings import ROOT
from backend.storage import devices, merchants, people, visits
from backend.storage.engine import Database
from tests.bench.load import Connection, run
from tests.bench.results import Figure, at_least, at_most, record
from tests.doses import dose
from tests.phones import Phone, picture, sha256
from tests.servers import Server
from tests.town import GRID, NANTES, NOON, settle

CLIENTS = (1, 8, 32)
RUNS = dose(1, 5)
UNITS = {1: dose(8, 96), 8: dose(32, 320), 32: dose(64, 640)}  # visits in one run
UNITS_WITH_PHOTO = {1: dose(8, 32), 8: dose(16, 96), 32: dose(32, 192)}
PHOTO_BYTES = 200_000
VISITS_OF_ONE = 8  # visits that one inhabitant makes
COMMAND = "SOAK=1 pytest tests/bench/test_receiving.py"


Case = tuple[int, bool]
"""How many clients, and whether each visit has a photo."""


def visits_of(case: Case) -> int:
    """How many visits one run of this case sends."""
    clients, with_photo = case
    return (UNITS_WITH_PHOTO if with_photo else UNITS)[clients]


class Bare(Server):
    command = ()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, DB=str(folder))
        self.command = (
            "-m",
            "uvicorn",
            "tests.bench.bare_server:app",
            f"--port={self.port}",
            "--no-access-log",
        )


class Device:
    """A phone that is signed in, as the load generator sees it."""

    def __init__(self, token: str, person: str) -> None:
        self.cookie, self.person, self.cursor = f"Cookie: caisse_device={token}\r\n", person, 0


class Visit:
    """One visit, filled and closed: one request, and one more when it has a photo."""

    def __init__(self, device: Device, visit: str, criteria: Sequence[str], photo: bytes | None) -> None:
        phone = Phone(None, "")  # type: ignore[arg-type]
        phone.people = [device.person]
        self.photo = photo and photo + secrets.token_bytes(16)
        self.entries = phone.whole_visit(visit, GRID, criteria, [self.photo] if self.photo else [])
        self.body = json.dumps(self.entries)
        self.device = device

    async def send(self, connection: Connection) -> None:
        body = f'{{"entries":{self.body},"cursor":{self.device.cursor}}}'.encode()
        status, answer = await connection.ask("POST", "/api/journal", body, self.device.cookie)
        receipt = json.loads(answer)
        assert status == 200, answer
        assert len(receipt["accepted"]) == len(self.entries), answer
        self.device.cursor = receipt.get("cursor", 0)
        if self.photo:
            path = f"/api/photos/{sha256(self.photo)}"
            status, answer = await connection.ask("PUT", path, self.photo, self.device.cookie)
            assert status == 201, answer


def plan(session: Session, count: int) -> list[tuple[str, str, list[str]]]:
    """Enough inhabitants with a phone for `count` visits: for each a session, their id, and their visits."""
    town, planned = settle(session, NOON), []
    for number in range(count // VISITS_OF_ONE):
        person = people.add_person(session, f"Personne {number}", NOON, territory_id=NANTES)
        people.grant_role(session, person.id, Role.EVALUATOR, NOON, territory_id=NANTES, by=None)
        invitation = people.invite(session, person.id, NOON, days=10_000, by=None)
        device = devices.enrol(
            session, people.code_of(session, invitation.id), secrets.token_urlsafe(32), NOON
        )
        token = people.open_session(session, NOON, days=10_000, device_id=device)
        shop = merchants.add(
            session, NANTES, f"Lieu {number}", Kind.OTHER, NOON, by=town.claire, source="hand"
        )
        day = date(2026, 12, 1) + timedelta(days=number % 100)
        mine = [
            visits.plan(session, shop.id, GRID, day, [person.id], NOON, by=None).id
            for _ in range(VISITS_OF_ONE)
        ]
        planned.append((token, person.id, mine))
    return planned


class Work:
    """Visits to send, dealt out to clients; each phone stays with one client."""

    def __init__(self, planned: list[tuple[str, str, list[str]]], criteria: Sequence[str]) -> None:
        self._planned, self._criteria = planned, criteria

    def deal(self, count: int, clients: int, photo: bytes | None) -> list[list[Visit]]:
        shares: list[list[Visit]] = [[] for _ in range(clients)]
        for number in range(max(clients, count // VISITS_OF_ONE)):
            token, person, mine = self._planned.pop()
            device = Device(token, person)
            taken = mine[: max(1, count // clients)]
            shares[number % clients] += [Visit(device, visit, self._criteria, photo) for visit in taken]
        return shares


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Bare]:
    server = Bare(tmp_path / "bare")
    server.start()
    yield server
    server.stop()


def test_receiving_visits(live_server: Server, bare: Bare, database_url: str) -> None:
    rounds: list[Case] = [(clients, photo) for photo in (False, True) for clients in CLIENTS] * RUNS
    needed = sum(max(visits_of(case), case[0] * VISITS_OF_ONE) for case in rounds) * 2
    database = Database(database_url)
    planned = database.write(lambda session: plan(session, needed))
    database.close()
    criteria = [criterion.id for criterion in grids.load_all(ROOT / "criteria")[GRID].criteria]
    work, photo = Work(planned, criteria), picture(side=1600).ljust(PHOTO_BYTES, b"\0")
    found: dict[Case, tuple[list[Run], list[Run]]] = {case: ([], []) for case in rounds}
    for case in rounds:
        clients, with_photo = case
        for server, runs in zip((live_server, bare), found[case], strict=True):
            shares = work.deal(visits_of(case), clients, photo if with_photo else None)
            before = server.cpu_seconds()
            measured = run(server.port, shares)
            cpu = (server.cpu_seconds() - before) / sum(map(len, shares))
            runs.append(Run(measured.per_second, measured.p50, measured.p95, cpu * 1000))
    record("Receiving visits", COMMAND, [*figures(found), memory(live_server)], NOTE)


NOTE = (
    "A visit is one request of 17 entries, with a photo of 200 kB one of 18 and a PUT. Medians of"
    f" {RUNS} runs in turn with the bare server, which answers the same requests and only writes them down."
    " CPU is the server's own, photos' re-encoding included: it does not depend on what else the machine does."
)


class Run(NamedTuple):
    """One run: visits a second, milliseconds a visit took, milliseconds of the server's processor it cost."""

    per_second: float
    p50: float
    p95: float
    cpu: float


def middle(runs: Sequence[Run]) -> Run:
    return Run(*(median(column) for column in zip(*runs, strict=True)))


def figures(found: Mapping[Case, tuple[list[Run], list[Run]]]) -> Iterator[Figure]:
    for (clients, with_photo), (ours, bares) in found.items():
        mine, theirs = middle(ours), middle(bares)
        name = f"{clients} client{'s' if clients > 1 else ''}{', with a photo' if with_photo else ''}"
        yield Figure(f"{name}: visits/s", f"{mine.per_second:,.0f} (bare: {theirs.per_second:,.0f})")
        yield Figure(f"{name}: p50 / p95", f"{mine.p50:.1f} / {mine.p95:.1f} ms")
        yield Figure(f"{name}: CPU of a visit", f"{mine.cpu:.1f} ms (bare: {theirs.cpu:.1f} ms)")
        if clients == max(CLIENTS):
            share = 100 * mine.per_second / theirs.per_second
            yield at_least(f"{name}: share of the bare server", share, 60 if with_photo else 40, "%")
            yield at_most(f"{name}: p95", mine.p95, 70 if with_photo else 50, "ms")


def memory(server: Server) -> Figure:
    return at_most("resident memory afterwards", server.resident_mb(), 115, "MB")
