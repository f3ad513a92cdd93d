"""Which merchants are ready to be decided on."""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, or_, select

from backend.domain.committee import HOLDING, RENEWAL_FROM, Why, why_ready
from backend.domain.merchants import Stage, folded
from backend.storage import merchants
from backend.storage.tables import Decision, Merchant

_ORDER = list(Why)


def ready(
    session: Session, territory_id: str, day: date, but: Collection[str] = ()
) -> list[tuple[Merchant, Why]]:
    """A territory's merchants whose turn it is on `day` and why, but for these; visits first, renewals last."""
    ending = select(Decision.merchant_id).where(col(Decision.valid_until) <= day + RENEWAL_FROM)
    found = session.exec(
        select(Merchant).where(
            Merchant.territory_id == territory_id,
            or_(
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
        if (why := why_ready(lives[merchant.id], day)) is not None
    ]
    return sorted(turns, key=lambda turn: (_ORDER.index(turn[1]), folded(turn[0].name)))
