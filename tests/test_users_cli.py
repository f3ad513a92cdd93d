"""The commands that open the house to its staff: a territory, then accounts."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.app import create_app
from backend.cli import main
from backend.domain.people import Grant, Role
from backend.settings import Settings
from backend.storage import people
from backend.storage.engine import Database
from backend.web.security import STAFF_COOKIE


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own, where the commands will look."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GEOCODER_DOMAIN", "")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Settings()


@pytest.fixture
def territory(settings: Settings) -> None:
    assert settings
    assert (
        main(["territory", "add", "nantes-ouest", "Nantes Ouest", "47.2", "-1.6", "--phone", "0240000000"])
        == 0
    )


def grants(settings: Settings, email: str) -> list[Grant]:
    db = Database(settings.sqlalchemy_url)
    try:
        with db.read() as session:
            person = people.person_by_email(session, email)
            return sorted(people.grants_of(session, person.id)) if person else []
    finally:
        db.close()


def signs_in(settings: Settings, email: str, passphrase: str) -> bool:
    with TestClient(create_app(settings), follow_redirects=False) as browser:
        answer = browser.post("/sign-in", data={"email": email, "passphrase": passphrase})
        return answer.status_code == 303


@pytest.mark.usefixtures("territory")
def test_an_invented_passphrase_is_printed_once_and_opens_the_door(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["user", "add", "claire@example.org", "coordination", "--territory", "nantes-ouest"]) == 0
    printed = capsys.readouterr().out
    found = re.search(r"affichée cette seule fois : ([0-9A-Z-]{23})\n", printed)
    assert found
    assert signs_in(settings, "Claire@example.org", found[1])
    assert grants(settings, "claire@example.org") == [Grant(Role.COORDINATION, "nantes-ouest")]
    assert found[1].encode() not in (settings.data_dir / "caisse.db").read_bytes()


@pytest.mark.usefixtures("territory")
def test_a_passphrase_may_be_given_on_the_standard_input_and_is_not_repeated(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quatre saisons et un panier\n"))
    assert main(["user", "add", "malo@example.org", "moneko", "--ask"]) == 0
    assert "panier" not in capsys.readouterr().out
    assert signs_in(settings, "malo@example.org", "quatre saisons et un panier")
    assert grants(settings, "malo@example.org") == [Grant(Role.MONEKO, None)]


@pytest.mark.usefixtures("territory")
def test_the_same_person_again_gets_a_new_passphrase_and_no_second_role(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["user", "add", "claire@example.org", "coordination", "--territory", "nantes-ouest", "--ask"]
    for passphrase in ("un premier panier", "un second panier"):
        monkeypatch.setattr("sys.stdin", io.StringIO(passphrase))
        assert main(command) == 0
    assert not signs_in(settings, "claire@example.org", "un premier panier")
    assert signs_in(settings, "claire@example.org", "un second panier")
    assert grants(settings, "claire@example.org") == [Grant(Role.COORDINATION, "nantes-ouest")]


@pytest.mark.usefixtures("territory")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["claire@example.org", "coordination"], "parmi ceux de cette caisse : nantes-ouest"),
        (["claire@example.org", "committee", "--territory", "ailleurs"], "nantes-ouest"),
        (["claire", "admin"], "adresse"),
    ],
)
def test_an_account_that_cannot_be_says_why(
    settings: Settings, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["user", "add", *arguments]) == 1
    assert sentence in capsys.readouterr().err
    assert grants(settings, "claire@example.org") == []


@pytest.mark.usefixtures("territory")
def test_a_short_passphrase_is_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("court\n"))
    assert main(["user", "add", "nour@example.org", "admin", "--ask"]) == 1
    assert "au moins 12 signes" in capsys.readouterr().err
    assert grants(settings, "nour@example.org") == []


def opened(settings: Settings, email: str) -> str:
    """A session of this person; gives its token."""
    db = Database(settings.sqlalchemy_url)

    def work(session: Session) -> str:
        person = people.person_by_email(session, email)
        assert person is not None
        return people.open_session(session, datetime.now(UTC), days=30, person_id=person.id)

    try:
        return db.write(work)
    finally:
        db.close()


def still_there(settings: Settings, token: str) -> bool:
    with TestClient(create_app(settings), follow_redirects=False, cookies={STAFF_COOKIE: token}) as browser:
        return browser.get("/merchants").status_code == 200


@pytest.mark.usefixtures("territory")
@pytest.mark.parametrize("role", [[], ["coordination"]])
def test_who_leaves_the_team_is_signed_out_and_has_no_role(settings: Settings, role: list[str]) -> None:
    for email in ("claire@example.org", "nour@example.org"):
        assert main(["user", "add", email, "coordination", "--territory", "nantes-ouest"]) == 0
    claire, nour = opened(settings, "claire@example.org"), opened(settings, "nour@example.org")
    assert still_there(settings, claire)
    assert main(["user", "remove", "Claire@example.org", *role]) == 0
    assert grants(settings, "claire@example.org") == []
    assert not still_there(settings, claire)
    assert still_there(settings, nour)


@pytest.mark.usefixtures("territory")
def test_one_role_of_two_is_taken_away(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    main(["user", "add", "claire@example.org", "coordination", "--territory", "nantes-ouest"])
    main(["user", "add", "claire@example.org", "moneko"])
    assert main(["user", "remove", "claire@example.org", "coordination"]) == 0
    assert grants(settings, "claire@example.org") == [Grant(Role.MONEKO, None)]
    capsys.readouterr()
    assert main(["user", "list"]) == 0
    assert capsys.readouterr().out == "claire@example.org\tmoneko\ttous les territoires\n"


@pytest.mark.usefixtures("territory")
def test_nobody_is_removed_who_is_not_there(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    main(["user", "add", "claire@example.org", "coordination", "--territory", "nantes-ouest"])
    assert main(["user", "remove", "bruno@example.org"]) == 1
    assert main(["user", "remove", "claire@example.org", "moneko"]) == 1
    assert "user list" in capsys.readouterr().err
    assert grants(settings, "claire@example.org") == [Grant(Role.COORDINATION, "nantes-ouest")]


@pytest.mark.usefixtures("territory")
def test_a_territory_is_made_once_and_has_its_grids(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["territory", "add", "nantes-ouest", "Nantes", "47.2", "-1.6"]) == 1
    assert main(["territory", "add", "atlantide", "Atlantide", "31.0", "-24.0"]) == 1
    said = capsys.readouterr().err
    assert "existe déjà" in said
    assert "pas de dossier atlantide" in said
