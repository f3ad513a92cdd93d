"""The page of the map and the list: bare, as everyone begins with it, or as the answer to what is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from backend import mapping
from backend.domain.finding import Directory, Hit, Opening, find
from backend.domain.openings import DAYS_AHEAD
from backend.web import place_queries, surroundings
from backend.web.house import House
from backend.web.map_words import NOTHING_FOUND, SOON_MEANS, opening_words
from backend.web.public_places import STATE_NAMES, Shown
from backend.web.security import tile_servers
from backend.web.surroundings import NOWHERE, Around

PER_PAGE = 40  # places of the list at a time
HOME, EMBED = "pages/home.html", "pages/embed.html"
ADDRESSES = {HOME: "/", EMBED: "/embed"}


@dataclass(frozen=True)
class Question:
    """What is looked for (`place_queries.asked`), when, around what, and which page of the answer."""

    asked: place_queries.Asked
    now: datetime
    around: Around = NOWHERE
    page: int = 1


def html(home: House, shown: Shown, found: Directory, question: Question, template: str = HOME) -> str:
    """The page; past the last one, the last."""
    wanted = place_queries.wanted(question.asked, question.now)
    hits = find(found, wanted, question.around.spot)
    active = sum(found.places[hit.row].active for hit in hits)
    number = max(1, min(question.page, -(-len(hits) // PER_PAGE)))
    some = hits[(number - 1) * PER_PAGE : number * PER_PAGE]
    return home.templates.get_template(template).render(
        who=None,
        settings=home.settings,
        map_id=mapping.MAP_ID,
        ground_server=tile_servers(home.settings.tile_url),
        places=len(shown.places),
        unplaced=sum(place.lat is None for place in shown.places),
        territories=shown.territories,
        state_names=STATE_NAMES,
        soon_means=SOON_MEANS,
        nothing_found=NOTHING_FOUND,
        counts={"active": active, "soon": len(hits) - active},
        listed=[_listed(shown, found, hit, wanted.open_at) for hit in some],
        around=question.around,
        query=_typed(question.asked),
        choosing=sum(name not in place_queries.IN_SIGHT for name, _value in question.asked),
        choices=place_queries,
        here=ADDRESSES[template],
        known_days=(shown.on, shown.on + timedelta(days=DAYS_AHEAD - 1)),
        before=_link(ADDRESSES[template], question.asked, number - 1) if number > 1 else "",
        after=_link(ADDRESSES[template], question.asked, number + 1) if number * PER_PAGE < len(hits) else "",
    )


def _listed(shown: Shown, found: Directory, hit: Hit, at: datetime | None) -> dict[str, Any]:
    place = shown.places[hit.row]
    return {
        "place": place,
        "city": place.city,
        "state": place.state,
        "opening": opening_words(found.openings[found.places[hit.row].hours], found.since, at) if at else "",
        "open": hit.opening is Opening.OPEN,
        "distance": surroundings.distance_words(hit.metres),
    }


def _typed(asked: place_queries.Asked) -> dict[str, Any]:
    """What the form shows again."""
    one: dict[str, Any] = dict.fromkeys(place_queries.NAMES, "") | dict(asked)
    return one | {"produits": [value for name, value in asked if name == "produits"]}


def _link(here: str, asked: Sequence[tuple[str, str]], number: int) -> str:
    return f"{here}?{urlencode([*asked, ('page', number)])}" if number > 1 or asked else here
