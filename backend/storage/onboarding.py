"""The merchants in Moneko's hands, and what is recorded of their onboarding."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import STAGE_NAMES, Life, Record, RecordKind, Stage, Standing, approved, life
from backend.domain.onboarding import Gap, MonekoStatus, Step, gap, handed_over
from backend.storage import merchants
from backend.storage.tables import Decision, Merchant, MerchantRecord


@dataclass(frozen=True)
class Case:
    """A merchant in Moneko's hands: its life, and since when it waits (told of its accreditation)."""

    merchant: Merchant
    life: Life
    told_at: datetime


def cases(session: Session, territory_ids: Collection[str] | None) -> list[Case]:
    """The merchants of these territories (None: all) in Moneko's hands, the longest waiting first."""
    query = select(Merchant).where(
        or_(
            col(Merchant.standing).in_([Standing.SOON, Standing.ACTIVE, Standing.SUSPENDED]),
            col(Merchant.stage).in_([Stage.ONBOARDING, Stage.ACTIVE, Stage.SUSPENDED]),
        )
    )
    if territory_ids is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territory_ids)))
    found = list(session.exec(query))
    rows = _records_of(session, [merchant.id for merchant in found])
    lived = [_case(merchant, rows[merchant.id]) for merchant in found]
    return sorted(
        (case for case in lived if handed_over(case.life)), key=lambda case: (case.told_at, case.merchant.id)
    )


def _records_of(session: Session, merchant_ids: Collection[str]) -> dict[str, list[MerchantRecord]]:
    found: dict[str, list[MerchantRecord]] = {merchant_id: [] for merchant_id in merchant_ids}
    for row in session.exec(select(MerchantRecord).where(col(MerchantRecord.merchant_id).in_(list(found)))):
        found[row.merchant_id].append(row)
    return found


def _case(merchant: Merchant, rows: Collection[MerchantRecord]) -> Case:
    told = [row.at for row in rows if row.kind == RecordKind.TOLD]
    lived = life(Record(row.id, RecordKind(row.kind), row.at, row.body) for row in rows)
    return Case(merchant, lived, max(told, default=merchant.stage_since))


def case_of(session: Session, merchant_id: str) -> Case:
    """One merchant's case; raises not_found, also when it was never approved, or wrong_stage when it is not in
    Moneko's hands (any more)."""
    case = _case(merchants.get(session, merchant_id), merchants.records(session, merchant_id))
    if not approved(case.life.stage, case.life.standing):
        raise Refusal("not_found")
    if not handed_over(case.life):
        raise Refusal("wrong_stage", stage=STAGE_NAMES[case.life.stage])
    return case


def tick(
    session: Session, merchant_id: str, step: Step, done: bool, note: str, now: datetime, *, by: str
) -> None:
    """Record that a step is done, or after all not. What is so already is not recorded again."""
    case = case_of(session, merchant_id)
    if done != (step in case.life.steps):
        body = {"step": step.value, "done": done, "note": note}
        merchants.add_record(session, merchant_id, RecordKind.ONBOARDING_STEP, body, now, by=by)


def set_status(
    session: Session,
    merchant_id: str,
    status: MonekoStatus,
    note: str,
    place_ids: Collection[str],
    now: datetime,
    *,
    by: str,
) -> None:
    """Record Moneko's status of a merchant; an active one takes the Moneko at these sales points only."""
    case_of(session, merchant_id)
    body: dict[str, object] = {"status": status.value, "note": note}
    if status is MonekoStatus.ACTIVE:
        body["places"] = sorted(place_ids)
        merchants.take_moneko(session, merchant_id, place_ids)
    merchants.add_record(session, merchant_id, RecordKind.MONEKO_STATUS, body, now, by=by)


def give_up(session: Session, merchant_id: str, who: str, note: str, now: datetime, *, by: str) -> None:
    """Record that the onboarding does not go on, by whose will and why: the coordination takes it up again."""
    case = case_of(session, merchant_id)
    if not case.life.given_up:
        body = {"who": who, "note": note}
        merchants.add_record(session, merchant_id, RecordKind.GIVEN_UP, body, now, by=by)


@dataclass(frozen=True)
class Waiting:
    """An accredited merchant that takes no Moneko yet: since when (its latest decision), for whom, for what."""

    merchant: Merchant
    gap: Gap
    since: date
    note: str  # why it was given up


def gaps(session: Session, territory_ids: Collection[str] | None) -> list[Waiting]:
    """Those of these territories (None: all) that are accredited and not active, the longest waiting first."""
    query = select(Merchant).where(
        col(Merchant.id).in_(select(Decision.merchant_id)), Merchant.standing != Standing.ACTIVE
    )
    if territory_ids is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territory_ids)))
    found = list(session.exec(query))
    rows = _records_of(session, [merchant.id for merchant in found])
    waiting = [_waiting(merchant, rows[merchant.id]) for merchant in found]
    return sorted(
        filter(None, waiting), key=lambda each: (each.since, each.merchant.search, each.merchant.id)
    )


def _waiting(merchant: Merchant, rows: Collection[MerchantRecord]) -> Waiting | None:
    found = gap(_case(merchant, rows).life)
    if found is None:
        return None
    oldest_first = sorted(rows, key=lambda row: (row.at, row.id))
    decided = [row.at for row in oldest_first if row.kind == RecordKind.DECIDED]
    given_up = [row.body["note"] for row in oldest_first if row.kind == RecordKind.GIVEN_UP]
    return Waiting(merchant, found, decided[-1].date(), given_up[-1] if given_up else "")


def history(session: Session, merchant_id: str) -> list[MerchantRecord]:
    """What was recorded of a merchant's onboarding, newest first."""
    rows = merchants.records_since_approval(session, merchant_id)
    kinds = (
        *(RecordKind.TOLD, RecordKind.ONBOARDING_STEP, RecordKind.MONEKO_STATUS, RecordKind.MONEKO_LINKED),
        *(RecordKind.GIVEN_UP, RecordKind.TAKEN_UP),
    )
    return [row for row in reversed(rows) if row.kind in kinds]
