"""Around the visit: preparing it, not being able to come, commitments, questions, spotting, training, reading aloud."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from backend.domain.merchants import KIND_NAMES
from backend.settings import ROOT
from backend.storage import journal, merchants, questions, visits
from backend.web.house import House
from tests.e2e.field_app import NewPhone, answer, begin, go_on, join, kill, offline
from tests.e2e.test_photos import jpeg, photo
from tests.servers import Server
from tests.town import Town, code_for

SHOP = "Épicerie des Bourderies"


@pytest.fixture
def page(phone: NewPhone, home: House, town: Town, live_server: Server) -> Page:
    """Amina's phone."""
    context = phone(permissions=["geolocation"], geolocation={"latitude": 47.2094, "longitude": -1.5988})
    return join(context.new_page(), live_server.address, code_for(home, town.amina))


def kinds(home: House, town: Town) -> list[str]:
    with home.db.read() as session:
        return [one.record.entry.kind for one in journal.numbered(session, town.visit)]


# --- before a visit ---


def test_what_to_bring_and_the_letter_are_there_without_network(page: Page) -> None:
    offline(page)
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("link", name="Préparer la visite").click()
    expect(page.get_by_role("link", name="Appeler la coordination")).to_have_attribute(
        "href", "tel:+33240000001"
    )
    page.get_by_role("link", name="La lettre à montrer").click()
    expect(page.get_by_text("Nous sommes Amina et Bruno")).to_be_visible()


def test_someone_who_cannot_come_says_so_without_network_and_the_coordination_reads_it(
    page: Page, home: House, town: Town, coordination: TestClient
) -> None:
    offline(page)
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("link", name="Préparer la visite").click()
    page.get_by_role("link", name="Je ne peux plus venir").click()
    page.get_by_label("Un mot pour la coordination").fill("Mon fils est malade.")
    page = kill(page)
    offline(page)
    expect(page.get_by_label("Un mot pour la coordination")).to_have_value("Mon fils est malade.")
    page.get_by_role("button", name="Je ne viens pas").click()
    expect(page.get_by_text("Vous ne pouvez pas venir")).to_be_visible()
    offline(page, False)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    assert "Mon fils est malade." in coordination.get(f"/visits/{town.visit}").text


# --- commitments ---


def test_a_commitment_is_noted_on_its_criterion_and_erased(page: Page, home: House, town: Town) -> None:
    begin(page)
    page.get_by_text("Noter un engagement du commerce").click()
    page.get_by_label("À quoi le commerce s’engage-t-il ?").fill("Poser une rampe")
    page.get_by_label("Pour quand ?").select_option(index=2)
    page.get_by_role("button", name="Noter l’engagement").click()
    expect(page.locator(".commitment")).to_contain_text("Poser une rampe")
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    page.get_by_role("button", name="Effacer l’engagement").click()
    page.get_by_role("button", name="Oui, l’effacer").click()
    expect(page.locator(".commitment")).to_have_count(0)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    with home.db.read() as session:
        reading = visits.read(session, visits.get(session, town.visit), home.rules)
    assert reading.state["commitments"] == []
    assert kinds(home, town).count("commitment_noted") == 2


# --- questions of the coordination ---


def test_a_question_comes_to_the_phone_and_its_answer_goes_back_though_the_page_dies(
    page: Page, home: House, town: Town, live_server: Server
) -> None:
    begin(page)
    answer(page)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    home.db.write(
        lambda session: questions.ask(
            session, town.visit, "entrer-circuler", "Combien de marches ?", home.now(), by=town.claire
        )
    )
    page.get_by_role("link", name="Visites").click()
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.get_by_text("1 question de la coordination")).to_be_visible()
    offline(page)
    page.goto(f"{live_server.address}/app/#visite/{town.visit}/critere/entrer-circuler")
    page.get_by_role("link", name="Répondre").click()
    page.get_by_label("Votre réponse").fill("Une seule.")
    page = kill(page)
    offline(page)
    expect(page.get_by_label("Votre réponse")).to_have_value("Une seule.")
    page.get_by_role("button", name="Répondre").click()
    expect(page.locator("blockquote")).to_contain_text("Une seule.")
    expect(page.get_by_label("Votre réponse")).to_have_value("")
    offline(page, False)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    assert kinds(home, town)[-1] == "question_answered"


# --- spotting ---


def test_a_merchant_is_spotted_without_network_with_its_place_and_photo(
    page: Page, home: House, town: Town
) -> None:
    page.get_by_role("link", name="Repérer un commerce").click()
    page.get_by_label("Son nom").fill("epicerie bourderie")
    expect(page.get_by_text("La caisse connaît déjà")).to_be_visible()
    expect(page.locator(".note li")).to_contain_text(SHOP)
    offline(page)
    page.get_by_label("Son nom").fill("Le Fournil de Zola")
    expect(page.get_by_text("La caisse connaît déjà")).to_have_count(0)
    page.get_by_label("Quel genre de commerce").select_option("bakery")
    page.get_by_role("button", name="noter ma position").click()
    expect(page.get_by_text("Position notée : 47.2094 ; -1.5988")).to_be_visible()
    page.get_by_label("Ajouter une photo").set_input_files(photo("a.jpg", jpeg()))
    expect(page.locator(".photo img")).to_have_count(1)
    page.get_by_label("Un mot de plus").fill("Pain au levain")
    page = kill(page)
    offline(page)
    expect(page.get_by_label("Son nom")).to_have_value("Le Fournil de Zola")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Le Fournil de Zola est enregistré.")).to_be_visible()
    offline(page, False)
    expect(page.locator(".line .state[data-state=received]")).to_be_visible()
    with home.db.read() as session:
        found = [
            each
            for each in merchants.of_territory(session, "nantes-ouest", limit=9)
            if "Fournil" in each.name
        ]
        [place] = merchants.places(session, found[0].id)
    assert (found[0].kind, place.lat, place.lon) == ("bakery", 47.2094, -1.5988)


def test_a_merchant_without_a_name_is_not_saved_and_nothing_is_lost(page: Page) -> None:
    page.get_by_role("link", name="Repérer un commerce").click()
    page.get_by_label("Un mot de plus").fill("Au coin de la rue")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert").filter(has_text="Écrivez au moins son nom.")).to_be_visible()
    expect(page.get_by_label("Un mot de plus")).to_have_value("Au coin de la rue")


def test_the_phone_names_the_kinds_of_merchants_as_the_coordination_does() -> None:
    text = (ROOT / "pwa" / "views" / "spot.js").read_text()
    for kind, name in KIND_NAMES.items():
        assert f"['{kind.value}', N_('{name}')]" in text


# --- training ---


def test_the_training_visit_works_before_joining_and_nothing_of_it_is_ever_sent(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone().new_page()
    sent: list[Any] = []
    page.on(
        "request",
        lambda request: sent.append(request.post_data_json) if "/api/journal" in request.url else None,
    )
    page.goto(f"{live_server.address}/app/")
    page.get_by_role("link", name="S’entraîner").click()
    page.get_by_role("button", name="Commencer l’essai").click()
    page.get_by_role("button", name="Commencer la visite").click()
    for here in range(1, 5):
        expect(page.get_by_text("Essai : rien n’est envoyé.")).to_be_visible()
        page.locator(".level").nth(2).click()
        if here < 4:
            page.get_by_role("link", name="Suivant").click()
    page.get_by_role("link", name="Relire tout").click()
    page.get_by_role("link", name="J’ai fini ma part").click()
    page.get_by_role("button", name="J’ai fini ma part").click()
    expect(page.get_by_text("2 questions à départager.")).to_be_visible()
    page.get_by_role("link", name="Choisir ensemble").click()
    page.locator(".level").nth(1).click()
    page.get_by_label("Pourquoi ce choix").fill("La marche est haute.")
    page.get_by_role("link", name="Comparaison").click()
    page.locator(".steps").get_by_role("link", name="Terminer").click()
    page.get_by_role("button", name="Terminer la visite").click()
    expect(page.get_by_role("heading", name="Ce que dit la grille")).to_be_visible()
    join(page, live_server.address, code_for(home, town.amina))
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.get_by_text("Dernier échange")).to_be_visible()
    assert [batch["entries"] for batch in sent if batch["entries"]] == []
    page.get_by_role("link", name="S’entraîner").click()
    page.get_by_role("button", name="Effacer l’essai").click()
    expect(page.get_by_role("button", name="Commencer l’essai")).to_be_visible()


# --- reading aloud ---

VOICES = """
window.said = [];
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => %s,
  speak: (one) => window.said.push(one.text),
  cancel: () => {},
  addEventListener: () => {},
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def test_a_question_is_read_aloud_by_a_voice_of_this_phone(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    context = phone()
    context.add_init_script(VOICES % "[{ lang: 'fr-FR', localService: true, name: 'Une voix' }]")
    page = join(context.new_page(), live_server.address, code_for(home, town.amina))
    begin(page)
    page.get_by_role("button", name="Lire à voix haute").click()
    said = page.evaluate("window.said")
    assert said[0].endswith("?")
    assert len([text for text in said if text.startswith("Réponse")]) == 4
    page.get_by_role("button", name="Arrêter la lecture").click()
    expect(page.get_by_role("button", name="Lire à voix haute")).to_be_visible()


@pytest.mark.parametrize(
    "voices", ["[]", "[{ lang: 'fr-FR', localService: false }]", "[{ lang: 'en-GB', localService: true }]"]
)
def test_the_button_hides_when_there_is_no_voice_on_this_phone(
    phone: NewPhone, home: House, town: Town, live_server: Server, voices: str
) -> None:
    context = phone()
    context.add_init_script(VOICES % voices)
    page = join(context.new_page(), live_server.address, code_for(home, town.amina))
    begin(page)
    go_on(page, 1)
    expect(page.get_by_text("Ajouter une photo")).to_be_visible()  # all the code is here
    expect(page.get_by_role("button", name="Lire à voix haute")).to_have_count(0)
