"""The sheet of a sales point, for everyone: `/lieux/{slug}`, and the picture that messengers show of it.

A sheet is made when it is asked for and kept until what it says changes: its data, the day, or whether it is open.
"""

from dataclasses import dataclass, replace
from datetime import date
from gettext import gettext as _
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend import feeds, previews
from backend.domain.days import PARIS, day
from backend.domain.errors import Refusal
from backend.domain.merchants import KIND_NAMES, STANDING_NAMES, Standing, comes_on_its_days
from backend.domain.openings import Openings, is_holiday, openings, status
from backend.domain.paying import without_phone
from backend.domain.publication import PublishedPlace
from backend.storage import public_sheets, published
from backend.storage.public_sheets import Sheet
from backend.web.assets import Prepared, prepare, respond
from backend.web.costly import made_once
from backend.web.house import House, house
from backend.web.opening_hours import DAY_NAMES
from backend.web.openings import for_phone, said


class Told(NamedTuple):
    """What a sheet says that changes by itself."""

    on: str
    opening: str


@dataclass(frozen=True)
class KeptSheet:
    """A sheet and its bytes. `stamp`, `version`: of the database and of what is published, when they were read."""

    stamp: str
    version: int
    sheet: Sheet
    told: Told | None = None
    page: Prepared | None = None


def show(request: Request) -> Response:
    """GET /lieux/{slug}: all that is published of a sales point."""
    home, name = house(request), request.path_params["slug"]
    kept = read(home, name)
    if (slug := kept.sheet.place.slug) != name:
        return RedirectResponse(f"/lieux/{slug}", status_code=301)
    kept = _made(home, kept)
    assert kept.page is not None
    return respond(request, kept.page)


def read(home: House, name: str) -> KeptSheet:
    """The sheet to which an address leads, were it one of before, as the data has it now. Raises not_found,
    place_gone."""
    try:
        return _read(home, name)
    except Refusal as refusal:
        if refusal.problem.code != "not_found":
            raise
    with home.db.read() as session:
        slug = public_sheets.leads_to(session, name)
    return _read(home, slug)


def _read(home: House, slug: str) -> KeptSheet:
    before, stamp = home.sheets.get(slug), home.db.version()
    if before is not None and before.stamp == stamp:
        return before
    with home.db.read() as session:
        version = published.version(session)
        if before is not None and before.version == version:
            return home.sheets.keep(slug, replace(before, stamp=stamp))
        sheet = public_sheets.sheet(session, slug)
    if before is not None and before.sheet == sheet:
        return home.sheets.keep(slug, replace(before, stamp=stamp, version=version))
    return home.sheets.keep(slug, KeptSheet(stamp, version, sheet))


def _made(home: House, kept: KeptSheet) -> KeptSheet:
    """The same with its bytes, which are made again when what it says of now has changed."""
    now, place = home.now(), kept.sheet.place
    today = now.astimezone(PARIS).date()
    known = openings(place.opening_hours, today)
    told = Told(today.isoformat(), said(status(known, now), now))
    if kept.page is not None and kept.told == told:
        return kept
    html = home.templates.get_template("pages/public_sheet.html").render(
        who=None, settings=home.settings, **context(home, kept.sheet, known, told.opening)
    )
    page = prepare(html.encode(), "text/html; charset=utf-8", quality=5)
    return home.sheets.keep(place.slug, replace(kept, told=told, page=page))


def context(home: House, sheet: Sheet, known: Openings | None, opening: str) -> dict[str, Any]:
    """What the templates of a sheet say. `opening`: how it is now, empty where the phone alone knows when that is."""
    place, url = sheet.place, address(home, sheet.place)
    picture = f"{url}/{place.digest[:8]}.png"
    phone, email = sheet.coordination
    return {
        "place": place,
        "opening": opening,
        "others": sheet.others,
        "url": url,
        "picture": picture,
        "state": _state(place),
        "state_names": STANDING_NAMES,
        "json_ld": feeds.json_ld(place, url, picture),
        "openings": feeds.for_script(for_phone(known)) if known else "",
        "holidays": [day(each) for each in _doubtful_holidays(known)] if known else [],
        "market_days": _market_days(place, known),
        "without_phone": without_phone(",".join(place.paying)),
        "directions": _directions(home, place),
        "phone": phone,
        "email": email,
    }


def _state(place: PublishedPlace) -> Standing:
    return Standing.ACTIVE if place.active else Standing.SOON


def address(home: House, place: PublishedPlace) -> str:
    """The one address of a sheet, for ever."""
    return f"{home.settings.public_url.rstrip('/')}/lieux/{place.slug}"


def _doubtful_holidays(known: Openings) -> list[date]:
    """Those of which the hours say nothing, the night after them left out."""
    return [on for start, _end in known.doubtful if is_holiday(on := start.astimezone(PARIS).date())]


def _market_days(place: PublishedPlace, known: Openings | None) -> list[str]:
    """The days of a stall or a round; a shop's are in its hours."""
    if not comes_on_its_days(place.kind, place.label):
        return []
    names = [name for code, name in DAY_NAMES.items() if code != "PH"]
    return [_(names[rank]).lower() for rank in known.weekdays] if known else []


def _directions(home: House, place: PublishedPlace) -> list[tuple[str, str]]:
    """Ways to get there, with the addresses that show them."""
    if place.lat is None or place.lon is None:
        return []
    ways = (
        (_("À pied"), home.settings.walk_url),
        (_("En transport"), home.settings.transit_url),
        (_("En voiture"), home.settings.car_url),
        (_("Dans une application de cartes"), "geo:{lat},{lon}?q={lat},{lon}"),
    )
    return [(words, url.format(lat=place.lat, lon=place.lon)) for words, url in ways if url]


async def picture(request: Request) -> Response:
    """GET /lieux/{slug}/{digest}.png: what messengers show of the sheet; the same for whatever digest."""
    kept = await run_in_threadpool(read, house(request), request.path_params["slug"])
    place = kept.sheet.place
    return await _drawn(
        request, (place.called, _about(place), _(STANDING_NAMES[_state(place)])), place.active
    )


async def home_picture(request: Request) -> Response:
    """GET /apercu.png: what messengers show of the first page."""
    words = (_("Où payer en Moneko"), _("La carte et la liste, même sans réseau"), _("La caisse commune"))
    return await _drawn(request, words, active=True)


async def _drawn(request: Request, words: tuple[str, str, str], active: bool) -> Response:
    home, name = house(request), repr((words, active))
    body = await made_once(home, home.pictures, name, lambda: previews.picture(*words, active=active))
    return respond(request, prepare(body, "image/png"), "public, max-age=86400")


def _about(place: PublishedPlace) -> str:
    return " · ".join(filter(None, (_(KIND_NAMES[place.kind]), place.town)))
