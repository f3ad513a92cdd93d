"""What Moneko's software is told: what waits, what was received, why not; and how to receive it."""

import json
import re

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.announcements import TOPIC_NAMES, TROUBLES, About, Change, Topic, message
from backend.domain.errors import N_
from backend.domain.merchants import STANDING_NAMES, Standing
from backend.domain.onboarding import MONEKO_STATUS_NAMES, STEP_NAMES
from backend.domain.people import Role
from backend.storage import announcements
from backend.storage.announcements import State
from backend.web.house import house
from backend.web.mails import delivered
from backend.web.pages import page
from backend.web.security import once, staff, territories_of

PAGE = 50

STATE_NAMES: dict[State, str] = {State.WAITING: N_("En attente"), State.SENT: N_("Reçues")}
STANDINGS: dict[Standing, str] = {
    **STANDING_NAMES,
    Standing.NONE: N_("pas publique"),
    Standing.ENDED: N_("terminée"),
}
STOPPED: dict[str, str] = {
    "given_up": N_("accompagnement arrêté"),
    "suspended": N_("suspendu par la caisse"),
}


def index(request: Request) -> Response:
    """GET /announcements: those in one state."""
    home, mine, number = house(request), territories_of(staff(request), Role.MONEKO), _page_number(request)
    with home.db.read() as session:
        counts = announcements.counts(session, mine)
        state = _state(request, counts)
        shown = announcements.listed(session, mine, state, limit=PAGE, offset=PAGE * (number - 1))
    return page(
        request,
        "announcements.html",
        state=state,
        counts=counts,
        shown=shown,
        number=number,
        more=counts[state] > PAGE * number,
        states=STATE_NAMES,
        topics=TOPIC_NAMES,
        troubles=TROUBLES,
        standings=STANDINGS,
        statuses=MONEKO_STATUS_NAMES,
        stopped=STOPPED,
        steps=len(STEP_NAMES),
        nowhere=not home.settings.webhook_url,
    )


def _state(request: Request, counts: dict[State, int]) -> State:
    """The state asked for, else what waits, if anything does."""
    asked = request.query_params.get("state", "")
    if asked in list(State):
        return State(asked)
    return State.WAITING if counts[State.WAITING] else State.SENT


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "")
    return int(asked) if re.fullmatch("[1-9][0-9]{0,3}", asked) else 1


def try_again(request: Request) -> Response:
    """POST /announcements/tries: all that waits is sent now, of all territories: one address receives them."""

    def work(session: Session) -> str:
        announcements.try_again(session, house(request).now())
        return "/announcements?state=waiting"

    return delivered(request, once(request, work))


def explain(request: Request) -> Response:
    """GET /announcements/format: what is sent, and how its signature is checked."""
    about = About("01900000-0000-7000-8000-000000000001", "res_partner_44", "nantes-ouest")
    event, at = "01900000-0000-7000-8000-0000000000aa", house(request).now()
    examples = {
        topic: _laid_out(message(event, about, Change(topic, before, after), at))
        for topic, (before, after) in _EXAMPLES.items()
    }
    return page(
        request,
        "announcements_format.html",
        examples=examples,
        topics=TOPIC_NAMES,
        standings=STANDINGS,
        statuses=MONEKO_STATUS_NAMES,
        steps=STEP_NAMES,
    )


def _laid_out(body: str) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


_EXAMPLES = {
    Topic.HANDOVER: (False, True),
    Topic.ONBOARDING: (
        {"status": None, "steps": ["appointment"], "stopped": None},
        {"status": "active", "steps": ["appointment", "account"], "stopped": None},
    ),
    Topic.STANDING: (Standing.SOON.value, Standing.ACTIVE.value),
}
