"""The coordinator's Monday: a file of merchants, a round with a suggested duo, paper, someone who cannot come,
a message to send, and the mails in the mailbox. By role and label, with and without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from backend.domain.people import Role
from backend.storage import people
from backend.storage.engine import Database
from backend.storage.tables import Territory
from backend.web.pages import PARIS
from backend.web.signing_in import passphrases
from tests.axe import barriers
from tests.servers import Server
from tests.town import NANTES

PASSPHRASE = "le marché du dimanche matin"
LONG = "Zénobie-Marguerite de la Très-Longue-Rue-du-Bout-du-Monde"
FILE = (
    "nom;genre;adresse;code postal;ville;lat;lon\r\n"
    "Épicerie des Bourderies;épicerie;2 rue des Bourderies;44100;Nantes;47,2093;-1,5987\r\n"
    "Fournil de Chantenay;boulangerie;5 place Jean Macé;44100;Nantes;47,2031;-1,5936\r\n"
    "Ferme du bout;ferme;1 chemin du bout;44800;Saint-Herblain;47,2500;-1,6800\r\n"
)


@dataclass(frozen=True)
class Monday:
    """The page on which it happens, the folder of its server, and whether it runs scripts."""

    page: Page
    server: Server
    folder: Path
    scripts: bool

    def go(self, path: str) -> None:
        self.page.goto(self.server.address + path)


def settle(database: Database) -> None:
    def write(session: Session) -> None:
        now = datetime.now(UTC)
        session.add(
            Territory(
                id=NANTES,
                name="Nantes Ouest",
                phone="02 61 91 44 00",
                email="coordination@example.org",
                lat=47.207,
                lon=-1.606,
            )
        )
        session.flush()
        claire = people.add_person(
            session, "Claire", now, email="claire@example.org", passphrase_hash=passphrases.hash(PASSPHRASE)
        )
        people.grant_role(session, claire.id, Role.COORDINATION, now, territory_id=NANTES, by=None)
        for name, email, phone in (
            ("Amina", "amina@example.org", "06 12 34 56 78"),
            ("Bruno", None, None),
            (LONG, "zenobie@example.org", None),
        ):
            people.add_evaluator(session, name, NANTES, now, by=claire.id, email=email, phone=phone)

    database.write(write)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def monday(chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Monday]:
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'caisse.db'}")
    database.migrate()
    settle(database)
    database.close()
    server = Server(folder, MAIL_URL="file")
    server.start()
    context = chromium.new_context(
        locale="fr-FR",
        java_script_enabled=request.param,
        bypass_csp=True,
        viewport={"width": 360, "height": 740},
    )
    yield Monday(context.new_page(), server, folder, request.param)
    context.close()
    server.stop()


def is_fit(monday: Monday) -> None:
    """Nothing sticks out at 320 px, and axe has nothing to say (it needs JavaScript to look)."""
    if monday.scripts:
        assert barriers(monday.page) == []
        monday.page.set_viewport_size({"width": 320, "height": 740})
        assert monday.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        monday.page.set_viewport_size({"width": 360, "height": 740})


def test_the_coordinator_s_monday(monday: Monday) -> None:
    page = monday.page
    sign_in(monday)
    import_merchants(monday)
    plan_round(monday)
    cards = page.get_by_role("link", name="Imprimer la tournée et les invitations").get_attribute("href")
    printed = page.request.get(monday.server.address + str(cards))
    assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    replace_amina(monday)
    read_the_message(monday)
    read_the_mails(monday)


def sign_in(monday: Monday) -> None:
    monday.go("/sign-in")
    monday.page.get_by_label("Adresse e-mail").fill("claire@example.org")
    monday.page.get_by_label("Phrase de passe").fill(PASSPHRASE)
    monday.page.get_by_role("button", name="Se connecter").click()
    expect(monday.page).not_to_have_url(f"{monday.server.address}/sign-in")


def import_merchants(monday: Monday) -> None:
    file = monday.folder / "commerces.csv"
    file.write_bytes(FILE.encode("windows-1252"))
    monday.go("/imports")
    monday.page.get_by_label("Le fichier").set_input_files(file)
    monday.page.get_by_role("button", name="Relire avant d’importer").click()
    monday.page.get_by_role("button", name="Importer").click()
    expect(monday.page.get_by_text("C’est fait.")).to_be_visible()


def plan_round(monday: Monday) -> None:
    page = monday.page
    monday.go("/merchants")
    page.get_by_role("link", name="Épicerie des Bourderies").first.click()
    page.get_by_role("link", name="Prévoir une tournée à partir d’ici").click()
    is_fit(monday)
    expect(page.get_by_role("checkbox", name="Épicerie des Bourderies")).to_be_checked()
    page.get_by_role("checkbox", name="Fournil de Chantenay").check()
    page.get_by_label("Heure : Épicerie des Bourderies").fill("14:00")
    page.get_by_label("Heure : Fournil de Chantenay").fill("15:30")
    page.get_by_label("Jour").fill((datetime.now(PARIS) + timedelta(days=4)).date().isoformat())
    page.get_by_role("button", name="Prendre ce duo : Amina et Bruno").click()
    for name in ("Amina", "Bruno"):
        expect(page.get_by_role("checkbox", name=name, exact=True)).to_be_checked()
    expect(page.get_by_label("Heure : Fournil de Chantenay")).to_have_value("15:30")
    page.get_by_role("button", name="Prévoir la tournée").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tournée du")
    expect(page.get_by_role("listitem").filter(has_text="15:30")).to_contain_text("Fournil de Chantenay")
    is_fit(monday)


def replace_amina(monday: Monday) -> None:
    page = monday.page
    page.get_by_role("link", name="Fournil de Chantenay").click()
    is_fit(monday)
    page.get_by_role("link", name="Remplacer Amina").click()
    is_fit(monday)
    expect(page.get_by_role("radio", name=LONG)).to_be_checked()
    page.get_by_role("button", name="Remplacer, puis voir l’invitation").click()
    expect(page.get_by_role("region", name=f"Invitation de {LONG}")).to_be_visible()


def read_the_message(monday: Monday) -> None:
    page = monday.page
    page.get_by_role("link", name="Voir la visite").click()
    expect(page.get_by_text("Amina (a laissé sa place)")).to_be_visible()
    page.get_by_text(f"Rappeler {LONG} par texto").click()
    message = page.get_by_role("textbox", name="Le message").filter(visible=True)
    assert "rappel de votre visite : Fournil de Chantenay" in message.input_value()
    page.get_by_role("link", name="Toute la tournée").click()
    page.get_by_role("link", name="Épicerie des Bourderies").click()
    page.get_by_text("Rappeler Amina par texto").click()
    link = page.get_by_role("link", name="Ouvrir dans mes messages")
    assert str(link.get_attribute("href")).startswith("sms:0612345678?body=Bonjour%20Amina")
    is_fit(monday)


def read_the_mails(monday: Monday) -> None:
    page = monday.page
    expected = [
        "Votre visite : Épicerie des Bourderies",
        "Vous n’y allez plus : Fournil de Chantenay",
    ]
    for _ in range(50):  # they go in the background
        monday.go("/mails?state=sent")
        if page.get_by_role("heading", level=3).count() >= 4:
            break
    for subject in expected:
        expect(page.get_by_role("heading", level=3).filter(has_text=subject)).to_be_visible()
    is_fit(monday)
    files = [file.read_text() for file in (monday.folder / "courrier").glob("*.eml")]
    assert len(files) == 4  # two for Amina, one that takes a place back, one for who comes instead
    assert all("text/calendar" in file for file in files)
