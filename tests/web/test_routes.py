"""Every address is on the sitemap, says who may call it, and refuses everyone else."""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import people
from backend.storage.tables import Person
from backend.web import signing_in
from backend.web.house import House
from backend.web.routes import SITEMAP, Declared
from backend.web.security import DEVICE, MERCHANT, PUBLIC, Access, content_security_policy, guard
from tests.checksums import contents
from tests.phones import Phone
from tests.town import NANTES, RETZ, Town

GUARDED = [line for line in SITEMAP if line.access is not PUBLIC]
FOR_STAFF = [line for line in GUARDED if line.access not in (DEVICE, MERCHANT)]
FOR_MERCHANTS = [line for line in GUARDED if line.access is MERCHANT]
JSON = {"Accept": "application/json"}


def named(line: Declared) -> str:
    return f"{line.method} {line.path}"


def address(line: Declared, town: Town) -> str:
    """The line's address, of the shop in Nantes Ouest and of its visit."""
    line = replace(line, path=re.sub("{(merchant|commitment)}", "0", line.path))
    concept = line.path.split("/")[1]
    ids = {
        "merchants": town.shop,
        "onboarding": town.shop,
        "visits": town.visit,
        "people": town.amina,
        "accounts": town.malo,
        "territories": NANTES,
    }
    path = line.path.replace("{id}", ids.get(concept, "0")).replace("{name:path}", "x")
    parts = (
        *(
            "place",
            "contact",
            "document",
            "other",
            "sha256",
            "size",
            "code",
            "version",
            "token",
            "tie",
            "name",
            "form",
        ),
        "role",
        "commitment",
        "entry",
        "territory",
        "slug",
        "report",
        "digest",
        *("block", "z", "x", "y"),
    )
    for name in parts:
        path = path.replace(f"{{{name}}}", "0")
    for name in ("link", "secret", "decision", "correction", "appeal"):
        path = path.replace(f"{{{name}}}", "0")
    assert "{" not in path, path
    return path


def code_of(answer: Any) -> str:
    """The code of the catalogue that a program is told."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("/problemes/")


def ask(browser: TestClient, line: Declared, town: Town, **headers: str) -> Any:
    return browser.request(line.method, address(line, town), headers=headers)


Staff = Callable[..., TestClient]


@pytest.fixture
def member_of_staff(home: House, town: Town, signed_in: Any) -> Staff:
    def sign_in(role: Role, territory_id: str | None = NANTES) -> TestClient:
        def hire(session: Any) -> str:
            person = people.add_person(session, "Sacha", home.now(), territory_id=territory_id)
            people.grant_role(session, person.id, role, home.now(), territory_id=territory_id, by=None)
            return person.id

        browser: TestClient = signed_in(home.db.write(hire))
        return browser

    return sign_in


def test_the_application_answers_the_sitemap_and_nothing_else(app: Starlette) -> None:
    served = [
        (sorted((route.methods or set()) - {"HEAD"}), route.path)
        for route in app.routes
        if isinstance(route, Route)
    ]
    assert len(served) == len(app.routes)
    assert served == [([line.method], line.path) for line in SITEMAP]


def test_every_address_says_who_may_call_it() -> None:
    assert all(isinstance(line.access, Access) for line in SITEMAP)
    assert all(line.access.roles for line in FOR_STAFF)
    assert len({named(line) for line in SITEMAP}) == len(SITEMAP)


def test_each_refuses_who_is_not_signed_in(client: TestClient, town: Town) -> None:
    wrong = []
    for line in GUARDED:
        answer = ask(client, line, town, **JSON)
        code = "link_needed" if line in FOR_MERCHANTS else "not_signed_in"
        wrong += [named(line)] * ((answer.status_code, code_of(answer)) != (401, code))
    assert wrong == []


def test_each_page_sends_who_is_not_signed_in_to_the_door_and_back(client: TestClient, town: Town) -> None:
    for line in FOR_STAFF:
        if line.method == "GET":
            page = ask(client, line, town)
            where = page.headers["location"]
            assert (page.status_code, where) == (303, f"/sign-in?next={address(line, town)}"), named(line)


def test_each_refuses_a_phone_that_is_not_for_phones(amina: Phone, town: Town) -> None:
    token = amina.http.cookies["caisse_device"]
    cookies = f"caisse_device={token}; caisse_staff={token}"
    answers = {named(line): ask(amina.http, line, town, Cookie=cookies, **JSON) for line in FOR_STAFF}
    assert {name for name, answer in answers.items() if answer.status_code != 401} == set()


def test_each_refuses_staff_that_is_for_phones(coordination: TestClient, town: Town) -> None:
    token = coordination.cookies["caisse_staff"]
    for line in GUARDED:
        if line.access is DEVICE:
            answer = ask(coordination, line, town, Cookie=f"caisse_device={token}")
            assert (answer.status_code, code_of(answer)) == (401, "not_signed_in"), named(line)


def test_each_refuses_every_role_that_it_does_not_name(member_of_staff: Staff, town: Town) -> None:
    wrong = []
    for role in set(Role) - {Role.ADMIN}:
        browser = member_of_staff(role)
        for line in FOR_STAFF:
            if role not in line.access.roles:
                answer = ask(browser, line, town, **JSON)
                wrong += [(role, named(line))] * ((answer.status_code, code_of(answer)) != (403, "forbidden"))
    assert wrong == []


def test_each_lets_in_every_role_that_it_names(member_of_staff: Staff, town: Town) -> None:
    wrong = []
    for role in Role:
        for line in FOR_STAFF:
            if role is Role.ADMIN or role in line.access.roles:
                answer = ask(member_of_staff(role, None), line, town, **JSON)
                wrong += [(role, named(line), answer.text)] * (answer.status_code in (401, 403, 405, 500))
    assert wrong == []


def test_what_belongs_to_another_territory_does_not_exist(
    home: House, member_of_staff: Staff, town: Town
) -> None:
    wrong = []
    for role in set(Role) - {Role.ADMIN}:
        browser = member_of_staff(role, RETZ)
        before = contents(home.db)
        for line in FOR_STAFF:
            if role in line.access.roles and "{id}" in line.path:
                form = {"form_key": secrets.token_hex(16)} if line.method == "POST" else None
                answer = browser.request(line.method, address(line, town), data=form, headers=JSON)
                wrong += [(role, named(line), answer.text)] * (answer.status_code != 404)
        assert contents(home.db) == before
    assert wrong == []


def test_each_that_writes_refuses_what_comes_from_another_site(client: TestClient, town: Town) -> None:
    wrong = []
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ):
        stranger = TestClient(client.app, headers=headers)
        for line in SITEMAP:
            if line.method not in ("GET", "OPTIONS"):
                answer = ask(stranger, line, town, **JSON)
                wrong += [(headers, named(line))] * (
                    (answer.status_code, code_of(answer)) != (403, "cross_site")
                )
    assert wrong == []


def test_each_refuses_other_methods(client: TestClient, town: Town) -> None:
    wrong = []
    for line in SITEMAP:
        known = {other.method for other in SITEMAP if _same(other, line)}
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - known:
            answer = client.request(method, address(line, town), headers=JSON)
            wrong += [(method, line.path)] * (
                (answer.status_code, code_of(answer)) != (405, "method_not_allowed")
            )
    assert wrong == []


def _same(one: Declared, other: Declared) -> bool:
    """Whether both lines may stand for the same address."""
    pairs = zip(one.path.split("/"), other.path.split("/"), strict=False)
    return one.path.count("/") == other.path.count("/") and all(
        a == b or "{" in a or "{" in b for a, b in pairs
    )


def test_what_staff_reads_is_kept_by_no_browser_and_public_pages_may_be(
    admin: TestClient, client: TestClient, town: Town
) -> None:
    for line in sorted(FOR_STAFF, key=lambda line: line.path == "/sign-out"):
        answer = ask(admin, line, town)
        assert answer.headers["cache-control"] == "no-store", named(line)
    for path in ("/", "/donnees", "/nowhere"):
        assert "no-store" not in client.get(path).headers.get("cache-control", ""), path


@pytest.mark.parametrize("odd", ["a\0b", "\ud800"])
def test_no_address_is_looked_for_that_no_database_can_hold(odd: str) -> None:
    async def found(_request: Request) -> Response:
        raise AssertionError

    scope = {"type": "http", "method": "GET", "headers": [], "path_params": {"id": odd}}
    with pytest.raises(Refusal, match="existe pas"):
        asyncio.run(guard(found, PUBLIC)(Request(scope)))


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://testserver", 422), ("https://testserver", 403), ("http://elsewhere.example", 403)],
)
def test_behind_a_proxy_that_rewrites_the_host_the_public_address_is_ours(
    app: Starlette, origin: str, status: int
) -> None:
    browser = TestClient(app, base_url="http://backend:8000")
    answer = browser.post("/sign-in", data={"email": "x" * 300}, headers={"Origin": origin})
    assert answer.status_code == status


def test_the_policy_takes_the_pictures_of_a_map_that_many_servers_share() -> None:
    policy = content_security_policy("https://{s}.tile.example.org/{z}/{x}/{y}.png")
    assert "img-src 'self' data: blob: https://*.tile.example.org;" in policy
    assert "https://tiles.example.org;" in content_security_policy("https://tiles.example.org/{z}/{x}/{y}")


def test_signed_in_again_one_is_where_one_wanted_to_be(client: TestClient, home: House, town: Town) -> None:
    door = client.get("/merchants?stage=active&page=2").headers["location"]
    assert 'name="next" value="/merchants?stage=active&amp;page=2"' in client.get(door).text
    hashed = signing_in.passphrases.hash("quatre saisons")

    def remember(session: Session) -> None:
        session.get_one(Person, town.claire).passphrase_hash = hashed

    home.db.write(remember)
    form = {
        "email": "claire@example.org",
        "passphrase": "quatre saisons",
        "next": "/merchants?stage=active&page=2",
    }
    assert client.post("/sign-in", data=form).headers["location"] == "/merchants?stage=active&page=2"
