"""Outlines of territories: what a GeoJSON file may hold, the command that loads one, and distances over them."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import shapes
from backend.cli import main
from backend.domain.errors import Refusal
from backend.domain.missing import BANDS_M, CELL_M, DETOUR, Plane, band, disc, found, runs
from backend.settings import Settings
from backend.storage import outlines
from backend.storage.engine import Database
from tests.test_users_cli import settings, territory

__all__ = ["settings", "territory"]

SQUARE = [[-1.60, 47.20], [-1.58, 47.20], [-1.58, 47.22], [-1.60, 47.22], [-1.60, 47.20]]
NEXT = [[-1.58, 47.20], [-1.56, 47.20], [-1.56, 47.22], [-1.58, 47.22], [-1.58, 47.20]]


def surface(name: str, *rings: Any, code: str = "", kind: str = "Polygon") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"nom": name, "code": code},
        "geometry": {"type": kind, "coordinates": list(rings)},
    }


def geojson(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


TWO = geojson(surface("Chantenay", SQUARE, code="44190"), surface("L’Île d’à côté", NEXT))


# --- files ---


def test_the_surfaces_asked_for_are_read_by_name_or_by_code() -> None:
    assert [each.name for each in shapes.read(TWO)] == ["Chantenay", "L’Île d’à côté"]
    assert [each.name for each in shapes.read(TWO, ["44190"])] == ["Chantenay"]
    assert [each.name for each in shapes.read(TWO, ["l'ile d'a cote", "chantenay"])] == [
        "L’Île d’à côté",
        "Chantenay",
    ]


def test_neighbours_still_touch_once_they_are_drawn_thinner() -> None:
    jagged = [[-1.58 + 0.00002 * (step % 2), 47.20 + step * 0.0005] for step in range(41)]
    west = surface("Ouest", [*jagged, [-1.60, 47.22], [-1.60, 47.20], jagged[0]])
    east = surface("Est", [*jagged, [-1.56, 47.22], [-1.56, 47.20], jagged[0]])
    one, other = shapes.read(geojson(west, east))
    (ring,), (opposite,) = one.polygons[0], other.polygons[0]
    assert len(ring) < 25
    shared = {tuple(point) for point in ring if point[0] > -1.59}
    assert shared == {tuple(point) for point in opposite if point[0] < -1.57}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"features": 3}',
        geojson(),
        geojson(
            {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [1, 2]}}
        ),
        geojson(surface("", SQUARE)),
        geojson(surface("Point", -1.6, 47.2, kind="Point")),
        geojson(surface("Ligne", *SQUARE, kind="LineString")),
        geojson(surface("Vide")),
        geojson(surface("Texte", [["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]])),
        geojson(
            surface(
                "Lambert 93", [[350000, 6690000], [360000, 6690000], [360000, 6700000], [350000, 6690000]]
            )
        ),
        json.dumps({"features": [{"properties": {"nom": "x"}, "geometry": {"type": "Blob"}}]}).encode(),
    ],
)
def test_a_file_without_named_surfaces_in_degrees_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match="Donnez du GeoJSON en degrés"):
        shapes.read(data)


def test_a_name_that_the_file_does_not_know_is_said() -> None:
    with pytest.raises(Refusal, match="ne connaît pas « Atlantis »"):
        shapes.read(TWO, ["Chantenay", "Atlantis"])


# --- the command ---


def loaded(settings: Settings) -> list[str]:
    db = Database(settings.sqlalchemy_url)
    try:
        with db.read() as session:
            return [each.name for each in outlines.of_territory(session, "nantes-ouest")]
    finally:
        db.close()


@pytest.mark.usefixtures("territory")
def test_what_is_loaded_takes_the_place_of_what_was(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "limites.geojson"
    file.write_bytes(TWO)
    assert main(["territory", "outline", "nantes-ouest", str(file)]) == 0
    assert "Limites chargées : Chantenay, L’Île d’à côté." in capsys.readouterr().out
    assert main(["territory", "outline", "nantes-ouest", str(file), "Chantenay"]) == 0
    assert loaded(settings) == ["Chantenay"]


@pytest.mark.usefixtures("territory")
def test_what_cannot_be_loaded_leaves_what_was(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, broken = tmp_path / "limites.geojson", tmp_path / "cassé.geojson"
    file.write_bytes(TWO)
    broken.write_bytes(TWO[:50])
    assert main(["territory", "outline", "nantes-ouest", str(file), "Chantenay"]) == 0
    assert main(["territory", "outline", "nantes-ouest", str(broken)]) == 1
    assert main(["territory", "outline", "nantes-ouest", str(tmp_path / "absent")]) == 1
    assert main(["territory", "outline", "nantes-ouest", str(file), "Atlantis"]) == 1
    assert main(["territory", "outline", "pays-de-nulle-part", str(file)]) == 1
    said = capsys.readouterr().err
    assert "Donnez du GeoJSON" in said
    assert "« Atlantis »" in said
    assert "Il n’y a pas de territoire pays-de-nulle-part." in said
    assert loaded(settings) == ["Chantenay"]


@pytest.fixture
def address() -> Iterator[str]:
    """Where the two outlines are served, as the official service does."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(TWO)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/communes"
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("territory")
def test_an_address_is_fetched(settings: Settings, address: str) -> None:
    assert main(["territory", "outline", "nantes-ouest", address, "44190"]) == 0
    assert loaded(settings) == ["Chantenay"]


# --- cells and distances ---

HERE = (47.2, -1.6)
degrees = st.floats(0, 0.2, allow_nan=False)
positions = st.tuples(degrees.map(lambda each: 47.1 + each), degrees.map(lambda each: -1.7 + each))


def as_the_crow_flies(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres on a sphere (haversine)."""
    (lat, lon), (lat2, lon2) = (tuple(map(radians, each)) for each in (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * 6_371_009 * asin(sqrt(half))


@given(here=positions, shops=st.lists(positions, min_size=1, max_size=8))
def test_one_walks_to_the_nearest_shop(here: tuple[float, float], shops: list[tuple[float, float]]) -> None:
    plane = Plane(47.1, -1.7, 0, 0)
    (metres,) = shapes.walked([plane.at(here)], [plane.at(each) for each in shops])
    expected = min(as_the_crow_flies(here, each) for each in shops) * 1.3
    assert metres == pytest.approx(expected, rel=0.01, abs=1)
    assert plane.position(*plane.at(here)) == pytest.approx(here)


@given(shops=st.lists(positions, min_size=1, max_size=5), point=positions, metres=st.integers(100, 9_000))
def test_whom_a_shop_reaches_is_whom_it_is_near(
    shops: list[tuple[float, float]], point: tuple[float, float], metres: int
) -> None:
    plane = Plane(47.1, -1.7, 0, 0)
    here, placed = plane.at(point), [plane.at(each) for each in shops]
    counts = shapes.reached([here], placed, metres)
    for count, shop in zip(counts, placed, strict=True):
        assert count == (shapes.walked([here], [shop])[0] <= metres)


def test_the_cells_are_those_whose_middle_is_inside_and_each_is_one_partss_only() -> None:
    hole = [[-1.595, 47.205], [-1.585, 47.205], [-1.585, 47.215], [-1.595, 47.215], [-1.595, 47.205]]
    drawn = shapes.read(
        geojson(surface("Trouée", SQUARE, hole), surface("Dessus", hole), surface("Double", SQUARE))
    )
    plane = Plane.around(drawn)
    cells = shapes.cells(drawn, plane)
    assert len({(each.column, each.row) for each in cells}) == len(cells)
    area = len(cells) * CELL_M**2 / 1e6
    assert area == pytest.approx(as_the_crow_flies((47.2, -1.6), (47.2, -1.58)) * 2223.9 / 1e6, rel=0.12)
    for each in cells:
        lat, lon = plane.position(*each.middle)
        within = 47.205 < lat < 47.215 and -1.595 < lon < -1.585
        assert each.part == ("Dessus" if within else "Trouée")


def test_a_territory_without_outline_is_a_disc_around_its_middle() -> None:
    round_one = disc(HERE, "Nantes Ouest")
    plane = Plane.around([round_one])
    cells = shapes.cells([round_one], plane)
    far = [as_the_crow_flies(HERE, plane.position(*each.middle)) for each in cells]
    assert max(far) < 3_010
    assert len(cells) * CELL_M**2 == pytest.approx(3.14159 * 3_000**2, rel=0.03)


@given(shops=st.lists(positions, min_size=1, max_size=4))
def test_each_cell_is_drawn_once_in_its_band(shops: list[tuple[float, float]]) -> None:
    drawn = shapes.read(TWO)
    plane = Plane.around(drawn)
    cells = shapes.cells(drawn, plane)
    metres = shapes.walked([each.middle for each in cells], [plane.at(each) for each in shops])
    painted = {
        (column + step, row): place
        for place, each in runs(cells, metres).items()
        for column, row, count in each
        for step in range(count)
    }
    assert painted == {(c.column, c.row): band(far) for c, far in zip(cells, metres, strict=True)}
    assert sum(count for each in runs(cells, metres).values() for _c, _r, count in each) == len(cells)
    told = found(cells, metres)
    assert {each.part for each in told} == {"Chantenay", "L’Île d’à côté"}
    assert [each.half for each in told] == sorted((each.half for each in told), reverse=True)
    assert max(each.farthest for each in told) == max(metres)


def test_bands_end_where_they_say() -> None:
    assert [band(most) for most in BANDS_M] == [0, 1, 2, 3]
    assert [band(most + 0.1) for most in BANDS_M] == [1, 2, 3, 4]
    assert DETOUR == 1.3
