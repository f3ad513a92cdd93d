"""The public map in a real Chromium, against the real server, with tiles from 127.0.0.1 only."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session, select

from backend import shapes
from backend.domain.merchants import Kind, RecordKind
from backend.domain.territories import Told
from backend.settings import Settings
from backend.storage import merchants, outlines, territories
from backend.storage.engine import Database
from backend.storage.tables import Merchant
from tests.axe import barriers
from tests.publishing import active, soon
from tests.servers import Server, free_port
from tests.town import NANTES

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "locale": "fr-FR",
    "reduced_motion": "reduce",
}
FAR_APART = ((47.196, -1.87), (47.30, -1.60), (47.10, -1.55), (47.33, -1.90), (47.08, -1.75))


class Tiles:
    """A tile server of one picture, which remembers what it was asked."""

    def __init__(self) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (256, 256), "#EDE7D8").save(picture, "PNG")
        asked: list[str] = []
        tiles = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if tiles.lost:
                    self.close_connection = True
                    return
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.send_header("Access-Control-Allow-Origin", "*")  # as the IGN's does
                self.end_headers()
                self.wfile.write(picture.getvalue())

            def log_message(self, *_: object) -> None:
                pass

        self.asked = asked
        self.lost = False  # whether its answers get lost
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{{z}}/{{x}}/{{y}}.png"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def tiles() -> Iterator[Tiles]:
    made = Tiles()
    yield made
    made.close()


class Fund:
    """A running fund, and a second hand on its database: what is written there shows on the next page."""

    def __init__(self, folder: Path, tile_url: str) -> None:
        self.server = Server(folder, TILE_URL=tile_url)
        settings = Settings(_env_file=None, data_dir=folder)  # type: ignore[call-arg]
        self.database = Database(settings.sqlalchemy_url)
        self.database.migrate()
        self.database.write(
            lambda session: territories.add(session, NANTES, Told("Nantes Ouest", "", "", 47.2, -1.6))
        )
        self.server.start()

    def show(self, add: Callable[[Session, datetime], object]) -> None:
        """Publish what `add` adds, and nothing else."""
        now = datetime.now(UTC)

        def work(session: Session) -> None:
            for old in session.exec(select(Merchant.id)).all():
                merchants.add_record(session, old, RecordKind.CLOSED_DOWN, {"note": ""}, now, by=None)
            add(session, now)

        self.database.write(work)

    def close(self) -> None:
        self.server.stop()
        self.database.close()


@pytest.fixture(scope="module")
def fund(tmp_path_factory: pytest.TempPathFactory, tiles: Tiles) -> Iterator[Fund]:
    opened = Fund(tmp_path_factory.mktemp("fund"), tiles.url)
    yield opened
    opened.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Gives pages that note what the Content-Security-Policy refuses, what is asked for, and what breaks."""
    contexts: list[BrowserContext] = []

    def new(**how: Any) -> Page:
        contexts.append(chromium.new_context(**(PHONE | how)))
        contexts[-1].add_init_script(
            """window.ran = []; window.pwned = () => window.ran.push('script');
            document.addEventListener('securitypolicyviolation', (event) => window.ran.push(event.blockedURI));"""
        )
        return contexts[-1].new_page()

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


def open_map(page: Page, fund: Fund) -> None:
    page.goto(fund.server.address)
    expect(page.locator(".map .leaflet-marker-icon").first).to_be_visible()


def five_places(session: Session, now: datetime) -> None:
    """Far enough from one another to be drawn one by one."""
    kinds = (Kind.GROCERY, Kind.BAKERY, Kind.FARM, Kind.AMAP, Kind.MOBILE)
    for rank, (kind, (lat, lon)) in enumerate(zip(kinds, FAR_APART, strict=True)):
        add = soon if rank == 4 else active
        add(session, f"Commerce {rank}", now, kind=kind, lat=lat, lon=lon, city="Vue", phone="02 61 91 00 01")


# --- the same places, whichever way one reads ---


def test_the_map_and_the_list_show_the_same_places(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_map(page, fund)
    pins = {pin.get_attribute("aria-label") for pin in page.locator(".map-pin").all()}
    listed = {
        f"{place.locator('h4').inner_text()} — {place.locator('.state').inner_text().strip()}"
        for place in page.locator(".place").all()
    }
    assert pins == listed
    assert "Commerce 0 — accepte la Moneko" in pins
    assert "Commerce 4 — bientôt" in pins


def test_without_scripts_the_list_is_complete_and_no_frame_is_empty(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    fund.show(five_places)
    page = new_page(java_script_enabled=False)
    page.goto(fund.server.address)
    for rank in range(5):
        expect(page.get_by_role("heading", name=f"Commerce {rank}")).to_be_visible()
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator(".legend")).to_be_hidden()


def test_soon_and_active_differ_by_shape_and_by_word(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_map(page, fund)
    shapes = {
        pin.get_attribute("aria-label"): pin.locator("use").first.get_attribute("href")
        for pin in page.locator(".map-pin").all()
    }
    assert shapes["Commerce 0 — accepte la Moneko"] == "#pin-active"
    assert shapes["Commerce 4 — bientôt"] == "#pin-soon"


# --- touching a pin ---


def test_a_touched_pin_says_what_is_there(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_map(page, fund)
    page.get_by_role("button", name="Commerce 1 — accepte la Moneko").click()
    card = page.get_by_role("dialog", name="Commerce 1")
    expect(card.get_by_role("heading", name="Commerce 1")).to_be_focused()
    expect(card).to_contain_text("Boulangerie")
    expect(card).to_contain_text("accepte la Moneko")
    expect(card).to_contain_text("3 rue du Panier")
    expect(card.get_by_role("link", name="Appeler le 02 61 91 00 01")).to_have_attribute(
        "href", "tel:0261910001"
    )
    card.get_by_role("link", name="Dans la liste").click()
    expect(page.locator(".place:target h4")).to_have_text("Commerce 1")


def test_the_keyboard_alone_opens_a_pin_and_comes_back_to_it(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_map(page, fund)
    pin = page.get_by_role("button", name="Commerce 0 — accepte la Moneko")
    for _ in range(40):
        page.keyboard.press("Tab")
        if pin.evaluate("pin => pin === document.activeElement"):
            break
    expect(pin).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Commerce 0", level=3)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(pin).to_be_focused()


def test_the_list_shows_a_place_on_the_map(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    open_map(page, fund)
    place = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Commerce 3"))
    place.get_by_role("button", name="Voir sur la carte").click()
    expect(page.get_by_role("dialog", name="Commerce 3")).to_be_visible()
    expect(page.locator(".map")).to_be_in_viewport()


def test_places_too_close_to_touch_are_drawn_as_one_that_opens(page: Page, fund: Fund) -> None:
    def same_market(session: Session, now: datetime) -> None:
        for name in ("Pissenlit", "Écaille"):
            active(session, name, now, lat=47.2, lon=-1.6, label="Marché de Chantenay")
        active(session, "Ailleurs", now, lat=47.4, lon=-1.9)

    fund.show(same_market)
    open_map(page, fund)
    page.wait_for_selector("html[data-map=complete]")  # what came with the page is drawn anew before
    together = page.get_by_role("button", name="2 lieux proches : rapprocher")
    expect(together).to_have_text("2lieux")
    box = together.bounding_box()
    assert box is not None
    # the browser places it by a transform, and says 48.000015 once in a while
    assert (round(box["width"], 2), round(box["height"], 2)) == (48, 48)
    together.click()
    for _ in range(8):  # closer and closer, then spread out: they stand at the very same point
        if page.locator(".map-together").count():
            page.locator(".map-together").first.click()
    expect(
        page.get_by_role("button", name="Écaille, Marché de Chantenay — accepte la Moneko")
    ).to_be_visible()
    page.get_by_role("button", name="Pissenlit, Marché de Chantenay — accepte la Moneko").click()
    expect(page.get_by_role("dialog", name="Pissenlit, Marché de Chantenay")).to_be_visible()


# --- strangers ---


def test_nothing_is_asked_but_from_the_fund_and_its_tile_server(page: Page, fund: Fund, tiles: Tiles) -> None:
    fund.show(five_places)
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("request", lambda request: hosts.add(request.method))
    open_map(page, fund)
    expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
    assert hosts == {"GET", urlsplit(fund.server.address).netloc, urlsplit(tiles.url).netloc}
    assert page.evaluate("window.ran") == []


def test_ones_position_is_drawn_and_goes_nowhere(new_page: Callable[..., Page], fund: Fund) -> None:
    fund.show(five_places)
    here = {"latitude": 47.21043, "longitude": -1.61267}
    page = new_page(geolocation=here, permissions=["geolocation"])
    open_map(page, fund)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    page.get_by_role("button", name="Me situer").click()
    expect(page.locator(".leaflet-control-locate-location")).to_be_visible()
    page.get_by_role("button", name="Rapprocher").click()
    assert not [request for request in asked if "47.21" in request or "1.61" in request]


def test_once_one_is_found_the_nearest_is_named_and_the_list_begins_with_it(
    new_page: Callable[..., Page], fund: Fund
) -> None:
    fund.show(five_places)
    page = new_page(geolocation={"latitude": 47.105, "longitude": -1.55}, permissions=["geolocation"])
    open_map(page, fund)
    page.get_by_role("button", name="Me situer").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text("Le plus proche : Commerce 2, à 550 m à vol d’oiseau.")
    expect(page.locator(".in-list section h4")).to_have_text(
        ["Commerce 2", "Commerce 1", "Commerce 0", "Commerce 3", "Commerce 4"]
    )
    expect(page.locator(".place .distance").first).to_have_text("à 550 m")
    expect(page.locator(".place .distance").last).to_have_text("à 15 km")
    assert status.bounding_box()["y"] < page.locator(".map").bounding_box()["y"]  # type: ignore[index]


def test_a_position_that_is_refused_is_said_in_one_sentence(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    open_map(page, fund)
    page.get_by_role("button", name="Me situer").click()
    expect(page.get_by_role("status")).to_contain_text("Votre position reste inconnue.")
    assert said == []


# --- when something does not work ---


def test_without_its_ground_the_map_still_shows_the_places(
    page: Page, tmp_path: Path, new_page: Callable[..., Page]
) -> None:
    fund = Fund(tmp_path / "no-tiles", f"http://127.0.0.1:{free_port()}/{{z}}/{{x}}/{{y}}.png")
    try:
        fund.show(five_places)
        open_map(page, fund)
        expect(page.get_by_role("status")).to_have_text(
            "Le fond de carte ne répond pas. Les lieux restent à leur place."
        )
        page.get_by_role("button", name="Commerce 2 — accepte la Moneko").click()
        expect(page.get_by_role("dialog", name="Commerce 2")).to_be_visible()
        page.get_by_role("button", name="Fermer").click()
        page.get_by_role("button", name="Me situer").click()
        expect(page.get_by_role("status")).to_contain_text("Votre position reste inconnue.")
        page.get_by_role("button", name="Éloigner").click()  # tiles of another scale do not come either
        expect(page.get_by_role("status")).to_contain_text("Votre position reste inconnue.")
    finally:
        fund.close()


# --- without its ground ---

COMMUNES = Path(__file__).parents[2] / "fixtures" / "demo" / "outlines.geojson"
OVER = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const names = all('.map .town-name');
  const others = [...names, ...all('.map button.leaflet-marker-icon, .map .leaflet-control')];
  const boxes = new Map(others.map((one) => [one, one.getBoundingClientRect()]));
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const over = names.filter((one) => others.some((other) => other !== one && meet(boxes.get(one), boxes.get(other))));
  return names.length > 0 && over.length === 0;
}"""


def in_many_towns(session: Session, now: datetime) -> None:
    """Towns that are close to one another, with long names."""
    names = ("Le Pellerin", "Saint-Jean-de-Boiseau", "Cheix-en-Retz", "Rouans", "Port-Saint-Père", "Vue")
    spots = ((47.199, -1.76), (47.195, -1.72), (47.18, -1.81), (47.18, -1.86), (47.13, -1.75), (47.2, -1.88))
    for rank, (city, (lat, lon)) in enumerate(zip(names, spots, strict=True)):
        active(session, f"Commerce {rank}", now, lat=lat, lon=lon, city=city)


def test_without_its_ground_the_map_draws_communes_and_names_that_never_overlap(
    page: Page, tmp_path: Path
) -> None:
    fund = Fund(tmp_path / "no-ground", f"http://127.0.0.1:{free_port()}/{{z}}/{{x}}/{{y}}.png")
    drawn = shapes.read(COMMUNES.read_bytes())
    try:
        fund.show(in_many_towns)
        fund.database.write(lambda session: outlines.load(session, NANTES, drawn, datetime.now(UTC)))
        open_map(page, fund)
        expect(page.locator(".map path.limit")).to_have_count(len(drawn))
        expect(page.locator(".map .town-name").first).to_be_visible()
        for way in ("Rapprocher", "Éloigner", "Éloigner", "Éloigner"):
            page.get_by_role("button", name=way, exact=True).click()
            page.wait_for_function(OVER)
    finally:
        fund.close()


def test_with_its_ground_the_map_asks_for_no_limits(page: Page, fund: Fund) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    fund.show(five_places)
    open_map(page, fund)
    page.wait_for_function("() => document.documentElement.dataset.map === 'complete'")
    assert "/carte.js" in asked
    assert "/carte/limites.json" not in asked
    assert page.locator(".map path.limit").count() == 0


def test_when_the_places_do_not_come_the_list_is_named(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    page.route("**/lieux.json", lambda route: route.abort())
    page.goto(fund.server.address)
    expect(page.get_by_role("status")).to_have_text(
        "La carte n’a pas pu charger les lieux. La liste, elle, reste là."
    )
    expect(page.locator(".place")).to_have_count(5)


# --- read by anyone ---


@pytest.mark.parametrize("how", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 1280, "height": 800}}])
def test_no_barrier_is_found_on_the_map_the_list_and_a_card(
    new_page: Callable[..., Page], fund: Fund, how: dict[str, Any]
) -> None:
    fund.show(five_places)
    page = new_page(**how)
    open_map(page, fund)
    assert barriers(page) == []
    page.get_by_role("button", name="Commerce 1 — accepte la Moneko").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert barriers(page) == []


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (360, "200%"), (1280, "100%")])
def test_nothing_is_wider_than_the_screen(
    new_page: Callable[..., Page], fund: Fund, width: int, text: str
) -> None:
    def long_names(session: Session, now: datetime) -> None:
        for rank, (lat, lon) in enumerate(FAR_APART):
            active(session, f"Donaudampfschifffahrtsgesellschaft{rank}" * 2, now, lat=lat, lon=lon)

    fund.show(long_names)
    page = new_page(viewport={"width": width, "height": 740})
    open_map(page, fund)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
    assert page.evaluate("document.documentElement.scrollWidth") == width


# --- what one looks for ---


def looked_for(session: Session, now: datetime) -> None:
    """A bakery that is always open, one that never is, and a greengrocer far away whose hours nobody knows."""
    bread: dict[str, Any] = {"kind": Kind.BAKERY, "city": "Nantes"}
    active(session, "Fournil Ouvert", now, opening_hours="24/7", **bread)
    active(session, "Fournil Fermé", now, opening_hours="Mo-Su closed", lat=47.25, **bread)
    active(session, "Primeur", now, kind=Kind.GREENGROCER, lat=47.4, lon=-1.9, city="Vue")


def test_an_open_bakery_is_found_and_the_address_says_how(
    page: Page, fund: Fund, new_page: Callable[..., Page]
) -> None:
    fund.show(looked_for)
    open_map(page, fund)
    page.wait_for_selector("html[data-map=complete]")
    page.get_by_text("Produits, accès").click()
    page.get_by_role("checkbox", name="Pain et pâtisserie").check()
    page.locator("select[name=ouvert]").select_option("Ouvert maintenant")
    expect(page.locator(".place h4")).to_have_text(["Fournil Ouvert"])
    expect(page.locator(".map-pin")).to_have_count(1)
    expect(page.locator(".place .opening")).to_have_text("Ouvert")
    expect(page).to_have_url(f"{fund.server.address}/?ouvert=maintenant&produits=bread")
    expect(page.get_by_role("status")).to_have_text("1 lieu où payer en Moneko.")
    shared = new_page(java_script_enabled=False)
    shared.goto(page.url)
    expect(shared.locator(".place h4")).to_have_text(["Fournil Ouvert"])


def test_around_a_town_the_nearest_comes_first(page: Page, fund: Fund) -> None:
    fund.show(looked_for)
    open_map(page, fund)
    page.wait_for_selector("html[data-map=complete]")
    page.get_by_text("Autour de", exact=True).click()
    page.get_by_label("Adresse, quartier ou commune").fill("vue")
    page.get_by_label("Adresse, quartier ou commune").press("Enter")
    expect(page.locator(".place h4").first).to_have_text("Primeur")
    expect(page.locator(".place .distance").first).to_have_text("à 50 m")
    page.get_by_label("Adresse, quartier ou commune").fill("nulle part")
    page.get_by_label("Adresse, quartier ou commune").press("Enter")
    expect(page.locator(".place")).to_have_count(3)


def test_a_moved_map_can_be_given_to_somebody(page: Page, fund: Fund) -> None:
    fund.show(five_places)
    page.goto(f"{fund.server.address}/#16/47.3000/-1.6000")
    page.wait_for_selector("html[data-map=complete]")
    expect(page.locator(".map-pin")).to_have_count(1)
    page.get_by_role("button", name="Rapprocher", exact=True).click()
    expect(page).to_have_url(re.compile(r"#17/47\.3000/-1\.6000$"))


def test_on_a_phone_one_finger_scrolls_the_page(new_page: Callable[..., Page], fund: Fund) -> None:
    fund.show(five_places)
    page = new_page(has_touch=True, is_mobile=True)
    open_map(page, fund)
    drawn = page.locator(".map")
    assert drawn.evaluate("map => getComputedStyle(map).touchAction") == "pan-x pan-y"
    assert not drawn.evaluate("map => map.classList.contains('leaflet-touch-drag')")
