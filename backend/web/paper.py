"""Paper: a template of `templates/paper/` as a PDF of our family, with nothing but our own files in it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend import printing
from backend.domain.errors import Refusal
from backend.web.house import House, house

_PHOTO_SIZES = ("small", "large")


def paper(request: Request, template: str, filename: str, **context: Any) -> Response:
    """A page of `templates/paper/` as a PDF file, shown in the browser. Raises pdf_unavailable."""
    home = house(request)
    body = printed(home, template, **context)
    disposition = f'inline; filename="{filename}"'
    return Response(body, media_type="application/pdf", headers={"Content-Disposition": disposition})


def printed(home: House, template: str, **context: Any) -> bytes:
    """The PDF's bytes; for mails too."""
    html = home.templates.get_template(f"paper/{template}").render(settings=home.settings, **context)
    return printing.pdf(html, lambda path: _file(home, path))


def _file(home: House, path: str) -> printing.File | None:
    """What a page of ours may show: our styles and letters, and the photos that its handler chose to name."""
    kind, _slash, rest = path.removeprefix("/").partition("/")
    try:
        if kind == "static":
            prepared = home.assets.page_file(rest.partition("/")[2])
            return prepared.body, prepared.media
        if kind == "photos":
            sha256, _slash, size = rest.partition("/")
            return (home.photos.open(sha256, size), "image/jpeg") if size in _PHOTO_SIZES else None
    except Refusal:
        return None
    return None
