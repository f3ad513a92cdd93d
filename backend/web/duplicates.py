"""Merchants that look like one: their list, two side by side, merged, or told apart."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.details import DETAIL_NAMES
from backend.domain.duplicates import REASON_NAMES
from backend.domain.merchants import KIND_NAMES, STAGE_NAMES, Kind, Stage
from backend.storage import duplicates, merchants, people
from backend.storage.tables import Merchant
from backend.web.house import house
from backend.web.merchants import coordinated, to_edit
from backend.web.pages import page
from backend.web.security import field, once, staff

COMPARED = ("name", "kind", "siret", "phone", "email", "website", "products")


def index(request: Request) -> Response:
    """GET /duplicates: the pairs that may be one merchant, in the territories that one coordinates."""
    with house(request).db.read() as session:
        territories = coordinated(staff(request), people.territories(session))
        found = [(each, duplicates.likely(session, each.id)) for each in territories]
    return page(request, "duplicates.html", found=found, reason_names=REASON_NAMES)


def compare(request: Request) -> Response:
    """GET /merchants/{id}/duplicates/{other}: two merchants side by side, to merge or to tell apart."""
    with house(request).db.read() as session:
        merchant = to_edit(request, session)
        other = duplicates.other_of(session, merchant, request.path_params["other"])
        both = (merchant, other)
        context: dict[str, Any] = {
            "places": merchants.places_of(session, [each.id for each in both]),
            "rows": [(DETAIL_NAMES[name], [_said(each, name) for each in both]) for name in COMPARED],
            "stages": {each.id: STAGE_NAMES[Stage(each.stage)] for each in both},
        }
    return page(request, "duplicate.html", both=both, **context)


def _said(merchant: Merchant, name: str) -> str:
    return KIND_NAMES[Kind(merchant.kind)] if name == "kind" else getattr(merchant, name) or ""


def merge(request: Request) -> Response:
    """POST /merchants/{id}/mergers: this merchant is kept, the other one becomes part of it."""
    return once(request, lambda session: _merge(request, session))


def _merge(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    other = duplicates.other_of(session, merchant, field(request, "other"))
    kept = duplicates.merge(session, merchant.id, other.id, house(request).now(), by=staff(request).person_id)
    return f"/merchants/{kept.id}#histoire"


def tell_apart(request: Request) -> Response:
    """POST /merchants/{id}/distinctions: this merchant and the other one are not the same."""
    return once(request, lambda session: _tell_apart(request, session))


def _tell_apart(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    duplicates.tell_apart(
        session, merchant, field(request, "other"), house(request).now(), by=staff(request).person_id
    )
    return "/duplicates"
