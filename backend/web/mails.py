"""E-mails: what waits, what went, what did not and why; and the page where one stops receiving some of them."""

import re
from collections.abc import Callable

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.domain.errors import N_, Refusal
from backend.domain.mails import TROUBLES
from backend.domain.people import Role
from backend.storage import mails
from backend.storage.mails import Kind, State
from backend.web.house import house
from backend.web.pages import come_back, form_page, page
from backend.web.security import once, staff, territories_of

PAGE = 50

STATE_NAMES: dict[State, str] = {
    State.WAITING: N_("En attente"),
    State.FAILED: N_("Pas partis"),
    State.SENT: N_("Partis"),
}
KIND_NAMES: dict[Kind, str] = {
    Kind.INVITATION: N_("invitation"),
    Kind.REMINDER: N_("rappel"),
    Kind.WEEK: N_("lettre de la semaine"),
    Kind.MERCHANT: N_("lettre à un commerce"),
    Kind.LINK: N_("lien personnel d’un commerce"),
    Kind.REPORT: N_("paiement refusé"),
}
STOPPED: dict[Kind, str] = {
    Kind.REMINDER: N_("les rappels de la veille d’une visite"),
    Kind.WEEK: N_("la lettre de la semaine"),
}


def index(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /mails: those in one state, newest first; what did not go comes first."""
    home, who = house(request), staff(request)
    mine, number = territories_of(who, Role.COORDINATION), _page_number(request)
    with home.db.read() as session:
        counts = mails.counts(session, mine, who.person_id)
        state = _state(request, counts)
        shown = mails.listed(session, mine, who.person_id, state, limit=PAGE, offset=PAGE * (number - 1))
    return form_page(
        request,
        "mails.html",
        refusal,
        state=state,
        counts=counts,
        shown=shown,
        number=number,
        more=counts[state] > PAGE * number,
        states=STATE_NAMES,
        kinds=KIND_NAMES,
        troubles=TROUBLES,
        no_server=not home.settings.mail_url,
    )


def _state(request: Request, counts: dict[State, int]) -> State:
    """The state asked for, else the first that holds any mail."""
    asked = request.query_params.get("state", "")
    if asked in list(State):
        return State(asked)
    return next((each for each in (State.FAILED, State.WAITING) if counts[each]), State.SENT)


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "")
    return int(asked) if re.fullmatch("[1-9][0-9]{0,3}", asked) else 1


def try_again(request: Request) -> Response:
    """POST /mails/{id}/tries: another try, now."""
    try:
        return delivered(request, once(request, lambda session: _try_again(request, session)))
    except Refusal as refusal:
        return come_back(request, refusal, index)


def delivered(request: Request, answer: Response) -> Response:
    """The answer to a form that queued e-mails: they go at once, in the background."""
    house(request).wake()
    return answer


def _try_again(request: Request, session: Session) -> str:
    who, mail_id = staff(request), request.path_params["id"]
    mails.must_read(session, territories_of(who, Role.COORDINATION), who.person_id, mail_id)
    mails.try_again(session, mail_id, house(request).now())
    return "/mails?state=waiting"


# --- no longer wanted: by a signed link, without an account ---


def unsubscribe_form(request: Request) -> Response:
    """GET /unsubscribe/{token}: what would stop, and the button; mail programs look at links, and must stop nothing."""
    with house(request).db.read() as session:
        person, kind = mails.who_unsubscribes(session, request.path_params["token"])
        stopped = mails.is_refused(session, person.id, kind)
    return page(
        request, "unsubscribe.html", token=request.path_params["token"], what=STOPPED[kind], stopped=stopped
    )


def unsubscribe(request: Request) -> Response:
    """POST /unsubscribe/{token}: these e-mails stop; a mail program may send it too (RFC 8058)."""

    def stop(session: Session) -> None:
        person, kind = mails.who_unsubscribes(session, request.path_params["token"])
        mails.refuse(session, person.id, kind, house(request).now())

    return _changed(request, stop)


def subscribe(request: Request) -> Response:
    """POST /subscriptions/{token}: after all, they come again."""

    def resume(session: Session) -> None:
        person, kind = mails.who_unsubscribes(session, request.path_params["token"])
        mails.want_again(session, person.id, kind, house(request).now())

    return _changed(request, resume)


def _changed(request: Request, work: Callable[[Session], None]) -> Response:
    house(request).db.write(work)
    return RedirectResponse(f"/unsubscribe/{request.path_params['token']}", status_code=303)
