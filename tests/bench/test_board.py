"""How long the board, the list, the search and the numbers take with a large directory, on both databases."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlmodel import Session, SQLModel
from starlette.testclient import TestClient

from backend.domain.merchants import Kind, RecordKind, Stage, folded
from backend.web.house import House
from tests.bench.results import at_most, record
from tests.databases import ENGINES, NewDatabase
from tests.doses import dose
from tests.town import GRID, NANTES, Clock, Town, opened, settle, sign_in

MERCHANTS = dose(500, 10_000)
RUNS = dose(1, 9)
BUDGET = 100  # ms
COMMAND = "SOAK=1 pytest tests/bench/test_board.py"
NOTE = (
    f"Medians of {RUNS}: one request in the process of the server, its page included."
    f" {MERCHANTS:,} merchants, two visits each."
)
PAGES = {
    "board": "/board",
    "board, one person": "/board?person={amina}",
    "list, first page": "/merchants",
    "search that finds": "/merchants?text=epicerie+bourderie",
    "search that finds nothing": "/merchants?text=epicrie+bourdrie",
}
WITH_COMMITMENTS = {Stage.ACCREDITED, Stage.ONBOARDING, Stage.ACTIVE, Stage.TO_RENEW, Stage.SUSPENDED}
WORDS = [
    "Bourderies",
    "Chantenay",
    "Zola",
    "Bellevue",
    "Tenu",
    "Rouans",
    "Vue",
    "Pellerin",
    "Viarme",
    "Procé",
    "Égalité",
    "Sillon",
    "Doulon",
]


def rows(town: Town, now: datetime) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Table by table, what a large directory holds: merchants at every stage, with their records and visits."""
    made: dict[str, list[dict[str, Any]]] = {}

    stages, kinds = list(Stage), list(Kind)
    for rank in range(MERCHANTS):
        merchant, since = f"m{rank:08}", now - timedelta(hours=rank % 5000)
        name = f"Épicerie {WORDS[rank % len(WORDS)]} {rank}"
        stage = stages[rank % len(stages)]
        made.setdefault("merchant", []).append(
            {
                "id": merchant,
                "territory_id": NANTES,
                "name": name,
                "kind": kinds[rank % len(kinds)].value,
                "search": folded(f"{name} {rank} rue Zola 44100 Nantes"),
                "stage": Stage.ACTIVE.value if stage is Stage.TO_RENEW else stage.value,
                "stage_since": since,
                "standing": "active" if stage is Stage.ACTIVE else "none",
                "created_at": since,
                "followed_by": town.claire if rank % 50 == 0 else None,
            }
        )
        made.setdefault("sales_point", []).append(
            {
                "id": f"p{rank:08}",
                "merchant_id": merchant,
                "slug": f"lieu-{rank}",
                "label": "",
                "city": "Nantes",
                "address": f"{rank} rue Zola",
                "postcode": "44100",
                "lat": 47.2,
                "lon": -1.6,
                "placing": "found",
                "opening_hours": "Mo-Fr 09:00-18:00",
                "takes_moneko": False,
                "position": 0,
            }
        )
        for order, kind in enumerate(
            (RecordKind.SPOTTED, RecordKind.CONTACTED, RecordKind.NOTE, RecordKind.NOTE)
        ):
            made.setdefault("merchant_record", []).append(
                {
                    "id": f"r{rank:08}{order}",
                    "merchant_id": merchant,
                    "kind": kind.value,
                    "author_id": None,
                    "at": since - timedelta(hours=9 - order),
                    "body": {"source": "hand", "note": "Une note."},
                }
            )
        expired = stage is Stage.TO_RENEW
        if stage in WITH_COMMITMENTS:
            made.setdefault("decision", []).append(
                {
                    "id": f"d{rank:08}",
                    "merchant_id": merchant,
                    "outcome": "accredited_with_commitments",
                    "decided_on": since.date(),
                    "valid_until": since.date() + timedelta(days=-1 if expired else 365),
                    "reasons": "Le comité y tient.",
                    "recorded_by": town.claire,
                    "recorded_at": since,
                }
            )
            made.setdefault("decision_commitment", []).append(
                {
                    "id": f"c{rank:08}",
                    "decision_id": f"d{rank:08}",
                    "criterion": "entrer",
                    "text": "Poser une rampe à l’entrée.",
                    "due": now.date() + timedelta(days=rank % 90),
                }
            )
        states = ("decided", "planned" if stage is Stage.VISIT_PLANNED else "decided")
        for order in range(2):
            visit = f"v{rank:08}{order}"
            made.setdefault("visit", []).append(
                {
                    "id": visit,
                    "merchant_id": merchant,
                    "territory_id": NANTES,
                    "grid_id": GRID,
                    "mode": "one_phone",
                    "planned_on": date(2026, 11, 1) + timedelta(days=rank % 60),
                    "planned_at": "",
                    "planned_by": None,
                    "created_at": since,
                    "released_at": None,
                    "cancelled_at": None,
                    "state": states[order],
                    "hiding": False,
                    "answered": 0,
                    "score": None,
                    "last_seq": 0,
                }
            )
            member = {"visit_id": visit, "person_id": (town.amina, town.bruno)[rank % 2], "added_at": since}
            made.setdefault("visit_member", []).append({**member, "removed_at": None, "removed_seq": None})
    yield from made.items()


def fill(home: House) -> Town:
    """The town with a large directory around it."""

    def write(session: Session) -> Town:
        town = settle(session, home.now())
        for table, found in rows(town, home.now()):
            for start in range(0, len(found), 1000):
                session.execute(insert(SQLModel.metadata.tables[table]), found[start : start + 1000])
        session.execute(text("ANALYZE"))  # PostgreSQL does it by itself a minute later
        return town

    return home.db.write(write)


def taken(browser: TestClient, path: str) -> float:
    """Milliseconds of one request, after one that warms up."""
    browser.get(path)

    def once() -> float:
        started = time.perf_counter()
        assert browser.get(path).status_code == 200
        return (time.perf_counter() - started) * 1000

    return median(once() for _ in range(RUNS))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_board_and_the_search(
    engine: str, new_database: NewDatabase, tmp_path: Path, clock: Clock
) -> None:
    with opened(new_database(engine), tmp_path / "data", clock) as app:
        town = fill(app.state.house)
        browser = sign_in(app, town.claire)
        figures = [
            at_most(f"{name}, {engine}", taken(browser, path.format(amina=town.amina)), BUDGET, "ms")
            for name, path in PAGES.items()
        ]
    record(f"Board and search, {engine}", COMMAND, figures, NOTE)
