"""What other sites take from us: the words of schema.org for search engines, GeoJSON, GoGoCarto's JSON, CSV and Atom.
Only what is published goes in."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from backend.domain import week
from backend.domain.formulas import harmless
from backend.domain.hours import CLOSED
from backend.domain.merchants import KIND_NAMES, Kind
from backend.domain.publication import PublishedPlace
from backend.domain.week import DAYS

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
    return [{"opens": opens, "closes": closes} for opens, closes in _spans(times)]


def _spans(times: str) -> list[tuple[str, str]]:
    """When it opens and closes, as clocks show it: the notation counts on past midnight, to 26:00."""
    ends = [span.split("-") for span in times.split(",")]
    return [(_clock(opens), _clock(closes)) for opens, closes in ends]


def _clock(hour: str) -> str:
    hours, minutes = hour.split(":")
    return "23:59" if hour == "24:00" else f"{int(hours) % 24:02}:{minutes}"


# --- what other sites take ---


@dataclass(frozen=True)
class Item:
    """A sales point as feeds give it: what is published, in words where codes would say nothing, and its dates."""

    place: PublishedPlace
    url: str
    words: Mapping[str, str]
    appeared_at: datetime
    changed_at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """All that is published, by the names that the page about the data explains."""
        place = self.place
        return {
            "id": place.slug,
            "url": self.url,
            "name": place.name,
            "label": place.label,
            "kind": place.kind.value,
            "state": "active" if place.active else "soon",
            "address": place.address,
            "postcode": place.postcode,
            "city": place.city,
            "phone": place.phone,
            "website": place.website,
            "products": place.products,
            "families": ",".join(place.families),
            "opening_hours": place.opening_hours,
            "wheelchair": place.access,
            "wheelchair_note": place.access_note,
            "payable": place.payable,
            "payable_note": place.payable_note,
            "paying": ",".join(place.paying),
            "paying_note": place.paying_note,
            "why": place.words,
            "commitments": list(place.commitments),
            "territory": place.territory,
            "changed_at": self.changed_at.isoformat(),
        }


Left = Sequence[tuple[str, datetime]]
"""What left: ids and moments."""


def geojson(items: Sequence[Item], left: Left, as_of: datetime | None) -> bytes:
    """RFC 7946. Sales points without a position have no geometry; `left` and `as_of` are members of ours."""
    features = [
        {
            "type": "Feature",
            "id": item.place.slug,
            "geometry": None
            if item.place.lat is None or item.place.lon is None
            else {"type": "Point", "coordinates": [item.place.lon, item.place.lat]},
            "properties": item.fields,
        }
        for item in items
    ]
    return _json({"type": "FeatureCollection", **_dates(left, as_of), "features": features})


def gogocarto(items: Sequence[Item], left: Left, as_of: datetime | None) -> bytes:
    """What GoGoCarto imports: elements under `data`, their hours day by day under `openHours`."""
    return _json({**_dates(left, as_of), "data": [_element(item) for item in items]})


def _element(item: Item) -> dict[str, Any]:
    place, hours = item.place, item.words["hours"]
    position = {"latitude": place.lat, "longitude": place.lon}
    element = {
        "id": place.slug,
        "name": place.called,
        "geo": position if place.lat is not None else None,
        "address": {**_address(place)} or None,
        "categories": [text for text in (item.words["kind"], *item.words["families"].split(" | ")) if text],
        "description": place.products,
        "descriptionMore": "\n".join(
            filter(None, (place.words, item.words["payable"], item.words["paying"]))
        ),
        "telephone": place.phone,
        "website": place.website,
        "url": item.url,
        "state": item.words["state"],
        "openHours": _days(place.opening_hours),
        "openHoursString": hours,
        "updatedAt": item.changed_at.isoformat(),
    }
    return {name: value for name, value in element.items() if value}


def _days(notation: str) -> dict[str, str]:
    known = week.from_notation(notation)
    if known is None:
        return {}
    return {
        day: " & ".join(f"{opens}-{closes}" for opens, closes in _spans(times))
        for day, times in known.days.items()
        if day in DAYS and times != CLOSED
    }


def _dates(left: Left, as_of: datetime | None) -> dict[str, Any]:
    return {
        "as_of": as_of.isoformat() if as_of else None,
        "left": [{"id": slug, "left_at": at.isoformat()} for slug, at in left],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


COLUMNS = (
    *("id", "url", "name", "label", "kind", "state", "address", "postcode", "city", "lat", "lon", "phone"),
    *("website", "products", "families", "opening_hours", "wheelchair", "wheelchair_note", "payable"),
    *("payable_note", "paying", "paying_note", "why", "commitments", "territory", "changed_at", "left_at"),
)


def table(items: Sequence[Item], left: Left, _as_of: datetime | None) -> bytes:
    """CSV in UTF-8, a line per sales point; what left has its id and `left_at` alone. No cell is run as a formula."""
    written = io.StringIO()
    rows = csv.DictWriter(written, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for item in items:
        cells = item.fields | {"commitments": " | ".join(item.place.commitments)}
        plain = {name: harmless(text) if name != "phone" else text for name, text in cells.items()}
        rows.writerow({**plain, "lat": _number(item.place.lat), "lon": _number(item.place.lon)})
    for slug, at in left:
        rows.writerow({"id": slug, "left_at": at.isoformat()})
    return written.getvalue().encode("utf-8-sig")


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


ATOM = "http://www.w3.org/2005/Atom"
NEWEST = 50


def atom(items: Sequence[Item], title: str, home: str, url: str, since: datetime | None = None) -> bytes:
    """The shops that joined last, the newest first, or those that joined since: one entry for each merchant, from its
    first sales point. What was only changed is none."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {XML_LANG: "fr"})
    joined = [item for item in _first_of_each(items) if since is None or item.appeared_at >= since]
    newest = sorted(joined, key=lambda item: (item.appeared_at, item.place.slug), reverse=True)
    updated = newest[0].appeared_at if newest else datetime(2026, 1, 1, tzinfo=UTC)
    _add(feed, "title", title)
    _add(feed, "id", home)
    _add(feed, "updated", updated.isoformat())
    _add(feed, "link", "", rel="self", href=url, type="application/atom+xml")
    _add(feed, "link", "", href=home)
    _add(_add(feed, "author", ""), "name", title)
    for item in newest[:NEWEST]:
        entry = _add(feed, "entry", "")
        _add(entry, "title", item.place.called)
        _add(entry, "id", item.url)
        _add(entry, "link", "", href=item.url)
        _add(entry, "updated", item.appeared_at.isoformat())
        about = (item.words["kind"], item.place.town, item.words["state"], item.place.words)
        _add(entry, "summary", " · ".join(filter(None, about)))
    written: bytes = ElementTree.tostring(feed, "utf-8", xml_declaration=True)
    return written


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _add(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = _NOT_XML.sub("", text) or None
    return element


def _first_of_each(items: Sequence[Item]) -> list[Item]:
    first: dict[str, Item] = {}
    for item in sorted(items, key=lambda each: (each.appeared_at, each.place.slug)):
        first.setdefault(item.place.merchant_id, item)
    return list(first.values())
