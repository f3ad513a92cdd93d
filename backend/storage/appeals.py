"""Appeals: a merchant asks the committee to look at a decision again, and what was done with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, true
from sqlalchemy.orm import aliased
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
    """An appeal with what was done with it, oldest step first. `again`: what the committee decided after it."""

    appeal: Appeal
    steps: Sequence[StepRow]
    again: Decision | None

    @property
    def answered(self) -> bool:
        """Whether the committee looked again: it wrote an answer, or decided anew."""
        return self.again is not None or any(each.step == AppealStep.ANSWERED for each in self.steps)

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
    again = _decided_again(session, found)
    return [Case(each, steps[each.id], again.get(each.id)) for each in found]


def _decided_again(session: Session, found: Collection[Appeal]) -> dict[str, Decision]:
    """By appeal, the first decision recorded after it."""
    rows = session.exec(
        select(Appeal.id, Decision)
        .join(Decision, col(Decision.merchant_id) == Appeal.merchant_id)
        .where(col(Appeal.id).in_([each.id for each in found]), col(Decision.recorded_at) > Appeal.at)
        .order_by(col(Decision.recorded_at).desc(), col(Decision.id).desc())
    )
    return dict(rows.all())


@dataclass(frozen=True)
class Waiting:
    """An appeal that the committee has not answered yet, with its merchant and the decision it is about."""

    case: Case
    merchant: Merchant
    decision: Decision


def appeals_waiting(session: Session, territories: Collection[str] | None) -> list[Waiting]:
    """The appeals of these territories (None: of all) that their committee has to look at, the oldest first."""
    where = true() if territories is None else col(Merchant.territory_id).in_(list(territories))
    rows = session.exec(
        select(Appeal, Merchant, Decision)
        .join(Merchant, col(Merchant.id) == Appeal.merchant_id)
        .join(Decision, col(Decision.id) == Appeal.decision_id)
        .where(where, _waits())
        .order_by(col(Appeal.at), col(Appeal.id))
    ).all()
    cases = _cases(session, [row[0] for row in rows])
    return [
        Waiting(case, merchant, decision)
        for case, (_appeal, merchant, decision) in zip(cases, rows, strict=True)
    ]


def merchants_waiting(session: Session, merchant_ids: Collection[str]) -> set[str]:
    """Those of these merchants whose appeal has no answer yet."""
    statement = select(Appeal.merchant_id).where(col(Appeal.merchant_id).in_(list(merchant_ids)), _waits())
    return set(session.exec(statement))


def _waits() -> ColumnElement[bool]:
    """Nobody wrote an answer, and the committee did not decide anew."""
    answered = select(StepRow.appeal_id).where(StepRow.step == AppealStep.ANSWERED)
    later = aliased(Decision)  # queries on appeals may read the decision that they are about beside it
    again = exists().where(col(later.merchant_id) == Appeal.merchant_id, col(later.recorded_at) > Appeal.at)
    return and_(col(Appeal.id).not_in(answered), ~again)


def on_agenda(session: Session, merchant_ids: Collection[str], now: datetime, *, by: str) -> None:
    """The committee will talk of these merchants: their appeals that wait are said to be on its agenda."""
    waiting = session.exec(
        select(Appeal).where(col(Appeal.merchant_id).in_(list(merchant_ids)), _waits())
    ).all()
    for case in _cases(session, waiting):
        if AppealStep.ON_AGENDA in case.next:
            session.add(StepRow(appeal_id=case.appeal.id, step=AppealStep.ON_AGENDA, at=now, by=by))


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
