"""The short list of a territory's districts: near enough to plan visits by, too large to find anybody by."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import person_files
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.pages import come_back, form_page
from backend.web.security import field, must_act, once, staff

MOST = 30


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /territories/{id}/districts: the list, one a line."""
    with house(request).db.read() as session:
        territory = _territory(request, session)
        names = [each.name for each in person_files.districts(session, territory.id)]
    return form_page(request, "districts.html", refusal, territory=territory, names=names, most=MOST)


def _territory(request: Request, session: Session) -> Territory:
    """The territory that the address names, for its coordination; else raises not_found."""
    must_act(staff(request), request.path_params["id"], Role.COORDINATION)
    territory = session.get(Territory, request.path_params["id"])
    if territory is None:
        raise Refusal("not_found")
    return territory


def edit(request: Request) -> Response:
    """POST /territories/{id}/districts: the list as it is from now on."""
    try:
        return once(request, lambda session: _edit(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, show)


def _edit(request: Request, session: Session) -> str:
    territory = _territory(request, session)
    names, shown = (_lines(field(request, name, 3000)) for name in ("names", "was_names"))
    if len(names) > MOST:
        sentence = _("{most} quartiers au plus : la liste doit rester courte.")
        raise Refusal("form_invalid", sentence=sentence.format(most=MOST))
    if any(len(name) > 60 for name in names):
        raise Refusal("form_invalid", sentence=_("Un nom de quartier dépasse 60 signes. Raccourcissez-le."))
    person_files.set_districts(session, territory.id, names, shown, house(request).now())
    return "/people"


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
