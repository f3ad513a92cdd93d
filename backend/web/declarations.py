"""What is asked of a merchant (the whole grid), and what they say of themselves before the visit."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.declarations import WORDS_LIMIT
from backend.domain.errors import Refusal
from backend.domain.grid import Criterion, Grid
from backend.storage import declarations, merchants
from backend.storage.declarations import Said
from backend.storage.tables import Merchant
from backend.web.house import House, house
from backend.web.pages import form_page
from backend.web.security import field, merchant_side, once, typed
from backend.web.visits import grids_for_visits


def grid_of(home: House, session: Session, merchant: Merchant) -> Grid | None:
    """The grid of this merchant's latest visit, else the one a visit would use now; None where there is none."""
    visit = declarations.latest_visit(session, merchant.id)
    bound = home.grids.get(visit.grid_id) if visit else None
    return bound or next(iter(grids_for_visits(home, merchant.territory_id)), None)


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /commerce/grille: every criterion with its question, its levels and its weight, and what one says of it."""
    home, who = house(request), merchant_side(request)
    with home.db.read() as session:
        merchant = merchants.get(session, who.merchant_id)
        grid = grid_of(home, session, merchant)
        said = declarations.said(session, merchant.id, grid.id) if grid else {}
        may_declare = declarations.is_open(session, merchant.id)
    return form_page(
        request,
        "commerce_grid.html",
        refusal,
        merchant=merchant,
        grid=grid,
        said=said,
        may_declare=may_declare,
        words_limit=WORDS_LIMIT,
        saved_at=max((row.at for row in said.values()), default=None),
    )


def declare(request: Request) -> Response:
    """POST /commerce/declarations: what was changed, and nothing else."""
    try:
        return once(request, lambda session: _declare(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _declare(request: Request, session: Session) -> str:
    home, who = house(request), merchant_side(request)
    grid = grid_of(home, session, merchants.get(session, who.merchant_id))
    if grid is None or field(request, "grid") != grid.id:
        raise Refusal("read_again")
    shown = [each for each in grid.criteria if f"was_level_{each.id}" in typed(request)]
    changes = {each.id: (_said(request, each, "was_"), _said(request, each)) for each in shown}
    changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    declarations.declare(session, who, grid.id, changed, home.now())
    where = next(iter(changed), "") if len(changed) == 1 else ""
    return f"/commerce/grille#c-{where}" if where else "/commerce/grille#enregistre"


def _said(request: Request, criterion: Criterion, before: str = "") -> Said:
    points = field(request, f"{before}level_{criterion.id}")
    if points and points not in {str(level.points) for level in criterion.levels}:
        raise Refusal("form_invalid", sentence=_("Choisissez un niveau de la liste."))
    return Said(points, field(request, f"{before}words_{criterion.id}", WORDS_LIMIT))
