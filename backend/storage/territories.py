"""The territories of this fund: opened, described."""

from gettext import gettext as _

from sqlmodel import Session

from backend.domain.errors import Refusal
from backend.domain.territories import Told
from backend.storage.people import digest
from backend.storage.tables import Territory


def get(session: Session, territory_id: str) -> Territory:
    """One territory; raises not_found."""
    territory = session.get(Territory, territory_id) if "\0" not in territory_id else None
    if territory is None:
        raise Refusal("not_found")
    return territory


def add(session: Session, territory_id: str, told: Told) -> None:
    """A new territory; `territory_id` is the folder of its grids. Raises form_invalid when it is there already."""
    if session.get(Territory, territory_id):
        raise Refusal("form_invalid", sentence=_("Ce territoire existe déjà."))
    session.add(
        Territory(
            id=territory_id,
            name=told.name,
            phone=told.phone,
            email=told.email,
            lat=told.lat,
            lon=told.lon,
        )
    )
    session.flush()


def edit(session: Session, territory_id: str, told: Told, seen: str) -> None:
    """Describe it otherwise. `seen`: the version that somebody read before they wrote.

    Raises not_found, and read_again when somebody else changed it meanwhile.
    """
    territory = session.get(Territory, territory_id, with_for_update=True, populate_existing=True)
    if territory is None:
        raise Refusal("not_found")
    if version(territory) != seen:
        raise Refusal("read_again")
    for name, value in vars(told).items():
        setattr(territory, name, value)
    session.add(territory)


def described(territory: Territory) -> Told:
    """What is told of it now."""
    return Told(territory.name, territory.phone, territory.email, territory.lat, territory.lon)


def version(territory: Territory) -> str:
    """Another one as soon as it is described otherwise."""
    return digest(repr(described(territory)))
