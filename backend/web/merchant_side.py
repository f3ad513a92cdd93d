"""The merchant's side as the coordination and the committee see it: their link, what they say and answer."""

from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.appeals import APPEAL_LIMIT, APPEAL_STEP_NAMES, AppealStep
from backend.domain.errors import N_, Refusal
from backend.domain.merchant_links import link_state
from backend.domain.people import Role
from backend.storage import (
    appeals,
    decisions,
    declarations,
    mails,
    merchant_links,
    merchants,
    people,
    releases,
    replies,
)
from backend.storage.tables import Merchant, Territory
from backend.web.declarations import grid_of
from backend.web.house import House, house
from backend.web.pages import form_page
from backend.web.reading import may_record, must_have_on_agenda
from backend.web.security import field, must_act, once, staff


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/side: the link and what became of it, the declaration, the answers, the appeals."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        if not may_record(who, merchant.territory_id):
            must_have_on_agenda(session, who, merchant.territory_id, merchant.id)
        context = _context(home, session, merchant)
    return form_page(
        request,
        "merchant_side.html",
        refusal,
        merchant=merchant,
        may_record=may_record(who, merchant.territory_id),
        step_names=APPEAL_STEP_NAMES,
        answer_limit=APPEAL_LIMIT,
        **context,
    )


def _context(home: House, session: Session, merchant: Merchant) -> dict[str, Any]:
    links = merchant_links.of_merchant(session, merchant.id)
    cases = appeals.of_merchant(session, merchant.id)
    reports = replies.reports(session, merchant.id)
    grid = grid_of(home, session, merchant)
    said = declarations.said(session, merchant.id, grid.id) if grid else {}
    written = [link.created_by for link in links] + [link.revoked_by for link in links]
    written += [step.by for case in cases for step in case.steps] + [each.handled_by for each in reports]
    return {
        "links": links,
        "link": merchant_links.current(session, merchant.id),
        "link_state": lambda link: link_state(link.expires_at, link.revoked_at, home.now()),
        "grid": grid,
        "said": {name: row for name, row in said.items() if row.points or row.words},
        "may_declare": declarations.is_open(session, merchant.id),
        "reports": reports,
        "places": {place.id: place for place in merchants.places(session, merchant.id)},
        "replies": replies.of_merchant(session, merchant.id),
        "cases": cases,
        "decisions": {each.id: each for each in decisions.of_merchant(session, merchant.id)},
        "names": people.names(session, {each for each in written if each}),
    }


def summary(session: Session, merchant_id: str) -> dict[str, Any]:
    """What the merchant's file says of this in a few lines."""
    decision, link = decisions.latest(session, merchant_id), merchant_links.current(session, merchant_id)
    told = decisions.told_on(session, merchant_id)
    return {
        "link": link,
        "release": releases.of_decision(session, decision.id) if decision else None,
        "untold": decision is not None and decision.id not in told,
        "reports": sum(each.handled_at is None for each in replies.reports(session, merchant_id)),
        "replies": len(replies.of_merchant(session, merchant_id)),
        "appeals": sum(not each.answered for each in appeals.of_merchant(session, merchant_id)),
    }


# --- what is done with it ---


def _mine(request: Request, session: Session) -> Merchant:
    merchant = merchants.get(session, request.path_params["id"])
    must_act(staff(request), merchant.territory_id, Role.COORDINATION)
    return merchant


def handle_report(request: Request) -> Response:
    """POST /merchants/{id}/corrections/{correction}/handling: someone saw to what was wrong."""
    home, by = house(request), staff(request).person_id

    def work(session: Session) -> str:
        merchant = _mine(request, session)
        replies.handle(session, merchant.id, request.path_params["correction"], home.now(), by=by)
        return f"/merchants/{merchant.id}/side#erreurs"

    return once(request, work)


def handle_appeal(request: Request) -> Response:
    """POST /merchants/{id}/appeals/{appeal}/steps: received, on the agenda, or answered."""
    try:
        answer = once(request, lambda session: _handle_appeal(request, session))
    except Refusal as refusal:
        return show(request, refusal)
    house(request).wake()
    return answer


def _handle_appeal(request: Request, session: Session) -> str:
    merchant = _mine(request, session)
    step, text = field(request, "step"), field(request, "answer", APPEAL_LIMIT)
    if step not in list(AppealStep):
        raise Refusal("form_invalid", sentence=_("Choisissez ce qui a été fait du recours."))
    if step == AppealStep.ANSWERED and not text:
        raise Refusal("form_invalid", sentence=_("Écrivez la réponse du comité : le commerce la lira."))
    kept = text if step == AppealStep.ANSWERED else ""
    now, by = house(request).now(), staff(request).person_id
    appeals.handle(session, merchant.id, request.path_params["appeal"], AppealStep(step), kept, now, by=by)
    if step == AppealStep.ANSWERED:
        _write_to(request, session, merchant, _("Le comité a répondu à votre demande"), ANSWERED)
    return f"/merchants/{merchant.id}/side#recours"


def release(request: Request) -> Response:
    """POST /merchants/{id}/releases: the merchant will learn of the decision by opening their link."""

    def work(session: Session) -> str:
        merchant = _mine(request, session)
        now, by = house(request).now(), staff(request).person_id
        if releases.release(session, merchant.id, field(request, "decision"), now, by=by):
            _write_to(
                request, session, merchant, _("Le comité a pris une décision pour votre commerce"), DECIDED
            )
        return f"/merchants/{merchant.id}"

    try:
        answer = once(request, work)
    except Refusal as refusal:
        return show(request, refusal)
    house(request).wake()
    return answer


DECIDED = N_(
    "Bonjour,\n\nLe comité habitant a pris une décision pour {name}. Elle est sur votre page, avec ses raisons et ce"
    " que vous pouvez répondre. Ouvrez le lien personnel que la coordination vous a donné.\n\nVous ne le retrouvez"
    " pas ? {phone}\n\nLa coordination"
)
ANSWERED = N_(
    "Bonjour,\n\nLe comité habitant a répondu à la demande de nouvel examen de {name}. La réponse est sur votre page :"
    " ouvrez le lien personnel que la coordination vous a donné.\n\nVous ne le retrouvez pas ? {phone}"
    "\n\nLa coordination"
)


def _write_to(request: Request, session: Session, merchant: Merchant, subject: str, text: str) -> None:
    """A mail that says that something waits, and not what."""
    if not merchant.email:
        return
    phone = session.get_one(Territory, merchant.territory_id).phone
    call = _("Appelez le {phone}.").format(phone=phone) if phone else _("Répondez à cet e-mail.")
    mails.queue(
        session,
        merchant.email,
        subject,
        _(text).format(name=merchant.name, phone=call),
        mails.Kind.MERCHANT,
        house(request).now(),
        merchant_id=merchant.id,
    )
