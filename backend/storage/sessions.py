"""The committee's sessions: when and where, who is there, what is on the agenda, and their end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.domain.committee import Why
from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.people import Role
from backend.storage.people import new_id
from backend.storage.tables import (
    AgendaItem,
    CommitteeSession,
    Merchant,
    Person,
    RoleGrant,
    SessionPresence,
    Territory,
)


def open_one(
    session: Session, territory_id: str, held_on: date, place: str, now: datetime, *, by: str
) -> CommitteeSession:
    """A new session of a territory's committee; its agenda is empty."""
    made = CommitteeSession(
        id=new_id(), territory_id=territory_id, held_on=held_on, place=place, created_by=by, created_at=now
    )
    session.add(made)
    session.flush()
    return made


def get(session: Session, session_id: str) -> CommitteeSession:
    """One session; raises not_found."""
    found = session.get(CommitteeSession, session_id)
    if found is None:
        raise Refusal("not_found")
    return found


def hold(session: Session, session_id: str) -> CommitteeSession:
    """One session that nobody else changes until this transaction ends. Raises not_found, session_closed."""
    found = session.get(CommitteeSession, session_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Refusal("not_found")
    if found.closed_at is not None:
        raise Refusal("session_closed", day=f"{found.held_on:%d/%m/%Y}")
    return found


def edit(session: Session, session_id: str, changes: Mapping[str, Any]) -> None:
    """Another day, another place, another number of people whose names nobody wrote."""
    held = hold(session, session_id)
    for name in ("held_on", "place", "others"):
        if name in changes:
            setattr(held, name, changes[name])
    session.add(held)


def close(
    session: Session, session_id: str, quorum: int | None, minutes: dict[str, Any], now: datetime, *, by: str
) -> None:
    """The end of a session: what its minutes say never changes again. Raises session_closed."""
    held = hold(session, session_id)
    held.closed_at, held.closed_by, held.quorum, held.minutes = now, by, quorum, minutes
    session.add(held)


def set_quorum(session: Session, territory_id: str, quorum: int | None) -> None:
    """How many people this territory's committee must be to decide."""
    territory = session.get_one(Territory, territory_id, with_for_update=True)
    territory.quorum = quorum
    session.add(territory)


def quorum_of(session: Session, held: CommitteeSession) -> int | None:
    """The quorum of a session: the one that held when it was closed, else its territory's of today."""
    if held.closed_at is not None:
        return held.quorum
    return session.get_one(Territory, held.territory_id).quorum


# --- who is there ---


class Member(NamedTuple):
    """Someone who sits on a committee."""

    id: str
    name: str


def members(session: Session, territory_id: str) -> list[Member]:
    """The people who sit on a territory's committee, by name."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            RoleGrant.role == Role.COMMITTEE,
            RoleGrant.territory_id == territory_id,
            col(RoleGrant.revoked_at).is_(None),
            col(Person.erased_at).is_(None),
        )
        .distinct()
    )
    return sorted((Member(*row) for row in rows), key=lambda each: (folded(each.name), each.id))


def presences(session: Session, session_id: str) -> list[SessionPresence]:
    """Those who are there and have a name, by name."""
    rows = session.exec(
        select(SessionPresence).where(
            SessionPresence.session_id == session_id, col(SessionPresence.removed_at).is_(None)
        )
    )
    return sorted(rows, key=lambda each: (folded(each.name), each.id))


def present(session: Session, held: CommitteeSession) -> int:
    """How many people are there."""
    return len(presences(session, held.id)) + held.others


@dataclass(frozen=True)
class Attendance:
    """How a list of presence changes: members who came (ids), further first names, and presences taken off (ids)."""

    came: Collection[str] = ()
    names: Sequence[str] = ()
    gone: Collection[str] = ()


def note_presence(
    session: Session, session_id: str, attendance: Attendance, now: datetime, *, by: str
) -> None:
    """Who is there after all. What others noted meanwhile stays. Raises session_closed."""
    held = hold(session, session_id)
    there = presences(session, session_id)
    for each in there:
        if each.id in attendance.gone:
            each.removed_at = now
            session.add(each)
    known = {each.person_id for each in there if each.removed_at is None}
    sitting = {each.id: each.name for each in members(session, held.territory_id)}
    newcomers: list[tuple[str | None, str]] = [
        (each, sitting[each]) for each in attendance.came if each in sitting and each not in known
    ]
    newcomers += [(None, name) for name in attendance.names]
    taken = {each.name for each in there if each.removed_at is None}
    for person_id, name in newcomers:
        shown = _apart(name, taken)
        taken.add(shown)
        session.add(
            SessionPresence(
                id=new_id(), session_id=session_id, person_id=person_id, name=shown, noted_at=now, noted_by=by
            )
        )
    session.flush()


def _apart(name: str, taken: Collection[str]) -> str:
    """Two people of one name are told apart, since votes go by name: "Amina", "Amina (2)"."""
    names = (name, *(f"{name} ({rank})" for rank in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


# --- the agenda ---


def items(session: Session, session_id: str) -> list[tuple[AgendaItem, Merchant]]:
    """The merchants on a session's agenda, in their order."""
    return list(
        session.exec(
            select(AgendaItem, Merchant)
            .join(Merchant, col(Merchant.id) == AgendaItem.merchant_id)
            .where(AgendaItem.session_id == session_id, col(AgendaItem.removed_at).is_(None))
            .order_by(col(AgendaItem.rank), col(AgendaItem.id))
        )
    )


def has_item(session: Session, session_id: str, merchant_id: str) -> bool:
    """Whether this merchant is on the agenda."""
    return any(merchant.id == merchant_id for _item, merchant in items(session, session_id))


def add_items(
    session: Session, session_id: str, wanted: Mapping[str, Why], now: datetime, *, by: str
) -> None:
    """Put merchants of this territory at the end of the agenda, each with why it comes.

    Raises session_closed, not_found for a merchant from elsewhere, already_on_agenda when there is nothing to add.
    """
    held = hold(session, session_id)
    known = {item.merchant_id: item for item in _all_items(session, session_id)}
    if all(merchant_id in known and known[merchant_id].removed_at is None for merchant_id in wanted):
        raise Refusal("already_on_agenda")
    last = max((item.rank for item in known.values()), default=0)
    for rank, (merchant_id, why) in enumerate(wanted.items(), last + 1):
        merchant = session.get(Merchant, merchant_id)
        if merchant is None or merchant.territory_id != held.territory_id:
            raise Refusal("not_found")
        item = known.get(merchant_id)
        if item is None:
            item = AgendaItem(
                id=new_id(),
                session_id=session_id,
                merchant_id=merchant_id,
                rank=rank,
                why=why,
                added_at=now,
                added_by=by,
            )
        elif item.removed_at is not None:
            item.removed_at, item.rank, item.why = None, rank, why
        session.add(item)
    session.flush()


def _all_items(session: Session, session_id: str) -> list[AgendaItem]:
    return list(session.exec(select(AgendaItem).where(AgendaItem.session_id == session_id)))


def remove_item(session: Session, session_id: str, merchant_id: str, now: datetime) -> None:
    """Take a merchant off the agenda; taken off already, nothing changes. Raises session_closed."""
    hold(session, session_id)
    for item in _all_items(session, session_id):
        if item.merchant_id == merchant_id and item.removed_at is None:
            item.removed_at = now
            session.add(item)


def move_item(session: Session, session_id: str, merchant_id: str, *, up: bool) -> None:
    """Exchange a merchant with the one before it (`up`) or after it. Raises session_closed, not_on_agenda."""
    hold(session, session_id)
    order = [item for item, _merchant in items(session, session_id)]
    at = next((n for n, item in enumerate(order) if item.merchant_id == merchant_id), None)
    if at is None:
        raise Refusal("not_on_agenda")
    to = max(0, min(len(order) - 1, at + (-1 if up else 1)))
    order.insert(to, order.pop(at))
    for rank, item in enumerate(order, 1):
        item.rank = rank
        session.add(item)


# --- questions ---


def of_territory(session: Session, territory_id: str) -> list[CommitteeSession]:
    """A committee's sessions, the newest first."""
    return list(
        session.exec(
            select(CommitteeSession)
            .where(CommitteeSession.territory_id == territory_id)
            .order_by(col(CommitteeSession.held_on).desc(), col(CommitteeSession.id).desc())
        )
    )


def open_with(session: Session, merchant_id: str) -> list[CommitteeSession]:
    """The sessions not closed yet that have this merchant on their agenda, the nearest first."""
    return list(
        session.exec(
            select(CommitteeSession)
            .join(AgendaItem, col(AgendaItem.session_id) == CommitteeSession.id)
            .where(
                AgendaItem.merchant_id == merchant_id,
                col(AgendaItem.removed_at).is_(None),
                col(CommitteeSession.closed_at).is_(None),
            )
            .order_by(col(CommitteeSession.held_on), col(CommitteeSession.id))
        )
    )


def sizes(session: Session, session_ids: Collection[str]) -> dict[str, int]:
    """How many merchants are on the agenda of each of these sessions."""
    rows = session.exec(
        select(AgendaItem.session_id, func.count())
        .where(col(AgendaItem.session_id).in_(list(session_ids)), col(AgendaItem.removed_at).is_(None))
        .group_by(col(AgendaItem.session_id))
    )
    return dict(rows.all())
