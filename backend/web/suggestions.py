"""Proposing a shop: a short form for everyone, that tells nobody what the fund already looks at."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.domain import details
from backend.domain.errors import Refusal
from backend.domain.merchants import KIND_NAMES, Kind
from backend.storage import people, suggestions
from backend.storage.suggestions import Proposed
from backend.web.house import house
from backend.web.merchants import Wrong
from backend.web.pages import form_page, page
from backend.web.security import Tries, caller, field, is_robot, once_for_anyone

WORDS = 1000  # characters
THANKS = "/suggest/thanks"
sent_by_one = Tries(40, minutes=30)  # a meeting on one Wi-Fi sends from one address
sent_by_all = Tries(300, minutes=60)  # more than anybody could look at


def form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /suggest: which shop, where, and why."""
    with house(request).db.read() as session:
        territories = people.territories(session)
    return form_page(
        request,
        "suggest.html",
        refusal,
        territories=territories,
        kinds=KIND_NAMES,
        limit=WORDS,
    )


def send(request: Request) -> Response:
    """POST /suggestions: one more shop to look at."""
    if is_robot(request):
        return RedirectResponse(THANKS, status_code=303)
    try:
        sent_by_one.check("suggestion", caller(request))
        sent_by_all.check("suggestion")
        answer = once_for_anyone(request, lambda session: _send(request, session))
    except Refusal as refusal:
        return form(request, refusal)
    sent_by_one.count("suggestion", caller(request))
    sent_by_all.count("suggestion")
    house(request).wake()
    return answer


def _send(request: Request, session: Session) -> str:
    proposed, another = _proposed(request, session), field(request, "another") == "yes"
    suggestions.suggest(session, proposed, house(request).now(), another=another)
    return THANKS


def _proposed(request: Request, session: Session) -> Proposed:
    """What the form says. Raises the refusals of its fields."""
    wrong, given = Wrong(), {}
    for name in ("name", "address", "postcode", "city", "email"):
        with wrong.met():
            given[name] = _clean(name, field(request, name, 300))
    with wrong.met():
        if not given.get("postcode") and not given.get("city") and "postcode" in given:
            sentence = _("Écrivez la ville ou le code postal.")
            raise Refusal("form_invalid", sentence=sentence, detail="city")
    with wrong.met():
        if given.get("email") and field(request, "consent") != "yes":
            sentence = _("Cochez la case pour que nous gardions votre adresse, ou effacez-la.")
            raise Refusal("form_invalid", sentence=sentence, detail="consent")
    wrong.raise_all()
    kind = field(request, "kind")
    return Proposed(
        _territory(request, session, given["postcode"]),
        given["name"],
        Kind(kind) if kind in list(Kind) else Kind.OTHER,
        given["address"],
        given["postcode"],
        given["city"],
        field(request, "words", WORDS),
        given["email"],
    )


def _clean(name: str, text: str) -> str:
    try:
        return details.clean(name, text)
    except Refusal as refusal:
        raise Refusal(refusal.problem.code, **{**refusal.params, "detail": name}) from None


def _territory(request: Request, session: Session, postcode: str) -> str:
    known = [each.id for each in people.territories(session)]
    chosen = field(request, "territory")
    found = known[0] if len(known) == 1 else chosen or suggestions.territory_at(session, postcode)
    if found not in known:
        sentence = _("Choisissez le territoire le plus proche de ce commerce.")
        raise Refusal("form_invalid", sentence=sentence, detail="territory")
    return found


def thank(request: Request) -> Response:
    """GET /suggest/thanks: it arrived, and what comes next."""
    return page(request, "suggest_sent.html")
