"""Invitations to print: one card per person, with a QR code and the same code to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.people import Role, spaced_code
from backend.storage import merchants, people, visits
from backend.storage.tables import Merchant, Person, SalesPoint, Territory, Visit
from backend.web.house import House, house
from backend.web.pages import page
from backend.web.qr_codes import qr_code
from backend.web.security import must_act, once, staff


@dataclass(frozen=True)
class Card:
    """What is printed for one person; without `code` there is nothing to print yet."""

    person: Person
    code: str = ""
    qr: Markup | None = None
    until: datetime | None = None


def card(home: House, session: Session, person: Person) -> Card:
    """The card of a person, with their invitation that can still be used."""
    invitation = people.usable_invitation(session, person.id, home.now())
    if invitation is None:
        return Card(person)
    code = people.code_of(session, invitation.id)
    return Card(person, spaced_code(code), _qr(home, code), invitation.expires_at)


def _qr(home: House, code: str) -> Markup:
    """The QR code as inline SVG. The code travels in the fragment: no server ever sees it in an address."""
    address = f"{home.settings.public_url.rstrip('/')}/app/#code={code}"
    return qr_code(address, _("QR code de l’invitation"))


def _cards_page(
    request: Request,
    refusal: Refusal | None,
    cards: Sequence[Card],
    territory: Territory,
    again: str,
    **of: Visit | Merchant | SalesPoint | None,
) -> Response:
    """The cards to print. `again`: where a new one is asked for; `of`: the visit, its merchant and place."""
    return page(
        request,
        "invitations.html",
        status=refusal.problem.status if refusal else 200,
        refusal=refusal,
        cards=cards,
        territory=territory,
        again=again,
        **{"visit": None, "merchant": None, "place": None, **of},
    )


# --- of a visit ---


def of_visit(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}/invitations: the cards of those who go."""
    home = house(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_act(staff(request), visit.territory_id, Role.COORDINATION)
        merchant = merchants.get(session, visit.merchant_id)
        place = next(iter(merchants.places(session, merchant.id)), None)
        cards = [
            card(home, session, person)
            for person, part in visits.members(session, visit.id)
            if part.removed_at is None
        ]
        territory = session.get_one(Territory, visit.territory_id)
    again, of = f"/visits/{visit.id}/invitations", {"visit": visit, "merchant": merchant, "place": place}
    return _cards_page(request, refusal, cards, territory, again, **of)


def make_for_visit(request: Request) -> Response:
    """POST /visits/{id}/invitations: an invitation for each of its people who has none to print."""
    try:
        return once(request, lambda session: _make_for_visit(request, session))
    except Refusal as refusal:
        return of_visit(request, refusal)


def _make_for_visit(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    visit = visits.get(session, request.path_params["id"])
    must_act(who, visit.territory_id, Role.COORDINATION)
    for person, part in visits.members(session, visit.id):
        if part.removed_at is None:
            people.invite_once(
                session, person.id, home.now(), days=home.settings.invitation_days, by=who.person_id
            )
    return f"/visits/{visit.id}/invitations"


# --- of one person ---


def of_person(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /people/{id}/invitation: the card of one person."""
    home = house(request)
    with home.db.read() as session:
        person, territory = inhabitant(request, session)
        cards = [card(home, session, person)]
    return _cards_page(request, refusal, cards, territory, f"/people/{person.id}/invitations")


def make_anew(request: Request) -> Response:
    """POST /people/{id}/invitations: a new one for someone who lost theirs; the lost one ends."""
    try:
        return once(request, lambda session: _make_anew(request, session))
    except Refusal as refusal:
        return of_person(request, refusal)


def _make_anew(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    person, _territory = inhabitant(request, session)
    people.invite_anew(session, person.id, home.now(), days=home.settings.invitation_days, by=who.person_id)
    return f"/people/{person.id}/invitation"


def inhabitant(request: Request, session: Session) -> tuple[Person, Territory]:
    """The inhabitant that the address names, if the coordination of their territory asks."""
    person = people.get(session, request.path_params["id"])
    if person.territory_id is None:
        raise Refusal("not_found")  # members of staff without a territory are nobody's inhabitants
    must_act(staff(request), person.territory_id, Role.COORDINATION)
    return person, session.get_one(Territory, person.territory_id)
