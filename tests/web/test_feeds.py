"""What other sites take: valid in its form, complete, dated, with what left, and nothing that is not published."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import jsonschema
import pytest
from sqlalchemy import JSON, Table, update
from sqlmodel import Session, SQLModel, select
from starlette.testclient import TestClient

from backend.domain.merchants import Kind, RecordKind
from backend.feeds import ATOM, COLUMNS
from backend.storage import merchants
from backend.storage.tables import SalesPoint
from backend.web.feeds import ATOM as ATOM_FEED
from backend.web.feeds import _made
from backend.web.house import House
from backend.web.republishing import Pace
from backend.web.routes import SITEMAP
from backend.web.stamps import unchanged
from tests.hostile import free_texts
from tests.publishing import ACTIVE, active, merchant, soon
from tests.servers import Server
from tests.town import Clock, Town
from tests.web.test_places import NOT_SHOWN
from tests.web.test_public_sheets import decide, place_of
from tests.web.test_roles import World, world

__all__ = ["world"]

NAMES = ("lieux.geojson", "gogocarto.json", "lieux.csv", "nouveaux.atom")
POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
POINT = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {"type": {"const": "Point"}, "coordinates": POSITION},
    "additionalProperties": False,
}
GEOJSON = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": ["string", "number"]},
                    "geometry": {"oneOf": [{"type": "null"}, POINT]},
                    "properties": {"type": ["object", "null"]},
                },
                "not": {"anyOf": [{"required": ["coordinates"]}, {"required": ["features"]}]},
            },
        },
    },
    "not": {"anyOf": [{"required": ["geometry"]}, {"required": ["properties"]}]},
}


@pytest.fixture
def shop(home: House, town: Town, clock: Clock) -> str:
    return home.db.write(
        lambda session: active(
            session,
            "Le Panier d’Ici",
            clock(),
            opening_hours="Tu-We 09:00-12:30,15:00-19:00; Su closed",
            payable="some",
            payable_note="=1+1",
            paying="phone,card",
            phone="02 61 91 00 02",
        )
    )


def geojson(client: TestClient, since: str = "") -> Any:
    query = f"?since={quote(since)}" if since else ""
    answer = client.get(f"/donnees/lieux.geojson{query}")
    assert answer.status_code == 200
    return answer.json()


def ids(told: Any) -> list[str]:
    return [feature["id"] for feature in told["features"]]


# --- valid ---


def test_geojson_keeps_to_its_schema_with_or_without_positions(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    home.db.write(lambda session: soon(session, "Sans position", clock(), lat=None, lon=None))
    told = geojson(client)
    jsonschema.validate(told, GEOJSON)
    assert [feature["geometry"] for feature in told["features"]] == [
        {"type": "Point", "coordinates": [-1.6, 47.2]},
        None,
    ]
    assert told["features"][0]["properties"]["state"] == "active"
    assert client.get("/donnees/lieux.geojson").headers["content-type"] == "application/geo+json"


def test_gogocarto_gets_the_fields_that_it_documents(client: TestClient, shop: str) -> None:
    (element,) = client.get("/donnees/gogocarto.json").json()["data"]
    assert element["openHours"] == {"Tu": "09:00-12:30 & 15:00-19:00", "We": "09:00-12:30 & 15:00-19:00"}
    assert element["geo"] == {"latitude": 47.2, "longitude": -1.6}
    assert element["address"]["addressLocality"] == "Nantes"
    assert element["categories"] == ["Épicerie"]
    assert {"id", "name", "telephone", "openHoursString"} <= element.keys()


def test_csv_has_its_columns_and_no_cell_that_a_spreadsheet_runs(
    client: TestClient, home: House, shop: str
) -> None:
    text = client.get("/donnees/lieux.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == COLUMNS
    assert (row["payable_note"], row["lat"], row["paying"]) == ("'=1+1", "47.2", "phone,card")
    assert "\x00" not in text


@pytest.mark.parametrize("name", ["Le Panier", "<b>&amp;</b>]]>", "a\x0bb\x1f\ufffe", "\U0001f956 pain"])
def test_atom_is_well_formed_whatever_the_name(
    client: TestClient, home: House, town: Town, clock: Clock, name: str
) -> None:
    home.db.write(lambda session: active(session, name, clock(), label=name))
    feed = ElementTree.fromstring(client.get("/donnees/nouveaux.atom").content)
    (entry,) = feed.findall(f"{{{ATOM}}}entry")
    for parent in (feed, entry):
        for child in ("id", "title", "updated"):
            assert parent.findtext(f"{{{ATOM}}}{child}"), child
    assert entry.findtext(f"{{{ATOM}}}title", "").startswith(name[:1])


def test_atom_has_an_entry_for_each_merchant_the_newest_first(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    client.get("/donnees/nouveaux.atom")
    clock.forward(days=1)
    home.db.write(lambda session: soon(session, "Le Radis Bavard", clock()))
    home.db.write(
        lambda session: merchants.add_place(
            session, merchants.get(session, shop), label="Marché", city="Nantes"
        )
    )
    feed = ElementTree.fromstring(client.get("/donnees/nouveaux.atom").content)
    titles = [entry.findtext(f"{{{ATOM}}}title") for entry in feed.findall(f"{{{ATOM}}}entry")]
    assert titles == ["Le Radis Bavard", "Le Panier d’Ici"]


def test_atom_gives_the_new_ones_alone_neither_who_came_back_nor_who_changed(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    def titles(since: str) -> list[str | None]:
        feed = ElementTree.fromstring(client.get(f"/donnees/{ATOM_FEED}?since={quote(since)}").content)
        return [entry.findtext(f"{{{ATOM}}}title") for entry in feed.findall(f"{{{ATOM}}}entry")]

    client.get("/donnees/lieux.geojson")
    clock.forward(days=2)
    since = clock().isoformat()
    for kind in (RecordKind.SUSPENDED, RecordKind.RESUMED):
        home.db.write(
            lambda session, kind=kind: merchants.add_record(
                session, shop, kind, {"note": ""}, clock(), by=None
            )
        )
        client.get("/donnees/lieux.geojson")
        clock.forward(days=1)
    home.db.write(
        lambda session: (
            merchants.add_place(session, merchants.get(session, shop), label="Marché", city="Nantes").slug
        )
    )
    assert titles(since) == []
    home.db.write(lambda session: soon(session, "Le Radis Bavard", clock()))
    assert titles(since) == ["Le Radis Bavard"]


# --- for whoever asks ---


@pytest.mark.parametrize("name", NAMES)
def test_any_site_may_take_it_and_nothing_is_sent_twice(client: TestClient, shop: str, name: str) -> None:
    first = client.get(f"/donnees/{name}", headers={"Origin": "https://elsewhere.example"})
    assert first.headers["access-control-allow-origin"] == "*"
    again = client.get(f"/donnees/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    part = client.get(f"/donnees/{name}?since=2026-01-01")
    known = {"If-None-Match": part.headers["etag"]}
    assert client.get(f"/donnees/{name}?since=2026-01-01", headers=known).status_code == 304


@pytest.mark.parametrize("name", NAMES)
def test_a_script_of_any_site_may_ask_what_changed_and_reads_why_not(
    client: TestClient, shop: str, name: str
) -> None:
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    before = client.options(
        f"/donnees/{name}",
        headers=elsewhere
        | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"},
    )
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == "*"
    assert "GET" in before.headers["access-control-allow-methods"]
    assert before.headers["access-control-allow-headers"].lower() == "if-none-match"
    for path, status in ((f"/donnees/{name}?since=hier", 422), ("/donnees/tout.xml", 404)):
        answer = client.get(path, headers=elsewhere)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")
    told = client.get(f"/donnees/{name}", headers=elsewhere)
    assert told.headers["as-of"] == geojson(client)["as_of"]
    assert "As-Of" in told.headers["access-control-expose-headers"]
    since = quote(told.headers["as-of"])
    assert client.get(f"/donnees/{name}?since={since}").status_code == 200


def test_what_does_not_exist_and_dates_that_are_none(client: TestClient, shop: str) -> None:
    assert client.get("/donnees/tout.xml").status_code == 404
    for since in ("hier", "2026-13-01", "x" * 5000, "'", "0001-01-01", "9999-12-31T23:59:59-12:00"):
        assert client.get(f"/donnees/lieux.geojson?since={since}").status_code == 422, since


# --- since ---


def test_since_a_moment_comes_what_changed_and_what_left(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    other = home.db.write(lambda session: soon(session, "Le Radis Bavard", clock()))
    whole = geojson(client)
    assert (len(whole["features"]), whole["left"]) == (2, [])
    clock.forward(days=1)

    def change(session: Session) -> None:
        session.get_one(SalesPoint, place_of(home, shop).id).payable_note = "Le pain"

    home.db.write(change)
    nextday = home.now().isoformat()
    home.db.write(
        lambda session: merchants.add_record(
            session, other, RecordKind.WITHDRAWN, {"note": "Un secret."}, clock(), by=None
        )
    )
    news = geojson(client, (home.now() - timedelta(hours=1)).isoformat())
    assert ids(news) == ["le-panier-d-ici-nantes"]
    (gone,) = news["left"]
    assert gone["id"] == "le-radis-bavard-nantes"
    assert gone["left_at"][:10] == nextday[:10]
    assert news["as_of"] >= gone["left_at"]
    later = geojson(client, (home.now() + timedelta(hours=1)).isoformat())
    assert (ids(later), later["left"]) == ([], [])
    text = client.get("/donnees/lieux.csv?since=2026-11-25").content.decode("utf-8-sig")
    assert {row["id"]: bool(row["left_at"]) for row in csv.DictReader(io.StringIO(text))} == {
        "le-panier-d-ici-nantes": False,
        "le-radis-bavard-nantes": True,
    }


def test_who_asks_with_as_of_misses_nothing(client: TestClient, home: House, shop: str, clock: Clock) -> None:
    mirror = {feature["id"]: feature for feature in geojson(client)["features"]}
    as_of = geojson(client)["as_of"]
    shops = [shop]
    for step in range(12):
        clock.forward(minutes=7)
        if step % 3 == 2:
            left = shops.pop(0)
            closed = (RecordKind.CLOSED_DOWN, {"note": ""})
            home.db.write(
                lambda session, left=left, closed=closed: merchants.add_record(
                    session, left, *closed, clock(), by=None
                )
            )
        else:
            name = f"Commerce {step}"
            shops.append(home.db.write(lambda session, name=name: active(session, name, clock())))
        news = geojson(client, as_of)
        as_of = news["as_of"]
        mirror |= {feature["id"]: feature for feature in news["features"]}
        for gone in news["left"]:
            mirror.pop(gone["id"], None)
        assert sorted(mirror) == sorted(ids(geojson(client)))


def test_what_comes_back_is_no_longer_left(client: TestClient, home: House, shop: str, clock: Clock) -> None:
    geojson(client)
    for kind, left in ((RecordKind.SUSPENDED, 1), (RecordKind.RESUMED, 0)):
        clock.forward(hours=1)
        home.db.write(
            lambda session, kind=kind: merchants.add_record(
                session, shop, kind, {"note": ""}, clock(), by=None
            )
        )
        told = geojson(client, "2026-01-01")
        assert (len(told["left"]), len(told["features"])) == (left, 1 - left)


@pytest.mark.parametrize("edited_at", [0, 1])
def test_what_is_edited_while_the_feeds_are_made_stays_in_them_and_is_told_next(
    client: TestClient, home: House, shop: str, clock: Clock, edited_at: int
) -> None:
    pauses = count()
    as_of = geojson(client)["as_of"]

    class EditedMeanwhile(Pace):
        """Somebody else writes where the feeds let the others through."""

        def pause(self) -> None:
            if next(pauses) == edited_at:
                edit("Changé entre-temps")

    def edit(words: str) -> None:
        def work(session: Session) -> None:
            merchants.places(session, shop)[0].payable_note = words

        home.db.write(work)

    clock.forward(minutes=5)
    made = _made(home, None, EditedMeanwhile(Event()))
    assert [item.place.slug for item in made.items] == ["le-panier-d-ici-nantes"]
    assert made.items[0].place.payable_note == "Changé entre-temps"
    (told,) = geojson(client, as_of)["features"]
    assert told["properties"]["payable_note"] == "Changé entre-temps"
    assert (
        not unchanged(home, made) or made.items[0].changed_at.isoformat() == told["properties"]["changed_at"]
    )


def test_the_background_dates_what_left_though_nobody_asked(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    home.background.work()
    closed = (RecordKind.CLOSED_DOWN, {"note": ""})
    home.db.write(lambda session: merchants.add_record(session, shop, *closed, clock(), by=None))
    left_at = home.now()
    home.background.work()
    clock.forward(days=120)
    (gone,) = geojson(client, "2026-01-01")["left"]
    assert gone["left_at"][:16] == left_at.isoformat()[:16]


# --- nothing that is not published ---


@pytest.mark.parametrize("records", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_who_is_not_public_is_in_no_feed(
    client: TestClient, home: House, town: Town, clock: Clock, records: Any
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    home.db.write(lambda session: merchant(session, "Canari", clock(), *records, address="Canari"))
    for name in NAMES:
        assert "anari" not in client.get(f"/donnees/{name}?since=2020-01-01").text


PUBLISHED = {
    "merchant": {"name", "kind", "phone", "website", "products", "families"},
    "sales_point": {
        *("slug", "label", "address", "postcode", "city", "opening_hours", "access", "access_note"),
        *("payable", "payable_note", "paying", "paying_note"),
    },
    "territory": {"name", "phone", "email"},
    "public_words": {"words", "commitments"},
    "territory_outline": {"name", "polygons"},
    "publication": {"slug", "digest"},
    "meta": {"key", "value"},
}


CODE = re.compile(
    r"[a-z0-9_:/.-]+|\d{4}-\d\d-\d\d\S*"
)  # of a choice, of a row, or a date: what the house chose


def _written_everywhere(home: House) -> tuple[int, int]:
    """Put a canary in every text that is not published, of every row of every table, and in every text within its
    JSON; returns in how many columns of each sort."""
    texts, nested = 0, 0

    def work(session: Session) -> None:
        nonlocal texts, nested
        for table in SQLModel.metadata.sorted_tables:
            for column in free_texts(table):
                if column.name in PUBLISHED.get(table.name, set()):
                    continue
                canary = f"canari-{table.name}-{column.name}"
                session.execute(update(table).values({column.name: canary}))
                texts += 1
            for column in table.columns:
                if isinstance(column.type, JSON) and column.name not in PUBLISHED.get(table.name, set()):
                    nested += _written_within(session, table, column)

    home.db.write(work)
    return texts, nested


def _written_within(session: Session, table: Table, column: Any) -> int:
    keys = list(table.primary_key.columns)
    found = session.execute(select(column, *keys)).all()
    for value, *key in found:
        own = [one == each for one, each in zip(keys, key, strict=True)]
        canary = f"canari-{table.name}-{column.name}"
        session.execute(update(table).where(*own).values({column.name: _within(value, canary)}))
    return len(found) > 0


def _within(value: Any, canary: str) -> Any:
    if isinstance(value, dict):
        return {name: _within(each, f"{canary}-{name}") for name, each in value.items()} | {"canari": canary}
    if isinstance(value, list):
        return [_within(each, canary) for each in value]
    return canary if isinstance(value, str) and not CODE.fullmatch(value) else value


def addresses(client: TestClient, home: House) -> Iterator[str]:
    """Every public address that answers without a form."""
    slugs = ids(geojson(client))
    yield "/hors-ligne/fiches/0.json"
    yield from (f"/donnees/{name}{query}" for name in NAMES for query in ("", "?since=2020-01-01"))
    for line in SITEMAP:
        if line.access.name == "public" and line.method == "GET" and "{" not in line.path:
            yield line.path
    for slug in slugs:
        yield from (f"/lieux/{slug}{end}" for end in ("", "/report", "/thanks", "/x.png"))


def test_no_public_byte_holds_what_is_not_published(
    world: World, client: TestClient, home: House, town: Town, clock: Clock
) -> None:
    decide(home, town, town.shop)
    home.db.write(lambda session: merchants.add_record(session, town.shop, *ACTIVE, clock(), by=None))
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock(), kind=Kind.FARM))
    before = {address: client.get(address).status_code for address in addresses(client, home)}
    texts, nested = _written_everywhere(home)
    assert texts > 40
    assert nested > 5
    clock.forward(days=1)

    def touch(session: Session) -> None:  # all is made again
        for place in merchants.places(session, town.shop):
            place.access_note = "Changé."

    home.db.write(touch)
    seen = 0
    for address in before:
        answer = client.get(address)
        assert answer.status_code == before[address], address
        assert b"canari" not in answer.content.lower(), address
        seen += b"Chang" in answer.content
    assert seen >= 5  # the sheet, and the feeds that hold all


# --- the page that documents them ---


def test_the_page_names_every_feed_and_every_column(client: TestClient, shop: str) -> None:
    page = client.get("/donnees").text
    for name in NAMES:
        assert f'href="/donnees/{name}"' in page
    for column in COLUMNS:
        assert f"<code>{column}</code>" in page, column


def lines_of(page: str, how: str) -> str:
    return unescape(page.split(f'data-runs="{how}">')[1].split("</code>")[0])


def test_the_lines_to_copy_do_what_they_say(
    live_server: Server, home: House, shop: str, tmp_path: Path
) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{live_server.address}/donnees") as answer:
        page = answer.read().decode()
    subprocess.run(["sh", "-e", "-c", lines_of(page, "sh")], cwd=tmp_path, check=True, capture_output=True)
    assert json.loads((tmp_path / "lieux.geojson").read_text())["type"] == "FeatureCollection"
    assert (tmp_path / "lieux.csv").read_bytes().startswith(b"\xef\xbb\xbfid,url,")
    ran = subprocess.run(
        [sys.executable, "-c", lines_of(page, "python")], check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip() == str(len(json.loads((tmp_path / "lieux.geojson").read_text())["features"]))
