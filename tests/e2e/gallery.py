"""Every state of the field app's screens, reached as a person would. Tests look at each, `make screenshots` draws it.

To add yours: write a function that takes a `Visitor`, with `@walk` above. It begins with a phone that nobody has
joined: `page = visitor.joined(visitor.town.amina)` joins it (the fund is new, its visits are those of tests/town.py).
Go on with the gestures of tests/e2e/field_app.py and call `visitor.look("words for this state")` in each state worth
seeing, with `visitor.look("…", other_page)` for a second phone. Find things by role and French label, never with
`exact=True`: the same walks are made in a language that wraps the French texts. Each walk takes a fresh fund: put many
states in a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from playwright.sync_api import Page, Route, expect
from sqlmodel import Session

from backend.domain.people import Role
from backend.storage import people, questions
from backend.web.house import House
from tests.e2e.field_app import CRITERIA, answer, begin, close_visit, go_on, join, offline
from tests.phones import picture
from tests.servers import Server
from tests.town import NANTES, Town, code_for

SHOP = "Épicerie des Bourderies"


class Look(Protocol):
    """What is done with a page in a state that is worth seeing."""

    def __call__(self, page: Page, state: str) -> None: ...


@dataclass
class Visitor:
    """Somebody with a phone that nobody has joined yet, in a new town."""

    page: Page
    new_page: Callable[[], Page]  # the page of another phone
    home: House
    town: Town
    server: Server
    seen: Look
    to_keep: bool = True  # whether its browser may keep the app

    def joined(self, person: str, page: Page | None = None) -> Page:
        """The page (of this phone, or of another) once this person has joined there."""
        return join(page or self.page, self.server.address, code_for(self.home, person), to_keep=self.to_keep)

    def look(self, state: str, page: Page | None = None) -> None:
        self.seen(page or self.page, state)


Walk = Callable[[Visitor], None]
WALKS: dict[str, Walk] = {}


def walk(recipe: Walk) -> Walk:
    WALKS[recipe.__name__] = recipe
    return recipe


@walk
def entering_with_a_code(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.server.address}/app/")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    visitor.look("nobody has joined")
    page.get_by_label("Votre code").fill("00000 00000")
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code n’existe pas.")
    visitor.look("a code that does not exist")
    newcomer = visitor.home.db.write(lambda session: someone_new(session, visitor.home.now()))
    page.get_by_label("Votre code").fill(code_for(visitor.home, newcomer))
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", name="Vos visites seront ici")).to_be_visible()
    visitor.look("no visit yet, and a long name")


def someone_new(session: Session, now: datetime) -> str:
    """Someone for whom no visit is planned yet; gives the id."""
    name = "Marie-Antoinette de la Bretesche-Kermorvan"
    person = people.add_person(session, name, now, territory_id=NANTES, email=None)
    people.grant_role(session, person.id, Role.EVALUATOR, now, territory_id=NANTES, by=None)
    return person.id


@walk
def a_visit_from_its_start_to_its_end(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    visitor.look("visits to make")
    page.get_by_role("button", name="Aide").click()
    visitor.look("help")
    page.get_by_role("button", name="Fermer l’aide").click()
    page.get_by_role("link", name=SHOP).click()
    expect(page.get_by_role("button", name="Commencer la visite")).to_be_visible()
    visitor.look("before the visit")
    page.get_by_role("button", name="Commencer la visite").click()
    expect(page.get_by_role("link", name="1 sur 15")).to_be_visible()
    visitor.look("a question without an answer")
    answer(page)
    page.get_by_label("Une remarque").fill("La porte est large, mais il y a une marche à l’entrée.")
    expect(page.get_by_text("Ce que vous écrivez est enregistré.")).to_be_visible()
    visitor.look("a question answered with a remark")
    page.get_by_role("link", name="1 sur 15").click()
    expect(page.get_by_text("14 réponses manquent")).to_be_visible()
    visitor.look("the summary with missing answers")
    page.get_by_role("link", name="Terminer").click()
    expect(page.get_by_role("button", name="Terminer la visite")).to_be_visible()
    visitor.look("closing with missing answers")
    page.get_by_role("link", name="Relire").first.click()
    page.get_by_role("link", name="Compléter").click()
    for number in range(2, CRITERIA + 1):
        answer(page, level=number % 4)
        go_on(page, number)
    expect(page.get_by_text("Vous avez répondu à tout.")).to_be_visible()
    visitor.look("the summary with all answers")
    close_visit(page)
    expect(page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    visitor.look("thanks after a visit")
    page.get_by_role("link", name="Revenir à mes visites").click()
    expect(page.get_by_role("heading", name="Terminées")).to_be_visible()
    visitor.look("visits made")
    page.get_by_role("link", name=SHOP).click()
    expect(page.get_by_role("heading", name="Ce que dit la grille")).to_be_visible()
    visitor.look("a closed visit read again")
    page.get_by_role("link", name="Tout est reçu").click()
    expect(page.get_by_role("heading", name="Sur ce téléphone")).to_be_visible()
    visitor.look("the phone when all is received")
    page.get_by_role("link", name="Entrer un autre code").click()
    expect(page.get_by_role("heading", name="Une personne de plus")).to_be_visible()
    visitor.look("one more person")


@walk
def a_visit_that_cannot_be_made(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("link", name="La visite est impossible").click()
    expect(page.get_by_role("heading", name="Visite impossible")).to_be_visible()
    visitor.look("why the visit is impossible")
    page.get_by_label("Le commerce est fermé").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("La caisse l’a reçu.")).to_be_visible()
    visitor.look("thanks for an impossible visit")


@walk
def without_network(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    offline(page)
    begin(page)
    answer(page)
    visitor.look("a question answered without network")
    page.get_by_role("link", name="Visites").click()
    expect(page.get_by_text("Pas de réseau.")).to_be_visible()
    visitor.look("visits without network")
    page.get_by_role("link", name="Sur ce téléphone").click()
    expect(page.get_by_role("heading", name="Sur ce téléphone")).to_be_visible()
    visitor.look("the phone without network")


@walk
def something_is_refused(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    page.context.route("**/api/journal", refuse_choices)
    begin(page)
    answer(page, level=1)
    expect(page.get_by_text("Ouvrez ce critère et choisissez un niveau.")).to_be_visible()
    visitor.look("a refused answer")
    page.get_by_role("link", name="1 à corriger").click()
    expect(page.get_by_role("heading", name="À corriger")).to_be_visible()
    visitor.look("the phone with something to correct")
    page.get_by_role("link", name="Visites").click()
    expect(page.get_by_text("1 élément à corriger")).to_be_visible()
    visitor.look("visits with something to correct")


def refuse_choices(route: Route) -> None:
    """A fund that takes everything but choices."""
    batch = route.request.post_data_json
    bad = [entry for entry in batch["entries"] if entry["kind"] == "choice_made"]
    kept = {**batch, "entries": [entry for entry in batch["entries"] if entry not in bad]}
    receipt = route.fetch(post_data=kept).json()
    problem = {
        "type": "/problemes/not_a_level",
        "title": "Niveau inconnu",
        "status": 422,
        "detail": "Ouvrez ce critère et choisissez un niveau.",
    }
    receipt["rejected"] = [{"id": entry["id"], "problem": problem} for entry in bad]
    route.fulfill(json=receipt)


@walk
def a_phone_that_keeps_nothing(visitor: Visitor) -> None:
    page = visitor.page
    page.add_init_script("indexedDB.open = () => { throw new DOMException('', 'SecurityError') }")
    page.goto(f"{visitor.server.address}/app/")
    expect(page.get_by_role("heading", name="Ce téléphone ne nous laisse rien enregistrer")).to_be_visible()
    visitor.look("a phone that keeps nothing")


@walk
def what_a_phone_keeps(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("button", name="Commencer la visite").click()
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    unreachable(page)
    answer(page)
    page.get_by_role("link", name="1 sur 15").click()
    page.get_by_role("link", name="Visites").click()
    expect(page.get_by_text("Si la mémoire de ce téléphone se remplit")).to_be_visible()
    visitor.look("visits on a phone that may forget")
    page.get_by_role("link", name="Sur ce téléphone").click()
    with page.expect_download() as backup:
        page.get_by_role("button", name="Enregistrer une sauvegarde").click()
    expect(page.locator("main").get_by_text("Sauvegarde faite")).to_be_visible()
    visitor.look("the phone after a backup")
    page.get_by_role("link", name="Quitter ce téléphone").click()
    expect(page.get_by_role("heading", name="Qui quitte ce téléphone")).to_be_visible()
    visitor.look("who leaves this phone")
    page.get_by_role("button", name="Amina").click()
    expect(page.get_by_role("heading", name="Tout n’est pas reçu par la caisse")).to_be_visible()
    visitor.look("what leaving would lose")
    page.get_by_role("button", name="Quitter quand même").click()
    expect(page.get_by_role("heading", name="Effacer pour de bon")).to_be_visible()
    visitor.look("leaving, asked twice")
    page.get_by_role("button", name="Rester").click()

    other = visitor.new_page()
    other.goto(f"{visitor.server.address}/app/")
    other.get_by_role("link", name="Reprendre une sauvegarde").click()
    other.get_by_label("Reprendre une sauvegarde").set_input_files(backup.value.path())
    expect(other.locator("main").get_by_text("C’est repris")).to_be_visible()
    visitor.look("the phone with what is held for somebody", other)


@walk
def an_invitation_read_by_the_camera(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.server.address}/app/")
    page.get_by_role("link", name="Scanner le code").click()
    expect(page.get_by_role("button", name="Ouvrir l’appareil photo")).to_be_visible()
    visitor.look("before reading an invitation")
    page.get_by_role("button", name="Ouvrir l’appareil photo").click()
    expect(page.get_by_role("alert")).to_contain_text("recopiez les lettres")
    visitor.look("no camera to read an invitation")


@walk
def each_on_their_own_phone(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    other = visitor.joined(visitor.town.bruno, visitor.new_page())
    begin_apart(page)
    answer(page, level=2)
    visitor.look("a question answered alone")
    page.get_by_role("link", name="1 sur 15").click()
    expect(page.get_by_text("14 réponses manquent")).to_be_visible()
    visitor.look("one's own answers")
    page.get_by_role("link", name="J’ai fini").click()
    expect(page.get_by_role("heading", name="Avez-vous fini votre part")).to_be_visible()
    visitor.look("before one's part is done")
    page.get_by_role("button", name="J’ai fini ma part").click()
    expect(page.get_by_text("Votre part est finie.")).to_be_visible()
    visitor.look("waiting for the other")
    page.get_by_role("link", name="Terminer sans attendre").click()
    expect(page.get_by_text("n’a pas fini sa part")).to_be_visible()
    visitor.look("closing while the other has not done")
    other.get_by_role("button", name="Envoyer maintenant").click()
    expect(other.get_by_text("Commencée")).to_be_visible()
    other.get_by_role("link", name=SHOP).click()
    answer(other, level=1)
    go_on(other, 1)
    answer(other, level=1)
    other.get_by_role("link", name="2 sur 15").click()
    other.get_by_role("link", name="J’ai fini").click()
    other.get_by_role("button", name="J’ai fini ma part").click()
    expect(other.get_by_role("link", name="Choisir ensemble")).to_be_visible()
    visitor.look("what differs", other)
    other.get_by_role("link", name="Choisir ensemble").click()
    expect(other.get_by_text("Vous n’avez pas répondu pareil.")).to_be_visible()
    visitor.look("a difference to settle", other)
    other.locator(".level").nth(3).click()
    expect(other.get_by_label("Pourquoi ce choix")).to_be_visible()
    other.get_by_label("Pourquoi ce choix").fill("Nous avons mesuré la porte ensemble.")
    visitor.look("a difference settled", other)
    other.get_by_role("link", name="Comparaison").click()
    expect(other.get_by_role("heading", name="Choisi ensemble")).to_be_visible()
    visitor.look("what is settled, and what only one answered", other)
    other.locator(".steps").get_by_role("link", name="Terminer").click()
    expect(other.get_by_text("à départager")).to_be_visible()
    visitor.look("closing with something to settle", other)
    other.get_by_role("button", name="Terminer la visite").click()
    expect(other.get_by_role("heading", name="Ce que dit la grille")).to_be_visible()
    for summary in other.locator("summary").all():
        summary.click()
    visitor.look("a closed visit with all its details open", other)


def begin_apart(page: Page) -> None:
    page.get_by_role("link", name=SHOP).click()
    page.get_by_text("Chaque personne sur son téléphone").click()
    page.get_by_role("button", name="Commencer la visite").click()
    expect(page.get_by_role("link", name="1 sur 15")).to_be_visible()


@walk
def two_people_on_one_phone(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    visitor.joined(visitor.town.bruno, page)
    expect(page.get_by_role("link", name="Qui tient le téléphone")).to_be_visible()
    visitor.look("visits on a shared phone")
    page.get_by_role("link", name="Qui tient le téléphone").click()
    expect(page.get_by_role("button", name="Bruno")).to_be_visible()
    visitor.look("who holds the phone")


@walk
def phone_to_phone(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    unreachable(page)
    begin(page)
    for number in range(1, CRITERIA + 1):
        answer(page, level=number % 4)
        page.get_by_label("Une remarque").fill(f"Remarque {number * 7919} : {'mot ' * 20}")
        go_on(page, number)
    page.goto(f"{visitor.server.address}/app/#visite/{visitor.town.visit}/echanger")
    expect(page.get_by_role("button", name="Montrer mon code")).to_be_visible()
    visitor.look("comparing without a network")
    page.get_by_role("button", name="Montrer mon code").click()
    page.get_by_role("button", name="Arrêter").click()
    visitor.look("a code of a series")
    page.get_by_role("link", name="Retour").click()
    page.get_by_role("link", name="Lire le code de l’autre").click()
    expect(page.get_by_role("button", name="Ouvrir l’appareil photo")).to_be_visible()
    visitor.look("before reading a code")
    page.get_by_role("button", name="Ouvrir l’appareil photo").click()
    expect(page.get_by_role("alert")).to_contain_text("L’appareil photo n’est pas disponible.")
    visitor.look("no camera to read a code")


@walk
def around_a_visit(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    page.get_by_role("link", name=SHOP).click()
    page.get_by_role("link", name="Préparer la visite").click()
    expect(page.get_by_role("heading", name="À emporter")).to_be_visible()
    visitor.look("preparing the visit")
    page.get_by_role("link", name="La lettre à montrer").click()
    expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()
    visitor.look("the letter")
    page.get_by_role("link", name="La visite").first.click()
    page.get_by_role("link", name="Préparer la visite").click()
    page.get_by_role("link", name="Je ne peux plus venir").click()
    expect(page.get_by_role("heading", name="Vous ne pouvez plus venir")).to_be_visible()
    visitor.look("not being able to come")
    page.get_by_role("button", name="Je ne viens pas").click()
    expect(page.get_by_text("Vous ne pouvez pas venir")).to_be_visible()
    visitor.look("visits, one of them without this person")
    begin(page)
    page.get_by_label("Choisir dans le téléphone").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(page.locator(".photo img")).to_have_count(1)
    page.get_by_text("Noter un engagement du commerce").click()
    page.get_by_label("À quoi le commerce s’engage-t-il").fill("Poser une rampe à l’entrée")
    page.get_by_role("button", name="Noter l’engagement").click()
    expect(page.locator(".commitment")).to_be_visible()
    visitor.look("a question with a photo and a commitment")
    visitor.home.db.write(
        lambda session: questions.ask(
            session,
            visitor.town.visit,
            "entrer-circuler",
            "Combien de marches ?",
            visitor.home.now(),
            by=visitor.town.claire,
        )
    )
    page.get_by_role("link", name="Visites").click()
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.get_by_text("1 question de la coordination")).to_be_visible()
    visitor.look("visits with a question of the coordination")
    page.goto(f"{visitor.server.address}/app/#visite/{visitor.town.visit}/questions")
    page.get_by_label("Votre réponse").fill("Une seule.")
    page.get_by_role("button", name="Répondre").click()
    expect(page.locator("blockquote")).to_be_visible()
    visitor.look("questions of the coordination")


@walk
def a_merchant_on_the_street(visitor: Visitor) -> None:
    page = visitor.joined(visitor.town.amina)
    page.get_by_role("link", name="Repérer un commerce").click()
    expect(page.get_by_label("Son nom")).to_be_visible()
    visitor.look("spotting a merchant")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_label("Son nom").fill("epicerie bourderie")
    expect(page.get_by_text("La caisse connaît déjà")).to_be_visible()
    visitor.look("a merchant that may be known")
    page.get_by_label("Son nom").fill("Fournil de Zola")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Repérés par vous")).to_be_visible()
    visitor.look("a merchant spotted")


@walk
def practising(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.server.address}/app/")
    page.get_by_role("link", name="S’entraîner").click()
    expect(page.get_by_role("button", name="Commencer l’essai")).to_be_visible()
    visitor.look("before the training visit")
    page.get_by_role("button", name="Commencer l’essai").click()
    page.get_by_role("button", name="Commencer la visite").click()
    expect(page.get_by_text("Essai : rien n’est envoyé.")).to_be_visible()
    visitor.look("a question of the training visit")


def unreachable(page: Page) -> None:
    """The fund does not answer, though there is a network: also where the browser may not keep the app."""
    page.context.route("**/api/*", lambda route: route.abort())
