"""What Moneko's back-office imports of the merchants (product.md, section 7): Odoo 16, leads and partners.

In Odoo an empty cell erases and an absent column does not: what was never sent goes with all its columns, what was sent
before goes with the columns that have something to say, in one file per set of columns.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace

from backend.domain.errors import N_
from backend.domain.formulas import harmless, is_run
from backend.domain.hours_in_words import in_full
from backend.domain.merchants import KIND_NAMES, Kind


class Model(StrEnum):
    """What a merchant becomes there."""

    LEADS = "leads"
    PARTNERS = "partners"


MODEL_NAMES: dict[Model, str] = {
    Model.LEADS: N_("Pistes (crm.lead)"),
    Model.PARTNERS: N_("Partenaires (res.partner)"),
}

COLUMNS: dict[Model, tuple[str, ...]] = {
    Model.LEADS: (
        *("id", "lead_type", "company_name", "commercial_company_name", "business_name", "street", "street2"),
        *("city", "zip", "country_id/id", "phone", "company_email", "website", "detailed_activity"),
        *("opening_time", "itinerant", "contact_name", "function", "email_pro", "phone_pro"),
        "message_from_candidate",
    ),
    Model.PARTNERS: (
        *("id", "is_company", "name", "business_name", "siret", "street", "street2", "zip", "city"),
        *("country_id/id", "phone", "email", "website", "opening_time", "itinerant", "detailed_activity"),
        *("partner_latitude", "partner_longitude"),
    ),
}

# An external id belongs to one model in Odoo: a lead and a partner cannot share theirs.
_PREFIX = {Model.LEADS: "cca44_merchant_", Model.PARTNERS: "cca44_partner_"}
PREFIXES = tuple(_PREFIX.values())

CONTACT = ("contact_name", "function", "email_pro", "phone_pro")  # who agreed that Moneko calls them
EMAILS = ("company_email", "email_pro", "email")
_AS_THEY_ARE = {"id", "zip", "siret", "phone", "phone_pro", "partner_latitude", "partner_longitude", *EMAILS}


@dataclass(frozen=True)
class Place:
    """A sales point. Degrees, WGS 84."""

    label: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    lat: float | None = None
    lon: float | None = None
    opening_hours: str = ""


@dataclass(frozen=True)
class Shop:
    """A merchant as it is handed over. `own_id`: Moneko's own external id, once known. `summary`: of the decision."""

    id: str
    name: str
    kind: Kind
    places: tuple[Place, ...] = ()
    siret: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    products: str = ""
    summary: str = ""
    contact: str = ""
    function: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    own_id: str = ""


def external_id(model: Model, shop: Shop) -> str:
    """Stable, so that importing again updates: Moneko's own for a partner that it knows."""
    own = shop.own_id if model is Model.PARTNERS else ""
    return own or _PREFIX[model] + shop.id


def external_id_of(merchant_id: str, own_id: str) -> str:
    """The id by which Moneko knows a merchant: its own, else that of the lead which it imports."""
    return own_id or _PREFIX[Model.LEADS] + merchant_id


def cells(model: Model, shop: Shop) -> dict[str, str]:
    """What each column of `model` says of a shop; "" when it has nothing to say."""
    first = shop.places[0] if shop.places else Place()
    known = {
        "id": external_id(model, shop),
        "lead_type": "membership_web_application",
        "is_company": "True",
        **dict.fromkeys(("name", "company_name", "commercial_company_name", "business_name"), shop.name),
        "siret": shop.siret,
        "street": first.address,
        "street2": first.label,
        "zip": first.postcode,
        "city": first.city,
        "country_id/id": "base.fr",
        "phone": shop.phone,
        "email": shop.email,
        "company_email": shop.email,
        "website": shop.website,
        "detailed_activity": _activity(shop),
        "opening_time": _opening(shop.places),
        "itinerant": str(shop.kind in (Kind.MOBILE, Kind.MARKET_STALL)),
        "contact_name": shop.contact,
        "function": shop.function,
        "email_pro": "" if shop.contact_email.lower() == shop.email.lower() else shop.contact_email,
        "phone_pro": shop.contact_phone,
        "message_from_candidate": shop.summary,
        "partner_latitude": "" if first.lat is None else f"{first.lat:.6f}",
        "partner_longitude": "" if first.lon is None else f"{first.lon:.6f}",
    }
    return {column: known[column] for column in COLUMNS[model]}


def _activity(shop: Shop) -> str:
    return " : ".join(filter(None, (KIND_NAMES[shop.kind], shop.products)))


def _opening(places: Sequence[Place]) -> str:
    """The hours in words, by sales point where there are several."""
    told = []
    for place in places:
        hours = ", ".join(in_full(place.opening_hours, str)) if place.opening_hours else ""
        name = place.label or place.address or place.city
        if hours:
            told.append(f"{name} : {hours}" if len(places) > 1 and name else hours)
    return " ; ".join(told)


# --- the files ---


@dataclass(frozen=True)
class Line:
    """A shop in a file. `sent_before`: an earlier file of this model held it, or Moneko knows it by its own id."""

    shop: str
    cells: Mapping[str, str]
    sent_before: bool


@dataclass(frozen=True)
class HeldBack:
    """A cell that stays out of the files, and why: alike (another line has this address), formula."""

    shop: str
    column: str
    text: str
    why: str


@dataclass(frozen=True)
class File:
    """One file to import: its columns and its lines. `new`: all columns, of shops never sent before."""

    name: str
    new: bool
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def absent(self) -> tuple[str, ...]:
        """The columns that this file leaves as they are there."""
        model = Model.LEADS if "lead_type" in self.columns else Model.PARTNERS
        return tuple(column for column in COLUMNS[model] if column not in self.columns)


@dataclass(frozen=True)
class Plan:
    """The files to import, the ones of new shops first, and what stays out of them."""

    files: tuple[File, ...]
    held_back: tuple[HeldBack, ...] = field(default=())


def plan(model: Model, lines: Iterable[Line]) -> Plan:
    """The files of these lines."""
    kept, held_back = _without_trouble(lines)
    fresh = [line for line in kept if not line.sent_before]
    files = [File("nouveaux.csv", True, COLUMNS[model], tuple(fresh))] if fresh else []
    by_columns: dict[tuple[str, ...], list[Line]] = {}
    for line in kept:
        if line.sent_before:
            filled = tuple(column for column in COLUMNS[model] if line.cells[column])
            by_columns.setdefault(filled, []).append(line)
    largest_first = sorted(by_columns.items(), key=lambda each: (-len(each[1]), each[0]))
    for rank, (columns, sent) in enumerate(largest_first, 1):
        files.append(File(f"deja-envoyes-{rank}.csv", False, columns, tuple(sent)))
    return Plan(tuple(files), tuple(held_back))


def _without_trouble(lines: Iterable[Line]) -> tuple[list[Line], list[HeldBack]]:
    """E-mail addresses are unique across the files, and none begins like a formula: the others stay out."""
    taken: set[str] = set()
    kept, held_back = [], []
    for line in lines:
        given = dict(line.cells)
        for column in EMAILS:
            text = given.get(column, "")
            why = "formula" if is_run(text) else "alike" if text.lower() in taken else ""
            if text and why:
                held_back.append(HeldBack(line.shop, column, text, why))
                given[column] = ""
        taken.update(given[column].lower() for column in EMAILS if given.get(column))
        kept.append(Line(line.shop, given, line.sent_before))
    return kept, held_back


def written(file: File) -> bytes:
    """The file as Odoo reads it: UTF-8, commas, quotes where needed."""
    records: list[str] = []
    out = csv.writer(SimpleNamespace(write=records.append), lineterminator="\n")
    out.writerow(file.columns)
    out.writerows([told(column, line.cells[column]) for column in file.columns] for line in file.lines)
    return "".join(records).encode()


def told(column: str, text: str) -> str:
    """A cell as it is written: free text cannot be run, numbers and addresses stay as they are."""
    return text if column in _AS_THEY_ARE else harmless(text)


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is told differently than when it was sent: column by column, before and now."""
    return {
        column: (before.get(column, ""), text)
        for column, text in now.items()
        if before.get(column, "") != text and column not in ("id", "message_from_candidate")
    }
