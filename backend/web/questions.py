"""Questions of the coordination to the people of a visit."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import journal as entries
from backend.storage import questions, visits
from backend.storage.tables import Visit
from backend.web.house import House, house
from backend.web.reading import show
from backend.web.security import field, must_act, once, staff

LONGEST = 1000


def ask(request: Request) -> Response:
    """POST /visits/{id}/questions: on one criterion, or on the visit as a whole."""
    try:
        return once(request, lambda session: _ask(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _ask(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    entries.hold(session)
    visit = visits.get(session, request.path_params["id"])
    must_act(who, visit.territory_id, Role.COORDINATION)
    criterion, text = field(request, "criterion") or None, field(request, "text", LONGEST)
    _must_be_askable(home, visit, criterion, text)
    questions.ask(session, visit.id, criterion, text, home.now(), by=who.person_id)
    return f"/visits/{visit.id}#{f'c-{criterion}' if criterion else 'questions'}"


def _must_be_askable(home: House, visit: Visit, criterion: str | None, text: str) -> None:
    if visit.state == "decided":
        sentence = _("Le comité a décidé : une question ne changerait plus rien à cette visite.")
        raise Refusal("form_invalid", sentence=sentence)
    if not text:
        raise Refusal("form_invalid", sentence=_("Écrivez d’abord votre question."))
    if criterion is not None and criterion not in home.rules[visit.grid_id].criteria:
        raise Refusal("form_invalid", sentence=_("Choisissez un critère de la liste."))
