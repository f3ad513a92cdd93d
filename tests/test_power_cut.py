"""The power is cut at random moments while four phones send: nothing acknowledged is lost, and the database is sound.

And so that this proves something: without `synchronous` the same run loses what it had acknowledged.
"""

import random
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3
import pytest
from sqlmodel import Session

from backend import grids, sync
from backend.domain.errors import Refusal
from backend.domain.scoring import Rules
from backend.settings import ROOT
from backend.storage import devices, people, visits
from backend.storage.engine import Database
from backend.storage.people import DeviceSession
from backend.storage.verify import differences
from tests.doses import dose
from tests.phones import Phone
from tests.powercut import Disk, Driver
from tests.town import GRID, NANTES, NOON, Town, settle

CUTS = dose(10, 50)
PHONES = 4
NAME = "caisse.db"


@dataclass
class Run:
    """What was acknowledged over all cuts, and what a cut had lost or spoiled of it."""

    acknowledged: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, body in files.items():
        if not name.endswith("-shm"):  # shared memory: it is not on the disk
            (folder / name).write_bytes(body)
    return folder


def founded(folder: Path) -> tuple[Town, DeviceSession]:
    """A database, safe on its disk, with the town in it and Amina's device."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / NAME}")
    database.migrate()
    town = database.write(lambda session: settle(session, NOON))

    def enrol(session: Session) -> str:
        invitation = people.invite(session, town.amina, NOON, days=14, by=None)
        return devices.enrol(session, people.code_of(session, invitation.id), secrets.token_urlsafe(32), NOON)

    device = DeviceSession(database.write(enrol), ((town.amina, "Amina"),), NANTES)
    database.close()
    return town, device


def plan(session: Session, town: Town) -> str:
    return visits.plan(session, town.shop, GRID, NOON.date(), [town.amina], NOON, by=None).id


def live_until_cut(
    folder: Path,
    synchronous: str,
    town: Town,
    device: DeviceSession,
    rules: dict[str, Rules],
    rnd: random.Random,
) -> tuple[set[str], dict[str, bytes]]:
    """Phones send until the power is cut; gives what they were told had arrived, and what is left on the disk."""
    disk = Disk(folder, rnd)
    driver = Driver(disk)
    database = Database(f"sqlite:///{folder / NAME}", dbapi=driver, synchronous=synchronous)  # type: ignore[arg-type]
    planned = [database.write(lambda session: plan(session, town)) for _ in range(PHONES)]
    acknowledged: set[str] = set()
    enough, arrived = rnd.randrange(1, 60), threading.Condition()

    def send(visit: str, seed: float) -> None:
        dice, phone = random.Random(seed), Phone(None, "")  # type: ignore[arg-type]
        phone.people = [town.amina]
        criteria = list(rules[GRID].criteria)
        while True:
            batch = [
                phone.choose(visit, dice.choice(criteria), dice.randrange(4))
                for _ in range(dice.randrange(1, 6))
            ]
            parsed = sync.parse_entries(sync.parse_batch({"entries": batch, "cursor": 0}))
            try:
                verdict = database.write(
                    lambda session, parsed=parsed: sync.receive(session, device, parsed, rules, NOON)
                )
            except Refusal:
                return  # unavailable: the power is off
            with arrived:
                acknowledged.update(verdict.accepted)
                arrived.notify()

    phones = [threading.Thread(target=send, args=(visit, rnd.random()), daemon=True) for visit in planned]
    for phone in phones:
        phone.start()
    with arrived:
        arrived.wait_for(lambda: len(acknowledged) >= enough)
    threading.Event().wait(rnd.uniform(0, 0.01))
    left = disk.cut()
    for phone in phones:
        phone.join()
    database.close()
    driver.close()
    return acknowledged, left


def spoiled(folder: Path, acknowledged: set[str], rules: dict[str, Rules]) -> list[str]:
    """What is wrong with what the cut left, read as the next start of the server reads it."""
    connection = pysqlite3.connect(str(folder / NAME))
    try:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        stored = {row[0] for row in connection.execute("SELECT id FROM entry")}
    except pysqlite3.DatabaseError as error:
        return [str(error)]
    finally:
        connection.close()
    wrong = [f"lost {entry_id}" for entry_id in acknowledged - stored]
    if sound != "ok" or wrong:
        return [*wrong, *([] if sound == "ok" else [sound])]
    database = Database(f"sqlite:///{folder / NAME}")
    with database.read() as session:
        wrong += [f"{one}" for one in differences(session, rules)]
    database.close()
    return wrong


def live_through(cuts: int, synchronous: str, folder: Path, seed: int) -> Run:
    rnd, run = random.Random(seed), Run()
    rules = {grid_id: grid.rules() for grid_id, grid in grids.load_all(ROOT / "criteria").items()}
    town, device = founded(folder / "new")
    left = {file.name: file.read_bytes() for file in (folder / "new").iterdir()}
    for cut in range(cuts):
        lived = lay(folder / f"live-{cut}", left)
        acknowledged, left = live_until_cut(lived, synchronous, town, device, rules, rnd)
        run.acknowledged |= acknowledged
        run.lost += spoiled(lay(folder / f"left-{cut}", left), run.acknowledged, rules)
        if run.lost:
            break
    return run


@pytest.mark.parametrize("seed", range(2))
def test_power_cuts_lose_nothing_that_was_acknowledged_and_spoil_nothing(tmp_path: Path, seed: int) -> None:
    run = live_through(CUTS, "FULL", tmp_path, seed)
    assert run.lost == []
    assert len(run.acknowledged) > CUTS * 10


def test_without_synchronous_the_same_cuts_lose_what_was_acknowledged(tmp_path: Path) -> None:
    run = live_through(CUTS, "OFF", tmp_path, seed=0)
    assert run.lost != []


def test_in_wal_mode_normal_is_not_enough(tmp_path: Path) -> None:
    run = live_through(CUTS, "NORMAL", tmp_path, seed=0)
    assert run.lost != []
