"""Who uses which grid. The grids themselves are files (`backend/grids.py`)."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.domain.visits import CANCELLABLE, ON_AGENDA
from backend.storage.tables import Visit


@dataclass(frozen=True)
class Use:
    """How many visits are bound to a grid: still to be made or finished, and made."""

    ahead: int = 0
    made: int = 0


def uses(session: Session) -> dict[str, Use]:
    """The use of each grid that a visit was ever bound to, by id."""
    counted = select(Visit.grid_id, Visit.state, func.count(col(Visit.id)))
    rows = session.exec(counted.group_by(col(Visit.grid_id), col(Visit.state)))
    found: dict[str, Use] = {}
    for grid_id, state, count in rows:
        use = found.get(grid_id, Use())
        ahead, made = (count if state in CANCELLABLE else 0), (count if state in ON_AGENDA else 0)
        found[grid_id] = Use(use.ahead + ahead, use.made + made)
    return found
