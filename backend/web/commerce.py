"""The merchant's own page: where their file stands, what was decided, and what is published of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.merchant_side import Where, where
from backend.domain.merchants import Stage
from backend.storage import appeals, decisions, declarations, merchants, releases, replies, sessions
from backend.storage.merchant_links import MerchantSession
from backend.storage.tables import Decision, Merchant, Territory, Visit
from backend.web.declarations import grid_of
from backend.web.house import House, house
from backend.web.pages import form_page
from backend.web.security import field, merchant_side, once
from backend.web.visits import today

REPORT_LIMIT = 1000


@dataclass(frozen=True)
class Told:
    """A decision that the merchant knows of, since when."""

    decision: Decision
    on: date


def told_decisions(session: Session, merchant_id: str) -> list[Told]:
    """The decisions that a merchant was told of, newest first: the others do not exist on their page."""
    told = decisions.told_on(session, merchant_id)
    return [
        Told(each, told[each.id]) for each in decisions.of_merchant(session, merchant_id) if each.id in told
    ]


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /commerce: where the file stands, in words, and what one can do."""
    home, who = house(request), merchant_side(request)
    with home.db.read() as session:
        context = _context(home, session, who)
    return form_page(request, "commerce.html", refusal, **context)


def _context(home: House, session: Session, who: MerchantSession) -> dict[str, Any]:
    merchant = merchants.get(session, who.merchant_id)
    visit = declarations.latest_visit(session, merchant.id)
    grid = grid_of(home, session, merchant)
    said = declarations.said(session, merchant.id, grid.id) if grid else {}
    told = told_decisions(session, merchant.id)
    return {
        "merchant": merchant,
        "territory": session.get_one(Territory, merchant.territory_id),
        "where": _where(session, merchant, visit, today(home)),
        "told": told,
        "commitments": commitments_of(home, session, told[0].decision) if told else [],
        "waits": releases.waits(session, merchant.id),
        "places": merchants.places(session, merchant.id),
        "reports": replies.reports(session, merchant.id),
        "grid": grid,
        "may_declare": declarations.is_open(session, merchant.id),
        "said_count": sum(bool(row.points or row.words) for row in said.values()),
    }


def _where(session: Session, merchant: Merchant, visit: Visit | None, day: date) -> Where:
    life = merchants.life_of(session, merchant.id, day)
    if life.stage is Stage.VISIT_PLANNED and visit and visit.state in ("closed", "received"):
        # the merchant saw them come: what is still on its way is not their matter
        life.stage = Stage.ASSESSED
    on, at = (visit.planned_on, visit.planned_at) if visit else (None, "")
    appealing = bool(appeals.merchants_waiting(session, [merchant.id]))
    return where(life, on, at, meeting(session, merchant.id, day), appealing=appealing)


def meeting(session: Session, merchant_id: str, day: date) -> date | None:
    """The next session of the committee that has this merchant on its agenda, if it is known."""
    planned = [each.held_on for each in sessions.open_with(session, merchant_id)]
    return min((each for each in planned if each >= day), default=None)


# --- what is published ---


def report(request: Request) -> Response:
    """POST /commerce/lieux/{place}/erreurs: something is wrong with what is published of this sales point."""
    home, who, place_id = house(request), merchant_side(request), request.path_params["place"]

    def work(session: Session) -> str:
        replies.report(session, who, place_id, text, home.now())
        return f"/commerce#lieu-{place_id}"

    try:
        text = written(request, "text", REPORT_LIMIT, _("Écrivez ce qui n’est pas juste."))
        return once(request, work)
    except Refusal as refusal:
        return show(request, refusal)


def written(request: Request, name: str, limit: int, missing: str) -> str:
    """A text that has to be there; raises form_invalid with the sentence `missing`, or when it is too long."""
    text = field(request, name, limit)
    if not text:
        raise Refusal("form_invalid", sentence=missing)
    return text


def commitments_of(
    home: House, session: Session, decision: Decision
) -> Sequence[tuple[str, str, date | None]]:
    """The commitments of a decision: criterion's name (empty: in general), text, day."""
    names = {each.id: each.name for grid in home.grids.values() for each in grid.criteria}
    return [
        (names.get(each.criterion, ""), each.text, each.due)
        for each in decisions.commitments_of(session, decision.id)
    ]
