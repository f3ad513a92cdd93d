"""The people one speaks to in a shop."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.storage import contacts, merchants
from backend.storage.tables import MerchantContact
from backend.web.house import house
from backend.web.meanwhile import refuse_unseen, see
from backend.web.merchants import Wrong, changed, cleaned, to_edit
from backend.web.pages import form_page
from backend.web.security import field, once, staff, typed


def form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/contacts/new and …/{contact}/edit: one person to speak to."""
    with house(request).db.read() as session:
        merchant = to_edit(request, session)
        contact = _of_address(request, session)
    return form_page(request, "contact.html", refusal, merchant=merchant, contact=contact)


def _of_address(request: Request, session: Session) -> MerchantContact | None:
    contact_id = request.path_params.get("contact")
    return contacts.get(session, to_edit(request, session).id, contact_id) if contact_id else None


def add(request: Request) -> Response:
    """POST /merchants/{id}/contacts: one more."""
    try:
        return once(request, lambda session: _add(request, session))
    except Refusal as refusal:
        return form(request, refusal)


def _add(request: Request, session: Session) -> str:
    merchant, wrong = to_edit(request, session), Wrong()
    given = cleaned(request, contacts.EDITABLE, wrong)
    wrong.raise_all()
    shared = "shared" in typed(request)
    contacts.add(session, merchant, given, house(request).now(), by=staff(request).person_id, shared=shared)
    return f"/merchants/{merchant.id}#contacts"


def edit(request: Request) -> Response:
    """POST /merchants/{id}/contacts/{contact}/edits: what was corrected."""
    try:
        return once(request, lambda session: _edit(request, session))
    except Refusal as refusal:
        see(request, refusal)
        return form(request, refusal)


def _edit(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    merchants.hold(session, merchant)
    contact = contacts.get(session, merchant.id, request.path_params["contact"])
    session.refresh(contact)
    changes = changed(request, contacts.EDITABLE)
    kept = {name: getattr(contact, name) for name in contacts.EDITABLE}
    refuse_unseen(request, changes, kept, kept)
    who, now = staff(request).person_id, house(request).now()
    contacts.edit(session, contact, changes, now, by=who, shared=_shared(request))
    return f"/merchants/{merchant.id}#contacts"


def _shared(request: Request) -> bool | None:
    """Whether the person agrees after all, or no longer; None when the form leaves it as it showed it."""
    form = typed(request)
    agrees = "shared" in form
    return agrees if "was_shared" in form and agrees != bool(field(request, "was_shared")) else None


def remove(request: Request) -> Response:
    """POST /merchants/{id}/contacts/{contact}/removal: forget this person."""
    return once(request, lambda session: _remove(request, session))


def _remove(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    contact = contacts.get(session, merchant.id, request.path_params["contact"])
    contacts.remove(session, contact, house(request).now(), by=staff(request).person_id)
    return f"/merchants/{merchant.id}#contacts"
