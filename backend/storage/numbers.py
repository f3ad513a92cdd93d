"""What statistics and research read: all records, all visits, without names or free text."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlmodel import Session, col, select

from backend.domain import journal, numbers
from backend.domain.merchants import Record, RecordKind
from backend.domain.numbers import Change
from backend.domain.scoring import Rules, Why
from backend.storage import journal as entries
from backend.storage import visits
from backend.storage.tables import Decision, DecisionCommitment, Merchant, MerchantRecord, Visit

RECEIVED = ("received", "decided")
Territories = Collection[str] | None


def _here(query: Any, column: Any, territory_ids: Territories) -> Any:
    return query if territory_ids is None else query.where(column.in_(list(territory_ids)))


def lived(session: Session, territory_ids: Territories) -> dict[str, list[Change]]:
    """When each merchant of these territories (None: all) came to which stage."""
    query = select(
        MerchantRecord.merchant_id, MerchantRecord.id, MerchantRecord.kind, MerchantRecord.at
    ).add_columns(col(MerchantRecord.body))
    if territory_ids is not None:
        query = query.join(Merchant, col(Merchant.id) == MerchantRecord.merchant_id)
    records: dict[str, list[Record]] = {}
    for row in session.execute(_here(query, col(Merchant.territory_id), territory_ids)):
        record = Record(row.id, RecordKind(row.kind), row.at, row.body)
        records.setdefault(row.merchant_id, []).append(record)
    return {merchant_id: numbers.changes(found) for merchant_id, found in records.items()}


def visits_by_month(session: Session, territory_ids: Territories) -> dict[str, Counter[str]]:
    """By month ("2026-11"), how many visits that were planned for it are in which state."""
    counts: dict[str, Counter[str]] = {}
    query = _here(select(Visit.planned_on, Visit.state), col(Visit.territory_id), territory_ids)
    for planned_on, state in session.execute(query):
        counts.setdefault(f"{planned_on:%Y-%m}", Counter())[state] += 1
    return counts


def received(
    session: Session, territory_ids: Territories, drafts: Collection[str], limit: int | None = None
) -> list[Visit]:
    """The visits received whole, trials aside, the latest first."""
    query = (
        select(Visit)
        .where(col(Visit.state).in_(RECEIVED), col(Visit.grid_id).not_in(list(drafts)))
        .order_by(col(Visit.planned_on).desc(), col(Visit.id).desc())
        .limit(limit)
    )
    return list(session.execute(_here(query, col(Visit.territory_id), territory_ids)).scalars())


def whys(session: Session, found: Collection[Visit], rules: Mapping[str, Rules]) -> Iterator[tuple[Why, ...]]:
    """What each of these visits found, criterion by criterion, as it counts now."""
    for visit in found:
        yield visits.read(session, visit, rules).score.criteria


def sheets(session: Session, visit: Visit) -> dict[str, dict[str, list[int | str | None]]]:
    """The current choices of a visit, by sheet (a person's id, or duo) and criterion."""
    return journal.choices(journal.fold(entries.records_of(session, visit.id)))


def decided(session: Session, territory_ids: Territories) -> list[tuple[Decision, Merchant, int]]:
    """The decisions, oldest first, each with its merchant and how many commitments it holds."""
    query = select(Decision, Merchant).join(Merchant, col(Merchant.id) == Decision.merchant_id)
    query = query.order_by(col(Decision.recorded_at), col(Decision.id))
    rows = session.execute(_here(query, col(Merchant.territory_id), territory_ids)).all()
    held = Counter(session.exec(select(DecisionCommitment.decision_id)))
    return [(decision, merchant, held[decision.id]) for decision, merchant in rows]


def all_merchants(session: Session, territory_ids: Territories) -> list[Merchant]:
    """The merchants, by name."""
    query = select(Merchant).order_by(col(Merchant.search), col(Merchant.id))
    return list(session.execute(_here(query, col(Merchant.territory_id), territory_ids)).scalars())


def sizes(session: Session, found: Collection[Visit]) -> dict[str, int]:
    """How many people have a part in each of these visits now, by visit."""
    parts = visits.parts(session, [visit.id for visit in found])
    return {visit_id: len(part.current) for visit_id, part in parts.items()}
