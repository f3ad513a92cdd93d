"""What comes from Moneko: the list of its partners, matched with our shops, and statuses; and who waits for whom."""

import secrets
import threading

import pytest
from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.errors import Refusal
from backend.domain.merchants import Kind
from backend.domain.moneko_files import ALIKE, FileKind, Ours, Partner, candidates, read, status
from backend.domain.onboarding import MonekoStatus
from backend.storage import merchants, moneko_files, people
from backend.storage.tables import KnownPartner
from backend.web.house import House
from tests.town import NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words
from tests.web.test_onboarding import accredit, places, standing, tell, told

__all__ = ["told"]

PARTNERS = "id,name,siret,street,zip,city\n"
SIRET = "73282932000074"


def send(browser: TestClient, kind: str, data: str | bytes, filename: str = "export.csv") -> Response:
    body = data.encode() if isinstance(data, str) else data
    return browser.post(
        "/moneko-files",
        data={"form_key": secrets.token_hex(16), "kind": kind},
        files={"file": (filename, body, "text/csv")},
    )


def imported(browser: TestClient, kind: str, data: str) -> str:
    """Send a file, read it over and apply it; what the page says at the end."""
    kept = send(browser, kind, data)
    assert kept.status_code == 303, words(kept)
    address = kept.headers["location"]
    assert post(browser, f"{address}/application", {}).status_code == 303
    return words(browser.get(address))


def shop_named(home: House, town: Town, name: str, siret: str | None = None, city: str = "Nantes") -> str:
    """One more shop in Moneko's hands; its id."""

    def add(session: Session) -> str:
        made = merchants.add(
            session, NANTES, name, Kind.BAKERY, home.now(), by=town.claire, source="hand", siret=siret
        )
        merchants.add_place(session, made, city=city, postcode="44100")
        return made.id

    made = home.db.write(add)
    accredit(home, made, town.claire)
    tell(home, made, town.claire)
    return made


# --- the list of partners ---


def test_a_shop_with_the_same_siret_is_linked_and_no_longer_a_lead(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    bakery = shop_named(home, town, "Le Levain", SIRET)
    page = words(moneko.get("/handovers"))
    assert "nouveaux.csv · 2 commerces" in page
    done = imported(moneko, "partners", PARTNERS + f"base.p7,LEVAIN SARL,{SIRET},1 rue Zola,44100,Nantes\n")
    assert "1 partenaire dans la liste. 1 commerce relié par son SIRET." in done
    page = moneko.get("/handovers").text
    leads, partners = page.split('id="model-partners"')
    assert "Le Levain" not in leads
    assert "Le Levain" in partners
    assert "deja-envoyes-1.csv" in partners  # Moneko's own sheet: an empty cell would erase there
    assert "base.p7" in words(moneko.get(f"/onboarding/{bakery}"))
    assert "prenait déjà la Moneko" in words(moneko.get("/partners"))


def test_a_likeness_is_shown_side_by_side_and_linked_by_hand(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    imported(
        moneko,
        "partners",
        PARTNERS + "p1,Epicerie Bourderies,,2 rue des Bourderies,44100,Nantes\np2,La Ruche,,,44000,Nantes\n",
    )
    page = words(moneko.get("/partners"))
    assert "Epicerie Bourderies 2 rue des Bourderies · Nantes" in page
    assert "La Ruche" not in page
    sent_twice(home, moneko, "/partners", {"merchant": town.shop, "partner": "p1"})
    assert "Rien à relier." in words(moneko.get("/partners"))
    assert "p1" in words(moneko.get(f"/onboarding/{town.shop}"))
    # said again in another tab: it is so already
    assert post(moneko, "/partners", {"merchant": town.shop, "partner": "p1"}).status_code == 303


def test_a_likeness_that_is_none_is_not_proposed_again(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    imported(moneko, "partners", PARTNERS + "p1,Épicerie des Bourderies,,,44100,Nantes\n")
    post(moneko, "/partners", {"merchant": town.shop, "partner": "none", "shown": ["p1"]})
    assert "Rien à relier." in words(moneko.get("/partners"))
    imported(moneko, "partners", PARTNERS + "p1,Épicerie des Bourderies,,,44100,Nantes\n")
    assert "Rien à relier." in words(moneko.get("/partners"))


def test_the_same_list_again_changes_no_link(moneko: TestClient, home: House, town: Town) -> None:
    shop_named(home, town, "Le Levain", SIRET)
    text = PARTNERS + f"p7,Levain,{SIRET},,,\n"
    imported(moneko, "partners", text)
    again = imported(moneko, "partners", text)
    assert "1 partenaire dans la liste." in again
    assert "relié par" not in again


def test_a_list_applied_twice_is_applied_once(moneko: TestClient, home: House, town: Town) -> None:
    address = send(moneko, "partners", PARTNERS + "p1,Levain,,,,\n").headers["location"]
    sent_twice(home, moneko, f"{address}/application", {})
    before = everything(home)
    post(moneko, f"{address}/application", {})
    assert everything(home) == before


def test_one_partner_is_one_shop_even_when_two_say_so_at_once(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    other = shop_named(home, town, "Épicerie des Bourderies bis")
    imported(moneko, "partners", PARTNERS + "p1,Épicerie des Bourderies,,,44100,Nantes\n")
    outcomes: list[str] = []

    def link(merchant_id: str) -> None:
        try:
            home.db.write(
                lambda session: moneko_files.link(session, merchant_id, "p1", home.now(), by=town.malo)
            )
            outcomes.append("linked")
        except Refusal as refusal:
            outcomes.append(refusal.problem.code)

    threads = [threading.Thread(target=link, args=(each,)) for each in (town.shop, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["linked", "partner_taken"]


def test_moneko_sees_no_shop_that_was_not_approved(moneko: TestClient, home: House, town: Town) -> None:
    imported(moneko, "partners", PARTNERS + "p1,Épicerie des Bourderies,,,44100,Nantes\n")
    assert "Bourderies" not in moneko.get("/partners").text
    assert post(moneko, "/partners", {"merchant": "x", "partner": "p1"}).status_code == 404


def test_the_files_are_monekos_alone(
    coordination: TestClient, committee: TestClient, moneko: TestClient, client: TestClient
) -> None:
    address = send(moneko, "partners", PARTNERS + "p1,Levain,,,,\n").headers["location"]
    for path in ("/moneko-files", address, "/partners"):
        assert coordination.get(path).status_code == 403
        assert committee.get(path).status_code == 403
        assert client.get(path).status_code == 303
    assert send(coordination, "partners", PARTNERS).status_code == 403
    assert post(coordination, f"{address}/application", {}).status_code == 403


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Choisissez un fichier."),
        (b"PK\x03\x04zip", "CSV"),
        (b"name,siret\nLevain,\n", "n’a pas de colonne « id »"),
        (b"id,name\n", "n’a aucune ligne"),
        (b'id,name\np1,"Levain\n', "un guillemet n’est pas fermé"),
        (b"\x00\x01\x02", "lire"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(
    moneko: TestClient, home: House, town: Town, data: bytes, sentence: str
) -> None:
    before = everything(home)
    answer = send(moneko, "partners", data, filename="x.csv" if data else "")
    assert answer.status_code in (400, 415, 422)
    assert sentence in words(answer)
    assert everything(home) == before


# --- statuses ---


def test_statuses_are_shown_before_they_are_written(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    text = (
        f"id;status\ncca44_merchant_{town.shop};active\nnowhere;active\ncca44_partner_{town.shop}x;blocked\n"
    )
    before = everything(home)
    kept = send(moneko, "statuses", text)
    page = words(moneko.get(kept.headers["location"]))
    assert "Change 1 Épicerie des Bourderies pas encore chez Moneko → devient accepte la Moneko" in page
    assert "Identifiant inconnu 2" in page
    assert {**everything(home), "moneko_file": []} == {**before, "moneko_file": []}
    assert standing(home, town.shop) == "soon"
    sent_twice(home, moneko, f"{kept.headers['location']}/application", {})
    assert standing(home, town.shop) == "active"
    with home.db.read() as session:
        assert [place.takes_moneko for place in merchants.places(session, town.shop)] == [True]


def test_a_blocked_shop_leaves_the_map_and_the_coordination_reads_why(
    moneko: TestClient, coordination: TestClient, home: House, town: Town, told: str
) -> None:
    imported(moneko, "statuses", f"id,status\ncca44_merchant_{town.shop},active\n")
    imported(moneko, "statuses", f"id,status\ncca44_merchant_{town.shop},blocked\n")
    assert standing(home, town.shop) == "suspended"
    assert "D’après le fichier « export.csv »." in words(coordination.get(f"/merchants/{town.shop}"))


def test_a_status_that_is_so_already_or_that_we_do_not_know_changes_nothing(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    imported(moneko, "statuses", f"id,status\ncca44_merchant_{town.shop},to_confirm\n")
    for text in ("to_confirm", "À confirmer", "perhaps", ""):
        kept = send(moneko, "statuses", f"id,status\ncca44_merchant_{town.shop},{text}\n")
        page = words(moneko.get(kept.headers["location"]))
        assert "Ce fichier ne change rien." in page, text


def test_with_several_sales_points_somebody_says_where_one_pays(
    moneko: TestClient, home: House, town: Town, told: str
) -> None:
    def add(session: Session) -> None:
        merchants.add_place(session, merchants.get(session, town.shop), label="Le marché")

    home.db.write(add)
    text = f"id,status\ncca44_merchant_{town.shop},active\n"
    kept = send(moneko, "statuses", text)
    assert "où peut-on payer ?" in words(moneko.get(kept.headers["location"]))
    imported(moneko, "statuses", text)
    assert standing(home, town.shop) == "soon"
    form = {"status": "active", "place": places(home, town.shop)[:1], "sure": "yes"}
    assert post(moneko, f"/onboarding/{town.shop}/status", form).status_code == 303
    assert standing(home, town.shop) == "active"


def test_monekos_own_id_counts_once_linked(moneko: TestClient, home: House, town: Town, told: str) -> None:
    imported(moneko, "partners", PARTNERS + "p1,Épicerie des Bourderies,,,44100,Nantes\n")
    post(moneko, "/partners", {"merchant": town.shop, "partner": "p1"})
    imported(moneko, "statuses", "id,status\np1,active\n")
    assert standing(home, town.shop) == "active"


def test_someone_of_moneko_for_one_territory_changes_nothing_in_the_other(
    moneko: TestClient, home: House, town: Town, told: str, signed_in: object
) -> None:
    def hire(session: Session) -> str:
        from backend.domain.people import Role

        made = people.add_person(session, "Yann", home.now(), email="yann@example.org")
        people.grant_role(session, made.id, Role.MONEKO, home.now(), territory_id=RETZ, by=None)
        return made.id

    yann = signed_in(home.db.write(hire))  # type: ignore[operator]
    kept = send(yann, "statuses", f"id,status\ncca44_merchant_{town.shop},active\n")
    page = words(yann.get(kept.headers["location"]))
    assert "Identifiant inconnu 1" in page
    assert "Bourderies" not in page
    post(yann, f"{kept.headers['location']}/application", {})
    assert standing(home, town.shop) == "soon"
    assert "Bourderies" not in yann.get("/gap").text


# --- refused or given up, and who waits ---


def test_an_onboarding_given_up_comes_back_to_the_coordination_with_its_reason(
    moneko: TestClient, coordination: TestClient, home: House, town: Town, told: str
) -> None:
    form = {"who": "merchant", "note": "Trop de papiers pour eux."}
    sent_twice(home, moneko, f"/onboarding/{town.shop}/end", form)
    assert standing(home, town.shop) == "suspended"
    assert "L’accompagnement Moneko s’est arrêté." in words(coordination.get("/board"))
    page = words(coordination.get("/gap"))
    assert "la coordination Rappeler le commerce" in page
    assert "Trop de papiers pour eux." in page
    file = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Accompagnement arrêté" in file
    taken_up = post(
        coordination, f"/merchants/{town.shop}/records", {"kind": "taken_up", "note": "Ils reviennent."}
    )
    assert taken_up.status_code == 303
    assert standing(home, town.shop) == "soon"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"who": "merchant", "note": ""}, "Écrivez pourquoi"),
        ({"who": "", "note": "Rien"}, "Dites si c’est le commerce ou Moneko qui arrête."),
    ],
)
def test_giving_up_says_who_and_why(
    moneko: TestClient, home: House, town: Town, told: str, form: dict[str, str], sentence: str
) -> None:
    refused(post(moneko, f"/onboarding/{town.shop}/end", form), 422, sentence)
    assert standing(home, town.shop) == "soon"


def test_the_gap_report_says_for_how_long_and_for_whom(
    moneko: TestClient, coordination: TestClient, neighbour: TestClient, home: House, town: Town, clock: Clock
) -> None:
    assert "Personne n’attend" in words(coordination.get("/gap"))
    accredit(home, town.shop, town.claire)
    clock.forward(days=9)
    page = words(coordination.get("/gap"))
    assert "9 jours la coordination Informer le commerce de la décision" in page
    tell(home, town.shop, town.claire)
    assert "9 jours Moneko Rendez-vous" in words(moneko.get("/gap"))
    for step in ("appointment", "account"):
        post(moneko, f"/onboarding/{town.shop}/steps", {"step": step, "done": "yes"})
    assert "9 jours le commerce Pièces administratives" in words(moneko.get("/gap"))
    assert "Bourderies" not in neighbour.get("/gap").text
    form = {"status": "active", "place": places(home, town.shop), "sure": "yes"}
    post(moneko, f"/onboarding/{town.shop}/status", form)
    assert "Personne n’attend" in words(coordination.get("/gap"))


# --- the rules alone ---


def test_titles_and_statuses_are_read_as_people_write_them() -> None:
    lines = read(FileKind.STATUSES, "Statut\tIdentifiant externe\nActif\tp1\nBLOCKED\tp2\n\t\n")
    assert lines == [{"status": "Actif", "id": "p1"}, {"status": "BLOCKED", "id": "p2"}]
    written = ("Actif", "BLOCKED", "à confirmer", "To Confirm", "inactif", "accepte la Moneko", "gone")
    assert [status(text) for text in written] == [
        MonekoStatus.ACTIVE,
        MonekoStatus.BLOCKED,
        MonekoStatus.TO_CONFIRM,
        MonekoStatus.TO_CONFIRM,
        MonekoStatus.INACTIVE,
        MonekoStatus.ACTIVE,
        None,
    ]


@pytest.mark.parametrize(
    ("partner", "likely"),
    [
        (Partner("p", "Epicerie Bourderie", city="NANTES"), True),
        (Partner("p", "Épicerie des Bourderies", city="Rezé", postcode="44400"), False),
        (Partner("p", "Épicerie des Bourderies"), True),
        (Partner("p", "Boucherie Dupont", city="Nantes"), False),
        (Partner("p", "Épicerie des Bourderies", siret="35600000000048", city="Nantes"), False),
    ],
)
def test_what_may_be_the_same_shop(partner: Partner, likely: bool) -> None:
    ours = Ours("m", "Épicerie des Bourderies", SIRET, (("44100", "Nantes"),))
    found = candidates(ours, [partner])
    assert bool(found) is likely
    assert all(not each.sure and each.share >= ALIKE for each in found)


def test_a_siret_is_sure_whatever_the_name() -> None:
    ours = Ours("m", "Épicerie", SIRET, (("44100", "Nantes"),))
    both = [Partner("a", "Épicerie", city="Nantes"), Partner("b", "AUTRE NOM", SIRET, city="Paris")]
    assert [(each.partner.external_id, each.sure) for each in candidates(ours, both)] == [("b", True)]


def test_ten_thousand_partners_are_kept(moneko: TestClient, home: House) -> None:
    rows = "".join(f"p{n},Commerce {n},,,44100,Nantes\n" for n in range(10_000))
    assert "10" in imported(moneko, "partners", PARTNERS + rows)
    with home.db.read() as session:
        assert moneko_files.count_partners(session) == 10_000
        assert session.get(KnownPartner, "p9999") is not None
