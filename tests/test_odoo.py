"""What we send is what Odoo takes: our files, read by its rules and compared with files written by hand."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain import directory, handover
from backend.domain.decisions import DecisionOutcome
from backend.domain.formulas import as_meant
from backend.domain.handover import COLUMNS, Line, Model
from backend.domain.merchants import Kind, RecordKind
from backend.storage import contacts, decisions, merchants
from backend.storage.decisions import Commitment, Deciding, Telling
from backend.storage.retention import forget_what_is_over
from backend.storage.tables import MonekoPartner
from backend.web.house import House
from tests.counting import statements
from tests.odoo_import import Odoo
from tests.town import NANTES, RETZ, Town
from tests.web.forms import post, refused, sent_twice, words

EXPECTED = Path(__file__).parent / "odoo"
BAKERY, STALL = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
HOSTILE = "=cmd|' /C calc'!A0"


def accredited(home: House, town: Town, merchant_id: str) -> None:
    """Accredited on 20 November, and told so."""

    def work(session: Session) -> None:
        deciding = Deciding(
            DecisionOutcome.ACCREDITED,
            date(2026, 11, 20),
            "Le comité le connaît.",
            {},
            valid_until=date(2027, 11, 20),
        )
        made = decisions.record(
            session, merchant_id, deciding, home.rules, home.drafts, home.now(), by=town.claire
        )
        telling = Telling(made.id, "phone", date(2026, 11, 21), "")
        decisions.tell(session, merchant_id, telling, home.now(), by=town.claire)

    home.db.write(work)


@pytest.fixture
def shops(home: House, town: Town) -> None:
    """A bakery that says all of itself, and a stall with a name that a spreadsheet would run."""

    def add(session: Session) -> None:
        bakery = merchants.add(
            session,
            NANTES,
            'Le Fournil "Zola", pains',
            Kind.BAKERY,
            home.now(),
            by=town.claire,
            source="hand",
            merchant_id=BAKERY,
            siret="73282932000074",
            phone="02 40 12 34 56",
            email="pain@exemple.fr",
            website="https://exemple.fr",
            products="pain au levain, brioches",
        )
        place = {"address": "2 rue Zola", "postcode": "44100", "city": "Nantes", "placing": "hand"}
        hours = "Tu-Sa 07:30-13:00"
        merchants.add_place(session, bakery, **place, lat=47.2093, lon=-1.5987, opening_hours=hours)
        stall = merchants.add(
            session,
            NANTES,
            HOSTILE,
            Kind.MARKET_STALL,
            home.now(),
            by=town.claire,
            source="hand",
            merchant_id=STALL,
        )
        for label, hours in (("Marché de Chantenay", "Th 08:00-13:00"), ("Marché de Zola", "Sa 08:00-13:00")):
            merchants.add_place(
                session, stall, label=label, postcode="44100", city="Nantes", opening_hours=hours
            )

    home.db.write(add)
    for merchant_id in (BAKERY, STALL):
        accredited(home, town, merchant_id)


def made(moneko: TestClient, model: str) -> str:
    """The address of files made now."""
    answer = post(moneko, "/handovers", {"model": model})
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


def files(moneko: TestClient, address: str) -> list[bytes]:
    """The CSV files of a download, in order."""
    answer = moneko.get(f"{address}/file")
    assert answer.status_code == 200
    if answer.headers["content-type"].startswith("text/csv"):
        return [answer.content]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def edit(home: House, town: Town, merchant_id: str, **changes: str) -> None:
    home.db.write(
        lambda session: merchants.edit(
            session, merchants.get(session, merchant_id), dict(changes), home.now(), by=town.claire
        )
    )


@pytest.mark.usefixtures("shops")
@pytest.mark.parametrize("model", ["leads", "partners"])
def test_what_was_never_sent_goes_in_one_file_with_all_columns(moneko: TestClient, model: str) -> None:
    (file,) = files(moneko, made(moneko, model))
    assert file.decode() == (EXPECTED / f"{model}_new.csv").read_text()


@pytest.mark.usefixtures("shops")
def test_odoo_takes_the_files_and_a_name_like_a_formula_comes_unchanged(moneko: TestClient) -> None:
    for model, name in (("leads", "crm.lead"), ("partners", "res.partner")):
        odoo = Odoo(name)
        for file in files(moneko, made(moneko, model)):
            odoo.load(file)
        assert len(odoo.records) == 2
        told = {str(record["business_name"]) for record in odoo.records.values()}
        assert told == {'Le Fournil "Zola", pains', "'" + HOSTILE}
        assert {directory.cell(each) for each in told} == {'Le Fournil "Zola", pains', HOSTILE}


@pytest.mark.usefixtures("shops")
def test_a_hole_in_a_column_erases_nothing_the_second_time(
    moneko: TestClient, home: House, town: Town
) -> None:
    odoo = Odoo("crm.lead")
    for file in files(moneko, made(moneko, "leads")):
        odoo.load(file)
    before = {key: dict(record) for key, record in odoo.records.items()}
    edit(home, town, BAKERY, phone="")
    address = made(moneko, "leads")
    again = files(moneko, address)
    assert [file.decode() for file in again] == [
        (EXPECTED / f"leads_again_{n}.csv").read_text() for n in (1, 2)
    ]
    for file in again:
        odoo.load(file)
    assert odoo.records == before
    page = words(moneko.get(address))
    assert "Colonnes laissées comme elles sont chez Moneko" in page
    assert "phone" in page


@pytest.mark.usefixtures("shops")
def test_the_same_files_are_the_same_bytes_whatever_happened_since(
    moneko: TestClient, home: House, town: Town
) -> None:
    address = made(moneko, "leads")
    before = moneko.get(f"{address}/file").content
    edit(home, town, BAKERY, name="Autre nom")
    assert moneko.get(f"{address}/file").content == before
    second = made(moneko, "leads")
    assert moneko.get(f"{second}/file").content == moneko.get(f"{second}/file").content


@pytest.mark.usefixtures("shops")
def test_the_page_says_what_each_file_will_touch_before_it_is_made(moneko: TestClient) -> None:
    page = words(moneko.get("/handovers"))
    assert "nouveaux.csv · 2 commerces · tous nouveaux pour Moneko" in page
    made(moneko, "leads")
    page = words(moneko.get("/handovers"))
    assert "deja-envoyes-1.csv · 1 commerce · déjà envoyés" in page
    assert "Malo" in page


@pytest.mark.usefixtures("shops")
def test_two_shops_with_one_address_send_it_once(moneko: TestClient, home: House, town: Town) -> None:
    edit(home, town, STALL, email="pain@exemple.fr")
    address = made(moneko, "leads")
    (file,) = files(moneko, address)
    assert file.decode().count("pain@exemple.fr") == 1
    assert "Un autre commerce a la même adresse e-mail." in words(moneko.get(address))


@pytest.mark.usefixtures("shops")
def test_a_form_sent_twice_makes_files_once(moneko: TestClient, home: House) -> None:
    sent_twice(home, moneko, "/handovers", {"model": "leads"})


@pytest.mark.usefixtures("shops")
def test_what_changes_afterwards_is_flagged(moneko: TestClient, home: House, town: Town) -> None:
    assert "Changé depuis l’envoi" not in words(moneko.get(f"/onboarding/{BAKERY}"))
    made(moneko, "leads")
    edit(home, town, BAKERY, phone="02 40 99 99 99")
    page = words(moneko.get(f"/onboarding/{BAKERY}"))
    assert "Changé depuis l’envoi à Moneko : phone : 02 40 12 34 56 → 02 40 99 99 99" in page
    made(moneko, "leads")
    assert "Changé depuis l’envoi" not in words(moneko.get(f"/onboarding/{BAKERY}"))


def test_with_nobody_to_send_there_is_nothing_to_make(moneko: TestClient, town: Town) -> None:
    assert "Rien à envoyer." in words(moneko.get("/handovers"))
    answer = post(moneko, "/handovers", {"model": "leads"})
    refused(answer, 409, "Aucun commerce n’est à envoyer à Moneko pour le moment.")


def test_what_is_not_accredited_or_not_told_is_not_sent(moneko: TestClient, home: House, town: Town) -> None:
    home.db.write(
        lambda session: decisions.record(
            session,
            town.shop,
            Deciding(DecisionOutcome.ACCREDITED, date(2026, 11, 20), "Bien.", {}),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        )
    )
    assert "Bourderies" not in words(moneko.get("/handovers"))


@pytest.mark.usefixtures("shops")
def test_files_are_for_moneko_and_the_coordination_of_all_that_is_in_them(
    moneko: TestClient,
    coordination: TestClient,
    neighbour: TestClient,
    committee: TestClient,
    client: TestClient,
) -> None:
    address = made(moneko, "leads")
    assert coordination.get(f"{address}/file").status_code == 200
    assert neighbour.get(address).status_code == 404
    assert neighbour.get(f"{address}/file").status_code == 404
    assert "Fournil" not in neighbour.get("/handovers").text
    assert committee.get(address).status_code == 403
    assert client.get(address).headers["location"].startswith("/sign-in")
    assert post(coordination, "/handovers", {"model": "leads"}).status_code == 403
    assert moneko.get("/handovers/nothing").status_code == 404


def contact(home: House, town: Town, merchant_id: str, *, shared: bool, **given: str) -> None:
    def write(session: Session) -> None:
        told = {"name": "", "function": "", "phone": "", "email": "", **given}
        merchant = merchants.get(session, merchant_id)
        contacts.add(session, merchant, told, home.now(), by=town.claire, shared=shared)

    home.db.write(write)


@pytest.fixture
def called(home: House, town: Town, shops: None) -> None:
    """The bakery's accountant never said yes, its owner and its seller did; the stall's keeper has a hostile name."""
    contact(home, town, BAKERY, shared=False, name="Comptable Cachée", email="cachee@exemple.fr")
    yes = {"name": "Yvonne, Le Goff", "function": "gérante", "email": "yvonne@exemple.fr"}
    contact(home, town, BAKERY, shared=True, phone="02 40 55 55 55", **yes)
    contact(home, town, BAKERY, shared=True, name="Vendeuse")
    contact(home, town, STALL, shared=True, name="=1+1", function="@gérant", email="Pain@exemple.fr")


@pytest.mark.usefixtures("called")
def test_who_agreed_is_in_the_leads_and_nobody_else(moneko: TestClient) -> None:
    address = made(moneko, "leads")
    (file,) = files(moneko, address)
    assert file.decode() == (EXPECTED / "leads_contacts.csv").read_text()
    assert "Un autre commerce a la même adresse e-mail." in words(moneko.get(address))
    odoo = Odoo("crm.lead")
    odoo.load(file)
    names = {str(each["contact_name"]) for each in odoo.records.values()}
    assert {directory.cell(each) for each in names} == {"Yvonne, Le Goff", "=1+1"}
    (partners,) = files(moneko, made(moneko, "partners"))
    assert b"Yvonne" not in partners


@pytest.mark.usefixtures("shops")
def test_an_address_that_is_the_shop_s_too_is_sent_once(moneko: TestClient, home: House, town: Town) -> None:
    contact(home, town, BAKERY, shared=True, name="Yvonne", email="PAIN@exemple.fr")
    (file,) = files(moneko, made(moneko, "leads"))
    assert file.decode().lower().count("pain@exemple.fr") == 1


@pytest.mark.usefixtures("called")
@pytest.mark.parametrize("how", ["removed", "no longer", "left"])
def test_who_is_forgotten_is_forgotten_in_the_files_too(
    moneko: TestClient, home: House, town: Town, signed_in: Any, how: str
) -> None:
    address = made(moneko, "leads")
    assert b"Yvonne" in files(moneko, address)[0]

    def forget(session: Session) -> None:
        now = home.now()
        yvonne = next(each for each in contacts.of_merchant(session, BAKERY) if each.function)
        if how == "removed":
            contacts.remove(session, yvonne, now, by=town.claire)
        elif how == "no longer":
            contacts.edit(session, yvonne, {}, now, by=town.claire, shared=False)
        else:
            closed = {"note": ""}
            merchants.add_record(session, BAKERY, RecordKind.CLOSED_DOWN, closed, now, by=town.claire)
            forget_what_is_over(session, now + timedelta(days=732))

    home.db.write(forget)
    moneko = signed_in(town.malo)
    (file,) = files(moneko, address)
    assert b"Yvonne" not in file
    assert b"Fournil" in file
    if how == "no longer":
        assert b"Vendeuse" in b"".join(files(moneko, made(moneko, "leads")))


@pytest.mark.usefixtures("shops")
@pytest.mark.parametrize("stop", ["given_up", "suspended"])
def test_what_was_stopped_is_no_lead_unless_moneko_knows_it(
    moneko: TestClient, home: House, town: Town, stop: str
) -> None:
    body = {"who": "merchant", "note": ""} if stop == "given_up" else {"note": ""}
    kind = RecordKind(stop)
    home.db.write(lambda session: merchants.add_record(session, BAKERY, kind, body, home.now(), by=town.malo))
    for model in ("leads", "partners"):
        (file,) = files(moneko, made(moneko, model))
        assert BAKERY not in file.decode()
        assert STALL in file.decode()
    partner = MonekoPartner(merchant_id=BAKERY, external_id="res_partner_7", at=home.now())
    home.db.write(lambda session: session.add(partner))
    assert b"res_partner_7" in b"".join(files(moneko, made(moneko, "partners")))
    assert b"Fournil" not in b"".join(files(moneko, made(moneko, "leads")))
    back = RecordKind.TAKEN_UP if stop == "given_up" else RecordKind.RESUMED
    home.db.write(
        lambda session: merchants.add_record(session, BAKERY, back, {"note": ""}, home.now(), by=town.malo)
    )
    assert b"res_partner_7" in b"".join(files(moneko, made(moneko, "partners")))


@pytest.mark.usefixtures("shops")
def test_the_list_of_what_was_made_asks_no_more_when_more_was_made(moneko: TestClient) -> None:
    def asked() -> int:
        with statements() as sent:
            assert moneko.get("/handovers").status_code == 200
        return len(sent)

    made(moneko, "leads")
    once = asked()
    for _ in range(3):
        made(moneko, "partners")
    assert asked() == once
    assert words(moneko.get("/handovers")).count("Malo · 2 commerces") == 4


def test_a_summary_tells_the_commitments(home: House, town: Town, moneko: TestClient) -> None:
    def work(session: Session) -> None:
        deciding = Deciding(
            DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
            date(2026, 11, 20),
            "Bien.",
            {},
            commitments=[Commitment("", "Afficher les prix", None), Commitment("", "Baisser le seuil", None)],
        )
        made = decisions.record(
            session, town.farm, deciding, home.rules, home.drafts, home.now(), by=town.claire
        )
        telling = Telling(made.id, "phone", date(2026, 11, 21), "")
        decisions.tell(session, town.farm, telling, home.now(), by=town.claire)

    home.db.write(work)
    (file,) = files(moneko, made(moneko, "leads"))
    assert "Engagements : Afficher les prix ; Baisser le seuil" in file.decode()
    assert RETZ not in file.decode()


# --- the rules alone ---

SIGNS = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = st.builds("".join, st.tuples(st.sampled_from([*SIGNS, "'=", "''@"]), st.text(max_size=20)))


@given(text=FORMULAS | st.text(max_size=30))
def test_no_free_text_begins_like_a_formula_and_all_of_it_is_read_back(text: str) -> None:
    written = handover.told("name", text)
    assert not written.startswith(SIGNS)
    assert handover.told("phone", text) == text
    assert as_meant(written) == text


FILLED = st.sets(st.sampled_from(COLUMNS[Model.PARTNERS][1:])).map(
    lambda names: {column: ("x" if column in names else "") for column in COLUMNS[Model.PARTNERS]}
)


@given(given_cells=st.lists(FILLED, max_size=12), before=st.lists(st.booleans(), min_size=12, max_size=12))
def test_no_file_of_shops_sent_before_has_an_empty_cell_and_every_shop_is_in_one_file(
    given_cells: list[dict[str, str]], before: list[bool]
) -> None:
    lines = [
        Line(str(n), {**cells, "id": f"i{n}", "email": f"e{n}@x" if cells["email"] else ""}, sent)
        for n, (cells, sent) in enumerate(zip(given_cells, before, strict=False))
    ]
    plan = handover.plan(Model.PARTNERS, lines)
    for file in plan.files:
        if not file.new:
            assert all(line.cells[column] for line in file.lines for column in file.columns)
    assert sorted(line.shop for file in plan.files for line in file.lines) == sorted(
        line.shop for line in lines
    )
    assert plan.held_back == ()
