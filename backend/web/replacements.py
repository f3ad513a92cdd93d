"""Replacing someone who cannot go: three taps, and the new one has their invitation."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import notices
from backend.domain.errors import Refusal
from backend.domain.planning import companions
from backend.domain.visits import REPLACED_BECAUSE
from backend.storage import merchants, people, planning, replacements, visits
from backend.storage.replacements import Change
from backend.storage.tables import Visit
from backend.web.house import house
from backend.web.mails import delivered
from backend.web.pages import come_back, form_page
from backend.web.planning import visit_to_edit
from backend.web.security import field, once, staff, typed
from backend.web.visits import today


def choose(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}/replacements/new?leaves=…: who could go instead, best first, and why the others cannot."""
    asked = typed(request).get("leaves") or request.query_params.get("leaves", "")
    with house(request).db.read() as session:
        visit = visit_to_edit(request, session)
        members = [each for each, part in visits.members(session, visit.id) if part.removed_at is None]
        leaving = next((each for each in members if each.id == asked), None)
        if leaving is None and refusal is None:
            raise Refusal("not_found")
        merchant = merchants.get(session, visit.merchant_id)
        able, kept = _companions(request, session, visit, str(asked))
    return form_page(
        request,
        "replacement.html",
        refusal,
        visit=visit,
        merchant=merchant,
        leaving=leaving,
        staying=[each.name for each in members if each != leaving],
        able=able,
        kept=kept,
        causes=REPLACED_BECAUSE,
    )


def _companions(request: Request, session: Session, visit: Visit, leaves: str):  # type: ignore[no-untyped-def]
    everybody = planning.candidates(session, visit.territory_id, today(house(request)))
    current = visits.parts(session, [visit.id])[visit.id].current
    going = [each for each in everybody if each.id in current - {leaves}]
    others = [each for each in everybody if each.id != leaves]
    trip = planning.trip(session, [visit.merchant_id], visit.planned_on, visit.planned_at)
    return companions(others, going, trip, planning.known(session, visit.territory_id))


def replace(request: Request) -> Response:
    """POST /visits/{id}/replacements: someone goes instead of someone else."""
    try:
        return delivered(request, once(request, lambda session: _replace(request, session)))
    except Refusal as refusal:
        return come_back(request, refusal, choose)


def _replace(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    visit = visit_to_edit(request, session)
    comes = _who_comes(request, session, visit)
    reason = field(request, "reason")
    if reason not in REPLACED_BECAUSE:
        raise Refusal("form_invalid", sentence=_("Choisissez pourquoi cette personne n’y va plus."))
    change = Change(field(request, "leaves"), comes, reason)
    before = notices.seen(session, visit)
    replacements.replace(session, visit, change, home.rules, home.now(), by=who.person_id)
    people.invite_once(session, comes, home.now(), days=home.settings.invitation_days, by=who.person_id)
    notices.tell(session, visit, before, home.now(), home.settings.public_url)
    return f"/visits/{visit.id}/invitations"


def _who_comes(request: Request, session: Session, visit: Visit) -> str:
    """Someone of the list, else someone whose first name was just typed."""
    comes, name = field(request, "comes"), field(request, "newcomer", 80)
    if name:
        now, by = house(request).now(), staff(request).person_id
        return people.add_evaluator(session, name, visit.territory_id, now, by=by).id
    if comes not in {each.id for each in people.evaluators(session, visit.territory_id)}:
        raise Refusal("form_invalid", sentence=_("Choisissez qui vient à la place."))
    return comes
