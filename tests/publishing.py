"""Merchants that the public may know of, for the tests of the map and the list."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.domain.merchants import Kind, RecordKind
from backend.storage import merchants
from tests.town import NANTES

ACCREDITED = (RecordKind.DECIDED, {"decision": "d", "outcome": "accredited", "valid_until": "2027-11-20"})
TOLD = (RecordKind.TOLD, {"how": "phone", "on": "2026-11-21", "note": ""})
ACTIVE = (RecordKind.MONEKO_STATUS, {"status": "active", "note": ""})
BLOCKED = (RecordKind.MONEKO_STATUS, {"status": "blocked", "note": "Le compte a été fermé."})


def merchant(
    session: Session, name: str, now: datetime, *records: tuple[RecordKind, Any], **place: Any
) -> str:
    """A merchant with one sales point, and what was recorded of it; returns its id."""
    made = merchants.add(
        session,
        NANTES,
        name,
        place.pop("kind", Kind.GROCERY),
        now,
        by=None,
        source="hand",
        phone=place.pop("phone", ""),
    )
    at = {"address": "3 rue du Panier", "postcode": "44100", "city": "Nantes", "lat": 47.2, "lon": -1.6}
    merchants.add_place(session, made, **(at | {"placing": "file", "takes_moneko": True} | place))
    for kind, body in records:
        merchants.add_record(session, made.id, kind, body, now, by=None)
    return made.id


def active(session: Session, name: str, now: datetime, **place: Any) -> str:
    return merchant(session, name, now, ACCREDITED, TOLD, ACTIVE, **place)


def soon(session: Session, name: str, now: datetime, **place: Any) -> str:
    return merchant(session, name, now, ACCREDITED, TOLD, **place)
