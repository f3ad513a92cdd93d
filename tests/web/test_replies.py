"""What a merchant reads once told, and what they answer: the reasons, a reply, an appeal, an error on their sheet."""

import re
import threading
from datetime import date

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import agenda, appeals, mails, merchants, replies
from backend.storage.decisions import Commitment
from backend.storage.tables import Merchant
from backend.web.house import House
from tests.merchant_side import REASONS, decided, made_link, opened, public_addresses
from tests.town import NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \u202e"


@pytest.fixture
def link(coordination: TestClient, home: House, town: Town) -> str:
    return made_link(coordination, home, town.shop)


@pytest.fixture
def merchant(app: Starlette, link: str) -> TestClient:
    """The browser of the shop's manager, the page open."""
    return opened(app, link)


def told(coordination: TestClient, town: Town, decision: str, on: str = "2026-11-24") -> None:
    form = {"decision": decision, "how": "phone", "told_on": on}
    assert post(coordination, f"/merchants/{town.shop}/told", form).status_code == 303


@pytest.fixture
def declined(coordination: TestClient, home: House, town: Town) -> str:
    """The id of a refusal that the shop was told of today."""
    decision = decided(home, town)
    told(coordination, town, decision)
    return decision


# --- reading ---


def test_a_merchant_reads_why_it_was_declined(merchant: TestClient, declined: str) -> None:
    assert "Le comité n’a pas retenu votre commerce." in words(merchant.get("/commerce"))
    page = words(merchant.get(f"/commerce/decisions/{declined}"))
    assert "Non retenu Décidé le mardi 24 novembre 2026." in page
    assert REASONS in page
    assert "avant la fin du samedi 23 janvier 2027" in page


def test_it_reads_its_commitments_with_their_days(
    merchant: TestClient, coordination: TestClient, home: House, town: Town
) -> None:
    promised = (
        Commitment("emballages", "Accepter les bocaux.", date(2027, 3, 1)),
        Commitment("", "Une affiche.", None),
    )
    decision = decided(home, town, DecisionOutcome.ACCREDITED_WITH_COMMITMENTS, commitments=promised)
    told(coordination, town, decision)
    page = words(merchant.get(f"/commerce/decisions/{decision}"))
    assert "Accepter les bocaux. avant le 1er mars 2027 Moins d’emballages" in page
    assert "Une affiche." in page


def test_it_reads_neither_score_nor_names(merchant: TestClient, declined: str) -> None:
    for path in ("/commerce", "/commerce/grille", f"/commerce/decisions/{declined}"):
        page = merchant.get(path).text
        assert not re.search("Amina|Bruno|Claire|sur 100,|[0-9],[0-9] sur 100", page)


def test_an_older_decision_stays_readable_a_newer_one_waits_to_be_told(
    merchant: TestClient, coordination: TestClient, home: House, town: Town, declined: str, clock: Clock
) -> None:
    clock.forward(hours=1)
    newer = decided(home, town, DecisionOutcome.ACCREDITED, "Tout a changé.")
    assert merchant.get(f"/commerce/decisions/{declined}").status_code == 200
    assert merchant.get(f"/commerce/decisions/{newer}").status_code == 404
    assert "Tout a changé" not in merchant.get("/commerce").text
    assert "Le comité habitant étudie votre commerce." in words(merchant.get("/commerce"))
    told(coordination, town, newer)
    assert "Les décisions du comité" in words(merchant.get("/commerce"))


# --- replying ---


def test_replies_are_kept_with_their_moment_and_read_by_the_fund(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    home: House,
    town: Town,
    declined: str,
) -> None:
    path = f"/commerce/decisions/{declined}/reponses"
    sent_twice(home, merchant, path, {"text": f"Nos légumes viennent de Rezé.\n\n{HOSTILE}"})
    post(merchant, path, {"text": "Et le pain aussi."})
    with home.db.read() as session:
        assert next(each.text for each in replies.of_merchant(session, town.shop)) == "Et le pain aussi."
    pages = (
        merchant.get(f"/commerce/decisions/{declined}"),
        *(browser.get(f"/merchants/{town.shop}/side") for browser in (coordination, committee)),
    )
    for page in pages:
        assert "Nos légumes viennent de Rezé." in words(page)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page.text
    assert "2 réponses à une décision." in words(coordination.get(f"/merchants/{town.shop}"))


@pytest.mark.parametrize(
    ("text", "sentence"), [(" \n ", "Écrivez votre réponse."), ("é" * 4001, "dépasse 4000 signes")]
)
def test_a_reply_that_says_nothing_or_does_not_end_comes_back(
    merchant: TestClient, home: House, declined: str, text: str, sentence: str
) -> None:
    before = everything(home)
    answer = post(merchant, f"/commerce/decisions/{declined}/reponses", {"text": text})
    refused(answer, 422, sentence)
    assert text.strip() in answer.text
    assert everything(home) == before


def test_a_very_long_word_is_kept_whole(merchant: TestClient, home: House, town: Town, declined: str) -> None:
    post(merchant, f"/commerce/decisions/{declined}/reponses", {"text": "é" * 4000})
    with home.db.read() as session:
        assert replies.of_merchant(session, town.shop)[0].text == "é" * 4000


# --- an appeal ---


def handled(browser: TestClient, town: Town, appeal_id: str, step: str, answer: str = "") -> int:
    path = f"/merchants/{town.shop}/appeals/{appeal_id}/steps"
    return post(browser, path, {"step": step, "answer": answer}).status_code


def waiting(home: House, territory: str = NANTES) -> list[appeals.Waiting]:
    with home.db.read() as session:
        return appeals.appeals_waiting(session, [territory])


@pytest.fixture
def appealed(merchant: TestClient, home: House, declined: str) -> str:
    """The id of the shop's appeal."""
    sent_twice(home, merchant, f"/commerce/decisions/{declined}/recours", {"appeal": f"Revenez ! {HOSTILE}"})
    (case,) = waiting(home)
    return case.case.appeal.id


def test_an_appeal_reaches_the_fund_and_its_answer_the_merchant(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    home: House,
    town: Town,
    appealed: str,
    declined: str,
) -> None:
    def write(session: Session) -> None:
        session.get_one(Merchant, town.shop).email = "epicerie@example.org"

    home.db.write(write)
    (one,) = waiting(home)
    assert (one.merchant.id, one.decision.id, one.case.next) == (
        town.shop,
        declined,
        ("received", "on_agenda", "answered"),
    )
    assert waiting(home, RETZ) == []
    for browser in (coordination, committee):
        assert "Revenez ! <script>" in words(browser.get(f"/merchants/{town.shop}/side")).replace("&lt;", "<")
        assert "Il demande un nouvel examen" in words(browser.get(f"/merchants/{town.shop}"))
    assert "Répondre à sa demande de nouvel examen" in words(coordination.get("/merchants"))
    assert handled(coordination, town, appealed, "received") == 303
    assert handled(coordination, town, appealed, "on_agenda") == 303
    assert "À l’ordre du jour du comité" in words(merchant.get(f"/commerce/decisions/{declined}"))
    assert len(waiting(home)) == 1
    form = {"step": "answered", "answer": "Le comité revient vous voir en mars."}
    sent_twice(home, coordination, f"/merchants/{town.shop}/appeals/{appealed}/steps", form)
    assert waiting(home) == []
    page = words(merchant.get(f"/commerce/decisions/{declined}"))
    assert "Le comité revient vous voir en mars." in page
    with home.db.read() as session:
        (mail,) = mails.listed(session, None, "", mails.State.WAITING, limit=9, offset=0)
    assert (mail.kind, mail.to) == ("merchant", "epicerie@example.org")
    assert "en mars" not in mail.text
    assert "nouvel examen" not in words(coordination.get("/merchants"))


def test_one_appeals_once(merchant: TestClient, home: House, appealed: str, declined: str) -> None:
    assert appealed
    before = everything(home)
    answer = post(merchant, f"/commerce/decisions/{declined}/recours", {"appeal": "Encore."})
    refused(answer, 409, "est déjà faite pour cette décision")
    assert everything(home) == before
    assert 'name="appeal"' not in merchant.get(f"/commerce/decisions/{declined}").text


def test_two_pages_appeal_at_once_and_one_is_told(
    app: Starlette, link: str, home: House, declined: str
) -> None:
    browsers = [opened(app, link), opened(app, link)]
    gate, answers = threading.Barrier(2), []

    def ask(browser: TestClient) -> None:
        gate.wait()
        form = {"appeal": "Regardez de nouveau."}
        answers.append(post(browser, f"/commerce/decisions/{declined}/recours", form).status_code)

    threads = [threading.Thread(target=ask, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    assert len(waiting(home)) == 1


def test_one_appeals_until_the_sixtieth_day_and_replies_for_ever(
    app: Starlette, link: str, home: House, declined: str, clock: Clock
) -> None:
    clock.forward(days=60)
    assert 'name="appeal"' in opened(app, link).get(f"/commerce/decisions/{declined}").text
    clock.forward(days=1)
    merchant = opened(app, link)
    before = everything(home)
    answer = post(merchant, f"/commerce/decisions/{declined}/recours", {"appeal": "Trop tard ?"})
    refused(answer, 409, "Le nouvel examen se demandait jusqu’au 23/01/2027.")
    assert everything(home) == before
    page = merchant.get(f"/commerce/decisions/{declined}")
    assert 'name="appeal"' not in page.text
    assert (
        post(merchant, f"/commerce/decisions/{declined}/reponses", {"text": "Tant pis."}).status_code == 303
    )


def test_an_appeal_comes_first_on_the_next_agenda(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    home: House,
    town: Town,
    appealed: str,
    declined: str,
) -> None:
    assert appealed
    board = coordination.get("/board")
    assert "Un commerce demande un nouvel examen" in words(board)
    assert f'href="/merchants/{town.shop}/side"' in board.text
    form = {"territory": NANTES, "held_on": "2026-12-01", "place": "Maison de quartier"}
    evening = post(coordination, "/sessions", form).headers["location"]
    assert "recours du commerce" in words(committee.get(evening))
    wall = words(committee.get(f"{evening}/merchants/{town.shop}"))
    assert "Il demande un nouvel examen Revenez !" in wall
    assert "À l’ordre du jour du comité" in words(coordination.get("/board"))
    page = words(merchant.get(f"/commerce/decisions/{declined}"))
    assert "Le comité en parle le mardi 1 décembre 2026." in page.replace("1er", "1")
    assert "le comité en parle le" in words(merchant.get("/commerce"))


def test_what_the_committee_decides_again_answers_an_appeal(
    merchant: TestClient, coordination: TestClient, home: House, town: Town, appealed: str, declined: str
) -> None:
    assert appealed
    newer = decided(home, town, DecisionOutcome.ACCREDITED, "Tout a changé.")
    assert waiting(home) == []
    with home.db.read() as session:
        assert agenda.ready(session, NANTES, date(2026, 12, 1)) == []
    assert newer not in merchant.get(f"/commerce/decisions/{declined}").text  # not told yet
    told(coordination, town, newer)
    page = merchant.get(f"/commerce/decisions/{declined}")
    assert "Le comité a regardé de nouveau." in words(page)
    assert f'href="/commerce/decisions/{newer}"' in page.text


def test_an_appeal_of_next_door_comes_on_no_agenda_here(
    coordination: TestClient, neighbour: TestClient, home: House, appealed: str
) -> None:
    assert appealed
    with home.db.read() as session:
        assert agenda.ready(session, RETZ, date(2026, 12, 1)) == []
    assert "nouvel examen" not in words(neighbour.get("/board"))


def test_an_appeal_is_handled_in_order_and_once(
    coordination: TestClient, admin: TestClient, home: House, town: Town, appealed: str
) -> None:
    assert handled(coordination, town, appealed, "on_agenda") == 303
    before = everything(home)
    assert handled(admin, town, appealed, "on_agenda") == 409
    assert handled(admin, town, appealed, "received") == 409
    assert handled(admin, town, appealed, "answered") == 422
    assert handled(admin, town, appealed, "lost") == 422
    assert everything(home) == before


def test_nobody_else_handles_an_appeal(
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    admin: TestClient,
    home: House,
    town: Town,
    appealed: str,
) -> None:
    before = everything(home)
    statuses = [handled(browser, town, appealed, "received") for browser in (committee, moneko, neighbour)]
    assert statuses == [403, 403, 404]
    assert (
        post(admin, f"/merchants/{town.farm}/appeals/{appealed}/steps", {"step": "received"}).status_code
        == 404
    )
    assert everything(home) == before


# --- an error on the sheet ---


def test_an_error_on_a_sales_point_reaches_the_coordination(
    merchant: TestClient,
    coordination: TestClient,
    committee: TestClient,
    neighbour: TestClient,
    home: House,
    town: Town,
) -> None:
    with home.db.read() as session:
        place = merchants.places(session, town.shop)[0].id
    path = f"/commerce/lieux/{place}/erreurs"
    refused(post(merchant, path, {"text": ""}), 422, "Écrivez ce qui n’est pas juste.")
    sent_twice(home, merchant, path, {"text": f"Fermé le lundi. {HOSTILE}"})
    assert "La coordination va regarder." in words(merchant.get("/commerce"))
    page = coordination.get(f"/merchants/{town.shop}/side")
    assert "Fermé le lundi. &lt;script&gt;" in page.text
    assert "Il signale 1 erreur." in words(coordination.get(f"/merchants/{town.shop}"))
    found = re.search(r"/corrections/([\w-]+)/handling", page.text)
    assert found
    handling = f"/merchants/{town.shop}/corrections/{found[1]}/handling"
    before = everything(home)
    assert [post(each, handling, {}).status_code for each in (committee, neighbour)] == [403, 404]
    assert post(coordination, f"/merchants/{town.shop}/corrections/x/handling", {}).status_code == 404
    assert everything(home) == before
    sent_twice(home, coordination, handling, {})
    assert "La coordination s’en est occupée." in words(merchant.get("/commerce"))


# --- never public ---


def test_a_refusal_is_on_no_public_page(
    client: TestClient, merchant: TestClient, home: House, town: Town, appealed: str, declined: str
) -> None:
    post(merchant, f"/commerce/decisions/{declined}/reponses", {"text": "Réponse privée."})
    assert appealed
    for path in public_addresses(home):
        page = client.get(path)
        assert page.status_code < 500
        for secret in ("Bourderies", REASONS, "Réponse privée", "Revenez !", declined, town.shop):
            assert secret not in page.text, (path, secret)
