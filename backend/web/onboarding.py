"""Moneko's staff make an accredited shop able to take payments: its file, the steps, the status."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.merchants import Standing
from backend.domain.onboarding import (
    AWAITED_NAMES,
    GIVEN_UP_BY,
    NEEDS_REASON,
    MonekoStatus,
    Step,
    next_step,
)
from backend.domain.people import Role, may_act
from backend.domain.reports import REPORT_NAMES
from backend.storage import decisions, handovers, merchants, onboarding, people, reports
from backend.storage.onboarding import Case
from backend.storage.people import StaffSession
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.pages import PARIS, form_page, page
from backend.web.security import field, fields, must_act, once, staff, territories_of
from backend.web.visits import today


def show(request: Request) -> Response:
    """GET /onboarding: who waits, for how long, and what comes next."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        cases = onboarding.cases(session, territories_of(who, Role.MONEKO, Role.COORDINATION))
        places = merchants.places_of(session, [case.merchant.id for case in cases])
        refused = reports.waiting(session, territories_of(who, Role.MONEKO, Role.COORDINATION), urgent=True)
    return page(
        request,
        "onboarding.html",
        groups=_groups(cases),
        reports=refused,
        report_names=REPORT_NAMES,
        places=places,
        next_step=next_step,
        steps=list(Step),
        waited=lambda case: (today(home) - _day(case.told_at)).days,
    )


def _groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Waiting, stopped, active."""
    groups: dict[str, list[Case]] = {"waiting": [], "stopped": [], "active": []}
    for case in cases:
        groups[_group(case)].append(case)
    return groups


def _group(case: Case) -> str:
    if case.life.standing is Standing.ACTIVE:
        return "active"
    stopped = case.life.suspended or case.life.given_up or case.life.moneko in NEEDS_REASON
    return "stopped" if stopped else "waiting"


def _day(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()


def show_merchant(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /onboarding/{id}: a merchant's file without the grid's answers, and the steps."""
    with house(request).db.read() as session:
        case = _case(request, session, Role.MONEKO, Role.COORDINATION)
        context = _file(session, case)
    return form_page(
        request,
        "onboarding_merchant.html",
        refusal,
        case=case,
        steps=list(Step),
        next_step=next_step(case.life.steps),
        statuses=list(MonekoStatus),
        given_up_by=GIVEN_UP_BY,
        may_tick=_may_tick(staff(request), case),
        asks_sure=refusal is not None and refusal.problem.code == "steps_left",
        **context,
    )


def _case(request: Request, session: Session, *roles: Role) -> Case:
    """The case that the address names: raises not_found before anything else when it is not theirs to see."""
    merchant = merchants.get(session, request.path_params["id"])
    must_act(staff(request), merchant.territory_id, *roles)
    return onboarding.case_of(session, merchant.id)


def _may_tick(who: StaffSession, case: Case) -> bool:
    return may_act(who.grants, frozenset({Role.MONEKO}), case.merchant.territory_id)


def _file(session: Session, case: Case) -> dict[str, Any]:
    decision = decisions.latest(session, case.merchant.id)
    history = onboarding.history(session, case.merchant.id)
    return {
        "places": merchants.places(session, case.merchant.id),
        "decision": decision,
        "commitments": decisions.commitments_of(session, decision.id) if decision else [],
        "history": history,
        "own_id": handovers.own_ids_of(session, [case.merchant.id]).get(case.merchant.id, ""),
        "changed": handovers.changed_since(session, [case.merchant]).get(case.merchant.id, {}),
        "authors": people.names(session, [row.author_id for row in history if row.author_id]),
        "territory": session.get_one(Territory, case.merchant.territory_id),
    }


# --- recording ---


def tick(request: Request) -> Response:
    """POST /onboarding/{id}/steps: a step done, or after all not."""
    try:
        step, done = field(request, "step"), field(request, "done") == "yes"
        if step not in list(Step):
            raise Refusal("form_invalid", sentence=_("Choisissez une étape de la liste."))
        note = field(request, "note", 1000)
        return once(request, lambda session: _tick(request, session, Step(step), done, note))
    except Refusal as refusal:
        return show_merchant(request, refusal)


def _tick(request: Request, session: Session, step: Step, done: bool, note: str) -> str:
    case, now = _case(request, session, Role.MONEKO), house(request).now()
    onboarding.tick(session, case.merchant.id, step, done, note, now, by=staff(request).person_id)
    return f"/onboarding/{case.merchant.id}#{step}"


def set_status(request: Request) -> Response:
    """POST /onboarding/{id}/status: accepts the Moneko at these sales points, or is stopped for a reason."""
    try:
        status, note = field(request, "status"), field(request, "note", 1000)
        if status not in list(MonekoStatus):
            raise Refusal("form_invalid", sentence=_("Choisissez la situation du commerce chez Moneko."))
        if status in NEEDS_REASON and not note:
            raise Refusal("form_invalid", sentence=_("Écrivez pourquoi : la coordination doit le savoir."))
        return once(request, lambda session: _set_status(request, session, MonekoStatus(status), note))
    except Refusal as refusal:
        return show_merchant(request, refusal)


def _set_status(request: Request, session: Session, status: MonekoStatus, note: str) -> str:
    case, now = _case(request, session, Role.MONEKO), house(request).now()
    known = {place.id for place in merchants.places(session, case.merchant.id)}
    chosen = known.intersection(fields(request, "place"))
    if status is MonekoStatus.ACTIVE and not chosen:
        sentence = _("Cochez au moins un point de vente où l’on peut payer en Moneko.")
        raise Refusal("form_invalid", sentence=sentence)
    left = len(Step) - len(case.life.steps)
    becomes_active = status is MonekoStatus.ACTIVE and case.life.moneko != MonekoStatus.ACTIVE
    if becomes_active and left and field(request, "sure") != "yes":
        raise Refusal("steps_left", left=left, detail="sure")
    onboarding.set_status(session, case.merchant.id, status, note, chosen, now, by=staff(request).person_id)
    return f"/onboarding/{case.merchant.id}"


def give_up(request: Request) -> Response:
    """POST /onboarding/{id}/end: the onboarding does not go on; the coordination is told why."""
    try:
        who, note = field(request, "who"), field(request, "note", 1000)
        if who not in GIVEN_UP_BY:
            raise Refusal("form_invalid", sentence=_("Dites si c’est le commerce ou Moneko qui arrête."))
        if not note:
            raise Refusal("form_invalid", sentence=_("Écrivez pourquoi : la coordination doit le savoir."))
        return once(request, lambda session: _give_up(request, session, who, note))
    except Refusal as refusal:
        return show_merchant(request, refusal)


def _give_up(request: Request, session: Session, who: str, note: str) -> str:
    case, now = _case(request, session, Role.MONEKO), house(request).now()
    onboarding.give_up(session, case.merchant.id, who, note, now, by=staff(request).person_id)
    return f"/onboarding/{case.merchant.id}"


def show_gaps(request: Request) -> Response:
    """GET /gap: who is accredited and takes no Moneko yet, for how long, waiting for whom."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        waiting = onboarding.gaps(session, territories_of(who, Role.MONEKO, Role.COORDINATION))
        cities = merchants.places_of(session, [each.merchant.id for each in waiting])
        names = {territory.id: territory.name for territory in people.territories(session)}
    return page(
        request,
        "gap.html",
        waiting=waiting,
        places=cities,
        territory_names=names,
        awaited_names=AWAITED_NAMES,
        counts=Counter(each.gap.awaited for each in waiting),
        today=today(home),
    )
