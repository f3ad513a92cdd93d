"""The documents of a merchant: added, read by those who read its file, taken off."""

from gettext import gettext as _
from typing import IO
from urllib.parse import quote

from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from backend.documents import Sent
from backend.domain.documents import LONGEST_TITLE, ascii_filename, filename, title
from backend.domain.errors import Refusal
from backend.storage import documents, merchants
from backend.storage.documents import Kept
from backend.storage.tables import MerchantDocument
from backend.web.house import house
from backend.web.merchants import must_read_file, to_edit
from backend.web.pages import form_page
from backend.web.security import field, once, staff, typed

# Whatever a file holds, a browser saves it and runs nothing of it.
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/documents/new: one more."""
    home = house(request)
    with home.db.read() as session:
        merchant = to_edit(request, session)
    return form_page(request, "document.html", refusal, merchant=merchant, limit_mb=home.settings.document_mb)


def add(request: Request) -> Response:
    """POST /merchants/{id}/documents: kept once its bytes are on disk."""
    home = house(request)
    with home.db.read() as session:
        to_edit(request, session)
    try:
        file, named = _file(request)
        called = title(field(request, "title", LONGEST_TITLE), named)
        with home.documents.alone:
            sent = home.documents.read(file)
            return once(request, lambda session: _keep(request, session, called, sent))
    except Refusal as refusal:
        return add_form(request, refusal)


def _file(request: Request) -> tuple[IO[bytes], str]:
    sent = typed(request).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Refusal("form_invalid", sentence=_("Choisissez un fichier."), detail="file")
    return sent.file, sent.filename


def _keep(request: Request, session: Session, called: str, sent: Sent) -> str:
    home, merchant = house(request), to_edit(request, session)
    kept = Kept(sent.sha256, sent.media, sent.size)
    document = documents.add(
        *(session, merchant, called, kept, home.now()),
        by=staff(request).person_id,
        room_mb=home.settings.documents_mb,
    )
    home.documents.keep(sent)
    return f"/merchants/{merchant.id}#document-{document.id}"


def download(request: Request) -> Response:
    """GET /merchants/{id}/documents/{document}: the file itself, to save."""
    home = house(request)
    with home.db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        must_read_file(session, staff(request), merchant)
        document = documents.get(session, merchant.id, request.path_params["document"])
    body = home.documents.open(document.sha256, document.media)
    return Response(
        body,
        headers={"Content-Type": document.media, "Content-Disposition": _disposition(document)} | HARMLESS,
    )


def _disposition(document: MerchantDocument) -> str:
    plain, name = (make(document.title, document.media) for make in (ascii_filename, filename))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def remove(request: Request) -> Response:
    """POST /merchants/{id}/documents/{document}/removal: its bytes go; that it was there stays noted."""
    home = house(request)
    with home.db.read() as session:
        document = documents.ever(session, to_edit(request, session).id, request.path_params["document"])
    with home.documents.alone:
        answer = once(request, lambda session: _remove(request, session))
        with home.db.read() as session:
            used = documents.is_used(session, document.sha256)
        if not used:
            home.documents.drop(document.sha256, document.media)
    return answer


def _remove(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    document = documents.ever(session, merchant.id, request.path_params["document"])
    documents.remove(session, merchant, document, house(request).now(), by=staff(request).person_id)
    return f"/merchants/{merchant.id}#documents"
