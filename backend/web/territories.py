"""The territories, for the administration: opened, described. Their districts and quorum have their own pages."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import grids
from backend.domain.errors import Refusal
from backend.domain.territories import Told, told
from backend.storage import people, territories
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.pages import come_back, form_page
from backend.web.security import field, once

FIELDS = ("name", "phone", "email", "lat", "lon")


def index(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /territories: each with its coordination and its grids, and those whose folder waits for them."""
    home = house(request)
    with home.db.read() as session:
        known = people.territories(session)
    every = home.grids.values()
    count = {each.id: sum(grid.territory == each.id for grid in every) for each in known}
    return form_page(
        request,
        "territories.html",
        refusal,
        territories=known,
        grids=count,
        folders=_folders(request, known),
    )


def _folders(request: Request, known: list[Territory]) -> list[str]:
    """The folders of grids that are nobody's yet."""
    return [
        each
        for each in grids.folders(house(request).settings.criteria_dir)
        if each not in {territory.id for territory in known}
    ]


def add(request: Request) -> Response:
    """POST /territories: a territory, for one of the folders of grids."""
    try:
        return once(request, lambda session: _add(request, session))
    except Refusal as refusal:
        return index(request, refusal)


def _add(request: Request, session: Session) -> str:
    territory_id = field(request, "folder")
    grids.must_have_folder(house(request).settings.criteria_dir, territory_id)
    territories.add(session, territory_id, _told(request))
    return "/territories"


def _told(request: Request) -> Told:
    return told(**{name: field(request, name) for name in FIELDS})


def edit_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /territories/{id}/edit: how it is described."""
    with house(request).db.read() as session:
        territory = territories.get(session, request.path_params["id"])
    return form_page(
        request,
        "territory_edit.html",
        refusal,
        territory=territory,
        written=written(territory),
        version=territories.version(territory),
    )


def written(territory: Territory) -> Mapping[str, Any]:
    """What is told of it, as one writes it in a form: decimals with a comma."""
    plain = vars(territories.described(territory))
    return {
        name: str(value).replace(".", ",") if name in ("lat", "lon") else value
        for name, value in plain.items()
    }


def edit(request: Request) -> Response:
    """POST /territories/{id}/edits: describe it otherwise."""
    try:
        return once(request, lambda session: _edit(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, edit_form)


def _edit(request: Request, session: Session) -> str:
    territory_id = request.path_params["id"]
    territories.get(session, territory_id)
    territories.edit(session, territory_id, _told(request), field(request, "version"))
    return "/territories"
