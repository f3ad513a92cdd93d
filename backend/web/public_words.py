"""What the committee lets everyone read of the decision that holds."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.merchants import ACCREDITING, STAGE_NAMES
from backend.storage import decisions, merchants, public_words
from backend.web.decisions import PUBLIC_WORDS, show
from backend.web.house import house
from backend.web.merchants import to_edit
from backend.web.security import field, fields, once, staff


def write(request: Request) -> Response:
    """POST /merchants/{id}/public-words: from now on everyone reads this of the decision, and no more."""
    try:
        return once(request, lambda session: _write(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _write(request: Request, session: Session) -> str:
    merchant, words = to_edit(request, session), field(request, "public_words", PUBLIC_WORDS)
    latest = decisions.latest(session, merchant.id)
    if latest is None or latest.outcome not in ACCREDITING:
        raise Refusal("wrong_stage", stage=_(STAGE_NAMES[merchants.life_of(session, merchant.id).stage]))
    if latest.id != field(request, "decision"):
        raise Refusal("read_again")
    now, by = house(request).now(), staff(request).person_id
    public_words.write(session, latest.id, words, fields(request, "public"), now, by=by)
    return f"/merchants/{merchant.id}/decisions"
