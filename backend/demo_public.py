"""What everyone reads of the demo's shops: how one pays there, and why the committee chose them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.domain.merchants import ACCREDITING, Kind
from backend.domain.reports import ReportKind
from backend.storage import decisions, merchants, public_words, reports, suggestions
from backend.storage.suggestions import Proposed
from backend.storage.tables import Merchant

Told = Mapping[str, Any]
"""One table of a fixture file."""


def settle(
    session: Session, told: Told, merchant_ids: Mapping[str, str], by: Mapping[str, str], now: datetime
) -> None:
    """Note what is paid and how, and publish what the committee chose to say. `by`: who coordinates, by territory."""
    for name, each in told.items():
        merchant = merchants.get(session, merchant_ids[name])
        _note(session, merchant, each, now, by=by[merchant.territory_id])
        _say(session, merchant.id, each, now, by=by[merchant.territory_id])


def hear(
    session: Session, told: Told, territory_id: str, merchant_ids: Mapping[str, str], now: datetime
) -> None:
    """What the public reported and proposed lately."""
    for each in told["reports"]:
        place = merchants.places(session, merchant_ids[each["merchant"]])[0]
        reports.send(session, place.slug, ReportKind(each["kind"]), each["text"], now)
    for each in told["suggestions"]:
        kind = Kind(each["kind"])
        proposed = Proposed(territory_id, each["name"], kind, "", "", each["city"], each["words"], "")
        suggestions.suggest(session, proposed, now)


def _note(session: Session, merchant: Merchant, told: Told, now: datetime, *, by: str) -> None:
    if "families" in told:
        merchants.edit(session, merchant, {"families": told["families"]}, now, by=by)
    noted = {name: text for name, text in told.items() if name in merchants.EDITABLE_PLACE}
    for place in merchants.places(session, merchant.id):
        merchants.edit_place(session, merchant, place, noted, now, by=by)


def _say(session: Session, merchant_id: str, told: Told, now: datetime, *, by: str) -> None:
    decision = decisions.latest(session, merchant_id)
    if decision is None or decision.outcome not in ACCREDITING or "words" not in told:
        return
    made = decisions.commitments_of(session, decision.id) if told.get("commitments") else []
    public_words.write(session, decision.id, told["words"], [each.id for each in made], now, by=by)
