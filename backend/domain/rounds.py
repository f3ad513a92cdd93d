"""A round: several shops in one trip, near one another, in the order of their hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from backend.domain.merchants import Stage

MOST_STOPS = 8  # more is no afternoon any more
EARTH_M = 6_371_000

# What a round may go to: whoever has no visit under way, and for whom one would be the next step.
WORTH_A_VISIT = (Stage.SPOTTED, Stage.CONTACTED, Stage.DEFERRED, Stage.TO_RENEW)


@dataclass(frozen=True)
class Stop:
    """A merchant to visit at an hour (« 14:30 », or empty: in the order given)."""

    merchant_id: str
    at: str = ""


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points in degrees, as the crow flies."""
    half_lat, half_lon = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lon) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(chord)))


def in_order(stops: Iterable[Stop]) -> Sequence[Stop]:
    """The stops by their hours; those without one keep their place after what comes before them."""
    given = list(stops)
    hours, latest = [], ""
    for stop in given:
        latest = stop.at or latest
        hours.append(latest)
    return [stop for _hour, _rank, stop in sorted(zip(hours, range(len(given)), given, strict=True))]
