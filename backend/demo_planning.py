"""The demo's planning: who told what of themselves, whom they must not assess, and a round that is coming."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from backend import notices
from backend.domain.days import PARIS
from backend.domain.planning import TieKind
from backend.domain.rounds import Stop
from backend.storage import contacts, merchants, people, person_files, rounds
from backend.storage.person_files import Told
from backend.web.house import House

DISTRICTS = {
    "nantes-ouest": ("Bellevue", "Chantenay", "Sainte-Anne", "Saint-Herblain Est"),
    "pays-de-retz": ("Cheix-en-Retz", "Le Pellerin", "Rouans", "Vue"),
}
MORNINGS = [f"{day}-am" for day in ("mon", "tue", "wed", "thu", "fri")]
# who told what: their district, their half-days, and whether they gave an e-mail address
FILES = {
    "Amina": ("Chantenay", ["tue-pm", "thu-pm", "sat-am"], True),
    "Bruno": ("Bellevue", MORNINGS, True),
    "Denise": ("Saint-Herblain Est", [*MORNINGS, "sat-am"], False),
    "Élias": ("Chantenay", [], True),
    "Hélène": ("Rouans", ["wed-pm", "sat-am", "sat-pm"], False),
}
# whom to call in a shop; the first agrees that Moneko has her details
CONTACTS = (
    (
        {"name": "Nadège", "function": "gérante", "phone": "02 40 00 00 44", "email": "nadege@example.org"},
        True,
    ),
    ({"name": "Loïc", "function": "au comptoir le matin", "phone": "", "email": ""}, False),
)
CALLED = "Le Panier d’Ici"
TIES = (("Fatou", "Le Panier d’Ici", TieKind.WORKS), ("Gaël", "Croûte que Croûte", TieKind.FAMILY))


def settle(
    session: Session,
    home: House,
    person_ids: Mapping[str, str],
    merchant_ids: Mapping[str, str],
    coordination: Mapping[str, str],
    now: datetime,
) -> None:
    """Write it all, through what real life goes through; `coordination`: who coordinates each territory."""
    for territory_id, names in DISTRICTS.items():
        person_files.set_districts(session, territory_id, names, [], now)
    session.flush()
    for name, told in FILES.items():
        _tell(session, person_ids[name], name, told, coordination, now)
    by = coordination["nantes-ouest"]
    for name, merchant, kind in TIES:
        person_files.note_tie(session, person_ids[name], merchant_ids[merchant], kind, now, by=by)
    for contact, shared in CONTACTS:
        called = merchants.get(session, merchant_ids[CALLED])
        contacts.add(session, called, contact, now, by=by, shared=shared)
    session.flush()
    _round(session, home, [person_ids["Denise"], person_ids["Bruno"]], by, now)


def _tell(
    session: Session,
    person_id: str,
    name: str,
    told: tuple[str, list[str], bool],
    coordination: Mapping[str, str],
    now: datetime,
) -> None:
    district, slots, writes = told
    person = people.get(session, person_id)
    territory_id = person.territory_id or ""
    known = {each.name: each.id for each in person_files.districts(session, territory_id)}
    email = f"{name.lower().replace('é', 'e')}@example.org" if writes else ""
    file = Told(person.phone or "", email, slots, None, known[district], 0)
    person_files.edit(session, person, file, now, by=coordination[territory_id])


def _round(session: Session, home: House, members: list[str], by: str, now: datetime) -> None:
    """Two shops near each other, six days from now."""
    on = now.astimezone(PARIS).date() + timedelta(days=6)
    waiting = rounds.worth_a_visit(session, "nantes-ouest", on)
    near = rounds.near(session, "nantes-ouest", waiting[0].id, on)
    hours = ("14:00", "15:30")
    stops = [Stop(each.merchant.id, at) for each, at in zip(near, hours, strict=False)]
    trip = rounds.Trip("nantes-ouest", "nantes-ouest/depart-1", on, "one_phone", stops, members)
    _made, planned = rounds.plan(session, trip, now, by=by)
    for person_id in members:
        people.invite_once(session, person_id, now, days=home.settings.invitation_days, by=by)
    for visit in planned:
        notices.tell(session, visit, None, now, home.settings.public_url)
