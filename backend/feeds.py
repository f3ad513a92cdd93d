"""What other sites take from us: structured data for search engines. Only what is published goes in."""

import json
from collections.abc import Mapping
from typing import Any

from backend.domain import week
from backend.domain.merchants import KIND_NAMES, Kind
from backend.domain.publication import PublishedPlace
from backend.domain.week import CLOSED, DAYS

SCHEMA_TYPES = {
    Kind.GROCERY: "GroceryStore",
    Kind.BAKERY: "Bakery",
    Kind.GREENGROCER: "GroceryStore",
    Kind.RESTAURANT: "Restaurant",
    Kind.FARM: "LocalBusiness",
    Kind.AMAP: "LocalBusiness",
}
_SCHEMA_DAYS = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)


def json_ld(place: PublishedPlace, url: str, picture: str) -> str:
    """The sales point in the words of schema.org, fit to stand in a `script` element of a page."""
    described = {
        "@context": "https://schema.org",
        "@type": SCHEMA_TYPES.get(place.kind, "Store"),
        "@id": url,
        "url": url,
        "name": place.called,
        "description": place.products,
        "image": picture,
        "telephone": place.phone,
        "sameAs": place.website,
        "address": _address(place),
        "geo": _position(place),
        "openingHoursSpecification": _hours(place.opening_hours),
        "currenciesAccepted": "Moneko" if place.active else "",
        "additionalType": KIND_NAMES[place.kind],
    }
    return for_script({name: value for name, value in described.items() if value})


def for_script(value: Any) -> str:
    """JSON that no HTML parser takes for the end of its element, or for anything but text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _address(place: PublishedPlace) -> Mapping[str, str]:
    named = {
        "streetAddress": place.address,
        "postalCode": place.postcode,
        "addressLocality": place.city,
    }
    found = {name: text for name, text in named.items() if text}
    return {"@type": "PostalAddress", **found, "addressCountry": "FR"} if found else {}


def _position(place: PublishedPlace) -> Mapping[str, Any]:
    if place.lat is None or place.lon is None:
        return {}
    return {"@type": "GeoCoordinates", "latitude": place.lat, "longitude": place.lon}


def _hours(notation: str) -> list[Mapping[str, str]]:
    """The days of the week and the dated exceptions; nothing for hours that are rarer than these."""
    known = week.from_notation(notation)
    if known is None:
        return []
    weekly = [
        {"dayOfWeek": f"https://schema.org/{_SCHEMA_DAYS[day]}", **ends}
        for day, times in known.days.items()
        if day in _SCHEMA_DAYS and times != CLOSED
        for ends in _ranges(times)
    ]
    dated = [
        {"validFrom": each.first.isoformat(), "validThrough": each.last.isoformat(), **ends}
        for each in known.exceptions
        for ends in _ranges("00:00-00:00" if each.times == CLOSED else each.times)
    ]
    return [{"@type": "OpeningHoursSpecification", **each} for each in (*weekly, *dated)]


def _ranges(times: str) -> list[dict[str, str]]:
    ends = [span.split("-") for span in times.split(",")]
    return [{"opens": opens, "closes": closes.replace("24:00", "23:59")} for opens, closes in ends]
