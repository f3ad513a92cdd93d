"""The field app's files and the pages' static files."""

from starlette.requests import Request
from starlette.responses import Response

from backend.web.assets import respond
from backend.web.house import house


def app(request: Request) -> Response:
    """A file of the field app: asked again each time, answered 304 when it is still the same."""
    return respond(request, house(request).assets.app(request.path_params["name"]))


def static(request: Request) -> Response:
    """A static file under an address that changes with its content."""
    prepared = house(request).assets.page_file(request.path_params["name"])
    return respond(request, prepared, "public, max-age=31536000, immutable")
