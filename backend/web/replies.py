"""The decision as its merchant reads it: answered in their own words, or brought before the committee again."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.appeals import APPEAL_LIMIT, APPEAL_STEP_NAMES, appeal_until
from backend.domain.errors import Refusal
from backend.storage import appeals, decisions, merchants, replies
from backend.storage.tables import Decision, Territory
from backend.web.commerce import Told, commitments_of, meeting, told_decisions, written
from backend.web.house import house
from backend.web.pages import form_page
from backend.web.security import merchant_side, once
from backend.web.visits import today

REPLY_LIMIT = 4000


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /commerce/decisions/{decision}: what was decided and why, and what one can answer."""
    home, who = house(request), merchant_side(request)
    with home.db.read() as session:
        told = told_of(request, session)
        merchant = merchants.get(session, who.merchant_id)
        case = _case(session, told)
        context = {
            "territory": session.get_one(Territory, merchant.territory_id),
            "commitments": commitments_of(home, session, told.decision),
            "replies": [
                each
                for each in replies.of_merchant(session, merchant.id)
                if each.decision_id == told.decision.id
            ],
            "case": case,
            "again": _told_again(session, case),
            "meeting_on": meeting(session, merchant.id, today(home)) if case and not case.answered else None,
        }
    until = appeal_until(told.on)
    return form_page(
        request,
        "commerce_decision.html",
        refusal,
        merchant=merchant,
        told=told,
        appeal_until=until,
        may_appeal=today(home) <= until,
        step_names=APPEAL_STEP_NAMES,
        reply_limit=REPLY_LIMIT,
        appeal_limit=APPEAL_LIMIT,
        **context,
    )


def told_of(request: Request, session: Session) -> Told:
    """The decision of this address, if this merchant was told of it; raises not_found."""
    mine = told_decisions(session, merchant_side(request).merchant_id)
    found = next((each for each in mine if each.decision.id == request.path_params["decision"]), None)
    if found is None:
        raise Refusal("not_found")
    return found


def _case(session: Session, told: Told) -> appeals.Case | None:
    mine = appeals.of_merchant(session, told.decision.merchant_id)
    return next((each for each in mine if each.appeal.decision_id == told.decision.id), None)


def _told_again(session: Session, case: appeals.Case | None) -> Decision | None:
    """What the committee decided after this appeal, once the merchant was told of it."""
    if case is None or case.again is None:
        return None
    return case.again if case.again.id in decisions.told_on(session, case.again.merchant_id) else None


def reply(request: Request) -> Response:
    """POST /commerce/decisions/{decision}/reponses: one more answer, kept beside the decision."""

    def work(session: Session) -> str:
        told = told_of(request, session)
        replies.reply(session, merchant_side(request), told.decision.id, text, house(request).now())
        return f"/commerce/decisions/{told.decision.id}#reponses"

    try:
        text = written(request, "text", REPLY_LIMIT, _("Écrivez votre réponse."))
        return once(request, work)
    except Refusal as refusal:
        return show(request, refusal)


def appeal(request: Request) -> Response:
    """POST /commerce/decisions/{decision}/recours: asks the committee to look again, once."""
    home = house(request)

    def work(session: Session) -> str:
        told = told_of(request, session)
        who = merchant_side(request)
        appeals.appeal(session, who, told.decision.id, text, today(home), home.now())
        return f"/commerce/decisions/{told.decision.id}#recours"

    try:
        text = written(
            request, "appeal", APPEAL_LIMIT, _("Écrivez pourquoi le comité devrait regarder de nouveau.")
        )
        return once(request, work)
    except Refusal as refusal:
        return show(request, refusal)
