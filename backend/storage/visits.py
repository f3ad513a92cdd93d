"""Visits: planned, assigned, and the projections of their journal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from backend.domain import journal, scoring
from backend.domain.errors import Refusal
from backend.domain.journal import VisitState
from backend.domain.merchants import RecordKind
from backend.domain.scoring import DUO, Rules, Score
from backend.storage import journal as entries
from backend.storage import merchants, photos
from backend.storage.people import new_id
from backend.storage.tables import Merchant, Person, Visit, VisitMember


def plan(
    session: Session,
    merchant_id: str,
    grid_id: str,
    planned_on: date,
    members: Collection[str],
    now: datetime,
    *,
    by: str | None,
    planned_at: str = "",
    mode: str = "one_phone",
) -> Visit:
    """Plan a visit of a merchant by these people, bound to a grid version."""
    merchant = merchants.get(session, merchant_id)
    visit = Visit(
        id=new_id(),
        merchant_id=merchant_id,
        territory_id=merchant.territory_id,
        grid_id=grid_id,
        mode=mode,
        planned_on=planned_on,
        planned_at=planned_at,
        planned_by=by,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    for person_id in members:
        _give_part(session, visit.id, person_id, now)
    merchants.add_record(session, merchant_id, RecordKind.VISIT_PLANNED, {"visit": visit.id}, now, by=by)
    return visit


def add_member(
    session: Session, visit_id: str, person_id: str, rules: Mapping[str, Rules], now: datetime
) -> None:
    """Give a person a part in a visit; their phones get all of it, from its start."""
    entries.hold(session)
    _give_part(session, visit_id, person_id, now)
    refresh(session, visit_id, rules, now)


def _give_part(session: Session, visit_id: str, person_id: str, now: datetime) -> None:
    member = session.get(VisitMember, (visit_id, person_id))
    if member is None:
        session.add(VisitMember(visit_id=visit_id, person_id=person_id, added_at=now))
    else:
        member.removed_at = member.removed_seq = None
    session.flush()
    entries.widen(session, [person_id], visit_id)


def remove_member(
    session: Session, visit_id: str, person_id: str, rules: Mapping[str, Rules], now: datetime
) -> None:
    """Someone no longer goes. What they wrote is kept, and what they still hold may come; they no longer get
    what the others write from now on."""
    entries.hold(session)
    member = session.get(VisitMember, (visit_id, person_id))
    if member is not None and member.removed_at is None:
        member.removed_at, member.removed_seq = now, entries.last_number(session)
        session.flush()
        refresh(session, visit_id, rules, now)


def edit(
    session: Session,
    visit: Visit,
    planned_on: date,
    planned_at: str,
    members: Collection[str],
    rules: Mapping[str, Rules],
    now: datetime,
    *,
    by: str,
) -> None:
    """Another day, another hour, other people. What those replaced wrote is kept."""
    entries.hold(session)
    before = parts(session, [visit.id])[visit.id].current
    if (planned_on, planned_at, before) == (visit.planned_on, visit.planned_at, frozenset(members)):
        return
    visit.planned_on, visit.planned_at = planned_on, planned_at
    for person_id in sorted(set(members) - before):
        add_member(session, visit.id, person_id, rules, now)
    for person_id in sorted(before - set(members)):
        remove_member(session, visit.id, person_id, rules, now)
    merchants.add_record(session, visit.merchant_id, RecordKind.VISIT_EDITED, {"visit": visit.id}, now, by=by)


def release(session: Session, visit: Visit, rules: Mapping[str, Rules], now: datetime, *, by: str) -> None:
    """Open the personal sheets to all who have a part in the visit, though not all are done."""
    entries.hold(session)
    if visit.released_at is None:
        visit.released_at = now
        refresh(session, visit.id, rules, now)
        body = {"visit": visit.id}
        merchants.add_record(session, visit.merchant_id, RecordKind.SHEETS_RELEASED, body, now, by=by)


def cancel(
    session: Session, visit: Visit, rules: Mapping[str, Rules], now: datetime, *, by: str, note: str
) -> None:
    """The visit will not take place; its phones are told, what they hold may still come."""
    entries.hold(session)
    visit.cancelled_at = visit.cancelled_at or now
    refresh(session, visit.id, rules, now)
    merchants.add_record(
        session,
        visit.merchant_id,
        RecordKind.VISIT_CANCELLED,
        {"visit": visit.id, "note": note},
        now,
        by=by,
    )


# --- questions ---


def get(session: Session, visit_id: str) -> Visit:
    """One visit; raises not_found."""
    visit = session.get(Visit, visit_id)
    if visit is None:
        raise Refusal("not_found")
    return visit


@dataclass(frozen=True)
class Part:
    """A visit with those who have a part in it now, and those who left it, at which sequence number."""

    visit: Visit
    current: frozenset[str]
    removed: Mapping[str, int]

    @property
    def ever(self) -> frozenset[str]:
        """Everyone who was ever to go."""
        return self.current | self.removed.keys()


# Every batch of every phone asks these: they are built once.
_PARTS = select(Visit).where(col(Visit.id).in_(bindparam("visits", expanding=True)))
_MEMBER = SQLModel.metadata.tables["visit_member"]
_MEMBERS = select(_MEMBER.c.visit_id, _MEMBER.c.person_id, _MEMBER.c.removed_seq).where(
    _MEMBER.c.visit_id.in_(bindparam("visits", expanding=True))
)


def parts(session: Session, visit_ids: Collection[str]) -> dict[str, Part]:
    """These visits with their members, by id; unknown ones are left out."""
    found = session.execute(_PARTS, {"visits": list(visit_ids)}).scalars().all()
    return _with_members(session, found) if found else {}


def _with_members(session: Session, found: Sequence[Visit]) -> dict[str, Part]:
    current: dict[str, set[str]] = {visit.id: set() for visit in found}
    removed: dict[str, dict[str, int]] = {visit.id: {} for visit in found}
    for visit_id, person_id, removed_seq in session.execute(_MEMBERS, {"visits": list(current)}):
        if removed_seq is None:
            current[visit_id].add(person_id)
        else:
            removed[visit_id][person_id] = removed_seq
    return {visit.id: Part(visit, frozenset(current[visit.id]), removed[visit.id]) for visit in found}


def members(session: Session, visit_id: str) -> list[tuple[Person, VisitMember]]:
    """Who goes or was to go, those replaced included."""
    return list(
        session.exec(
            select(Person, VisitMember)
            .join(VisitMember, col(VisitMember.person_id) == Person.id)
            .where(VisitMember.visit_id == visit_id)
            .order_by(Person.name)
        )
    )


def of_merchant(session: Session, merchant_id: str) -> list[Visit]:
    """A merchant's visits, newest first."""
    return list(
        session.exec(
            select(Visit)
            .where(Visit.merchant_id == merchant_id)
            .order_by(col(Visit.planned_on).desc(), col(Visit.id).desc())
        )
    )


def in_territories(session: Session, territory_ids: Collection[str] | None) -> list[tuple[Visit, Merchant]]:
    """The visits of these territories (None: all) with their merchants, in the order of their dates."""
    query = select(Visit, Merchant).join(Merchant, col(Merchant.id) == Visit.merchant_id)
    if territory_ids is not None:
        query = query.where(col(Visit.territory_id).in_(list(territory_ids)))
    return list(session.exec(query.order_by(col(Visit.planned_on), col(Visit.id))))


def of_people(session: Session, person_ids: Collection[str]) -> list[Visit]:
    """The visits that these people have a part in now, in the order of their dates."""
    mine = select(VisitMember.visit_id).where(
        col(VisitMember.person_id).in_(list(person_ids)), col(VisitMember.removed_at).is_(None)
    )
    return list(
        session.exec(select(Visit).where(col(Visit.id).in_(mine)).order_by(col(Visit.planned_on), Visit.id))
    )


# --- what the journal adds up to ---


@dataclass(frozen=True)
class Reading:
    """A visit as its entries up to one sequence number tell it.

    Once decided, `score` counts what the decision rested on: what came later is in `state` and in `late` only.
    """

    part: Part
    state: VisitState
    score: Score
    counted: frozenset[str]  # whose personal sheets count
    read_seq: int
    decided: bool
    hiding: bool  # it holds personal sheets that not all of its people may see yet
    late: frozenset[str]  # ids of entries that came after the decision that rests on this visit
    missing_entries: frozenset[str]
    missing_photos: frozenset[str]
    refused_entries: frozenset[
        str
    ]  # listed by a closing and refused: they wait on their phone to be corrected

    @property
    def visit(self) -> Visit:
        return self.part.visit

    @property
    def received(self) -> bool:
        """Closed, and everything its closing lists has come."""
        return self.state["closed"] is not None and not self.missing_entries and not self.missing_photos


def sheets_that_count(state: VisitState, counted: Collection[str]) -> scoring.Sheets:
    """The choices of the common sheet and of these people's."""
    return {sheet: made for sheet, made in journal.choices(state).items() if sheet == DUO or sheet in counted}


def scored(state: VisitState, rules: Rules, counted: Collection[str]) -> Score:
    """The score of what counts: the common sheet and these people's."""
    return scoring.score(rules, sheets_that_count(state, counted))


def read(session: Session, visit: Visit, rules: Mapping[str, Rules], up_to: int | None = None) -> Reading:
    """Read a visit as it is, or as it was at sequence number `up_to`. Raises unknown_grid."""
    if visit.grid_id not in rules:
        raise Refusal("unknown_grid", grid=visit.grid_id)
    part, told = _with_members(session, [visit])[visit.id], entries.Told(session, visit.id)
    records = told.records(up_to)
    state = journal.fold(records)
    rested = rested_on(session, visit.id)
    counts, counted = state, part.current
    if rested and up_to is None:
        counts = journal.fold(told.records(rested.read_seq))
        counted = frozenset(rested.counted)
    not_here = frozenset(state["expected_entries"]) - frozenset(state["ids"])
    refused = frozenset(entries.refused_among(session, visit.id, not_here))
    return Reading(
        part,
        state,
        scored(counts, rules[visit.grid_id], counted),
        counted,
        told.last if up_to is None else up_to,
        rested is not None,
        journal.sheets_hidden(state, part.current, visit.released_at is not None)
        and any(journal.written_alone(record.entry) for record in records),
        frozenset(one.record.entry.id for one in told.entries() if rested and one.seq > rested.read_seq),
        not_here - refused,
        frozenset(state["expected_photos"]) - photos.arrived(session, state["expected_photos"]),
        refused,
    )


class Rested(NamedTuple):
    """What a decision rested on: the journal up to `read_seq`, with the personal sheets of those `counted`."""

    read_seq: int
    counted: list[str]


_DECISION_VISIT = SQLModel.metadata.tables["decision_visit"]
_RESTED_ON = (
    select(_DECISION_VISIT.c.read_seq, _DECISION_VISIT.c.counted)
    .where(_DECISION_VISIT.c.visit_id == bindparam("visit"))
    .order_by(_DECISION_VISIT.c.read_seq.desc(), _DECISION_VISIT.c.decision_id.desc())
)


def rested_on(session: Session, visit_id: str) -> Rested | None:
    """What the latest decision on this visit counted."""
    row = session.execute(_RESTED_ON, {"visit": visit_id}).first()
    return Rested(*row) if row else None


def projected(reading: Reading) -> dict[str, Any]:
    """What is stored beside a visit: a function of what is recorded, recomputable at any time."""
    return {
        "state": _state(reading),
        "hiding": reading.hiding,
        "answered": len(reading.score.criteria) - len(reading.score.unanswered),
        "score": frozen(reading.score) if reading.state["ids"] else None,
        "last_seq": reading.read_seq,
    }


def frozen(score: Score) -> dict[str, Any]:
    """A score as it is kept beside a visit or a decision: out of 100, floored to one decimal."""
    tenths = scoring.floored(score.assessed_share * 100) if score.assessed_share is not None else None
    return {**scoring.summary(score), "assessed": tenths / 10 if tenths is not None else None}


def _state(reading: Reading) -> str:
    if reading.decided:
        return "decided"
    if reading.state["closed"]:
        return "received" if reading.received else "closed"
    if reading.state["impossible"]:
        return "impossible"
    if reading.visit.cancelled_at:
        return "cancelled"
    return "open" if reading.state["ids"] else "planned"


_VISIT = SQLModel.metadata.tables["visit"]
_STORE = update(_VISIT).where(_VISIT.c.id == bindparam("visit"))
_STORE = _STORE.values(
    {name: bindparam(name) for name in ("state", "hiding", "answered", "score", "last_seq")}
)


def refresh(session: Session, visit_id: str, rules: Mapping[str, Rules], now: datetime) -> Reading:
    """Bring a visit's projections up to date, and tell its people's phones and its merchant what came of it.

    The caller holds the journal (`entries.hold`) from before its first question about this visit.
    """
    visit = get(session, visit_id)
    reading, was_hiding, before = read(session, visit, rules), visit.hiding, visit.state
    stored = projected(reading)
    session.flush()
    session.execute(_STORE, {"visit": visit_id, **stored})
    for name, value in stored.items():
        set_committed_value(visit, name, value)
    if was_hiding and not reading.hiding:
        entries.widen(session, reading.part.current, visit_id)
    if visit.state != before:
        _tell_merchant(session, reading, before, now, trial=rules[visit.grid_id].trial)
    return reading


def _tell_merchant(session: Session, reading: Reading, before: str, now: datetime, *, trial: bool) -> None:
    """One dated record when a visit has been received whole, or could not be made. A trial assesses nobody."""
    visit, impossible = reading.visit, reading.state["impossible"]
    body: dict[str, Any] = {"visit": visit.id}
    if visit.state == "received":
        kind = RecordKind.TRIAL_RECEIVED if trial else RecordKind.ASSESSED
    elif visit.state == "impossible" and impossible:
        kind = RecordKind.VISIT_IMPOSSIBLE
        body |= {"cause": impossible["cause"], "note": impossible["text"]}
    else:
        return
    # a later closing that lists more takes a visit from received to closed, and back
    if before != "closed" or not merchants.has_record(session, visit.merchant_id, kind, visit.id):
        merchants.add_record(session, visit.merchant_id, kind, body, now, by=None)


def expecting_photo(session: Session, sha256: str) -> list[str]:
    """The visits that announce this photo."""
    return sorted(
        {
            mention.visit_id
            for mention in entries.photo_mentions(session, sha256)
            if mention.visit_id is not None
        }
    )
