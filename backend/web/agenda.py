"""The agenda of a session: merchants added, taken off, moved; and on paper."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.committee import Why
from backend.domain.errors import Refusal
from backend.storage import agenda, sessions
from backend.storage.tables import CommitteeSession
from backend.web.house import house
from backend.web.paper import paper
from backend.web.security import field, fields, staff
from backend.web.sessions import changed, context, entries_of, readable


def add_items(request: Request) -> Response:
    """POST /sessions/{id}/items: further merchants on the agenda."""
    return changed(request, _add_items)


def _add_items(request: Request, session: Session, held: CommitteeSession) -> str:
    chosen = fields(request, "merchant")
    if not chosen:
        raise Refusal("form_invalid", sentence=_("Cochez au moins un commerce à ajouter."))
    ready = {merchant.id: why for merchant, why in agenda.ready(session, held.territory_id, held.held_on)}
    wanted = {each: ready.get(each, Why.ASKED) for each in chosen}
    agenda.put(session, held.id, wanted, house(request).now(), by=staff(request).person_id)
    return f"/sessions/{held.id}#agenda"


def remove_item(request: Request) -> Response:
    """POST /sessions/{id}/removals: a merchant comes another time."""
    return changed(request, _remove_item)


def _remove_item(request: Request, session: Session, held: CommitteeSession) -> str:
    merchant_id = field(request, "merchant")
    if any(entry.merchant.id == merchant_id and entry.decided for entry in entries_of(session, held)):
        sentence = _("Une décision est déjà prise pour ce commerce : il reste à l’ordre du jour.")
        raise Refusal("form_invalid", sentence=sentence)
    sessions.remove_item(session, held.id, merchant_id, house(request).now())
    return f"/sessions/{held.id}#agenda"


def move_item(request: Request) -> Response:
    """POST /sessions/{id}/moves: a merchant comes earlier, or later."""
    return changed(request, _move_item)


def _move_item(request: Request, session: Session, held: CommitteeSession) -> str:
    merchant_id = field(request, "merchant")
    sessions.move_item(session, held.id, merchant_id, up=field(request, "to") == "up")
    return f"/sessions/{held.id}#m-{merchant_id}"


# --- paper ---


def print_agenda(request: Request) -> Response:
    """GET /sessions/{id}/agenda.pdf: the agenda, to hand out."""
    with house(request).db.read() as session:
        held = readable(request, session)
        told = context(session, held, "")
    filename = f"ordre-du-jour-{held.held_on.isoformat()}.pdf"
    return paper(request, "agenda.html", filename, held=held, **told)
