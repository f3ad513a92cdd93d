"""The sheet of a sales point: what it says, what it never says, where its address leads, and bytes that are kept."""

import io
import json
import re
from typing import Any

import pytest
from PIL import Image
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Kind, RecordKind
from backend.storage import decisions, duplicates, merchants, public_words
from backend.storage.decisions import Commitment, Deciding, Telling
from backend.storage.tables import SalesPoint, Territory
from backend.web.house import House
from tests.publishing import ACTIVE, active, soon
from tests.town import NANTES, Clock, Town
from tests.web.forms import post, sent_twice, words
from tests.web.test_places import NOT_SHOWN, Tags, merchant

SHEET = "/lieux/le-panier-d-ici-nantes"
SAID = "Des petits prix, et un accueil pour tout le monde."


def change(home: House, table: Any, row_id: str, **fields: Any) -> None:
    def work(session: Session) -> None:
        for name, value in fields.items():
            setattr(session.get_one(table, row_id), name, value)

    home.db.write(work)


@pytest.fixture
def shop(home: House, town: Town, clock: Clock) -> str:
    """An active shop of which all is known."""
    merchant_id = home.db.write(
        lambda session: active(
            session,
            "Le Panier d’Ici",
            clock(),
            phone="02 61 91 00 02",
            opening_hours="Tu-Sa 09:00-12:30,15:00-19:00; Su closed",
            access="limited",
            access_note="Une marche de 10 cm.",
            payable="some",
            payable_note="Les légumes et le pain.",
            paying="phone,card",
            paying_note="À la caisse du fond.",
        )
    )
    with home.db.read() as session:
        merchants.get(session, merchant_id)

    def more(session: Session) -> None:
        row = merchants.get(session, merchant_id)
        row.families, row.products, row.website = (
            "vegetables,bread",
            "Paniers du jeudi",
            "https://panier.example",
        )

    home.db.write(more)
    return merchant_id


def place_of(home: House, merchant_id: str) -> SalesPoint:
    with home.db.read() as session:
        return merchants.places(session, merchant_id)[0]


def decide(
    home: House,
    town: Town,
    merchant_id: str,
    outcome: DecisionOutcome = DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
    told: bool = True,
) -> str:
    """A decision with a secret reason and two commitments; returns its id."""

    def work(session: Session) -> str:
        now, today = home.now(), home.now().date()
        commitments = [Commitment("", text, None) for text in ("Afficher les prix.", "Baisser la marge.")]
        deciding = Deciding(outcome, today, "Une raison secrète.", commitments=commitments)
        made = decisions.record(session, merchant_id, deciding, home.rules, home.drafts, now, by=town.claire)
        if told:
            telling = Telling(made.id, "phone", today, "")
            decisions.tell(session, merchant_id, telling, home.now(), by=town.claire)
        return made.id

    return home.db.write(work)


# --- what it says ---


def test_a_sheet_says_all_that_one_needs_to_go_and_pay_there(client: TestClient, shop: str) -> None:
    page = words(client.get(SHEET))
    for said in (
        "Le Panier d’Ici",
        "accepte la Moneko",
        "Fermé, ouvre à 15:00",
        "Certains produits seulement se paient en Moneko. Les légumes et le pain.",
        "Avec l’application, sur un téléphone",
        "Avec une carte",
        "À la caisse du fond.",
        "Sans smartphone, c’est possible ici.",
        "Fruits et légumes",
        "Paniers du jeudi",
        "mardi à samedi : 9:00",
        "3 rue du Panier 44100 Nantes",
        "en partie, ou avec de l’aide. Une marche de 10 cm.",
        "Un comité d’habitantes et d’habitants (Nantes Ouest) l’a choisi.",
    ):
        assert said in page, said


def test_it_says_when_it_closes_and_says_it_anew_with_the_time(
    client: TestClient, shop: str, clock: Clock
) -> None:
    clock.forward(hours=2)  # 15:00 in Paris
    first = client.get(SHEET)
    assert "Ouvert, ferme à 19:00" in words(first)
    assert client.get(SHEET, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    clock.forward(hours=3, minutes=20)
    again = client.get(SHEET, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert re.search(r"Ouvert, ferme dans (39|40) min", words(again))
    clock.forward(hours=2)
    assert "Fermé, ouvre demain à 9:00" in words(client.get(SHEET))


def test_what_is_not_known_is_said_so(client: TestClient, home: House, town: Town, clock: Clock) -> None:
    home.db.write(lambda session: soon(session, "Le Panier d’Ici", clock(), lat=None, lon=None, address=""))
    page = words(client.get(SHEET))
    for said in (
        "Horaires inconnus",
        "Bientôt : on ne peut pas encore y payer en Moneko.",
        "Ce que l’on peut payer en Moneko n’est pas encore noté",
        "Avec ou sans smartphone : la façon de payer n’est pas encore notée.",
        "En fauteuil roulant ou avec une poussette : pas encore su.",
    ):
        assert said in page, said
    assert "À pied" not in page
    assert "Y aller" not in page


def test_a_holiday_of_which_nobody_knows_is_named(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    clock.forward(days=28)  # the 22nd of December
    assert "Vendredi 25 décembre 2026, jour férié : les horaires ne sont pas connus." in words(
        client.get(SHEET)
    )
    place = place_of(home, shop)
    change(home, SalesPoint, place.id, opening_hours=f"{place.opening_hours}; PH off")
    assert "jour férié" not in words(client.get(SHEET))


def test_the_night_after_a_holiday_is_no_holiday(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    change(home, SalesPoint, place_of(home, shop).id, opening_hours="Mo-Su 19:00-02:00")
    clock.forward(days=32)  # the 26th of December
    assert re.findall(r"(\w+ \w+ \w+ \d{4}), jour férié", words(client.get(SHEET))) == [
        "Vendredi 1er janvier 2027"
    ]


def test_a_stall_says_its_days(client: TestClient, home: House, town: Town, clock: Clock) -> None:
    hours = {"opening_hours": "Th,Su 08:00-13:00", "kind": Kind.MARKET_STALL}
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock(), **hours))
    assert "Jours de présence : jeudi, dimanche" in words(client.get(SHEET))


def test_it_leads_there_on_foot_by_bus_by_car_and_in_an_application(client: TestClient, shop: str) -> None:
    links = [str(link["href"]) for link in Tags(client.get(SHEET).text).of("a")]
    assert "geo:47.2,-1.6?q=47.2,-1.6" in links
    assert len([link for link in links if "47.2,-1.6" in link]) == 4
    assert "tel:0261910002" in links


def test_the_other_places_of_the_merchant_are_linked_and_have_their_own_state(
    client: TestClient, home: House, shop: str
) -> None:
    home.db.write(
        lambda session: merchants.add_place(
            session, merchants.get(session, shop), label="Marché de Zola", city="Nantes"
        )
    )
    assert "Marché de Zola, Nantes bientôt" in words(client.get(SHEET))
    other = client.get("/lieux/le-panier-d-ici-marche-de-zola-nantes")
    assert "bientôt" in words(other)
    assert {"href": SHEET} in Tags(other.text).of("a")


# --- for machines ---


def test_search_engines_are_told_in_the_words_of_schema_org(client: TestClient, shop: str) -> None:
    page = client.get(SHEET).text
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(text)
    assert told["@type"] == "GroceryStore"
    assert told["@id"] == f"http://testserver{SHEET}"
    assert told["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "3 rue du Panier",
        "postalCode": "44100",
        "addressLocality": "Nantes",
        "addressCountry": "FR",
    }
    assert {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "https://schema.org/Tuesday",
        "opens": "15:00",
        "closes": "19:00",
    } in told["openingHoursSpecification"]
    assert {"rel": "canonical", "href": f"http://testserver{SHEET}"} in Tags(page).of("link")


def test_messengers_get_a_picture_and_it_is_drawn_once(
    client: TestClient, home: House, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Tags(client.get(SHEET).text)
    address = next(str(tag["content"]) for tag in page.of("meta") if tag.get("property") == "og:image")
    first = client.get(address.removeprefix("http://testserver"))
    assert first.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(first.content)).size == (1200, 630)
    monkeypatch.setattr("backend.previews.picture", lambda *_a, **_k: pytest.fail("drawn again"))
    assert client.get(f"{SHEET}/whatever.png").content == first.content


@pytest.mark.parametrize("name", ["W" * 200, "mot " * 50, "日本", "É"])
def test_a_picture_is_drawn_of_whatever_name(
    client: TestClient, home: House, town: Town, clock: Clock, name: str
) -> None:
    shop = home.db.write(lambda session: active(session, name, clock()))
    assert client.get(f"/lieux/{place_of(home, shop).slug}/x.png").status_code == 200


# --- who has a sheet, and where an address leads ---


@pytest.mark.parametrize("records", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_who_is_not_public_has_no_sheet(
    client: TestClient, home: House, town: Town, clock: Clock, records: Any
) -> None:
    shop = home.db.write(lambda session: merchant(session, "Canari", clock(), *records, address="Canari"))
    was_public = ACTIVE in records and len(records) > 2
    for address in ("/lieux/canari-nantes", f"/lieux/{shop}", "/lieux/canari-nantes/x.png"):
        answer = client.get(address)
        assert answer.status_code == (410 if was_public else 404), address
        assert "anari" not in answer.text


def test_who_leaves_while_the_sheet_is_kept_is_gone_at_once(
    client: TestClient, home: House, shop: str, clock: Clock
) -> None:
    assert client.get(SHEET).status_code == 200
    suspended = (RecordKind.SUSPENDED, {"note": "Un secret."})
    home.db.write(lambda session: merchants.add_record(session, shop, *suspended, clock(), by=None))
    gone = client.get(SHEET)
    assert gone.status_code == 410
    assert "secret" not in gone.text
    home.db.write(
        lambda session: merchants.add_record(
            session, shop, RecordKind.RESUMED, {"note": ""}, clock(), by=None
        )
    )
    assert client.get(SHEET).status_code == 200


def test_the_merchants_id_leads_to_its_sheet_and_so_does_the_one_it_had_before_a_merger(
    client: TestClient, home: House, town: Town, shop: str, clock: Clock
) -> None:
    double = home.db.write(
        lambda session: active(session, "Panier d’Ici", clock(), lat=47.21, access="yes", label="La boutique")
    )
    old = place_of(home, double).slug
    home.db.write(lambda session: duplicates.merge(session, shop, double, clock(), by=town.claire))
    for address in (f"/lieux/{old}", f"/lieux/{double}", f"/lieux/{shop}"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["location"]) == (301, SHEET), address
    page = words(client.get(SHEET))
    assert "La boutique" in page  # what the kept one did not say
    assert "en partie, ou avec de l’aide" in page  # what it did
    with home.db.read() as session:
        assert len(merchants.places(session, shop)) == 1
    again = home.db.write(lambda session: active(session, "Panier d’Ici", clock(), label="La boutique"))
    assert place_of(home, again).slug != old  # nobody ever takes that address


def test_two_places_of_merged_merchants_stay_two_when_they_are_elsewhere(
    client: TestClient, home: House, town: Town, shop: str, clock: Clock
) -> None:
    double = home.db.write(
        lambda session: active(session, "Panier d’Ici", clock(), address="9 rue d’Ailleurs")
    )
    old = place_of(home, double).slug
    home.db.write(lambda session: duplicates.merge(session, shop, double, clock(), by=town.claire))
    assert client.get(f"/lieux/{old}").status_code == 200


# --- the committee's words ---


def test_nothing_of_a_decision_is_public_unless_it_was_marked_so(
    client: TestClient, home: House, town: Town, shop: str
) -> None:
    decide(home, town, shop)
    page = client.get(SHEET).text
    for secret in ("secrète", "Afficher les prix", "Baisser la marge"):
        assert secret not in page


def test_the_committees_words_and_the_commitments_it_chose_are_read_by_everyone(
    client: TestClient, home: House, town: Town, shop: str, coordination: TestClient
) -> None:
    decision = decide(home, town, shop)
    with home.db.read() as session:
        shown, kept = decisions.commitments_of(session, decision)
    form = {"decision": decision, "public_words": SAID, "public": [shown.id]}
    sent_twice(home, coordination, f"/merchants/{shop}/public-words", form)
    page = client.get(SHEET).text
    assert SAID in page
    assert shown.text in page
    assert kept.text not in page
    assert "secrète" not in page
    assert SAID in words(coordination.get(f"/merchants/{shop}/decisions"))
    post(coordination, f"/merchants/{shop}/public-words", {"decision": decision, "public_words": ""})
    assert SAID not in client.get(SHEET).text


def test_what_the_form_of_the_decision_marks_is_public_once_the_merchant_is_told(
    client: TestClient, home: House, town: Town, shop: str, coordination: TestClient
) -> None:
    form = {
        "outcome": "accredited_with_commitments",
        "decided_on": "2026-11-24",
        "reasons": "Une raison secrète.",
        "after": "",
        "commitment_text_1": "Afficher les prix.",
        "commitment_text_2": "Baisser la marge.",
        "public": ["1"],
        "public_words": SAID,
    }
    assert post(coordination, f"/merchants/{shop}/decisions", form).status_code == 303
    assert SAID not in client.get(SHEET).text
    with home.db.read() as session:
        decision = decisions.latest(session, shop)
    assert decision is not None
    told = {"how": "phone", "told_on": "2026-11-24", "decision": decision.id}
    assert post(coordination, f"/merchants/{shop}/told", told).status_code == 303
    page = client.get(SHEET).text
    assert SAID in page
    assert "Afficher les prix." in page
    assert "Baisser la marge." not in page
    assert "secrète" not in page


def test_of_a_refusal_nothing_can_be_said_to_everyone(
    home: House, town: Town, shop: str, coordination: TestClient
) -> None:
    decision = decide(home, town, shop, DecisionOutcome.DECLINED, told=False)
    answer = post(
        coordination, f"/merchants/{shop}/public-words", {"decision": decision, "public_words": SAID}
    )
    assert answer.status_code == 409


def test_words_about_a_decision_that_no_longer_holds_are_read_again_first(
    home: House, town: Town, shop: str, coordination: TestClient
) -> None:
    before = decide(home, town, shop)
    decide(home, town, shop)
    form = {"decision": before, "public_words": SAID}
    assert post(coordination, f"/merchants/{shop}/public-words", form).status_code == 409


def test_a_commitment_of_another_decision_cannot_be_shown(home: House, town: Town, shop: str) -> None:
    decision, other = decide(home, town, shop), decide(home, town, town.shop)
    with home.db.read() as session:
        foreign = decisions.commitments_of(session, other)[0].id
    job = home.db.submit(
        lambda session: public_words.write(session, decision, "", [foreign], home.now(), by=town.claire)
    )
    assert job.exception() is not None


# --- kept bytes ---


def test_a_sheet_is_read_again_only_when_something_published_changed(
    client: TestClient, home: House, shop: str, clock: Clock, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(SHEET)
    with monkeypatch.context() as patch:
        patch.setattr("backend.storage.public_sheets.sheet", lambda *_: pytest.fail("read again"))
        home.db.write(
            lambda session: merchants.add_record(
                session, town.shop, RecordKind.NOTE, {"note": ""}, clock(), by=None
            )
        )
        assert client.get(SHEET).status_code == 200
    etag = client.get(SHEET).headers["etag"]
    change(home, SalesPoint, place_of(home, shop).id, payable_note="Tout sauf le vin.")
    changed = client.get(SHEET, headers={"If-None-Match": etag})
    assert "Tout sauf le vin." in words(changed)
    change(home, Territory, NANTES, phone="02 40 00 00 99")
    assert "02 40 00 00 99" in words(client.get(SHEET))


def test_no_more_sheets_are_kept_than_there_is_room_for(
    client: TestClient, home: House, town: Town, clock: Clock
) -> None:
    kept = type(home.sheets)(2)
    for name in ("a", "b", "a", "c"):
        kept.get(name) or kept.keep(name, name)  # type: ignore[arg-type]
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("a", None, "c")


# --- the coordination's form ---


def test_the_coordination_notes_what_is_paid_and_how(
    home: House, town: Town, shop: str, coordination: TestClient, client: TestClient
) -> None:
    place = place_of(home, shop)
    base = f"/merchants/{shop}/places/{place.id}"
    assert 'value="card" checked' in coordination.get(f"{base}/edit").text
    form = {
        "payable": "all",
        "was_payable": "some",
        "payable_note": "",
        "was_payable_note": "Les légumes et le pain.",
        "paying": ["printed", "notes"],
        "was_paying": "phone,card",
    }
    sent_twice(home, coordination, f"{base}/edits", form)
    page = words(client.get(SHEET))
    assert "On y paie en Moneko tout ce qui est vendu." in page
    assert "Avec des billets" in page
    history = words(coordination.get(f"/merchants/{shop}"))
    assert "façons de payer en Moneko : avec l’application, sur un téléphone" in history
    refused = post(coordination, f"{base}/edits", {"payable": "beaucoup", "was_payable": "all"})
    assert refused.status_code == 422
