"""The committee's sessions: when and where, who is there, and the agenda."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.committee import MOST_PRESENT, Why, missing_for_quorum
from backend.domain.errors import Refusal
from backend.domain.people import Role, may_act
from backend.storage import agenda, board, decisions, merchants, people, sessions, votes
from backend.storage.board import Wanted
from backend.storage.sessions import Attendance
from backend.storage.tables import CommitteeSession, Decision, DecisionVote, Merchant, Territory
from backend.web import minutes
from backend.web.house import house
from backend.web.pages import come_back, form_page
from backend.web.reading import may_record
from backend.web.security import day_field, field, fields, must_act, once, staff
from backend.web.visits import today

SITTING = (Role.COORDINATION, Role.COMMITTEE)
FOUND = 8  # merchants proposed for a few letters typed
SLIP = timedelta(days=366)  # a session further away than this is a slip in the year


# --- the list ---


def index(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /sessions: a territory's sessions, who is ready for the next one, and its quorum."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        mine = [
            each for each in people.territories(session) if may_act(who.grants, frozenset(SITTING), each.id)
        ]
        committees = [_committee(session, each, today(home)) for each in mine]
    return form_page(
        request,
        "sessions.html",
        refusal,
        committees=committees,
        coordinated={each.id for each in mine if may_record(who, each.id)},
        today=today(home),
    )


@dataclass(frozen=True)
class Committee:
    """A territory's committee: its sessions, the newest first, and how many merchants wait for the next one."""

    territory: Territory
    sessions: Sequence[CommitteeSession]
    sizes: dict[str, int]
    waiting: int


def _committee(session: Session, territory: Territory, day: date) -> Committee:
    held = sessions.of_territory(session, territory.id)
    sizes = sessions.sizes(session, [each.id for each in held])
    return Committee(territory, held, sizes, len(agenda.ready(session, territory.id, day)))


def add(request: Request) -> Response:
    """POST /sessions: another evening, with those who are ready on its agenda."""
    try:
        return once(request, lambda session: _add(request, session))
    except Refusal as refusal:
        return index(request, refusal)


def _add(request: Request, session: Session) -> str:
    home, by = house(request), staff(request).person_id
    territory_id = field(request, "territory")
    must_act(staff(request), territory_id, Role.COORDINATION)
    if session.get(Territory, territory_id) is None:
        raise Refusal("form_invalid", sentence=_("Choisissez un territoire de la liste."))
    held_on, place = _day(request), field(request, "place")
    made = sessions.open_one(session, territory_id, held_on, place, home.now(), by=by)
    ready = {merchant.id: why for merchant, why in agenda.ready(session, territory_id, held_on)}
    if ready:
        agenda.put(session, made.id, ready, home.now(), by=by)
    return f"/sessions/{made.id}"


def _day(request: Request) -> date:
    day = day_field(request, "held_on")
    if day is None:
        raise Refusal("form_invalid", sentence=_("Choisissez le jour de la séance."), detail="held_on")
    if abs(day - today(house(request))) > SLIP:
        sentence = _("Ce jour est à plus d’un an d’ici. Vérifiez l’année.")
        raise Refusal("form_invalid", sentence=sentence, detail="held_on")
    return day


def set_quorum(request: Request) -> Response:
    """POST /territories/{id}/quorum: how many people this committee must be to decide."""
    try:
        return once(request, lambda session: _set_quorum(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, index)


def _set_quorum(request: Request, session: Session) -> str:
    territory_id = request.path_params["id"]
    must_act(staff(request), territory_id, Role.COORDINATION)
    if session.get(Territory, territory_id) is None:
        raise Refusal("not_found")
    text = field(request, "quorum")
    number = _number(text, "quorum") if text else None
    if number == 0:
        sentence = _("Un quorum est d’au moins une personne. Laissez vide s’il n’y en a pas.")
        raise Refusal("form_invalid", sentence=sentence, detail="quorum")
    sessions.set_quorum(session, territory_id, number)
    return "/sessions"


def _number(text: str, name: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or int(text) > MOST_PRESENT:
        raise Refusal(
            "form_invalid", sentence=_("Écrivez un nombre de personnes : 12, par exemple."), detail=name
        )
    return int(text)


# --- one session ---


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /sessions/{id}: who is there, and the agenda with what was decided."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        held = readable(request, session)
        told = context(session, held, request.query_params.get("text", "")[:200].replace("\0", ""))
        names = people.names(session, [each for each in (held.created_by, held.closed_by) if each])
    return form_page(
        request,
        "session.html",
        refusal,
        held=held,
        names=names,
        may_record=may_record(who, held.territory_id),
        today=today(home),
        **told,
    )


def readable(request: Request, session: Session) -> CommitteeSession:
    """The session of this address, for the committee and its coordination; raises not_found."""
    held = sessions.get(session, request.path_params["id"])
    must_act(staff(request), held.territory_id, *SITTING)
    return held


@dataclass(frozen=True)
class Entry:
    """A merchant on the agenda: why it comes, where it sells, and what this session decided on it, if it did."""

    merchant: Merchant
    why: Why
    cities: tuple[str, ...]
    decided: tuple[Decision, DecisionVote] | None


def entries_of(session: Session, held: CommitteeSession) -> list[Entry]:
    """The agenda of a session, in its order."""
    listed = sessions.items(session, held.id)
    sold_at = merchants.places_of(session, [merchant.id for _item, merchant in listed])
    taken = {vote.decision_id: vote for vote in votes.of_session(session, held.id)}
    decided: dict[str, tuple[Decision, DecisionVote]] = {}
    for decision in decisions.with_ids(session, list(taken)):  # oldest first: the latest of the evening holds
        decided[decision.merchant_id] = (decision, taken[decision.id])
    return [
        Entry(
            merchant,
            Why(item.why),
            tuple(dict.fromkeys(place.city for place in sold_at[merchant.id] if place.city)),
            decided.get(merchant.id),
        )
        for item, merchant in listed
    ]


def context(session: Session, held: CommitteeSession, text: str) -> dict[str, Any]:
    """What the page and the paper of a session say. `text`: the letters of a merchant that is looked for."""
    entries, quorum = entries_of(session, held), sessions.quorum_of(session, held)
    listed = {each.merchant.id for each in entries}
    wanted = Wanted(territories=[held.territory_id], text=text)
    found = board.search(session, wanted, held.held_on, limit=FOUND) if text else []
    presences = sessions.presences(session, held.id)
    return {
        "territory": session.get_one(Territory, held.territory_id),
        "entries": entries,
        "ready": [] if held.closed_at else agenda.ready(session, held.territory_id, held.held_on, listed),
        "text": text,
        "found": [card.merchant for card in found if card.merchant.id not in listed],
        "presences": presences,
        "members": sessions.members(session, held.territory_id),
        "present": len(presences) + held.others,
        "quorum": quorum,
        "missing": missing_for_quorum(len(presences) + held.others, 0, quorum),
    }


def _held(request: Request, session: Session) -> CommitteeSession:
    """The session of this address, for someone who may change it; raises not_found."""
    held = sessions.get(session, request.path_params["id"])
    must_act(staff(request), held.territory_id, Role.COORDINATION)
    return held


def edit(request: Request) -> Response:
    """POST /sessions/{id}/edits: another day, another place."""
    return changed(request, _edit)


def _edit(request: Request, session: Session, held: CommitteeSession) -> str:
    given = {"held_on": _day(request), "place": field(request, "place")}
    shown = {"held_on": day_field(request, "was_held_on"), "place": field(request, "was_place")}
    changes = {name: value for name, value in given.items() if value != shown[name]}
    if "held_on" in changes and votes.of_session(session, held.id):
        sentence = _("Des décisions sont déjà prises dans cette séance : son jour ne change plus.")
        raise Refusal("form_invalid", sentence=sentence, detail="held_on")
    sessions.edit(session, held.id, changes)
    return f"/sessions/{held.id}"


def note_presence(request: Request) -> Response:
    """POST /sessions/{id}/presence: who is there after all."""
    return changed(request, _note_presence)


def _note_presence(request: Request, session: Session, held: CommitteeSession) -> str:
    names = [name.strip() for name in re.split(r"[\n,;]", field(request, "names", 4000))]
    if any(len(name) > 80 for name in names):
        sentence = _("Un prénom est trop long. Écrivez un prénom par ligne.")
        raise Refusal("form_invalid", sentence=sentence, detail="names")
    attendance = Attendance(
        came=fields(request, "member"),
        names=[name for name in names if name],
        gone=set(fields(request, "was_present")) - set(fields(request, "present")),
    )
    if held.others + len(attendance.names) + len(attendance.came) > MOST_PRESENT:
        raise Refusal(
            "form_invalid", sentence=_("Il y a trop de noms. Écrivez plutôt leur nombre."), detail="names"
        )
    others = field(request, "others") or "0"
    sessions.note_presence(session, held.id, attendance, house(request).now(), by=staff(request).person_id)
    if others != (field(request, "was_others") or "0"):
        sessions.edit(session, held.id, {"others": _number(others, "others")})
    return f"/sessions/{held.id}#presence"


def close(request: Request) -> Response:
    """POST /sessions/{id}/closure: the evening is over, its minutes never change again."""
    return changed(request, lambda request, session, _held: minutes.close(request, session))


def changed(request: Request, change: Callable[[Request, Session, CommitteeSession], str]) -> Response:
    """Change a session as its form says, and go back to it; a refusal comes back with what was typed."""

    def work(session: Session) -> str:
        return change(request, session, _held(request, session))

    try:
        return once(request, work)
    except Refusal as refusal:
        return come_back(request, refusal, show)
