"""The minutes of a session: written from the records, a draft until the session is closed, unchanging afterwards."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import decisions, people, sessions, visits, votes
from backend.storage.tables import (
    CommitteeSession,
    Decision,
    DecisionVisit,
    DecisionVote,
    Merchant,
    Territory,
)
from backend.web.dossiers import Dossier, dossier, picture
from backend.web.house import House, house
from backend.web.paper import paper
from backend.web.security import must_act, staff
from backend.web.visits import today

READERS = (Role.COORDINATION, Role.COMMITTEE)
Content = dict[str, Any]
"""Plain JSON: kept beside the session once it is closed, and printed as it is."""


def show(request: Request) -> Response:
    """GET /sessions/{id}/minutes.pdf: as the records tell it now, or as it was when the session was closed."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        held = sessions.get(session, request.path_params["id"])
        must_act(who, held.territory_id, *READERS)
        told = held.minutes or content(home, session, held)
        closed = None
        if held.closed_at is not None and held.closed_by is not None:
            closed = (held.closed_at, people.names(session, [held.closed_by]).get(held.closed_by, ""))
    filename = f"compte-rendu-{held.held_on.isoformat()}.pdf"
    return paper(request, "minutes.html", filename, told=told, closed=closed)


def content(home: House, session: Session, held: CommitteeSession) -> Content:
    """What the records say of a session. Nothing in it points to what may change later, but for one photo each."""
    listed = sessions.items(session, held.id)
    taken = {vote.decision_id: vote for vote in votes.of_session(session, held.id)}
    return {
        "territory": session.get_one(Territory, held.territory_id).name,
        "held_on": held.held_on.isoformat(),
        "place": held.place,
        "present": [each.name for each in sessions.presences(session, held.id)],
        "others": held.others,
        "quorum": sessions.quorum_of(session, held),
        "items": [_item(home, session, merchant, item.why, taken) for item, merchant in listed],
    }


def _item(
    home: House, session: Session, merchant: Merchant, why: str, taken: dict[str, DecisionVote]
) -> Content:
    told = dossier(home, session, merchant)
    here = [each for each in decisions.of_merchant(session, merchant.id) if each.id in taken]
    rested = decisions.visits_of(session, here[0].id) if here else []
    photo = told.seen.photo if told.seen else None
    return {
        "name": merchant.name,
        "kind": merchant.kind,
        "cities": list(told.cities),
        "why": why,
        "picture": _picture(home, session, told, rested),
        "photo": {"sha256": photo.sha256, "caption": photo.caption} if photo else None,
        "decisions": [_decision(home, session, each, taken[each.id]) for each in reversed(here)],
    }


def _picture(
    home: House, session: Session, told: Dossier, rested: Sequence[DecisionVisit]
) -> dict[str, Any] | None:
    """The picture of what the decision rested on, else of what there is to decide on."""
    for each in rested:
        grid = home.grids.get(visits.get(session, each.visit_id).grid_id)
        if grid is not None and each.score is not None:
            return picture(grid, each.score)
    return told.seen.picture if told.seen else None


def _decision(home: House, session: Session, decision: Decision, vote: DecisionVote) -> Content:
    names = {each.id: each.name for grid in home.grids.values() for each in grid.criteria}
    return {
        "outcome": decision.outcome,
        "reasons": decision.reasons,
        "valid_until": decision.valid_until.isoformat() if decision.valid_until else None,
        "returns_on": decision.returns_on.isoformat() if decision.returns_on else None,
        "commitments": [
            {
                "text": each.text,
                "criterion": names.get(each.criterion, ""),
                "due": each.due.isoformat() if each.due else None,
            }
            for each in decisions.commitments_of(session, decision.id)
        ],
        "vote": {
            **{
                name: getattr(vote, name)
                for name in ("method", "present", "quorum", "in_favour", "against", "abstained", "recused")
            },
            "ballots": dict(vote.ballots),
        },
    }


def close(request: Request, session: Session) -> str:
    """The session is over: its minutes are kept as they are now. Raises session_closed, not_found."""
    home, who = house(request), staff(request)
    seen = sessions.get(session, request.path_params["id"])
    must_act(who, seen.territory_id, Role.COORDINATION)
    held = sessions.hold(session, seen.id)
    if held.held_on > today(home):
        raise Refusal("session_ahead", day=f"{held.held_on:%d/%m/%Y}")
    told = content(home, session, held)
    sessions.close(session, held.id, told["quorum"], told, home.now(), by=who.person_id)
    return f"/sessions/{held.id}"
