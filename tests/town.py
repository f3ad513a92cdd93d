"""The people and places that all tests share, in a house that is open for one test.

Amina and Bruno go and see the Épicerie des Bourderies; Claire coordinates Nantes Ouest, Dalila sits on its
committee, Malo works for Moneko everywhere, Nour looks after the accounts. Pays de Retz is next door, with Gaël
who goes and see a farm there.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.app import create_app
from backend.domain.merchants import Kind
from backend.domain.people import Role
from backend.settings import Settings
from backend.storage import merchants, people, visits
from backend.storage.tables import Territory
from backend.web import field, merchant_links, reports, signing_in, suggestions
from backend.web.house import House
from backend.web.security import STAFF_COOKIE, Tries
from tests import once
from tests.phones import Phone

NANTES, RETZ = "nantes-ouest", "pays-de-retz"
GRID = f"{NANTES}/depart-1"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    """The house's clock: it moves by a millisecond each time it is asked, and as far as a test says."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at

    def __call__(self) -> datetime:
        self._at += timedelta(milliseconds=1)
        return self._at

    def forward(self, **delta: float) -> None:
        self._at += timedelta(**delta)


@dataclass(frozen=True)
class Town:
    """Ids of who and what there is."""

    amina: str
    bruno: str
    gael: str
    claire: str
    dalila: str
    malo: str
    nour: str
    shop: str
    farm: str
    visit: str  # of the shop, by Amina and Bruno
    farm_visit: str  # by Gaël


def settle(session: Session, now: datetime, *, grid: str = GRID, mode: str = "one_phone") -> Town:
    """Write the town into an empty database."""
    session.add(Territory(id=NANTES, name="Nantes Ouest", phone="+33240000001", lat=47.207, lon=-1.606))
    session.add(Territory(id=RETZ, name="Pays de Retz", phone="+33240000002", lat=47.204, lon=-1.763))
    session.flush()

    def person(name: str, role: Role, territory_id: str | None, email: str | None = None) -> str:
        made = people.add_person(session, name, now, territory_id=territory_id, email=email)
        people.grant_role(session, made.id, role, now, territory_id=territory_id, by=None)
        return made.id

    amina = person("Amina", Role.EVALUATOR, NANTES)
    bruno = person("Bruno", Role.EVALUATOR, NANTES)
    gael = person("Gaël", Role.EVALUATOR, RETZ)
    claire = person("Claire", Role.COORDINATION, NANTES, "claire@example.org")
    shop = merchants.add(
        session, NANTES, "Épicerie des Bourderies", Kind.GROCERY, now, by=claire, source="hand"
    )
    merchants.add_place(
        session,
        shop,
        address="2 rue des Bourderies",
        postcode="44100",
        city="Nantes",
        lat=47.2093,
        lon=-1.5987,
        placing="file",
    )
    farm = merchants.add(session, RETZ, "Ferme du Tenu", Kind.FARM, now, by=None, source="hand")
    merchants.add_place(session, farm, city="Rouans", postcode="44640")
    planned = date(2026, 11, 26)
    return Town(
        amina=amina,
        bruno=bruno,
        gael=gael,
        claire=claire,
        dalila=person("Dalila", Role.COMMITTEE, NANTES, "dalila@example.org"),
        malo=person("Malo", Role.MONEKO, None, "malo@example.org"),
        nour=person("Nour", Role.ADMIN, None, "nour@example.org"),
        shop=shop.id,
        farm=farm.id,
        visit=visits.plan(session, shop.id, grid, planned, [amina, bruno], now, by=claire, mode=mode).id,
        farm_visit=visits.plan(session, farm.id, grid, planned, [gael], now, by=None).id,
    )


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        once.keep(patch.setattr)
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def opened(database_url: str, data_dir: Path, clock: Clock) -> Iterator[Starlette]:
    """The whole application, open, without an address engine; nobody has guessed codes or passphrases yet."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=data_dir,
        database_url=database_url,
        public_url="http://testserver",
        geocoder_domain="",
    )
    made = create_app(settings, clock)
    with pytest.MonkeyPatch.context() as patch, TestClient(made):
        patch.setattr(field, "wrong_codes", Tries(20, minutes=10))
        patch.setattr(reports, "sent_by_one", Tries(40, minutes=10))
        patch.setattr(reports, "sent_by_one_about_one", Tries(10, minutes=60))
        patch.setattr(reports, "sent_about_one", Tries(300, minutes=60))
        patch.setattr(suggestions, "sent_by_one", Tries(40, minutes=30))
        patch.setattr(suggestions, "sent_by_all", Tries(300, minutes=60))
        patch.setattr(signing_in, "wrong_passphrases", Tries(10, minutes=10))
        patch.setattr(merchant_links, "wrong_links", Tries(20, minutes=10))
        yield made


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Starlette]:
    with opened(database_url, tmp_path / "data", clock) as made:
        yield made


@pytest.fixture
def home(app: Starlette) -> House:
    """The open house behind `client`."""
    opened: House = app.state.house
    return opened


@pytest.fixture
def town(home: House) -> Town:
    return home.db.write(lambda session: settle(session, home.now()))


def browser_of(app: Starlette) -> TestClient:
    """A browser that is on our pages, and not signed in."""
    return TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)


@pytest.fixture
def client(app: Starlette) -> TestClient:
    """A browser that is not signed in."""
    return browser_of(app)


def sign_in(app: Starlette, person_id: str) -> TestClient:
    """A browser in which this person of the staff is signed in."""
    home: House = app.state.house
    token = home.db.write(
        lambda session: people.open_session(session, home.now(), days=30, person_id=person_id)
    )
    browser = browser_of(app)
    browser.cookies.set(STAFF_COOKIE, token)
    return browser


@pytest.fixture
def signed_in(app: Starlette) -> Any:
    """Gives a browser in which this person of the staff is signed in."""
    return lambda person_id: sign_in(app, person_id)


@pytest.fixture
def coordination(town: Town, signed_in: Any) -> TestClient:
    """Claire's browser."""
    browser: TestClient = signed_in(town.claire)
    return browser


@pytest.fixture
def committee(town: Town, signed_in: Any) -> TestClient:
    """Dalila's browser."""
    browser: TestClient = signed_in(town.dalila)
    return browser


@pytest.fixture
def moneko(town: Town, signed_in: Any) -> TestClient:
    """Malo's browser."""
    browser: TestClient = signed_in(town.malo)
    return browser


@pytest.fixture
def admin(town: Town, signed_in: Any) -> TestClient:
    """Nour's browser."""
    browser: TestClient = signed_in(town.nour)
    return browser


@pytest.fixture
def neighbour(home: House, town: Town, signed_in: Any) -> TestClient:
    """The browser of Rose, who coordinates Pays de Retz."""
    assert town

    def hire(session: Session) -> str:
        rose = people.add_person(session, "Rose", home.now(), email="rose@example.org")
        people.grant_role(session, rose.id, Role.COORDINATION, home.now(), territory_id=RETZ, by=None)
        return rose.id

    browser: TestClient = signed_in(home.db.write(hire))
    return browser


def code_for(home: House, person_id: str) -> str:
    """A fresh invitation's code for this person."""

    def invite(session: Session) -> str:
        invitation = people.invite(
            session, person_id, home.now(), days=home.settings.invitation_days, by=None
        )
        return people.code_of(session, invitation.id)

    return home.db.write(invite)


def joined(app: Starlette, *person_ids: str) -> Phone:
    """A new phone on which these people have joined."""
    phone = Phone(browser_of(app), secrets.token_urlsafe(32))
    for person_id in person_ids:
        phone.join(code_for(app.state.house, person_id))
    return phone


@pytest.fixture
def phone_of(app: Starlette) -> Any:
    """Gives a new phone on which these people have joined."""
    return lambda *person_ids: joined(app, *person_ids)


@pytest.fixture
def amina(town: Town, phone_of: Any) -> Phone:
    """Amina's phone."""
    phone: Phone = phone_of(town.amina)
    return phone


@pytest.fixture
def bruno(town: Town, phone_of: Any) -> Phone:
    """Bruno's phone."""
    phone: Phone = phone_of(town.bruno)
    return phone
