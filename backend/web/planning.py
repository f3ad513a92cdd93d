"""Planning a visit: when, with which grid, with whom; the duos that the house suggests, and who cannot go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from backend import notices
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.domain.planning import Suggestions, suggest
from backend.domain.visits import CANCELLABLE, MOST_MEMBERS, VISIT_STATE_NAMES
from backend.storage import journal, merchants, people, planning, visits
from backend.storage.tables import Person, Visit
from backend.web.house import House, house
from backend.web.mails import delivered
from backend.web.pages import form_page
from backend.web.security import day_field, field, fields, must_act, once, staff
from backend.web.visits import grids_for_visits, today

TIME = re.compile(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])")
SLIP = timedelta(days=366)  # a visit further away than this is a slip in the year


def plan_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/visits/new: when, with which grid, with whom; and the duos suggested."""
    home, who = house(request), staff(request)
    typed_so_far(request)
    with home.db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        must_act(who, merchant.territory_id, Role.COORDINATION)
        there = crew(request, session, merchant.territory_id, [merchant.id])
    return form_page(
        request,
        "visit_plan.html",
        refusal,
        merchant=merchant,
        grids=grids_for_visits(home, merchant.territory_id),
        most_members=MOST_MEMBERS,
        **there.context(),
    )


# --- who can go ---


@dataclass(frozen=True)
class Crew:
    """Who can be chosen for a trip. `chosen`: ids ticked; `found`: the duos, and who cannot go."""

    evaluators: Sequence[Person]
    chosen: Sequence[str]
    found: Suggestions

    def context(self) -> dict[str, Any]:
        """What the templates read: those who must not go are not offered, the others carry what is known of them."""
        never = {each.person.id for each in self.found.kept if each.barred}
        return {
            "evaluators": [person for person in self.evaluators if person.id not in never],
            "chosen": self.chosen,
            "suggestions": self.found,
            "notes": {each.person.id: each.reasons for each in self.found.kept},
        }


def typed_so_far(request: Request) -> None:
    """A page asked for again with what its form held, to see who can go then: it shows that as after a refusal."""
    if request.method == "GET":
        given: list[tuple[str, str | UploadFile]] = [*request.query_params.multi_items()]
        request.state.form = FormData(given)


def crew(request: Request, session: Session, territory_id: str, merchant_ids: Sequence[str]) -> Crew:
    """Who can be sent to these merchants, on the day and at the hour typed so far."""
    on, at = _day_so_far(request), field(request, "planned_at")
    trip = planning.trip(session, merchant_ids, on, at if TIME.fullmatch(at) else "")
    found = suggest(
        planning.candidates(session, territory_id, today(house(request))),
        trip,
        planning.known(session, territory_id),
    )
    return Crew(people.evaluators(session, territory_id), chosen(request), found)


def chosen(request: Request) -> list[str]:
    """Who is ticked: those of the duo just taken up, else those of the form."""
    return field(request, "duo").split() or fields(request, "member")


def _day_so_far(request: Request) -> date | None:
    try:
        return day_field(request, "planned_on")
    except Refusal:
        return None


# --- planning ---


@dataclass(frozen=True)
class Asked:
    """What the planning form says."""

    on: date
    at: str
    grid_id: str
    members: tuple[str, ...]
    newcomers: tuple[str, ...]


def plan(request: Request) -> Response:
    """POST /merchants/{id}/visits: the visit, and an invitation for each of its people."""
    try:
        asked = _asked(request)
        return delivered(request, once(request, lambda session: _plan(request, session, asked)))
    except Refusal as refusal:
        return plan_form(request, refusal)


def _asked(request: Request) -> Asked:
    asked = Asked(
        on=planned_on(request),
        at=planned_time(field(request, "planned_at")),
        grid_id=field(request, "grid"),
        members=tuple(dict.fromkeys(fields(request, "member"))),
        newcomers=newcomers(request),
    )
    check_count(len(asked.members) + len(asked.newcomers))
    return asked


def check_count(count: int) -> None:
    if not count:
        raise Refusal("form_invalid", sentence=_("Choisissez qui fait la visite : au moins une personne."))
    if count > MOST_MEMBERS:
        raise Refusal("form_invalid", sentence=_("Une visite se fait à trois au plus. Décochez quelqu’un."))


def planned_on(request: Request) -> date:
    day = day_field(request, "planned_on")
    if day is None:
        raise Refusal("form_invalid", sentence=_("Choisissez le jour de la visite."))
    if abs(day - today(house(request))) > SLIP:
        raise Refusal("form_invalid", sentence=_("Ce jour est à plus d’un an d’ici. Vérifiez l’année."))
    if day < today(house(request)) and day.isoformat() != field(request, "was_planned_on"):
        sentence = _("Ce jour est déjà passé. Choisissez aujourd’hui ou un jour à venir.")
        raise Refusal("form_invalid", sentence=sentence)
    return day


def planned_time(text: str) -> str:
    found = TIME.fullmatch(text)
    if text and found is None:
        raise Refusal("form_invalid", sentence=_("L’heure s’écrit comme ceci : 14:30."))
    return f"{int(found[1]):02}:{found[2]}" if found else ""


def _plan(request: Request, session: Session, asked: Asked) -> str:
    home, who = house(request), staff(request)
    merchant = merchants.get(session, request.path_params["id"])
    must_act(who, merchant.territory_id, Role.COORDINATION)
    must_be_usable(home, merchant.territory_id, asked.grid_id)
    planning.hold(session)
    planning.must_be_only_one(session, merchant.id, asked.on)
    members = sent_members(request, session, merchant.territory_id, asked.members, asked.newcomers)
    planning.must_be_fair(session, merchant.territory_id, [merchant.id], members)
    visit = visits.plan(
        session,
        merchant.id,
        asked.grid_id,
        asked.on,
        members,
        home.now(),
        by=who.person_id,
        planned_at=asked.at,
    )
    for person_id in members:
        people.invite_once(
            session, person_id, home.now(), days=home.settings.invitation_days, by=who.person_id
        )
    notices.tell(session, visit, None, home.now(), home.settings.public_url)
    return f"/visits/{visit.id}/invitations"


def must_be_usable(home: House, territory_id: str, grid_id: str) -> None:
    grid = home.grids.get(grid_id)
    if grid is None or grid.territory != territory_id:
        raise Refusal("form_invalid", sentence=_("Choisissez une grille de ce territoire."))
    if grid.status == "withdrawn":
        raise Refusal("grid_not_published", grid=grid_id)


def sent_members(
    request: Request, session: Session, territory_id: str, members: Sequence[str], newcomers: Sequence[str]
) -> list[str]:
    """The people chosen, then those whose first name was just typed. Raises form_invalid."""
    known = {person.id for person in people.evaluators(session, territory_id)}
    if not known.issuperset(members):
        raise Refusal("form_invalid", sentence=_("Choisissez des personnes de la liste."))
    now, by = house(request).now(), staff(request).person_id
    new = [people.add_evaluator(session, name, territory_id, now, by=by) for name in newcomers]
    return [*members, *(person.id for person in new)]


def newcomers(request: Request) -> tuple[str, ...]:
    """The first names typed for people who are not in the list."""
    names = (field(request, f"newcomer_{rank}", 80) for rank in range(1, MOST_MEMBERS + 1))
    return tuple(filter(None, names))


def asked_members(request: Request, session: Session, territory_id: str) -> list[str]:
    """Who is to go, as a form says; raises form_invalid for nobody, or more than three."""
    ticked, typed_names = list(dict.fromkeys(fields(request, "member"))), newcomers(request)
    check_count(len(ticked) + len(typed_names))
    return sent_members(request, session, territory_id, ticked, typed_names)


# --- changing ---


def edit_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}/edit: another day, another hour, other people."""
    with house(request).db.read() as session:
        visit = visit_to_edit(request, session)
        merchant = merchants.get(session, visit.merchant_id)
        going = [person for person, part in visits.members(session, visit.id) if part.removed_at is None]
        others = people.evaluators(session, visit.territory_id)
    return form_page(
        request,
        "visit_edit.html",
        refusal,
        visit=visit,
        merchant=merchant,
        going=[person.id for person in going],
        evaluators=list({person.id: person for person in [*going, *others]}.values()),
        notes={},
        suggestions=None,
        most_members=MOST_MEMBERS,
    )


def visit_to_edit(request: Request, session: Session) -> Visit:
    """The visit of this address, while it can still be changed."""
    visit = visits.get(session, request.path_params["id"])
    must_act(staff(request), visit.territory_id, Role.COORDINATION)
    if visit.state not in CANCELLABLE:
        sentence = _("Cette visite est {state} : elle ne se change plus.")
        raise Refusal("form_invalid", sentence=sentence.format(state=_(VISIT_STATE_NAMES[visit.state])))
    return visit


def edit(request: Request) -> Response:
    """POST /visits/{id}/edits: what was changed, and nothing else."""
    try:
        asked = _asked(request)
        return delivered(request, once(request, lambda session: _edit(request, session, asked)))
    except Refusal as refusal:
        return edit_form(request, refusal)


def _edit(request: Request, session: Session, asked: Asked) -> str:
    home, who = house(request), staff(request)
    journal.hold(session)
    visit = visit_to_edit(request, session)
    same_day = asked.on.isoformat() == field(request, "was_planned_on")
    same_time = asked.at == field(request, "was_planned_at")
    before = notices.seen(session, visit)
    members = _members_now(request, session, visit, asked)
    added = set(members) - visits.parts(session, [visit.id])[visit.id].current
    planning.must_be_fair(session, visit.territory_id, [visit.merchant_id], added)
    planning.must_be_only_one(session, visit.merchant_id, asked.on, but=visit.id)
    visits.edit(
        session,
        visit,
        visit.planned_on if same_day else asked.on,
        visit.planned_at if same_time else asked.at,
        members,
        home.rules,
        home.now(),
        by=who.person_id,
    )
    for person_id in members:
        people.invite_once(
            session, person_id, home.now(), days=home.settings.invitation_days, by=who.person_id
        )
    notices.tell(session, visit, before, home.now(), home.settings.public_url)
    return f"/visits/{visit.id}/invitations"


def _members_now(request: Request, session: Session, visit: Visit, asked: Asked) -> list[str]:
    """Who goes: those who do already, but for what the form changes; what others changed meanwhile stays."""
    going = visits.parts(session, [visit.id])[visit.id].current
    shown = set(fields(request, "was_member"))
    new = [each for each in asked.members if each not in shown]
    left = going - (shown - set(asked.members))
    members = sorted(left.union(sent_members(request, session, visit.territory_id, new, asked.newcomers)))
    check_count(len(members))
    return members
