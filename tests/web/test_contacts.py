"""Who one speaks to in a shop, what it sells in a few words, and whether one gets in with a wheelchair."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.merchants import RecordKind
from backend.storage import contacts, merchants
from backend.storage.retention import forget_what_is_over
from backend.storage.tables import MerchantContact
from backend.web.house import House
from tests.town import Town
from tests.web.forms import everything, post, refused, sent_twice, words

YVONNE = {
    "name": "Yvonne <b>Le Goff</b>",
    "function": "gérante",
    "phone": "0240123456",
    "email": "Y@Exemple.FR",
}


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    home.background.stop()


def known(home: House, merchant_id: str) -> list[MerchantContact]:
    with home.db.read() as session:
        return contacts.of_merchant(session, merchant_id)


def test_several_people_are_noted_and_shown_to_those_who_call_them(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = f"/merchants/{town.shop}/contacts"
    assert "Personne n’est encore noté." in words(coordination.get(f"/merchants/{town.shop}"))
    sent_twice(home, coordination, path, YVONNE)
    post(coordination, path, {"name": "Z" * 200, "function": "", "phone": "", "email": ""})
    yvonne = known(home, town.shop)[0]
    assert (yvonne.phone, yvonne.email) == ("02 40 12 34 56", "Y@exemple.fr")
    page = coordination.get(f"/merchants/{town.shop}")
    assert "Yvonne &lt;b&gt;Le Goff&lt;/b&gt;" in page.text
    assert "Personne à contacter ajoutée (gérante)" in words(page)


def test_a_contact_is_corrected_and_forgotten_with_no_name_left_behind(
    home: House, town: Town, coordination: TestClient
) -> None:
    post(coordination, f"/merchants/{town.shop}/contacts", YVONNE)
    path = f"/merchants/{town.shop}/contacts/{known(home, town.shop)[0].id}"
    assert 'value="gérante"' in coordination.get(f"{path}/edit").text
    sent_twice(home, coordination, f"{path}/edits", {"phone": "", "was_phone": "02 40 12 34 56"})
    assert known(home, town.shop)[0].phone == ""
    stale = {"phone": "0240999999", "was_phone": "02 40 12 34 56"}
    refused(post(coordination, f"{path}/edits", stale), 409, "Entre-temps, on a effacé ce champ.")
    sent_twice(home, coordination, f"{path}/removal", {})
    assert known(home, town.shop) == []
    assert "Le Goff" not in str(everything(home))
    assert coordination.get(f"{path}/edit").status_code == 404


def test_whether_moneko_may_call_is_ticked_dated_and_taken_back(
    home: House, town: Town, coordination: TestClient
) -> None:
    post(coordination, f"/merchants/{town.shop}/contacts", YVONNE)
    assert known(home, town.shop)[0].shared_at is None
    path = f"/merchants/{town.shop}/contacts/{known(home, town.shop)[0].id}"
    sent_twice(home, coordination, f"{path}/edits", {"shared": "1", "was_shared": ""})
    assert known(home, town.shop)[0].shared_at is not None
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "d’accord pour que Moneko l’appelle, depuis le" in page
    assert "Personne à contacter d’accord pour que Moneko l’appelle (gérante)" in page
    assert re.search(r'name="shared" value="1" checked', coordination.get(f"{path}/edit").text)
    # a form opened before it was ticked, and that changes something else, takes nothing back
    post(coordination, f"{path}/edits", {"function": "patronne", "was_function": "gérante", "was_shared": ""})
    assert known(home, town.shop)[0].shared_at is not None
    post(coordination, f"{path}/edits", {"was_shared": "1"})
    assert known(home, town.shop)[0].shared_at is None
    assert "plus d’accord pour que Moneko l’appelle" in words(coordination.get(f"/merchants/{town.shop}"))


def test_wrong_details_come_back_as_typed(home: House, town: Town, coordination: TestClient) -> None:
    before = everything(home)
    wrong = {"name": "", "function": "gérante", "phone": "02", "email": "y"}
    answer = post(coordination, f"/merchants/{town.shop}/contacts", wrong)
    refused(answer, 422, "3 champs sont à corriger")
    assert 'value="gérante"' in answer.text
    assert everything(home) == before


@pytest.mark.parametrize(("who", "status"), [("committee", 403), ("moneko", 403), ("neighbour", 404)])
def test_only_the_coordination_of_the_territory_writes_contacts(
    home: House,
    town: Town,
    coordination: TestClient,
    request: pytest.FixtureRequest,
    who: str,
    status: int,
) -> None:
    post(coordination, f"/merchants/{town.shop}/contacts", YVONNE)
    path = f"/merchants/{town.shop}/contacts/{known(home, town.shop)[0].id}"
    browser: TestClient = request.getfixturevalue(who)
    before = everything(home)
    assert browser.get(f"{path}/edit").status_code == status
    assert post(browser, f"{path}/edits", {}).status_code == status
    assert post(browser, f"{path}/removal", {}).status_code == status
    assert post(browser, f"/merchants/{town.shop}/contacts", YVONNE).status_code == status
    assert everything(home) == before


def test_contacts_of_a_merchant_that_left_are_forgotten_after_two_years(
    home: House, town: Town, coordination: TestClient
) -> None:
    post(coordination, f"/merchants/{town.shop}/contacts", YVONNE)

    def leave(session: Session) -> None:
        merchants.add_record(
            session, town.shop, RecordKind.CLOSED_DOWN, {"note": ""}, home.now(), by=town.claire
        )

    home.db.write(leave)
    for days, kept in ((729, 1), (732, 0)):
        later = home.now() + timedelta(days=days)
        home.db.write(lambda session, later=later: forget_what_is_over(session, later))
        assert len(known(home, town.shop)) == kept


def test_families_of_products_are_ticked_and_shown_in_words(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = f"/merchants/{town.shop}/edits"
    post(coordination, path, {"families": ["fish", "bread"], "was_families": ""})
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Pain et pâtisserie, Poisson" in page
    assert "familles de produits : Pain et pâtisserie, Poisson" in page
    form = coordination.get(f"/merchants/{town.shop}/edit").text
    assert set(re.findall(r'value="(\w+)" checked', form)) == {"bread", "fish"}
    refused(
        post(coordination, path, {"families": ["gold"], "was_families": "bread,fish"}),
        422,
        "Choisissez les produits dans la liste.",
    )
    post(coordination, path, {"was_families": "bread,fish"})
    with home.db.read() as session:
        assert merchants.get(session, town.shop).families == ""


def test_access_with_a_wheelchair_is_noted_for_each_sales_point(
    home: House, town: Town, coordination: TestClient
) -> None:
    with home.db.read() as session:
        place = merchants.places(session, town.shop)[0]
    assert "En fauteuil roulant : pas encore su" in words(coordination.get(f"/merchants/{town.shop}"))
    form = {"access": "limited", "was_access": "", "access_note": "Une marche", "was_access_note": ""}
    sent_twice(home, coordination, f"/merchants/{town.shop}/places/{place.id}/edits", form)
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "En fauteuil roulant : en partie, ou avec de l’aide, Une marche" in page
    wrong = {"access": "maybe", "was_access": "limited"}
    answer = post(coordination, f"/merchants/{town.shop}/places/{place.id}/edits", wrong)
    refused(answer, 422, "Choisissez l’accès dans la liste.")
