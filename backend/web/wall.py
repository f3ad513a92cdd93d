"""A merchant of a session on the wall, one after the other, and on paper."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.storage import sessions
from backend.web.dossiers import dossier
from backend.web.house import house
from backend.web.pages import page
from backend.web.paper import paper
from backend.web.reading import may_record
from backend.web.security import staff
from backend.web.sessions import readable


def show(request: Request) -> Response:
    """GET /sessions/{id}/merchants/{merchant}: for a projector, with the one before and the one after."""
    with house(request).db.read() as session:
        context = _context(request, session)
    return page(request, "wall.html", **context)


def print_one(request: Request) -> Response:
    """GET /sessions/{id}/merchants/{merchant}/dossier.pdf: the same on A4."""
    with house(request).db.read() as session:
        context = _context(request, session)
    return paper(request, "dossier.html", f"dossier-{context['told'].merchant.id}.pdf", **context)


def _context(request: Request, session: Session) -> dict[str, Any]:
    held = readable(request, session)
    listed = sessions.items(session, held.id)
    order = [merchant.id for _item, merchant in listed]
    if request.path_params["merchant"] not in order:
        raise Refusal("not_found")
    at = order.index(request.path_params["merchant"])
    item, merchant = listed[at]
    return {
        "held": held,
        "item": item,
        "told": dossier(house(request), session, merchant),
        "rank": at + 1,
        "count": len(order),
        "before": order[at - 1] if at else None,
        "after": order[at + 1] if at + 1 < len(order) else None,
        "criteria_names": {
            each.id: each.name for grid in house(request).grids.values() for each in grid.criteria
        },
        "may_record": may_record(staff(request), held.territory_id),
    }
