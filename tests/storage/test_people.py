"""Invitations serve one person on up to three devices; devices come, go, are revoked and come back."""

import secrets
import threading
from typing import Any

import pytest

from backend.domain.errors import Refusal
from backend.storage import devices, people
from backend.storage.tables import Device, Person
from backend.web.house import House
from tests.refusing import refused
from tests.town import Clock, Town, code_for


def key() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture
def code(home: House, town: Town) -> str:
    return code_for(home, town.amina)


def enrol(home: House, code: str, device_key: str) -> str:
    return home.db.write(lambda session: devices.enrol(session, code, device_key, home.now()))


def on(home: House, device_id: str) -> set[str]:
    with home.db.read() as session:
        return {person.name for person in devices.people_on(session, device_id)}


def test_the_same_code_and_key_give_the_same_device_again_even_after_the_last_day(
    home: House, code: str, clock: Clock
) -> None:
    mine = key()
    device = enrol(home, code, mine)
    clock.forward(days=100)
    assert enrol(home, code, mine) == device


def test_a_code_is_read_as_people_type_it(home: House, code: str) -> None:
    assert enrol(home, f" {code[:5].lower()}-{code[5:]} ".replace("0", "o"), key())


def test_a_code_expires_after_fourteen_days(home: House, code: str, clock: Clock) -> None:
    clock.forward(days=15)
    with refused("expired_code"):
        enrol(home, code, key())


def test_nobody_guesses_a_code(home: House, town: Town) -> None:
    with refused("unknown_code"):
        enrol(home, "0123456789", key())


def test_a_fourth_device_is_refused_and_the_three_stay(home: House, code: str) -> None:
    keys = [key() for _ in range(3)]
    joined = [enrol(home, code, mine) for mine in keys]
    with refused("too_many_devices"):
        enrol(home, code, key())
    assert [enrol(home, code, mine) for mine in keys] == joined


def test_ten_devices_at_once_are_three_at_most(home: House, code: str) -> None:
    outcomes: list[Any] = []

    def join() -> None:
        try:
            outcomes.append(enrol(home, code, key()))
        except Refusal as refusal:
            outcomes.append(refusal.problem.code)

    threads = [threading.Thread(target=join) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("too_many_devices") == 7


def test_one_device_that_asks_ten_times_at_once_is_one_device(home: House, code: str) -> None:
    mine, joined = key(), []
    threads = [threading.Thread(target=lambda: joined.append(enrol(home, code, mine))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(joined) == 10
    assert len(set(joined)) == 1


def test_one_of_the_three_devices_that_was_left_may_join_again(home: House, code: str) -> None:
    keys = [key() for _ in range(3)]
    joined = [enrol(home, code, mine) for mine in keys]
    home.db.write(lambda session: devices.leave_device(session, joined[1], home.now()))
    assert on(home, joined[1]) == set()
    assert enrol(home, code, keys[1]) == joined[1]
    assert on(home, joined[1]) == {"Amina"}


def test_several_people_share_a_device(home: House, town: Town, code: str) -> None:
    mine = key()
    device = enrol(home, code, mine)
    assert enrol(home, code_for(home, town.bruno), mine) == device
    assert on(home, device) == {"Amina", "Bruno"}


def test_a_revoked_device_no_longer_speaks_until_it_joins_with_a_new_code(
    home: House, town: Town, code: str
) -> None:
    mine = key()
    device = enrol(home, code, mine)
    token = home.db.write(lambda session: people.open_session(session, home.now(), days=9, device_id=device))

    def who() -> Any:
        with home.db.read() as session:
            return people.device_session(session, token, home.now())

    assert who().device_id == device

    def revoke(session: Any) -> None:
        session.get_one(Device, device).revoked_at = home.now()

    home.db.write(revoke)
    assert who() is None
    with refused("expired_code"):
        enrol(home, code, mine)
    assert enrol(home, code_for(home, town.amina), mine) == device
    assert who().device_id == device


def test_an_erased_person_is_on_no_device(home: House, town: Town, code: str) -> None:
    device = enrol(home, code, key())

    def erase(session: Any) -> None:
        session.get_one(Person, town.amina).erased_at = home.now()

    home.db.write(erase)
    assert on(home, device) == set()
