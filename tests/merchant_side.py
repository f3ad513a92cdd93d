"""A merchant's personal link as the tests make and open it, and decisions to read behind it."""

import re
import secrets
from datetime import date

from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import decisions, merchant_links, merchants
from backend.storage.decisions import Commitment, Deciding
from backend.storage.tables import Merchant
from backend.web.house import House
from backend.web.routes import SITEMAP
from backend.web.security import PUBLIC
from tests.town import Town, browser_of

REASONS = "Presque rien ne vient de la région."


def shown_link(page: str) -> str:
    """The address that a page shows, without its host."""
    found = re.search(r"<code>http://[^/]+(/commerce/acces/[\w-]+)</code>", page)
    assert found, page
    return found[1]


def made_link(coordination: TestClient, home: House, merchant_id: str, **form: str) -> str:
    """The address of a new link of this merchant, as the coordination gets it."""
    with home.db.read() as session:
        before = merchant_links.current(session, merchant_id)
    key = secrets.token_hex(16)
    form = {"after": before.id if before else "", "form_key": key, **form}
    answer = coordination.post(f"/merchants/{merchant_id}/links", data=form)
    assert answer.status_code == 200, answer.text
    return shown_link(answer.text)


def opened(app: Starlette, address: str) -> TestClient:
    """A new browser in which someone opened this link, to the end."""
    browser = browser_of(app)
    assert browser.get(address).headers["location"] == "/commerce/ouvrir"
    assert browser.get("/commerce/ouvrir").status_code == 200
    assert browser.post("/commerce/sessions").headers["location"] == "/commerce"
    return browser


def decided(
    home: House,
    town: Town,
    outcome: DecisionOutcome = DecisionOutcome.DECLINED,
    reasons: str = REASONS,
    commitments: tuple[Commitment, ...] = (),
) -> str:
    """The id of a new decision on the shop, of which nobody was told."""
    made = Deciding(outcome, date(2026, 11, 24), reasons, commitments=commitments)
    return home.db.write(
        lambda session: (
            decisions.record(session, town.shop, made, home.rules, home.drafts, home.now(), by=town.claire).id
        )
    )


def public_addresses(home: House) -> list[str]:
    """Every public page and feed, as the sitemap lists them, but for those that a secret opens."""
    lines = [line.path for line in SITEMAP if line.access is PUBLIC and line.method == "GET"]
    with home.db.read() as session:
        slugs = [
            place.slug
            for each in session.exec(select(Merchant))
            for place in merchants.places(session, each.id)
        ]
    return [
        path.replace("{slug}", slug).replace("{name:path}", "").replace("{code}", "not_found")
        for path in lines
        if "{secret}" not in path and "{token}" not in path
        for slug in slugs
    ]
