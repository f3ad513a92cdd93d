"""Reading a visit: what holds it back, the sheets side by side, its whole history, and all of it on paper."""

import io
import re
from datetime import date
from typing import Any

import pypdfium2
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import decisions, merchants, visits
from backend.storage.decisions import Deciding
from backend.storage.tables import Person
from backend.web.house import House
from tests.phones import Phone, picture
from tests.town import GRID, Town
from tests.web.forms import everything, post, words

HOSTILE = '<script>alert(1)</script><img src="file:///etc/passwd"><img src="http://127.0.0.1:1/x">'
PAGES = ("", "/history", "/visit.pdf")


def criteria(home: House) -> list[str]:
    return [each.id for each in home.grids[GRID].criteria]


def page(browser: TestClient, town: Town, part: str = "") -> Response:
    answer = browser.get(f"/visits/{town.visit}{part}")
    assert answer.status_code == 200, answer.text
    return answer


def pdf(answer: Response) -> tuple[str, int]:
    """What a PDF says, in one line, and how many pages it has."""
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    said = " ".join(document[rank].get_textpage().get_text_range() for rank in range(len(document)))
    count = len(document)
    document.close()
    return re.sub(
        r"\s+", " ", said.replace("\u202f", " ").replace("\u00a0", " ").replace("\u00ad", "")
    ), count


def said(browser: TestClient, town: Town, part: str) -> str:
    answer = page(browser, town, part)
    return pdf(answer)[0] if part.endswith(".pdf") else words(answer)


def alone(phone: Phone, town: Town, choices: dict[str, Any], *more: dict[str, Any]) -> None:
    """What one person answers on their own sheet, and sends."""
    made = [phone.choose(town.visit, each, level, sheet=phone.owner) for each, level in choices.items()]
    phone.send(phone.start(town.visit, GRID, "separate"), *made, *more)


def remark(phone: Phone, town: Town, text: str, criterion: str | None = None) -> dict[str, Any]:
    return phone.entry(
        "remark_made", town.visit, sheet=phone.owner, criterion=criterion, text=text, supersedes=[]
    )


def two_sheets(amina: Phone, bruno: Phone, home: House, town: Town) -> None:
    """They agree on all but the first two criteria, and settle the second together."""
    first, second, *others = criteria(home)
    agreed = dict.fromkeys(others, 2)
    alone(amina, town, {first: 0, second: 1, **agreed})
    alone(bruno, town, {first: 3, second: 2, **agreed}, remark(bruno, town, "Une marche.", first))
    amina.send(
        amina.choose(town.visit, second, 2, reason="Recompté à deux.", present=[town.amina, town.bruno])
    )
    amina.send(amina.close(town.visit, []))


def decide(home: House, town: Town) -> None:
    with home.db.read() as session:
        seen = visits.get(session, town.visit).last_seq
    deciding = Deciding(
        DecisionOutcome.ACCREDITED, date(2026, 11, 24), "Oui.", {town.visit: seen}, despite="Vu."
    )
    home.db.write(
        lambda session: decisions.record(
            session, town.shop, deciding, home.rules, home.drafts, home.now(), by=town.claire
        )
    )


# --- side by side ---


def test_the_sheets_stand_side_by_side_with_their_differences_in_words(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    two_sheets(amina, bruno, home, town)
    answer = page(coordination, town)
    assert "2 critères où les réponses diffèrent : Entrer et circuler, Venir sans voiture." in words(answer)
    rows = dict(re.findall(r'<tr id="s-([^"]+)" data-verdict="([^"]+)"', answer.text))
    assert list(rows.values()) == ["different", "different", *["same"] * 13]
    table = words(answer).split("Les feuilles côte à côte")[1].split("L’addition")[0]
    assert "Critère Amina Bruno Feuille commune Ensemble" in table
    assert "≠ différent, départagé ensemble" in table
    assert "= d’accord" in table


def test_one_common_sheet_alone_is_compared_with_nothing(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    amina.send(amina.start(town.visit, GRID), amina.choose(town.visit, criteria(home)[0], 1))
    assert "Les feuilles côte à côte" not in words(page(coordination, town))


def test_who_answered_alone_is_said(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    first, second, *_ = criteria(home)
    alone(amina, town, {first: 0, second: 1})
    alone(bruno, town, {first: 0})
    verdicts = re.findall(r'data-verdict="([^"]+)"', page(coordination, town).text)
    assert verdicts[:3] == ["same", "alone", "none"]


def test_a_sheet_that_does_not_count_says_so(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    two_sheets(amina, bruno, home, town)
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    assert re.search(r"Critère Amina Bruno pas comptée", words(page(coordination, town)))


# --- what holds the proposal back ---


def test_a_criterion_that_rules_out_is_named(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    ruling = next(each for each in home.grids[GRID].criteria if each.eliminatory_below)
    choices = dict.fromkeys(criteria(home), 3) | {ruling.id: 0}
    amina.send(amina.start(town.visit, GRID), *(amina.choose(town.visit, *each) for each in choices.items()))
    for part in ("", "/visit.pdf"):
        told = said(coordination, town, part)
        assert "La grille propose : non favorable." in told
        assert f"« {ruling.name} » a moins de points que le minimum, 1 : cela suffit" in told


def test_a_family_under_its_minimum_is_named(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    last = home.grids[GRID].categories[-1]
    choices = {each.id: 0 if each.category == last.id else 3 for each in home.grids[GRID].criteria}
    amina.send(amina.start(town.visit, GRID), *(amina.choose(town.visit, *each) for each in choices.items()))
    told = words(page(coordination, town))
    assert "Engagements n’atteint pas son minimum de 40 : la grille ne peut pas proposer" in told


def test_what_is_still_open_may_hold_it_back(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    amina.send(amina.start(town.visit, GRID), amina.choose(town.visit, criteria(home)[0], 3))
    told = words(page(coordination, town))
    assert "peut encore avoir moins de points que le minimum, 1" in told
    assert "n’atteint pas encore à coup sûr son minimum de 40." in told


# --- history ---


def test_the_history_tells_who_wrote_what_when_and_what_became_of_it(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    first = criteria(home)[0]
    before = amina.choose(town.visit, first, 0)
    amina.send(amina.start(town.visit, GRID), before)
    amina.send(
        amina.choose(
            town.visit,
            first,
            2,
            supersedes=[before["id"]],
            reason="Recompté.",
            present=[town.amina, town.bruno],
        )
    )
    told = words(page(coordination, town, "/history"))
    assert "3 éléments, dans l’ordre où la caisse les a reçus." in told
    assert "●○○○ niveau 1 sur 4 remplacée Amina, feuille commune" in told
    assert "« Recompté. »" in told
    assert "présents : Amina, Bruno" in told
    assert "24 novembre 2026, 14:30 d’après le téléphone" in told


def test_the_history_tells_what_a_partner_brought_what_is_disputed_and_what_was_on_paper(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    relay = bruno.choose(town.visit, criteria(home)[0], 1)
    amina.send(amina.start(town.visit, GRID), relay)
    bruno.send(relay | {"choice": 3})
    form = {"who": town.bruno, "sheet": "own", "newest": "", f"answer_{criteria(home)[1]}": "2"}
    post(coordination, f"/visits/{town.visit}/paper", form)
    told = words(page(coordination, town, "/history"))
    assert "autre version du même élément, gardée et pas comptée Bruno" in told
    assert "apporté par Amina" in told
    assert "sur papier Bruno, sa feuille" in told
    assert "saisi par Claire" in told
    assert "Les voir dans l’historique" in words(page(coordination, town))


def test_an_empty_history_says_what_will_be_here(coordination: TestClient, town: Town) -> None:
    assert "Tout ce que les téléphones envoient" in words(page(coordination, town, "/history"))


# --- frozen ---


@pytest.mark.parametrize("part", PAGES)
def test_what_came_after_the_decision_stands_beside_the_frozen_score(
    coordination: TestClient, home: House, town: Town, amina: Phone, bruno: Phone, part: str
) -> None:
    two_sheets(amina, bruno, home, town)
    frozen = re.search(r"[\d,]+ et [\d,]+ sur 100", words(page(coordination, town)))
    assert frozen
    decide(home, town)
    bruno.send(remark(bruno, town, "La rampe est neuve."), bruno.choose(town.visit, criteria(home)[0], 0))
    told = said(coordination, town, part)
    assert "rrivé après la décision, non compté" in told
    assert "La rampe est neuve." in told
    if part != "/history":
        assert "Le score au moment de la décision" in told
        assert frozen[0] in told


# --- who reads, and without which names ---


@pytest.mark.parametrize("part", PAGES)
def test_the_committee_reads_no_name_anywhere(
    committee: TestClient,
    coordination: TestClient,
    home: House,
    town: Town,
    amina: Phone,
    bruno: Phone,
    part: str,
) -> None:
    alone(amina, town, {criteria(home)[0]: 1}, amina.attach(town.visit, picture(1), sheet=town.amina))
    relay = bruno.entry("remark_made", town.visit, sheet="duo", criterion=None, text="Oui.", supersedes=[])
    amina.send(relay)
    bruno.send(bruno.choose(town.visit, criteria(home)[0], 2, sheet=town.bruno))
    form = {"who": town.bruno, "sheet": "own", "newest": "", f"answer_{criteria(home)[1]}": "2"}
    post(coordination, f"/visits/{town.visit}/paper", form)
    post(coordination, f"/visits/{town.visit}/questions", {"text": "La porte ?", "criterion": ""})
    amina.send(amina.close(town.visit, []))
    answer = page(committee, town, part)
    told = said(committee, town, part)
    assert "personne A" in told
    assert "personne B" in told
    everywhere = f"{told} {answer.headers} {answer.content.decode('latin-1')}"
    for name in ("Amina", "Bruno", "Claire", town.amina, town.bruno, town.claire):
        assert name not in everywhere
    assert "Amina" in said(coordination, town, part)


@pytest.mark.parametrize("part", PAGES)
def test_who_may_read_and_who_may_not(
    client: TestClient,
    committee: TestClient,
    moneko: TestClient,
    neighbour: TestClient,
    admin: TestClient,
    home: House,
    town: Town,
    amina: Phone,
    part: str,
) -> None:
    amina.send(amina.start(town.visit, GRID), amina.choose(town.visit, criteria(home)[0], 1))
    before = everything(home)
    for browser, status in ((committee, 404), (moneko, 403), (neighbour, 404), (client, 303), (admin, 200)):
        assert browser.get(f"/visits/{town.visit}{part}").status_code == status
    assert everything(home) == before


# --- all that may be written ---


@pytest.mark.parametrize("part", PAGES)
def test_what_people_write_is_never_read_as_html_nor_fetched(
    coordination: TestClient, home: House, town: Town, amina: Phone, part: str
) -> None:
    first = criteria(home)[0]
    amina.send(
        amina.start(town.visit, GRID),
        remark(amina, town, HOSTILE, first),
        amina.entry("commitment_noted", town.visit, criterion=first, text=HOSTILE, due=None, supersedes=[]),
    )
    told = said(coordination, town, part)
    assert "<script>alert(1)</script>" in told.replace("\u00ad", "").replace("- ", "")
    if not part.endswith(".pdf"):
        assert "<script>" not in page(coordination, town, part).text


@pytest.mark.parametrize("part", PAGES)
def test_forty_long_remarks_very_long_names_and_no_photo(
    coordination: TestClient, home: House, town: Town, amina: Phone, part: str
) -> None:
    def rename(session: Any) -> None:
        session.get_one(Person, town.amina).name = "Amina-Marie-Clémentine " * 3 + "x" * 60
        merchants.get(session, town.shop).name = (
            "L’Épicerie Coopérative des Bourderies et de ses Environs " * 3
        )

    home.db.write(rename)
    long = "Le rayon du fond est haut, et la balance aussi. " * 40
    written = [
        remark(amina, town, f"{rank} {long}", each) for each in criteria(home)[:8] for rank in range(5)
    ]
    amina.send(amina.start(town.visit, GRID), *written, remark(amina, town, "m" * 4000))
    told = said(coordination, town, part)
    letters = re.sub(r"[^\w’]", "", told)  # as lines cut them
    if not part.endswith(".pdf"):
        assert letters.count("Lerayondufond") == 40 * 40
        return
    pages = pdf(page(coordination, town, part))[1]
    assert pages > 5
    assert letters.count("Lerayondufond") >= 40 * 40 - pages  # one a page may go on over it


def test_the_pdf_says_territory_grid_and_pages_and_shows_its_photos(
    coordination: TestClient, home: House, town: Town, amina: Phone
) -> None:
    here, missing = picture(2), picture(3)
    made = [amina.start(town.visit, GRID), amina.attach(town.visit, here, criterion=criteria(home)[0])]
    made.append(amina.attach(town.visit, missing))
    amina.send(*made, amina.close(town.visit, made, [here, missing]))
    amina.put(here)
    home.background.work()
    answer = page(coordination, town, "/visit.pdf")
    assert answer.headers["cache-control"] == "no-store"
    told, count = pdf(answer)
    assert "Nantes Ouest" in told
    assert "Grille de départ, à adopter par le comité." in told
    assert "(depart-1)" in told
    assert f"1 / {count}" in told
    assert "Photo manquante." in told
    document = pypdfium2.PdfDocument(answer.content)
    images = [each for rank in range(count) for each in document[rank].get_objects(filter=[3])]
    assert len(images) == 1
    document.close()


def test_a_photo_announced_and_not_received_is_missing(
    coordination: TestClient, town: Town, amina: Phone
) -> None:
    amina.send(amina.start(town.visit, GRID), amina.attach(town.visit, picture(4)))
    assert "Photo manquante : un téléphone l’annonce" in words(page(coordination, town))


@pytest.mark.parametrize("part", PAGES)
def test_a_visit_with_nothing_and_one_that_could_not_be_made_are_read_too(
    coordination: TestClient, town: Town, amina: Phone, part: str
) -> None:
    assert "Épicerie des Bourderies" in said(coordination, town, part)
    amina.send(amina.entry("visit_impossible", town.visit, cause="closed", text="Rideau baissé."))
    told = said(coordination, town, part)
    assert ("Visite dite impossible" if part == "/history" else "La visite n’a pas pu se faire.") in told
    assert "La grille propose" not in told
