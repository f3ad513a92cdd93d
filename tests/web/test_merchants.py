"""The list of merchants, their sheets, what the coordination adds and corrects by hand, and who may."""

import re
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from backend.domain.merchants import Kind, RecordKind
from backend.domain.people import Role
from backend.storage import merchants, people
from backend.storage.tables import Decision, Merchant, SalesPoint, Territory
from backend.web.house import House
from tests.town import NANTES, RETZ, Clock, Town
from tests.web.forms import everything, post, refused, sent_twice, words

NAMES = ("Épicerie des Bourderies", "Ferme du Tenu")


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    """Looking for addresses is the background's work: here only what the forms do is told."""
    home.background.stop()


def first_place(home: House, merchant_id: str) -> SalesPoint:
    with home.db.read() as session:
        return merchants.places(session, merchant_id)[0]


def row(home: House, merchant_id: str) -> Merchant:
    with home.db.read() as session:
        return merchants.get(session, merchant_id)


def kinds(home: House, merchant_id: str) -> list[str]:
    with home.db.read() as session:
        return [record.kind for record in merchants.records(session, merchant_id)]


def happened(home: House, merchant_id: str, kind: RecordKind, body: dict[str, Any] | None = None) -> None:
    home.db.write(
        lambda session: merchants.add_record(session, merchant_id, kind, body or {}, home.now(), by=None)
    )


def accredited(home: House, town: Town, valid_until: date = date(2027, 11, 24)) -> None:
    """The shop, accredited, told, and taking the Moneko."""

    def decide(session: Session) -> None:
        decision = Decision(
            id="d1",
            merchant_id=town.shop,
            outcome="accredited",
            decided_on=date(2026, 11, 24),
            valid_until=valid_until,
            reasons="Prix lisibles.",
            recorded_by=town.claire,
            recorded_at=home.now(),
        )
        session.add(decision)
        session.flush()
        body = {"decision": "d1", "outcome": "accredited", "valid_until": valid_until.isoformat()}
        for kind, said in (
            (RecordKind.DECIDED, body),
            (RecordKind.TOLD, {"how": "phone", "on": "2026-11-24", "note": ""}),
            (RecordKind.MONEKO_STATUS, {"status": "active", "note": ""}),
        ):
            merchants.add_record(session, town.shop, kind, said, home.now(), by=town.claire)

    home.db.write(decide)


# --- the list ---


def test_the_list_shows_stage_and_place_of_the_coordinations_own_territory(coordination: TestClient) -> None:
    page = words(coordination.get("/merchants"))
    assert (
        "Épicerie des Bourderies Épicerie · Nantes Visite le 26 novembre 2026 Au tour de : le duo visite prévue"
        in page
    )
    assert "Ferme du Tenu" not in page


def test_an_admin_sees_all_territories_and_may_choose_one(admin: TestClient) -> None:
    assert all(name in words(admin.get("/merchants")) for name in NAMES)
    page = words(admin.get(f"/merchants?territory={RETZ}"))
    assert "Ferme du Tenu" in page
    assert "Épicerie des Bourderies" not in page


@pytest.mark.parametrize("text", ["epicerie", "BOURDERIES", "rue des bour", "44100", "nantes épicerie"])
def test_search_forgives_accents_case_and_order(coordination: TestClient, text: str) -> None:
    assert "Épicerie des Bourderies" in words(coordination.get("/merchants", params={"text": text}))


@pytest.mark.parametrize("text", ["Bourdery", "epicery des bourderies", "Bourderrie"])
def test_a_slip_in_a_name_that_finds_nothing_proposes_the_near_names(
    coordination: TestClient, town: Town, text: str
) -> None:
    page = coordination.get("/merchants", params={"text": text})
    assert "Aucun commerce ne correspond." in words(page)
    assert "Cherchiez-vous : Épicerie des Bourderies" in words(page)
    assert f'<a href="/merchants/{town.shop}">' in page.text


@pytest.mark.parametrize("text", ["Tenou", "poissonnerie", "bou"])
def test_nothing_is_proposed_that_is_far_or_next_door(coordination: TestClient, text: str) -> None:
    assert "Cherchiez-vous" not in words(coordination.get("/merchants", params={"text": text}))


def test_a_per_cent_sign_is_searched_as_it_is(home: House, town: Town, coordination: TestClient) -> None:
    def add(session: Any) -> None:
        merchants.add(session, NANTES, "100 % local", Kind.GROCERY, home.now(), by=town.claire, source="hand")

    home.db.write(add)
    for text in ("%", "100 %"):
        page = words(coordination.get("/merchants", params={"text": text}))
        assert "100 % local" in page
        assert "Épicerie des Bourderies" not in page
    assert "Aucun commerce ne correspond." in words(coordination.get("/merchants", params={"text": "_"}))


def test_what_the_public_sees_stands_beside_a_stage_that_does_not_say_it(
    home: House, town: Town, coordination: TestClient
) -> None:
    accredited(home, town)
    assert "pour le public" not in words(coordination.get("/merchants"))
    happened(home, town.shop, RecordKind.VISIT_PLANNED, {"visit": "renewal"})
    assert "visite prévue pour le public : accepte la Moneko" in words(coordination.get("/merchants"))


def test_merchants_are_filtered_by_what_the_public_sees(
    home: House, town: Town, coordination: TestClient
) -> None:
    accredited(home, town)
    for standing, there in (("active", True), ("soon", False), ("suspended", False)):
        page = words(coordination.get("/merchants", params={"standing": standing}))
        assert ("Épicerie des Bourderies" in page) is there


@pytest.mark.parametrize(
    "asked", [{"text": "boucherie"}, {"stage": "active"}, {"kind": "bakery"}, {"territory": RETZ}]
)
def test_a_filter_that_leaves_nothing_says_so(coordination: TestClient, asked: dict[str, str]) -> None:
    page = words(coordination.get("/merchants", params=asked))
    assert "Aucun commerce ne correspond." in page
    assert "Épicerie des Bourderies" not in page


def test_filters_that_make_no_sense_are_passed_over(coordination: TestClient) -> None:
    asked = {"stage": "x", "kind": "x", "page": "-1", "text": "\0"}
    assert "Épicerie des Bourderies" in words(coordination.get("/merchants", params=asked))


def test_stages_are_counted_as_of_today(
    home: House, town: Town, coordination: TestClient, clock: Clock
) -> None:
    accredited(home, town, date(2026, 11, 30))
    assert "accepte la Moneko 1" in words(coordination.get("/merchants"))
    clock.forward(days=10)
    page = words(coordination.get("/merchants?stage=to_renew"))
    assert "à renouveler 1" in page
    assert "Épicerie des Bourderies" in page
    assert "Épicerie des Bourderies" not in words(coordination.get("/merchants?stage=active"))


def test_a_later_decision_ends_the_need_to_renew(
    home: House, town: Town, coordination: TestClient, clock: Clock
) -> None:
    accredited(home, town, date(2026, 11, 30))
    clock.forward(days=10)
    home.db.write(
        lambda session: session.add(
            Decision(
                id="d2",
                merchant_id=town.shop,
                outcome="accredited",
                decided_on=date(2026, 12, 3),
                valid_until=date(2027, 12, 3),
                reasons="",
                recorded_by=town.claire,
                recorded_at=home.now(),
            )
        )
    )
    assert "Épicerie des Bourderies" in words(coordination.get("/merchants?stage=active"))


def test_a_long_list_has_a_next_page(home: House, coordination: TestClient) -> None:
    def add(session: Session) -> None:
        for n in range(120):
            merchants.add(session, NANTES, f"Étal {n:03}", Kind.OTHER, home.now(), by=None, source="hand")

    home.db.write(add)
    first = coordination.get("/merchants")
    assert "/merchants?page=2" in first.text
    assert "Étal 119" not in words(first)
    assert "Étal 119" in words(coordination.get("/merchants?page=2"))


def test_an_empty_list_offers_the_first_step(newcomer: TestClient) -> None:
    page = words(newcomer.get("/merchants"))
    assert "Ici viendront les commerces" in page
    assert "Importer un fichier" in page


@pytest.fixture
def newcomer(home: House, signed_in: Any) -> TestClient:
    """The browser of the coordination of a territory where there is nothing yet."""

    def hire(session: Session) -> str:
        session.add(Territory(id="vide", name="Vide", lat=47.2, lon=-1.6))
        session.flush()
        person = people.add_person(session, "Sacha", home.now())
        people.grant_role(session, person.id, Role.COORDINATION, home.now(), territory_id="vide", by=None)
        return person.id

    browser: TestClient = signed_in(home.db.write(hire))
    return browser


def test_moneko_sees_only_what_was_approved(home: House, town: Town, moneko: TestClient) -> None:
    assert not any(name in words(moneko.get("/merchants")) for name in NAMES)
    assert moneko.get(f"/merchants/{town.shop}").status_code == 404
    accredited(home, town)
    assert "Épicerie des Bourderies" in words(moneko.get("/merchants"))
    page = words(moneko.get(f"/merchants/{town.shop}"))
    assert "2 rue des Bourderies" in page
    assert "accepte la Moneko" in page


def test_moneko_keeps_seeing_a_shop_that_is_visited_again(
    home: House, town: Town, moneko: TestClient
) -> None:
    accredited(home, town)
    happened(home, town.shop, RecordKind.VISIT_PLANNED, {"visit": town.visit})
    assert "Épicerie des Bourderies" in words(moneko.get("/merchants"))
    assert moneko.get(f"/merchants/{town.shop}").status_code == 200


def test_moneko_reads_neither_visits_nor_notes_nor_who_visited(
    home: House, town: Town, moneko: TestClient
) -> None:
    happened(home, town.shop, RecordKind.NOTE, {"note": "La patronne hésite."})
    accredited(home, town)
    page = moneko.get(f"/merchants/{town.shop}")
    for hidden in (
        "La patronne hésite",
        f"/visits/{town.visit}",
        "Amina",
        "Corriger",
        "Noter quelque chose",
    ):
        assert hidden not in page.text


# --- the sheet ---


def test_the_sheet_tells_who_where_and_what_happened(
    home: House, town: Town, coordination: TestClient
) -> None:
    happened(home, town.shop, RecordKind.NOTE, {"note": "Rappeler mardi."})
    page = words(coordination.get(f"/merchants/{town.shop}"))
    for said in (
        "Épicerie des Bourderies",
        "visite prévue depuis le 24 novembre 2026",
        "Le public ne le voit pas.",
        "2 rue des Bourderies 44100 Nantes",
        "jeudi 26 novembre 2026",
        "24 novembre 2026, 13:00 · Claire Repéré par la coordination",
        "Note Rappeler mardi.",
    ):
        assert said in page


def test_text_of_a_merchant_is_never_read_as_html(home: House, town: Town, coordination: TestClient) -> None:
    nasty = '"><script>alert(1)</script>'

    def rename(session: Session) -> None:
        shop = merchants.get(session, town.shop)
        merchants.edit(session, shop, {"name": nasty, "products": nasty}, home.now(), by=town.claire)

    home.db.write(rename)
    for path in ("/merchants", f"/merchants/{town.shop}", f"/merchants/{town.shop}/edit"):
        page = coordination.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_the_committee_reads_without_inhabitants_names_and_changes_nothing(
    home: House, town: Town, committee: TestClient
) -> None:
    happened(home, town.shop, RecordKind.CONTACTED, {"note": "La gérante hésite."})
    happened(home, town.shop, RecordKind.NOTE, {"note": "Rappeler mardi."})
    cancelled = {"visit": town.visit, "note": "La gérante est malade."}
    happened(home, town.shop, RecordKind.VISIT_CANCELLED, cancelled)
    happened(home, town.shop, RecordKind.ASSESSED, {"visit": town.visit})
    spotted = (RecordKind.SPOTTED, {"source": "field"})
    home.db.write(
        lambda session: merchants.add_record(session, town.shop, *spotted, home.now(), by=town.amina)
    )
    page = committee.get(f"/merchants/{town.shop}")
    assert "Repéré par la coordination" in words(page)
    assert "· Claire Repéré par la coordination" in words(page)
    assert "· une habitante ou un habitant Repéré sur le terrain" in words(page)
    assert "Amina" not in words(page)
    assert "Corriger" not in words(page)
    for note in ("hésite", "Rappeler", "malade"):
        assert note not in words(page)
    for path in ("/merchants/new", f"/merchants/{town.shop}/edit", f"/merchants/{town.shop}/places/new"):
        assert committee.get(path).status_code == 403


def test_another_territorys_sheet_does_not_exist(town: Town, coordination: TestClient) -> None:
    for path in ("", "/edit", "/places/new"):
        assert coordination.get(f"/merchants/{town.farm}{path}").status_code == 404
    for path in ("/edits", "/records", "/places"):
        assert post(coordination, f"/merchants/{town.farm}{path}", {"name": "x"}).status_code == 404
    assert coordination.get("/merchants/nothing").status_code == 404


# --- records by hand ---


def test_a_record_by_hand_moves_the_stage_once(home: House, town: Town, coordination: TestClient) -> None:
    form = {"kind": "closed_down", "note": "Rideau baissé depuis l’été."}
    sent_twice(home, coordination, f"/merchants/{town.shop}/records", form)
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "fermé depuis le 24 novembre 2026" in page
    assert "Fermé définitivement Rideau baissé depuis l’été." in page


def test_contacted_again_a_merchant_that_had_said_no_is_worked_on_again(
    home: House, town: Town, coordination: TestClient
) -> None:
    for kind, stage in (("not_interested", "not_interested"), ("contacted", "contacted")):
        post(coordination, f"/merchants/{town.shop}/records", {"kind": kind, "note": ""})
        assert row(home, town.shop).stage == stage


def test_a_suspension_is_written_and_lifted(home: House, town: Town, coordination: TestClient) -> None:
    accredited(home, town)
    path = f"/merchants/{town.shop}/records"
    post(coordination, path, {"kind": "suspended", "note": "Travaux"})
    assert (row(home, town.shop).stage, row(home, town.shop).standing) == ("suspended", "suspended")
    post(coordination, path, {"kind": "resumed", "note": "Travaux finis"})
    assert (row(home, town.shop).stage, row(home, town.shop).standing) == ("active", "active")
    post(coordination, path, {"kind": "withdrawn", "note": "Il change de main."})
    assert (row(home, town.shop).stage, row(home, town.shop).standing) == ("withdrawn", "ended")


@pytest.mark.parametrize("kind", ["suspended", "resumed", "withdrawn", "decided", "told", "", "x"])
def test_a_record_that_does_not_fit_is_refused_and_the_note_kept(
    home: House, town: Town, coordination: TestClient, kind: str
) -> None:
    before = everything(home)
    answer = post(
        coordination, f"/merchants/{town.shop}/records", {"kind": kind, "note": "Longue explication"}
    )
    refused(answer, 409, "Le commerce en est à « visite prévue ».")
    assert answer.text.count("Longue explication") == 1
    assert everything(home) == before


def test_an_empty_note_is_refused(town: Town, coordination: TestClient) -> None:
    refused(
        post(coordination, f"/merchants/{town.shop}/records", {"kind": "note", "note": " "}),
        422,
        "Écrivez la note.",
    )


# --- adding ---

NEW = {
    "territory": NANTES,
    "name": "Le Fournil de Zola",
    "kind": "bakery",
    "products": "Pain au levain",
    "phone": "0240123456",
    "email": "pain@exemple.fr",
    "website": "exemple.fr",
    "siret": "732 829 320 00074",
    "address": "2 rue Émile Zola",
    "postcode": "44100",
    "city": "Nantes",
    "opening_hours": "mardi-samedi 7h30-13h",
    "label": "",
    "pair": "",
    "lat": "",
    "lon": "",
}


def added(home: House) -> tuple[Merchant, SalesPoint]:
    with home.db.read() as session:
        merchant = session.exec(select(Merchant).where(Merchant.name == NEW["name"])).one()
        return merchant, merchants.places(session, merchant.id)[0]


def test_a_merchant_is_added_by_hand_with_its_first_sales_point(
    home: House, coordination: TestClient
) -> None:
    answer = sent_twice(home, coordination, "/merchants", NEW)
    merchant, place = added(home)
    assert answer.headers["location"] == f"/merchants/{merchant.id}"
    assert (merchant.phone, merchant.website, merchant.siret) == (
        "02 40 12 34 56",
        "https://exemple.fr",
        "73282932000074",
    )
    assert place.opening_hours == "Tu-Sa 07:30-13:00"
    page = words(coordination.get(f"/merchants/{merchant.id}"))
    assert "mardi à samedi : 7:30–13:00" in page
    assert "Claire Repéré par la coordination" in page


def test_a_name_suffices(home: House, coordination: TestClient) -> None:
    bare = dict.fromkeys(NEW, "") | {"territory": NANTES, "name": NEW["name"], "kind": "other"}
    assert post(coordination, "/merchants", bare).status_code == 303
    assert added(home)[1].placing == "by_hand"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Il manque le nom du commerce."),
        ({"name": "x" * 201}, "Ce texte dépasse 200 signes."),
        ({"kind": "soucoupe"}, "Le genre « soucoupe » n’est pas dans la liste."),
        ({"siret": "123"}, "Ce SIRET n’est pas bon"),
        ({"phone": "02 40"}, "Ce numéro de téléphone n’existe pas."),
        ({"email": "pain@"}, "Cette adresse e-mail n’est pas complète."),
        ({"website": "javascript:alert(1)"}, "Cette adresse de site n’est pas bonne."),
        ({"kind": ""}, "Choisissez le genre du commerce."),
        ({"postcode": "4410"}, "Ce code postal n’est pas bon : il a cinq chiffres."),
        ({"postcode": "Nantes"}, "Ce code postal n’est pas bon"),
        ({"opening_hours": "le matin"}, "Ces horaires n’ont pas été compris."),
        ({"pair": "quelque part"}, "Cette position n’est pas bonne"),
        ({"lat": "47,2"}, "Cette position n’est pas bonne"),
        ({"pair": "-1,5983 47,2105"}, "Cette position est très loin du territoire."),
    ],
)
def test_a_wrong_detail_is_refused_beside_its_field_and_nothing_typed_is_lost(
    home: House, town: Town, coordination: TestClient, wrong: dict[str, str], sentence: str
) -> None:
    before = everything(home)
    answer = post(coordination, "/merchants", NEW | wrong)
    refused(answer, 422, sentence)
    assert 'aria-invalid="true"' in answer.text
    for typed in (NEW | wrong).values():
        assert typed in answer.text
    assert everything(home) == before


def test_all_that_is_wrong_is_said_at_once_beside_each_field_and_on_top(
    home: House, town: Town, coordination: TestClient
) -> None:
    before = everything(home)
    wrong = {"kind": "", "postcode": "4410", "email": "pain@", "lat": "47,2", "name": ""}
    answer = post(coordination, "/merchants", NEW | wrong)
    refused(answer, 422, "5 champs sont à corriger :")
    assert answer.text.count('aria-invalid="true"') == len(wrong)
    sentences = {
        "name": "Il manque le nom du commerce.",
        "kind": "Choisissez le genre du commerce.",
        "email": "Cette adresse e-mail n’est pas complète.",
        "postcode": "Ce code postal n’est pas bon",
        "lat": "Cette position n’est pas bonne",
    }
    for name, sentence in sentences.items():
        assert re.search(rf'<a href="#{name}">{sentence[:20]}', answer.text)
        assert f'id="{name}-wrong"' in answer.text
        assert words(answer).count(sentence) == 2
    assert everything(home) == before


def test_all_that_is_wrong_in_a_correction_is_said_at_once(town: Town, coordination: TestClient) -> None:
    form = {"phone": "02 40", "was_phone": "", "email": "pain@", "was_email": ""}
    answer = post(coordination, f"/merchants/{town.shop}/edits", form)
    refused(answer, 422, "2 champs sont à corriger :")
    assert "Ce numéro de téléphone n’existe pas." in words(answer)
    assert "Cette adresse e-mail n’est pas complète." in words(answer)


def test_no_genre_is_chosen_beforehand(coordination: TestClient) -> None:
    page = coordination.get("/merchants/new").text
    select = page.split('name="kind"')[1].split("</select>")[0]
    assert "selected" not in select
    assert '<option value="">' in select


def test_the_same_name_at_the_same_postcode_is_refused(
    home: House, town: Town, coordination: TestClient
) -> None:
    double = NEW | {"name": "EPICERIE des bourderies", "siret": ""}
    refused(post(coordination, "/merchants", double), 422, "Il y a déjà « Épicerie des Bourderies »")


def test_two_merchants_never_share_a_siret(home: House, town: Town, coordination: TestClient) -> None:
    post(coordination, "/merchants", NEW)
    refused(
        post(coordination, "/merchants", NEW | {"name": "Autre"}),
        422,
        "Ce SIRET est déjà celui de « Le Fournil de Zola ».",
    )
    form = {"siret": NEW["siret"], "was_siret": ""}
    refused(post(coordination, f"/merchants/{town.shop}/edits", form), 422, "Ce SIRET est déjà celui")


def test_one_adds_only_to_ones_own_territory(home: House, coordination: TestClient) -> None:
    before = everything(home)
    assert post(coordination, "/merchants", NEW | {"territory": RETZ}).status_code == 404
    assert everything(home) == before


# --- correcting ---


def test_a_correction_is_recorded_and_protected(home: House, town: Town, coordination: TestClient) -> None:
    form = {"phone": "0240999999", "was_phone": "", "kind": "bakery", "was_kind": "grocery", "email": ""}
    sent_twice(home, coordination, f"/merchants/{town.shop}/edits", form)
    assert row(home, town.shop).hand_edited == ["kind", "phone"]
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Fiche modifiée genre : Épicerie → Boulangerie téléphone : 02 40 99 99 99" in page


def test_what_someone_else_changed_meanwhile_is_not_undone(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = f"/merchants/{town.shop}/edits"
    post(coordination, path, {"phone": "0240999999", "was_phone": ""})
    post(coordination, path, {"phone": "", "was_phone": "", "email": "a@exemple.fr", "was_email": ""})
    shop = row(home, town.shop)
    assert (shop.phone, shop.email) == ("02 40 99 99 99", "a@exemple.fr")


def test_saving_without_a_change_records_nothing(home: House, town: Town, coordination: TestClient) -> None:
    page = coordination.get(f"/merchants/{town.shop}/edit")
    assert 'value="Épicerie des Bourderies"' in page.text
    name = "Épicerie des Bourderies"
    post(coordination, f"/merchants/{town.shop}/edits", {"name": name, "was_name": name})
    assert "edited" not in kinds(home, town.shop)


def test_a_wrong_correction_shows_the_form_again_as_typed(town: Town, coordination: TestClient) -> None:
    form = {"phone": "02 40", "was_phone": "", "email": "a@exemple.fr", "was_email": ""}
    answer = post(coordination, f"/merchants/{town.shop}/edits", form)
    refused(answer, 422, "Ce numéro de téléphone n’existe pas.")
    assert "a@exemple.fr" in answer.text


# --- sales points ---


def test_a_second_sales_point_is_added(home: House, town: Town, coordination: TestClient) -> None:
    form = {
        "label": "Marché de Talensac",
        "address": "",
        "postcode": "44000",
        "city": "Nantes",
        "opening_hours": "samedi 8h-13h",
        "pair": "47,2216 -1,5577",
    }
    sent_twice(home, coordination, f"/merchants/{town.shop}/places", form)
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Marché de Talensac 44000 Nantes samedi : 8:00–13:00" in page
    assert "Point de vente ajouté" in page
    assert "Placé à la main (47,22160 -1,55770)" in page


def test_a_new_address_loses_the_old_position(home: House, town: Town, coordination: TestClient) -> None:
    place = first_place(home, town.shop)
    form = {"address": "4 rue Neuve", "was_address": "2 rue des Bourderies"}
    post(coordination, f"/merchants/{town.shop}/places/{place.id}/edits", form)
    moved = first_place(home, town.shop)
    assert (moved.address, moved.lat) == ("4 rue Neuve", None)
    assert row(home, town.shop).hand_edited == ["place.address"]


@pytest.mark.parametrize(
    "form",
    [
        {"pair": "47,2105 -1,5983"},
        {"pair": "47.2105, -1.5983"},
        {"pair": "", "lat": "47,2105", "lon": "-1,5983"},
        {"pair": "47.2105;-1.5983", "lat": "47.3", "lon": "-1.4"},
    ],
)
def test_a_sales_point_is_placed_by_hand_and_stays_there(
    home: House, town: Town, coordination: TestClient, form: dict[str, str]
) -> None:
    place = first_place(home, town.shop)
    path = f"/merchants/{town.shop}/places/{place.id}"
    sent_twice(home, coordination, f"{path}/position", form)
    placed = first_place(home, town.shop)
    assert (placed.lat, placed.lon, placed.placing) == (47.2105, -1.5983, "hand")
    assert "position sur la carte : 47.20930 -1.59870 → 47.21050 -1.59830" in words(
        coordination.get(f"/merchants/{town.shop}")
    )
    post(coordination, f"{path}/searches", {})
    post(coordination, f"{path}/edits", {"address": "4 rue Neuve", "was_address": "x"})
    assert first_place(home, town.shop).placing == "hand"


@pytest.mark.parametrize(
    "form", [{"pair": ""}, {"pair": "ici"}, {"lat": "47,2", "lon": ""}, {"pair": "1.0 2.0"}]
)
def test_a_position_that_is_none_is_refused(
    home: House, town: Town, coordination: TestClient, form: dict[str, str]
) -> None:
    before = everything(home)
    place = first_place(home, town.shop)
    answer = post(coordination, f"/merchants/{town.shop}/places/{place.id}/position", form)
    refused(answer, 422, "Cette position")
    assert everything(home) == before


def test_a_position_that_somebody_changed_meanwhile_is_told_and_kept_by_whoever_insists(
    home: House, town: Town, coordination: TestClient
) -> None:
    path = f"/merchants/{town.shop}/places/{first_place(home, town.shop).id}/position"
    shown = re.search(r'name="was_position" value="([^"]+)"', coordination.get(path).text)
    assert shown is not None
    assert shown[1] == "47.20930 -1.59870"
    post(coordination, path, {"pair": "47.2095 -1.5980", "was_position": shown[1]})
    stale = {"pair": "47.2105 -1.5983", "was_position": shown[1]}
    refused(post(coordination, path, stale), 409, "Entre-temps, on y a écrit « 47.20950 -1.59800 ».")
    assert first_place(home, town.shop).lat == 47.2095
    assert post(coordination, path, stale | {"pair": "47.2095 -1.5980"}).status_code == 303  # no other wish
    assert post(coordination, path, stale | {"was_position": "47.20950 -1.59800"}).status_code == 303
    assert first_place(home, town.shop).lat == 47.2105


def test_a_sales_point_is_reached_only_through_its_own_merchant(
    home: House, town: Town, coordination: TestClient
) -> None:
    place = first_place(home, town.farm)
    for path in ("edit", "position"):
        assert coordination.get(f"/merchants/{town.shop}/places/{place.id}/{path}").status_code == 404
    answer = post(coordination, f"/merchants/{town.shop}/places/{place.id}/position", {"pair": "47.2 -1.6"})
    assert answer.status_code == 404


def test_a_merchant_to_place_by_hand_is_said_and_found(
    home: House, town: Town, coordination: TestClient
) -> None:
    def lose(session: Session) -> None:
        merchants.put_place(session, merchants.places(session, town.shop)[0], None, None, "by_hand")

    assert "à placer à la main sur la carte" not in words(coordination.get("/merchants"))
    home.db.write(lose)
    assert "1 commerce est à placer à la main sur la carte, ou à vérifier." in words(
        coordination.get("/merchants")
    )
    assert "Épicerie des Bourderies" in words(coordination.get("/merchants?unplaced=1"))
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "À placer à la main : l’adresse n’a pas été trouvée." in page
