"""What phones keep of the public pages: all that it names answers, and its bytes change when what they say does."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.storage import merchants
from backend.web import offline
from backend.web.house import House
from tests.publishing import ACTIVE, BLOCKED, active, soon
from tests.town import Clock, Town

pytestmark = pytest.mark.usefixtures("town")

LIST = "/hors-ligne.json"
FIRST = "/hors-ligne/fiches/0.json"


def to_keep(client: TestClient) -> dict[str, Any]:
    listed: dict[str, Any] = client.get(LIST).json()
    return listed


def sheets(client: TestClient) -> dict[str, list[str]]:
    found: dict[str, list[str]] = client.get(FIRST).json()
    return found


def test_all_that_it_names_answers_anyone(client: TestClient, home: House, clock: Clock) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    listed = to_keep(client)
    addresses = [*listed["pages"], *listed["files"], *listed["sheets"]]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_with_no_place_yet_there_is_still_a_page_to_keep(client: TestClient) -> None:
    listed = to_keep(client)
    assert "/" in listed["pages"]
    assert listed["sheets"] == []
    assert client.get(FIRST).status_code == 404


def test_files_are_those_that_pages_load_and_those_that_these_load(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    names = {
        address.split("/", 3)[3] for address in to_keep(client)["files"] if address.startswith("/static/")
    }
    assert {"home.css", "map-packed.js", "map/worker.js", "vendor/supercluster.min.js"} <= names
    assert {"public-sheet.css", "public-sheet.js", "offline.js", "map/pieces.js"} <= names
    assert "vendor/atkinson-hyperlegible-latin-700-normal.woff2" in names  # a style loads it
    assert not {"board.css", "pin-map.js", "declaration.js"} & names  # the work space's


def test_the_name_changes_with_what_is_published_and_with_nothing_else(
    client: TestClient, home: House, clock: Clock, town: Town
) -> None:
    shop = home.db.write(lambda session: soon(session, "Le Panier d’Ici", clock()))
    first = to_keep(client)["name"]

    def unseen(session: Any) -> None:
        merchants.get(session, shop).siret = "12345678900011"

    home.db.write(unseen)
    assert to_keep(client)["name"] == first

    def words_alone(session: Any) -> None:  # on the sheet, not in the list
        merchants.get(session, shop).products = "Pain de seigle"

    home.db.write(words_alone)
    second = to_keep(client)["name"]
    assert second != first
    home.db.write(lambda session: merchants.add_record(session, shop, *ACTIVE, clock(), by=None))
    assert to_keep(client)["name"] not in (first, second)


def test_sheets_are_kept_whole_without_what_changes_by_the_minute(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(
        lambda session: active(
            session, "Le <Panier>", clock(), opening_hours="Mo-Sa 09:00-19:00", label="Zola & Cie"
        )
    )
    ((slug, (title, html)),) = sheets(client).items()
    assert client.get(f"/lieux/{slug}").status_code == 200
    assert title == "Le <Panier>, Zola & Cie"  # as text: the phone writes it into its page
    assert "<h1>Le &lt;Panier&gt;</h1>" in html
    assert 'id="openings"' in html
    assert '<p class="opening" id="opening" data-said=""></p>' in html
    frame = client.get("/hors-ligne/fiche").text
    assert (frame.count("<!--title-->"), frame.count("<!--sheet-->")) == (1, 1)
    assert frame.startswith("<!doctype html>\n<html ")


def test_sheets_are_the_same_bytes_all_week(client: TestClient, home: House, clock: Clock) -> None:
    home.db.write(
        lambda session: active(session, "Le Panier d’Ici", clock(), opening_hours="Mo-Sa 09:00-19:00")
    )
    monday = clock().date().toordinal() % 7  # days since a Sunday
    clock.forward(days=(8 - monday) % 7)
    tag = client.get(FIRST).headers["etag"]
    for _day in range(5):
        clock.forward(days=1)
        assert client.get(FIRST, headers={"If-None-Match": tag}).status_code == 304
    clock.forward(days=2)
    later = client.get(FIRST, headers={"If-None-Match": tag})
    assert later.status_code == 200  # new hours: those of before would soon end


def test_one_change_makes_its_own_file_anew_and_no_other(
    client: TestClient, home: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "TOGETHER", 2)
    ids = [home.db.write(lambda session, n=n: active(session, f"Commerce {n}", clock())) for n in range(5)]
    before = [client.get(address).headers["etag"] for address in to_keep(client)["sheets"]]
    assert len(before) == 3

    def change(session: Any) -> None:
        merchants.get(session, ids[2]).products = "Pain de seigle"

    home.db.write(change)
    after = [client.get(address).headers["etag"] for address in to_keep(client)["sheets"]]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_who_leaves_the_map_leaves_what_is_kept(client: TestClient, home: House, clock: Clock) -> None:
    shop = home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    home.db.write(lambda session: active(session, "Les Blés", clock()))
    assert len(sheets(client)) == 2
    home.db.write(lambda session: merchants.add_record(session, shop, *BLOCKED, clock(), by=None))
    assert [title for title, _html in sheets(client).values()] == ["Les Blés"]


def test_of_too_large_a_directory_no_sheets_are_offered(
    client: TestClient, home: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "EVERY", 1)
    for name in ("Le Panier d’Ici", "Les Blés"):
        home.db.write(lambda session, name=name: active(session, name, clock()))
    listed = to_keep(client)
    assert listed["sheets"] == []
    assert [page for page in listed["pages"] if page.startswith("/carte/lignes")] == []
    assert client.get(FIRST).status_code == 404


@pytest.mark.parametrize("block", ["1", "-1", "x", "²", "9" * 5_000, "%00"])
def test_a_file_that_does_not_exist_is_not_found(
    client: TestClient, home: House, clock: Clock, block: str
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    assert client.get(f"/hors-ligne/fiches/{block}.json").status_code == 404


def test_the_worker_alone_may_fetch_pieces_of_the_ground(client: TestClient) -> None:
    policies = {path: client.get(path).headers["content-security-policy"] for path in ("/sw.js", "/")}
    assert "connect-src 'self' https://data.geopf.fr" in policies["/sw.js"]
    assert "connect-src 'self';" in policies["/"]
    answer = client.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.endswith(f"// {policies['/sw.js']}\n")  # another policy is another worker
