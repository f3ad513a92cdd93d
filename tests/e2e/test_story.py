"""The main job from end to end: a file of merchants, a visit filled without network, a decision, a pin on the map.

The whole story is lived once, in a real Chromium, against the real server, through a proxy that remembers every
request. The team's pages run without JavaScript: they must work so.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from backend import grids
from backend.domain.people import Role
from backend.storage import people, visits
from backend.storage.engine import Database
from backend.storage.tables import Territory
from backend.storage.verify import differences
from backend.web.house import House
from backend.web.pages import PARIS, short_day
from backend.web.signing_in import passphrases
from tests.e2e.field_app import PHONE, answer, begin, close_visit, go_on, join, kill, offline
from tests.recording import Recorder
from tests.servers import Server
from tests.town import GRID, NANTES, Town, code_for

VISIT_DAY = (datetime.now(PARIS) + timedelta(days=2)).date()
SHOP = "Épicerie des Bourderies"
PASSPHRASE = "le marché du dimanche matin"
FILE = (
    "nom;genre;adresse;code postal;ville;lat;lon;téléphone;e-mail;site;horaires;SIRET\r\n"
    f"{SHOP};épicerie;2 rue des Bourderies;44100;Nantes;47,2093;-1,5987;02 40 00 00 01;"
    "bonjour@bourderies.example;https://bourderies.example;Tu-Sa 09:00-19:00;\r\n"
    "Fournil de Chantenay;boulangerie;5 place Jean Macé;44100;Nantes;47,2031;-1,5936;;;;;\r\n"
)


@dataclass(frozen=True)
class Story:
    """What was lived: the server it was lived on, and each request that was made."""

    server: Server
    recorder: Recorder
    database_url: str
    receipt: str
    score: str
    map_pins: list[str]
    listed: list[str]


def settle_team(database: Database) -> None:
    """A fund on its first day: a territory, a coordinator, someone at Moneko."""

    def write(session: Session) -> None:
        now = datetime.now(UTC)
        session.add(Territory(id=NANTES, name="Nantes Ouest", phone="+33240000001", lat=47.207, lon=-1.606))
        session.flush()
        for name, role, territory in (("Claire", Role.COORDINATION, NANTES), ("Malo", Role.MONEKO, None)):
            person = people.add_person(
                session,
                name,
                now,
                email=f"{name.lower()}@example.org",
                passphrase_hash=passphrases.hash(PASSPHRASE),
            )
            people.grant_role(session, person.id, role, now, territory_id=territory, by=None)

    database.write(write)


@pytest.fixture(scope="module")
def story(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story") / "data"
    url = f"sqlite:///{folder / 'caisse.db'}"
    database = Database(url)
    database.migrate()
    settle_team(database)
    database.close()
    recorder = Recorder()
    server = Server(
        folder, PUBLIC_URL=recorder.address, TILE_URL=recorder.address + "/tuiles/{z}/{x}/{y}.png"
    )
    recorder.to = server.port
    server.start()
    with recorder.running():
        yield live(chromium, server, recorder, url, folder)
    server.stop()


def live(chromium: Browser, server: Server, recorder: Recorder, url: str, folder: Path) -> Story:
    desk: dict[str, Any] = {"locale": "fr-FR", "java_script_enabled": False}
    claire = sign_in(chromium.new_context(**desk), recorder, "claire")
    import_merchants(claire, folder)
    code = plan_and_invite(claire)
    receipt = fill_offline(chromium.new_context(**PHONE), recorder, code)
    score = read_and_decide(claire)
    malo = sign_in(chromium.new_context(**desk), recorder, "malo")
    accompany(malo)
    pins, listed = look_at_the_map(chromium.new_context(**PHONE), recorder)
    return Story(server, recorder, url, receipt, score, pins, listed)


def sign_in(context: BrowserContext, recorder: Recorder, name: str) -> Page:
    page = context.new_page()
    page.goto(recorder.address + "/sign-in")
    page.get_by_label("Adresse e-mail").fill(f"{name}@example.org")
    page.get_by_label("Phrase de passe").fill(PASSPHRASE)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    return page


def import_merchants(page: Page, folder: Path) -> None:
    """The coordinator's spreadsheet, as Excel saves it."""
    file = folder / "commerces.csv"
    file.write_bytes(FILE.encode("windows-1252"))
    page.get_by_role("link", name="Importer un fichier").first.click()
    page.get_by_label("Le fichier").set_input_files(file)
    page.get_by_role("button", name="Relire avant d’importer").click()
    expect(page.get_by_text("2 nouveaux commerces")).to_be_visible()
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_text("C’est fait.")).to_be_visible()


def plan_and_invite(page: Page) -> str:
    """Plan a visit by a duo that was not known yet; returns the code on Amina's card."""
    open_merchant(page)
    page.get_by_role("link", name="Prévoir une visite").first.click()
    page.get_by_label("Jour").fill(VISIT_DAY.isoformat())
    page.get_by_label("Heure").fill("14:30")
    page.get_by_label("Prénom, personne 1").fill("Amina")
    page.get_by_label("Prénom, personne 2").fill("Bruno")
    page.get_by_role("button", name="Prévoir et imprimer les invitations").click()
    card = page.get_by_role("region", name="Invitation de Amina")
    expect(card.locator("svg").first).to_be_visible()
    return re.sub(r"[^0-9A-Z]", "", card.locator(".code").inner_text().split(":")[-1])


def open_merchant(page: Page) -> None:
    page.get_by_role("link", name="Commerces", exact=True).first.click()
    page.get_by_label("Chercher").fill("epicerie bourderies")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name=SHOP).click()
    expect(page.get_by_role("heading", name=SHOP)).to_be_visible()


def fill_offline(context: BrowserContext, recorder: Recorder, code: str) -> str:
    """Join, lose the network, fill the grid through a reload and a kill, close, come back; returns the receipt."""
    page = join(context.new_page(), recorder.address, code)
    assert code not in page.url
    offline(page)
    page.reload()
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("button", name="Commencer la visite").click()
    for number in range(1, 16):
        answer(page, level=2 + number % 2)
        if number == 3:
            page.get_by_label("Une remarque").fill("Une rampe attend derrière la porte.")
        if number == 8:
            page = kill(page)
            expect(page.locator(".level[aria-pressed=true]")).to_have_count(1)
        go_on(page, number)
    close_visit(page)
    expect(page.get_by_text("C’est enregistré sur ce téléphone.")).to_be_visible()
    offline(page, False)
    step = page.locator("[aria-current=step]")
    expect(step).to_have_text("reçu par la caisse")
    return step.inner_text()


def read_and_decide(page: Page) -> str:
    """Read the score with its reasons, record what the committee decided, tell the merchant."""
    open_merchant(page)
    page.get_by_role("link", name=re.compile(short_day(VISIT_DAY).rsplit(" ", 1)[0])).first.click()
    expect(page.get_by_text("Une rampe attend derrière la porte.")).to_be_visible()
    score = page.locator("main").inner_text()
    open_merchant(page)
    page.get_by_role("link", name="Enregistrer la décision du comité").click()
    page.get_by_label("Conventionné", exact=True).check()
    page.get_by_label("Les raisons").fill("Une épicerie où tout le monde est servi pareil.")
    page.get_by_role("button", name="Enregistrer la décision").click()
    assert SHOP not in public_list(page)
    open_merchant(page)
    page.get_by_role("button", name="Le commerce est informé").click()
    assert "bientôt" in public_list(page)
    return score


def public_list(page: Page) -> str:
    """What anyone reads on the public page now, without signing in."""
    address = re.match(r"https?://[^/]+", page.url)
    assert address
    assert page.context.browser
    visitor = page.context.browser.new_context(java_script_enabled=False)
    public = visitor.new_page()
    public.goto(address.group())
    words = public.locator("main").inner_text()
    visitor.close()
    return words


def accompany(page: Page) -> None:
    """Moneko ticks each step, then says that the shop takes the Moneko."""
    page.get_by_role("link", name=SHOP).first.click()
    for _ in range(6):
        page.get_by_role("button", name=re.compile("^C’est fait")).first.click()
    expect(page.get_by_role("button", name=re.compile("^C’est fait"))).to_have_count(0)
    page.get_by_label("Accepte la moneko", exact=False).first.check()
    page.get_by_role("button", name="Enregistrer la situation").click()


def look_at_the_map(context: BrowserContext, recorder: Recorder) -> tuple[list[str], list[str]]:
    """The pins' names, and the merchants of the list, as anyone sees them."""
    page = context.new_page()
    page.goto(recorder.address + "/")
    pins = page.locator(".leaflet-marker-icon")
    expect(pins.first).to_be_attached()
    names = [pin.get_attribute("aria-label") or pin.get_attribute("title") or "" for pin in pins.all()]
    return names, page.get_by_role("listitem").all_inner_texts()


# --- what it must be ---


def test_a_visit_filled_offline_puts_a_conventioned_shop_on_the_map(story: Story) -> None:
    assert story.receipt == "reçu par la caisse"
    assert "Favorable" in story.score or "favorable" in story.score
    assert "Entrer et circuler" in story.score
    assert any(SHOP in pin and "accepte la Moneko" in pin for pin in story.map_pins)
    assert any(SHOP in name for name in story.listed)
    assert not any("Fournil" in name for name in [*story.map_pins, *story.listed])


def test_the_score_the_committee_reads_is_the_one_frozen_with_the_decision(story: Story) -> None:
    database = Database(story.database_url)
    with database.read() as session:
        frozen = json.loads(session.execute(text("select score from decision_visit")).scalar_one())
    database.close()
    low, high = frozen["total"]
    assert low == high
    assert str(low).replace(".", ",") in story.score


def test_every_request_made_twice_more_leaves_the_database_as_it_was(story: Story) -> None:
    assert {request.method for request in story.recorder.requests} >= {"GET", "POST"}
    # what appeared on the map is dated in the background, or at once for who asks what is new
    urllib.request.urlopen(f"{story.server.address}/donnees/lieux.geojson").close()
    before = everything(story.database_url)
    lived = list(story.recorder.requests)
    for _ in range(2):
        for request in lived:
            status = request.send(story.server.port)
            assert status < 400 or request.target.startswith("/tuiles/"), request.target
            assert status == request.status or request.method == "GET", request.target
    assert everything(story.database_url) == before


def test_all_that_is_derived_can_be_recomputed_from_the_records(story: Story) -> None:
    rules = {grid_id: grid.rules() for grid_id, grid in grids.load_all(grids.CRITERIA).items()}
    database = Database(story.database_url)
    with database.read() as session:
        assert list(differences(session, rules)) == []
    database.close()


def test_two_phones_fill_the_same_visit_while_both_are_offline(
    chromium: Browser, home: House, town: Town, live_server: Server
) -> None:
    amina, bruno = (
        join(chromium.new_context(**PHONE).new_page(), live_server.address, code_for(home, person))
        for person in (town.amina, town.bruno)
    )
    for page in (amina, bruno):
        offline(page)
        page.reload()
        begin(page)
    # Amina answers the first ten, Bruno the last ten: on five of them they write without knowing of each other
    for number in range(1, 16):
        for page, mine, level in ((amina, number <= 10, 1), (bruno, number > 5, 2)):
            if mine:
                answer(page, level)
            go_on(page, number)
    offline(amina, False)
    expect(amina.get_by_text("Tout est reçu")).to_be_visible()
    offline(bruno, False)
    expect(bruno.get_by_text("Tout est reçu")).to_be_visible()
    for criterion in home.grids[GRID].criteria[5:10]:
        bruno.goto(f"{live_server.address}/app/#visite/{town.visit}/critere/{criterion.id}")
        expect(bruno.get_by_text("Deux réponses ont été notées.")).to_be_visible()
        answer(bruno, 2)
        expect(bruno.locator(".level[aria-pressed=true]")).to_have_count(1)
    bruno.goto(f"{live_server.address}/app/#visite/{town.visit}/resume")
    close_visit(bruno)
    expect(bruno.locator("[aria-current=step]")).to_have_text("reçu par la caisse")
    with home.db.read() as session:
        reading = visits.read(session, visits.get(session, town.visit), home.rules)
    assert reading.received
    assert reading.score.unanswered == reading.score.to_settle == ()
    assert sum(len(made) for made in reading.state["history"]["duo"].values()) == 10 + 10 + 5
    for page in (amina, bruno):
        page.context.close()


def everything(database_url: str) -> dict[str, list[Any]]:
    """All rows of all tables, sessions aside."""
    database = Database(database_url)
    with database.read() as session:
        rows = {
            table.name: sorted(repr(tuple(row)) for row in session.execute(table.select()))
            for table in SQLModel.metadata.sorted_tables
            if table.name != "sign_in"
        }
    database.close()
    return rows
