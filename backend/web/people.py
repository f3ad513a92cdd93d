"""The inhabitants of a territory: who may be sent on visits, with which devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import details
from backend.domain.errors import Refusal
from backend.domain.people import Role, may_act
from backend.storage import devices, people
from backend.storage.devices import Enrolled
from backend.storage.people import DEVICES_PER_INVITATION, StaffSession
from backend.storage.tables import Person, Territory
from backend.web.house import house
from backend.web.pages import form_page
from backend.web.security import field, once, staff, territories_of


@dataclass(frozen=True)
class Inhabitant:
    """A person with their devices, and until when their invitation can be printed again."""

    person: Person
    devices: Sequence[Enrolled]
    until: datetime | None


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /people: the inhabitants of each territory this person coordinates."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        territories = _coordinated(session, who)
        listed = [(territory, _inhabitants(session, territory.id, home.now())) for territory in territories]
    return form_page(
        request,
        "people.html",
        refusal,
        listed=listed,
        devices_per_invitation=DEVICES_PER_INVITATION,
    )


def _coordinated(session: Session, who: StaffSession) -> list[Territory]:
    mine = territories_of(who, Role.COORDINATION)
    return [territory for territory in people.territories(session) if mine is None or territory.id in mine]


def _inhabitants(session: Session, territory_id: str, now: datetime) -> list[Inhabitant]:
    found = people.evaluators(session, territory_id)
    joined = devices.enrolled(session, [person.id for person in found])
    invitations = {person.id: people.usable_invitation(session, person.id, now) for person in found}
    return [
        Inhabitant(person, joined[person.id], invitation.expires_at if invitation else None)
        for person in found
        for invitation in [invitations[person.id]]
    ]


def add(request: Request) -> Response:
    """POST /people: an inhabitant, and the invitation to print for them."""
    try:
        return once(request, lambda session: _add(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _add(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    name, territory_id = field(request, "name", 80), field(request, "territory")
    if not name:
        raise Refusal("form_invalid", sentence=_("Écrivez au moins un prénom ou un surnom."))
    if territory_id not in {territory.id for territory in _coordinated(session, who)}:
        raise Refusal("form_invalid", sentence=_("Choisissez un territoire de la liste."))
    person = people.add_evaluator(
        session,
        name,
        territory_id,
        home.now(),
        by=who.person_id,
        email=details.clean("email", field(request, "email")) or None,
        phone=details.clean("phone", field(request, "phone")) or None,
    )
    people.invite_once(session, person.id, home.now(), days=home.settings.invitation_days, by=who.person_id)
    return f"/people/{person.id}/invitation"


def revoke(request: Request) -> Response:
    """POST /devices/{id}/revocation: this device may no longer send."""
    try:
        return once(request, lambda session: _revoke(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _revoke(request: Request, session: Session) -> str:
    device_id, who = request.path_params["id"], staff(request)
    if not any(
        may_act(who.grants, frozenset({Role.COORDINATION}), person.territory_id)
        for person in devices.ever_on(session, device_id)
        if person.territory_id
    ):
        raise Refusal("not_found")
    devices.revoke_device(session, device_id, house(request).now())
    return "/people"
