"""Files that a browser saves."""

import io
import zipfile
from collections.abc import Iterable

from starlette.responses import Response

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes each time


def attached(filename: str, body: bytes | str, media: str) -> Response:
    """A file to save under this name (ASCII, without quotes)."""
    disposition = f'attachment; filename="{filename}"'
    return Response(body, headers={"Content-Type": media, "Content-Disposition": disposition})


def zipped(filename: str, files: Iterable[tuple[str, bytes]]) -> Response:
    """Several files to save as one ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files:
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), body, zipfile.ZIP_DEFLATED)
    return attached(filename, out.getvalue(), "application/zip")
