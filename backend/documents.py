"""Documents of merchants on disk, in the store of the photos, by the hash of what was sent.

PDFs are kept as they came, pictures are written anew: no EXIF, no place, nothing else in the same file.
"""

import hashlib
import threading
from dataclasses import dataclass
from typing import IO

from backend.domain.documents import ENDINGS, PDF, PICTURE, is_pdf
from backend.domain.errors import Refusal
from backend.photos import FORMATS, Photos, Undecodable, media_of, reencoded

SIDE = 2400  # pixels: small print of an A4 page stays readable
_PIECE = 1 << 16


@dataclass(frozen=True)
class Sent:
    """A file that may be kept. `media` and `size`: of what is kept; `body`: its bytes, or the file that holds them."""

    sha256: str
    media: str
    size: int
    body: bytes | IO[bytes]


class Documents:
    """The documents of one installation. Whoever keeps or drops one holds `alone` until the database agrees."""

    def __init__(self, photos: Photos, limit_mb: int) -> None:
        self._photos, self._limit_mb = photos, limit_mb
        self.alone = threading.Lock()

    def read(self, file: IO[bytes]) -> Sent:
        """Look at what somebody sent, piece by piece; nothing is kept yet.

        Raises document_empty, document_type, body_too_large.
        """
        sha256, size, head = self._measure(file)
        if is_pdf(head):
            return Sent(sha256, PDF, size, file)
        if media_of(head) not in FORMATS.values():
            raise Refusal("document_type", detail="file")
        try:
            picture = reencoded(file.read(), SIDE)
        except Undecodable:
            raise Refusal("document_type", detail="file") from None
        return Sent(sha256, PICTURE, len(picture), picture)

    def _measure(self, file: IO[bytes]) -> tuple[str, int, bytes]:
        digest, size, head = hashlib.sha256(), 0, b""
        while piece := file.read(_PIECE):
            head = head or piece[:16]
            size += len(piece)
            if size > self._limit_mb * 1_000_000:
                raise Refusal("body_too_large", limit=self._limit_mb)
            digest.update(piece)
        if not size:
            raise Refusal("document_empty", detail="file")
        file.seek(0)
        return digest.hexdigest(), size, head

    def keep(self, sent: Sent) -> None:
        """Write it to disk, synced, before the database says that it is there."""
        self._photos.put(_name(sent.sha256, sent.media), sent.body)

    def open(self, sha256: str, media: str) -> bytes:
        """Its bytes; raises not_found."""
        return self._photos.read(_name(sha256, media))

    def has(self, sha256: str, media: str) -> bool:
        return self._photos.stored(_name(sha256, media))

    def drop(self, sha256: str, media: str) -> None:
        """Delete its bytes; nothing happens when they are gone."""
        if self.has(sha256, media):
            self._photos.drop(f"photos/{_name(sha256, media)}")

    def file_of(self, sha256: str, media: str) -> list[tuple[str, bytes]]:
        """The name it has in a backup and its bytes; nothing when they are lost."""
        try:
            return [(f"photos/{_name(sha256, media)}", self.open(sha256, media))]
        except Refusal:
            return []


def _name(sha256: str, media: str) -> str:
    return f"{sha256[:2]}/{sha256}-document.{ENDINGS[media]}"
