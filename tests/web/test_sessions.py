"""The committee's sessions: prepared, who is there, the agenda, a merchant on the wall, minutes until the end."""

from typing import Any

import pypdfium2
import pytest
from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.merchants import Kind
from backend.storage import merchants, sessions
from backend.web.house import House
from tests.phones import Phone, picture
from tests.town import GRID, NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words
from tests.web.test_decisions import decision, visited

TODAY = "2026-11-24"
HOSTILE = '<script>alert(1)</script>" onmouseover="x'


def held(coordination: TestClient, **changes: str) -> str:
    """A session of today, prepared with those who are ready; its address."""
    form = {"territory": NANTES, "held_on": TODAY, "place": "Maison de quartier", **changes}
    answer = post(coordination, "/sessions", form)
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


def there(coordination: TestClient, address: str, **form: Any) -> None:
    """These people are there: `member`, `names`, `others`."""
    assert post(coordination, f"{address}/presence", form).status_code == 303


def voting(home: House, town: Town, address: str, **changes: Any) -> dict[str, Any]:
    """The decision's form, in this session, by consent."""
    session_id = address.rsplit("/", 1)[1]
    return decision(home, town, **({"session": session_id, "method": "consent"} | changes))


def fix_quorum(coordination: TestClient, quorum: str) -> None:
    assert post(coordination, f"/territories/{NANTES}/quorum", {"quorum": quorum}).status_code == 303


def pdf_text(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/pdf", answer.text
    document = pypdfium2.PdfDocument(answer.content)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.replace("\ufffe", "").replace("\u00a0", " ").replace("\u202f", " ").split())


def add(home: House, name: str, territory: str = NANTES) -> str:
    def write(session: Session) -> str:
        return merchants.add(session, territory, name, Kind.BAKERY, home.now(), by=None, source="hand").id

    return home.db.write(write)


# --- preparing ---


def test_with_no_session_the_page_offers_the_first(coordination: TestClient, town: Town) -> None:
    page = words(coordination.get("/sessions"))
    assert "Ici viendront les séances" in page
    assert "Aucun commerce n’attend le comité" in page
    assert "Aucun quorum n’est fixé." in page


def test_a_session_is_prepared_with_those_who_are_ready(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    assert "1 commerce est prêt à être décidé." in words(coordination.get("/sessions"))
    form = {"territory": NANTES, "held_on": TODAY, "place": "Salle des fêtes"}
    answer = sent_twice(home, coordination, "/sessions", form)
    page = words(coordination.get(answer.headers["location"]))
    assert "Séance du mardi 24 novembre 2026" in page
    assert "Salle des fêtes" in page
    assert "Épicerie des Bourderies" in page
    assert "visite reçue" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"held_on": ""}, "Choisissez le jour de la séance."),
        ({"held_on": "demain"}, "n’est pas une date"),
        ({"held_on": "2126-11-24"}, "Vérifiez l’année."),
        ({"place": "x" * 201}, "dépasse 200 signes"),
    ],
)
def test_a_session_that_cannot_be_is_refused_and_loses_nothing(
    coordination: TestClient, home: House, town: Town, changes: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    form = {"territory": NANTES, "held_on": TODAY, "place": "Salle des fêtes", **changes}
    answer = post(coordination, "/sessions", form)
    refused(answer, 422, sentence)
    assert form["place"] in answer.text
    assert everything(home) == before


def test_the_quorum_is_a_setting_of_the_territory(coordination: TestClient, home: House, town: Town) -> None:
    fix_quorum(coordination, "7")
    assert "Le quorum est de 7 personnes." in words(coordination.get("/sessions"))
    before = everything(home)
    for wrong in ("0", "beaucoup", "-3", "99999"):
        assert post(coordination, f"/territories/{NANTES}/quorum", {"quorum": wrong}).status_code == 422
    assert post(coordination, f"/territories/{RETZ}/quorum", {"quorum": "3"}).status_code == 404
    assert everything(home) == before
    fix_quorum(coordination, "")
    assert "Aucun quorum n’est fixé." in words(coordination.get("/sessions"))


# --- who may ---


def test_each_committee_sees_its_own_evenings_only(
    coordination: TestClient,
    committee: TestClient,
    neighbour: TestClient,
    moneko: TestClient,
    home: House,
    town: Town,
) -> None:
    address = held(coordination)
    assert committee.get(address).status_code == 200
    assert '<form method="post" action="/sessions' not in committee.get(address).text
    assert "Séance du mardi 24 novembre" in words(committee.get("/sessions"))
    before = everything(home)
    for path in ("edits", "presence", "items", "removals", "moves", "closure"):
        assert post(committee, f"{address}/{path}", {}).status_code == 403
        assert post(neighbour, f"{address}/{path}", {}).status_code == 404
        assert post(moneko, f"{address}/{path}", {}).status_code == 403
    for path in ("", "/agenda.pdf", "/minutes.pdf", f"/merchants/{town.shop}"):
        assert neighbour.get(address + path).status_code == 404
        assert moneko.get(address + path).status_code == 403
    assert post(neighbour, "/sessions", {"territory": NANTES, "held_on": TODAY}).status_code == 404
    assert everything(home) == before
    assert "24 novembre" not in words(neighbour.get("/sessions"))


# --- the agenda ---


def names_on(browser: TestClient, address: str) -> list[str]:
    """The agenda as it is read: the headings of its entries."""
    page = browser.get(address).text
    agenda = page[page.index('class="agenda"') : page.index("</ol>")] if 'class="agenda"' in page else ""
    return [part.split("</a>")[0].rsplit(">", 1)[1] for part in agenda.split("<h3>")[1:]]


def test_merchants_are_added_moved_and_taken_off(
    coordination: TestClient, home: House, town: Town, committee: TestClient
) -> None:
    bakery, mill = add(home, "Le Fournil"), add(home, "Le Moulin")
    address = held(coordination)
    assert "Ici viendront les commerces" in words(coordination.get(address))
    found = words(coordination.get(f"{address}?text=fournil"))
    assert "Le Fournil" in found
    assert "Aucun autre commerce ne correspond" in words(coordination.get(f"{address}?text=introuvable"))
    assert committee.get(f"/merchants/{bakery}").status_code == 404
    sent_twice(home, coordination, f"{address}/items", {"merchant": [bakery, mill]})
    assert committee.get(f"/merchants/{bakery}").status_code == 200  # it is on the agenda now
    assert names_on(coordination, address) == ["Le Fournil", "Le Moulin"]
    sent_twice(home, coordination, f"{address}/moves", {"merchant": mill, "to": "up"})
    assert names_on(coordination, address) == ["Le Moulin", "Le Fournil"]
    post(coordination, f"{address}/moves", {"merchant": mill, "to": "up"})  # it is the first already
    assert names_on(coordination, address) == ["Le Moulin", "Le Fournil"]
    sent_twice(home, coordination, f"{address}/removals", {"merchant": mill})
    assert names_on(coordination, address) == ["Le Fournil"]
    refused(post(coordination, f"{address}/items", {"merchant": [bakery]}), 409, "déjà à l’ordre du jour")
    post(coordination, f"{address}/items", {"merchant": [mill]})
    assert names_on(coordination, address) == ["Le Fournil", "Le Moulin"]


def test_no_merchant_from_elsewhere_comes_on_the_agenda(
    coordination: TestClient, home: House, town: Town
) -> None:
    address = held(coordination)
    before = everything(home)
    assert post(coordination, f"{address}/items", {"merchant": [town.farm]}).status_code == 404
    refused(post(coordination, f"{address}/items", {}), 422, "Cochez au moins un commerce")
    refused(post(coordination, f"{address}/moves", {"merchant": town.shop}), 409, "ordre du jour")
    assert "Ferme du Tenu" not in coordination.get(f"{address}?text=tenu").text
    assert everything(home) == before


def test_the_agenda_is_printed(coordination: TestClient, amina: Phone, home: House, town: Town) -> None:
    visited(amina, home, town)
    fix_quorum(coordination, "5")
    address = held(coordination)
    text = pdf_text(coordination.get(f"{address}/agenda.pdf"))
    assert "Ordre du jour du mardi 24 novembre 2026" in text
    assert "Épicerie des Bourderies" in text
    assert "il faut 5 personnes" in text


# --- who is there ---


def test_presence_is_noted_by_name_or_by_number(coordination: TestClient, home: House, town: Town) -> None:
    fix_quorum(coordination, "5")
    address = held(coordination)
    assert "Il manque 5 personnes pour le quorum de 5." in words(coordination.get(address))
    form = {"member": [town.dalila], "names": "Fatou\nJean-Luc, Inès", "others": "1"}
    sent_twice(home, coordination, f"{address}/presence", form)
    page = words(coordination.get(address))
    assert "Le quorum de 5 personnes est atteint." in page
    for name in ("Dalila", "Fatou", "Jean-Luc", "Inès"):
        assert name in page


def test_two_hands_noting_presence_lose_nothing(coordination: TestClient, home: House, town: Town) -> None:
    address = held(coordination)
    there(coordination, address, names="Fatou\nInès")
    session_id = address.rsplit("/", 1)[1]
    with home.db.read() as session:
        shown = {each.name: each.id for each in sessions.presences(session, session_id)}
    there(coordination, address, names="Omar")  # a second tab, meanwhile
    there(coordination, address, was_present=list(shown.values()), present=[shown["Fatou"]])
    with home.db.read() as session:
        assert [each.name for each in sessions.presences(session, session_id)] == ["Fatou", "Omar"]


def test_two_people_of_one_name_are_told_apart(coordination: TestClient, home: House, town: Town) -> None:
    address = held(coordination)
    there(coordination, address, member=[town.dalila], names="Dalila")
    page = words(coordination.get(address))
    assert "Dalila (2)" in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"others": "une dizaine"}, "Écrivez un nombre de personnes"),
        ({"names": "x" * 81}, "Un prénom est trop long"),
        ({"names": "\n".join(f"P{n}" for n in range(501))}, "Il y a trop de noms"),
    ],
)
def test_a_presence_that_cannot_be_is_refused_and_loses_nothing(
    coordination: TestClient, home: House, town: Town, form: dict[str, str], sentence: str
) -> None:
    address = held(coordination)
    before = everything(home)
    answer = post(coordination, f"{address}/presence", {"names": "Fatou", **form})
    refused(answer, 422, sentence)
    assert {"names": "Fatou", **form}["names"] in answer.text
    assert everything(home) == before


# --- on the wall ---


def test_a_merchant_on_the_wall_says_why_without_a_name(
    coordination: TestClient, committee: TestClient, amina: Phone, home: House, town: Town
) -> None:
    criteria = home.grids[GRID].criteria
    made = [amina.start(town.visit, GRID)]
    made += [amina.choose(town.visit, each.id, 3) for each in criteria[:4]]
    made += [amina.choose(town.visit, each.id, 0) for each in criteria[5:8]]
    made += [amina.choose(town.visit, each.id, 2) for each in criteria[8:]]
    made.append(
        amina.entry(
            "commitment_noted",
            town.visit,
            criterion=criteria[0].id,
            text="Une rampe mobile",
            due="2027-03-01",
            supersedes=[],
        )
    )
    made.append(amina.close(town.visit, made))
    amina.send(*made)
    address = held(coordination)
    for browser in (coordination, committee):
        answer = browser.get(f"{address}/merchants/{town.shop}")
        page = words(answer)
        assert "Le calcul propose. Le comité décide." in page
        assert criteria[0].levels[3].sentence in page
        assert criteria[5].levels[0].sentence in page
        assert f"Sans réponse : {criteria[4].name}." in page
        assert "Une rampe mobile" in page
        assert "Amina" not in answer.text
        assert "Bruno" not in answer.text
    text = pdf_text(coordination.get(f"{address}/merchants/{town.shop}/dossier.pdf"))
    assert "Une rampe mobile" in text
    assert "Amina" not in text


def test_the_wall_goes_from_one_merchant_to_the_next(
    coordination: TestClient, home: House, town: Town
) -> None:
    ids = [add(home, name) for name in ("Un", "Deux", "Trois")]
    address = held(coordination)
    post(coordination, f"{address}/items", {"merchant": ids})
    first, middle, last = (coordination.get(f"{address}/merchants/{each}").text for each in ids)
    assert 'rel="prev"' not in first
    assert f'rel="next" href="{address}/merchants/{ids[1]}"' in first
    assert f'rel="prev" href="{address}/merchants/{ids[0]}"' in middle
    assert 'rel="next"' not in last
    assert "2 sur 3" in words(coordination.get(f"{address}/merchants/{ids[1]}"))
    assert "Aucune visite n’est arrivée." in words(coordination.get(f"{address}/merchants/{ids[0]}"))
    assert coordination.get(f"{address}/merchants/{town.shop}").status_code == 404  # not on this agenda


# --- its end ---


def test_the_minutes_are_a_draft_until_the_session_is_closed_and_never_change_afterwards(
    coordination: TestClient, committee: TestClient, amina: Phone, home: House, town: Town, clock: Clock
) -> None:
    visited(amina, home, town)
    address = held(coordination)
    there(coordination, address, names="Fatou\nInès", others="3")
    assert "Brouillon" in pdf_text(coordination.get(f"{address}/minutes.pdf"))
    form = voting(home, town, address, reasons="Tout le monde y est bien reçu.")
    assert post(coordination, f"/merchants/{town.shop}/decisions", form).status_code == 303
    sent_twice(home, coordination, f"{address}/closure", {})
    kept = pdf_text(committee.get(f"{address}/minutes.pdf"))
    assert "Brouillon" not in kept
    for told in (
        "5 personnes : Fatou, Inès",
        "Par consentement.",
        "Tout le monde y est bien reçu.",
        "Claire",
    ):
        assert told in kept
    clock.forward(hours=1)
    edit = {"name": "Autre nom", "was_name": "Épicerie des Bourderies"}
    assert post(coordination, f"/merchants/{town.shop}/edits", edit).status_code == 303
    assert pdf_text(committee.get(f"{address}/minutes.pdf")) == kept
    before = everything(home)
    for path, form in (
        ("presence", {"names": "Tard Venue"}),
        ("edits", {"held_on": TODAY, "place": "Ailleurs"}),
        ("items", {"merchant": [town.shop]}),
        ("removals", {"merchant": [town.shop]}),
        ("closure", {}),
    ):
        answer = post(coordination, f"{address}/{path}", form)
        assert answer.status_code in (409, 422), path
    refused(
        post(coordination, f"{address}/presence", {"names": "x"}), 409, "La séance du 24/11/2026 est close"
    )
    assert everything(home) == before


def test_a_session_to_come_is_not_closed(coordination: TestClient, home: House, town: Town) -> None:
    address = held(coordination, held_on="2026-12-08")
    before = everything(home)
    refused(post(coordination, f"{address}/closure", {}), 409, "elle ne se clôt qu’une fois tenue")
    assert everything(home) == before


def test_the_day_of_a_session_stays_once_something_was_decided_in_it(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    visited(amina, home, town)
    address = held(coordination)
    moved = {"held_on": "2026-11-23", "was_held_on": TODAY, "place": "Ici", "was_place": "Maison de quartier"}
    sent_twice(home, coordination, f"{address}/edits", moved)
    back = {"held_on": TODAY, "was_held_on": "2026-11-23", "place": "Ici", "was_place": "Ici"}
    post(coordination, f"{address}/edits", back)
    there(coordination, address, names="Fatou")
    assert (
        post(coordination, f"/merchants/{town.shop}/decisions", voting(home, town, address)).status_code
        == 303
    )
    refused(post(coordination, f"{address}/edits", moved), 422, "son jour ne change plus")
    refused(
        post(coordination, f"{address}/removals", {"merchant": town.shop}), 422, "il reste à l’ordre du jour"
    )


def test_long_and_hostile_names_stay_names(coordination: TestClient, home: House, town: Town) -> None:
    merchant = add(home, HOSTILE + "é" * 150)
    address = held(coordination, place=HOSTILE)
    there(coordination, address, names=HOSTILE)
    post(coordination, f"{address}/items", {"merchant": [merchant]})
    for path in ("", f"/merchants/{merchant}"):
        page = coordination.get(address + path).text
        assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in pdf_text(coordination.get(f"{address}/minutes.pdf"))


def test_a_photo_of_the_visit_is_on_the_wall_and_in_the_minutes(
    coordination: TestClient, amina: Phone, home: House, town: Town
) -> None:
    photo = picture(7, side=200)
    made = [amina.start(town.visit, GRID), amina.attach(town.visit, photo)]
    made.append(amina.close(town.visit, made))
    amina.send(*made)
    amina.put(photo)
    home.background.work()
    address = held(coordination)
    assert "/large" in coordination.get(f"{address}/merchants/{town.shop}").text
    document = pypdfium2.PdfDocument(coordination.get(f"{address}/minutes.pdf").content)
    images = [each for page in document for each in page.get_objects() if each.type == 3]
    assert len(images) == 1
    document.close()
