"""The part of the decision's form that says in which session it is taken, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request

from backend.domain.committee import Ballot, Method, Vote
from backend.domain.decisions import LATEST_RETURN, DecisionOutcome
from backend.domain.errors import Refusal
from backend.storage import sessions
from backend.storage.tables import CommitteeSession, SessionPresence
from backend.storage.votes import Sitting
from backend.web.security import day_field, field, typed

MOST = 500  # people at a meeting


@dataclass(frozen=True)
class Evening:
    """A session in which this merchant may be decided on now: who is there, and how many must be."""

    held: CommitteeSession
    presences: Sequence[SessionPresence]
    quorum: int | None

    @property
    def present(self) -> int:
        return len(self.presences) + self.held.others


def evening(request: Request, session: Session, merchant_id: str) -> Evening | None:
    """The session to decide in: the one the address or the form names, else the nearest with this merchant."""
    near = sessions.open_with(session, merchant_id)
    asked = request.query_params.get("session") or typed(request).get("session")
    held = next((each for each in near if each.id == asked), near[0] if near else None)
    if held is None:
        return None
    return Evening(held, sessions.presences(session, held.id), sessions.quorum_of(session, held))


def sitting(request: Request) -> Sitting | None:
    """The session and the vote that the form gives; None for a decision taken outside a session."""
    session_id = field(request, "session")
    return Sitting(session_id, _vote(request)) if session_id else None


def _vote(request: Request) -> Vote:
    method = field(request, "method")
    if method not in list(Method):
        raise Refusal("form_invalid", sentence=_("Choisissez comment le comité a décidé."), detail="method")
    in_favour, against, abstained = (_number(request, name) for name in ("in_favour", "against", "abstained"))
    return Vote(Method(method), in_favour, against, abstained, _ballots(request))


def _ballots(request: Request) -> dict[str, Ballot]:
    """What those present who are named said: a field each, called by their name."""
    given: dict[str, Ballot] = {}
    for field_name, value in typed(request).multi_items():
        if not field_name.startswith("ballot_") or not value:
            continue
        if value not in list(Ballot):
            raise Refusal("form_expired")
        given[field_name.removeprefix("ballot_")] = Ballot(str(value))
    return given


def _number(request: Request, name: str) -> int:
    text = field(request, name)
    if not (text or "0").isdecimal() or int(text or "0") > MOST:
        raise Refusal(
            "form_invalid", sentence=_("Écrivez les voix en chiffres : 7, par exemple."), detail=name
        )
    return int(text or "0")


def returns_on(request: Request, outcome: DecisionOutcome, decided_on: date) -> date | None:
    """When a deferred merchant comes back; None leaves it to the default. Raises form_invalid."""
    if outcome is not DecisionOutcome.DEFERRED or (day := day_field(request, "returns_on")) is None:
        return None
    if not decided_on < day <= decided_on + LATEST_RETURN:
        sentence = _("Le commerce revient après la décision, dans les deux ans. Vérifiez la date.")
        raise Refusal("form_invalid", sentence=sentence, detail="returns_on")
    return day
