"""What is due, for many merchants at once; and what became of each commitment.

SQL only narrows the rows down to those that may matter; `domain.follow_up` says what is due.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.domain.committee import RENEWAL_FROM
from backend.domain.decisions import DecisionOutcome
from backend.domain.errors import Refusal
from backend.domain.follow_up import SOON, Case, Due, Kept, Promise, due, must_follow
from backend.domain.merchants import ACCREDITING, Stage
from backend.storage.people import new_id
from backend.storage.tables import CommitmentFollowing, Decision, DecisionCommitment, Merchant


@dataclass(frozen=True)
class Item:
    """Something due, with the merchant it is about."""

    due: Due
    merchant: Merchant


def of_territories(session: Session, territories: Collection[str] | None, today: date) -> list[Item]:
    """All that is due on these territories (None: everywhere), by kind and day."""
    return _items(
        session, today, () if territories is None else (col(Merchant.territory_id).in_(list(territories)),)
    )


def of_merchants(session: Session, merchant_ids: Collection[str], today: date) -> dict[str, list[Due]]:
    """What is due for each of these merchants, in two questions whatever their number."""
    found: dict[str, list[Due]] = {merchant_id: [] for merchant_id in merchant_ids}
    for item in _items(session, today, (col(Merchant.id).in_(list(merchant_ids)),)):
        found[item.merchant.id].append(item.due)
    return found


def _items(session: Session, today: date, among: Collection[Any]) -> list[Item]:
    merchants: dict[str, Merchant] = {}
    ends: dict[str, Decision] = {}
    promises: dict[str, list[Promise]] = {}
    for merchant, decision in session.exec(_ending(today).where(*among)):
        merchants[merchant.id], ends[merchant.id] = merchant, decision
    for merchant, commitment, following in session.exec(_promised(today).where(*among)):
        merchants[merchant.id] = merchant
        promises.setdefault(merchant.id, []).append(promise(commitment, following))
    cases = [_case(each, ends.get(each.id), promises.get(each.id, ())) for each in merchants.values()]
    return [Item(each, merchants[each.merchant_id]) for each in due(cases, today)]


def _case(merchant: Merchant, decision: Decision | None, promised: Collection[Promise]) -> Case:
    return Case(
        merchant.id,
        Stage(merchant.stage),
        accredited=decision is not None and decision.outcome in ACCREDITING,
        valid_until=decision.valid_until if decision else None,
        returns_on=decision.returns_on if decision else None,
        promises=tuple(promised),
    )


def promise(commitment: DecisionCommitment, following: CommitmentFollowing | None) -> Promise:
    """A commitment as its latest record leaves it."""
    return Promise(
        commitment.id,
        commitment.text,
        commitment.criterion,
        (following.due if following else None) or commitment.due,
        Kept(following.state) if following else None,
        following.noted_on if following else None,
    )


def _ending(today: date) -> Any:
    """The merchants whose latest decision ends or brings them back, with that decision."""
    comes_back = and_(
        col(Decision.outcome) == DecisionOutcome.DEFERRED,
        col(Merchant.stage) == Stage.DEFERRED,
        or_(col(Decision.returns_on).is_(None), col(Decision.returns_on) <= today + SOON),
    )
    ends = col(Decision.valid_until) <= today + RENEWAL_FROM
    return (
        select(Merchant, Decision)
        .join(Decision, col(Decision.merchant_id) == Merchant.id)
        .where(~_later_than(Decision).exists(), or_(ends, comes_back))
    )


def _promised(today: date) -> Any:
    """What was promised with the accreditation that holds, with its latest record, as far as it may be due."""
    latest = _latest_followings()
    following = aliased(CommitmentFollowing, latest)
    day = func.coalesce(latest.c.due, DecisionCommitment.due)
    unsettled = or_(latest.c.state.is_(None), latest.c.state == Kept.EXTENDED)
    matters = or_(and_(unsettled, or_(day.is_(None), day <= today + SOON)), latest.c.state == Kept.NOT_KEPT)
    return (
        select(Merchant, DecisionCommitment, following)
        .join(Decision, col(Decision.merchant_id) == Merchant.id)
        .join(DecisionCommitment, col(DecisionCommitment.decision_id) == Decision.id)
        .outerjoin(latest, and_(latest.c.commitment_id == DecisionCommitment.id, latest.c.newest == 1))
        .where(matters, ~_later_than(Decision, accrediting_or_ending=True).exists())
        .order_by(col(DecisionCommitment.id))
    )


def _later_than(decision: Any, *, accrediting_or_ending: bool = False) -> Any:
    """A later decision about the same merchant; one that only postpones leaves what was promised before."""
    later = aliased(Decision)
    found = select(later.id).where(
        later.merchant_id == decision.merchant_id,
        or_(
            later.recorded_at > decision.recorded_at,
            and_(later.recorded_at == decision.recorded_at, later.id > decision.id),
        ),
    )
    return found.where(later.outcome != DecisionOutcome.DEFERRED) if accrediting_or_ending else found


def _latest_followings() -> Any:
    newest = func.row_number().over(
        partition_by=col(CommitmentFollowing.commitment_id),
        order_by=(col(CommitmentFollowing.recorded_at).desc(), col(CommitmentFollowing.id).desc()),
    )
    return select(CommitmentFollowing, newest.label("newest")).subquery()


# --- what became of commitments ---


def latest_of(session: Session, commitment_ids: Collection[str]) -> dict[str, CommitmentFollowing]:
    """The latest record of each of these commitments, by commitment; none where nothing was noted."""
    rows = session.exec(
        select(CommitmentFollowing)
        .where(col(CommitmentFollowing.commitment_id).in_(list(commitment_ids)))
        .order_by(col(CommitmentFollowing.recorded_at), col(CommitmentFollowing.id))
    )
    return {row.commitment_id: row for row in rows}


@dataclass(frozen=True)
class Following:
    """What became of a commitment. `after`: the id of the latest record that was shown, "" for none."""

    state: Kept
    due: date | None
    note: str
    after: str


def note(
    session: Session,
    merchant_id: str,
    commitment_id: str,
    following: Following,
    today: date,
    now: datetime,
    *,
    by: str,
) -> CommitmentFollowing:
    """Note what became of a commitment of this merchant, on `today`.

    Raises not_found, read_again when somebody noted something meanwhile, and whatever `must_follow` raises.
    """
    commitment = session.get(DecisionCommitment, commitment_id, with_for_update=True, populate_existing=True)
    decision = session.get(Decision, commitment.decision_id) if commitment else None
    if commitment is None or decision is None or decision.merchant_id != merchant_id:
        raise Refusal("not_found")
    must_follow(following.state, following.due, following.note, today)
    latest = latest_of(session, [commitment_id]).get(commitment_id)
    if following.after != (latest.id if latest else ""):
        raise Refusal("read_again")
    made = CommitmentFollowing(
        id=new_id(),
        commitment_id=commitment_id,
        state=following.state,
        noted_on=today,
        due=following.due if following.state is Kept.EXTENDED else None,
        note=following.note,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    return made


def promises_of(session: Session, commitments: Collection[DecisionCommitment]) -> Mapping[str, Promise]:
    """These commitments as their latest records leave them, by id."""
    latest = latest_of(session, [each.id for each in commitments])
    return {each.id: promise(each, latest.get(each.id)) for each in commitments}
