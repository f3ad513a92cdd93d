"""The decision letter: what it says and to whom, what it never says, and who may print it."""

import re
import secrets
from datetime import date
from typing import Any

import pypdfium2
import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import decisions, merchant_links, people
from backend.storage.decisions import Commitment
from backend.storage.tables import Merchant
from backend.web.house import House
from tests.merchant_side import REASONS, decided, made_link, opened
from tests.phones import Phone
from tests.town import GRID, Clock, Town, browser_of
from tests.web.forms import everything, post, refused


def text_of(answer: object) -> str:
    """What the PDF says, on one line."""
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/pdf"  # type: ignore[attr-defined]
    document = pypdfium2.PdfDocument(answer.content)  # type: ignore[attr-defined]
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return " ".join(" ".join(pages).replace("\ufffe", "").split())


def letter(browser: TestClient, town: Town, decision: str) -> str:
    return text_of(browser.get(f"/merchants/{town.shop}/decisions/{decision}/letter.pdf"))


def test_it_says_who_what_why_and_how_to_answer(coordination: TestClient, home: House, town: Town) -> None:
    said = letter(coordination, town, decided(home, town))
    for words in (
        "Épicerie des Bourderies 2 rue des Bourderies 44100 Nantes",
        "Le 24 novembre 2026",
        "ne pas conventionner",
        "Non retenu",
        REASONS,
        "Vous pouvez répondre autant de fois",
        "dans les 60 jours",
        "Pour le comité habitant de Nantes Ouest",
    ):
        assert words in said


def test_once_told_it_keeps_the_day_and_says_the_last_one(
    app: Starlette, coordination: TestClient, home: House, town: Town, clock: Clock
) -> None:
    decision = decided(home, town)
    form = {"decision": decision, "how": "letter", "told_on": "2026-11-24"}
    post(coordination, f"/merchants/{town.shop}/told", form)
    clock.forward(days=5)
    merchant = opened(app, made_link(coordination, home, town.shop))
    mine = text_of(merchant.get(f"/commerce/decisions/{decision}/lettre.pdf"))
    assert mine == letter(coordination, town, decision)
    assert "Le 24 novembre 2026" in mine
    assert "jusqu’au 23 janvier 2027" in mine


def test_it_lists_the_commitments_with_their_days(coordination: TestClient, home: House, town: Town) -> None:
    promised = tuple(Commitment("emballages", f"Promesse {n}", date(2027, n, 1)) for n in range(1, 6))
    outcome = DecisionOutcome.ACCREDITED_WITH_COMMITMENTS
    said = letter(coordination, town, decided(home, town, outcome, commitments=promised))
    for n, month in enumerate(("janvier", "février", "mars", "avril", "mai"), 1):
        assert f"Promesse {n} avant le 1er {month} 2027" in said


def test_it_never_says_names_of_inhabitants_nor_the_score(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    made = [amina.start(town.visit, GRID)]
    made += [amina.choose(town.visit, each.id, 3) for each in home.grids[GRID].criteria]
    amina.send(*made, amina.close(town.visit, made))
    said = letter(coordination, town, decided(home, town))
    with home.db.read() as session:
        names = people.names(session, [town.amina, town.bruno, town.claire, town.dalila]).values()
    assert not any(name in said for name in [*names, "sur 100", "100,0"])


def test_hostile_and_very_long_words_stay_words(coordination: TestClient, home: House, town: Town) -> None:
    def rename(session: Session) -> None:
        session.get_one(Merchant, town.shop).name = "Épicerie" + "é" * 150 + "<b>x</b>"

    home.db.write(rename)
    hostile = "<img src='file:///etc/passwd'> {{ 7*7 }} " + "mot " * 900
    said = letter(coordination, town, decided(home, town, reasons=hostile))
    assert "<img src='file:///etc/passwd'> {{ 7*7 }}" in said
    assert "<b>x</b>" in said.replace(" ", "")


def test_nobody_else_prints_it(
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    coordination: TestClient,
    home: House,
    town: Town,
) -> None:
    path = f"/merchants/{town.shop}/decisions/{decided(home, town)}/letter.pdf"
    assert [browser.get(path).status_code for browser in (committee, moneko, neighbour)] == [200, 403, 404]
    assert coordination.get(f"/merchants/{town.shop}/decisions/x/letter.pdf").status_code == 404


@pytest.mark.parametrize("outcome", list(DecisionOutcome))
def test_each_outcome_has_its_words(
    coordination: TestClient, home: House, town: Town, outcome: DecisionOutcome
) -> None:
    said = letter(coordination, town, decided(home, town, outcome))
    assert "Le comité habitant a décidé" in said


# --- with a link of its own ---


def with_link(
    browser: TestClient, home: House, town: Town, decision: str, key: str | None = None, **form: str
) -> Any:
    with home.db.read() as session:
        before = merchant_links.current(session, town.shop)
    asked = {"after": before.id if before else "", **form}
    return post(browser, f"/merchants/{town.shop}/decisions/{decision}/letters", asked, key)


def address_in(said: str) -> str:
    """The address that the letter prints, which may go over the end of a line."""
    found = re.search(r"http://[^/]+(/commerce/acces/)([a-z2-7 ]{26,28}?) Ce lien", said)
    assert found, said
    return found[1] + found[2].replace(" ", "")


def test_it_can_carry_a_link_that_tells_who_opens_it(
    app: Starlette, coordination: TestClient, home: House, town: Town
) -> None:
    decision = decided(home, town)
    old = made_link(coordination, home, town.shop)
    answer = with_link(coordination, home, town, decision)
    assert answer.headers["Cache-Control"] == "no-store"
    address = address_in(text_of(answer))
    assert browser_of(app).get(old).status_code == 410
    with home.db.read() as session:
        assert decisions.told_on(session, town.shop) == {}
    page = opened(app, address).get(f"/commerce/decisions/{decision}")
    assert REASONS in page.text
    with home.db.read() as session:
        assert set(decisions.told_on(session, town.shop)) == {decision}


def test_the_same_form_prints_the_same_letter(coordination: TestClient, home: House, town: Town) -> None:
    decision, key = decided(home, town), secrets.token_hex(16)
    first = with_link(coordination, home, town, decision, key, after="")
    before = everything(home)
    again = with_link(coordination, home, town, decision, key, after="")
    assert address_in(text_of(first)) == address_in(text_of(again))
    assert everything(home) == before


def test_a_letter_of_an_older_decision_tells_of_no_newer_one(
    app: Starlette, coordination: TestClient, home: House, town: Town
) -> None:
    older = decided(home, town)
    decided(home, town, DecisionOutcome.ACCREDITED)
    page = opened(app, address_in(text_of(with_link(coordination, home, town, older)))).get("/commerce")
    assert "Le comité habitant étudie votre commerce." in page.text
    with home.db.read() as session:
        assert decisions.told_on(session, town.shop) == {}


def test_nobody_else_makes_a_link_in_a_letter(
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    coordination: TestClient,
    home: House,
    town: Town,
) -> None:
    decision = decided(home, town)
    made_link(coordination, home, town.shop)
    before = everything(home)
    answers = [with_link(browser, home, town, decision) for browser in (committee, moneko, neighbour)]
    assert [answer.status_code for answer in answers] == [403, 403, 404]
    refused(with_link(coordination, home, town, decision, after=""), 409, "Du nouveau est arrivé")
    assert with_link(coordination, home, town, "x").status_code == 404
    assert everything(home) == before
