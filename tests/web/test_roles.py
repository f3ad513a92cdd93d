"""Who may see and do what: product.md, section 6, page by page, in one's own territory and in the other.

The expectations are copied from that section by hand, and not read from the routes' own declarations.
"""

import io
import re
import secrets
from dataclasses import dataclass
from datetime import date

import pytest
from httpx2 import Response
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.committee import Why
from backend.domain.handover import Model
from backend.domain.merchants import Kind
from backend.domain.moneko_files import FileKind
from backend.domain.people import Role
from backend.domain.planning import TieKind
from backend.domain.reports import ReportKind
from backend.domain.rounds import Stop
from backend.storage import (
    accounts,
    appeals,
    contacts,
    decisions,
    devices,
    documents,
    handovers,
    imports,
    mails,
    merchant_links,
    merchants,
    moneko_files,
    people,
    person_files,
    replies,
    reports,
    rounds,
    sessions,
)
from backend.storage.documents import Kept
from backend.storage.mails import Kind as MailKind
from backend.storage.merchant_links import MerchantSession
from backend.web.house import House
from backend.web.routes import SITEMAP
from tests.merchant_side import opened
from tests.phones import Phone, picture, sha256
from tests.town import GRID, NANTES, RETZ, Town, browser_of, sign_in
from tests.web.test_onboarding import accredit, tell

# Each line: an address, and who of these may go there. Letters, as the columns of section 6:
# C coordination · K comité · M Moneko · R recherche · A admin. The public and the évaluateurs hold none of them: what
# is theirs stands in OPEN. Somebody of the other territory may go only where no merchant, person or file is named.
COORDINATION, READ_BY_THE_COMMITTEE, ADMINISTRATION = "CA", "CKA", "A"
PAGES: dict[str, str] = {
    # "merchants, visits, invitations, record decisions": coordination, admin; the committee reads its agenda
    "GET /board": COORDINATION,
    "POST /merchants": COORDINATION,
    "GET /merchants/new": COORDINATION,
    "GET /merchants/{id}/edit": COORDINATION,
    "POST /merchants/{id}/edits": COORDINATION,
    "POST /merchants/{id}/records": COORDINATION,
    "POST /merchants/{id}/followings": COORDINATION,
    "GET /merchants/{id}/places/new": COORDINATION,
    "POST /merchants/{id}/places": COORDINATION,
    "GET /merchants/{id}/places/{place}/edit": COORDINATION,
    "POST /merchants/{id}/places/{place}/edits": COORDINATION,
    "GET /merchants/{id}/places/{place}/position": COORDINATION,
    "POST /merchants/{id}/places/{place}/position": COORDINATION,
    "POST /merchants/{id}/places/{place}/searches": COORDINATION,
    "GET /merchants/{id}/places/{place}/hours": COORDINATION,
    "POST /merchants/{id}/places/{place}/hours": COORDINATION,
    "GET /duplicates": COORDINATION,
    "GET /merchants/{id}/duplicates/{bakery}": COORDINATION,
    "POST /merchants/{id}/mergers": COORDINATION,
    "POST /merchants/{id}/distinctions": COORDINATION,
    "GET /lists/{name}.{form}": COORDINATION,
    "GET /imports": COORDINATION,
    "POST /imports": COORDINATION,
    "GET /imports/{draft}": COORDINATION,
    "POST /imports/{draft}/application": COORDINATION,
    "GET /merchants/{id}/visits/new": COORDINATION,
    "POST /merchants/{id}/visits": COORDINATION,
    "GET /visits/{visit}/edit": COORDINATION,
    "POST /visits/{visit}/edits": COORDINATION,
    "POST /visits/{visit}/questions": COORDINATION,
    "POST /visits/{visit}/release": COORDINATION,
    "POST /visits/{visit}/cancellation": COORDINATION,
    "GET /visits/{visit}/invitations": COORDINATION,
    "POST /visits/{visit}/invitations": COORDINATION,
    "GET /people": COORDINATION,
    "POST /people": COORDINATION,
    "GET /people/{person}/invitation": COORDINATION,
    "POST /people/{person}/invitations": COORDINATION,
    "POST /devices/{device}/revocation": COORDINATION,
    "GET /mails": COORDINATION,
    "POST /mails/{mail}/tries": COORDINATION,
    "POST /merchants/{id}/decisions": COORDINATION,
    "POST /merchants/{id}/told": COORDINATION,
    "POST /merchants/{id}/public-words": COORDINATION,
    "GET /visits/{visit}/calendar.ics": COORDINATION,
    "GET /visits/{visit}/paper": COORDINATION,
    "POST /visits/{visit}/paper": COORDINATION,
    "GET /visits/{planned}/replacements/new": COORDINATION,
    "POST /visits/{planned}/replacements": COORDINATION,
    "GET /rounds/new": COORDINATION,
    "POST /rounds": COORDINATION,
    "GET /rounds/{round}": COORDINATION,
    "GET /rounds/{round}/cards.pdf": COORDINATION,
    "GET /rounds/{round}/calendar.ics": COORDINATION,
    "GET /people/{person}": COORDINATION,
    "POST /people/{person}/edits": COORDINATION,
    "POST /people/{person}/ties": COORDINATION,
    "POST /people/{person}/ties/{tie}/end": COORDINATION,
    # "accounts, territories, grids": the administration; the coordination reads its territory's grids, drafts too
    "GET /accounts": ADMINISTRATION,
    "POST /accounts": ADMINISTRATION,
    "GET /accounts/{account}": ADMINISTRATION,
    "POST /accounts/{account}/edits": ADMINISTRATION,
    "POST /accounts/{account}/roles": ADMINISTRATION,
    "POST /accounts/{account}/passphrases": ADMINISTRATION,
    "POST /accounts/{account}/sessions/end": ADMINISTRATION,
    "POST /accounts/{account}/roles/{grant}/end": ADMINISTRATION,
    "POST /accounts/{account}/closure": ADMINISTRATION,
    "GET /territories": ADMINISTRATION,
    "POST /territories": ADMINISTRATION,
    "GET /territories/{territory}/edit": ADMINISTRATION,
    "POST /territories/{territory}/edits": ADMINISTRATION,
    "GET /grids": COORDINATION,
    "GET /grids/{territory}/{version}": COORDINATION,
    "GET /people/{person}/erasure": COORDINATION,
    "POST /people/{person}/erasures": COORDINATION,
    "GET /visits/{visit}/entries/{entry}/erasure": COORDINATION,
    "POST /visits/{visit}/entries/{entry}/erasures": COORDINATION,
    "GET /territories/{territory}/districts": COORDINATION,
    "POST /territories/{territory}/districts": COORDINATION,
    "GET /merchants/{id}/documents/new": COORDINATION,
    "POST /merchants/{id}/documents": COORDINATION,
    "GET /merchants/{id}/contacts/new": COORDINATION,
    "POST /merchants/{id}/contacts": COORDINATION,
    "GET /merchants/{id}/contacts/{contact}/edit": COORDINATION,
    "POST /merchants/{id}/contacts/{contact}/edits": COORDINATION,
    "POST /merchants/{id}/contacts/{contact}/removal": COORDINATION,
    "GET /visits/{visit}/grid.pdf": COORDINATION,
    "POST /sessions": COORDINATION,
    "POST /territories/{territory}/quorum": COORDINATION,
    "POST /sessions/{session}/edits": COORDINATION,
    "POST /sessions/{session}/presence": COORDINATION,
    "POST /sessions/{session}/items": COORDINATION,
    "POST /sessions/{session}/removals": COORDINATION,
    "POST /sessions/{session}/moves": COORDINATION,
    "POST /sessions/{session}/closure": COORDINATION,
    "GET /sessions": READ_BY_THE_COMMITTEE,
    "GET /follow-up": READ_BY_THE_COMMITTEE,
    "POST /merchants/{id}/commitments/{commitment}/followings": COORDINATION,
    "GET /sessions/{session}": READ_BY_THE_COMMITTEE,
    "GET /sessions/{session}/agenda.pdf": READ_BY_THE_COMMITTEE,
    "GET /sessions/{session}/merchants/{id}": READ_BY_THE_COMMITTEE,
    "GET /sessions/{session}/merchants/{id}/dossier.pdf": READ_BY_THE_COMMITTEE,
    "GET /sessions/{session}/minutes.pdf": READ_BY_THE_COMMITTEE,
    "GET /grids/{territory}/{version}/paper.pdf": READ_BY_THE_COMMITTEE,
    "GET /visits/{visit}/visit.pdf": READ_BY_THE_COMMITTEE,
    "GET /visits/{visit}/history": READ_BY_THE_COMMITTEE,
    "GET /visits/{visit}": READ_BY_THE_COMMITTEE,
    "GET /photos/{sha256}/{size}": READ_BY_THE_COMMITTEE,
    "GET /merchants/{id}/decisions": READ_BY_THE_COMMITTEE,
    # "own file: grid, decision and reasons, commitments, reply, appeal": coordination, committee, admin
    "GET /merchants/{id}/side": READ_BY_THE_COMMITTEE,
    "GET /merchants/{id}/decisions/{decision}/letter.pdf": READ_BY_THE_COMMITTEE,
    "POST /merchants/{id}/decisions/{decision}/letters": COORDINATION,
    "POST /merchants/{id}/links": COORDINATION,
    "POST /merchants/{id}/links/{link}/revocation": COORDINATION,
    "POST /merchants/{id}/releases": COORDINATION,
    "POST /merchants/{id}/corrections/{correction}/handling": COORDINATION,
    "POST /merchants/{id}/appeals/{appeal}/steps": COORDINATION,
    # the list and the file of a merchant: also Moneko, once it is approved
    "GET /merchants": "CKMA",
    "GET /merchants/{id}": "CKMA",
    "GET /merchants/{id}/documents/{document}": "CKMA",
    "POST /merchants/{id}/documents/{document}/removal": COORDINATION,
    # "approved merchants' file, onboarding steps": Moneko writes, the coordination reads
    "GET /onboarding": "CMA",
    "GET /onboarding/{id}": "CMA",
    "GET /gap": "CMA",
    # reports from the public: the coordination, and Moneko for a refused payment
    "POST /merchants/{id}/reports/{report}/handling": "CMA",
    "GET /gap.{form}": "CMA",
    "GET /handovers": "CMA",
    "GET /handovers/{handover}": "CMA",
    "GET /handovers/{handover}/file": "CMA",
    "POST /onboarding/{id}/steps": "MA",
    "POST /onboarding/{id}/status": "MA",
    "POST /onboarding/{id}/end": "MA",
    "POST /handovers": "MA",
    "GET /announcements": "MA",
    "GET /announcements/format": "MA",
    "POST /announcements/tries": "MA",
    "GET /moneko-files": "MA",
    "POST /moneko-files": "MA",
    "GET /moneko-files/{moneko_file}": "MA",
    "POST /moneko-files/{moneko_file}/application": "MA",
    "GET /partners": "MA",
    "POST /partners": "MA",
    # "pseudonymous data and statistics": the committee has the statistics alone
    "GET /numbers": "CKRA",
    "GET /missing": "CKRA",
    "GET /research": "CRA",
    "GET /research/data.zip": "CRA",
    "POST /sign-out": "CKMRA",
}
# "own file", by the merchant's personal link: nobody else, whatever they are. What leads there is open to who has the
# link (test_merchant_links.py).
BY_THE_MERCHANT = (
    "GET /commerce",
    "GET /commerce/grille",
    "POST /commerce/declarations",
    "POST /commerce/lieux/{place}/erreurs",
    "GET /commerce/decisions/{decision}",
    "GET /commerce/decisions/{decision}/lettre.pdf",
    "POST /commerce/decisions/{decision}/reponses",
    "POST /commerce/decisions/{decision}/recours",
    "POST /commerce/sorties",
)
TO_THE_MERCHANTS_DOOR = ("/commerce/acces/", "/commerce/ouvrir", "/commerce/sessions")
# What everyone may ask for, and what a phone that has joined may: they are told of elsewhere (test_places.py,
# test_sync.py, test_invitations.py, test_mails.py, test_routes.py).
OPEN = (
    "/",
    "/carte.js",
    "/carte/",
    "/lieux.json",
    "/lieux/",
    "/papier",
    "/suggest",
    "/apercu.png",
    "/sw.js",
    "/hors-ligne",
    "/embed",
    "/donnees",
    "/app/",
    "/api/",
    "/static/",
    "/problemes/",
    "/sign-in",
)
BY_A_LINK = ("/unsubscribe/", "/subscriptions/")
# What a form names, where its address names nothing.
FORMS: dict[str, dict[str, str]] = {
    "POST /merchants": {"territory": NANTES},
    "POST /imports": {"territory": NANTES},
    "POST /people": {"territory": NANTES},
    "POST /handovers": {"model": "leads"},
    "POST /partners": {"merchant": "{id}", "partner": "x"},
    "POST /rounds": {"from": "{id}"},
    "POST /sessions": {"territory": NANTES},
    "POST /merchants/{id}/mergers": {"other": "{bakery}"},
    "POST /merchants/{id}/distinctions": {"other": "{bakery}"},
}
# What an address asks after its question mark.
QUERIES = {
    "GET /visits/{planned}/replacements/new": "?leaves={bruno}",
    "GET /rounds/new": "?from={id}",
}
# Pages where a form without anything in it comes back whoever sends it, before it names a territory.
COMES_BACK = {"POST /imports", "POST /people", "POST /handovers", "POST /moneko-files"}
# What belongs to no territory, or is made to be shown.
OF_ALL = {
    "GET /moneko-files/{moneko_file}",
    "POST /moneko-files/{moneko_file}/application",
    "POST /announcements/tries",  # Moneko's software listens at one address
}
SECRETS = ("Bourderies", "Amina", "Bruno", "Une rampe", "secret@example.org", "Canari")

ROLES = {"C": Role.COORDINATION, "K": Role.COMMITTEE, "M": Role.MONEKO, "R": Role.RESEARCH, "A": Role.ADMIN}


@dataclass(frozen=True)
class World:
    """What each place in an address stands for, and a browser for each letter in each territory."""

    names: dict[str, str]
    own: dict[str, TestClient]
    other: dict[str, TestClient]
    public: TestClient
    evaluator: TestClient
    merchant: TestClient  # its own link is open there
    other_merchant: TestClient

    def ask(self, browser: TestClient, page: str) -> Response:
        method, path = page.split(" ")
        address = (path + QUERIES.get(page, "")).format(**self.names)
        if method == "GET":
            return browser.get(address)
        form = {name: text.format(**self.names) for name, text in FORMS.get(page, {}).items()}
        return browser.post(address, data={"form_key": secrets.token_hex(16), **form})


@pytest.fixture
def world(app: Starlette, home: House, town: Town, amina: Phone) -> World:
    """A shop that everyone of its territory has something to do with: visited, decided, told, handed over."""
    photo = picture()
    amina.send(*amina.whole_visit(town.visit, GRID, list(home.rules[GRID].criteria), [photo]))
    amina.put(photo)
    home.background.work()
    accredit(home, town.shop, town.claire)
    tell(home, town.shop, town.claire)

    def hire(role: Role, territory: str) -> TestClient:
        def write(session: Session) -> str:
            made = people.add_person(session, role.value, home.now())
            where = None if role is Role.ADMIN else territory
            people.grant_role(session, made.id, role, home.now(), territory_id=where, by=None)
            return made.id

        return sign_in(app, home.db.write(write))

    def things(session: Session) -> dict[str, str]:
        now = home.now()
        draft = imports.keep(session, NANTES, "a.csv", "nom\nBourderies\n", now, by=town.claire)
        made = handovers.make(session, Model.LEADS, [NANTES], now, by=town.malo)
        kept = moneko_files.keep(
            session, FileKind.STATUSES, "a.csv", "id,status\nx,active\n", now, by=town.malo
        )
        mail = mails.queue(
            session,
            "secret@example.org",
            "Visite",
            "Bourderies",
            MailKind.REMINDER,
            now,
            merchant_id=town.shop,
        )
        bakery = merchants.add(session, NANTES, "Le Levain", Kind.BAKERY, now, by=town.claire, source="hand")
        trip = rounds.Trip(
            NANTES, GRID, date(2026, 12, 4), "one_phone", [Stop(bakery.id, "10:00")], [town.bruno]
        )
        round_, (visit,) = rounds.plan(session, trip, now, by=town.claire)
        person_files.note_tie(session, town.amina, bakery.id, TieKind.FAMILY, now, by=town.claire)
        (tie, _merchant), *_others = person_files.ties(session, town.amina)
        decided = decisions.latest(session, town.shop)
        assert decided is not None
        told = {"name": "Josiane", "function": "", "phone": "", "email": ""}
        contacts.add(session, merchants.get(session, town.shop), told, now, by=town.claire)
        paper = home.documents.read(io.BytesIO(b"%PDF-1.7 Bourderies"))
        home.documents.keep(paper)
        on_disk = Kept(paper.sha256, paper.media, paper.size)
        shop = merchants.get(session, town.shop)
        document = documents.add(session, shop, "Bourderies", on_disk, now, by=town.claire, room_mb=1)
        held = sessions.open_one(session, NANTES, date(2026, 12, 1), "Salle Zola", now, by=town.claire)
        sessions.add_items(session, held.id, {town.shop: Why.APPEAL}, now, by=town.claire)
        link, _new = merchant_links.make(session, town.shop, secrets.token_hex(16), "", now, by=town.claire)
        theirs = merchant_links.by_secret(session, link, now)
        behind = MerchantSession(theirs.id, town.shop)
        shop_place = merchants.places(session, town.shop)[0].id
        replies.report(session, behind, shop_place, "Canari : fermé le lundi.", now)
        replies.reply(session, behind, decided.id, "Canari : merci.", now)
        appeal = appeals.appeal(session, behind, decided.id, "Canari : revenez.", date(2026, 11, 25), now)
        session.flush()
        report = reports.send(
            session,
            merchants.places(session, town.shop)[0].slug,
            ReportKind.REFUSED,
            "secret@example.org",
            now,
        )
        also = {
            "report": report.id,
            "decision": decided.id,
            "link": theirs.id,
            "secret": link,
            "appeal": appeal.id,
            "correction": replies.reports(session, town.shop)[0].id,
            "commitment": decisions.commitments_of(session, decided.id)[0].id,
            "contact": contacts.of_merchant(session, town.shop)[0].id,
            "session": held.id,
            "document": document.id,
            "version": GRID.split("/")[1],
            "round": round_.id,
            "planned": visit.id,
            "tie": tie.id,
            "territory": NANTES,
            "bruno": town.bruno,
            "bakery": bakery.id,
            "account": town.malo,
            "grant": accounts.get(session, town.malo).grants[0].id,
        }
        return {**also, "draft": draft.id, "handover": made.id, "moneko_file": kept.id, "mail": mail.id}

    entry = next(each["id"] for each in amina.kept.values() if each["kind"] == "photo_attached")
    with home.db.read() as session:
        place = merchants.places(session, town.shop)[0].id
        device = devices.enrolled(session, [town.amina])[town.amina][0].device_id
    names = home.db.write(things)
    bakery = home.db.write(
        lambda session: merchant_links.make(
            session, names["bakery"], secrets.token_hex(16), "", home.now(), by=town.claire
        )
    )
    return World(
        {
            "id": town.shop,
            "place": place,
            "visit": town.visit,
            "person": town.amina,
            "device": device,
            "sha256": sha256(photo),
            "entry": entry,
            "size": "small",
            "name": "merchants",
            "form": "csv",
            **names,
        },
        {letter: hire(role, NANTES) for letter, role in ROLES.items()},
        {letter: hire(role, RETZ) for letter, role in ROLES.items() if letter != "A"},
        browser_of(app),
        amina.http,  # type: ignore[arg-type]
        opened(app, f"/commerce/acces/{names['secret']}"),
        opened(app, f"/commerce/acces/{bakery[0]}"),
    )


def leaks(answer: Response) -> list[str]:
    return [secret for secret in SECRETS if secret in answer.text]


def turned_away(answer: Response) -> bool:
    return answer.status_code in (403, 404) or answer.headers.get("location", "").startswith("/sign-in")


def test_every_page_of_the_staff_stands_in_the_table() -> None:
    staff = {
        f"{line.method} {line.path}"
        for line in SITEMAP
        if not line.path.startswith((*OPEN[1:], *BY_A_LINK, *TO_THE_MERCHANTS_DOOR)) and line.path != "/"
    }
    plain = {_unnamed(page) for page in (*PAGES, *BY_THE_MERCHANT)}
    assert {_unnamed(page) for page in staff} == plain


def _unnamed(page: str) -> str:
    return re.sub(r"\{\w+\}", "{}", page)


@pytest.mark.parametrize("letter", ROLES)
def test_in_ones_own_territory(world: World, letter: str) -> None:
    for page, may in PAGES.items():
        if page == "POST /sign-out":
            continue  # it would end what the other lines need
        answer = world.ask(world.own[letter], page)
        if letter in may:
            assert not turned_away(answer), (page, letter, answer.status_code)
        else:
            assert answer.status_code == 403, (page, letter, answer.status_code)
            assert leaks(answer) == [], (page, letter)


@pytest.mark.parametrize("letter", [letter for letter in ROLES if letter != "A"])
def test_in_the_other_territory(world: World, letter: str) -> None:
    """What one may not see does not exist: 404; what one's role never sees is refused: 403."""
    for page, may in PAGES.items():
        if page in OF_ALL or page == "POST /sign-out":
            continue
        answer = world.ask(world.other[letter], page)
        assert leaks(answer) == [], (page, letter)
        if letter not in may:
            assert answer.status_code == 403, (page, letter, answer.status_code)
        elif _names_something(page) or (page in FORMS and page not in COMES_BACK):
            assert answer.status_code == 404, (page, letter, answer.status_code)
        elif page not in COMES_BACK:
            assert answer.status_code == 200, (page, letter, answer.status_code)


def _names_something(page: str) -> bool:
    address = page + QUERIES.get(page, "")
    return "{" in address and page not in ("GET /lists/{name}.{form}", "GET /gap.{form}")


@pytest.mark.parametrize("who", ["public", "evaluator", "merchant"])
def test_somebody_who_is_no_staff_is_asked_to_sign_in(world: World, who: str) -> None:
    for page in PAGES:
        answer = world.ask(getattr(world, who), page)
        assert turned_away(answer) or answer.status_code == 401, (page, answer.status_code)
        assert leaks(answer) == [], page


def test_a_merchant_reads_its_own_file_and_nobody_else_does(world: World) -> None:
    others = [*world.own.values(), *world.other.values(), world.public, world.evaluator]
    for page in BY_THE_MERCHANT[:-1]:
        for browser in others:
            answer = world.ask(browser, page)
            assert (answer.status_code, leaks(answer)) == (401, []), page
        assert world.ask(world.merchant, page).status_code in (200, 303, 409, 422), page
        answer = world.ask(world.other_merchant, page)
        assert leaks(answer) == [], page
        if "{" in page:
            assert answer.status_code == 404 or ("{place}" in page and answer.status_code == 422), page


def test_the_committee_reads_no_inhabitants_name(world: World, town: Town) -> None:
    for page in (
        "GET /visits/{visit}",
        "GET /merchants/{id}",
        "GET /merchants/{id}/decisions",
        "GET /merchants/{id}/side",
        "GET /sessions/{session}/merchants/{id}",
    ):
        answer = world.ask(world.own["K"], page)
        assert answer.status_code == 200
        assert "Amina" not in answer.text
        assert "Bruno" not in answer.text


def test_moneko_reads_neither_scores_nor_names(world: World) -> None:
    for page in ("GET /merchants/{id}", "GET /onboarding/{id}", "GET /gap", "GET /handovers"):
        answer = world.ask(world.own["M"], page)
        assert answer.status_code == 200
        assert not any(secret in answer.text for secret in ("Amina", "Bruno", "sur 100"))
