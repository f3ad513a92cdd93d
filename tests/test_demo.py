"""The demo: a territory that has everything, holds together, and is brought about once."""

import csv
import os
import re
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from backend import demo
from backend.app import create_app, open_house
from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Kind, Record, RecordKind, Stage, life
from backend.domain.onboarding import Step
from backend.settings import Settings
from backend.storage import merchants, verify
from backend.storage.tables import Decision, DecisionCommitment, DecisionVisit, Entry, Merchant, Photo, Visit
from backend.web.house import House
from tests.databases import NewDatabase
from tests.servers import ROOT, free_port
from tests.town import settle
from tests.web.forms import everything

FOLDER = ROOT / "fixtures" / "demo"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PEOPLE = tomllib.loads((FOLDER / "people.toml").read_text())


def settings(folder: Path, database_url: str = "") -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        database_url=database_url,
        geocoder_domain="",
        public_url="http://testserver",
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser on the demo as it is at NOON, shared by the tests that only read."""
    with TestClient(
        create_app(settings(tmp_path_factory.mktemp("demo")), lambda: NOW),
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
    ) as client:
        demo.seed(client.app.state.house, NOW)  # type: ignore[attr-defined]
        yield client


@pytest.fixture
def home(client: TestClient) -> House:
    opened: House = client.app.state.house  # type: ignore[attr-defined]
    return opened


@pytest.fixture
def session(home: House) -> Iterator[Session]:
    with home.db.read() as session:
        yield session


def stages(session: Session) -> dict[str, Stage]:
    """Each merchant's stage today, by name."""
    found = {}
    for merchant in session.exec(select(Merchant)).all():
        records = [
            Record(row.id, RecordKind(row.kind), row.at, row.body)
            for row in merchants.records(session, merchant.id)
        ]
        found[merchant.name] = life(records, TODAY).stage
    return found


# --- it has everything ---


def test_about_forty_merchants_stand_in_every_stage(session: Session) -> None:
    found = stages(session)
    assert 38 <= len(found) <= 45
    assert set(found.values()) == set(Stage)


def test_there_is_every_kind_of_merchant_in_both_territories(session: Session) -> None:
    found = session.exec(select(Merchant)).all()
    assert {merchant.kind for merchant in found} == set(Kind)
    assert {merchant.territory_id for merchant in found} == {"nantes-ouest", "pays-de-retz"}
    assert max(len(places) for places in merchants.places_of(session, [m.id for m in found]).values()) == 3


def test_there_is_every_state_and_way_of_a_visit(session: Session) -> None:
    found = session.exec(select(Visit)).all()
    assert {visit.state for visit in found} == {
        "planned",
        "open",
        "closed",
        "received",
        "decided",
        "impossible",
        "cancelled",
    }
    assert {visit.mode for visit in found} == {"one_phone", "two_phones", "separate"}
    assert any(visit.score and visit.score["to_settle"] for visit in found)
    trials = {visit.id for visit in found if visit.grid_id == "pays-de-retz/depart-1"}
    assert trials  # a draft serves trial visits, and no decision rests on them
    assert not trials & set(session.exec(select(DecisionVisit.visit_id)))


def test_phones_sent_every_sort_of_entry_and_a_partner_brought_some(session: Session) -> None:
    entries = session.exec(select(Entry)).all()
    assert {entry.kind for entry in entries} >= {
        "choice_made",
        "remark_made",
        "photo_attached",
        "commitment_noted",
        "sheet_done",
        "visit_closed",
        "visit_impossible",
        "merchant_spotted",
    }
    assert any('"choice":"not_applicable"' in entry.body for entry in entries)
    assert any(entry.brought_by for entry in entries)


def test_the_committee_decided_in_every_way_with_reasons_and_commitments(session: Session) -> None:
    decisions = session.exec(select(Decision)).all()
    assert {decision.outcome for decision in decisions} == set(DecisionOutcome)
    assert all(decision.reasons for decision in decisions)
    assert session.exec(select(DecisionCommitment)).first() is not None


def test_some_are_halfway_through_moneko_s_steps_and_some_all_the_way(session: Session) -> None:
    ticked = [
        len(merchants.life_of(session, merchant_id).steps)
        for merchant_id in session.exec(select(Merchant.id)).all()
    ]
    assert {0, 1, len(Step)} < set(ticked)


# --- it holds together ---


def test_what_is_stored_is_what_its_records_add_up_to(session: Session, home: House) -> None:
    assert list(verify.differences(session, home.rules)) == []


def test_every_photo_that_came_can_be_looked_at(session: Session, home: House) -> None:
    photos = session.exec(select(Photo)).all()
    assert len(photos) >= 5
    for photo in photos:
        assert photo.decoded_at is not None
        assert home.photos.open(photo.sha256, "large").startswith(b"\xff\xd8")


def test_nothing_happened_after_now(session: Session) -> None:
    records = [
        record
        for merchant_id in session.exec(select(Merchant.id)).all()
        for record in merchants.records(session, merchant_id)
    ]
    assert max(record.at for record in records) < NOW
    assert max(session.exec(select(Entry.received_at)).all()) < NOW


def test_everyone_in_it_is_plainly_invented() -> None:
    with (FOLDER / "merchants.csv").open(encoding="utf-8", newline="") as file:
        phones = [row["phone"] for row in csv.DictReader(file)]
    phones += [person.get("phone", "") for person in PEOPLE["evaluators"] + PEOPLE["territories"]]
    assert all(phone.startswith("02 61 91 ") for phone in phones if phone)  # reserved for fiction
    assert all(staff["email"].endswith("@example.org") for staff in PEOPLE["staff"])


@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
        datetime(2028, 2, 29, 12, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # clocks go forward in Paris
    ],
)
def test_it_can_be_brought_about_on_any_day(tmp_path: Path, now: datetime) -> None:
    home = open_house(settings(tmp_path), lambda: now)
    demo.seed(home, now)
    with home.db.read() as session:
        assert Stage.ACTIVE in stages(session).values()
        planned = session.exec(select(Visit.planned_on).where(Visit.state == "planned")).all()
    home.db.close()
    assert min(planned) == now.astimezone(demo.PARIS).date()


def test_the_same_day_gives_the_same_story(session: Session, tmp_path: Path) -> None:
    again = open_house(settings(tmp_path), lambda: NOW)
    demo.seed(again, NOW)

    def story(of: Session) -> Any:
        visits = select(Visit).order_by(col(Visit.planned_on), col(Visit.planned_at), col(Visit.answered))
        return stages(of), [(v.planned_on, v.state, v.answered, v.score) for v in of.exec(visits).all()]

    with again.db.read() as other:
        assert story(other) == story(session)
    again.db.close()


# --- who comes in ---


@pytest.mark.parametrize("email", [staff["email"] for staff in PEOPLE["staff"]])
def test_the_printed_people_can_sign_in(client: TestClient, email: str) -> None:
    form = {"email": email, "passphrase": PEOPLE["passphrase"]}
    assert client.post("/sign-in", data=form).status_code == 303


def test_the_printed_code_lets_a_phone_in_with_a_visit_today_and_one_next_week(
    client: TestClient, home: House
) -> None:
    printed = demo.welcome(home, NOW)[2]
    (code,) = set(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", printed))
    joined = client.post("/api/devices", json={"code": code, "device_key": "d" * 43})
    assert joined.status_code == 201
    assert [person["name"] for person in joined.json()["people"]] == ["Amina"]
    field = client.get("/api/field").json()
    planned = [visit["planned_on"] for visit in field["visits"] if visit["state"] == "planned"]
    assert planned == [TODAY.isoformat(), (TODAY + timedelta(7)).isoformat()]


def test_a_code_that_three_phones_used_is_printed_no_more(client: TestClient, home: House) -> None:
    first = demo.welcome(home, NOW)[2]
    (code,) = set(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", first))
    for key in "abc":
        client.post("/api/devices", json={"code": code, "device_key": key * 43})
    assert demo.welcome(home, NOW)[2] != first


def test_the_map_shows_those_who_may_be_shown_and_nobody_else(client: TestClient, session: Session) -> None:
    shown = set(client.get("/lieux.json").json()["name"])
    expected = {Stage.ACTIVE, Stage.ONBOARDING, Stage.TO_RENEW}
    now_shown = {name for name, stage in stages(session).items() if stage in expected}
    assert shown == now_shown | {"Épicerie des Bourderies"}  # its renewal visit is planned


# --- once ---


def test_it_is_brought_about_once(tmp_path: Path) -> None:
    home = open_house(settings(tmp_path), lambda: NOW)
    demo.seed(home, NOW)
    before = everything(home)
    demo.seed(home, NOW + timedelta(days=3))
    assert everything(home) == before
    home.db.close()


def test_a_real_fund_is_left_alone(tmp_path: Path) -> None:
    home = open_house(settings(tmp_path), lambda: NOW)
    home.db.write(lambda session: settle(session, NOW))
    before = everything(home)
    with pytest.raises(demo.NotADemoError):
        demo.seed(home, NOW)
    assert everything(home) == before
    home.db.close()


def test_it_can_be_brought_about_on_postgresql(tmp_path: Path, new_database: NewDatabase) -> None:
    home = open_house(settings(tmp_path, new_database("postgresql")), lambda: NOW)
    demo.seed(home, NOW)
    with home.db.read() as session:
        assert set(stages(session).values()) == set(Stage)
        assert list(verify.differences(session, home.rules)) == []
    home.db.close()


# --- the commands ---


def command(name: str, folder: Path, port: int) -> "subprocess.Popen[str]":
    given = {"DATA_DIR": str(folder), "PORT": str(port), "GEOCODER_DOMAIN": "", "DATABASE_URL": ""}
    environment = {key: value for key, value in os.environ.items() if key != "PUBLIC_URL"} | given
    return subprocess.Popen(
        [sys.executable, "-m", "backend", name],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as response:
        status: int = response.status
        return status


def test_demo_says_in_four_lines_where_to_go_and_as_whom_then_serves(tmp_path: Path) -> None:
    port = free_port()
    for _ in ("first", "again"):
        with command("demo", tmp_path, port) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4)]
            assert f"http://localhost:{port}/" in lines[0]
            assert all(staff["email"] in lines[1] for staff in PEOPLE["staff"])
            assert PEOPLE["passphrase"] in lines[1]
            assert re.search(rf"http://localhost:{port}/app/#code=[0-9A-Z]{{5}}-[0-9A-Z]{{5}}\b", lines[2])
            assert re.search(rf"http://localhost:{port}/commerce/acces/[a-z0-9]{{26}}\b", lines[3])
            assert answers(f"http://localhost:{port}/") == 200
            assert answers(f"http://localhost:{port}/app/") == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("name", ["demo", "serve"])
def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path, name: str) -> None:
    port = free_port()
    with command("serve", tmp_path, port) as first:
        assert first.stdout is not None
        assert first.stdout.readline().startswith(f"La caisse écoute sur 127.0.0.1, port {port}.")
        assert answers(f"http://127.0.0.1:{port}/") == 200
        with command(name, tmp_path / "other", port) as second:
            out, err = second.communicate(timeout=60)
        assert second.returncode == 1
        assert out == ""
        assert (
            err
            == f"Le port {port} est déjà pris. Arrêtez l’autre programme, ou changez de port : PORT={port + 1}.\n"
        )
        assert not (tmp_path / "other").exists()
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)


def test_demo_leaves_a_real_fund_alone_and_says_so(tmp_path: Path) -> None:
    home = open_house(settings(tmp_path), lambda: NOW)
    home.db.write(lambda session: settle(session, NOW))
    home.db.close()
    with command("demo", tmp_path, free_port()) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == f"{tmp_path} contient déjà une vraie caisse. Choisissez un autre dossier avec DATA_DIR.\n"
