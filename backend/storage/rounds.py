"""Rounds: several visits planned as one trip, all of them or none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import Stage
from backend.domain.rounds import WORTH_A_VISIT, Stop, distance_m, in_order
from backend.domain.visits import CANCELLABLE
from backend.storage import merchants, planning, visits
from backend.storage.people import new_id
from backend.storage.tables import Merchant, Round, RoundVisit, SalesPoint, Visit


@dataclass(frozen=True)
class Trip:
    """What a round's form asks."""

    territory_id: str
    grid_id: str
    on: date
    mode: str
    stops: Sequence[Stop]
    members: Collection[str]


def plan(session: Session, trip: Trip, now: datetime, *, by: str) -> tuple[Round, list[Visit]]:
    """The round and its visits, all in this transaction.

    Raises person_barred, visit_exists, not_found for a merchant of another territory.
    """
    planning.hold(session)
    ids = [stop.merchant_id for stop in trip.stops]
    for merchant_id in ids:
        if merchants.get(session, merchant_id).territory_id != trip.territory_id:
            raise Refusal("not_found")
        planning.must_be_only_one(session, merchant_id, trip.on)
    planning.must_be_fair(session, trip.territory_id, ids, trip.members)
    made = Round(
        id=new_id(), territory_id=trip.territory_id, planned_on=trip.on, planned_by=by, created_at=now
    )
    session.add(made)
    session.flush()
    return made, [
        _stop(session, made, trip, stop, rank, now, by) for rank, stop in enumerate(in_order(trip.stops), 1)
    ]


def _stop(session: Session, made: Round, trip: Trip, stop: Stop, rank: int, now: datetime, by: str) -> Visit:
    visit = visits.plan(
        session,
        stop.merchant_id,
        trip.grid_id,
        trip.on,
        trip.members,
        now,
        by=by,
        planned_at=stop.at,
        mode=trip.mode,
    )
    session.add(RoundVisit(visit_id=visit.id, round_id=made.id, position=rank))
    return visit


def get(session: Session, round_id: str) -> Round:
    """One round; raises not_found."""
    found = session.get(Round, round_id)
    if found is None:
        raise Refusal("not_found")
    return found


def visits_of(session: Session, round_id: str) -> list[Visit]:
    """The visits of a round as they are planned now: by day, hour, then the order first planned."""
    rows = session.exec(
        select(Visit)
        .join(RoundVisit, col(RoundVisit.visit_id) == Visit.id)
        .where(RoundVisit.round_id == round_id)
        .order_by(col(RoundVisit.position))
    ).all()
    hours = {stop.merchant_id: rank for rank, stop in enumerate(in_order(_stops(rows)))}
    return sorted(rows, key=lambda visit: (visit.planned_on, hours[visit.merchant_id]))


def _stops(found: Sequence[Visit]) -> list[Stop]:
    return [Stop(visit.merchant_id, visit.planned_at) for visit in found]


def of_visit(session: Session, visit_id: str) -> Round | None:
    """The round that a visit is part of."""
    row = session.get(RoundVisit, visit_id)
    return session.get(Round, row.round_id) if row else None


def coming(session: Session, territory_id: str, today: date) -> list[Round]:
    """The rounds of a territory from today on, the next one first."""
    statement = select(Round).where(Round.territory_id == territory_id, Round.planned_on >= today)
    return list(session.exec(statement.order_by(col(Round.planned_on), Round.id)))


# --- which merchants ---


@dataclass(frozen=True)
class Near:
    """A merchant that a round may go to. `metres`: from the first one; None when one of the two has no position."""

    merchant: Merchant
    place: SalesPoint | None
    metres: float | None


def worth_a_visit(session: Session, territory_id: str, today: date) -> list[Merchant]:
    """The merchants of a territory for whom a visit is the next step, and none is under way; by name."""
    under_way = select(Visit.merchant_id).where(col(Visit.state).in_(CANCELLABLE))
    found = session.exec(
        select(Merchant)
        .where(Merchant.territory_id == territory_id, col(Merchant.id).not_in(under_way))
        .where(col(Merchant.stage).in_([*WORTH_A_VISIT, Stage.ACTIVE]))
        .order_by(Merchant.name, Merchant.id)
    ).all()
    active = [
        each.id for each in found if each.stage == Stage.ACTIVE
    ]  # what expired is told by the day alone
    expired = {
        one
        for one, life in merchants.lives(session, active).items()
        if life.valid_until and life.valid_until < today
    }
    return [each for each in found if each.stage != Stage.ACTIVE or each.id in expired]


def near(session: Session, territory_id: str, start_id: str, today: date, most: int = 30) -> list[Near]:
    """Where a round that starts at this merchant may go, the nearest first, the start itself at the top."""
    found = worth_a_visit(session, territory_id, today)
    sold_at = merchants.places_of(session, [each.id for each in found])
    placed = {
        one: next((place for place in places if place.lat is not None), None)
        for one, places in sold_at.items()
    }
    start = placed.get(start_id)
    listed = [
        Near(
            each,
            placed.get(each.id) or next(iter(sold_at.get(each.id, [])), None),
            _metres(start, placed.get(each.id)),
        )
        for each in found
    ]
    by_distance = sorted(listed, key=lambda one: (one.metres is None, one.metres or 0, one.merchant.name))
    return sorted(by_distance, key=lambda one: one.merchant.id != start_id)[:most]


def _metres(start: SalesPoint | None, place: SalesPoint | None) -> float | None:
    if start is None or place is None or None in (start.lat, start.lon, place.lat, place.lon):
        return None
    return distance_m(start.lat or 0, start.lon or 0, place.lat or 0, place.lon or 0)
