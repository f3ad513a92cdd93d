"""Addresses to positions, through geopy and the French address engine (BAN, Géoplateforme)."""

import re
from typing import Any, NamedTuple

import stamina
import structlog
from geopy.exc import GeocoderQueryError, GeocoderTimedOut, GeocoderUnavailable, GeopyError
from geopy.geocoders import BANFrance
from rapidfuzz import fuzz

from backend.domain.merchants import folded

log = structlog.get_logger()
# stamina would tell of each retry, with its question, which is somebody's address: once per outage is enough
stamina.instrumentation.set_on_retry_hooks([])

SURE_ENOUGH = 0.5  # the engine's own score, 0 to 1; below it the match is too often another street
ALIKE = 75.0  # of 100: how alike the names of the street asked and of the street answered have to be
LONGEST_QUESTION = 200  # characters; the engine refuses longer ones
USER_AGENT = "caisse-commune-alimentation"


class Found(NamedTuple):
    """A position (WGS 84 degrees), as the engine words it; `exact`: the very number, not the middle of its street."""

    lat: float
    lon: float
    label: str
    exact: bool


class Unreachable(Exception):
    """The address engine does not answer; the question may be asked again later."""


class Geocoder:
    """The configured address engine; without a domain it never finds anything."""

    def __init__(self, domain: str, scheme: str = "https", timeout_s: float = 5.0) -> None:
        self.silent = False  # whether the last question got no answer
        self._engine = (
            BANFrance(domain=domain, scheme=scheme, timeout=timeout_s, user_agent=USER_AGENT)
            if domain
            else None
        )

    def find(self, address: str, postcode: str, city: str) -> Found | None:
        """Where this address is; None when the engine knows nothing close enough. Raises Unreachable.

        Without a street or without a town it is not asked: it would name some street of the town, or of France.
        """
        if self._engine is None or not address.strip() or not (postcode + city).strip():
            return None
        try:
            answer = self._ask(f"{address} {postcode} {city}"[:LONGEST_QUESTION])
            found = _found(answer, address, postcode, city) if answer else None
        except (
            GeopyError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:  # silence, or words that are not its own
            if not self.silent:
                log.info("address engine silent", error=type(error).__name__)
            self.silent = True
            raise Unreachable from error
        self.silent = False
        return found

    def locate(self, text: str) -> list[Found]:
        """Where a town, a street or an address might be, the likeliest first. Raises Unreachable."""
        if self._engine is None or not text.strip():
            return []
        try:
            answers = self._engine.geocode(text[:LONGEST_QUESTION], exactly_one=False) or []
            features = [answer.raw for answer in answers]
            return [_located(each) for each in features if float(each["properties"]["score"]) >= SURE_ENOUGH]
        except GeocoderQueryError:
            return []
        except (GeopyError, LookupError, TypeError, ValueError) as error:
            raise Unreachable from error

    @stamina.retry(on=(GeocoderTimedOut, GeocoderUnavailable), attempts=2, wait_initial=0.2, timeout=12)
    def _ask(self, question: str) -> dict[str, Any] | None:
        """The engine's best answer, a GeoJSON feature."""
        if self._engine is None:
            return None
        try:
            location = self._engine.geocode(question)
        except GeocoderQueryError:  # nothing in the question looks like an address
            return None
        return location.raw if location else None


def _found(answer: dict[str, Any], address: str, postcode: str, city: str) -> Found | None:
    """The answer, when it is about this town and about something as small as a street."""
    properties = answer["properties"]
    sure = float(properties.get("score", 0)) >= SURE_ENOUGH
    small = properties.get("type") in ("housenumber", "street", "locality")
    if not (sure and small and _same_town(properties, postcode, city) and _same_street(properties, address)):
        return None
    numbered = re.search(r"(^|,)\s*\d", address) is not None
    lon, lat = answer["geometry"]["coordinates"]
    return Found(
        lat, lon, str(properties.get("label", "")), properties["type"] == "housenumber" or not numbered
    )


def _located(answer: dict[str, Any]) -> Found:
    properties, (lon, lat) = answer["properties"], answer["geometry"]["coordinates"]
    return Found(lat, lon, str(properties.get("label", "")), properties.get("type") == "housenumber")


def _same_town(properties: dict[str, Any], postcode: str, city: str) -> bool:
    """Streets of the same name in the next town score high: the town has to be the one that was asked."""
    asked, answered = _town(city), _town(str(properties.get("city", "")))
    if not asked:
        return bool(properties.get("postcode") == postcode.strip())
    return asked.startswith(answered) or answered.startswith(asked)


def _same_street(properties: dict[str, Any], address: str) -> bool:
    """The engine would rather name another street than none: what was asked has to be in its answer."""
    answered = str(properties.get("street") or properties.get("name", ""))
    return fuzz.token_set_ratio(_gist(address), _gist(answered)) >= ALIKE


_COMMONPLACE = re.compile(
    r"\d\w*|\b(?:rue|r|avenue|av|boulevard|bd|bld|place|pl|impasse|imp|chemin|ch|route|rte|allees?|quai|square|cours"
    r"|passage|lieu|dit|lotissement|za|zi|zac|bis|ter|a|aux?|d|de|des|du|en|et|l|la|les?|sur)\b"
)


def _gist(street: str) -> str:
    """The words that tell a street from another: no number, no kind of street, no little words."""
    return " ".join(_COMMONPLACE.sub(" ", folded(street)).split())


def _town(name: str) -> str:
    return re.sub(r"\bst(e?)\b", r"saint\1", folded(name))
