"""The photos and voice notes that visits brought, for those who may read the visit."""

import re
from contextlib import suppress

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.errors import Refusal
from backend.storage import photos, visits
from backend.storage.people import StaffSession
from backend.web.house import house
from backend.web.reading import may_record, must_read
from backend.web.security import staff

SHA256 = re.compile(r"[0-9a-f]{64}")


def show(request: Request) -> Response:
    """GET /photos/{sha256}/{size}: a re-encoded photo or note, for those who may read a visit that announces it."""
    home, who, sha256 = house(request), staff(request), request.path_params["sha256"]
    if not SHA256.fullmatch(sha256):
        raise Refusal("not_found")
    with home.db.read() as session:
        if not any(may_record(who, territory) for territory in photos.territories_of(session, sha256)):
            _must_show(session, who, sha256)
    size = request.path_params["size"]
    body = home.photos.open(sha256, size)
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(body, media_type="audio/mpeg" if size == "sound" else "image/jpeg", headers=headers)


def _must_show(session: Session, who: StaffSession, sha256: str) -> None:
    """Raises not_found unless a visit on the committee's agenda announces this photo."""
    for visit_id in visits.expecting_photo(session, sha256):
        with suppress(Refusal):
            return must_read(session, who, visits.get(session, visit_id))
    raise Refusal("not_found")
