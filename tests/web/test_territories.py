"""The territories, as the administration opens and describes them."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.storage import territories
from backend.web.house import House
from tests.town import NANTES, RETZ, Town
from tests.web.forms import everything, post, refused, sent_twice, words

TOLD = {
    "name": "Nantes Ouest",
    "phone": "02 40 00 00 03",
    "email": "c@example.org",
    "lat": "47,21",
    "lon": "-1,6",
}


def was(home: House, territory_id: str) -> dict[str, str]:
    with home.db.read() as session:
        return {"version": territories.version(territories.get(session, territory_id))}


def test_a_territory_is_described_otherwise(home: House, admin: TestClient, town: Town) -> None:
    sent_twice(home, admin, f"/territories/{NANTES}/edits", TOLD | was(home, NANTES))
    page = words(admin.get("/territories"))
    assert "02 40 00 00 03 · c@example.org" in page
    assert "La carte s’ouvre sur 47,21, -1,6." in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Écrivez le nom de ce territoire"),
        ({"phone": "02"}, "téléphone"),
        ({"email": "coordination"}, "adresse"),
        ({"lat": "ici"}, "il faut une latitude et une longitude"),
        ({"lat": "147"}, "il faut une latitude et une longitude"),
        ({"lon": ""}, "il faut une latitude et une longitude"),
    ],
)
def test_what_cannot_be_said_of_a_territory(
    home: House, admin: TestClient, town: Town, changes: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    answer = post(admin, f"/territories/{NANTES}/edits", TOLD | was(home, NANTES) | changes)
    refused(answer, 422, sentence)
    assert everything(home) == before


def test_the_second_of_two_sees_what_the_first_wrote(home: House, admin: TestClient, town: Town) -> None:
    seen = was(home, NANTES)
    assert post(admin, f"/territories/{NANTES}/edits", TOLD | seen).status_code == 303
    mine = TOLD | {"name": "Nantes-Ouest et Saint-Herblain"}
    answer = post(admin, f"/territories/{NANTES}/edits", mine | seen)
    assert answer.status_code == 409
    page = words(answer)
    assert "Il y est écrit maintenant : Nantes Ouest · 02 40 00 00 03" in page
    assert "Nantes-Ouest et Saint-Herblain" in answer.text
    assert post(admin, f"/territories/{NANTES}/edits", mine | was(home, NANTES)).status_code == 303


def test_a_territory_opens_for_a_folder_of_grids(
    home: House, admin: TestClient, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = words(admin.get("/territories"))
    assert "Un territoire a d’abord un dossier pour ses grilles." in page
    for name in (NANTES, RETZ, "loire-divatte"):
        (tmp_path / "criteria" / name).mkdir(parents=True)
    monkeypatch.setitem(vars(home.settings), "criteria_dir", tmp_path / "criteria")
    told: dict[str, Any] = TOLD | {"name": "Loire et Divatte", "folder": "loire-divatte"}
    before = everything(home)
    refused(post(admin, "/territories", told | {"folder": "atlantide"}), 422, "pas de dossier atlantide")
    refused(post(admin, "/territories", told | {"folder": ".."}), 422, "pas de dossier")
    refused(post(admin, "/territories", told | {"folder": NANTES}), 422, "Ce territoire existe déjà.")
    refused(post(admin, "/territories", told | {"email": "x"}), 422, "adresse")
    assert everything(home) == before
    sent_twice(home, admin, "/territories", told)
    assert "Loire et Divatte" in words(admin.get("/territories"))


def test_nobody_else_describes_a_territory(
    home: House, coordination: TestClient, committee: TestClient, admin: TestClient, town: Town
) -> None:
    form = TOLD | was(home, NANTES)
    for browser in (coordination, committee):
        assert browser.get("/territories").status_code == 403
        assert post(browser, f"/territories/{NANTES}/edits", form).status_code == 403
    assert admin.get("/territories/ailleurs/edit").status_code == 404
    assert post(admin, "/territories/ailleurs/edits", form).status_code == 404
