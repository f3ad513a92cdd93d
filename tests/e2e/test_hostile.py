"""Twenty hostile texts, each in every field of a merchant, wherever it is shown: nothing of them is ever run."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from sqlmodel import Session

from backend.domain.merchants import RecordKind
from backend.domain.people import Role
from backend.domain.reports import ReportKind
from backend.feeds import ATOM
from backend.storage import merchants, people
from backend.storage.tables import (
    Decision,
    DecisionCommitment,
    MerchantContact,
    MerchantDocument,
    PublicWords,
    Report,
    Suggestion,
)
from backend.web.routes import SITEMAP
from backend.web.security import STAFF_COOKIE
from tests.doses import dose
from tests.e2e.test_map import PHONE, Fund, fund, tiles
from tests.hostile import PAYLOADS, fill
from tests.publishing import ACTIVE, TOLD, merchant
from tests.town import NANTES

__all__ = ["fund", "tiles"]

CONFLICT = "Failed to load resource: the server responded with a status of 409 (Conflict)"
IDS = range(len(PAYLOADS))
EACH = dose(
    5, 1
)  # of the texts that have a page each, one in so many; lists and feeds show all of them at once
ALIVE = """() => [...document.querySelectorAll('*')].flatMap((element) => [...element.attributes]
    .filter(({ name, value }) => name.startsWith('on') || name === 'srcdoc' || /^\\s*javascript:/i.test(value)
        && ['href', 'src', 'action', 'formaction', 'xlink:href', 'data'].includes(name))
    .map(({ name, value }) => `${element.tagName} ${name}=${value}`))"""
NOT_OURS = "main :is(iframe, style, math, template, object, embed, base, svg script), main script:not([src])"


@dataclass(frozen=True)
class Known:
    """What the fund holds: the address of each merchant's sheet and its id, in the order of the texts."""

    sheets: list[str]
    shops: list[str]
    token: str


@pytest.fixture(scope="module")
def known(fund: Fund) -> Known:
    found: list[Known] = []
    fund.show(lambda session, now: found.append(_hostile(session, now)))
    return found[0]


def _hostile(session: Session, now: datetime) -> Known:
    claire = people.add_person(session, "Claire", now, territory_id=NANTES, email="claire@example.org")
    people.grant_role(session, claire.id, Role.COORDINATION, now, territory_id=NANTES, by=None)
    token = people.open_session(session, now, days=30, person_id=claire.id)
    shops = [_shop(session, now, rank, claire.id) for rank in IDS]
    return Known([merchants.places(session, shop)[0].slug for shop in shops], shops, token)


def _shop(session: Session, now: datetime, rank: int, by: str) -> str:
    """A shop, and all that may be written about it, in the words of this text."""
    decision, text = f"decision-{rank}", PAYLOADS[rank]
    body = {"decision": decision, "outcome": "accredited_with_commitments", "valid_until": "2027-11-20"}
    shop = merchant(
        session,
        text,
        now,
        (RecordKind.DECIDED, body),
        (RecordKind.TOLD, {**TOLD[1], "note": text}),
        (RecordKind.MONEKO_STATUS, {**ACTIVE[1], "note": text}),
        lat=47.0 + rank / 40,
        lon=-1.9 + (rank % 5) / 8,
        payable="some",
        paying="phone,card",
        access="limited",
    )
    (place,) = merchants.places(session, shop)
    row = merchants.get(session, shop)
    row.families = "bread,dry"
    at: dict[str, Any] = {"merchant_id": shop, "at": now}
    of: dict[str, Any] = {"merchant_id": shop, "added_at": now, "added_by": by}
    rows = [
        row,
        place,
        Decision(
            id=decision,
            merchant_id=shop,
            outcome="accredited_with_commitments",
            decided_on=date(2026, 11, 20),
            recorded_by=by,
            recorded_at=now,
            reasons="",
        ),
        DecisionCommitment(id=f"{decision}-c", decision_id=decision, criterion="prices", text=""),
        PublicWords(
            id=f"{decision}-w", decision_id=decision, commitments=[f"{decision}-c"], words="", at=now, by=by
        ),
        Report(id=f"report-{rank}", sales_point_id=place.id, kind=ReportKind.HOURS, **at),
        Report(id=f"report-{rank}-2", sales_point_id=place.id, kind=ReportKind.REFUSED, **at),
        Suggestion(id=f"suggestion-{rank}", name="", **at),
        MerchantContact(id=f"contact-{rank}", name="", **of),
        MerchantDocument(
            id=f"document-{rank}", sha256=f"{rank:064}", media="application/pdf", bytes=9, title="", **of
        ),
    ]
    for each in rows:
        session.add(each)
        session.flush()
        fill(each, text)
    session.flush()
    merchants.refresh_search(session, row)
    return shop


@dataclass
class Watched:
    """A page, and all that happened on it that should not."""

    page: Page
    address: str
    happened: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the fund, and see that none of what was written came alive there."""
        self.page.goto(self.address + path)
        self.check(path)
        return self.page

    def check(self, where: str) -> None:
        assert self.page.evaluate(ALIVE) == [], where
        assert self.page.locator(NOT_OURS).count() == self._data(), where
        assert self.happened == [], where

    def _data(self) -> int:
        return self.page.locator("main script[type='application/json']").count()

    def answer(self, path: str) -> bytes:
        answer = self.page.request.get(self.address + path, timeout=120_000)
        assert answer.status == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        return answer.body()


@pytest.fixture
def watched(chromium: Browser, fund: Fund, known: Known) -> Iterator[Watched]:
    with chromium.new_context(**PHONE) as context:
        watched = Watched(context.new_page(), fund.server.address)

        def note(what: str) -> None:
            watched.happened.append(what)

        context.expose_function("pwned", lambda: note("it ran"))
        context.expose_function("refusedByPolicy", note)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => refusedByPolicy(`${event.violatedDirective} ${event.blockedURI}`));"
        )
        page = watched.page
        page.on("dialog", lambda dialog: note(dialog.message))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", lambda message: note(message.text))
        page.on("popup", lambda popup: note(popup.url))
        page.on(
            "request",
            lambda request: note(request.url) if "example.org" in urlsplit(request.url).netloc else None,
        )
        yield watched


def text_of(page: Page, selector: str) -> str:
    """The text exactly as it stands there."""
    return str(page.locator(selector).first.evaluate("element => element.textContent"))


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_on_the_map_and_in_its_list(watched: Watched, path: str) -> None:
    page = watched.go(path)
    page.wait_for_selector("html[data-map=complete]")
    expect(page.locator(".place")).to_have_count(len(PAYLOADS))
    for text in PAYLOADS[::EACH] if path == "/" else PAYLOADS[:1]:
        place = page.locator(".place").filter(has=page.get_by_role("heading", name=text)).first
        place.get_by_role("button", name="Voir sur la carte").click()
        expect(page.locator(".map-card h3")).to_contain_text(text.strip("\u2028\u2029"))
        assert text in text_of(page, ".map-card h3")
        page.get_by_role("button", name="Fermer").click()
    watched.check(path)


def test_looked_for(watched: Watched) -> None:
    for text in PAYLOADS[1::EACH]:
        watched.go(f"/?{urlencode({'texte': text, 'autour': text})}")
        watched.page.wait_for_selector("html[data-map=complete]")
        watched.page.locator(".search-more").evaluate_all(
            "all => all.forEach((more) => { more.open = true; })"
        )
        watched.page.locator("[name=autour]").fill(f"{text} nulle part")
        watched.page.locator("[name=autour]").press("Enter")
        said = f"Nous ne trouvons pas « {text} nulle part »"
        expect(watched.page.get_by_role("status").first).to_contain_text(said[:60])
        watched.check(text)


def test_on_each_sheet_its_form_and_its_picture(watched: Watched, known: Known) -> None:
    for slug, text in list(zip(known.sheets, PAYLOADS, strict=True))[2::EACH]:
        page = watched.go(f"/lieux/{slug}")
        assert text_of(page, "h1") == text
        assert json.loads(text_of(page, "script[type='application/ld+json']"))["name"]
        shown = page.locator("meta[property='og:image']").get_attribute("content") or ""
        picture = watched.answer(urlsplit(shown).path)
        assert Image.open(io.BytesIO(picture)).size == (1200, 630)
        watched.go(f"/lieux/{slug}/report")
        watched.go(f"/lieux/{slug}/thanks")


def test_where_a_shop_is_proposed_that_is_known(watched: Watched) -> None:
    for text in PAYLOADS[3:-1:EACH]:  # nobody can type the signs of the last
        page = watched.go("/suggest")
        for name in ("name", "city", "words"):
            page.locator(f"[name={name}]").fill(text[:100])
        page.get_by_role("button", name="Proposer ce commerce").click()
        expect(page.get_by_role("heading", name="Est-ce celui-ci ?")).to_be_visible()
        assert text in text_of(page, ".choices a")
        watched.happened.remove(CONFLICT)
        watched.check(text)
    for path in ("/donnees", "/papier", "/sign-in", "/suggest/thanks"):
        watched.go(path)


def test_before_the_coordination(watched: Watched, known: Known, fund: Fund) -> None:
    cookie = {"name": STAFF_COOKIE, "value": known.token, "url": watched.address}
    watched.page.context.add_cookies([cookie])  # type: ignore[list-item]
    ours = [line.path for line in SITEMAP if line.method == "GET" and line.access.name == "staff"]
    seen = 0
    shops = cycle(known.shops)
    for shop in known.shops[4::EACH]:
        watched.go(f"/merchants/{shop}")
    for path in ours:
        if path.count("{") > ("{id}" in path and path.startswith("/merchants/")):
            continue
        for _ in range(dose(1, 3) if "{id}" in path else 1):
            address = path.replace("{id}", next(shops))
            answer = watched.page.request.get(watched.address + address)
            if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
                watched.go(address)
                seen += 1
    assert seen > dose(20, 30)


def test_in_the_feeds_as_plain_text(watched: Watched) -> None:
    geojson = json.loads(watched.answer("/donnees/lieux.geojson"))
    assert sorted(one["properties"]["name"] for one in geojson["features"]) == sorted(PAYLOADS)
    elements = json.loads(watched.answer("/donnees/gogocarto.json"))["data"]
    assert {text for text in PAYLOADS if any(text in one["name"] for one in elements)} == set(PAYLOADS)
    atom = ElementTree.fromstring(watched.answer("/donnees/nouveaux.atom"))
    titles = [entry.findtext(f"{{{ATOM}}}title", "") for entry in atom.findall(f"{{{ATOM}}}entry")]
    assert all(any(text in title for title in titles) for text in PAYLOADS)
    assert {element.tag.split("}")[0] for element in atom.iter()} == {f"{{{ATOM}"}
    table = watched.answer("/donnees/lieux.csv").decode("utf-8-sig")
    # phones keep their plus: nothing but a phone number is taken for one
    cells = [
        cell for row in csv.DictReader(io.StringIO(table)) for name, cell in row.items() if name != "phone"
    ]
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))] == []
    assert sum("HYPERLINK" in cell for cell in cells) > 5


def test_on_paper(watched: Watched) -> None:
    written = watched.answer(f"/papier/{NANTES}/livret.pdf")
    with PdfDocument(io.BytesIO(written)) as read:
        text = " ".join(page.get_textpage().get_text_range() for page in read)
    assert text.count("pwned") > len(PAYLOADS)
    document = PdfReader(io.BytesIO(written))
    links = [_target(note.get_object()) for page in document.pages for note in page.annotations or ()]
    assert {urlsplit(link).scheme for link in links} <= {"", "http", "https", "tel"}
    objects = b"".join(str(each).encode() for each in document.trailer["/Root"].values())
    assert b"/JavaScript" not in objects
    assert "/OpenAction" not in document.trailer["/Root"]


def _target(note: Any) -> str:
    action = note.get("/A", {})
    assert action.get("/S", "/URI") in ("/URI", "/GoTo"), action
    return str(action.get("/URI", ""))
