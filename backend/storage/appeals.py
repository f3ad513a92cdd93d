"""Appeals: a merchant asks the committee to look at a decision again, and what was done with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from backend.domain.appeals import AppealStep, appeal_until, next_steps
from backend.domain.errors import Refusal
from backend.storage import decisions, merchant_links
from backend.storage.merchant_links import MerchantSession
from backend.storage.people import new_id
from backend.storage.tables import Appeal, Decision, Merchant
from backend.storage.tables import AppealStep as StepRow


@dataclass(frozen=True)
class Case:
    """An appeal with what was done with it, oldest step first."""

    appeal: Appeal
    steps: Sequence[StepRow]

    @property
    def answered(self) -> bool:
        return any(each.step == AppealStep.ANSWERED for each in self.steps)

    @property
    def next(self) -> Sequence[AppealStep]:
        """What may still be recorded."""
        return next_steps([each.step for each in self.steps])


def appeal(
    session: Session, who: MerchantSession, decision_id: str, text: str, today: date, now: datetime
) -> Appeal:
    """Ask for another look at a decision that this merchant was told of.

    Raises not_found before it was told, appeal_over after the last day, appeal_made the second time.
    """
    merchant_links.hold(session, who.merchant_id)
    told_on = decisions.told_on(session, who.merchant_id).get(decision_id)
    if told_on is None:
        raise Refusal("not_found")
    if session.exec(select(Appeal.id).where(Appeal.decision_id == decision_id)).first():
        raise Refusal("appeal_made")
    if today > appeal_until(told_on):
        raise Refusal("appeal_over", day=appeal_until(told_on).strftime("%d/%m/%Y"))
    made = Appeal(
        id=new_id(),
        decision_id=decision_id,
        merchant_id=who.merchant_id,
        link_id=who.link_id,
        text=text,
        at=now,
    )
    session.add(made)
    return made


def of_merchant(session: Session, merchant_id: str) -> list[Case]:
    """A merchant's appeals, newest first."""
    statement = select(Appeal).where(Appeal.merchant_id == merchant_id)
    return _cases(session, session.exec(statement.order_by(col(Appeal.at).desc())).all())


def _cases(session: Session, found: Collection[Appeal]) -> list[Case]:
    rows = session.exec(
        select(StepRow)
        .where(col(StepRow.appeal_id).in_([each.id for each in found]))
        .order_by(col(StepRow.at))
    )
    steps: dict[str, list[StepRow]] = {each.id: [] for each in found}
    for row in rows:
        steps[row.appeal_id].append(row)
    return [Case(each, steps[each.id]) for each in found]


@dataclass(frozen=True)
class Waiting:
    """An appeal that the committee has not answered yet, with its merchant and the decision it is about."""

    case: Case
    merchant: Merchant
    decision: Decision


def appeals_waiting(session: Session, territory_id: str) -> list[Waiting]:
    """The appeals of a territory without an answer, those that have waited longest first."""
    rows = session.exec(
        select(Appeal, Merchant, Decision)
        .join(Merchant, col(Merchant.id) == Appeal.merchant_id)
        .join(Decision, col(Decision.id) == Appeal.decision_id)
        .where(Merchant.territory_id == territory_id, col(Appeal.id).not_in(_answered()))
        .order_by(col(Appeal.at), col(Appeal.id))
    ).all()
    cases = _cases(session, [row[0] for row in rows])
    return [
        Waiting(case, merchant, decision)
        for case, (_appeal, merchant, decision) in zip(cases, rows, strict=True)
    ]


def merchants_waiting(session: Session, merchant_ids: Collection[str]) -> set[str]:
    """Those of these merchants whose appeal has no answer yet."""
    statement = select(Appeal.merchant_id).where(
        col(Appeal.merchant_id).in_(list(merchant_ids)), col(Appeal.id).not_in(_answered())
    )
    return set(session.exec(statement))


def _answered() -> Any:
    return select(StepRow.appeal_id).where(StepRow.step == AppealStep.ANSWERED)


def handle(
    session: Session,
    merchant_id: str,
    appeal_id: str,
    step: AppealStep,
    text: str,
    now: datetime,
    *,
    by: str,
) -> Appeal:
    """Record what is done with an appeal. Raises not_found, read_again when someone else was there first."""
    merchant_links.hold(session, merchant_id)
    found = session.get(Appeal, appeal_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("not_found")
    (case,) = _cases(session, [found])
    if step not in case.next:
        raise Refusal("read_again")
    session.add(StepRow(appeal_id=appeal_id, step=step, at=now, by=by, text=text))
    return found
