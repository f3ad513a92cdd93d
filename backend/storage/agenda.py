"""Which merchants are ready to be decided on, and their place on an agenda."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from backend.domain.committee import HOLDING, RENEWAL_FROM, Why, why_ready
from backend.domain.merchants import Stage, folded
from backend.storage import appeals, merchants, sessions
from backend.storage.tables import Decision, Merchant

_ORDER = list(Why)


def ready(
    session: Session, territory_id: str, day: date, but: Collection[str] = ()
) -> list[tuple[Merchant, Why]]:
    """A territory's merchants whose turn it is on `day` and why, but for these; appeals first, renewals last."""
    appealing = {each.merchant.id for each in appeals.appeals_waiting(session, [territory_id])}
    ending = select(Decision.merchant_id).where(col(Decision.valid_until) <= day + RENEWAL_FROM)
    found = session.exec(
        select(Merchant).where(
            Merchant.territory_id == territory_id,
            or_(
                col(Merchant.id).in_(appealing),
                col(Merchant.stage).in_([Stage.ASSESSED, Stage.DEFERRED]),
                col(Merchant.stage).in_(HOLDING) & col(Merchant.id).in_(ending),
            ),
        )
    ).all()
    candidates = {merchant.id: merchant for merchant in found if merchant.id not in but}
    lives = merchants.lives(session, list(candidates))
    turns = [
        (merchant, why)
        for merchant in candidates.values()
        if (why := why_ready(lives[merchant.id], day, appealing=merchant.id in appealing)) is not None
    ]
    return sorted(turns, key=lambda turn: (_ORDER.index(turn[1]), folded(turn[0].name)))


def put(session: Session, session_id: str, wanted: Mapping[str, Why], now: datetime, *, by: str) -> None:
    """Put merchants on the agenda of a session, each with why it comes; those who appealed are told that it is there.

    Raises session_closed, not_found, already_on_agenda.
    """
    sessions.add_items(session, session_id, wanted, now, by=by)
    appeals.on_agenda(session, wanted, now, by=by)
