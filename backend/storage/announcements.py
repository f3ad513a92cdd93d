"""The changes that Moneko's software is told of: written with the records that they come from, told in their order.

A message that was received, and whose sender died before it wrote so down, is told again under the same id.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.domain.announcements import About, Change, Topic, Trouble, message, next_try
from backend.domain.handover import external_id_of
from backend.storage.in_hand import in_no_hand
from backend.storage.people import new_id
from backend.storage.tables import Announcement, Merchant, MonekoPartner


class State(StrEnum):
    """What became of an announcement."""

    WAITING = "waiting"
    SENT = "sent"


def announce(session: Session, merchant_id: str, told: Iterable[Change], at: datetime) -> None:
    """Have these changes told once this transaction is on disk."""
    merchant, partner = session.get_one(Merchant, merchant_id), session.get(MonekoPartner, merchant_id)
    external_id = external_id_of(merchant_id, partner.external_id if partner else "")
    about = About(merchant_id, external_id, merchant.territory_id)
    for change in told:
        event_id = new_id()
        made = Announcement(
            id=event_id,
            merchant_id=merchant_id,
            topic=change.topic,
            body=message(event_id, about, change, at),
            occurred_at=at,
            next_try_at=at,
        )
        session.add(made)
    session.flush()


# --- telling ---

_waits = col(Announcement.sent_at).is_(None)
_stopped = and_(_waits, col(Announcement.next_try_at).is_(None))


def due(session: Session, now: datetime, limit: int = 50) -> Sequence[str]:
    """The ids of the messages to send now, oldest first: of each merchant only the first that waits, and none as long
    as the receiver wants no more."""
    if session.exec(select(Announcement.id).where(_stopped).limit(1)).first():
        return []
    statement = select(Announcement.id).where(
        _waits,
        col(Announcement.next_try_at) <= now,
        in_no_hand(col(Announcement.trying_since), now),
        _first(),
    )
    return session.exec(statement.order_by(col(Announcement.id)).limit(limit)).all()


def _first() -> ColumnElement[bool]:
    earlier = aliased(Announcement)
    return ~(
        select(earlier.id)
        .where(
            earlier.merchant_id == Announcement.merchant_id,
            col(earlier.sent_at).is_(None),
            earlier.id < Announcement.id,
        )
        .exists()
    )


def take(session: Session, announcement_id: str, now: datetime) -> Announcement | None:
    """Have this message in hand to send it; None when someone else has it, or sent it."""
    free = in_no_hand(col(Announcement.trying_since), now)
    statement = select(Announcement).where(Announcement.id == announcement_id, _waits, free)
    taken = session.exec(statement.with_for_update()).first()
    if taken is not None:
        taken.trying_since, taken.tries = now, taken.tries + 1
    return taken


def sent(session: Session, announcement_id: str, now: datetime) -> None:
    """It was received."""
    made = session.get_one(Announcement, announcement_id)
    made.sent_at, made.next_try_at, made.trying_since = now, None, None
    made.trouble, made.said = "", ""


def failed(
    session: Session, announcement_id: str, trouble: Trouble, said: str, luck: float, now: datetime
) -> None:
    """It was not received, or nobody knows: sent again later, unless the receiver wants no more."""
    made = session.get_one(Announcement, announcement_id)
    made.trying_since, made.trouble, made.said = None, trouble, said
    made.next_try_at = None if trouble is Trouble.GONE else next_try(made.tries, luck, now)


def try_again(session: Session, now: datetime) -> None:
    """Someone asks for all that waits to be sent now, also after the receiver wanted no more."""
    for waiting in session.exec(select(Announcement).where(_waits).with_for_update()):
        waiting.next_try_at = now


# --- what became of them ---

_STATES: dict[State, ColumnElement[bool]] = {State.WAITING: _waits, State.SENT: ~_waits}


@dataclass(frozen=True)
class Told:
    """An announcement, with the name of its merchant and both sides of the change."""

    announcement: Announcement
    name: str
    before: Any
    after: Any

    @property
    def topic(self) -> Topic:
        return Topic(self.announcement.topic)


def counts(session: Session, territories: Collection[str] | None) -> dict[State, int]:
    """How many wait and were received, of these territories (None: all)."""
    return {
        state: session.exec(_of(select(func.count(col(Announcement.id))), territories).where(which)).one()
        for state, which in _STATES.items()
    }


def listed(
    session: Session, territories: Collection[str] | None, state: State, *, limit: int, offset: int
) -> list[Told]:
    """Those in this state: those that wait in the order in which they go, those received the latest first."""
    order = col(Announcement.id) if state is State.WAITING else col(Announcement.sent_at).desc()
    query = _of(select(Announcement, Merchant.name), territories).where(_STATES[state])
    rows = session.exec(query.order_by(order, col(Announcement.id).desc()).limit(limit).offset(offset))
    return [_told(announcement, name) for announcement, name in rows]


def _told(announcement: Announcement, name: str) -> Told:
    body = json.loads(announcement.body)
    return Told(announcement, name, body["before"], body["after"])


def _of(query: Any, territories: Collection[str] | None) -> Any:
    joined = query.select_from(Announcement).join(Merchant, col(Merchant.id) == Announcement.merchant_id)
    return joined if territories is None else joined.where(col(Merchant.territory_id).in_(list(territories)))
