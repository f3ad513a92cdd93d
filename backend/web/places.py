"""The public map and list: `/`, the script of the map, and the places it draws.

All three are made from the same places and kept until what the public may know changes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import mapping
from backend.domain import hours
from backend.domain.errors import N_
from backend.domain.merchants import KIND_NAMES, Kind, folded
from backend.storage import merchants, people, published
from backend.storage.merchants import PublicPlace
from backend.web.assets import Prepared, prepare, respond
from backend.web.house import House, house
from backend.web.pages import typeset

STATE_NAMES = {"active": N_("accepte la Moneko"), "soon": N_("bientôt")}


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
    phone: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class ShownTerritory:
    """Where the fund is, and how to reach its coordination."""

    name: str
    phone: str
    email: str

    @property
    def reachable(self) -> bool:
        return bool(self.phone or self.email)


@dataclass(frozen=True)
class Shown:
    """All that the public pages say."""

    places: tuple[ShownPlace, ...]
    territories: tuple[ShownTerritory, ...]


@dataclass(frozen=True)
class PublicPages:
    """What the pages say, and their bytes. `version`: of the data they were made from (`published.version`)."""

    version: int
    shown: Shown
    page: Prepared
    script: Prepared
    points: Prepared


def home_page(request: Request) -> Response:
    """GET /: what this is, the map, and the list, which is complete without JavaScript."""
    return respond(request, _current(request).page)


def map_script(request: Request) -> Response:
    """GET /carte.js: the map, composed by folium."""
    return respond(request, _current(request).script)


def map_points(request: Request) -> Response:
    """GET /lieux.json: the places that the map draws."""
    return respond(request, _current(request).points)


def _current(request: Request) -> PublicPages:
    home = house(request)
    return home.public.at(home.db.version(), lambda before: _made(home, before))


def _made(home: House, before: PublicPages | None) -> PublicPages:
    """The pages as the data has them now; those made `before` when nothing that they say has changed."""
    with home.db.read() as session:
        version = published.version(session)
        if before is not None and before.version == version:
            return before
        shown = _shown(session)
    if before is not None and before.shown == shown:
        return replace(before, version=version)
    return PublicPages(version, shown, _page(home, shown), _script(home, shown.places), _points(shown.places))


# --- what is shown ---


def _shown(session: Session) -> Shown:
    places = sorted(map(_place, merchants.public_places(session)), key=_reading_order)
    territories = people.territories(session)
    return Shown(
        tuple(places), tuple(ShownTerritory(each.name, each.phone, each.email) for each in territories)
    )


def _place(place: PublicPlace) -> ShownPlace:
    state = "active" if place.active else "soon"
    kind = Kind(place.kind)
    return ShownPlace(
        slug=place.slug,
        name=place.name,
        label=place.label,
        kind=kind.value,
        kind_name=_said(KIND_NAMES[kind]),
        state=state,
        state_name=_said(STATE_NAMES[state]),
        address=", ".join(filter(None, (place.address, f"{place.postcode}\u00a0{place.city}".strip()))),
        city=place.city,
        hours=_hours(place.opening_hours),
        phone=place.phone,
        lat=place.lat,
        lon=place.lon,
    )


@lru_cache  # gettext looks for its catalogue on the disk each time it is asked
def _said(text: str) -> str:
    return _(text)


@lru_cache(maxsize=10_000)  # the same few hours, again and again
def _hours(notation: str) -> tuple[str, ...]:
    return tuple(_unbroken(typeset(line)) for line in hours.in_words(notation, _))


def _unbroken(line: str) -> str:
    """Hours whose ends stay on one line: browsers would break after the dash."""
    return line.replace("–", "\u2060–\u2060")


def _reading_order(place: ShownPlace) -> tuple[bool, str, str, str]:
    """Where one can pay first, then by town, as the list shows them."""
    return place.state != "active", folded(place.city), folded(place.name), place.slug


# --- their bytes ---


def _page(home: House, shown: Shown) -> Prepared:
    template = home.templates.get_template("pages/home.html")
    html = template.render(
        who=None,
        settings=home.settings,
        map_id=mapping.MAP_ID,
        active=[place for place in shown.places if place.state == "active"],
        soon=[place for place in shown.places if place.state == "soon"],
        unplaced=len(shown.places) - len(_placed(shown.places)),
        territories=shown.territories,
        state_names=STATE_NAMES,
    )
    return prepare(html.encode(), "text/html; charset=utf-8", quality=5)


def _script(home: House, places: Sequence[ShownPlace]) -> Prepared:
    script = mapping.script(
        [(place.lat, place.lon) for place in places if place.lat is not None and place.lon is not None],
        mapping.Ground(home.settings.tile_url, home.settings.tile_attribution),
        layer_url=home.assets.url("map-layer.js"),
        points_url="/lieux.json",
        words=_words(),
    )
    return prepare(script.encode(), "text/javascript; charset=utf-8", quality=5)


def _points(places: Sequence[ShownPlace]) -> Prepared:
    body = json.dumps(
        {"places": [asdict(place) for place in _placed(places)]}, ensure_ascii=False, separators=(",", ":")
    )
    return prepare(body.encode(), "application/json", quality=5)


def _placed(places: Iterable[ShownPlace]) -> list[ShownPlace]:
    return [place for place in places if place.lat is not None and place.lon is not None]


def _words() -> dict[str, str]:
    """What the map says, by the names that `map-layer.js` knows them by."""
    words = {
        "nearMe": _("Me situer"),
        "nearest": _(
            "Le plus proche : {name}, {distance} à vol d’oiseau. La liste commence par là."
            " Votre position ne quitte pas cet appareil."
        ),
        "nearestFirst": _("Du plus proche au plus loin"),
        "metres": _("à {count} m"),
        "kilometres": _("à {count} km"),
        "places": _("lieux"),
        "nearMeTitle": _("Me situer sur la carte : votre position reste sur cet appareil"),
        "positionUnknown": _(
            "Votre position reste inconnue. Autorisez-la dans les réglages du navigateur, ou déplacez la carte."
        ),
        "zoomIn": _("Rapprocher"),
        "zoomOut": _("Éloigner"),
        "together": _("{count} lieux proches : rapprocher"),
        "close": _("Fermer"),
        "call": _("Appeler le {phone}"),
        "inList": _("Dans la liste"),
        "onMap": _("Voir sur la carte"),
        "groundMissing": _("Le fond de carte ne répond pas. Les lieux restent à leur place."),
        "placesMissing": _("La carte n’a pas pu charger les lieux. La liste, elle, est complète."),
    }
    return {name: typeset(text) for name, text in words.items()}
