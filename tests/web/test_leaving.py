"""Leaving a phone: one of several people, or all."""

from typing import Any

from backend.web.house import House
from tests.phones import Phone
from tests.town import GRID, Town


def people_on(phone: Phone) -> list[str]:
    return [person["name"] for person in phone.http.get("/api/field").json()["people"]]


def test_one_of_two_people_leaves_and_the_other_goes_on(town: Town, phone_of: Any) -> None:
    shared = phone_of(town.amina, town.bruno)
    assert shared.http.delete(f"/api/devices/me/people/{town.bruno}").status_code == 204
    assert people_on(shared) == ["Amina"]
    assert shared.http.delete(f"/api/devices/me/people/{town.bruno}").status_code == 204  # again: as before
    started = shared.start(town.visit, GRID)
    assert shared.send(started)["accepted"] == [started["id"]]


def test_the_last_one_who_leaves_ends_the_session(town: Town, amina: Phone, home: House) -> None:
    assert amina.http.delete(f"/api/devices/me/people/{town.amina}").status_code == 204
    assert amina.http.get("/api/field").status_code == 401


def test_somebody_who_is_not_on_the_phone_takes_nobody_along(town: Town, phone_of: Any) -> None:
    shared = phone_of(town.amina, town.bruno)
    assert shared.http.delete(f"/api/devices/me/people/{town.gael}").status_code == 204
    assert people_on(shared) == ["Amina", "Bruno"]


def test_all_merchants_of_the_territory_are_told_to_its_phones_and_304_afterwards(
    town: Town, amina: Phone
) -> None:
    answer = amina.http.get("/api/merchants")
    assert [merchant["name"] for merchant in answer.json()["merchants"]] == ["Épicerie des Bourderies"]
    again = amina.http.get("/api/merchants", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
