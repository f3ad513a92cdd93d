"""Shops that the public proposes: spotted when nobody knows them; nobody learns from it what the fund looks at."""

from typing import Any

import pytest
from sqlmodel import SQLModel, select
from starlette.testclient import TestClient

from backend.domain.merchants import Kind, RecordKind
from backend.storage import merchants
from backend.storage.tables import Merchant, Suggestion
from backend.web import suggestions as handlers
from backend.web.house import House
from backend.web.security import Tries
from tests.publishing import ACCREDITED, active, merchant
from tests.town import NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

NEW = {"name": "Le Bocal à Rêves", "city": "Nantes", "postcode": "44100", "territory": NANTES}


def kept(home: House, table: type[SQLModel]) -> list[Any]:
    with home.db.read() as session:
        return list(session.exec(select(table)))


@pytest.fixture(autouse=True)
def there(town: Town) -> None:
    assert town


def test_a_new_shop_is_spotted_by_the_public_in_its_words(
    client: TestClient, home: House, coordination: TestClient
) -> None:
    before = len(kept(home, Merchant))
    form = {**NEW, "words": "<i>Tout</i> est en vrac.", "kind": "grocery", "address": "4 rue du Bocal"}
    answer = sent_twice(home, client, "/suggestions", form)
    assert "Merci" in words(client.get(answer.headers["location"]))
    assert len(kept(home, Merchant)) == before + 1
    (told,) = kept(home, Suggestion)
    with home.db.read() as session:
        shop = merchants.get(session, told.merchant_id)
        (record,) = merchants.records(session, shop.id)
        (place,) = merchants.places(session, shop.id)
    assert (shop.name, shop.kind, shop.stage, shop.standing) == (NEW["name"], Kind.GROCERY, "spotted", "none")
    assert (record.kind, record.body, record.author_id) == (RecordKind.SPOTTED, {"source": "public"}, None)
    assert (place.address, place.city) == ("4 rue du Bocal", "Nantes")
    page = words(coordination.get(f"/merchants/{shop.id}"))
    assert "Proposé par une personne du public" in page
    assert "<i>Tout</i> est en vrac." in page
    assert NEW["name"] not in client.get("/").text
    assert client.get(f"/lieux/{place.slug}").status_code == 404


def test_one_that_is_on_the_map_is_shown_with_its_sheet(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    before = everything(home)
    answer = post(client, "/suggestions", {**NEW, "name": "Panier d’ici"})
    refused(answer, 409, "Regardez sa fiche")
    assert 'href="/lieux/le-panier-d-ici-nantes"' in answer.text
    assert 'value="Panier d’ici"' in answer.text
    assert everything(home) == before
    assert post(client, "/suggestions", {**NEW, "name": "Panier d’ici", "another": "yes"}).status_code == 303
    assert len(kept(home, Suggestion)) == 1


@pytest.mark.parametrize("records", [(), (ACCREDITED,), ((RecordKind.NOT_INTERESTED, {"note": ""}),)])
def test_one_that_is_known_and_not_public_gets_one_more_voice_and_nobody_learns_it(
    client: TestClient, home: House, clock: Clock, records: Any
) -> None:
    secret = home.db.write(lambda session: merchant(session, "Chez Lou", clock(), *records))
    answers = [post(client, "/suggestions", {**NEW, "name": name}) for name in ("Chez Lou", "Chez Personne")]
    told = {(answer.status_code, answer.headers["location"], answer.text) for answer in answers}
    assert len(told) == 1
    assert [each.merchant_id == secret for each in kept(home, Suggestion)] == [True, False]


def test_the_coordination_learns_from_its_board_who_was_proposed_again(
    client: TestClient, home: House, coordination: TestClient, clock: Clock
) -> None:
    declined = (RecordKind.NOT_INTERESTED, {"note": ""})
    home.db.write(lambda session: merchant(session, "Chez Lou", clock(), declined))
    for name, words_of_it in (("Chez Lou", ""), ("Chez Lou", "Encore"), ("Chez Personne", "")):
        post(client, "/suggestions", {**NEW, "name": name, "words": words_of_it})
    said = words(coordination.get("/board")).split("Proposé de nouveau par le public (1)")[1]
    assert "Chez Lou pas intéressé proposé 2 fois, la dernière 24 novembre 2026" in " ".join(said.split())
    clock.forward(days=31)
    assert "Proposé de nouveau" not in words(coordination.get("/board"))


def test_what_is_sent_after_going_back_is_another_suggestion(client: TestClient, home: House) -> None:
    assert client.get("/suggest").headers["cache-control"] == "no-store"
    for name in ("Le Bocal à Rêves", "Chez Personne", "Chez Personne"):
        assert post(client, "/suggestions", {**NEW, "name": name}, "a" * 32).status_code == 303
    assert sorted(each.name for each in kept(home, Suggestion)) == ["Chez Personne", "Le Bocal à Rêves"]


@pytest.mark.parametrize(
    ("known", "proposed", "same"),
    [
        ({"city": "Rouans", "postcode": "44640"}, {"city": "Vue", "postcode": ""}, False),
        ({"city": "Rouans", "postcode": "44640"}, {"city": "rouans", "postcode": ""}, True),
        ({"city": "Nantes", "postcode": "44100"}, {"city": "Nantes", "postcode": "44000"}, True),
        ({"city": "Saint-Étienne-de-Montluc", "postcode": ""}, {"city": "saint étienne de montluc"}, True),
        ({"city": "Saint-Herblain", "postcode": "44800"}, {"city": "St Herblain", "postcode": ""}, True),
    ],
)
def test_a_shop_is_the_one_of_its_town_however_the_town_is_written(
    client: TestClient, home: House, clock: Clock, known: Any, proposed: Any, same: bool
) -> None:
    name = "Boulangerie du Bourg"
    shop = home.db.write(lambda session: merchant(session, name, clock(), **known))
    assert post(client, "/suggestions", {**NEW, "name": name, **proposed}).status_code == 303
    (told,) = kept(home, Suggestion)
    assert (told.merchant_id == shop) is same


def test_one_on_the_map_of_the_other_territory_is_shown_too(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    refused(post(client, "/suggestions", {**NEW, "name": "Panier d’ici", "territory": RETZ}), 409, "sa fiche")


def test_the_same_shop_proposed_twice_is_spotted_once(client: TestClient, home: House) -> None:
    before = len(kept(home, Merchant))
    for name in ("Le Bocal à Rêves", "Bocal a rêves"):
        post(client, "/suggestions", {**NEW, "name": name, "postcode": ""})
    assert len(kept(home, Merchant)) == before + 1
    assert {each.name for each in kept(home, Suggestion)} == {"Le Bocal à Rêves", "Bocal a rêves"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Il manque le nom du commerce"),
        ({"city": "", "postcode": ""}, "Écrivez la ville ou le code postal."),
        ({"postcode": "4410"}, "Ce code postal n’est pas bon"),
        ({"email": "lou@"}, "Cette adresse e-mail n’est pas complète"),
        ({"email": "lou@example.org"}, "Cochez la case"),
        ({"territory": "", "postcode": "44999"}, "Choisissez le territoire"),
        ({"territory": "nowhere"}, "Choisissez le territoire"),
        ({"words": "x" * 1001}, "Un texte dépasse 1000 signes"),
    ],
)
def test_what_does_not_go_is_said_and_nothing_is_lost(
    client: TestClient, home: House, changes: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    answer = post(client, "/suggestions", {**NEW, **changes})
    refused(answer, 422, sentence)
    assert 'value="Nantes"' in answer.text or "city" in changes
    assert everything(home) == before


def test_the_territory_follows_from_the_postcode_of_a_public_shop(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: merchant(session, "En secret", clock(), postcode="44640"))
    hidden = post(client, "/suggestions", {**NEW, "territory": "", "postcode": "44640"})
    refused(hidden, 422, "Choisissez le territoire")  # what nobody may know of decides nothing
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    assert post(client, "/suggestions", {**NEW, "territory": ""}).status_code == 303


def test_an_address_is_kept_with_consent_and_read_by_the_coordination(
    client: TestClient, home: House, coordination: TestClient, committee: TestClient
) -> None:
    post(client, "/suggestions", {**NEW, "email": "lou@example.org", "consent": "yes"})
    (told,) = kept(home, Suggestion)
    assert told.email == "lou@example.org"
    assert "lou@example.org" in coordination.get(f"/merchants/{told.merchant_id}").text
    assert "lou@example.org" not in committee.get(f"/merchants/{told.merchant_id}").text


def test_robots_and_floods_are_kept_out(
    client: TestClient, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, "/suggestions", {**NEW, "surname": "Bond"})
    assert kept(home, Suggestion) == []
    monkeypatch.setattr(handlers, "sent_by_all", Tries(42, minutes=60))
    for rank in range(40):
        assert (
            post(client, "/suggestions", {**NEW, "name": chr(ord("A") + rank % 26) * (9 + rank)}).status_code
            == 303
        )
    answer = post(client, "/suggestions", NEW)
    refused(answer, 429, "Attendez 30 minutes")
    assert 'href="tel:+33240000001"' in answer.text
    monkeypatch.setattr(handlers, "caller", lambda _request: "2001:db8::")
    for name in ("Deux de plus", "Et puis c’est tout"):
        assert post(client, "/suggestions", {**NEW, "name": name}).status_code == 303
    refused(post(client, "/suggestions", NEW), 429, "Attendez 60 minutes")
