"""Is what is stored beside the records still what the records add up to? Everything is recomputed and compared."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from backend.domain import journal
from backend.domain.erasures import blanked
from backend.domain.errors import Refusal
from backend.domain.scoring import Rules
from backend.storage import journal as entries
from backend.storage import merchants, visits
from backend.storage.tables import DecisionVisit, Entry, Merchant, Photo, PhotoMention, Visit


@dataclass(frozen=True)
class Difference:
    """A stored value that its sources do not give."""

    table: str
    id: str
    column: str
    stored: object
    computed: object


def differences(session: Session, rules: Mapping[str, Rules]) -> Iterator[Difference]:
    """Everything that does not agree, each with both values; nothing is changed."""
    for visit in session.exec(select(Visit).order_by(col(Visit.id))):
        yield from _compared("visit", visit.id, visit, _visit(session, visit, rules))
    for merchant in session.exec(select(Merchant).order_by(col(Merchant.id))):
        yield from _compared("merchant", merchant.id, merchant, _merchant(session, merchant))
    for rested in session.exec(select(DecisionVisit).order_by(col(DecisionVisit.decision_id))):
        shown = f"{rested.decision_id}/{rested.visit_id}"
        yield from _compared("decision_visit", shown, rested, _frozen(session, rested, rules))
    for entry in session.exec(select(Entry).order_by(col(Entry.seq))):
        yield from _compared("entry", entry.id, entry, _entry(entry))
    yield from _mentions(session)


def _compared(table: str, row_id: str, row: object, computed: Mapping[str, Any]) -> Iterator[Difference]:
    for column, value in computed.items():
        stored = getattr(row, column)
        if stored != value:
            yield Difference(table, row_id, column, stored, value)


def _visit(session: Session, visit: Visit, rules: Mapping[str, Rules]) -> dict[str, Any]:
    try:
        return _as_stored(visits.projected(visits.read(session, visit, rules)))
    except Refusal as refusal:
        return {"grid_id": str(refusal)}


def _merchant(session: Session, merchant: Merchant) -> dict[str, Any]:
    life = merchants.life_of(session, merchant.id)
    return {
        "stage": life.stage,
        "stage_since": life.since or merchant.created_at,
        "standing": life.standing,
        "search": merchants.searchable(merchant, merchants.places(session, merchant.id)),
    }


def _frozen(session: Session, rested: DecisionVisit, rules: Mapping[str, Rules]) -> dict[str, Any]:
    visit = visits.get(session, rested.visit_id)
    if visit.grid_id not in rules:
        return {}
    state = journal.fold(entries.records_of(session, visit.id, rested.read_seq))
    score = visits.scored(state, rules[visit.grid_id], rested.counted)
    return _as_stored({"score": visits.frozen(score)})


def _entry(entry: Entry) -> dict[str, Any]:
    body = json.loads(entry.body)
    if entry.erased_at:  # no word is left, and its hash is of what there was
        intact = {"body": journal.canonical(blanked(journal.parse(body))).decode()}
    else:
        intact = {"sha256": entries.sha256(entry.body.encode())}
    return {
        **intact,
        "id": body["id"],
        "kind": body["kind"],
        "visit_id": body.get("visit"),
        "author_id": body["author"],
    }


def _mentions(session: Session) -> Iterator[Difference]:
    """Photos may be sent and asked for by what announces them: both lists must be the same."""
    stored = set(session.exec(select(PhotoMention.entry_id, PhotoMention.sha256)))
    computed = {
        (entry.id, announced)
        for entry in session.exec(select(Entry))
        for announced in entries.announced(journal.parse(json.loads(entry.body)))
    }
    for entry_id, announced in sorted(stored ^ computed):
        known = announced if (entry_id, announced) in stored else None
        yield Difference("photo_mention", entry_id, "sha256", known, None if known else announced)


def _as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the values come back from a JSON column."""
    as_json: dict[str, Any] = json.loads(json.dumps(values))
    return as_json


def photos_due(session: Session) -> list[str]:
    """The photos whose bytes must be there: phones were told that they had arrived."""
    return list(session.exec(select(Photo.sha256).where(col(Photo.problem).is_(None))))
