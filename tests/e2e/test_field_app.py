"""The field app in a real Chromium, against the real server: what an inhabitant does in a shop must not be lost."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import Session, select

from backend.storage import devices
from backend.storage.tables import Device, Entry
from backend.web.house import House
from tests.doses import dose
from tests.e2e.field_app import (
    CRITERIA,
    NewPhone,
    answer,
    begin,
    close_visit,
    go_on,
    join,
    kill,
    listened,
    offline,
    wait_until,
)
from tests.e2e.weight import needed_at_start, nothing_else_comes
from tests.recording import Recorder
from tests.servers import Server
from tests.town import Town, code_for


@pytest.fixture
def amina_page(phone: NewPhone, home: House, town: Town, live_server: Server) -> Page:
    """Amina's phone, joined, with the app kept for the days without a network."""
    return join(listened(phone()).new_page(), live_server.address, code_for(home, town.amina))


def journal(home: House, kind: str | None = None) -> list[dict[str, Any]]:
    """What the fund has on disk, oldest first."""
    with home.db.read() as session:
        bodies = [json.loads(body) for body in session.exec(select(Entry.body).order_by(Entry.id))]
    return [body for body in bodies if kind in (None, body["kind"])]


# --- never lost ---


def test_a_visit_is_filled_without_network_with_reloads_and_kills_and_then_received(
    amina_page: Page, home: House, live_server: Server, town: Town
) -> None:
    page = amina_page
    live_server.stop()
    page.reload()
    begin(page)
    for number in range(1, CRITERIA + 1):
        answer(page, level=number % 4)
        if number == 5:
            page.reload()
            expect(page.locator(".level[aria-pressed=true]")).to_have_count(1)
        if number == 9:
            page = kill(page)
            expect(page.locator(".level[aria-pressed=true]")).to_have_count(1)
        go_on(page, number)
    expect(page.get_by_text("Vous avez répondu à tout.")).to_be_visible()
    close_visit(page)
    expect(page.get_by_text("C’est enregistré sur ce téléphone.")).to_be_visible()
    expect(page.locator("li[aria-current=step]")).to_have_text("sur ce téléphone")
    assert journal(home) == []
    live_server.start()
    page.get_by_role("link", name="Revenir à mes visites").click()
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.get_by_text("reçu par la caisse", exact=True)).to_be_visible()
    kinds = [entry["kind"] for entry in journal(home)]
    assert kinds == ["visit_started", *["choice_made"] * CRITERIA, "visit_closed"]
    assert journal(home)[-1]["entries"] == [entry["id"] for entry in journal(home)[:-1]]
    assert journal(home)[0]["present"] == [town.amina, town.bruno]


def test_one_online_visit_is_enough_to_open_the_app_without_network(
    amina_page: Page, live_server: Server
) -> None:
    live_server.kill()
    page = amina_page.context.new_page()
    page.goto(f"{live_server.address}/app/")
    expect(page.get_by_role("link", name="Épicerie des Bourderies")).to_be_visible()


def test_a_remark_half_typed_survives_the_end_of_the_page(amina_page: Page) -> None:
    begin(amina_page)
    box = amina_page.get_by_label("Une remarque")
    box.press_sequentially("La porte est large mais il y a une mar")
    expect(amina_page.get_by_text("Ce que vous écrivez est enregistré.")).to_be_visible()
    page = kill(amina_page)
    expect(page.get_by_label("Une remarque")).to_have_value("La porte est large mais il y a une mar")


def test_a_page_killed_at_any_key_keeps_all_that_it_had_said_was_kept(amina_page: Page) -> None:
    begin(amina_page)
    page, chance, sentence = (
        amina_page,
        random.Random(11),
        "Une marche de douze centimètres, et personne pour aider.",
    )
    for turn in range(dose(5, 100)):
        box = page.get_by_label("Une remarque")
        box.fill("")
        kept = f"{turn} : {sentence[: chance.randrange(3, 30)]}"
        box.press_sequentially(kept)
        expect(page.get_by_text("Ce que vous écrivez est enregistré.")).to_be_visible()
        box.press_sequentially(sentence[: chance.randrange(1, 12)])
        page = kill(page)
        expect(page.get_by_label("Une remarque")).to_have_value(re.compile(f"^{re.escape(kept)}"))


def test_a_remark_left_by_the_next_button_is_kept_and_sent(amina_page: Page, home: House) -> None:
    begin(amina_page)
    amina_page.get_by_label("Une remarque").fill("Une marche à l’entrée")
    go_on(amina_page, 1)
    amina_page.get_by_role("link", name="2 sur 15").click()
    expect(amina_page.get_by_text("Une marche à l’entrée")).to_be_visible()
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert [entry["text"] for entry in journal(home, "remark_made")] == ["Une marche à l’entrée"]


def test_two_tabs_on_the_same_visit_show_the_same_and_lose_neither_tap(amina_page: Page, home: House) -> None:
    begin(amina_page)
    other = amina_page.context.new_page()
    other.goto(amina_page.url)
    answer(amina_page, level=1)
    expect(other.locator(".level").nth(1)).to_have_attribute("aria-pressed", "true")
    answer(other, level=3)
    expect(amina_page.locator(".level").nth(3)).to_have_attribute("aria-pressed", "true")
    expect(amina_page.locator(".level[aria-pressed=true]")).to_have_count(1)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 3]


def test_a_visit_closed_in_one_tab_is_closed_in_the_other(amina_page: Page) -> None:
    begin(amina_page)
    other = amina_page.context.new_page()
    other.goto(amina_page.url)
    expect(other.locator(".level")).not_to_have_count(0)
    amina_page.get_by_role("link", name="1 sur 15").click()
    close_visit(amina_page)
    expect(other.get_by_role("heading", name="Ce que dit la grille")).to_be_visible()
    expect(other.locator(".level")).to_have_count(0)


def test_two_phones_that_answered_apart_are_shown_as_to_settle(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    bruno_page = join(phone().new_page(), live_server.address, code_for(home, town.bruno))
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    bruno_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(bruno_page.get_by_text("Commencée")).to_be_visible()
    for page, level in ((amina_page, 1), (bruno_page, 2)):
        offline(page)
        page.goto(amina_page.url)
        answer(page, level)
    offline(amina_page, False)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(bruno_page, False)
    expect(bruno_page.get_by_text("Deux réponses ont été notées.")).to_be_visible()
    expect(bruno_page.locator(".level[aria-pressed=true]")).to_have_count(2)
    bruno_page.locator(".level").nth(2).click()
    expect(bruno_page.locator(".level[aria-pressed=true]")).to_have_count(1)
    expect(bruno_page.get_by_text("Tout est reçu")).to_be_visible()
    assert len(journal(home, "choice_made")[-1]["supersedes"]) == 2


# --- sent means received ---


def spoil(page: Page, answer_instead: Callable[[Route], None], path: str = "**/api/journal") -> None:
    page.context.route(path, answer_instead)


def mend(page: Page) -> None:
    page.context.unroute_all()


def test_an_answer_lost_after_the_commit_is_asked_again_and_stored_once(
    amina_page: Page, home: House
) -> None:
    def commit_then_cut(route: Route) -> None:
        route.fetch()
        route.abort()

    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    spoil(amina_page, commit_then_cut)
    with amina_page.expect_event("requestfailed"):
        answer(amina_page)
    expect(amina_page.locator(".standing")).to_have_text("Sur ce téléphone")
    assert len(journal(home, "choice_made")) == 1
    mend(amina_page)
    amina_page.get_by_role("link", name="Visites").click()
    amina_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(amina_page.get_by_text("1 réponse reçue par la caisse")).to_be_visible()
    assert len(journal(home, "choice_made")) == 1


def test_the_page_of_a_captive_portal_is_not_taken_for_a_receipt(amina_page: Page, home: House) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    spoil(
        amina_page, lambda route: route.fulfill(content_type="text/html", body="<h1>Wi-Fi</h1>"), "**/api/*"
    )
    answer(amina_page)
    expect(amina_page.locator(".standing")).to_have_text("Sur ce téléphone")
    expect(amina_page.get_by_text("Enregistré sur ce téléphone", exact=True)).to_be_visible()
    mend(amina_page)
    offline(amina_page)
    offline(amina_page, False)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert len(journal(home, "choice_made")) == 1


def refuse(choice: int) -> Callable[[Route], None]:
    """A fund that takes everything but this choice."""

    def answer_instead(route: Route) -> None:
        batch = route.request.post_data_json
        bad = [entry for entry in batch["entries"] if entry.get("choice") == choice]
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

    return answer_instead


def test_a_refused_entry_says_why_leads_to_its_question_and_blocks_nobody(
    amina_page: Page, home: House
) -> None:
    begin(amina_page)
    spoil(amina_page, refuse(1))
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Ouvrez ce critère et choisissez un niveau.")).to_be_visible()
    go_on(amina_page, 1)
    answer(amina_page, level=2)
    amina_page.get_by_role("link", name="1 à corriger").click()
    with amina_page.expect_download() as download:
        amina_page.get_by_role("button", name="Enregistrer dans un fichier").click()
    assert json.loads(Path(download.value.path()).read_text())["entry"]["choice"] == 1
    amina_page.get_by_role("link", name="Ouvrir la question").click()
    answer(amina_page, level=3)
    # "Tout est reçu" may still be said of what came before it
    wait_until(amina_page, lambda: [entry["choice"] for entry in journal(home, "choice_made")] == [2, 3])
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()


def test_a_refused_entry_is_corrected_after_the_end_of_the_visit_and_the_fund_waits_for_it(
    amina_page: Page, home: House
) -> None:
    begin(amina_page)
    spoil(amina_page, refuse(1))
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Ouvrez ce critère et choisissez un niveau.")).to_be_visible()
    amina_page.get_by_role("link", name="1 sur 15").click()
    close_visit(amina_page)
    amina_page.get_by_role("link", name="Corriger : entrer et circuler").click()
    answer(amina_page, level=3)
    amina_page.get_by_role("link", name="Revenir à la visite").click()
    expect(amina_page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    expect(amina_page.get_by_role("link", name="Corriger")).to_have_count(0)
    [first, second] = journal(home, "visit_closed")
    [choice] = journal(home, "choice_made")
    assert choice["id"] not in first["entries"]
    assert {choice["id"], first["id"]} <= set(second["entries"])


def test_a_visit_that_a_partner_ended_meanwhile_says_so_and_keeps_what_was_noted_since(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    bruno_page = join(phone().new_page(), live_server.address, code_for(home, town.bruno))
    begin(amina_page)
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(amina_page)
    go_on(amina_page, 1)
    bruno_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(bruno_page.get_by_text("1 réponse sur 15")).to_be_visible()  # Amina's, which the answer brings
    bruno_page.get_by_role("link", name="Épicerie des Bourderies").click()
    bruno_page.get_by_role("link", name="2 sur 15").click()
    close_visit(bruno_page)
    expect(bruno_page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    answer(amina_page, level=2)
    amina_page.get_by_label("Une remarque").fill("Ouvert le soir")
    offline(amina_page, False)
    expect(amina_page.get_by_text("Bruno a terminé la visite")).to_be_visible()
    expect(amina_page.get_by_text(", avec Amina.")).to_be_visible()
    expect(amina_page.get_by_text("Ce que vous avez noté depuis est gardé et envoyé.")).to_be_visible()
    amina_page.get_by_role("link", name="Revenir à la visite").click()
    expect(amina_page.get_by_text("Ouvert le soir")).to_be_visible()
    assert len(journal(home, "choice_made")) == 2


def test_two_answers_made_apart_are_settled_after_the_end_of_the_visit(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    bruno_page = join(phone().new_page(), live_server.address, code_for(home, town.bruno))
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    bruno_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(bruno_page.get_by_text("Commencée")).to_be_visible()
    offline(bruno_page)
    bruno_page.goto(amina_page.url)
    answer(bruno_page, level=2)
    answer(amina_page, level=1)
    amina_page.get_by_role("link", name="1 sur 15").click()
    close_visit(amina_page)
    offline(bruno_page, False)
    expect(bruno_page.get_by_text("Deux réponses ont été notées.")).to_be_visible()
    bruno_page.get_by_role("link", name="La visite", exact=True).click()
    expect(bruno_page.get_by_text("Amina a terminé la visite")).to_be_visible()
    bruno_page.get_by_role("link", name="Départager :").click()
    bruno_page.locator(".level").nth(2).click()
    expect(bruno_page.locator(".level[aria-pressed=true]")).to_have_count(1)
    bruno_page.get_by_role("link", name="Revenir à la visite").click()
    expect(bruno_page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    expect(bruno_page.get_by_role("link", name="Départager")).to_have_count(0)
    assert len(journal(home, "visit_closed")) == 2


def test_a_revoked_phone_keeps_everything_and_a_new_code_sends_it(
    amina_page: Page, home: House, town: Town
) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    revoke_all(home)
    answer(amina_page)
    expect(amina_page.get_by_text("Envoi arrêté")).to_be_visible()
    go_on(amina_page, 1)
    answer(amina_page)
    amina_page.get_by_role("link", name="Visites").click()
    expect(amina_page.get_by_text("Vous pouvez continuer : tout reste sur ce téléphone.")).to_be_visible()
    expect(amina_page.get_by_text("2 réponses sur ce téléphone")).to_be_visible()
    amina_page.get_by_role("link", name="Entrer un code").click()
    amina_page.get_by_label("Votre code").fill(code_for(home, town.amina))
    amina_page.get_by_role("button", name="Entrer").click()
    expect(amina_page.get_by_text("2 réponses reçues par la caisse")).to_be_visible()
    assert len(journal(home, "choice_made")) == 2


def revoke_all(home: House) -> None:
    def revoke(session: Session) -> None:
        for device in session.exec(select(Device.id)).all():
            devices.revoke_device(session, device, home.now())

    home.db.write(revoke)


# --- joining ---


def test_the_secret_of_an_invitation_leaves_the_address_bar_at_once(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    assert page.url == f"{live_server.address}/app/"
    assert "code" not in page.evaluate("performance.getEntriesByType('navigation')[0].name.split('#')[0]")
    page.go_back()
    assert "code=" not in page.url


def test_a_code_is_typed_in_any_case_with_spaces_and_a_wrong_one_says_what_to_do(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = phone().new_page()
    page.goto(f"{live_server.address}/app/")
    box = page.get_by_label("Votre code")
    box.fill("00000 00000")
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code n’existe pas.")
    code = code_for(home, town.amina).lower().replace("0", "o").replace("1", "l")
    box.fill("")
    box.press_sequentially(f"{code[:3]} {code[3:]}")
    box.press("Enter")
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()


def test_an_answer_lost_while_joining_locks_nobody_out(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    def commit_then_cut(route: Route) -> None:
        route.fetch()
        route.abort()

    page = phone().new_page()
    spoil(page, commit_then_cut, "**/api/devices")
    page.goto(f"{live_server.address}/app/#code={code_for(home, town.amina)}")
    expect(page.get_by_role("alert")).to_contain_text("Votre code est gardé")
    mend(page)
    page.reload()
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()
    with home.db.read() as session:
        assert len(session.exec(select(Device.id)).all()) == 1


# --- the visit ---


def test_what_is_missing_is_said_before_ending_and_no_score_shows_before_the_end(amina_page: Page) -> None:
    begin(amina_page)
    answer(amina_page)
    amina_page.get_by_role("link", name="1 sur 15").click()
    expect(amina_page.get_by_text("14 réponses manquent sur 15.")).to_be_visible()
    expect(amina_page.get_by_text("sur 100")).to_have_count(0)
    close_visit(amina_page)
    expect(amina_page.get_by_text(re.compile(r"entre \d.* et .* sur 100")).first).to_be_visible()
    expect(amina_page.get_by_text("entre « non favorable » et « favorable »")).to_be_visible()
    expect(amina_page.get_by_text("minimum 40 pour être favorable")).to_have_count(3)


def test_completing_the_last_missing_answer_leads_back_to_the_summary(amina_page: Page) -> None:
    begin(amina_page)
    for number in range(1, CRITERIA + 1):
        if number != 3:
            answer(amina_page)
        go_on(amina_page, number)
    amina_page.get_by_role("link", name="Compléter").click()
    expect(amina_page.get_by_role("link", name="3 sur 15")).to_be_visible()
    answer(amina_page)
    amina_page.get_by_role("link", name="Relire tout").click()
    expect(amina_page.get_by_text("Vous avez répondu à tout.")).to_be_visible()


def test_once_all_is_received_no_step_says_that_it_is_on_its_way(amina_page: Page) -> None:
    begin(amina_page)
    amina_page.get_by_role("link", name="1 sur 15").click()
    close_visit(amina_page)
    expect(amina_page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    expect(amina_page.locator(".journey .done")).to_have_text(["sur ce téléphone", "reçu par la caisse"])


def test_an_answer_can_be_cleared(amina_page: Page, home: House) -> None:
    begin(amina_page)
    answer(amina_page)
    amina_page.get_by_role("button", name="Effacer la réponse").click()
    expect(amina_page.locator(".level[aria-pressed=true]")).to_have_count(0)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [2, None]


def test_an_impossible_visit_is_told_with_its_reason(amina_page: Page, home: House) -> None:
    amina_page.get_by_role("link", name="Épicerie des Bourderies").click()
    amina_page.get_by_role("link", name="La visite est impossible").click()
    expect(amina_page.get_by_role("radio", checked=True)).to_have_count(0)
    amina_page.get_by_role("button", name="Enregistrer").click()
    expect(amina_page.get_by_role("heading", name="Visite impossible")).to_be_visible()
    amina_page.get_by_label("La personne du commerce ne veut pas").check()
    amina_page.get_by_label("Un mot de plus").fill("Elle préfère en janvier")
    amina_page.get_by_role("button", name="Enregistrer").click()
    expect(amina_page.get_by_role("heading", name="Merci")).to_be_visible()
    expect(amina_page.get_by_text("La caisse l’a reçu.")).to_be_visible()
    expect(amina_page.get_by_text("Le comité va")).to_have_count(0)
    amina_page.get_by_role("link", name="Revenir à mes visites").click()
    expect(amina_page.get_by_role("link", name="visite impossible")).not_to_contain_text("réponse")
    [told] = journal(home)
    assert (told["kind"], told["cause"], told["text"]) == (
        "visit_impossible",
        "refused",
        "Elle préfère en janvier",
    )


def test_with_several_people_on_one_phone_the_one_who_holds_it_signs(
    amina_page: Page, home: House, town: Town, live_server: Server
) -> None:
    join(amina_page, live_server.address, code_for(home, town.bruno))
    expect(amina_page.get_by_text("Bonjour Amina et Bruno")).to_be_visible()
    amina_page.get_by_role("link", name="Épicerie des Bourderies").click()
    expect(amina_page.get_by_role("heading", name="Qui tient le téléphone")).to_be_visible()
    amina_page.get_by_role("button", name="Bruno").click()
    amina_page.get_by_role("button", name="Commencer la visite").click()
    answer(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert {entry["author"] for entry in journal(home)} == {town.bruno}


# --- for everyone ---


def test_a_question_is_answered_by_keyboard_alone_and_focus_follows_the_screens(amina_page: Page) -> None:
    page = amina_page

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText").strip().startswith(name):
                return
        raise AssertionError(f"{name} is not reached by the Tab key")

    focused = "document.activeElement.tagName"
    tab_to("Épicerie des Bourderies")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Épicerie des Bourderies")).to_be_focused()
    tab_to("Commencer la visite")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="1 sur 15")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "BUTTON"
    page.keyboard.press("Space")
    expect(page.locator(".level").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#said")).to_have_text("Enregistré sur ce téléphone.")
    tab_to("Suivant")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Aide").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Aide")).to_be_focused()


def test_the_first_question_is_answered_with_60_kb_and_nothing_else(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    needed = needed_at_start(live_server.address)
    context = phone(service_workers="block")
    answers = nothing_else_comes(context, needed)
    page = context.new_page()
    page.goto(f"{live_server.address}/app/#code={code_for(home, town.amina)}")
    begin(page)
    answer(page)
    assert sum(needed.values()) + sum(answers) <= 60_000, needed


def test_the_first_visit_fetches_everything_once(phone: NewPhone, live_server: Server) -> None:
    recorder = Recorder()
    recorder.to = live_server.port
    with recorder.running():
        page = phone().new_page()
        page.goto(f"{recorder.address}/app/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        code = [request.target for request in recorder.requests if request.target.endswith((".js", ".css"))]
        page.close()
    assert len(code) >= 30
    assert len(code) == len(set(code))
