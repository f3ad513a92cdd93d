"""Erasing: an inhabitant who asks for it, or one entry of a visit. What goes and what stays is said beforehand."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import erased
from backend.domain.erasures import same_name
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import erasures, merchants, people, visits
from backend.storage.tables import Person, Territory, Visit
from backend.web.house import house
from backend.web.pages import come_back, form_page
from backend.web.security import field, must_act, once, staff
from backend.web.told import arrived


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /people/{id}/erasure: what erasing this person takes away and what it leaves; afterwards, that it is done."""
    with house(request).db.read() as session:
        person, territory = _inhabitant(request, session)
        done = erasures.of_person(session, person.id)
        context = {
            "person": person,
            "territory": territory,
            "done": done,
            "done_by": people.names(session, [done.by]).get(done.by, "") if done and done.by else "",
            "traces": erasures.traces(session, person.id),
            "ahead": [] if done else erasures.visits_ahead(session, person.id),
        }
    return form_page(request, "erasure.html", refusal, **context)


def erase(request: Request) -> Response:
    """POST /people/{id}/erasures: erase this person, for good."""
    try:
        answer = once(request, lambda session: _erase(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, show)
    return _remembered(request, answer)


def _erase(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    person, _territory = _inhabitant(request, session)
    if person.erased_at is None and not same_name(field(request, "name"), person.name):
        raise Refusal("name_differs", name=person.name)
    erasures.erase_person(session, person.id, home.rules, home.now(), by=who.person_id)
    return f"/people/{person.id}/erasure"


def _inhabitant(request: Request, session: Session) -> tuple[Person, Territory]:
    """The inhabitant that the address names, erased or not, if the coordination of their territory asks."""
    person = session.get(Person, request.path_params["id"])
    if person is None or person.territory_id is None:
        raise Refusal("not_found")
    must_act(staff(request), person.territory_id, Role.COORDINATION)
    return person, session.get_one(Territory, person.territory_id)


def _remembered(request: Request, answer: Response) -> Response:
    """Once it is on disk: noted outside the database too, and the bytes of photos go."""
    home = house(request)
    with home.db.read() as session:
        erased.remember(home.settings.data_dir, erasures.all_of_them(session))
    home.wake()
    return answer


# --- one entry of a visit ---


def show_entry(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}/entries/{entry}/erasure: what one entry says, and that it can be erased for a reason."""
    home = house(request)
    with home.db.read() as session:
        visit = _visit(request, session)
        row = erasures.entry_of(session, visit.id, request.path_params["entry"])
        names = people.names(session, [row.author_id])
        numbered = erasures.numbered(row)
        context = {
            "visit": visit,
            "merchant": merchants.get(session, visit.merchant_id),
            "entry": row,
            "told": arrived([numbered], home.grids[visit.grid_id], names)[0],
        }
    return form_page(request, "erasure_entry.html", refusal, **context)


def erase_entry(request: Request) -> Response:
    """POST /visits/{id}/entries/{entry}/erasures: erase what this entry says or shows, for good."""
    try:
        answer = once(request, lambda session: _erase_entry(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, show_entry)
    return _remembered(request, answer)


def _erase_entry(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    visit, reason = _visit(request, session), field(request, "reason", 300)
    if not reason:
        raise Refusal("form_invalid", sentence=_("Écrivez pourquoi, en une phrase."))
    entry_id = request.path_params["entry"]
    erasures.erase_entry(session, visit, entry_id, reason, home.rules, home.now(), by=who.person_id)
    return f"/visits/{visit.id}/history"


def _visit(request: Request, session: Session) -> Visit:
    visit = visits.get(session, request.path_params["id"])
    must_act(staff(request), visit.territory_id, Role.COORDINATION)
    return visit
