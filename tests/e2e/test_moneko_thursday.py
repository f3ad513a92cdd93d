"""Moneko's Thursday: its list of partners comes in, our files go out twice, statuses come back, the gap closes."""

import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from backend.domain.merchants import Kind
from backend.storage import merchants
from backend.web.house import House
from tests.e2e.office import DESK, at_desk
from tests.odoo_import import Odoo
from tests.servers import Server
from tests.town import NANTES, Town
from tests.web.test_onboarding import accredit, tell

SIRET = "73282932000074"


def shops(home: House, town: Town) -> list[str]:
    """Three shops in Moneko's hands: one it knows by its SIRET, one by its name, and a new one."""

    def add(session: Session) -> list[str]:
        made = []
        for name, siret in (("Le Levain", SIRET), ("La Ruche de Zola", None)):
            merchant = merchants.add(
                session, NANTES, name, Kind.BAKERY, home.now(), by=town.claire, source="hand", siret=siret
            )
            merchants.add_place(session, merchant, address="2 rue Zola", city="Nantes", postcode="44100")
            made.append(merchant.id)
        merchants.get(session, town.shop).phone = "02 40 00 00 01"
        return made

    made = [*home.db.write(add), town.shop]
    for merchant_id in made:
        accredit(home, merchant_id, town.claire)
        tell(home, merchant_id, town.claire)
    return made


def send(page: Page, kind: str, name: str, text: str) -> None:
    page.get_by_role("link", name="Fichiers de Moneko").first.click()
    page.get_by_label(re.compile(kind)).check()
    page.get_by_label("Le fichier").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Relire avant d’importer").click()


def save(page: Page) -> list[bytes]:
    """The CSV files that the page gives."""
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Enregistrer")).first.click()
    body = Path(download.value.path()).read_bytes()
    if not body.startswith(b"PK"):
        return [body]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_monekos_thursday(chromium: Browser, home: House, town: Town, live_server: Server) -> None:
    levain, _ruche, shop = shops(home, town)
    page = at_desk(chromium.new_context(**DESK, java_script_enabled=False), home, live_server, town.malo)
    page.get_by_role("link", name="Moneko", exact=True).click()

    # its list of partners: one is linked by its SIRET, one by hand
    partners = f"id,name,siret,zip,city\nbase.p1,LEVAIN SARL,{SIRET},44100,Nantes\nbase.p2,Ruche Zola,,44100,Nantes\n"
    send(page, "La liste des partenaires", "partenaires.csv", partners)
    page.get_by_role("button", name="Importer la liste").click()
    expect(page.get_by_text("1 commerce relié par son SIRET.")).to_be_visible()
    page.get_by_role("link", name="Voir les partenaires à relier").click()
    page.get_by_role("form", name="La Ruche de Zola").get_by_label(re.compile("Ruche Zola")).check()
    page.get_by_role("button", name="Enregistrer pour La Ruche de Zola").click()
    expect(page.get_by_text("Rien à relier.")).to_be_visible()

    # our files: only the new shop is a lead
    odoo = Odoo("crm.lead")
    page.get_by_role("link", name="Fichiers pour Odoo").first.click()
    page.get_by_role("button", name="Préparer Pistes (crm.lead)").click()
    for file in save(page):
        odoo.load(file)
    assert list(odoo.records) == [f"cca44_merchant_{shop}"]
    assert odoo.records[f"cca44_merchant_{shop}"]["phone"] == "02 40 00 00 01"

    # a second time, with a hole: nothing of what Odoo holds is erased
    home.db.write(
        lambda session: merchants.edit(
            session, merchants.get(session, shop), {"phone": ""}, home.now(), by=town.claire
        )
    )
    page.get_by_role("link", name="Fichiers pour Odoo").first.click()
    page.get_by_role("button", name="Préparer Pistes (crm.lead)").click()
    expect(page.get_by_text("Colonnes laissées comme elles sont chez Moneko")).to_be_visible()
    for file in save(page):
        odoo.load(file)
    assert odoo.records[f"cca44_merchant_{shop}"]["phone"] == "02 40 00 00 01"

    # statuses come back
    page.get_by_role("link", name="Fichiers pour Odoo").first.click()
    statuses = f"id,status\nbase.p1,active\ncca44_merchant_{shop},active\nbase.p9,active\n"
    send(page, "Des situations", "situations.csv", statuses)
    expect(page.get_by_role("region", name=re.compile("Identifiant inconnu"))).to_contain_text("base.p9")
    page.get_by_role("button", name="Enregistrer 2 changements").click()
    expect(page.get_by_text("C’est fait.")).to_be_visible()
    page.get_by_role("link", name="Voir l’accompagnement").click()

    # who still waits, for whom
    page.get_by_role("link", name="Qui attend quoi").click()
    expect(page.get_by_role("row", name=re.compile("La Ruche de Zola"))).to_contain_text("Rendez-vous")
    expect(page.get_by_role("row", name=re.compile("Le Levain"))).to_have_count(0)
    with home.db.read() as session:
        assert merchants.get(session, levain).standing == "active"
