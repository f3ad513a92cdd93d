"""The file of an inhabitant: when they can go, what they did, where they live, and whom they must not assess."""

from datetime import date
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import details
from backend.domain.errors import Refusal
from backend.domain.planning import DAY_NAMES, HALF_NAMES, SLOTS, TIE_NAMES, TieKind
from backend.storage import people, person_files, planning, visits
from backend.storage.person_files import Told
from backend.storage.tables import Person
from backend.web.house import house
from backend.web.invitations import inhabitant
from backend.web.pages import form_page
from backend.web.security import day_field, field, fields, once, staff
from backend.web.visits import today


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /people/{id}: someone's file."""
    with house(request).db.read() as session:
        person, territory = inhabitant(request, session)
        context = _context(request, session, person, territory.id)
    return form_page(
        request,
        "person.html",
        refusal,
        person=person,
        territory=territory,
        day_names=DAY_NAMES,
        half_names=HALF_NAMES,
        tie_names=TIE_NAMES,
        **context,
    )


def _context(request: Request, session: Session, person: Person, territory_id: str) -> dict[str, Any]:
    day = today(house(request))
    mine = [each for each in planning.candidates(session, territory_id, day) if each.id == person.id]
    made = visits.of_people(session, [person.id])
    ties = person_files.ties(session, person.id)
    return {
        "file": person_files.get(session, person.id),
        "candidate": mine[0] if mine else None,
        "visits": list(reversed(made)),
        "visited": planning.merchant_names(session, [visit.merchant_id for visit in made]),
        "ties": ties,
        "authors": people.names(
            session, {who for tie, _ in ties for who in (tie.noted_by, tie.ended_by) if who}
        ),
        "to_replace": person_files.to_replace(session, person.id),
        "districts": person_files.districts(session, territory_id),
        "merchants": person_files.merchants_of(session, territory_id),
    }


def edit(request: Request) -> Response:
    """POST /people/{id}/edits: when they can, where they live, how to reach them."""
    try:
        return once(request, lambda session: _edit(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _edit(request: Request, session: Session) -> str:
    person, territory = inhabitant(request, session)
    told = _told(request)
    if told.district_id and told.district_id not in {
        each.id for each in person_files.districts(session, territory.id)
    }:
        raise Refusal("form_invalid", sentence=_("Choisissez un quartier de la liste."))
    person_files.edit(session, person, told, house(request).now(), by=staff(request).person_id)
    return f"/people/{person.id}"


def _told(request: Request) -> Told:
    version = field(request, "version")
    if not version.isdecimal():
        raise Refusal("form_expired")
    return Told(
        phone=details.clean("phone", field(request, "phone")),
        email=details.clean("email", field(request, "email")),
        slots=[slot for slot in fields(request, "slot") if slot in SLOTS],
        away=_away(request),
        district_id=field(request, "district"),
        version=int(version),
    )


def _away(request: Request) -> tuple[date, date] | None:
    first, last = day_field(request, "away_from"), day_field(request, "away_until")
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise Refusal("form_invalid", sentence=_("Pour une absence, donnez le premier et le dernier jour."))
    if last < first:
        raise Refusal(
            "form_invalid", sentence=_("L’absence finit avant de commencer. Vérifiez les deux jours.")
        )
    return first, last


# --- ties ---


def note_tie(request: Request) -> Response:
    """POST /people/{id}/ties: a merchant that this person must not assess."""
    try:
        return once(request, lambda session: _note_tie(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _note_tie(request: Request, session: Session) -> str:
    person, territory = inhabitant(request, session)
    kind = field(request, "kind")
    if kind not in list(TieKind):
        raise Refusal("form_invalid", sentence=_("Choisissez quel est le lien avec ce commerce."))
    merchant = person_files.merchant_named(session, territory.id, field(request, "merchant"))
    now, by = house(request).now(), staff(request).person_id
    person_files.note_tie(session, person.id, merchant.id, TieKind(kind), now, by=by)
    return f"/people/{person.id}#ties"


def end_tie(request: Request) -> Response:
    """POST /people/{id}/ties/{tie}/end: the tie is no more."""
    return once(request, lambda session: _end_tie(request, session))


def _end_tie(request: Request, session: Session) -> str:
    person, _territory = inhabitant(request, session)
    now, by = house(request).now(), staff(request).person_id
    person_files.end_tie(session, person.id, request.path_params["tie"], now, by=by)
    return f"/people/{person.id}#ties"
