"""A round of several shops in one trip: chosen near one another, planned at once, printed as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import notices
from backend.calendars import calendar
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.domain.rounds import MOST_STOPS, Stop
from backend.domain.visits import MODE_NAMES, MOST_MEMBERS
from backend.storage import merchants, people, planning, rounds
from backend.storage.rounds import Trip
from backend.storage.tables import Merchant, Person, Round, SalesPoint, Territory, Visit
from backend.web.house import house
from backend.web.invitations import card
from backend.web.mails import delivered
from backend.web.pages import come_back, form_page, page
from backend.web.paper import paper
from backend.web.planning import asked_members, crew, must_be_usable, planned_on, planned_time, typed_so_far
from backend.web.security import field, fields, must_act, once, staff, typed
from backend.web.visits import as_calendar, grids_for_visits, today


def new(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /rounds/new?from=…: the shops near this one, when, with whom; what was typed so far is kept."""
    home = house(request)
    typed_so_far(request)
    with home.db.read() as session:
        start = _start(request, session)
        near = rounds.near(session, start.territory_id, start.id, today(home))
        ticked = [each.merchant.id for each in near if each.merchant.id in _ticked(request, start)]
        there = crew(request, session, start.territory_id, ticked)
    return form_page(
        request,
        "round_plan.html",
        refusal,
        start=start,
        near=near,
        ticked=ticked,
        grids=grids_for_visits(home, start.territory_id),
        modes=MODE_NAMES,
        most_members=MOST_MEMBERS,
        most_stops=MOST_STOPS,
        **there.context(),
    )


def _start(request: Request, session: Session) -> Merchant:
    """The merchant that the round starts from: others are listed by their distance to it."""
    merchant = merchants.get(session, field(request, "from"))
    must_act(staff(request), merchant.territory_id, Role.COORDINATION)
    return merchant


def _ticked(request: Request, start: Merchant) -> list[str]:
    given = typed(request)
    return fields(request, "stop") if len(given) > 1 else [start.id]


def plan(request: Request) -> Response:
    """POST /rounds: all the visits of the round, in one go, and an invitation for each person."""
    try:
        return delivered(request, once(request, lambda session: _plan(request, session)))
    except Refusal as refusal:
        return come_back(request, refusal, new)


def _plan(request: Request, session: Session) -> str:
    home, by, now = house(request), staff(request).person_id, house(request).now()
    start = _start(request, session)
    must_be_usable(home, start.territory_id, field(request, "grid"))
    stops, mode, on = _stops(request, session, start), field(request, "mode"), planned_on(request)
    if mode not in MODE_NAMES:
        raise Refusal("form_invalid", sentence=_("Choisissez comment le duo remplit la grille."))
    members = asked_members(request, session, start.territory_id)
    trip = Trip(start.territory_id, field(request, "grid"), on, mode, stops, members)
    made, planned = rounds.plan(session, trip, now, by=by)
    for person_id in members:
        people.invite_once(session, person_id, now, days=home.settings.invitation_days, by=by)
    for visit in planned:
        notices.tell(session, visit, None, now, home.settings.public_url)
    return f"/rounds/{made.id}"


def _stops(request: Request, session: Session, start: Merchant) -> Sequence[Stop]:
    listed = {
        each.merchant.id for each in rounds.near(session, start.territory_id, start.id, today(house(request)))
    }
    chosen = [each for each in dict.fromkeys(fields(request, "stop")) if each in listed]
    if len(chosen) < len(set(fields(request, "stop"))):
        raise Refusal("read_again")  # one of them has had its visit planned meanwhile
    if len(chosen) < 2:
        raise Refusal(
            "form_invalid", sentence=_("Cochez au moins deux commerces. Pour un seul, prévoyez une visite.")
        )
    if len(chosen) > MOST_STOPS:
        sentence = _("{most} commerces au plus en une tournée. Faites-en deux.")
        raise Refusal("form_invalid", sentence=sentence.format(most=MOST_STOPS))
    return [Stop(each, planned_time(field(request, f"at_{each}"))) for each in chosen]


# --- reading and printing ---


@dataclass(frozen=True)
class Stage:
    """One visit of a round, with where it is."""

    visit: Visit
    merchant: Merchant
    place: SalesPoint | None


def show(request: Request) -> Response:
    """GET /rounds/{id}: the trip, hour by hour, who goes, and all there is to print."""
    with house(request).db.read() as session:
        context = _context(request, session)
    return page(request, "round.html", **context)


def _round(request: Request, session: Session) -> Round:
    found = rounds.get(session, request.path_params["id"])
    must_act(staff(request), found.territory_id, Role.COORDINATION)
    return found


def _context(request: Request, session: Session) -> dict[str, Any]:
    found = _round(request, session)
    made = rounds.visits_of(session, found.id)
    sold_at = merchants.places_of(session, [visit.merchant_id for visit in made])
    stages = [
        Stage(visit, merchants.get(session, visit.merchant_id), next(iter(sold_at[visit.merchant_id]), None))
        for visit in made
    ]
    return {
        "round": found,
        "territory": session.get_one(Territory, found.territory_id),
        "stages": stages,
        "going": _going(session, made),
        "modes": MODE_NAMES,
    }


def _going(session: Session, made: Sequence[Visit]) -> list[Person]:
    """Everyone who goes on one of the visits, once."""
    everyone = {each.person.id: each.person for visit in made for each in planning.crew(session, visit)}
    return list(everyone.values())


def cards(request: Request) -> Response:
    """GET /rounds/{id}/cards.pdf: the trip on one page, then a card with its QR code for each person."""
    home = house(request)
    with home.db.read() as session:
        context = _context(request, session)
        made = [card(home, session, person) for person in context["going"]]
    return paper(request, "round.html", "tournee.pdf", cards=made, **context)


def ics(request: Request) -> Response:
    """GET /rounds/{id}/calendar.ics: the whole trip for a calendar."""
    home = house(request)
    with home.db.read() as session:
        found = _round(request, session)
        territory = session.get_one(Territory, found.territory_id)
        told = [
            notices.appointment(notices.about(session, visit, home.settings.public_url))
            for visit in rounds.visits_of(session, found.id)
        ]
    return as_calendar(calendar(told, territory.email), "tournee.ics")
