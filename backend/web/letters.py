"""The letter that tells a merchant what was decided: on paper, or as a file."""

from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.appeals import APPEAL_DAYS, appeal_until
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import decisions, merchant_links, merchants, releases
from backend.storage.tables import Decision, Merchant, Territory
from backend.web.commerce import commitments_of
from backend.web.decisions import show as decision_page
from backend.web.house import house
from backend.web.merchant_links import address_of
from backend.web.pages import come_back
from backend.web.paper import paper
from backend.web.qr_codes import qr_code
from backend.web.reading import may_record, must_have_on_agenda
from backend.web.replies import told_of
from backend.web.security import field, form_key, must_act, staff
from backend.web.visits import today


@dataclass(frozen=True)
class WayIn:
    """The personal link, as the letter prints it."""

    address: str
    qr: Markup


def for_staff(request: Request) -> Response:
    """GET /merchants/{id}/decisions/{decision}/letter.pdf: before the merchant is told or after."""
    who = staff(request)
    with house(request).db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        if not may_record(who, merchant.territory_id):
            must_have_on_agenda(session, who, merchant.territory_id, merchant.id)
        context = _context(request, session, merchant, _decision(request, session, merchant.id))
    return _letter(request, context)


def _decision(request: Request, session: Session, merchant_id: str) -> Decision:
    """The decision of this address; raises not_found."""
    for each in decisions.of_merchant(session, merchant_id):
        if each.id == request.path_params["decision"]:
            return each
    raise Refusal("not_found")


def for_merchant(request: Request) -> Response:
    """GET /commerce/decisions/{decision}/lettre.pdf: the same letter, once told."""
    with house(request).db.read() as session:
        decision = told_of(request, session).decision
        context = _context(request, session, merchants.get(session, decision.merchant_id), decision)
    return _letter(request, context)


def with_link(request: Request) -> Response:
    """POST /merchants/{id}/decisions/{decision}/letters: the letter with a new personal link printed in it.

    The link is readable nowhere but on this paper, so a new one is made each time; the same form again prints the
    same letter. Who opens it is told: a decision that holds waits behind it.
    """
    home, who = house(request), staff(request)
    key, after = form_key(request), field(request, "after")

    def work(session: Session) -> tuple[dict[str, Any], str]:
        merchant = merchants.get(session, request.path_params["id"])
        must_act(who, merchant.territory_id, Role.COORDINATION)
        decision = _decision(request, session, merchant.id)
        secret, _new = merchant_links.make(session, merchant.id, key, after, home.now(), by=who.person_id)
        if decisions.untold(session, merchant.id) == decision.id:
            releases.release(session, merchant.id, decision.id, home.now(), by=who.person_id)
        return _context(request, session, merchant, decision), secret

    try:
        context, secret = home.db.write(work)
    except Refusal as refusal:
        return come_back(request, refusal, decision_page)
    address = address_of(request, secret)
    return _letter(request, context, WayIn(address, qr_code(address, _("QR code du lien"))))


def _letter(request: Request, context: dict[str, Any], way_in: WayIn | None = None) -> Response:
    return paper(request, "letter.html", "decision.pdf", way_in=way_in, **context)


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
