"""The accounts of the team: opened, given roles, closed; somebody is always left to hold them. On both engines."""

import re
import secrets
import threading

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.people import Grant, Role
from backend.storage import accounts, people
from backend.storage.tables import RoleGrant
from backend.web.house import House
from tests.town import NANTES, RETZ, Town, browser_of, sign_in
from tests.web.forms import everything, post, refused, words

PASSPHRASE = re.compile(r"<code>([0-9A-Z-]{23})</code>")
YVES = {"email": "yves@example.org", "name": "Yves", "role": "coordination", "territory": NANTES}


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


def grants(home: House, email: str) -> list[Grant]:
    with home.db.read() as session:
        person = people.person_by_email(session, email)
        return sorted(people.grants_of(session, person.id)) if person else []


def opened(admin: TestClient, **changes: str) -> tuple[str, str]:
    """A new account: its id and its passphrase."""
    answer = post(admin, "/accounts", YVES | changes)
    assert answer.status_code == 200, words(answer)
    path = re.search(r"/accounts/([0-9a-f-]{36})", answer.text)
    shown = PASSPHRASE.search(answer.text)
    assert path
    assert shown
    return path[1], shown[1]


def signs_in(app: Starlette, email: str, passphrase: str) -> TestClient | None:
    browser = browser_of(app)
    answer = browser.post("/sign-in", data={"email": email, "passphrase": passphrase})
    return browser if answer.status_code == 303 else None


def test_a_new_account_opens_the_door_with_a_passphrase_shown_once(
    app: Starlette, home: House, admin: TestClient, town: Town
) -> None:
    key = secrets.token_hex(16)
    first = post(admin, "/accounts", YVES, key)
    shown = PASSPHRASE.search(first.text)
    assert shown
    assert first.headers["cache-control"] == "no-store"
    assert signs_in(app, "yves@example.org", shown[1])
    assert grants(home, "yves@example.org") == [Grant(Role.COORDINATION, NANTES)]
    before = everything(home)
    again = post(admin, "/accounts", YVES, key)  # a double tap
    assert again.status_code == 303
    assert everything(home) == before
    assert signs_in(app, "yves@example.org", shown[1])
    assert shown[1] not in str(before)


def test_the_list_says_who_may_do_what_and_where(admin: TestClient, town: Town) -> None:
    page = words(admin.get("/accounts"))
    assert "Claire claire@example.org coordination, Nantes Ouest" in page
    assert "Malo malo@example.org accompagnement Moneko, tous les territoires" in page
    assert "Amina" not in page


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"email": ""}, 422, "Écrivez l’adresse e-mail"),
        ({"email": "yves"}, 422, "adresse"),
        ({"role": ""}, 422, "Choisissez un rôle de la liste."),
        ({"role": "evaluator"}, 422, "Choisissez un rôle de la liste."),
        ({"territory": ""}, 422, "Dites le territoire"),
        ({"territory": "ailleurs"}, 422, "Dites le territoire"),
        ({"email": "claire@example.org"}, 409, "claire@example.org a déjà un compte."),
        ({"name": "y" * 81}, 422, "Un texte dépasse 80 signes."),
    ],
)
def test_an_account_that_cannot_be_says_why(
    home: House, admin: TestClient, town: Town, changes: dict[str, str], status: int, sentence: str
) -> None:
    before = everything(home)
    refused(post(admin, "/accounts", YVES | changes), status, sentence)
    assert everything(home) == before


def test_a_role_is_given_and_taken_back_with_its_date_and_author(
    app: Starlette, home: House, admin: TestClient, town: Town
) -> None:
    person_id, passphrase = opened(admin)
    for _twice in range(2):
        assert (
            post(admin, f"/accounts/{person_id}/roles", {"role": "committee", "territory": RETZ}).status_code
            == 303
        )
    assert len(grants(home, "yves@example.org")) == 2
    browser = signs_in(app, "yves@example.org", passphrase)
    assert browser
    with home.db.read() as session:
        grant = next(
            each for each in accounts.get(session, person_id).grants if each.role == Role.COORDINATION
        )
    end = f"/accounts/{person_id}/roles/{grant.id}/end"
    assert [post(admin, end, {}).status_code for _twice in range(2)] == [303, 303]
    assert grants(home, "yves@example.org") == [Grant(Role.COMMITTEE, RETZ)]
    assert browser.get("/board").headers["location"].startswith("/sign-in")
    with home.db.read() as session:
        ended = session.get_one(RoleGrant, grant.id)
        assert (ended.granted_by, ended.revoked_by) == (town.nour, town.nour)
    page = words(admin.get(f"/accounts/{person_id}"))
    assert "enlevé le 24 novembre 2026" in page
    assert "par Nour" in page


def test_a_closed_account_is_outside_at_once(
    app: Starlette, home: House, admin: TestClient, town: Town
) -> None:
    person_id, passphrase = opened(admin)
    browser = signs_in(app, "yves@example.org", passphrase)
    assert browser
    assert browser.get("/board").status_code == 200
    assert post(admin, f"/accounts/{person_id}/closure", {}).status_code == 303
    assert browser.get("/board").headers["location"].startswith("/sign-in")
    assert signs_in(app, "yves@example.org", passphrase) is None
    assert grants(home, "yves@example.org") == []
    assert "1 compte fermé" in words(admin.get("/accounts"))
    assert "compte fermé" in words(admin.get(f"/accounts/{person_id}"))
    before = everything(home)
    assert post(admin, f"/accounts/{person_id}/passphrases", {}).status_code == 404
    assert post(admin, f"/accounts/{person_id}/closure", {}).status_code == 303
    assert everything(home) == before
    assert post(admin, f"/accounts/{person_id}/roles", {"role": "research"}).status_code == 303
    renewed = PASSPHRASE.search(post(admin, f"/accounts/{person_id}/passphrases", {}).text)
    assert renewed
    assert signs_in(app, "yves@example.org", renewed[1])


def test_a_new_passphrase_ends_the_old_one_and_its_sessions(
    app: Starlette, admin: TestClient, town: Town
) -> None:
    person_id, old = opened(admin)
    browser = signs_in(app, "yves@example.org", old)
    assert browser
    renewed = PASSPHRASE.search(post(admin, f"/accounts/{person_id}/passphrases", {}).text)
    assert renewed
    assert browser.get("/board").headers["location"].startswith("/sign-in")
    assert signs_in(app, "yves@example.org", old) is None
    assert signs_in(app, "yves@example.org", renewed[1])


def test_signed_out_everywhere_but_here(app: Starlette, admin: TestClient, town: Town) -> None:
    elsewhere = sign_in(app, town.nour)
    page = words(admin.get(f"/accounts/{town.nour}"))
    assert page.count("Depuis le 24 novembre 2026") == 2
    assert page.count("· ici") == 1
    assert post(admin, f"/accounts/{town.nour}/sessions/end", {}).status_code == 303
    assert elsewhere.get("/board").headers["location"].startswith("/sign-in")
    assert admin.get("/board").status_code == 200


def test_the_name_the_others_read(home: House, admin: TestClient, town: Town) -> None:
    assert post(admin, f"/accounts/{town.malo}/edits", {"name": "Malo B."}).status_code == 303
    assert "Malo B." in words(admin.get("/accounts"))
    before = everything(home)
    refused(post(admin, f"/accounts/{town.malo}/edits", {"name": " "}), 422, "Écrivez un nom")
    assert everything(home) == before


def grant_of(home: House, person_id: str) -> str:
    with home.db.read() as session:
        return accounts.get(session, person_id).grants[0].id


def test_the_last_admin_stays(home: House, admin: TestClient, town: Town) -> None:
    before = everything(home)
    sentence = "Il ne resterait personne pour tenir les comptes."
    end = f"/accounts/{town.nour}/roles/{grant_of(home, town.nour)}/end"
    refused(post(admin, f"/accounts/{town.nour}/closure", {}), 409, sentence)
    refused(post(admin, end, {}), 409, sentence)
    assert everything(home) == before
    opened(admin, role="admin", territory="")
    assert post(admin, end, {}).status_code == 303
    assert admin.get("/accounts").headers["location"].startswith("/sign-in")


def test_two_admins_who_close_each_other_leave_one(
    app: Starlette, home: House, admin: TestClient, town: Town
) -> None:
    other, _passphrase = opened(admin, role="admin", territory="")
    ready, answers = threading.Barrier(2, timeout=20), []

    def close(browser: TestClient, person_id: str) -> None:
        ready.wait()
        answers.append(post(browser, f"/accounts/{person_id}/closure", {}).status_code)

    pairs = ((sign_in(app, town.nour), other), (sign_in(app, other), town.nour))
    threads = [threading.Thread(target=close, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 303 in answers
    with home.db.read() as session:
        left = session.exec(
            select(RoleGrant).where(RoleGrant.role == Role.ADMIN, RoleGrant.revoked_at.is_(None))  # type: ignore[union-attr]
        ).all()
    assert len(left) == 1


def test_an_inhabitant_is_no_account(home: House, admin: TestClient, town: Town) -> None:
    before = everything(home)
    for page in ("", "/edits", "/roles", "/passphrases", "/sessions/end", "/closure"):
        path = f"/accounts/{town.amina}{page}"
        answer = post(admin, path, {"name": "x", "role": "admin"}) if page else admin.get(path)
        assert answer.status_code == 404, page
    other = grant_of(home, town.claire)
    assert post(admin, f"/accounts/{town.malo}/roles/{other}/end", {}).status_code == 404
    assert everything(home) == before


def test_nobody_else_holds_accounts(
    home: House, coordination: TestClient, committee: TestClient, moneko: TestClient, town: Town
) -> None:
    before = everything(home)
    for browser in (coordination, committee, moneko):
        assert browser.get("/accounts").status_code == 403
        assert "Réglages" not in browser.get("/merchants").text
        assert post(browser, "/accounts", YVES | {"role": "admin", "territory": ""}).status_code == 403
        assert post(browser, f"/accounts/{town.nour}/closure", {}).status_code == 403
    assert everything(home) == before


def test_an_admin_sees_both_territories(admin: TestClient, town: Town) -> None:
    for path, both in {
        "/merchants": ("Épicerie des Bourderies", "Ferme du Tenu"),
        "/people": ("Amina", "Gaël"),
        "/sessions": ("Nantes Ouest", "Pays de Retz"),
        "/grids": ("Nantes Ouest", "Pays de Retz"),
        "/territories": ("Nantes Ouest", "Pays de Retz"),
    }.items():
        page = words(admin.get(path))
        assert all(each in page for each in both), path
    for merchant in (town.shop, town.farm):
        assert admin.get(f"/merchants/{merchant}").status_code == 200
