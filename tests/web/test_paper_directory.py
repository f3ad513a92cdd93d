"""The directory on paper: what is public and nothing else, on the right pages, kept until something changes."""

import io
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session
from starlette.testclient import TestClient

from backend import shapes
from backend.domain.booklets import apart, folded
from backend.domain.merchants import Kind, Standing
from backend.storage import merchants, outlines
from backend.storage.engine import READERS
from backend.storage.tables import Merchant
from backend.web.house import House
from tests.servers import Server
from tests.test_outlines import SQUARE, geojson, surface
from tests.town import NANTES, RETZ, Town
from tests.web.forms import words

FORMS = ("livret", "livret-a-plier", "gros-caracteres", "affiche")
LONG = "Coopérative des Maraîchères et Maraîchers Réunis du Grand Estuaire et de ses Affluents " * 3
PAYLOAD = '<script>alert(1)</script><img src="file:///etc/passwd">&amp;{{ 7*7 }}'


def add(home: House, town: Town, name: str, standing: Standing = Standing.ACTIVE, **place: Any) -> None:
    """A merchant with one place in Chantenay."""
    territory = place.pop("territory", NANTES)

    def write(session: Session) -> None:
        made = merchants.add(
            session, territory, name, Kind.BAKERY, home.now(), by=town.claire, source="hand", families="bread"
        )
        given = {
            "city": "Nantes",
            "lat": 47.21,
            "lon": -1.59,
            "placing": "hand",
            "takes_moneko": True,
            **place,
        }
        merchants.add_place(session, made, **given)
        session.get_one(Merchant, made.id).standing = standing

    home.db.write(write)


def document(
    browser: TestClient, form: str, territory: str = NANTES
) -> tuple[list[str], list[tuple[int, int]]]:
    """The text of each page, and its size in points."""
    answer = browser.get(f"/papier/{territory}/{form}.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(io.BytesIO(answer.content)) as found:
        return (
            [page.get_textpage().get_text_range() for page in found],
            [(round(page.get_width()), round(page.get_height())) for page in found],
        )


def text(browser: TestClient, form: str, territory: str = NANTES) -> str:
    return " ".join(" ".join(document(browser, form, territory)[0]).replace("\u202f", " ").split())


@pytest.mark.parametrize("form", FORMS)
def test_what_is_public_is_there_and_nothing_else(
    home: House, town: Town, client: TestClient, form: str
) -> None:
    add(home, town, "Croûte que Croûte")
    add(home, town, "Bientôt Chez Nous", Standing.SOON)
    add(home, town, "Le Refusé", Standing.NONE)
    add(home, town, "Le Suspendu", Standing.SUSPENDED)
    add(home, town, "D’un autre territoire", territory=RETZ)
    said = text(client, form)
    assert "Croûte que Croûte" in said
    assert ("Bientôt Chez Nous" in said) == (form != "affiche")
    for hidden in ("Refusé", "Suspendu", "autre territoire"):
        assert hidden not in said


def test_pages_are_as_large_as_they_say(home: House, town: Town, client: TestClient) -> None:
    add(home, town, "Croûte que Croûte")
    for form, size in (
        ("livret", (420, 595)),
        ("livret-a-plier", (839, 595)),
        ("gros-caracteres", (595, 842)),
        ("affiche", (842, 1191)),
    ):
        sizes = set(document(client, form)[1])
        assert len(sizes) == 1
        assert sizes.pop() == pytest.approx(size, abs=1)
    assert len(document(client, "affiche")[1]) == 1


def test_places_stand_under_the_part_that_they_are_in_else_under_their_town(
    home: House, town: Town, client: TestClient
) -> None:
    home.db.write(
        lambda session: outlines.load(
            session, NANTES, shapes.read(geojson(surface("Chantenay", SQUARE))), home.now()
        )
    )
    add(home, town, "Dedans")
    add(home, town, "Dehors", lat=47.3, lon=-1.5, city="Orvault")
    add(home, town, "Nulle part", lat=None, lon=None, city="")
    said = text(client, "livret")
    assert "Chantenay 1 lieu Orvault 1 lieu Sans adresse 1 lieu" in said
    assert (
        said.index("Chantenay Dedans") < said.index("Orvault Dehors") < said.index("Sans adresse Nulle part")
    )


@pytest.mark.parametrize("form", FORMS)
def test_whatever_merchants_wrote_stays_words(home: House, town: Town, client: TestClient, form: str) -> None:
    add(home, town, PAYLOAD, label=PAYLOAD, address=PAYLOAD, access_note=PAYLOAD, access="yes")
    assert "<script>alert(1)</script>" in text(client, form).replace("- ", "")


@pytest.mark.parametrize("form", FORMS)
def test_a_very_long_name_and_forty_places_on_one_spot_are_printed(
    home: House, town: Town, client: TestClient, form: str
) -> None:
    add(home, town, LONG)
    for rank in range(40):
        add(home, town, f"Étal n°{rank:02}")
    said = text(client, form)
    assert "Affluents" in said
    assert all(f"n°{rank:02}" in said for rank in range(40))


def test_without_any_place_it_says_what_will_be_there(home: House, town: Town, client: TestClient) -> None:
    assert words(client.get("/papier")).count("Le livret viendra avec le premier lieu.") == 2
    for form in FORMS:
        assert "Ici viendront les lieux" in text(client, form)


def test_the_same_bytes_until_something_changes(home: House, town: Town, client: TestClient) -> None:
    add(home, town, "Croûte que Croûte")
    first = client.get(f"/papier/{NANTES}/livret.pdf")
    again = client.get(f"/papier/{NANTES}/livret.pdf", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    add(home, town, "Le Nouveau")
    changed = client.get(f"/papier/{NANTES}/livret.pdf", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert "Le Nouveau" in text(client, "livret")


def test_what_does_not_exist_is_not_found(town: Town, client: TestClient) -> None:
    for path in ("/papier/atlantis/livret.pdf", f"/papier/{NANTES}/roman.pdf", "/papier/%00/livret.pdf"):
        assert client.get(path).status_code == 404, path


# --- folding, and numbers apart ---


@given(pages=st.integers(1, 200))
def test_folded_sheets_show_every_page_once_in_order(pages: int) -> None:
    sides = list(folded(pages))
    assert len(sides) % 2 == 0
    assert sorted(page for side in sides for page in side if page is not None) == list(range(pages))
    # from the outermost sheet's front right to the innermost one's, then back: what a reader turns
    sheets = [(sides[rank], sides[rank + 1]) for rank in range(0, len(sides), 2)]
    onward = [page for front, back in sheets for page in (front[1], back[0])]
    backward = [page for front, back in reversed(sheets) for page in (back[1], front[0])]
    read = [page for page in onward + backward if page is not None]
    assert read == list(range(pages))


points = st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), max_size=30)


@given(points=points)
def test_numbers_that_were_apart_stay_where_they_are_and_the_others_part(
    points: list[tuple[float, float]],
) -> None:
    moved = apart(points, 0.5)
    assert len(moved) == len(points)
    assert moved == apart(points, 0.5)

    def nearest(of: list[tuple[float, float]]) -> float:
        return min(
            (
                ((x - x2) ** 2 + (y - y2) ** 2) ** 0.5
                for rank, (x, y) in enumerate(of)
                for x2, y2 in of[rank + 1 :]
            ),
            default=9.0,
        )

    if nearest(points) > 0.51:
        assert all(new == pytest.approx(old, abs=1e-3) for new, old in zip(moved, points, strict=True))
    assert nearest(moved) >= min(nearest(points), 0.25)


def test_every_number_of_the_poster_is_on_the_sheet_were_the_place_a_little_beyond_the_limits(
    home: House, town: Town, client: TestClient
) -> None:
    add(home, town, "Au milieu", lat=47.21, lon=-1.60)
    add(home, town, "Chez les voisins", lat=47.06, lon=-1.60, city="Pont-Saint-Martin")
    add(home, town, "En Corse", lat=42.0, lon=9.0, city="Ajaccio")  # in the list, and not on the map
    body = client.get(f"/papier/{NANTES}/affiche.pdf").content
    with pypdfium2.PdfDocument(io.BytesIO(body)) as found:
        sheet, said = found[0], found[0].get_textpage()
        boxes = [said.get_charbox(at) for at in range(said.count_chars())]
        for left, bottom, right, top in boxes:
            assert 0 <= left <= right <= sheet.get_width()
            assert 0 <= bottom <= top <= sheet.get_height()
        written = said.get_text_range()
    assert "Chez les voisins" in written
    assert "En Corse" in written


def test_who_waits_for_paper_keeps_nobody_else_waiting(home: House, town: Town, live_server: Server) -> None:
    def got(path: str) -> int:
        with urllib.request.urlopen(live_server.address + path, timeout=60) as answer:
            answer.read()
            return int(answer.status)

    add(home, town, "Croûte que Croûte")
    crowd = READERS + 4
    with ThreadPoolExecutor(crowd) as pool:
        waiting = [pool.submit(got, f"/papier/{NANTES}/affiche.pdf") for _ in range(crowd)]
        threading.Event().wait(0.2)  # they have come; the paper takes longer
        assert got("/") == 200
        assert not any(each.done() for each in waiting)
        assert {each.result() for each in waiting} == {200}
