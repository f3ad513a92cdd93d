"""A grid to fill with a pencil: from the same file as the phones', blank, or prepared for one visit."""

from gettext import gettext as _
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.domain.grid import Grid
from backend.domain.people import Role
from backend.storage import merchants, visits
from backend.web.house import house
from backend.web.paper import paper
from backend.web.qr_codes import qr_code
from backend.web.security import must_act, staff


def of_grid(request: Request) -> Response:
    """GET /grids/{territory}/{version}/paper.pdf: the grid alone; `?large=1`: in large print."""
    territory, version = request.path_params["territory"], request.path_params["version"]
    must_act(staff(request), territory, Role.COORDINATION, Role.COMMITTEE)
    grid = house(request).grids.get(f"{territory}/{version}")
    if grid is None:
        raise Refusal("not_found")
    return _printed(request, grid, f"grille-{version}.pdf")


def of_visit(request: Request) -> Response:
    """GET /visits/{id}/grid.pdf: with the shop, the day, the names, and the code that leads to keying it in."""
    home = house(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_act(staff(request), visit.territory_id, Role.COORDINATION)
        if visit.grid_id not in home.grids:
            raise Refusal("unknown_grid", grid=visit.grid_id)
        merchant = merchants.get(session, visit.merchant_id)
        place = next(iter(merchants.places(session, merchant.id)), None)
        going = [person.name for person, part in visits.members(session, visit.id) if part.removed_at is None]
    address = f"{home.settings.public_url.rstrip('/')}/visits/{visit.id}/paper"
    return _printed(
        request,
        home.grids[visit.grid_id],
        f"grille-{visit.planned_on.isoformat()}.pdf",
        visit=visit,
        merchant=merchant,
        place=place,
        going=going,
        qr=qr_code(address, _("Code de l’adresse où la saisir")),
    )


def _printed(request: Request, grid: Grid, filename: str, **prepared: Any) -> Response:
    blank: dict[str, Any] = {"visit": None, "merchant": None, "place": None, "going": (), "qr": None}
    large = bool(request.query_params.get("large"))
    return paper(request, "grid.html", filename, grid=grid, large=large, **(blank | prepared))
