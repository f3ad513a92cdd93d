"""The outlines of territories, as they were loaded last."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.missing import Outline
from backend.storage import published
from backend.storage.people import new_id
from backend.storage.tables import Territory, TerritoryOutline


def load(session: Session, territory_id: str, outlines: Iterable[Outline], now: datetime) -> None:
    """In place of those loaded before. Raises territory_unknown."""
    if session.get(Territory, territory_id) is None:
        raise Refusal("territory_unknown", territory=territory_id)
    session.execute(delete(TerritoryOutline).where(col(TerritoryOutline.territory_id) == territory_id))
    published.changed(session)
    for each in outlines:
        session.add(
            TerritoryOutline(
                id=new_id(),
                territory_id=territory_id,
                name=each.name,
                polygons=list(each.polygons),
                loaded_at=now,
            )
        )


def of_territory(session: Session, territory_id: str) -> list[Outline]:
    """By name; none while nobody has loaded them."""
    query = select(TerritoryOutline).where(TerritoryOutline.territory_id == territory_id)
    rows = session.exec(query.order_by(TerritoryOutline.name))
    return [Outline(each.name, each.polygons) for each in rows]


def everywhere(session: Session) -> list[Outline]:
    """Those of all territories, by name; each name once."""
    rows = session.exec(
        select(TerritoryOutline).order_by(TerritoryOutline.name, TerritoryOutline.territory_id)
    )
    return list({each.name: Outline(each.name, each.polygons) for each in rows}.values())
