"""The merchant's personal link: made, given, opened, replaced, withdrawn; and who else it must never let in."""

import secrets
import threading

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import decisions, mails, merchant_links, merchants
from backend.storage.tables import Mail, Merchant, MerchantLink
from backend.web import merchant_links as handlers
from backend.web.house import House
from backend.web.security import Tries
from tests.merchant_side import decided, made_link, opened, shown_link
from tests.town import Clock, Town, browser_of, sign_in
from tests.web.forms import everything, post, refused, sent_twice, words

PAGES = ("/commerce", "/commerce/grille")


@pytest.fixture
def link(coordination: TestClient, home: House, town: Town) -> str:
    """The address of the shop's link."""
    return made_link(coordination, home, town.shop)


@pytest.fixture
def merchant(app: Starlette, link: str) -> TestClient:
    """The browser of the shop's manager, the page open."""
    return opened(app, link)


def with_an_email(home: House, town: Town) -> None:
    def write(session: Session) -> None:
        session.get_one(Merchant, town.shop).email = "epicerie@example.org"

    home.db.write(write)


def kept(home: House, town: Town) -> list[MerchantLink]:
    with home.db.read() as session:
        return merchant_links.of_merchant(session, town.shop)


# --- made ---


def test_the_coordination_makes_a_link_that_opens_the_merchants_page(
    coordination: TestClient, merchant: TestClient, home: House, town: Town
) -> None:
    page = merchant.get("/commerce")
    assert "Épicerie des Bourderies" in words(page)
    assert "Une visite est prévue le jeudi 26 novembre 2026." in words(page)
    (made,) = kept(home, town)
    assert made.created_by == town.claire
    assert made.opened_at is not None
    side = words(coordination.get(f"/merchants/{town.shop}/side"))
    assert "Ouvert la dernière fois le 24 novembre 2026" in side
    assert "Lien ouvert la dernière fois le" in words(coordination.get(f"/merchants/{town.shop}"))


def test_it_is_shown_with_a_code_to_scan_and_messages_to_send(
    coordination: TestClient, home: House, town: Town
) -> None:
    with_an_email(home, town)
    answer = post(coordination, f"/merchants/{town.shop}/links", {"after": "", "mail": "yes"})
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in answer.text or "<svg" in answer.text
    assert "mailto:epicerie@example.org?subject=" in answer.text
    assert "sms:?body=" in answer.text
    assert "Ce lien ne s’affiche qu’ici, une seule fois." in words(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "/commerce/acces/" not in coordination.get(f"/merchants/{town.shop}/side").text


def test_the_same_form_twice_makes_one_link_and_shows_it_again(
    coordination: TestClient, home: House, town: Town
) -> None:
    with_an_email(home, town)
    key, form = secrets.token_hex(16), {"after": "", "mail": "yes"}
    first = post(coordination, f"/merchants/{town.shop}/links", form, key)
    before = everything(home)
    again = post(coordination, f"/merchants/{town.shop}/links", form, key)
    assert shown_link(again.text) == shown_link(first.text)
    assert everything(home) == before
    assert len(kept(home, town)) == 1


def test_the_secret_is_nowhere_in_the_database(home: House, town: Town, link: str) -> None:
    assert town
    secret = link.rsplit("/", 1)[1]
    assert len(secret) == 26
    assert secret not in repr(everything(home))


def test_it_goes_by_mail_and_the_mail_forgets_it_once_it_went(
    coordination: TestClient, home: House, town: Town
) -> None:
    with_an_email(home, town)
    address = made_link(coordination, home, town.shop, mail="yes")
    with home.db.read() as session:
        (mail,) = mails.listed(session, None, "", mails.State.WAITING, limit=9, offset=0)
    assert (mail.kind, mail.to, mail.merchant_id) == ("link", "epicerie@example.org", town.shop)
    assert address in mail.text
    assert address not in coordination.get("/mails?state=waiting").text
    home.db.write(lambda session: mails.sent(session, mail.id, home.now()))
    with home.db.read() as session:
        assert session.get_one(Mail, mail.id).text == ""


def test_two_people_make_a_link_at_once_and_one_is_told(
    coordination: TestClient, admin: TestClient, home: House, town: Town
) -> None:
    made_link(coordination, home, town.shop)
    answer = post(admin, f"/merchants/{town.shop}/links", {"after": ""})
    refused(answer, 409, "Du nouveau est arrivé depuis que vous avez ouvert cette page.")
    assert len(kept(home, town)) == 1


def test_two_threads_make_one_link(app: Starlette, home: House, town: Town) -> None:
    browsers = [sign_in(app, town.claire), sign_in(app, town.nour)]
    answers: list[int] = []
    gate = threading.Barrier(2)

    def make(browser: TestClient) -> None:
        gate.wait()
        answers.append(post(browser, f"/merchants/{town.shop}/links", {"after": ""}).status_code)

    threads = [threading.Thread(target=make, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
    assert len(kept(home, town)) == 1


def test_other_roles_and_territories_make_none(
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    client: TestClient,
    home: House,
    town: Town,
) -> None:
    before = everything(home)
    for browser, status in ((committee, 403), (moneko, 403), (neighbour, 404), (client, 401)):
        assert post(browser, f"/merchants/{town.shop}/links", {"after": ""}).status_code == status
    assert neighbour.get(f"/merchants/{town.shop}/side").status_code == 404
    assert moneko.get(f"/merchants/{town.shop}/side").status_code == 403
    assert everything(home) == before


# --- opened ---


def test_opening_shows_a_door_first_and_writes_nothing(app: Starlette, home: House, link: str) -> None:
    before = everything(home)
    browser = browser_of(app)
    first = browser.get(link)
    assert (first.status_code, first.headers["location"]) == (303, "/commerce/ouvrir")
    assert first.headers["referrer-policy"] == "no-referrer"
    assert first.headers["cache-control"] == "no-store"
    assert "noindex" in first.headers["x-robots-tag"]
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "Path=/commerce" in first.headers["set-cookie"]
    door = browser.get("/commerce/ouvrir")
    assert "Ouvrir ma page" in words(door)
    assert link.rsplit("/", 1)[1] not in door.text
    assert browser.get("/commerce").status_code == 401
    assert everything(home) == before


def test_its_pages_are_kept_by_no_browser_and_no_search_engine(merchant: TestClient) -> None:
    for path in PAGES:
        page = merchant.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert '<meta name="robots" content="noindex, nofollow">' in page.text


def test_a_second_tap_on_the_door_opens_too(app: Starlette, link: str) -> None:
    browser = opened(app, link)
    assert browser.post("/commerce/sessions").headers["location"] == "/commerce"


def test_a_wrong_link_is_refused_and_many_have_to_wait(
    client: TestClient, home: House, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "wrong_links", Tries(3, minutes=10))
    path, secret = link.rsplit("/", 1)
    # Capitals and the last letter's spare bits open the same door: another first letter never does.
    other = f"{path}/{'b' if secret[0] == 'a' else 'a'}{secret[1:]}"
    for wrong in (link[:-1], other, f"{path}/x"):
        answer = client.get(wrong)
        assert answer.status_code == 404
        assert "Recopiez le lien en entier" in words(answer)
    answer = client.get(link)
    assert answer.status_code == 429
    assert "Attendez 10 minutes" in words(answer)
    assert home


def test_a_wrong_link_says_whom_to_call_and_gives_its_address_to_nobody(app: Starlette, link: str) -> None:
    page = browser_of(app).get(link[:-1])
    assert page.status_code == 404
    assert "Recopiez le lien en entier" in words(page)
    assert 'href="tel:+33240000001"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert link.rsplit("/", 1)[1][:-1] not in page.text


def test_a_link_copied_from_paper_in_capitals_opens(app: Starlette, link: str) -> None:
    path, secret = link.rsplit("/", 1)
    opened(app, f"{path}/{secret.upper()}")


def test_a_link_of_last_year_opens_nothing(app: Starlette, clock: Clock, link: str) -> None:
    clock.forward(days=364)
    browser = opened(app, link)
    clock.forward(days=1)
    answer = browser_of(app).get(link)
    assert answer.status_code == 410
    assert "Demandez-en un autre à la coordination" in words(answer)
    assert browser.get("/commerce").status_code == 401


def test_a_link_that_is_withdrawn_closes_the_pages_that_it_opened(
    app: Starlette, coordination: TestClient, merchant: TestClient, home: House, town: Town, link: str
) -> None:
    (made,) = kept(home, town)
    path = f"/merchants/{town.shop}/links/{made.id}/revocation"
    sent_twice(home, coordination, path, {})
    answer = browser_of(app).get(link)
    assert answer.status_code == 410
    assert "remplacé ou retiré" in words(answer)
    assert merchant.get("/commerce").status_code == 401
    (made,) = kept(home, town)
    assert made.revoked_by == town.claire
    assert "retiré le 24 novembre 2026" in words(coordination.get(f"/merchants/{town.shop}/side"))


def test_a_new_link_ends_the_one_before(
    app: Starlette, coordination: TestClient, merchant: TestClient, home: House, town: Town, link: str
) -> None:
    new = made_link(coordination, home, town.shop)
    assert new != link
    assert browser_of(app).get(link).status_code == 410
    assert merchant.get("/commerce").status_code == 401
    assert "Épicerie" in words(opened(app, new).get("/commerce"))


def test_a_link_cannot_be_withdrawn_through_another_merchant(
    coordination: TestClient, admin: TestClient, home: House, town: Town, link: str
) -> None:
    assert link
    (made,) = kept(home, town)
    before = everything(home)
    assert post(admin, f"/merchants/{town.farm}/links/{made.id}/revocation", {}).status_code == 404
    assert post(coordination, f"/merchants/{town.shop}/links/x/revocation", {}).status_code == 404
    assert everything(home) == before


def test_it_opens_one_merchant_only(
    app: Starlette, coordination: TestClient, admin: TestClient, merchant: TestClient, home: House, town: Town
) -> None:
    farm = opened(app, made_link(admin, home, town.farm))
    assert "Ferme du Tenu" in words(farm.get("/commerce"))
    decision = decided(home, town)
    form = {"decision": decision, "how": "phone", "told_on": "2026-11-24"}
    post(coordination, f"/merchants/{town.shop}/told", form)
    assert merchant.get(f"/commerce/decisions/{decision}").status_code == 200
    before = everything(home)
    for path in (f"/commerce/decisions/{decision}", f"/commerce/decisions/{decision}/lettre.pdf"):
        assert farm.get(path).status_code == 404
    for path in ("reponses", "recours"):
        form = {"text": "x", "appeal": "x"}
        assert post(farm, f"/commerce/decisions/{decision}/{path}", form).status_code == 404
    with home.db.read() as session:
        place = merchants.places(session, town.shop)[0].id
    assert post(farm, f"/commerce/lieux/{place}/erreurs", {"text": "x"}).status_code == 404
    assert everything(home) == before


def test_it_opens_nothing_of_the_staffs(merchant: TestClient, town: Town) -> None:
    token = merchant.cookies["caisse_merchant"]
    for path in (f"/merchants/{town.shop}", "/merchants", f"/visits/{town.visit}", "/mails"):
        answer = merchant.get(path, headers={"Cookie": f"caisse_staff={token}", "Accept": "application/json"})
        assert answer.status_code == 401
    answer = merchant.get("/api/field", headers={"Cookie": f"caisse_device={token}"})
    assert answer.status_code == 401


def test_staff_without_a_link_has_no_page(coordination: TestClient) -> None:
    token = coordination.cookies["caisse_staff"]
    answer = coordination.get("/commerce", headers={"Cookie": f"caisse_merchant={token}"})
    assert answer.status_code == 401
    assert "Ouvrez de nouveau le lien" in words(answer)


def test_the_page_closes_after_a_day_and_gives_back_what_was_typed(
    merchant: TestClient, clock: Clock
) -> None:
    clock.forward(days=1, minutes=1)
    text = "Une heure de travail <script>alert(1)</script>"
    answer = post(merchant, "/commerce/declarations", {"words_entrer-circuler": text, "level_x": "3"})
    assert answer.status_code == 401
    assert "Ce que vous aviez écrit" in words(answer)
    assert "Une heure de travail &lt;script&gt;" in answer.text


def test_it_is_closed_by_hand_on_a_computer_that_others_use(merchant: TestClient) -> None:
    token = merchant.cookies["caisse_merchant"]
    assert post(merchant, "/commerce/sorties", {}).status_code == 303
    assert merchant.get("/commerce", headers={"Cookie": f"caisse_merchant={token}"}).status_code == 401


# --- told by it ---


def test_a_decision_is_not_on_the_page_before_the_merchant_may_know(
    app: Starlette, merchant: TestClient, coordination: TestClient, home: House, town: Town, link: str
) -> None:
    decision = decided(home, town)
    for browser in (merchant, opened(app, link)):
        page = words(browser.get("/commerce"))
        assert "Le comité habitant étudie votre commerce." in page
        assert "non retenu" not in page.lower()
        assert browser.get(f"/commerce/decisions/{decision}").status_code == 404
        assert browser.get(f"/commerce/decisions/{decision}/lettre.pdf").status_code == 404
    with home.db.read() as session:
        assert decisions.told_on(session, town.shop) == {}
    assert "Prévenir par son lien" in words(coordination.get(f"/merchants/{town.shop}"))


def test_the_link_tells_of_a_decision_once_the_coordination_says_so(
    app: Starlette, merchant: TestClient, coordination: TestClient, home: House, town: Town, link: str
) -> None:
    with_an_email(home, town)
    decision = decided(home, town, DecisionOutcome.ACCREDITED)
    sent_twice(home, coordination, f"/merchants/{town.shop}/releases", {"decision": decision})
    with home.db.read() as session:
        (mail,) = mails.listed(session, None, "", mails.State.WAITING, limit=9, offset=0)
        assert merchants.get(session, town.shop).standing == "none"
    assert mail.kind == "merchant"
    assert "conventionné" not in mail.text.lower()
    assert "La décision l’attend sur sa page" in words(coordination.get(f"/merchants/{town.shop}"))
    # a page that was open waits for a gesture; looking is none
    assert "Le comité a pris une décision. La lire" in words(merchant.get("/commerce"))
    assert merchant.get(f"/commerce/decisions/{decision}").status_code == 404
    browser_of(app).get(link)
    with home.db.read() as session:
        assert decisions.told_on(session, town.shop) == {}
    merchant.post("/commerce/sessions")
    merchant.post("/commerce/sessions")
    with home.db.read() as session:
        told = [row for row in merchants.records(session, town.shop) if row.kind == "told"]
        assert [(row.body["how"], row.author_id) for row in told] == [("link", None)]
        assert merchants.get(session, town.shop).standing == "soon"
    assert "Conventionné" in words(merchant.get("/commerce"))
    assert "par son lien personnel" in words(coordination.get(f"/merchants/{town.shop}"))


def test_opening_the_link_anew_tells_too(
    app: Starlette, home: House, town: Town, coordination: TestClient
) -> None:
    address = made_link(coordination, home, town.shop)
    post(coordination, f"/merchants/{town.shop}/releases", {"decision": decided(home, town)})
    page = words(opened(app, address).get("/commerce"))
    assert "Le comité n’a pas retenu votre commerce." in page
    with home.db.read() as session:
        assert merchants.get(session, town.shop).standing == "none"


def test_nothing_is_told_by_a_link_that_is_not_there_or_of_another_decision(
    coordination: TestClient, neighbour: TestClient, home: House, town: Town
) -> None:
    path = f"/merchants/{town.shop}/releases"
    answer = post(coordination, path, {"decision": ""})
    refused(answer, 409, "Le commerce en est à « visite prévue »")
    decision = decided(home, town)
    before = everything(home)
    refused(post(coordination, path, {"decision": decision}), 409, "Faites d’abord son lien personnel")
    refused(post(coordination, path, {"decision": "x"}), 409, "Du nouveau est arrivé")
    assert post(neighbour, path, {"decision": decision}).status_code == 404
    assert everything(home) == before


def test_the_link_is_no_way_of_telling_by_hand(coordination: TestClient, home: House, town: Town) -> None:
    form = {"decision": decided(home, town), "how": "link", "told_on": "2026-11-24"}
    refused(post(coordination, f"/merchants/{town.shop}/told", form), 422, "Choisissez comment")
    assert '<option value="link"' not in coordination.get(f"/merchants/{town.shop}").text


def test_told_by_phone_meanwhile_it_is_told_once(
    merchant: TestClient, coordination: TestClient, home: House, town: Town
) -> None:
    decision = decided(home, town)
    post(coordination, f"/merchants/{town.shop}/releases", {"decision": decision})
    form = {"decision": decision, "how": "phone", "told_on": "2026-11-24"}
    post(coordination, f"/merchants/{town.shop}/told", form)
    merchant.post("/commerce/sessions")
    with home.db.read() as session:
        assert sum(row.kind == "told" for row in merchants.records(session, town.shop)) == 1
