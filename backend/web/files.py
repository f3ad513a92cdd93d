"""The field app's files and the pages' static files."""

from starlette.requests import Request
from starlette.responses import Response

from backend.web.assets import respond
from backend.web.house import house

FOR_EVER = "public, max-age=31536000, immutable"


def app(request: Request) -> Response:
    """A file of the field app: kept for ever under its version, else asked again each time."""
    assets, name = house(request).assets, request.path_params["name"]
    versioned = name.startswith(f"{assets.app_version}/")
    return respond(request, assets.app(name), FOR_EVER if versioned else "no-cache")


def static(request: Request) -> Response:
    """A static file under an address that changes with its content."""
    prepared = house(request).assets.page_file(request.path_params["name"])
    return respond(request, prepared, FOR_EVER)
