"""The sales points of a merchant: added, corrected, put on the map by hand, looked for again."""

from collections.abc import Callable
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.storage import merchants
from backend.storage.tables import Merchant, SalesPoint, Territory
from backend.web.house import house
from backend.web.meanwhile import refuse_unseen, see
from backend.web.merchants import Wrong, changed, cleaned, join_boxes, position, to_edit
from backend.web.pages import form_page, typeset
from backend.web.security import once, staff

OF_THIS_FORM = tuple(
    name for name in merchants.EDITABLE_PLACE if name != "opening_hours"
)  # they have their own


def add_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/places/new: one more place where it sells."""
    with house(request).db.read() as session:
        merchant = to_edit(request, session)
    return _form(request, "place_new.html", refusal, merchant=merchant)


def add(request: Request) -> Response:
    """POST /merchants/{id}/places: a sales point typed in by hand."""
    return _answer(request, _add, add_form)


def _add(request: Request, session: Session) -> str:
    merchant, wrong = to_edit(request, session), Wrong()
    join_boxes(request, "paying")
    given = cleaned(request, merchants.EDITABLE_PLACE, wrong)
    with wrong.met():
        found = position(request, session, merchant.territory_id)
    wrong.raise_all()
    place = merchants.add_place_by_hand(
        session, merchant, given, found, house(request).now(), by=staff(request).person_id
    )
    return sheet_of(merchant, place)


def edit_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/places/{place}/edit: its address and hours, to correct."""
    with house(request).db.read() as session:
        merchant, place = of_address(request, session)
    return _form(request, "place_edit.html", refusal, merchant=merchant, place=place)


def edit(request: Request) -> Response:
    """POST /merchants/{id}/places/{place}/edits: what was corrected; a new address is looked for."""
    return _answer(request, _edit, edit_form)


def _edit(request: Request, session: Session) -> str:
    merchant, place = of_address(request, session)
    merchants.hold(session, merchant, place)
    join_boxes(request, "paying")
    changes = changed(request, OF_THIS_FORM)
    kept = {name: getattr(place, name) for name in OF_THIS_FORM}
    refuse_unseen(request, changes, kept, kept)
    merchants.edit_place(session, merchant, place, changes, house(request).now(), by=staff(request).person_id)
    return sheet_of(merchant, place)


def position_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/places/{place}/position: where it is, by a pin on a map and in two numbers."""
    with house(request).db.read() as session:
        merchant, place = of_address(request, session)
        territory = session.get_one(Territory, merchant.territory_id)
    return form_page(
        request,
        "place_position.html",
        refusal,
        merchant=merchant,
        place=place,
        territory=territory,
        position=merchants.shown_position(place.lat, place.lon),
        words=_pin_words(),
    )


def _pin_words() -> dict[str, str]:
    """What the map says, by the names that `pin-map.js` knows them by."""
    words = {
        "pin": _("Épingle de ce point de vente"),
        "zoomIn": _("Rapprocher"),
        "zoomOut": _("Éloigner"),
        "moved": _("L’épingle est à {position}, à {distance} m de la position enregistrée."),
        "put": _("L’épingle est à {position}."),
        "groundMissing": _("Le fond de carte ne répond pas. Les deux nombres suffisent pour placer ce lieu."),
    }
    return {name: typeset(text) for name, text in words.items()}


def put(request: Request) -> Response:
    """POST /merchants/{id}/places/{place}/position: put on the map by hand, and left there."""
    return _answer(request, _put, position_form)


def _put(request: Request, session: Session) -> str:
    merchant, place = of_address(request, session)
    merchants.hold(session, merchant, place)
    found = position(request, session, merchant.territory_id)
    if found is None:
        raise Refusal("position_wrong", detail="pair")
    kept = {"position": merchants.shown_position(place.lat, place.lon)}
    refuse_unseen(request, {"position": merchants.shown_position(*found)}, kept, kept)
    merchants.place_by_hand(
        session, merchant, place, found, house(request).now(), by=staff(request).person_id
    )
    return sheet_of(merchant, place)


def look_again(request: Request) -> Response:
    """POST /merchants/{id}/places/{place}/searches: ask the address engine once more."""
    response = once(request, lambda session: _look_again(request, session))
    house(request).wake()
    return response


def _look_again(request: Request, session: Session) -> str:
    merchant, place = of_address(request, session)
    merchants.look_again(session, place)
    return sheet_of(merchant, place)


def of_address(request: Request, session: Session) -> tuple[Merchant, SalesPoint]:
    """The sales point of this address and its merchant, for someone who may change them; raises not_found."""
    merchant = to_edit(request, session)
    return merchant, merchants.place(session, merchant.id, request.path_params["place"])


def sheet_of(merchant: Merchant, place: SalesPoint) -> str:
    """Where the merchant's sheet shows this sales point."""
    return f"/merchants/{merchant.id}#lieu-{place.id}"


def _form(
    request: Request, template: str, refusal: Refusal | None, **rows: Merchant | SalesPoint
) -> Response:
    return form_page(
        request,
        template,
        refusal,
        **rows,
    )


def _answer(
    request: Request,
    work: Callable[[Request, Session], str],
    form: Callable[[Request, Refusal], Response],
) -> Response:
    """Do it once and look for new addresses; a refusal shows the form again, as it was typed."""
    try:
        response = once(request, lambda session: work(request, session))
    except Refusal as refusal:
        see(request, refusal)
        return form(request, refusal)
    house(request).wake()
    return response
