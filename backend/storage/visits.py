"""Visits: planned, assigned, and the projections of their journal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.domain import journal, scoring
from backend.domain.errors import Refusal
from backend.domain.journal import VisitState
from backend.domain.merchants import RecordKind
from backend.domain.scoring import Rules, Score
from backend.storage import journal as entries
from backend.storage import merchants, photos
from backend.storage.people import new_id
from backend.storage.tables import DecisionVisit, Entry, Person, Visit, VisitMember


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
        add_member(session, visit.id, person_id, now)
    merchants.add_record(session, merchant_id, RecordKind.VISIT_PLANNED, {"visit": visit.id}, now, by=by)
    return visit


def add_member(session: Session, visit_id: str, person_id: str, now: datetime) -> None:
    """Give a person a part in a visit; their phones get all of it, from its start."""
    member = session.get(VisitMember, (visit_id, person_id))
    if member is None:
        session.add(VisitMember(visit_id=visit_id, person_id=person_id, added_at=now))
    elif member.removed_at is not None:
        member.removed_at = None
    session.flush()
    entries.widen(session, [person_id], visit_id)


def remove_member(session: Session, visit_id: str, person_id: str, now: datetime) -> None:
    """Someone no longer goes. What they wrote is kept, and what they still hold may come."""
    member = session.get(VisitMember, (visit_id, person_id))
    if member is not None:
        member.removed_at = member.removed_at or now


def cancel(session: Session, visit: Visit, now: datetime, *, by: str, note: str) -> None:
    """The visit will not take place; its phones are told, what they hold may still come."""
    visit.cancelled_at = visit.cancelled_at or now
    visit.state = "cancelled"
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
    """A visit with everyone who ever had a part in it, and those who have one now."""

    visit: Visit
    ever: frozenset[str]
    current: frozenset[str]


def parts(session: Session, visit_ids: Collection[str]) -> dict[str, Part]:
    """These visits with their members, by id; unknown ones are left out."""
    wanted = list(visit_ids)
    ever: dict[str, set[str]] = {}
    current: dict[str, set[str]] = {}
    for member in session.exec(select(VisitMember).where(col(VisitMember.visit_id).in_(wanted))):
        ever.setdefault(member.visit_id, set()).add(member.person_id)
        if member.removed_at is None:
            current.setdefault(member.visit_id, set()).add(member.person_id)
    return {
        visit.id: Part(visit, frozenset(ever.get(visit.id, ())), frozenset(current.get(visit.id, ())))
        for visit in session.exec(select(Visit).where(col(Visit.id).in_(wanted)))
    }


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
    """A visit as its entries up to one sequence number tell it."""

    visit: Visit
    state: VisitState
    score: Score
    read_seq: int
    late: frozenset[str]  # ids of entries that came after the decision that rests on this visit
    missing_entries: frozenset[str]
    missing_photos: frozenset[str]

    @property
    def received(self) -> bool:
        """Closed, and everything its closing lists has come."""
        return self.state["closed"] is not None and not self.missing_entries and not self.missing_photos


def scored(state: VisitState, rules: Rules, current: Collection[str]) -> Score:
    """The score of what counts: the common sheet and those of the people who still have a part."""
    sheets = {
        sheet: made for sheet, made in journal.choices(state).items() if sheet == "duo" or sheet in current
    }
    return scoring.score(rules, sheets)


def read(session: Session, visit: Visit, rules: Mapping[str, Rules], up_to: int | None = None) -> Reading:
    """Read a visit as it is, or as it was at sequence number `up_to`."""
    state = journal.fold(entries.records_of(session, visit.id, up_to))
    part = parts(session, [visit.id])[visit.id]
    last = session.exec(select(func.max(Entry.seq)).where(Entry.visit_id == visit.id)).one() or 0
    return Reading(
        visit,
        state,
        scored(state, rules[visit.grid_id], part.current),
        last if up_to is None else up_to,
        _late(session, visit.id),
        frozenset(state["expected_entries"]) - frozenset(state["ids"]),
        frozenset(state["expected_photos"]) - photos.arrived(session, state["expected_photos"]),
    )


def _late(session: Session, visit_id: str) -> frozenset[str]:
    read_seq = session.exec(
        select(func.max(DecisionVisit.read_seq)).where(DecisionVisit.visit_id == visit_id)
    ).one()
    if read_seq is None:
        return frozenset()
    return frozenset(
        session.exec(select(Entry.id).where(Entry.visit_id == visit_id, col(Entry.seq) > read_seq))
    )


def projected(reading: Reading) -> dict[str, Any]:
    """What is stored beside a visit: a function of its entries, recomputable at any time."""
    return {
        "state": _state(reading),
        "answered": len(reading.score.criteria) - len(reading.score.unanswered),
        "score": frozen(reading.score) if reading.state["ids"] else None,
        "last_seq": reading.read_seq,
    }


def frozen(score: Score) -> dict[str, Any]:
    """A score as it is kept beside a visit or a decision: out of 100, floored to one decimal."""
    tenths = scoring.floored(score.assessed_share * 100) if score.assessed_share is not None else None
    return {**scoring.summary(score), "assessed": tenths / 10 if tenths is not None else None}


def _state(reading: Reading) -> str:
    if reading.visit.state == "decided":
        return "decided"
    if reading.state["closed"]:
        return "received" if reading.received else "closed"
    if reading.state["impossible"]:
        return "impossible"
    if reading.visit.cancelled_at:
        return "cancelled"
    return "open" if reading.state["started"] or reading.state["ids"] else "planned"


def refresh(session: Session, visit_id: str, rules: Mapping[str, Rules], now: datetime) -> Reading:
    """Bring a visit's projections up to date, and tell its merchant's records what came of it."""
    visit = get(session, visit_id)
    reading = read(session, visit, rules)
    for name, value in projected(reading).items():
        setattr(visit, name, value)
    session.add(visit)
    session.flush()
    if reading.received and (closed := reading.state["closed"]):
        merchants.add_record(
            session,
            visit.merchant_id,
            RecordKind.ASSESSED,
            {"visit": visit.id},
            now,
            by=None,
            record_id=closed,
        )
    elif (impossible := reading.state["impossible"]) and not reading.state["closed"]:
        merchants.add_record(
            session,
            visit.merchant_id,
            RecordKind.VISIT_IMPOSSIBLE,
            {"visit": visit.id, "cause": impossible["cause"], "note": impossible["text"]},
            now,
            by=None,
            record_id=impossible["id"],
        )
    return reading


def expecting_photo(session: Session, sha256: str) -> list[str]:
    """The visits that announce this photo."""
    return sorted(
        {
            mention.visit_id
            for mention in entries.photo_mentions(session, sha256)
            if mention.visit_id is not None
        }
    )
