"""What the committee decided, on which visits, and what was promised."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from gettext import gettext as _
from itertools import dropwhile

from sqlmodel import Session, col, select

from backend.domain.decisions import RETURNS_AFTER, DecisionOutcome, needs_reasons
from backend.domain.errors import Refusal
from backend.domain.merchants import ACCREDITING, STAGE_NAMES, RecordKind
from backend.domain.scoring import Rules
from backend.storage import journal as entries
from backend.storage import merchants, published, visits, votes
from backend.storage.people import new_id
from backend.storage.tables import Decision, DecisionCommitment, DecisionVisit
from backend.storage.visits import Reading
from backend.storage.votes import Sitting


@dataclass(frozen=True)
class Commitment:
    """What the merchant undertakes, on one criterion, by a date or without one."""

    criterion: str
    text: str
    due: date | None


@dataclass(frozen=True)
class Deciding:
    """What the committee decided. `read_at`: the visits it rests on, each with the sequence number it was read at;
    `despite`: why it does not wait for a visit that has not come in whole; `returns_on`: when a deferred merchant
    comes back, three months later unless said; `sitting`: the session it was taken in, if any, and the vote."""

    outcome: DecisionOutcome
    decided_on: date
    reasons: str = ""
    read_at: Mapping[str, int] = field(default_factory=dict)
    valid_until: date | None = None
    commitments: Collection[Commitment] = ()
    despite: str = ""
    returns_on: date | None = None
    sitting: Sitting | None = None

    @property
    def comes_back(self) -> date | None:
        """The day on which a deferred merchant comes back before the committee."""
        if self.outcome is not DecisionOutcome.DEFERRED:
            return None
        return self.returns_on or self.decided_on + RETURNS_AFTER


def record(
    session: Session,
    merchant_id: str,
    deciding: Deciding,
    rules: Mapping[str, Rules],
    drafts: Collection[str],
    now: datetime,
    *,
    by: str,
) -> Decision:
    """Record a decision. `drafts`: the ids of the grids whose visits are trials, on which none can rest.

    The score of exactly the entries read is frozen beside it; whatever comes later is kept and not counted.
    Raises read_again when something came since the visits were read, grid_not_published, visit_not_closed, no_visit,
    reasons_missing, and in a session whatever `votes.stand` raises; nothing is written then.
    """
    entries.hold(session)
    vote = (
        votes.stand(session, merchant_id, deciding.decided_on, deciding.sitting) if deciding.sitting else None
    )
    read = [_as_read(session, merchant_id, *seen, rules) for seen in deciding.read_at.items()]
    _must_hold(deciding, read, drafts)
    decision = _write(session, merchant_id, deciding, now, by)
    if vote is not None:
        votes.keep(session, decision.id, vote)
    for reading in read:
        _freeze(session, decision.id, reading, rules, now)
    merchants.add_record(session, merchant_id, RecordKind.DECIDED, _told_by(decision, deciding), now, by=by)
    return decision


def _must_hold(deciding: Deciding, read: Collection[Reading], drafts: Collection[str]) -> None:
    for reading in read:
        if reading.visit.grid_id in drafts:
            raise Refusal("grid_not_published", grid=reading.visit.grid_id)
    if not deciding.despite and not all(reading.received for reading in read):
        raise Refusal("visit_not_closed", detail="despite")
    if not deciding.reasons and not read:
        raise Refusal("no_visit", detail="reasons")
    if not deciding.reasons and needs_reasons(deciding.outcome, [reading.score.outcome for reading in read]):
        raise Refusal("reasons_missing", detail="reasons")


def _write(session: Session, merchant_id: str, deciding: Deciding, now: datetime, by: str) -> Decision:
    """The decision and its commitments."""
    decision = Decision(
        id=new_id(),
        merchant_id=merchant_id,
        outcome=deciding.outcome,
        decided_on=deciding.decided_on,
        valid_until=deciding.valid_until,
        reasons=deciding.reasons,
        recorded_by=by,
        recorded_at=now,
        returns_on=deciding.comes_back,
    )
    session.add(decision)
    session.flush()
    for each in deciding.commitments:
        session.add(DecisionCommitment(id=new_id(), decision_id=decision.id, **asdict(each)))
    return decision


def _told_by(decision: Decision, deciding: Deciding) -> dict[str, str | None]:
    """What the merchant's record says of it."""
    return {
        "decision": decision.id,
        "outcome": decision.outcome,
        "valid_until": decision.valid_until.isoformat() if decision.valid_until else None,
        **({"returns_on": decision.returns_on.isoformat()} if decision.returns_on else {}),
        **({"despite": deciding.despite} if deciding.despite else {}),
    }


def _as_read(
    session: Session, merchant_id: str, visit_id: str, read_seq: int, rules: Mapping[str, Rules]
) -> Reading:
    """A visit of this merchant as it was shown; raises read_again when something came since."""
    visit = visits.get(session, visit_id)
    if visit.merchant_id != merchant_id:
        raise Refusal("not_found")
    if entries.last_of(session, visit_id) != read_seq:
        raise Refusal("read_again")
    return visits.read(session, visit, rules, up_to=read_seq)


def _freeze(
    session: Session, decision_id: str, reading: Reading, rules: Mapping[str, Rules], now: datetime
) -> None:
    session.add(
        DecisionVisit(
            decision_id=decision_id,
            visit_id=reading.visit.id,
            read_seq=reading.read_seq,
            counted=sorted(reading.counted),
            score=visits.frozen(reading.score),
        )
    )
    session.flush()
    visits.refresh(session, reading.visit.id, rules, now)


@dataclass(frozen=True)
class Telling:
    """How and on which day the merchant learnt of a decision, and what it said. `decision`: the id of the one told."""

    decision: str
    how: str
    on: date
    note: str


def tell(session: Session, merchant_id: str, telling: Telling, now: datetime, *, by: str | None) -> None:
    """Record that the merchant was told of the latest decision; only then may the public know.

    Raises wrong_stage while there is no decision, read_again when another one than the latest was told,
    form_invalid for a day before it.
    """
    entries.hold(session)
    decision, life = latest(session, merchant_id), merchants.life_of(session, merchant_id)
    if decision is None or life.outcome != decision.outcome:
        raise Refusal("wrong_stage", stage=STAGE_NAMES[life.stage])
    if telling.decision != decision.id:
        raise Refusal("read_again")
    if telling.on < decision.decided_on:
        sentence = _("Ce jour vient avant celui de la décision. Vérifiez la date.")
        raise Refusal("form_invalid", sentence=sentence)
    body = {
        "decision": decision.id,
        "how": telling.how,
        "on": telling.on.isoformat(),
        "note": telling.note,
    }
    merchants.add_record(session, merchant_id, RecordKind.TOLD, body, now, by=by)
    published.changed(session)  # the committee's public words come with it, even when the standing stays


def told_on(session: Session, merchant_id: str) -> dict[str, date]:
    """The decisions that this merchant was told of, and when.

    A record that does not name its decision is about the latest one before it.
    """
    told: dict[str, date] = {}
    newest = ""
    for record in merchants.records(session, merchant_id):
        if record.kind == RecordKind.DECIDED:
            newest = record.body["decision"]
        elif record.kind == RecordKind.TOLD:
            on = record.body.get("on")
            named = record.body.get("decision", newest)
            told.setdefault(named, date.fromisoformat(on) if on else record.at.date())
    return told


def untold(session: Session, merchant_id: str) -> str | None:
    """The id of the decision that holds, while the merchant was not told of it."""
    decision, life = latest(session, merchant_id), merchants.life_of(session, merchant_id)
    if decision is None or life.outcome != decision.outcome or decision.id in told_on(session, merchant_id):
        return None
    return decision.id


def latest(session: Session, merchant_id: str) -> Decision | None:
    """The decision that holds now."""
    return next(iter(of_merchant(session, merchant_id)), None)


def of_merchant(session: Session, merchant_id: str) -> list[Decision]:
    """A merchant's decisions, newest first."""
    return list(
        session.exec(
            select(Decision)
            .where(Decision.merchant_id == merchant_id)
            .order_by(col(Decision.recorded_at).desc(), col(Decision.id).desc())
        )
    )


def with_ids(session: Session, decision_ids: Collection[str]) -> list[Decision]:
    """These decisions, oldest first."""
    wanted = col(Decision.id).in_(list(decision_ids))
    return list(
        session.exec(select(Decision).where(wanted).order_by(col(Decision.recorded_at), col(Decision.id)))
    )


def since_approval(session: Session, merchant_id: str) -> list[Decision]:
    """A merchant's decisions from the first that accredited it on, newest first."""
    oldest_first = reversed(of_merchant(session, merchant_id))
    return list(dropwhile(lambda each: each.outcome not in ACCREDITING, oldest_first))[::-1]


def resting_on(session: Session, visit_ids: Collection[str]) -> dict[str, Decision]:
    """The latest decision that rests on each of these visits."""
    rows = session.exec(
        select(DecisionVisit.visit_id, Decision)
        .join(Decision, col(Decision.id) == DecisionVisit.decision_id)
        .where(col(DecisionVisit.visit_id).in_(list(visit_ids)))
        .order_by(col(Decision.recorded_at))
    )
    return dict(rows.all())


def visits_of(session: Session, decision_id: str) -> list[DecisionVisit]:
    return list(session.exec(select(DecisionVisit).where(DecisionVisit.decision_id == decision_id)))


def commitments_of(session: Session, decision_id: str) -> list[DecisionCommitment]:
    return list(
        session.exec(
            select(DecisionCommitment)
            .where(DecisionCommitment.decision_id == decision_id)
            .order_by(col(DecisionCommitment.id))
        )
    )
