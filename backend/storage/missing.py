"""Who sells what and where, as far as it is known: what the map of what is missing is made of."""

from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from backend.domain.details import Position
from backend.domain.merchants import Stage, Standing
from backend.domain.products import sold_at_least
from backend.storage.tables import Merchant, SalesPoint

# those that may still come: the committee has not said no, nor they, and they do not take the Moneko yet
COMING = (
    Stage.SPOTTED,
    Stage.CONTACTED,
    Stage.VISIT_PLANNED,
    Stage.ASSESSED,
    Stage.DEFERRED,
    Stage.ACCREDITED,
    Stage.ONBOARDING,
)


class Seller(NamedTuple):
    """A sales point on the map. `families`: the codes of what its merchant sells, as the public list finds it; none:
    nobody noted it."""

    merchant_id: str
    name: str
    stage: Stage
    families: frozenset[str]
    position: Position


_ACTIVE = (col(Merchant.standing) == Standing.ACTIVE, col(SalesPoint.takes_moneko))


def active(session: Session) -> list[Seller]:
    """The sales points where one can pay in Moneko now, of every territory: one also buys across a limit."""
    return _sellers(session, *_ACTIVE)


def active_without_position(session: Session) -> list[str]:
    """Those where one can pay in Moneko now, of whom nobody knows where on the map they are: their merchants' names."""
    query = (
        select(Merchant.name)
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(*_ACTIVE, col(SalesPoint.lat).is_(None))
        .distinct()
        .order_by(Merchant.name)
    )
    return list(session.exec(query))


def coming(session: Session, territory_id: str) -> list[Seller]:
    """The sales points of a territory's merchants that may still come."""
    return _sellers(session, col(Merchant.territory_id) == territory_id, col(Merchant.stage).in_(COMING))


def _sellers(session: Session, *conditions: Any) -> list[Seller]:
    shown = (Merchant.id, Merchant.name, Merchant.stage, Merchant.families)
    query = (
        select(*shown)
        .add_columns(col(Merchant.kind), col(SalesPoint.lat), col(SalesPoint.lon))
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(col(SalesPoint.lat).is_not(None), *conditions)
        .order_by(col(Merchant.search), col(SalesPoint.position))
    )
    return [
        Seller(merchant, name, Stage(stage), sold_at_least(families, kind), (lat, lon))
        for merchant, name, stage, families, kind, lat, lon in session.execute(query)
    ]
