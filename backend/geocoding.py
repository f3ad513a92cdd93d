"""Addresses to positions, through geopy and the French address engine (BAN, Géoplateforme)."""

import logging
from typing import NamedTuple

import stamina
from geopy.exc import GeocoderServiceError, GeocoderTimedOut, GeocoderUnavailable, GeopyError
from geopy.geocoders import BANFrance

log = logging.getLogger(__name__)

SURE_ENOUGH = 0.5  # the engine's own score, 0 to 1; below it the match is too often another street
USER_AGENT = "caisse-commune-alimentation"


class Found(NamedTuple):
    """A position (WGS 84 degrees), as the engine words it, with its score from 0 to 1."""

    lat: float
    lon: float
    label: str
    score: float


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
        """Where this address is; None when the engine knows nothing close enough. Raises Unreachable."""
        query = " ".join(part for part in (address, postcode, city) if part.strip())[:200]
        if self._engine is None or not query:
            return None
        try:
            return self._ask(query)
        except GeopyError as error:
            log.warning("address engine: %s", type(error).__name__)
            raise Unreachable from error

    @stamina.retry(on=(GeocoderTimedOut, GeocoderUnavailable), attempts=2, wait_initial=0.2, timeout=12)
    def _ask(self, query: str) -> Found | None:
        if self._engine is None:
            return None
        try:
            location = self._engine.geocode(query)
        except GeocoderServiceError as error:
            if "400" in str(error):  # the engine found nothing in the question that looks like an address
                return None
            raise
        if location is None:
            return None
        properties = location.raw.get("properties", {})
        score = float(properties.get("score", 0))
        if score < SURE_ENOUGH:
            return None
        return Found(location.latitude, location.longitude, str(properties.get("label", "")), score)
