"""What is told of a territory: its name, how to reach its coordination, and where its map opens."""

from dataclasses import dataclass

from backend.domain import details
from backend.domain.errors import Refusal


@dataclass(frozen=True)
class Told:
    """A territory as its people describe it. `lat`, `lon`: the middle of its map, in degrees."""

    name: str
    phone: str
    email: str
    lat: float
    lon: float


def told(*, name: str, phone: str, email: str, lat: str, lon: str) -> Told:
    """What was written, cleaned; from a form and from the command line alike.

    Raises territory_name_missing, detail_too_long, phone_wrong, email_wrong, position_wrong.
    """
    plain = " ".join(name.split())
    if not plain:
        raise Refusal("territory_name_missing")
    return Told(
        details.clean("name", plain),
        details.clean("phone", phone),
        details.clean("email", email),
        *details.anywhere(lat, lon),
    )
