"""What merchants say of themselves before the visit: each thing said is kept, with its moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.declarations import may_declare
from backend.domain.errors import Refusal
from backend.storage import merchant_links, visits
from backend.storage.merchant_links import MerchantSession
from backend.storage.people import new_id
from backend.storage.tables import Declaration, Visit


@dataclass(frozen=True)
class Said:
    """What is said on one criterion: the points of a level (empty: none), and words."""

    points: str = ""
    words: str = ""


def latest_visit(session: Session, merchant_id: str) -> Visit | None:
    """The visit planned last, those cancelled aside."""
    return next(
        (each for each in visits.of_merchant(session, merchant_id) if each.state != "cancelled"), None
    )


def is_open(session: Session, merchant_id: str) -> bool:
    """Whether the merchant may still write."""
    visit = latest_visit(session, merchant_id)
    return may_declare(visit.state if visit else None)


def said(
    session: Session, merchant_id: str, grid_id: str, before: datetime | None = None
) -> dict[str, Declaration]:
    """What the merchant says of itself on this grid, by criterion; as it was at `before`, else now."""
    statement = select(Declaration).where(
        Declaration.merchant_id == merchant_id, Declaration.grid_id == grid_id
    )
    if before is not None:
        statement = statement.where(col(Declaration.at) < before)
    rows = session.exec(statement.order_by(col(Declaration.at), col(Declaration.id)))
    return {row.criterion: row for row in rows}


def beside(session: Session, visit: Visit) -> dict[str, Declaration]:
    """What the merchant said of itself before this visit: nothing that it wrote for a later one."""
    after = [each.created_at for each in visits.of_merchant(session, visit.merchant_id)]
    next_one = min((at for at in after if at > visit.created_at), default=None)
    found = said(
        session, visit.merchant_id, visit.grid_id, next_one if not may_declare(visit.state) else None
    )
    return {criterion: row for criterion, row in found.items() if row.points or row.words}


def declare(
    session: Session,
    who: MerchantSession,
    grid_id: str,
    changes: Mapping[str, tuple[Said, Said]],
    now: datetime,
) -> None:
    """Keep what changed: by criterion, what the form showed and what it says now. What others wrote is not undone.

    Raises declaration_closed once the visit is closed, read_again when another page wrote on the same criterion.
    """
    merchant_links.hold(session, who.merchant_id)
    if not is_open(session, who.merchant_id):
        raise Refusal("declaration_closed")
    kept = said(session, who.merchant_id, grid_id)
    for criterion, (shown, given) in changes.items():
        row = kept.get(criterion)
        is_now = Said(row.points, row.words) if row else Said()
        if is_now == given:
            continue
        if is_now != shown:
            raise Refusal("read_again", detail=f"c-{criterion}")
        _keep(session, who, grid_id, criterion, given, now)


def _keep(
    session: Session, who: MerchantSession, grid_id: str, criterion: str, given: Said, now: datetime
) -> None:
    session.add(
        Declaration(
            id=new_id(),
            merchant_id=who.merchant_id,
            link_id=who.link_id,
            grid_id=grid_id,
            criterion=criterion,
            points=given.points,
            words=given.words,
            at=now,
        )
    )
