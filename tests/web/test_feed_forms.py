"""What other sites take keeps to the form that each of them documents, whatever the hours, the names and the gaps."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import jsonschema
import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.merchants import Kind
from backend.feeds import ATOM, SCHEMA_TYPES
from backend.storage import merchants
from backend.storage.tables import MerchantContact
from backend.web.house import House
from tests.publishing import active, soon
from tests.town import Clock, Town
from tests.web.test_feeds import NAMES

HOURS = (
    "",
    "24/7",
    "Mo-Su 00:00-24:00",
    "Tu-Sa 09:00-12:30,15:00-19:00; Su 09:30-12:30; PH off",
    "Fr-Sa 18:00-02:00",
    "Mo-Fr 18:00-26:00",
    "Mo 08:00-10:00,11:00-12:00,14:00-18:00",
    "Sa[1] 09:00-12:00",
    "We 10:00-12:00; 2026 Dec 24 closed; 2026 Dec 30-2027 Jan 02 10:00-11:00",
    "quand il fait beau",
)


def each_is(told: Any, *names: str) -> dict[str, Any]:
    return dict.fromkeys(names, told)


TEXT = {"type": "string", "minLength": 1}
HOUR = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}
ADDRESS = {
    "type": "object",
    "required": ["@type"],
    "properties": {
        "@type": {"const": "PostalAddress"},
        **each_is(TEXT, "streetAddress", "postalCode", "addressLocality", "addressCountry"),
    },
    "additionalProperties": False,
}
LATITUDE = {"type": "number", "minimum": -90, "maximum": 90}
LONGITUDE = {"type": "number", "minimum": -180, "maximum": 180}
URL = {"type": "string", "pattern": "^https?://[^ ]+$"}

# schema.org's LocalBusiness, as far as search engines read it
JSON_LD = {
    "type": "object",
    "required": ["@context", "@type", "@id", "url", "name", "image"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"enum": sorted({*SCHEMA_TYPES.values(), "Store"})},
        **each_is(URL, "@id", "url", "image", "sameAs"),
        **each_is(TEXT, "name", "description", "telephone", "currenciesAccepted", "additionalType"),
        "address": ADDRESS,
        "geo": {
            "type": "object",
            "required": ["@type", "latitude", "longitude"],
            "properties": {
                "@type": {"const": "GeoCoordinates"},
                "latitude": LATITUDE,
                "longitude": LONGITUDE,
            },
            "additionalProperties": False,
        },
        "openingHoursSpecification": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["@type", "opens", "closes"],
                "oneOf": [{"required": ["dayOfWeek"]}, {"required": ["validFrom", "validThrough"]}],
                "properties": {
                    "@type": {"const": "OpeningHoursSpecification"},
                    "opens": HOUR,
                    "closes": HOUR,
                    "dayOfWeek": {"pattern": "^https://schema.org/(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$"},
                    **each_is({"pattern": r"^\d{4}-\d\d-\d\d$"}, "validFrom", "validThrough"),
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}

# the attributes that GoGoCarto documents for an element; it takes any others as they are
SPAN = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
DAY = {"type": "string", "pattern": f"^{SPAN}( & {SPAN})?$"}
GOGOCARTO = {
    "type": "object",
    "required": ["id", "name", "categories"],
    "properties": {
        **each_is({"type": "string"}, "id", "name", "description", "descriptionMore", "telephone"),
        **each_is(URL, "website", "url"),
        "geo": {
            "type": "object",
            "required": ["latitude", "longitude"],
            "properties": {"latitude": LATITUDE, "longitude": LONGITUDE},
            "additionalProperties": False,
        },
        "categories": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
        "address": ADDRESS,
        "openHours": {
            "type": "object",
            "minProperties": 1,
            "properties": each_is(DAY, "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
            "additionalProperties": False,
        },
        "openHoursString": {"type": "string"},
    },
}


@pytest.fixture
def slugs(home: House, town: Town, clock: Clock) -> list[str]:
    """Shops of every kind, open at all sorts of hours, with all that one may say and with nothing."""

    def work(session: Session) -> list[str]:
        kinds = list(Kind)
        for rank, hours in enumerate(HOURS):
            kind = kinds[rank % len(kinds)]
            shop = active(
                session, f"Commerce {rank}", clock(), kind=kind, opening_hours=hours, phone="0240000000"
            )
            row = merchants.get(session, shop)
            row.website, row.products = "https://commerce.example/?a=1&b=2", "Du <pain> & des jeux"
        soon(session, "Sans rien", clock(), address="", postcode="", city="", lat=None, lon=None)
        return [place.slug for place in merchants.public_places(session)]

    return home.db.write(work)


def test_json_ld_has_the_shape_of_a_local_business(client: TestClient, slugs: list[str]) -> None:
    told = 0
    for slug in slugs:
        page = client.get(f"/lieux/{slug}").text
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        described = json.loads(text)
        jsonschema.validate(described, JSON_LD)
        told += "openingHoursSpecification" in described
    assert told >= 4


def test_each_element_has_the_fields_that_gogocarto_documents(client: TestClient, slugs: list[str]) -> None:
    elements = client.get("/donnees/gogocarto.json").json()["data"]
    for element in elements:
        jsonschema.validate(element, GOGOCARTO)
    assert sorted(element["id"] for element in elements) == sorted(slugs)
    assert sum("openHours" in element for element in elements) >= 4
    assert sum("geo" in element for element in elements) == len(HOURS)


def test_atom_has_what_rfc_4287_requires(client: TestClient, slugs: list[str]) -> None:
    feed = ElementTree.fromstring(client.get("/donnees/nouveaux.atom").content)
    assert feed.tag == f"{{{ATOM}}}feed"
    entries = _all(feed, "entry")
    assert len(entries) == len(slugs)
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            (one,) = _all(each, name)
            assert (one.text or "").strip(), name
        assert urlsplit(_text(each, "id")).scheme in ("http", "https")
        assert datetime.fromisoformat(_text(each, "updated")).tzinfo is not None
        assert len(_all(each, "summary")) <= 1
        alternates = [link for link in _all(each, "link") if link.get("rel", "alternate") == "alternate"]
        assert len(alternates) == 1, "an entry without content says where it is"
        assert all(link.get("href") for link in _all(each, "link"))
    assert [link.get("type") for link in _all(feed, "link") if link.get("rel") == "self"] == [
        "application/atom+xml"
    ]
    (author,) = _all(feed, "author")
    assert _text(author, "name")
    assert len({_text(each, "id") for each in (feed, *entries)}) == len(entries) + 1
    moments = [_text(each, "updated") for each in entries]
    assert _text(feed, "updated") == max(moments) == moments[0]


def _all(parent: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return parent.findall(f"{{{ATOM}}}{name}")


def _text(parent: ElementTree.Element, name: str) -> str:
    return parent.findtext(f"{{{ATOM}}}{name}", "")


@pytest.mark.parametrize("query", ["", "?since=2026-01-01"])
@pytest.mark.parametrize("name", NAMES)
def test_what_nobody_reads_there_changes_nothing(
    client: TestClient, home: House, town: Town, clock: Clock, slugs: list[str], name: str, query: str
) -> None:
    """304 when what is published is the same, whatever else was written meanwhile."""
    address = f"/donnees/{name}{query}"
    known = {"If-None-Match": client.get(address).headers["etag"]}
    assert client.get(address, headers=known).status_code == 304

    def elsewhere(session: Session) -> None:
        merchants.get(session, town.shop).email = "secret@example.org"
        at: dict[str, Any] = {"merchant_id": town.shop, "added_at": clock(), "added_by": town.claire}
        session.add(MerchantContact(id="contact", name="Ali", **at))

    home.db.write(elsewhere)
    clock.forward(days=1)
    assert client.get(address, headers=known).status_code == 304
    home.db.write(lambda session: active(session, "Nouveau", clock()))
    assert client.get(address, headers=known).status_code == 200
