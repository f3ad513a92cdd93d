"""Following up: what is due on each territory, and what became of each commitment."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.follow_up import KEPT_NAMES, KIND_NAMES, Kept, Kind
from backend.domain.people import Role, may_act
from backend.storage import follow_up, merchants, people
from backend.storage.follow_up import Following
from backend.web.house import house
from backend.web.pages import come_back, form_page
from backend.web.reading import may_record
from backend.web.security import day_field, field, must_act, once, staff
from backend.web.visits import today

READERS = frozenset({Role.COORDINATION, Role.COMMITTEE})


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /follow-up: what falls due, comes back, or ends, territory by territory."""
    home, who = house(request), staff(request)
    day = today(home)
    with home.db.read() as session:
        mine = [each for each in people.territories(session) if may_act(who.grants, READERS, each.id)]
        items = follow_up.of_territories(session, [each.id for each in mine], day)
        promised = [each.due.promise.id for each in items if each.due.promise]
        latest = follow_up.latest_of(session, promised)
    return form_page(
        request,
        "follow_up.html",
        refusal,
        territories=mine,
        items=items,
        latest=latest,
        kinds=list(Kind),
        kind_words=KIND_NAMES,
        kept_names=KEPT_NAMES,
        coordinated={each.id for each in mine if may_record(who, each.id)},
        criteria_names={each.id: each.name for grid in home.grids.values() for each in grid.criteria},
        today=day,
    )


def note(request: Request) -> Response:
    """POST /merchants/{id}/commitments/{commitment}/followings: kept, not kept, or extended."""
    try:
        return once(request, lambda session: _note(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, show)


def _following(request: Request) -> Following:
    state = field(request, "state")
    if state not in list(Kept):
        sentence = _("Choisissez ce que cet engagement est devenu.")
        raise Refusal("form_invalid", sentence=sentence)
    note, after = field(request, "note", 1000), field(request, "after")
    return Following(Kept(state), day_field(request, "due"), note, after)


def _note(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    merchant = merchants.get(session, request.path_params["id"])
    must_act(who, merchant.territory_id, Role.COORDINATION)
    following, commitment = _following(request), request.path_params["commitment"]
    follow_up.note(session, merchant.id, commitment, following, today(home), home.now(), by=who.person_id)
    return "/follow-up"
