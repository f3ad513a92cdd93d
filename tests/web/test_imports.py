"""A file of merchants: sent, looked at line by line, applied once."""

import secrets
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.domain import directory
from backend.domain.merchants import KIND_NAMES, Kind
from backend.storage import imports, merchants
from backend.storage.tables import ImportDraft, Merchant
from backend.web.house import House
from tests.counting import statements
from tests.town import NANTES, RETZ, Town
from tests.web.forms import everything, post, refused, words

SIRET = "73282932000074"
TITLES = "nom;genre;adresse;code postal;ville;lat;lon;téléphone;e-mail;site;horaires;SIRET\n"
FILE = (
    TITLES + "Le Fournil de Zola;boulangerie;2 rue Zola;44100;Nantes;;;0240123456;pain@exemple.fr;exemple.fr;"
    f"mardi-samedi 7h30-13h;{SIRET}\n"
    "Ferme de la Noë;ferme;La Noë;44640;Vue;47,2105;-1,8;;;;;\n"
    "Étal de Josiane;étal;;;;;;;;;;\n"
)


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    """Looking for addresses is the background's work: here only what the forms do is told."""
    home.background.stop()


def send(
    browser: TestClient, data: str | bytes, territory: str = NANTES, filename: str = "commerces.csv"
) -> Response:
    body = data.encode() if isinstance(data, str) else data
    return browser.post(
        "/imports",
        data={"form_key": secrets.token_hex(16), "territory": territory},
        files={"file": (filename, body, "text/csv")},
    )


def preview(browser: TestClient, data: str | bytes) -> tuple[str, str]:
    """Where the file is previewed, and what that page says."""
    sent = send(browser, data)
    assert sent.status_code == 303, words(sent)
    address = sent.headers["location"]
    return address, words(browser.get(address))


def bring_in(browser: TestClient, data: str | bytes, **answers: str) -> str:
    """Send a file and apply it; returns what the page then says."""
    address, _ = preview(browser, data)
    applied = post(browser, f"{address}/application", answers)
    assert (applied.status_code, applied.headers["location"]) == (303, address)
    return words(browser.get(address))


def named(home: House, name: str) -> tuple[Merchant, Any]:
    with home.db.read() as session:
        merchant = session.exec(select(Merchant).where(Merchant.name == name)).one()
        return merchant, merchants.places(session, merchant.id)


def names(home: House) -> list[str]:
    with home.db.read() as session:
        return sorted(session.exec(select(Merchant.name).where(Merchant.territory_id == NANTES)))


# --- what the preview says ---


def test_the_preview_says_per_line_what_will_happen_and_writes_nothing(
    home: House, town: Town, coordination: TestClient
) -> None:
    rows = (
        "Épicerie des Bourderies;épicerie;2 rue des Bourderies;44100;Nantes;;;0240112233;;;;\n"
        "Le Fournil de Zola;boulangerie;2 rue Zola;44100;Nantes;;;;;;;\n"
        "Epicerie Bourderies;;;44100;;;;;;;;\n"
        ";épicerie;;;;;;;;;;\n"
        "Le Fournil de Zola;;;44100;;;;;;;;\n"
    )
    before = everything(home)
    _, page = preview(coordination, TITLES + rows)
    for said in (
        "1 à décider 2 refusées 1 nouveau commerce 1 mise à jour",
        "ligne 4 Epicerie Bourderies",
        "C’est « Épicerie des Bourderies » 2 rue des Bourderies 44100 Nantes",
        "Il manque le nom du commerce.",
        "C’est le même commerce qu’à la ligne 3.",
        "ligne 2 Épicerie des Bourderies 44100 Nantes mise à jour téléphone : 02 40 11 22 33",
    ):
        assert said in page
    after = everything(home)
    assert len(after.pop("import_draft")) == 1
    before.pop("import_draft")
    assert after == before


def test_the_preview_says_what_is_wrong_with_a_cell_and_takes_the_rest(coordination: TestClient) -> None:
    _, page = preview(coordination, "nom;téléphone;horaires;lat;lon\nLe Fournil;02 40;le matin;-1,59;47,2\n")
    for said in (
        "1 nouveau commerce",
        "téléphone : Ce numéro de téléphone n’existe pas.",
        "horaires : Ces horaires n’ont pas été compris.",
        "position sur la carte : Cette position est très loin du territoire.",
    ):
        assert said in page


def test_a_line_with_a_refused_cell_stands_under_its_own_heading_whatever_becomes_of_it(
    town: Town, coordination: TestClient
) -> None:
    _, page = preview(
        coordination,
        "nom;code postal;téléphone\n"
        "Épicerie des Bourderies;44100;02 40\n"  # nothing else changes
        "Le Fournil;4410;\n"
        "La Criée;44000;\n",
    )
    assert "2 nouveaux commerces 1 sans changement 2 avec une case refusée" in page
    own, others = page.split("Prises sans une de leurs cases (2)")[1].split("Nouveaux commerces (1)")
    assert "Épicerie des Bourderies 44100 sans changement téléphone : Ce numéro" in own
    assert "Le Fournil nouveau commerce code postal : Ce code postal n’est pas bon" in own
    assert "La Criée" in others
    assert "Sans changement" not in page


def test_the_page_of_an_applied_file_lists_what_was_left_out(town: Town, coordination: TestClient) -> None:
    rows = "Épicerie des Bourderies;44100;02 40\nLe Fournil;44100;\n;44100;\nEpicerie Bourderies;44100;\n"
    path, _ = preview(coordination, "nom;code postal;téléphone\n" + rows)
    post(coordination, f"{path}/application", {})
    page = words(coordination.get(path))
    left_out = page.split("Ce qui a été laissé de côté (3)")[1]
    assert "ligne 2 Épicerie des Bourderies téléphone : Ce numéro de téléphone n’existe pas." in left_out
    assert "ligne 4 sans nom refusée Il manque le nom du commerce." in left_out
    assert "ligne 5 Epicerie Bourderies à décider" in left_out
    assert "Le Fournil" not in left_out


def test_the_page_names_the_genres_it_knows(coordination: TestClient) -> None:
    page = words(coordination.get("/imports"))
    assert "Les genres connus : " + ", ".join(KIND_NAMES.values()) in page


def test_the_preview_names_unknown_and_repeated_columns(coordination: TestClient) -> None:
    _, page = preview(coordination, "nom;couleur;tel;téléphone\nLe Fournil;bleu;0240123456;\n")
    assert "Une colonne n’est pas connue et sera laissée de côté : « couleur »" in page
    assert "sont laissées de côté : « téléphone »" in page


def test_names_from_a_file_are_never_read_as_html(coordination: TestClient) -> None:
    sent = send(coordination, 'nom;<script>\n"<img src=x onerror=alert(1)>";x\n', filename="<b>.csv")
    page = coordination.get(sent.headers["location"]).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "&lt;script&gt;" in page
    assert "<b>.csv" not in page


# --- what applying does ---


def test_applying_writes_what_the_preview_said(home: House, town: Town, coordination: TestClient) -> None:
    assert "3 nouveaux commerces" in bring_in(coordination, FILE)
    bakery, (shop,) = named(home, "Le Fournil de Zola")
    assert (bakery.kind, bakery.siret, bakery.phone) == ("bakery", SIRET, "02 40 12 34 56")
    assert (bakery.stage, bakery.website) == ("spotted", "https://exemple.fr")
    assert (shop.slug, shop.opening_hours) == ("le-fournil-de-zola-nantes", "Tu-Sa 07:30-13:00")
    _, (farm,) = named(home, "Ferme de la Noë")
    assert (farm.placing, farm.lat, farm.lon) == ("file", 47.2105, -1.8)
    stall, (place,) = named(home, "Étal de Josiane")
    assert (stall.kind, place.placing) == ("market_stall", "by_hand")
    assert "Claire Repéré par un fichier" in words(coordination.get(f"/merchants/{bakery.id}"))
    assert "Le Fournil de Zola" in words(coordination.get("/merchants?text=fournil"))


def test_the_address_of_a_new_merchant_is_looked_for(
    home: House, town: Town, coordination: TestClient
) -> None:
    bring_in(coordination, FILE)
    assert named(home, "Le Fournil de Zola")[1][0].placing == "to_find"


def test_importing_again_changes_nothing(home: House, town: Town, coordination: TestClient) -> None:
    bring_in(coordination, FILE)
    before = everything(home)
    assert "2 sans changement" in bring_in(coordination, FILE)  # the stall has no key: it asks
    after = everything(home)
    for table in (before, after):
        table.pop("import_draft")
    assert after == before


def test_an_updated_file_updates_and_never_doubles(home: House, town: Town, coordination: TestClient) -> None:
    bring_in(coordination, FILE)
    page = bring_in(coordination, FILE.replace("Le Fournil de Zola", "Au Fournil").replace("2 rue", "4 rue"))
    assert "1 mise à jour" in page
    assert names(home) == ["Au Fournil", "Ferme de la Noë", "Épicerie des Bourderies", "Étal de Josiane"]
    bakery, (shop,) = named(home, "Au Fournil")
    assert shop.address == "4 rue Zola"
    assert "Fiche mise à jour par un fichier nom : Le Fournil de Zola → Au Fournil" in words(
        coordination.get(f"/merchants/{bakery.id}")
    )


def test_what_a_hand_wrote_since_is_kept(home: House, town: Town, coordination: TestClient) -> None:
    bring_in(coordination, FILE)
    bakery, _ = named(home, "Le Fournil de Zola")
    post(
        coordination,
        f"/merchants/{bakery.id}/edits",
        {"phone": "0240999999", "was_phone": "02 40 12 34 56"},
    )
    newer = FILE.replace("0240123456", "0240111111").replace("pain@exemple.fr", "four@exemple.fr")
    _, page = preview(coordination, newer)
    assert "Écrit à la main, donc gardé : téléphone" in page
    bring_in(coordination, newer)
    bakery, _ = named(home, "Le Fournil de Zola")
    assert (bakery.phone, bakery.email) == ("02 40 99 99 99", "four@exemple.fr")


def test_what_was_placed_by_hand_stays_there(home: House, town: Town, coordination: TestClient) -> None:
    bring_in(coordination, FILE)
    farm, (place,) = named(home, "Ferme de la Noë")
    post(coordination, f"/merchants/{farm.id}/places/{place.id}/position", {"pair": "47,2 -1,7"})
    bring_in(coordination, FILE.replace("47,2105", "47,25"))
    (place,) = named(home, "Ferme de la Noë")[1]
    assert (place.lat, place.lon) == (47.2, -1.7)


def test_an_empty_cell_erases_nothing(home: House, town: Town, coordination: TestClient) -> None:
    bring_in(coordination, FILE)
    bring_in(coordination, f"nom;téléphone;e-mail;horaires;siret\nLe Fournil de Zola;;;;{SIRET}\n")
    bakery, (shop,) = named(home, "Le Fournil de Zola")
    assert (bakery.phone, shop.opening_hours) == ("02 40 12 34 56", "Tu-Sa 07:30-13:00")


@pytest.mark.parametrize(
    ("answer", "phone", "count"),
    [("same", "02 40 12 34 56", 1), ("new", "", 2), ("skip", "", 1), (None, "", 1)],
)
def test_a_line_that_asks_does_what_was_answered(
    home: House, town: Town, coordination: TestClient, answer: str | None, phone: str, count: int
) -> None:
    data = "nom;téléphone\nÉpicerie des Bourderies;0240123456\n"
    chosen = town.shop if answer == "same" else answer
    bring_in(coordination, data, **({"line_2": chosen} if chosen else {}))
    assert names(home).count("Épicerie des Bourderies") == count
    with home.db.read() as session:
        assert merchants.get(session, town.shop).phone == phone


def test_an_answer_naming_a_merchant_of_another_territory_decides_nothing(
    home: House, town: Town, coordination: TestClient
) -> None:
    page = bring_in(coordination, "nom;téléphone\nÉpicerie des Bourderies;0240123456\n", line_2=town.farm)
    assert "1 à décider" in page
    with home.db.read() as session:
        assert merchants.get(session, town.farm).phone == ""


def test_two_merchants_of_one_name_get_two_addresses_on_the_site(
    home: House, town: Town, coordination: TestClient
) -> None:
    bring_in(coordination, "nom;code postal;ville\nBiocabas;44100;Nantes\nBiocabas;44300;Nantes\n")
    with home.db.read() as session:
        found = merchants.places_of(
            session, list(session.exec(select(Merchant.id).where(Merchant.name == "Biocabas")))
        )
    assert sorted(place.slug for places in found.values() for place in places) == [
        "biocabas-nantes",
        "biocabas-nantes-2",
    ]


def test_the_import_sees_only_its_own_territory(home: House, town: Town, coordination: TestClient) -> None:
    assert "1 nouveau commerce" in bring_in(coordination, "nom;code postal\nFerme du Tenu;44640\n")
    assert "Ferme du Tenu" in names(home)


# --- once ---


def test_applying_twice_changes_nothing_even_with_another_key(
    home: House, town: Town, coordination: TestClient
) -> None:
    address, _ = preview(coordination, FILE)
    key = secrets.token_hex(16)
    assert post(coordination, f"{address}/application", {}, key).status_code == 303
    after_once = everything(home)
    assert post(coordination, f"{address}/application", {}, key).status_code == 303
    assert post(coordination, f"{address}/application", {}).status_code == 303
    assert everything(home) == after_once


def test_sending_twice_keeps_one_file(home: House, coordination: TestClient) -> None:
    form = {"form_key": secrets.token_hex(16), "territory": NANTES}
    first, second = (
        coordination.post("/imports", data=form, files={"file": ("a.csv", FILE.encode())}) for _ in range(2)
    )
    assert first.headers["location"] == second.headers["location"]
    with home.db.read() as session:
        assert len(session.exec(select(ImportDraft)).all()) == 1


def test_a_file_may_be_taken_up_later(town: Town, coordination: TestClient) -> None:
    address, _ = preview(coordination, FILE)
    page = coordination.get("/imports")
    assert f'href="{address}"' in page.text
    assert "à relire" in words(page)
    post(coordination, f"{address}/application", {})
    assert "importé" in words(coordination.get("/imports"))


# --- who ---


def test_only_the_coordination_of_the_territory_imports(
    home: House,
    town: Town,
    coordination: TestClient,
    committee: TestClient,
    moneko: TestClient,
    admin: TestClient,
) -> None:
    before = everything(home)
    for browser in (committee, moneko):
        assert browser.get("/imports").status_code == 403
        assert send(browser, FILE).status_code == 403
    assert send(coordination, FILE, territory=RETZ).status_code == 404
    assert send(coordination, FILE, territory="").status_code == 404
    assert everything(home) == before
    theirs = send(admin, FILE, territory=RETZ).headers["location"]
    assert coordination.get(theirs).status_code == 404
    assert post(coordination, f"{theirs}/application", {}).status_code == 404
    assert coordination.get("/imports/nothing").status_code == 404
    assert theirs not in coordination.get("/imports").text


# --- what is refused ---

REFUSED = {
    "UTF-16": (
        "nom;ville\nÉpicerie;Nantes\n".encode("utf-16"),
        "n’est ni en UTF-8 ni dans l’encodage d’Excel",
    ),
    "NUL bytes": (b"nom;ville\nA\0;Nantes\n", "n’est ni en UTF-8 ni dans l’encodage d’Excel"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "n’est ni en UTF-8 ni dans l’encodage d’Excel"),
    "an Excel workbook": (b"PK\x03\x04\x14\0\x06\0xl/workbook.xml", "Ce fichier est un classeur de tableur."),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Ce fichier est un classeur de tableur."),
    "damaged UTF-8": ("nom\nÉpicerie\n".encode() + b"\xe9", "n’est ni en UTF-8 ni dans l’encodage d’Excel"),
    "empty": (b"", "Ce fichier n’a aucune ligne de commerce."),
    "titles only": (b"nom;ville\n", "Ce fichier n’a aucune ligne de commerce."),
    "no name column": (b"ville;adresse\nNantes;2 rue Zola\n", "Il manque la colonne nom."),
    "one line without an end": (b"Le Fournil de Zola;Nantes", "Il manque la colonne nom."),
    "an open quote": (b'nom;ville\nA;Nantes\n"B;Vue\nC;Vue\n', "À la ligne 3, un guillemet n’est pas fermé."),
    "too many lines": (b"nom\n" + b"A\n" * 10_001, "Ce fichier a plus de 10000 lignes."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(
    home: House, town: Town, coordination: TestClient, case: str
) -> None:
    data, sentence = REFUSED[case]
    before = everything(home)
    refused(send(coordination, data), 422, sentence)
    assert everything(home) == before


def test_a_form_without_a_file_is_refused(coordination: TestClient) -> None:
    refused(send(coordination, b"", filename=""), 422, "Choisissez un fichier.")
    refused(post(coordination, "/imports", {"territory": NANTES}), 422, "Choisissez un fichier.")


def test_a_file_too_large_is_refused(coordination: TestClient) -> None:
    answer = send(coordination, b"nom\n" + b"a" * 5_200_000)
    assert answer.status_code == 413
    assert "dépasse 5 Mo" in words(answer)


def test_a_form_that_does_not_say_its_length_is_refused(coordination: TestClient) -> None:
    boundary = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nnom\r\n--x--\r\n'
    answer = coordination.post(
        "/imports",
        content=iter([boundary]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413


# --- size ---


def test_five_thousand_lines_are_previewed_with_as_many_questions_to_the_database_as_five_hundred(
    home: House, town: Town, coordination: TestClient
) -> None:
    def fill(session: Session) -> None:
        rows = "".join(f"Commerce {n};44100;Nantes\n" for n in range(2500))
        draft = imports.keep(
            session, NANTES, "a", "nom;code postal;ville\n" + rows, home.now(), by=town.claire
        )
        lines = directory.read(draft.text, (47.2, -1.6)).lines
        imports.apply(session, draft, lines, {}, home.now(), by=town.claire)

    def preview(size: int) -> tuple[Response, int]:
        rows = "".join(
            f"Commerce {n};épicerie;{n} rue Zola;44100;Nantes;;;0240{n:06};c{n}@exemple.fr;;mardi 9h-12h;\n"
            for n in range(size)
        )
        with statements() as sent:
            page = coordination.get(send(coordination, TITLES + rows).headers["location"])
        return page, len(sent)

    home.db.write(fill)
    _, few = preview(500)
    page, many = preview(5000)
    assert many == few
    assert "2 500 nouveaux commerces 2 500 mises à jour" in words(page)


def test_a_question_for_each_of_two_thousand_lines_is_answered(
    home: House, town: Town, coordination: TestClient
) -> None:
    def fill(session: Session) -> None:
        for n in range(1200):
            merchants.add(session, NANTES, f"Commerce {n}", Kind.OTHER, home.now(), by=None, source="hand")

    home.db.write(fill)
    data = "nom\n" + "".join(f"Commerce {n}\n" for n in range(1200))
    answers = {f"line_{n + 2}": "skip" for n in range(1200)}
    assert "1 200 laissées de côté" in bring_in(coordination, data, **answers)
