"""Invitations to print, and the inhabitants they are for: joining, losing one's card, three devices, one revoked."""

import re
import secrets
from typing import Any

import pytest
import segno
from starlette.testclient import TestClient

from backend.storage import devices
from backend.web.house import House
from tests.phones import Phone
from tests.town import NANTES, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")


def codes(page: Any) -> list[str]:
    """The codes printed on a page, in its order."""
    return CODE.findall(words(page))


@pytest.fixture
def planned(coordination: TestClient, town: Town) -> str:
    """The page of the invitations of a visit just planned for Amina and Bruno."""
    form = {"planned_on": "2026-12-04", "grid": "nantes-ouest/depart-1", "member": [town.amina, town.bruno]}
    location: str = post(coordination, f"/merchants/{town.shop}/visits", form).headers["location"]
    return location


def new_phone(client: TestClient) -> Phone:
    return Phone(client, secrets.token_urlsafe(32))


# --- of a visit ---


def test_each_person_gets_a_card_with_a_code_that_lets_them_in(
    coordination: TestClient, client: TestClient, planned: str, town: Town
) -> None:
    page = coordination.get(planned)
    amina_code, bruno_code = codes(page)
    assert amina_code != bruno_code
    told = words(page)
    assert "Épicerie des Bourderies" in told
    assert "vendredi 4 décembre 2026" in told
    assert "Valable jusqu’au mardi 8 décembre 2026" in told
    assert "+33240000001" in told
    phone = new_phone(client)
    assert phone.join(amina_code).status_code == 201
    assert phone.people == [town.amina]


def test_the_square_carries_the_address_and_the_code_in_its_fragment(
    coordination: TestClient, planned: str
) -> None:
    page = coordination.get(planned)
    code = codes(page)[0].replace("-", "")
    address = f"http://testserver/app/#code={code}"
    expected = re.search(r' d="[^"]+"', segno.make(address, error="m", micro=False).svg_inline(border=4))
    assert expected
    assert expected[0] in page.text
    assert f"#code={code}" not in page.text  # a QR code, and no link that a browser could keep


def test_printing_again_gives_the_same_codes_and_writes_nothing(
    coordination: TestClient, planned: str, home: House
) -> None:
    first, before = codes(coordination.get(planned)), everything(home)
    assert codes(coordination.get(planned)) == first
    assert everything(home) == before


def test_a_second_visit_uses_the_invitations_that_are_still_valid(
    coordination: TestClient, planned: str, home: House, town: Town
) -> None:
    first = codes(coordination.get(planned))
    form = {"planned_on": "2026-12-11", "grid": "nantes-ouest/depart-1", "member": [town.amina, town.bruno]}
    again = post(coordination, f"/merchants/{town.shop}/visits", form).headers["location"]
    assert codes(coordination.get(again)) == first
    assert len(everything(home)["invitation"]) == 2


def test_an_invitation_of_the_past_is_made_anew_on_demand(
    coordination: TestClient, planned: str, home: House, clock: Clock
) -> None:
    before = codes(coordination.get(planned))
    clock.forward(days=14)
    page = coordination.get(planned)
    assert codes(page) == []
    assert "Plus d’invitation à imprimer" in words(page)
    sent_twice(home, coordination, planned, {})
    after = codes(coordination.get(planned))
    assert len(after) == 2
    assert not set(after) & set(before)


def test_a_card_used_on_three_devices_is_not_printed_again(
    coordination: TestClient, app: Any, planned: str, town: Town
) -> None:
    code = codes(coordination.get(planned))[0]
    for _ in range(3):
        assert new_phone(TestClient(app)).join(code).status_code == 201
    assert len(codes(coordination.get(planned))) == 1  # Bruno's
    post(coordination, planned, {})
    assert code not in codes(coordination.get(planned))
    assert len(codes(coordination.get(planned))) == 2
    assert town.amina


def test_only_the_coordination_of_the_territory_prints(
    coordination: TestClient, committee: TestClient, moneko: TestClient, planned: str, town: Town
) -> None:
    assert committee.get(planned).status_code == 403
    assert moneko.get(planned).status_code == 403
    assert coordination.get(f"/visits/{town.farm_visit}/invitations").status_code == 404
    assert post(coordination, f"/visits/{town.farm_visit}/invitations", {}).status_code == 404


# --- inhabitants ---


def test_a_first_name_is_enough_to_join_the_list(
    coordination: TestClient, home: House, client: TestClient
) -> None:
    answer = sent_twice(home, coordination, "/people", {"name": "Yvonne", "territory": NANTES})
    page = coordination.get(answer.headers["location"])
    assert "Bonjour Yvonne" in words(page)
    assert new_phone(client).join(codes(page)[0]).status_code == 201
    assert "Yvonne" in words(coordination.get("/people"))


def test_how_to_reach_someone_is_kept_as_one_reads_it(coordination: TestClient) -> None:
    form = {"name": "Yvonne", "territory": NANTES, "phone": "+33612345678", "email": "Yvonne@Example.org"}
    assert post(coordination, "/people", form).status_code == 303
    page = words(coordination.get("/people"))
    assert "06 12 34 56 78" in page
    assert "yvonne@example.org" in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "", "territory": NANTES}, "au moins un prénom"),
        ({"name": "AMINA", "territory": NANTES}, "est déjà dans la liste"),
        ({"name": "Yvonne", "territory": "pays-de-retz"}, "Choisissez un territoire"),
        ({"name": "Yvonne", "territory": "nulle-part"}, "Choisissez un territoire"),
        ({"name": "Yvonne", "territory": NANTES, "phone": "12"}, "numéro"),
        ({"name": "Yvonne", "territory": NANTES, "email": "yvonne"}, "adresse"),
        ({"name": "Yvonne", "territory": NANTES, "email": "claire@example.org"}, "déjà celle de quelqu’un"),
        ({"name": "Y" * 81, "territory": NANTES}, "dépasse 80 signes"),
    ],
)
def test_an_inhabitant_who_cannot_be_added_is_refused_and_nothing_is_lost(
    coordination: TestClient, home: House, form: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    answer = post(coordination, "/people", form)
    refused(answer, 422, sentence)
    assert f'value="{form["name"]}"' in answer.text
    assert everything(home) == before


def test_whoever_finds_a_lost_card_comes_too_late(
    coordination: TestClient, app: Any, planned: str, home: House, town: Town
) -> None:
    lost = codes(coordination.get(planned))[0]
    answer = sent_twice(home, coordination, f"/people/{town.amina}/invitations", {})
    new = codes(coordination.get(answer.headers["location"]))[0]
    assert new != lost
    assert new_phone(TestClient(app)).join(lost).status_code == 410
    assert new_phone(TestClient(app)).join(new).status_code == 201


def test_a_revoked_device_sends_nothing_more_and_resumes_with_a_new_invitation(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    entry = amina.start(town.visit, "nantes-ouest/depart-1")
    page = coordination.get("/people").text
    (device_id,) = re.findall(r'action="/devices/([^/"]+)/revocation"', page)
    sent_twice(home, coordination, f"/devices/{device_id}/revocation", {})
    assert amina.post([entry]).status_code == 401
    assert "arrêté le" in words(coordination.get("/people"))
    post(coordination, f"/people/{town.amina}/invitations", {})
    code = codes(coordination.get(f"/people/{town.amina}/invitation"))[0]
    assert amina.join(code).status_code == 201
    assert amina.send(entry)["accepted"] == [entry["id"]]


def test_the_devices_of_each_person_are_listed(coordination: TestClient, amina: Phone) -> None:
    page = words(coordination.get("/people"))
    assert re.search(r"Amina\s+1 appareil", page)
    assert re.search(r"Bruno\s+Pas encore d’appareil", page)
    assert "Gaël" not in page
    assert amina


def test_people_and_devices_of_another_territory_do_not_exist_here(
    coordination: TestClient, committee: TestClient, home: House, phone_of: Any, town: Town
) -> None:
    phone_of(town.gael)
    with home.db.read() as session:
        (device,) = devices.enrolled(session, [town.gael])[town.gael]
    before = everything(home)
    assert coordination.get(f"/people/{town.gael}/invitation").status_code == 404
    assert post(coordination, f"/people/{town.gael}/invitations", {}).status_code == 404
    assert post(coordination, f"/devices/{device.device_id}/revocation", {}).status_code == 404
    assert post(coordination, "/devices/unknown/revocation", {}).status_code == 404
    assert coordination.get(f"/people/{town.nour}/invitation").status_code == 404  # staff is no inhabitant
    assert committee.get("/people").status_code == 403
    assert everything(home) == before


def test_the_accounts_manager_sees_every_territory(admin: TestClient) -> None:
    page = words(admin.get("/people"))
    assert "Amina" in page
    assert "Gaël" in page
