"""The public map and list: `/`, the script of the map, and what it fetches.

All are made from the same places, kept until what the public may know changes or a day has passed, and made again
behind the back of those who read them (`republishing`).
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import mapping
from backend.domain.errors import Refusal
from backend.domain.finding import Directory
from backend.storage import merchants, people, published
from backend.web import answers, limits, place_queries, surroundings
from backend.web.assets import Prepared, prepare, respond
from backend.web.drawn_places import Drawn, drawn, first_view, tile
from backend.web.house import House, house
from backend.web.map_words import words
from backend.web.public_places import (
    Shown,
    ShownTerritory,
    columns,
    directory,
    in_reading_order,
    packed,
    shown_place,
)
from backend.web.republishing import Pace
from backend.web.security import content_security_policy
from backend.web.stamps import unchanged
from backend.web.visits import today

HTML = "text/html; charset=utf-8"
BLOCK = 256  # places whose lines the phone fetches at a time
FEW = 500  # places whose pages are made in no time
WHOLE = 20_000  # places that a phone takes all at once; with more it fetches what it looks at


@dataclass(frozen=True)
class PublicPages:
    """What the pages say, and their bytes. `version`: of the data they were made from (`published.version`); `stamp`:
    of the database, when that was last looked at; `name`: of the data as phones have it. `frame`, `blocks`: made when
    first asked for."""

    version: int
    stamp: list[str]
    shown: Shown
    found: Directory
    drawn: Drawn
    name: str
    page: Prepared
    script: Prepared
    points: Prepared
    frame: list[Prepared] = field(default_factory=list)
    blocks: dict[int, Prepared] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return len(self.shown.places) <= WHOLE


def home_page(request: Request) -> Response:
    """GET /: what this is, the map, and the list, complete without JavaScript; or the answer to what is looked for."""
    home, pages = house(request), current(request)
    question = _question(request, home, pages)
    return respond(request, _answer(home, pages, question, answers.HOME) if question else pages.page)


def embedded(request: Request) -> Response:
    """GET /embed: the map and the list in the page of another site. The one page of ours that others may frame."""
    home, pages = house(request), current(request)
    if (question := _question(request, home, pages)) is not None:
        page = _answer(home, pages, question, answers.EMBED)
    else:
        page = _frame(home, pages)
    answer = respond(request, page)
    policy = content_security_policy(home.settings.tile_url, framed_by="*")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _question(request: Request, home: House, pages: PublicPages) -> answers.Question | None:
    """What this address asks; None when it asks nothing, whatever else it says: `?fbclid=…`."""
    asked, page = place_queries.asked(request.query_params), request.query_params.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    if not asked and number < 2:
        return None
    place = dict(asked).get("autour", "").strip()
    around = _around(request, home, pages, place) if place else surroundings.NOWHERE
    return answers.Question(asked, home.now(), around, number)


def _answer(home: House, pages: PublicPages, question: answers.Question, template: str) -> Prepared:
    return prepare(answers.html(home, pages.shown, pages.found, question, template).encode(), HTML, quality=4)


def _frame(home: House, pages: PublicPages) -> Prepared:
    if not pages.frame:
        pages.frame.append(_bare(home, pages.shown, pages.found, answers.EMBED))
    return pages.frame[0]


def map_script(request: Request) -> Response:
    """GET /carte.js: the map, composed by folium, with what its first view draws."""
    return respond(request, current(request).script)


def map_points(request: Request) -> Response:
    """GET /lieux.json: the places, in columns; where they are too many, only how many they are."""
    return respond(request, current(request).points)


def map_lines(request: Request) -> Response:
    """GET /carte/lignes/{block}.json: what the list says of these places."""
    pages, block = current(request), number(request, "block")
    if block * BLOCK >= len(pages.shown.places):
        raise Refusal("not_found")
    if block not in pages.blocks:
        pages.blocks[block] = _lines(house(request), pages, block)
    return respond(request, pages.blocks[block])


def map_tile(request: Request) -> Response:
    """GET /carte/{z}/{x}/{y}.json: what the map draws there, of the places that answer what is looked for."""
    home, pages = house(request), current(request)
    z, x, y = (number(request, name) for name in ("z", "x", "y"))
    if z > mapping.CLOSEST:
        raise Refusal("not_found")
    wanted = place_queries.wanted(place_queries.asked(request.query_params), home.now())
    body = tile(pages.shown, pages.found, pages.drawn, (z, x, y), wanted, pages.name)
    return respond(request, prepare(body, "application/json", quality=4))


def map_search(request: Request) -> Response:
    """GET /carte/adresses.json?texte=…: where a town, an address or a place is, or the sentence that says why not."""
    home, pages = house(request), current(request)
    text = request.query_params.get("texte", "")[: place_queries.LONGEST]
    around = _around(request, home, pages, text)
    answer = {"said": around.said, "label": around.label, "spot": around.spot}
    return respond(request, prepare(json.dumps(answer).encode(), "application/json", quality=1))


def _around(request: Request, home: House, pages: PublicPages, text: str) -> surroundings.Around:
    districts = limits.current(home).points
    return surroundings.around(request, home.geocoder, pages.shown, pages.found, districts, text)


def number(request: Request, name: str) -> int:
    """A number in the address; raises not_found when it is none."""
    text = str(request.path_params[name])
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Refusal("not_found")
    return int(text)


# --- kept, and made again when the data or the day changes ---


def current(request: Request) -> PublicPages:
    """The public pages as they are now."""
    home = house(request)
    return home.public.get(partial(_is_current, home), partial(_made, home), _is_small)


def _is_small(pages: PublicPages) -> bool:
    return len(pages.shown.places) <= FEW


def _is_current(home: House, pages: PublicPages) -> bool:
    return pages.shown.on == today(home) and unchanged(home, pages)


def _made(home: House, before: PublicPages | None, pace: Pace) -> PublicPages:
    """The pages as the data has them now; those made `before` when nothing that they say has changed."""
    stamp, on = home.db.version(), today(home)
    with home.db.read() as session:
        version = published.version(session)
        shown = _shown(session, on, pace)
    if before is not None and before.shown == shown:
        return replace(before, version=version, stamp=[stamp])
    pace.pause()
    found = directory(shown, pace.through)
    whole = len(shown.places) <= WHOLE
    name, data = packed(
        columns(shown, found) if whole else {"size": len(shown.places), "made": version, "on": str(on)}
    )
    drawing = drawn(found, pace.through)
    script = _script(home, shown, drawing, name, pace)
    return PublicPages(
        version,
        [stamp],
        shown,
        found,
        drawing,
        name,
        page=_bare(home, shown, found),
        script=script,
        points=prepare(data, "application/json", quality=5),
    )


def _shown(session: Session, on: date, pace: Pace) -> Shown:
    places = in_reading_order(map(shown_place, pace.through(merchants.public_places(session))))
    territories = people.territories(session)
    return Shown(
        tuple(places),
        tuple(ShownTerritory(each.name, each.phone, each.email, each.lat, each.lon) for each in territories),
        on,
    )


# --- their bytes ---


def _bare(home: House, shown: Shown, found: Directory, template: str = answers.HOME) -> Prepared:
    html = answers.html(home, shown, found, answers.Question((), home.now()), template)
    return prepare(html.encode(), HTML, quality=5)


def _lines(home: House, pages: PublicPages, block: int) -> Prepared:
    """The lines of the list as the page writes them, of the places of one block."""
    template: Any = home.templates.get_template("partials/place.html").module
    some = pages.shown.places[block * BLOCK : (block + 1) * BLOCK]
    lines = {"version": pages.name, "lines": [str(template.card(place)).strip() for place in some]}
    return prepare(json.dumps(lines, ensure_ascii=False).encode(), "application/json", quality=5)


def _script(home: House, shown: Shown, drawing: Drawn, name: str, pace: Pace) -> Prepared:
    positions = [
        (place.lat, place.lon) for place in shown.places if place.lat is not None and place.lon is not None
    ]
    script = mapping.script(
        positions,
        mapping.Ground(home.settings.tile_url, home.settings.tile_attribution),
        layer_url=home.assets.url("map-layer.js"),
        places={
            "version": name,
            "whole": len(shown.places) <= WHOLE,
            "block": BLOCK,
            "perPage": answers.PER_PAGE,
            "first": first_view(shown, drawing, positions, pace.pause),
        },
        words=words(),
    )
    return prepare(script.encode(), "text/javascript; charset=utf-8", quality=5)
