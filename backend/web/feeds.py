"""What other sites take: GeoJSON, GoGoCarto's JSON, CSV and Atom, whole or since a moment, and the page about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import cached_property, lru_cache, partial
from gettext import gettext as _

from starlette.requests import Request
from starlette.responses import Response

from backend import feeds
from backend.domain.days import PARIS
from backend.domain.errors import Refusal
from backend.domain.hours_in_words import in_words
from backend.domain.merchants import KIND_NAMES, STANDING_NAMES, Standing
from backend.domain.paying import PAYABLE_NAMES, WAY_NAMES, Payable, Way
from backend.domain.products import FAMILY_NAMES, Family
from backend.domain.publication import PublishedPlace
from backend.feeds import Item
from backend.storage import publications
from backend.storage.publications import Dated, Dates
from backend.web.assets import Prepared, prepare, respond
from backend.web.house import House, house
from backend.web.pages import page, translated, typeset
from backend.web.problems import refused
from backend.web.republishing import Pace
from backend.web.stamps import unchanged

FEW = 500  # sales points whose feeds are made in no time
ATOM = "nouveaux.atom"
MEDIA = {
    "lieux.geojson": "application/geo+json",
    "gogocarto.json": "application/json",
    "lieux.csv": "text/csv; charset=utf-8",
    ATOM: "application/atom+xml",
}
AS_OF = "As-Of"  # also for the forms that have no room for it
# on every answer, whoever asks: Starlette's own middleware leaves them out for who names no origin, and a copy of such
# an answer may then be given to a page
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": f"ETag, {AS_OF}"}
ASKED_BEFORE = {  # what browsers ask before a script sends If-None-Match
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Feeds:
    """What is published with its dates, and the bytes of each feed. `stamp`, `version`: of the database and of what is
    published, when they were made."""

    stamp: list[str]
    version: int
    dates: Dates
    items: Sequence[Item]
    whole: dict[str, Prepared] = field(default_factory=dict)

    @cached_property
    def as_of(self) -> datetime | None:
        """When something last changed."""
        moments = [item.changed_at for item in self.items] + [at for _slug, at in self.dates.left]
        return max(moments, default=None)


def explain(request: Request) -> Response:
    """GET /donnees: what there is to take, and lines to copy."""
    return page(
        request, "feeds.html", url=house(request).settings.public_url.rstrip("/"), columns=feeds.COLUMNS
    )


def show(request: Request) -> Response:
    """GET /donnees/{name}: one of the feeds, whole or `?since=` a moment, for whatever site asks; a refusal too."""
    try:
        answer = _feed(request)
    except Refusal as refusal:
        answer = refused(request, refusal)
    answer.headers.update(OPEN_TO_ALL)
    return answer


def allow(_request: Request) -> Response:
    """OPTIONS /donnees/{name}: any site may ask whether it has changed."""
    return Response(status_code=204, headers=OPEN_TO_ALL | ASKED_BEFORE)


def _feed(request: Request) -> Response:
    home, name = house(request), request.path_params["name"]
    if name not in MEDIA:
        raise Refusal("not_found")
    current = home.feeds.get(
        partial(unchanged, home), partial(_made, home), lambda made: len(made.items) <= FEW
    )
    since = request.query_params.get("since", "")
    if since:
        prepared = _prepared(home, current, name, _moment(since))
    else:
        prepared = current.whole.get(name) or current.whole.setdefault(name, _prepared(home, current, name))
    answer = respond(request, prepared)
    if current.as_of is not None:
        answer.headers[AS_OF] = current.as_of.isoformat()
    return answer


def _moment(text: str) -> datetime:
    """A day (its midnight in Paris) or a moment in ISO 8601. Raises form_invalid."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that was not encoded
        if moment.tzinfo is None:
            day_alone = len(text) <= len("2026-11-24")
            moment = datetime.combine(moment, time() if day_alone else moment.time(), PARIS)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # the first and the last days of all end elsewhere, beyond the years there are
        sentence = _("« since » attend une date, comme 2026-11-24 ou 2026-11-24T12:00:00Z.")
        raise Refusal("form_invalid", sentence=sentence) from None


def _prepared(home: House, current: Feeds, name: str, since: datetime | None = None) -> Prepared:
    """The bytes of a feed: all of it, or what changed and what left from a moment on."""
    items = [item for item in current.items if since is None or item.changed_at >= since]
    left = [each for each in current.dates.left if since is not None and each[1] >= since]
    if name == ATOM:
        url = home.settings.public_url.rstrip("/")
        title = _("Les nouveaux commerces de la caisse commune")
        body = feeds.atom(current.items, title, f"{url}/", f"{url}/donnees/{ATOM}", since)
    else:
        write = {
            "lieux.geojson": feeds.geojson,
            "gogocarto.json": feeds.gogocarto,
            "lieux.csv": feeds.table,
        }[name]
        body = write(items, left, current.as_of)
    return prepare(body, MEDIA[name], quality=5 if since is None else 1)


# --- made when what is published changes ---


def _made(home: House, before: Feeds | None, pace: Pace) -> Feeds:
    """The feeds of what is published now; what has no date yet gets one first."""
    stamp = home.db.version()
    # the version that was dated, not the one read after it: what was edited in between has its date to come
    version = publications.keep_dated(home.db, home.now, pace.pause)
    with home.db.read() as session:
        dates = publications.dated(session, pace.through)
    if before is not None and before.dates == dates:
        return replace(before, stamp=[stamp], version=version)
    return Feeds([stamp], version, dates, [_item(home, each) for each in pace.through(dates.places)])


def _item(home: House, each: Dated) -> Item:
    url = f"{home.settings.public_url.rstrip('/')}/lieux/{each.place.slug}"
    return Item(each.place, url, _words(each.place), each.appeared_at, each.changed_at)


def _words(place: PublishedPlace) -> Mapping[str, str]:
    """What the codes say."""
    return {
        "kind": translated(KIND_NAMES[place.kind]),
        "state": translated(STANDING_NAMES[Standing.ACTIVE if place.active else Standing.SOON]),
        "families": " | ".join(translated(FAMILY_NAMES[Family(code)]) for code in place.families),
        "hours": _hours(place.opening_hours),
        "payable": _payable(place),
        "paying": _paying(place),
    }


@lru_cache(maxsize=10_000)  # the same few hours, again and again
def _hours(notation: str) -> str:
    return " ; ".join(typeset(line) for line in in_words(notation, _))


def _payable(place: PublishedPlace) -> str:
    said = translated(PAYABLE_NAMES[Payable(place.payable)]) if place.payable else ""
    words = ", ".join(filter(None, (said, place.payable_note)))
    return _("En Moneko : {words}").format(words=words) if words else ""


def _paying(place: PublishedPlace) -> str:
    said = [*(translated(WAY_NAMES[Way(code)]) for code in place.paying), place.paying_note]
    words = ", ".join(filter(None, said))
    return _("Payer : {words}").format(words=words) if words else ""
