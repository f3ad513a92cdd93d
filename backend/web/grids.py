"""The grids as people read them: for the administration all of them, for the coordination those of its territory.

They are changed in their files, and published by a command: the pages say which one.
"""

import os
from collections.abc import Iterable
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.grid import STATUS_NAMES, Grid
from backend.domain.people import Role
from backend.settings import ROOT
from backend.storage import grids, people
from backend.storage.grids import Use
from backend.web.house import house
from backend.web.pages import page
from backend.web.security import must_act, staff, territories_of


def index(request: Request) -> Response:
    """GET /grids: the grids of each territory, their state, where they come from, and who uses them."""
    home, mine = house(request), territories_of(staff(request), Role.COORDINATION)
    with home.db.read() as session:
        known = [each for each in people.territories(session) if mine is None or each.id in mine]
        uses = grids.uses(session)
    listed = [
        (
            territory,
            [(grid, uses.get(grid.id, Use())) for grid in _in_order(home.grids.values(), territory.id)],
        )
        for territory in known
    ]
    return page(request, "grids.html", listed=listed, status_names=STATUS_NAMES)


def _in_order(every: Iterable[Grid], territory_id: str) -> list[Grid]:
    """What serves first, then what is being written, then what served."""
    order = {"published": 0, "draft": 1, "withdrawn": 2}
    mine = [grid for grid in every if grid.territory == territory_id]
    return sorted(mine, key=lambda grid: (order[grid.status], grid.version))


def show(request: Request) -> Response:
    """GET /grids/{territory}/{version}: a grid whole, with its weights and its thresholds."""
    home, territory_id = house(request), request.path_params["territory"]
    must_act(staff(request), territory_id, Role.COORDINATION)
    grid = home.grids.get(f"{territory_id}/{request.path_params['version']}")
    if grid is None:
        raise Refusal("not_found")
    with home.db.read() as session:
        use = grids.uses(session).get(grid.id, Use())
    return page(
        request,
        "grid.html",
        grid=grid,
        use=use,
        status_names=STATUS_NAMES,
        weight=sum((each.weight for each in grid.criteria), Decimal(0)),
        file=os.path.relpath(home.settings.criteria_dir / f"{grid.id}.toml", ROOT),
    )
