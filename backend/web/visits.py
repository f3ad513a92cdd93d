"""Visits: opened, cancelled, and what every page of theirs asks."""

from datetime import date
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import notices
from backend.calendars import calendar
from backend.domain.errors import Refusal
from backend.domain.grid import Grid
from backend.domain.people import Role
from backend.domain.visits import CANCELLABLE, VISIT_STATE_NAMES
from backend.storage import visits
from backend.web.attachments import attached
from backend.web.house import House, house
from backend.web.mails import delivered
from backend.web.pages import PARIS
from backend.web.reading import show
from backend.web.security import field, must_act, once, staff

# --- what every page of visits asks ---


def today(home: House) -> date:
    """The day it is where the shops are."""
    return home.now().astimezone(PARIS).date()


def grids_for_visits(home: House, territory_id: str) -> list[Grid]:
    """The grids a new visit of this territory may use: the newest first, then the drafts, for trial visits."""
    usable = [grid for grid in home.grids.values() if grid.territory == territory_id]
    return sorted(
        (grid for grid in usable if grid.status != "withdrawn"),
        key=lambda grid: (grid.status == "published", grid.adopted_on or date.min, grid.version),
        reverse=True,
    )


# --- opening the sheets ---


def release(request: Request) -> Response:
    """POST /visits/{id}/release: the personal sheets are opened to the duo, though not all are done."""
    return once(request, lambda session: _release(request, session))


def _release(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    visit = visits.get(session, request.path_params["id"])
    must_act(who, visit.territory_id, Role.COORDINATION)
    visits.release(session, visit, home.rules, home.now(), by=who.person_id)
    return f"/visits/{visit.id}"


# --- cancelling ---


def cancel(request: Request) -> Response:
    """POST /visits/{id}/cancellation: it will not take place."""
    try:
        note = field(request, "note", 1000)
        return delivered(request, once(request, lambda session: _cancel(request, session, note)))
    except Refusal as refusal:
        return show(request, refusal)


def _cancel(request: Request, session: Session, note: str) -> str:
    home, who = house(request), staff(request)
    visit = visits.get(session, request.path_params["id"])
    must_act(who, visit.territory_id, Role.COORDINATION)
    if visit.state not in CANCELLABLE:
        sentence = _("Cette visite est {state} : elle ne s’annule plus.")
        raise Refusal("form_invalid", sentence=sentence.format(state=_(VISIT_STATE_NAMES[visit.state])))
    before = notices.seen(session, visit)
    visits.cancel(session, visit, home.rules, home.now(), by=who.person_id, note=note)
    notices.tell(session, visit, before, home.now(), home.settings.public_url)
    return f"/visits/{visit.id}"


# --- in a calendar ---


def ics(request: Request) -> Response:
    """GET /visits/{id}/calendar.ics: the visit for a calendar, which follows it when it is taken again."""
    home = house(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_act(staff(request), visit.territory_id, Role.COORDINATION)
        told = notices.about(session, visit, home.settings.public_url)
        text = calendar([notices.appointment(told)], told.territory.email)
    return as_calendar(text, "visite.ics")


def as_calendar(text: str, filename: str) -> Response:
    """A calendar file, to be saved or opened."""
    return attached(filename, text, "text/calendar; charset=utf-8")
