"""Addresses on the map, with the real address engine (addok on Redis) and a few streets of ours."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from backend.background import Background
from backend.domain.merchants import Kind
from backend.geocoding import Geocoder, Unreachable
from backend.storage import merchants
from backend.storage.tables import SalesPoint
from backend.web import surroundings
from backend.web.house import House
from backend.web.public_places import Shown, ShownTerritory, directory
from tests.addok.engine import AddressEngine
from tests.servers import free_port
from tests.town import NANTES, Town
from tests.web.forms import post, words

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="redis-server is missing, and the address engine needs it"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddressEngine]:
    engine = AddressEngine(tmp_path_factory.mktemp("addok"), free_port(), free_port())
    yield engine
    engine.close()


@pytest.fixture
def engine(running: AddressEngine) -> AddressEngine:
    """The address engine, answering."""
    running.start()
    return running


@pytest.fixture
def geocoder(engine: AddressEngine) -> Geocoder:
    return Geocoder(engine.domain, "http")


# --- what is found ---


@pytest.mark.parametrize(
    ("address", "postcode", "city"),
    [
        ("2 rue des Bourderies", "44100", "Nantes"),
        ("2 rue des bourderis", "44100", "Nantes"),
        ("2, RUE DES BOURDERIES", "44100", "NANTES CEDEX 4"),
        ("2 rue des Bourderies", "44100", ""),
        ("2 rue des Bourderies", "", "Nantes"),
    ],
)
def test_a_number_in_a_street_is_found_despite_typing_slips(
    geocoder: Geocoder, address: str, postcode: str, city: str
) -> None:
    found = geocoder.find(address, postcode, city)
    assert found is not None
    assert (found.lat, found.lon, found.exact) == (47.208495, -1.600135, True)


@pytest.mark.parametrize("address", ["4 rue Emile Zola", "4 RUE ÉMILE ZOLA", "4 rue émile  zola"])
def test_accents_and_case_do_not_matter(geocoder: Geocoder, address: str) -> None:
    found = geocoder.find(address, "44100", "Nantes")
    assert found is not None
    assert found.label == "4 Rue Émile Zola 44100 Nantes"


def test_a_place_without_a_number_is_found(geocoder: Geocoder) -> None:
    farm = geocoder.find("La Noë Verte", "44640", "Vue")
    square = geocoder.find("place Jean Macé", "44100", "Nantes")
    assert farm is not None
    assert square is not None
    assert farm.exact
    assert square.exact


def test_the_same_street_name_is_found_in_the_town_that_was_asked(geocoder: Geocoder) -> None:
    towns = {"Vue": "44640", "Le Pellerin": "44640"}
    found = {town: geocoder.find("12 rue de Nantes", postcode, town) for town, postcode in towns.items()}
    assert {town: place and place.label for town, place in found.items()} == {
        "Vue": "12 Rue de Nantes 44640 Vue",
        "Le Pellerin": "12 Rue de Nantes 44640 Le Pellerin",
    }
    saint = geocoder.find("8 rue de la Convention", "44800", "St-Herblain")
    assert saint is not None
    assert saint.label == "8 Rue de la Convention 44800 Saint-Herblain"


@pytest.mark.parametrize("address", ["99 rue Émile Zola", "Épicerie du coin, 2 rue Émile Zola"])
def test_a_number_that_is_not_found_is_placed_in_its_street_and_said(
    geocoder: Geocoder, address: str
) -> None:
    found = geocoder.find(address, "44100", "Nantes")
    assert found is not None
    assert (found.lat, found.lon, found.exact) == (47.2108, -1.5883, False)


# --- what is not ---


@pytest.mark.parametrize(
    ("address", "postcode", "city"),
    [
        ("12 rue Imaginaire", "44100", "Nantes"),
        ("12 rue de Nantes", "44640", "Rouans"),  # the engine would say Vue, with a good score
        ("8 rue de la Convention", "44640", "Vue"),
        ("2 rue des Bourderies", "44640", ""),
        ("", "44100", "Nantes"),  # the engine would name some boulevard
        ("2 rue des Bourderies", "", ""),
        ("???", "44100", "Nantes"),
        ("3 rue de la Paix", "44100", "Nantes"),
        ("8 rue Émile Loubet", "44100", "Nantes"),
        ("Le Bourg", "44640", "Vue"),
        ("Centre commercial", "44100", "Nantes"),
        ("x" * 300, "44100", "Nantes"),
        ("Nantes", "44000", "Nantes"),
    ],
)
def test_what_is_not_sure_is_not_found(geocoder: Geocoder, address: str, postcode: str, city: str) -> None:
    assert geocoder.find(address, postcode, city) is None


def test_a_street_that_is_only_known_far_away_asks_for_its_town(geocoder: Geocoder) -> None:
    paris = Shown((), (ShownTerritory("Paris", "", "", 48.85, 2.35),), date(2026, 11, 27))
    someone = Request({"type": "http", "client": ("203.0.113.7", 1), "headers": []})

    def said(text: str) -> str:
        return surroundings.around(someone, geocoder, paris, directory(paris), (), text).said

    assert "que loin d’ici. Ajoutez la commune." in said("2 rue des Bourderies")
    assert "Essayez une commune ou une adresse." in said("zzzz qqqq")


def test_without_an_engine_nothing_is_found() -> None:
    assert Geocoder("").find("2 rue des Bourderies", "44100", "Nantes") is None


def test_an_engine_that_is_down_is_said_and_forgotten_once_it_answers(
    engine: AddressEngine, geocoder: Geocoder
) -> None:
    engine.stop()
    with pytest.raises(Unreachable):
        geocoder.find("2 rue des Bourderies", "44100", "Nantes")
    assert geocoder.silent
    engine.start()
    assert geocoder.find("2 rue des Bourderies", "44100", "Nantes")
    assert not geocoder.silent


def test_an_outage_is_logged_once_quietly_and_without_anybodys_address(
    capfd: pytest.CaptureFixture[str],
) -> None:
    nobody = Geocoder(f"127.0.0.1:{free_port()}", "http")
    with capture_logs() as logged:
        for _ in range(2):
            with pytest.raises(Unreachable):
                nobody.find("2 rue des Bourderies", "44100", "Nantes")
    assert [(entry["log_level"], entry["event"]) for entry in logged] == [("info", "address engine silent")]
    assert "Bourderies" not in repr(logged) + "".join(capfd.readouterr())


# --- what becomes of a sales point ---


@pytest.fixture
def background(app: Starlette, home: House, geocoder: Geocoder) -> Background:
    """The work of a house that asks this engine, done when the test says."""
    home.background.stop()
    work = Background(home.db, home.photos, geocoder, home.now)
    app.state.house = replace(home, geocoder=geocoder, background=work)
    return work


def lost_shop(home: House, town: Town, address: str) -> tuple[str, str]:
    """A shop whose address waits for the engine; its id and its sales point's."""

    def add(session: Session) -> tuple[str, str]:
        shop = merchants.add(
            session, NANTES, "Le Fournil", Kind.BAKERY, home.now(), by=town.claire, source="hand"
        )
        place = merchants.add_place(
            session, shop, address=address, postcode="44100", city="Nantes", placing="to_find"
        )
        return shop.id, place.id

    return home.db.write(add)


def stored(home: House, place_id: str) -> SalesPoint:
    with home.db.read() as session:
        return session.get_one(SalesPoint, place_id)


def test_an_address_is_found_in_the_background(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    assert "Adresse en cours de recherche." in words(coordination.get(f"/merchants/{shop}"))
    background.work()
    found = stored(home, place)
    assert (found.lat, found.lon, found.placing) == (47.208495, -1.600135, "found")
    assert "Placé d’après l’adresse (47,20849" in words(coordination.get(f"/merchants/{shop}"))


def test_an_unknown_street_is_to_be_placed_by_hand(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "12 rue Imaginaire")
    background.work()
    assert stored(home, place).placing == "by_hand"
    page = coordination.get(f"/merchants/{shop}")
    assert "À placer à la main : l’adresse n’a pas été trouvée." in words(page)
    assert f'href="/merchants/{shop}/places/{place}/position"' in page.text
    answer = post(coordination, f"/merchants/{shop}/places/{place}/position", {"pair": "47,2105 -1,5983"})
    assert answer.status_code == 303
    assert stored(home, place).placing == "hand"


def test_an_unknown_number_is_placed_in_its_street_to_be_checked(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "99 rue Émile Zola")
    background.work()
    assert (stored(home, place).placing, stored(home, place).lat) == ("street", 47.2108)
    assert "la rue a été trouvée, pas le numéro" in words(coordination.get(f"/merchants/{shop}"))
    assert "Place à vérifier" in words(coordination.get("/merchants?unplaced=1"))


def test_while_the_engine_is_down_the_address_waits_the_page_says_so_and_offers_the_hand(
    home: House, town: Town, coordination: TestClient, engine: AddressEngine, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    engine.stop()
    background.work()
    assert stored(home, place).placing == "to_find"
    page = coordination.get(f"/merchants/{shop}")
    assert "Le moteur d’adresses ne répond pas. Nous réessayons chaque minute." in words(page)
    assert f'href="/merchants/{shop}/places/{place}/position"' in page.text
    assert "Le moteur d’adresses ne répond pas" in words(coordination.get("/merchants"))
    engine.start()
    background.work()
    assert stored(home, place).placing == "found"
    assert "Le moteur d’adresses ne répond pas" not in words(coordination.get("/merchants"))


def test_a_silence_that_nobody_waits_on_is_not_said(
    home: House, town: Town, coordination: TestClient, engine: AddressEngine, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    engine.stop()
    background.work()
    post(coordination, f"/merchants/{shop}/places/{place}/position", {"pair": "47,2 -1,6"})
    assert background.geocoder.silent
    assert "Le moteur d’adresses ne répond pas" not in words(coordination.get("/merchants"))


def test_an_address_edited_meanwhile_is_not_overwritten(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    old = ("2 rue des Bourderies", "44100", "Nantes")
    form = {"address": "4 rue Émile Zola", "was_address": "2 rue des Bourderies"}
    post(coordination, f"/merchants/{shop}/places/{place}/edits", form)
    home.db.write(lambda session: merchants.place_found(session, place, old, (47.208495, -1.600135)))
    assert (stored(home, place).placing, stored(home, place).lat) == ("to_find", None)
    background.work()
    assert stored(home, place).lat == 47.210685


def test_a_place_put_by_hand_meanwhile_is_not_moved(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    post(coordination, f"/merchants/{shop}/places/{place}/position", {"pair": "47,2 -1,6"})
    asked = ("2 rue des Bourderies", "44100", "Nantes")
    home.db.write(lambda session: merchants.place_found(session, place, asked, (47.208495, -1.600135)))
    background.work()
    assert (stored(home, place).lat, stored(home, place).placing) == (47.2, "hand")


def test_asking_again_finds_what_the_engine_has_learnt_since(
    home: House, town: Town, coordination: TestClient, background: Background
) -> None:
    shop, place = lost_shop(home, town, "2 rue des Bourderies")
    asked = ("2 rue des Bourderies", "44100", "Nantes")
    home.db.write(lambda session: merchants.place_found(session, place, asked, None))
    assert stored(home, place).placing == "by_hand"
    assert post(coordination, f"/merchants/{shop}/places/{place}/searches", {}).status_code == 303
    assert stored(home, place).placing == "to_find"
    background.work()
    assert stored(home, place).placing == "found"
