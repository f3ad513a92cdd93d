"""The letter that tells a merchant what was decided: on paper, or as a file."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.appeals import APPEAL_DAYS, appeal_until
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import decisions, merchants
from backend.storage.tables import Decision, Merchant, Territory
from backend.web.commerce import commitments_of
from backend.web.house import house
from backend.web.paper import paper
from backend.web.replies import told_of
from backend.web.security import must_act, staff
from backend.web.visits import today


def for_coordination(request: Request) -> Response:
    """GET /merchants/{id}/decisions/{decision}/letter: to print and give, before the merchant is told or after."""
    with house(request).db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        must_act(staff(request), merchant.territory_id, Role.COORDINATION)
        every = decisions.of_merchant(session, merchant.id)
        decision = next((each for each in every if each.id == request.path_params["decision"]), None)
        if decision is None:
            raise Refusal("not_found")
        context = _context(request, session, merchant, decision)
    return paper(request, "letter.html", "decision.pdf", **context)


def for_merchant(request: Request) -> Response:
    """GET /commerce/decisions/{decision}/lettre: the same letter, once told."""
    with house(request).db.read() as session:
        decision = told_of(request, session).decision
        context = _context(request, session, merchants.get(session, decision.merchant_id), decision)
    return paper(request, "letter.html", "decision.pdf", **context)


def _context(request: Request, session: Session, merchant: Merchant, decision: Decision) -> dict[str, Any]:
    """The letter is of the day on which the merchant was told; before that, of today."""
    home = house(request)
    told_on = decisions.told_on(session, merchant.id).get(decision.id)
    return {
        "merchant": merchant,
        "place": next(iter(merchants.places(session, merchant.id)), None),
        "territory": session.get_one(Territory, merchant.territory_id),
        "decision": decision,
        "commitments": commitments_of(home, session, decision),
        "dated": told_on or today(home),
        "appeal_days": APPEAL_DAYS,
        "appeal_until": appeal_until(told_on) if told_on else None,
    }
