"""What anyone may see of the sales points, in the order of the list, and the same in columns for the phone."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from gettext import gettext as _
from itertools import pairwise
from typing import Any

from backend.domain import days
from backend.domain.finding import Directory, Findable, Spot, spot
from backend.domain.hours_in_words import in_words
from backend.domain.merchants import KIND_NAMES, STANDING_NAMES, Kind, Standing, comes_on_its_days, folded
from backend.domain.openings import DAYS_AHEAD, Openings, Span, openings
from backend.domain.products import Access, Family, sold_at_least
from backend.storage.merchants import PublicPlace
from backend.web.pages import translated, typeset

STATE_NAMES = {standing.value: STANDING_NAMES[standing] for standing in (Standing.ACTIVE, Standing.SOON)}
Through = Callable[[Iterable[Any]], Iterator[Any]]
"""How many things are gone through: at once, or with pauses (`republishing.Pace`)."""

ACCESSES = ("", *Access)


@dataclass(frozen=True)
class ShownPlace:
    """A sales point as anyone may see it. `state`: active or soon; without `lat` and `lon`, in the list only."""

    slug: str
    name: str
    label: str
    kind: str
    kind_name: str
    state: str
    state_name: str
    address: str
    city: str
    hours: tuple[str, ...]
    notation: str
    phone: str
    families: frozenset[str]
    access: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class ShownTerritory:
    """Where the fund is, and how to reach its coordination."""

    name: str
    phone: str
    email: str
    lat: float
    lon: float

    @property
    def reachable(self) -> bool:
        return bool(self.phone or self.email)


@dataclass(frozen=True)
class Shown:
    """All that the public pages say; `on`: the day from which hours are told."""

    places: tuple[ShownPlace, ...]
    territories: tuple[ShownTerritory, ...]
    on: date


def shown_place(place: PublicPlace) -> ShownPlace:
    """What the list says of a public sales point."""
    state = "active" if place.active else "soon"
    kind = Kind(place.kind)
    return ShownPlace(
        slug=place.slug,
        name=place.name,
        label=place.label,
        kind=kind.value,
        kind_name=translated(KIND_NAMES[kind]),
        state=state,
        state_name=translated(STATE_NAMES[state]),
        address=", ".join(filter(None, (place.address, f"{place.postcode}\u00a0{place.city}".strip()))),
        city=place.city,
        hours=_hours(place.opening_hours),
        notation=place.opening_hours,
        phone=place.phone,
        families=_families(place.families, place.kind),
        access=place.access,
        lat=place.lat,
        lon=place.lon,
    )


@lru_cache(maxsize=10_000)  # the same few hours, again and again
def _hours(notation: str) -> tuple[str, ...]:
    return tuple(_unbroken(typeset(line)) for line in in_words(notation, _))


_families = lru_cache(maxsize=10_000)(sold_at_least)
_comes = lru_cache(maxsize=10_000)(comes_on_its_days)
_folded = lru_cache(maxsize=200_000)(folded)


def _unbroken(line: str) -> str:
    """Hours whose ends stay on one line: browsers would break after the dash."""
    return line.replace("–", "\u2060–\u2060")


def in_reading_order(places: Iterable[ShownPlace]) -> list[ShownPlace]:
    """Where one can pay first, then by town, as the list shows them. Town by town: one long sort would hold up all
    other threads."""
    by_town: dict[tuple[bool, str], list[ShownPlace]] = {}
    for place in places:
        by_town.setdefault((place.state != "active", _folded(place.city)), []).append(place)
    return [place for town in sorted(by_town) for place in sorted(by_town[town], key=_by_name)]


def _by_name(place: ShownPlace) -> tuple[str, str]:
    return _folded(place.name), place.slug


# --- what is searched, on the server ---


def directory(shown: Shown, through: Through = iter) -> Directory:
    """The same, as finding looks at it."""
    ranks: dict[str, int] = {"": 0}
    places = [
        Findable(
            words=" ".join(
                filter(None, map(_folded, (place.name, place.label, place.kind_name, place.city)))
            ),
            active=place.state == "active",
            families=place.families,
            access=place.access,
            moving=_comes(place.kind, place.label),
            hours=ranks.setdefault(place.notation, len(ranks)),
            spot=spot(place.lat, place.lon),
        )
        for place in through(shown.places)
    ]
    since = datetime.combine(shown.on, time(), days.PARIS).astimezone(UTC)
    return Directory(places, [openings(notation, shown.on) for notation in ranks], since)


# --- what the phone searches: the same in columns, a third of the bytes ---


def columns(shown: Shown, found: Directory, rows: Sequence[int] | None = None) -> dict[str, Any]:
    """All sales points, or those of these `rows`, with the openings that they name.

    Instants are in minutes since 1970, and since the one before in `openings`; positions in hundred-thousandths of a
    degree since the position before. `offsets`: from this minute on, clocks are that many minutes ahead of UTC.
    """
    chosen = range(len(shown.places)) if rows is None else rows
    return {
        "size": len(shown.places),
        "since": _minute(found.since),
        "until": _minute(_until(shown.on)),
        "offsets": _offsets(shown.on),
        "families": list(Family),
        "accesses": list(ACCESSES),
        "openings": _openings(found, chosen),
        **({} if rows is None else {"rows": list(rows)}),
        **_columns(shown, found, chosen),
    }


def _columns(shown: Shown, found: Directory, rows: Sequence[int]) -> dict[str, Any]:
    towns: dict[str, int] = {}
    kinds: dict[str, int] = {}
    ranks: dict[int, int] = {}
    places = [shown.places[row] for row in rows]
    return {
        "slug": [place.slug for place in places],
        "name": [place.name for place in places],
        "label": [place.label for place in places],
        "town": [towns.setdefault(place.city, len(towns)) for place in places],
        "kind": [kinds.setdefault(place.kind, len(kinds)) for place in places],
        "active": "".join("1" if place.state == "active" else "0" for place in places),
        "sold": [_mask(place.families) for place in places],
        "access": "".join(str(ACCESSES.index(place.access)) for place in places),
        "hours": [ranks.setdefault(found.places[row].hours, len(ranks)) for row in rows],
        "spot": _steps([found.places[row].spot for row in rows]),
        "towns": list(towns),
        "kinds": list(kinds),
        "kindNames": list({place.kind: place.kind_name for place in places}.values()),
        "moving": "".join("1" if found.places[row].moving else "0" for row in rows),
    }


@lru_cache(maxsize=1000)
def _mask(families: frozenset[str]) -> int:
    return sum(1 << rank for rank, family in enumerate(Family) if family in families)


def _openings(found: Directory, rows: Sequence[int]) -> list[Any]:
    ranks = dict.fromkeys(found.places[row].hours for row in rows)
    return [_opening(found.openings[rank], found.since) for rank in ranks]


def _opening(known: Openings | None, since: datetime) -> list[Any] | None:
    if known is None:
        return None
    return [_between(known.open, since), _between(known.doubtful, since), known.weekdays]


def _between(spans: Sequence[Span], since: datetime) -> list[int]:
    ends = [_minute(since), *(_minute(end) for span in spans for end in span)]
    return [then - before for before, then in pairwise(ends)]


def _steps(spots: Sequence[Spot | None]) -> list[Any]:
    """Latitudes and longitudes in turn, each since the one before; null alone where there is none."""
    steps: list[Any] = []
    lat = lon = 0
    for each in spots:
        if each is None:
            steps.append(None)
            continue
        steps += [each[0] - lat, each[1] - lon]
        lat, lon = each
    return steps


def _until(on: date) -> datetime:
    return datetime.combine(on + timedelta(days=DAYS_AHEAD), time(), days.PARIS)


def _offsets(on: date) -> list[list[int]]:
    """How far clocks here are ahead of UTC, hour by hour of these two weeks where that changes."""
    start, found = datetime.combine(on, time(), days.PARIS).astimezone(UTC), list[list[int]]()
    for hour in range((DAYS_AHEAD + 1) * 24):
        at = start + timedelta(hours=hour)
        ahead = at.astimezone(days.PARIS).utcoffset() or timedelta()
        minutes = int(ahead.total_seconds()) // 60
        if not found or found[-1][1] != minutes:
            found.append([_minute(at), minutes])
    return found


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def packed(data: dict[str, Any]) -> tuple[str, bytes]:
    """The data as JSON with its version, which is what it holds."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    version = hashlib.sha256(body.encode()).hexdigest()[:12]
    return version, f'{{"version":"{version}",{body[1:]}'.encode()
