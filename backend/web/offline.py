"""What phones keep of the public pages, so that they open without a network: `static/offline-worker.js` fetches it.

`/hors-ligne.json` names all of it. Sheets come many at a time, without their frame and without what changes by the
minute: the same data gives the same bytes all week, and a phone that has them is told so (304).
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.openings import openings
from backend.storage import public_sheets, published
from backend.storage.public_sheets import Sheet
from backend.web import limits
from backend.web.assets import Prepared, prepare, respond
from backend.web.house import House, house
from backend.web.places import BLOCK, FEW, PublicPages, current, number
from backend.web.public_sheets import context
from backend.web.republishing import Pace
from backend.web.security import content_security_policy
from backend.web.stamps import unchanged
from backend.web.visits import today

EVERY = 2_000  # places whose lines and sheets a phone keeps; of more, those that it showed
TOGETHER = 64  # sheets in one file
PAGES = ("/", "/carte.js", "/lieux.json", "/carte/limites.json", "/hors-ligne", "/hors-ligne/fiche")
SHEET = "partials/public_sheet.html"


@dataclass(frozen=True)
class KeptSheets:
    """The sheets as phones keep them. `monday`: of the week whose hours they tell; `name`: of all that they say."""

    version: int
    stamp: list[str]
    monday: date
    sheets: Mapping[str, Sheet]
    name: str
    blocks: dict[tuple[str, ...], Prepared] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)


def worker(request: Request) -> Response:
    """GET /sw.js: it keeps the public pages. Alone it may fetch pieces of the ground, which pages only show."""
    home = house(request)
    policy = content_security_policy(home.settings.tile_url, fetches_ground=True)
    code = home.to_keep.get(policy)
    if code is None:
        # in the bytes too: browsers look only there for a new worker, which alone takes a new policy
        body = home.assets.page_file("offline-worker.js").body + f"// {policy}\n".encode()
        code = home.to_keep.keep(policy, prepare(body, "text/javascript"))
    answer = respond(request, code)
    answer.headers["Content-Security-Policy"] = policy
    return answer


def to_keep(request: Request) -> Response:
    """GET /hors-ligne.json: the addresses of all that a phone keeps; `name` changes whenever one of them would."""
    home, pages = house(request), current(request)
    every = len(pages.shown.places) <= EVERY
    drawn = limits.current(home).prepared.etag
    says = (pages.page.etag, pages.script.etag, drawn, pages.name, _sheets(home).name if every else "")
    made = home.to_keep.get(repr(says))
    if made is None:
        made = home.to_keep.keep(repr(says), _listed(home, pages, every, says))
    return respond(request, made)


def _listed(home: House, pages: PublicPages, every: bool, says: tuple[str, ...]) -> Prepared:
    places = len(pages.shown.places) if every else 0
    frames = [_framed(home, name) for name in ("kept_sheet", "no_network")]
    bodies = [each.body for each in (pages.page, pages.script, *frames)]
    answer = {
        "pages": [*PAGES, *(f"/carte/lignes/{block}.json" for block in range(_blocks(places, BLOCK)))],
        "files": home.assets.with_all_they_load(bodies),
        "together": TOGETHER,
        "sheets": [f"/hors-ligne/fiches/{block}.json" for block in range(_blocks(places, TOGETHER))],
    }
    name = hashlib.sha256(repr((answer, says, [each.etag for each in frames])).encode()).hexdigest()[:16]
    body = json.dumps({"name": name, **answer}, separators=(",", ":")).encode()
    return prepare(body, "application/json", quality=4)


def _blocks(places: int, size: int) -> int:
    return -(-places // size)


def frame(request: Request) -> Response:
    """GET /hors-ligne/fiche: the page into which a phone puts a sheet that it has kept."""
    return respond(request, _framed(house(request), "kept_sheet"))


def no_network(request: Request) -> Response:
    """GET /hors-ligne: what a phone shows in the place of a page that it has not kept."""
    return respond(request, _framed(house(request), "no_network"))


def _framed(home: House, name: str) -> Prepared:
    html = home.templates.get_template(f"pages/{name}.html").render(who=None, settings=home.settings)
    return prepare(html.encode(), "text/html; charset=utf-8", quality=4)


def sheets(request: Request) -> Response:
    """GET /hors-ligne/fiches/{block}.json: what some sheets say, as `/lieux.json` orders them: by slug,
    the title and the HTML."""
    home, pages, block = house(request), current(request), number(request, "block")
    places = len(pages.shown.places)
    if places > EVERY or block >= _blocks(places, TOGETHER):
        raise Refusal("not_found")
    first = block * TOGETHER
    slugs = tuple(place.slug for place in pages.shown.places[first : first + TOGETHER])
    kept = _sheets(home)
    with kept.making:
        if slugs not in kept.blocks:
            kept.blocks[slugs] = _together(home, kept, slugs)
    return respond(request, kept.blocks[slugs])


def _together(home: House, kept: KeptSheets, slugs: tuple[str, ...]) -> Prepared:
    template = home.templates.get_template(SHEET)
    said = {}
    for slug in slugs:
        if (sheet := kept.sheets.get(slug)) is not None:  # one that has just left
            known = openings(sheet.place.opening_hours, kept.monday)
            said[slug] = [sheet.place.called, template.render(context(home, sheet, known, opening=""))]
    return prepare(json.dumps(said, ensure_ascii=False).encode(), "application/json", quality=5)


# --- kept here too, and made again when the data or the week changes ---


def _sheets(home: House) -> KeptSheets:
    return home.kept_sheets.get(
        partial(_is_current, home), partial(_read, home), lambda kept: len(kept.sheets) <= FEW
    )


def _monday(home: House) -> date:
    on = today(home)
    return on - timedelta(days=on.weekday())


def _is_current(home: House, kept: KeptSheets) -> bool:
    return kept.monday == _monday(home) and unchanged(home, kept)


def _read(home: House, before: KeptSheets | None, pace: Pace) -> KeptSheets:
    stamp, monday = home.db.version(), _monday(home)
    with home.db.read() as session:
        version = published.version(session)
        found = public_sheets.sheets(session, pace.through)
    if before is not None and (before.monday, before.sheets) == (monday, found):
        return replace(before, version=version, stamp=[stamp])
    said, *_rest = home.templates.loader.get_source(home.templates, SHEET)  # type: ignore[union-attr]
    name = hashlib.sha256(f"{monday} {said} {found!r}".encode()).hexdigest()[:16]
    return KeptSheets(version, [stamp], monday, found, name)
