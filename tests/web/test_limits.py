"""The limits of the communes that the public map draws where its ground does not come."""

import json
from collections.abc import Sequence

import pytest
from starlette.testclient import TestClient

from backend import shapes
from backend.storage import outlines
from backend.web.house import House
from tests.test_outlines import NEXT, SQUARE, geojson, surface
from tests.town import NANTES, Clock, Town

ADDRESS = "/carte/limites.json"


def load(home: House, clock: Clock, *features: object) -> None:
    drawn = shapes.read(geojson(*features))
    home.db.write(lambda session: outlines.load(session, NANTES, drawn, clock()))


def points(steps: Sequence[int]) -> list[tuple[float, float]]:
    lat = lon = 0
    found = []
    for north, east in zip(steps[::2], steps[1::2], strict=True):
        lat, lon = lat + north, lon + east
        found.append((lat / 10_000, lon / 10_000))
    return found


@pytest.mark.usefixtures("town")
def test_without_any_there_are_none(client: TestClient) -> None:
    assert client.get(ADDRESS).json() == {"parts": []}


@pytest.mark.usefixtures("town")
def test_each_is_drawn_where_it_is_with_its_name_inside(
    client: TestClient, home: House, clock: Clock
) -> None:
    load(home, clock, surface("Chantenay", SQUARE), surface("L’Île d’à côté", NEXT))
    one, other = client.get(ADDRESS).json()["parts"]
    assert (one["name"], other["name"]) == ("Chantenay", "L’Île d’à côté")
    assert set(points(one["rings"][0])) == {(lat, lon) for lon, lat in SQUARE}
    ((lat, lon),) = points(one["at"])
    assert 47.20 < lat < 47.22
    assert -1.60 < lon < -1.58


@pytest.mark.usefixtures("town")
def test_what_the_browser_has_is_not_sent_again_until_others_are_loaded(
    client: TestClient, home: House, clock: Clock
) -> None:
    load(home, clock, surface("Chantenay", SQUARE))
    first = client.get(ADDRESS)
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get(ADDRESS, headers=known).status_code == 304
    load(home, clock, surface("Chantenay", SQUARE), surface("Bellevue", NEXT))
    assert client.get(ADDRESS, headers=known).status_code == 200


def test_neighbours_still_touch_once_they_are_thin(
    home: House, clock: Clock, client: TestClient, town: Town
) -> None:
    border = [[-1.58 + 0.0004 * (step % 2), 47.20 + step * 0.0005] for step in range(41)]
    west = surface("Ouest", [*border, [-1.60, 47.22], [-1.60, 47.20], border[0]])
    east = surface("Est", [*border, [-1.56, 47.22], [-1.56, 47.20], border[0]])
    load(home, clock, west, east)
    drawn = [set(points(each["rings"][0])) for each in client.get(ADDRESS).json()["parts"]]
    assert sum(map(len, drawn)) < 41  # of 86
    assert len(drawn[0] & drawn[1]) >= 2
    assert len(json.dumps(client.get(ADDRESS).json())) < 900
