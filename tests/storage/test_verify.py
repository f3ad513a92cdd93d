"""`python -m backend verify`: nothing to say about a town that lives, and every corrupted value named."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from backend import cli
from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import RecordKind
from backend.storage import decisions, journal, merchants, visits
from backend.storage.decisions import Deciding
from backend.storage.verify import Difference, differences
from backend.web.house import House
from tests.phones import Phone, picture, sha256
from tests.town import GRID, Town


@pytest.fixture
def lived_in(home: House, town: Town, amina: Phone, bruno: Phone) -> Town:
    """A town where a visit was made, received, decided, followed by late entries, a replacement and a farm visit."""
    criteria = [criterion.id for criterion in home.grids[GRID].criteria]
    photo = picture()
    made = amina.whole_visit(town.visit, GRID, criteria, [photo])
    amina.send(*made)
    amina.put(photo)

    def decide(session: Session) -> None:
        decisions.record(
            session,
            town.shop,
            Deciding(
                DecisionOutcome.ACCREDITED,
                date(2026, 11, 30),
                "Oui.",
                {town.visit: journal.last_of(session, town.visit)},
            ),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        )
        merchants.add_record(session, town.shop, RecordKind.TOLD, {"note": ""}, home.now(), by=town.claire)

    home.db.write(decide)
    bruno.send(
        bruno.choose(town.visit, criteria[0], 3, supersedes=[made[1]["id"]]),
        bruno.choose(town.visit, criteria[1], 3) | {"author": town.amina},
    )
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    return town


def found(home: House) -> list[Difference]:
    with home.db.read() as session:
        return list(differences(session, home.rules))


def test_a_town_that_lives_agrees_with_its_records(home: House, lived_in: Town) -> None:
    assert found(home) == []


CORRUPTIONS: dict[str, tuple[str, str, str]] = {
    "the state of a visit": ("UPDATE visit SET state = 'open' WHERE id = :visit", "visit", "state"),
    "the score of a visit": ("UPDATE visit SET score = '{}' WHERE id = :visit", "visit", "score"),
    "what is hidden": ("UPDATE visit SET hiding = (1 = 1) WHERE id = :visit", "visit", "hiding"),
    "how many answers": ("UPDATE visit SET answered = 3 WHERE id = :visit", "visit", "answered"),
    "the end of a visit's journal": ("UPDATE visit SET last_seq = 1 WHERE id = :visit", "visit", "last_seq"),
    "a visit's grid": ("UPDATE visit SET grid_id = 'a/b' WHERE id = :visit", "visit", "grid_id"),
    "a merchant's stage": ("UPDATE merchant SET stage = 'active' WHERE id = :shop", "merchant", "stage"),
    "a merchant's standing": (
        "UPDATE merchant SET standing = 'none' WHERE id = :shop",
        "merchant",
        "standing",
    ),
    "what is searched": ("UPDATE merchant SET search = '' WHERE id = :shop", "merchant", "search"),
    "a lost record": (
        "DELETE FROM merchant_record WHERE merchant_id = :shop AND kind = 'told'",
        "merchant",
        "standing",
    ),
    "a frozen score": ("UPDATE decision_visit SET score = 'null'", "decision_visit", "score"),
    "an entry's body": ("UPDATE entry SET body = REPLACE(body, '14:30', '15:30')", "entry", "sha256"),
    "a lost entry": (
        "DELETE FROM entry WHERE kind = 'choice_made' AND brought_by IS NULL",
        "visit",
        "answered",
    ),
    "a lost mention": ("DELETE FROM photo_mention", "photo_mention", "sha256"),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_each_corrupted_value_is_named(home: House, lived_in: Town, corruption: str) -> None:
    statement, table, column = CORRUPTIONS[corruption]
    names = {"visit": lived_in.visit, "shop": lived_in.shop}
    home.db.write(
        lambda session: session.connection().execute(
            text(statement), {name: value for name, value in names.items() if f":{name}" in statement}
        )
    )
    assert (table, column) in {(one.table, one.column) for one in found(home)}


@pytest.fixture
def verify(
    home: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Any]:
    monkeypatch.setenv("DATA_DIR", str(home.settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", home.settings.database_url)

    def run() -> tuple[int, str]:
        code = cli.main(["verify"])
        return code, capsys.readouterr().out

    return run


def test_the_command_says_that_all_agrees(lived_in: Town, verify: Callable[[], Any]) -> None:
    assert verify() == (0, "Tout concorde.\n")


def test_the_command_names_what_differs_and_fails(
    home: House, lived_in: Town, verify: Callable[[], Any]
) -> None:
    home.db.write(lambda session: session.connection().execute(text("UPDATE merchant SET stage = 'active'")))
    code, said = verify()
    assert code == 1
    assert f"merchant {lived_in.shop}, stage : noté active, recalculé onboarding" in said


def test_the_command_names_a_photo_that_is_no_longer_on_disk(
    home: House, lived_in: Town, verify: Callable[[], Any]
) -> None:
    home.background.work()
    for file in (Path(home.settings.data_dir) / "photos").rglob("*.jpg"):
        file.unlink()
    code, said = verify()
    assert code == 1
    assert f"photo {sha256(picture())} : reçue, mais introuvable" in said
