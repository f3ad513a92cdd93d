"""Who of the coordination looks after a merchant."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.storage import followings
from backend.web import merchants
from backend.web.house import house
from backend.web.security import field, once, staff


def follow(request: Request) -> Response:
    """POST /merchants/{id}/followings: somebody looks after it from now on, or nobody."""
    try:
        return once(request, lambda session: _follow(request, session))
    except Refusal as refusal:
        return merchants.show(request, refusal)


def _follow(request: Request, session: Session) -> str:
    merchant = merchants.to_edit(request, session)
    by = staff(request).person_id
    followings.follow(session, merchant, field(request, "person"), house(request).now(), by=by)
    return f"/merchants/{merchant.id}"
