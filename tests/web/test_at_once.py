"""Two of the coordination at the same moment: one wins, the other is told, nothing is half-written. On both engines."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.journal import fold
from backend.domain.planning import TieKind
from backend.storage import journal, person_files
from backend.web.house import House
from tests.town import GRID, Town, sign_in
from tests.web.forms import everything, post


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


def at_once(app: Starlette, person_id: str, *acts: Callable[[TestClient], Any]) -> list[int]:
    """What each of these is answered, all sent at the same moment."""
    ready, answers = threading.Barrier(len(acts), timeout=20), [0] * len(acts)
    browsers = [sign_in(app, person_id) for _ in acts]

    def go(rank: int) -> None:
        ready.wait()
        answers[rank] = acts[rank](browsers[rank]).status_code

    threads = [threading.Thread(target=go, args=(rank,)) for rank in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_the_same_duo_for_the_same_merchant_is_planned_once(app: Starlette, home: House, town: Town) -> None:
    form = {"planned_on": "2026-12-04", "grid": GRID, "member": [town.amina, town.bruno]}
    plan = lambda browser: post(browser, f"/merchants/{town.shop}/visits", form)  # noqa: E731
    before = everything(home)
    assert at_once(app, town.claire, *[plan] * 4) == [303, 409, 409, 409]
    after = everything(home)
    assert len(after["visit"]) == len(before["visit"]) + 1
    assert len(after["visit_member"]) == len(before["visit_member"]) + 2


def test_a_tie_noted_as_the_visit_is_planned_never_stays_unseen(
    app: Starlette, home: House, town: Town
) -> None:
    """Either the plan is refused, or the person's file shows the visit to give to someone else."""
    form = {"planned_on": "2026-12-04", "grid": GRID, "member": [town.amina]}
    answers = at_once(
        app,
        town.claire,
        lambda browser: post(browser, f"/merchants/{town.shop}/visits", form),
        lambda browser: post(
            browser,
            f"/people/{town.amina}/ties",
            {"merchant": "Épicerie des Bourderies", "kind": TieKind.WORKS},
        ),
    )
    with home.db.read() as session:
        planned = len(person_files.to_replace(session, town.amina))
    assert (answers, planned) in (([303, 303], 2), ([303, 422], 1))  # the town's own visit is one of them


def test_two_who_replace_the_same_person_replace_them_once(app: Starlette, home: House, town: Town) -> None:
    def by(name: str) -> Callable[[TestClient], Any]:
        form = {"leaves": town.bruno, "newcomer": name, "reason": "prevented"}
        return lambda browser: post(browser, f"/visits/{town.visit}/replacements", form)

    before = everything(home)
    assert at_once(app, town.claire, by("Yvonne"), by("Zoé")) == [303, 409]
    assert len(everything(home)["visit_member"]) == len(before["visit_member"]) + 1
    assert len(everything(home)["person"]) == len(before["person"]) + 1


def test_of_two_who_key_in_the_same_paper_one_wins_and_the_other_is_told(
    app: Starlette, home: House, town: Town
) -> None:
    def key_in(level: str) -> Callable[[TestClient], Any]:
        answers = {f"answer_{each.id}": level for each in home.grids[GRID].criteria}
        form = {"who": town.amina, "sheet": "own", "newest": "", **answers}
        return lambda browser: post(browser, f"/visits/{town.visit}/paper", form)

    assert at_once(app, town.claire, key_in("1"), key_in("3")) == [303, 409]
    with home.db.read() as session:
        sheet = fold(journal.records_of(session, town.visit))["sheets"][town.amina]
    assert len({each["choice"] for made in sheet.values() for each in made}) == 1
    assert all(len(made) == 1 for made in sheet.values())
    assert at_once(app, town.claire, *[key_in(str(made["choice"])) for made in sheet["petits-prix"]] * 2) == [
        303,
        303,
    ]  # the same paper twice adds nothing
