"""Photos and voice notes on disk: received to the last byte and synced, then re-encoded, and only that is ever shown.

`incoming/` holds what phones sent, until its re-encoding is safe; the store holds what may be looked at.
"""

import hashlib
import io
import os
import re
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import IO, Any, NamedTuple

import obstore
from anyio.to_thread import run_sync
from obstore.store import LocalStore, from_url
from PIL import Image, ImageOps

from backend import voices
from backend.domain.errors import Refusal

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
# What is decoded whole, or held whole before it is, takes some 4 to 24 bytes a pixel; a plain JPEG can be made smaller
# as it is decoded. Phones shrink what they send, far below any of these.
MAX_PIXELS = {"JPEG": 40_000_000, "progressive JPEG": 16_000_000, "PNG": 16_000_000, "WEBP": 8_000_000}
SIZES = {"large": 1600, "small": 400}  # longest side, pixels
_PART, _TRIES = ".part-", ".tries-"
MOST_TRIES = 2
_NAME = re.compile(
    r"incoming/[0-9a-f]{64}|photos/([0-9a-f]{2})/\1[0-9a-f]{62}"
    r"(?:-(?:large|small)\.jpg|-sound\.mp3|-document\.(?:pdf|jpg))"
)
MADE = (*SIZES, "sound")  # what may be made of what was received

Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())


class Encoded(NamedTuple):
    """The size in pixels of a photo as it is kept, upright."""

    width: int
    height: int


class Undecodable(Exception):
    """These bytes are no photo that can be shown, no note that can be heard. `problem`: what phones are told."""

    def __init__(self, why: str, problem: str = "photo_type") -> None:
        super().__init__(why)
        self.problem = problem


class Photos:
    """The photos of one installation."""

    def __init__(self, data_dir: Path, store_url: str, limit_mb: int) -> None:
        self._incoming = data_dir / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._limit_mb = limit_mb
        self._folder = None if store_url else data_dir / "photos"
        self._store: Any = from_url(store_url) if store_url else LocalStore(data_dir / "photos", mkdir=True)
        _sync_folder(data_dir)

    async def receive(self, chunks: AsyncIterator[bytes], sha256: str) -> tuple[int, str]:
        """Write a body to disk, synced, under its hash; returns its size in bytes and its media type.

        Raises body_too_large, photo_type, photo_damaged; nothing is kept then.
        """
        handle, name = tempfile.mkstemp(dir=self._incoming, prefix=_PART)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                size, media = await self._fill(file, chunks, sha256)
                await run_sync(_sync, file)
            part.rename(self._incoming / sha256)
            await run_sync(_sync_folder, self._incoming)
        finally:
            part.unlink(missing_ok=True)
        return size, media

    async def _fill(self, file: Any, chunks: AsyncIterator[bytes], sha256: str) -> tuple[int, str]:
        digest, size, head = hashlib.sha256(), 0, b""
        async for chunk in chunks:
            size += len(chunk)
            if size > self._limit_mb * 1_000_000:
                raise Refusal("body_too_large", limit=self._limit_mb)
            head = head + chunk[: 16 - len(head)] if len(head) < 16 else head
            if size > voices.LARGEST_MB * 1_000_000 and voices.media_of(head):
                raise Refusal("body_too_large", limit=voices.LARGEST_MB)
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != sha256:
            raise Refusal("photo_damaged")
        media = media_of(head)
        if media is None:
            raise Refusal("photo_type")
        return size, media

    def encode(self, sha256: str) -> Encoded:
        """Decode what was received and write it again without its metadata, in the sizes shown.

        Raises Undecodable, or FileNotFoundError when its bytes are gone. The original stays until the caller has
        noted, durably, that it is no longer needed (`forget_original`): a crash in between costs nothing. A backup
        may hold what was made of a photo without the note: then it is not made again.
        """
        if not (self._incoming / sha256).exists() and self.has(sha256):
            return self._size_of(sha256)
        tries = self._incoming / f"{_TRIES}{sha256}"
        try:
            _count(tries)
            return self._encode(sha256)
        finally:  # only a killed process leaves it behind
            tries.unlink(missing_ok=True)

    def _size_of(self, sha256: str) -> Encoded:
        if self._made(sha256) == ["sound"]:
            return Encoded(0, 0)
        return Encoded(*Image.open(io.BytesIO(self.open(sha256, "large"))).size)

    def _encode(self, sha256: str) -> Encoded:
        body = (self._incoming / sha256).read_bytes()
        if voices.media_of(body[:16]):
            self.put(_name(sha256, "sound"), _sound(body))
            return Encoded(0, 0)
        picture = _decode(body)
        self.put(_name(sha256, "large"), _as_jpeg(picture))
        kept = Encoded(*picture.size)
        picture.thumbnail((SIZES["small"], SIZES["small"]), Image.Resampling.LANCZOS)
        self.put(_name(sha256, "small"), _as_jpeg(picture))
        return kept

    def put(self, path: str, body: bytes | IO[bytes]) -> None:
        """Write a file of the store, synced."""
        obstore.put(self._store, path, body)
        if self._folder is not None:  # a folder keeps what was synced; object stores answer once it is kept
            with (self._folder / path).open("rb") as file:
                os.fsync(file.fileno())
            _sync_folder((self._folder / path).parent)
            _sync_folder(self._folder)

    def has(self, sha256: str) -> bool:
        """Whether the bytes of this photo are here, as received or re-encoded."""
        return (self._incoming / sha256).exists() or bool(self._made(sha256))

    def _made(self, sha256: str) -> list[str]:
        """What was made of it: the sound of a note, or the sizes of a photo."""
        return [size for size in MADE if self.stored(_name(sha256, size))]

    def stored(self, name: str) -> bool:
        """Whether the store has this file."""
        try:
            obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def originals(self) -> list[str]:
        """The photos whose bytes are still here as they were received."""
        return [file.name for file in self._incoming.iterdir() if not file.name.startswith(".")]

    def forget_original(self, sha256: str) -> None:
        """Only the re-encoded photo is kept: what was received may say where it was taken."""
        (self._incoming / sha256).unlink(missing_ok=True)

    def erase(self, sha256: str) -> None:
        """Leave nothing of a photo or a note."""
        self.forget_original(sha256)
        for size in self._made(sha256):
            with suppress(FileNotFoundError):
                obstore.delete(self._store, _name(sha256, size))

    def drop_parts(self) -> None:
        """Throw away the photos that a killed process had not received to the end."""
        for file in self._incoming.glob(f"{_PART}*"):
            file.unlink()

    def open(self, sha256: str, size: str) -> bytes:
        """The re-encoded JPEG in one of SIZES, or the MP3 ("sound"); raises not_found."""
        if size not in MADE:
            raise Refusal("not_found")
        return self.read(_name(sha256, size))

    def read(self, name: str) -> bytes:
        """A file of the store; raises not_found."""
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            raise Refusal("not_found") from None

    # --- for backups: files by the names they have in a DATA_DIR ---

    @staticmethod
    def is_name(name: str) -> bool:
        """Whether a photo's file may have this name."""
        return _NAME.fullmatch(name) is not None

    def names(self) -> list[str]:
        """Every file there is."""
        stored = [f"photos/{found['path']}" for some in obstore.list(self._store) for found in some]
        return [*(f"incoming/{sha256}" for sha256 in self.originals()), *stored]

    def files_of(self, sha256: str, *, decoded: bool) -> list[tuple[str, bytes]]:
        """The names and bytes of what is needed of a photo. Without its original, what was made of it: an original
        goes away only once that is there, so that looking in this order misses neither."""
        if not decoded:
            with suppress(FileNotFoundError):
                return [(f"incoming/{sha256}", (self._incoming / sha256).read_bytes())]
        try:
            return [(f"photos/{_name(sha256, size)}", self.open(sha256, size)) for size in self._made(sha256)]
        except Refusal:
            return []

    def put_back(self, name: str, body: bytes) -> None:
        """Write a file of a backup, synced."""
        folder, path = name.split("/", 1)
        if folder == "photos":
            self.put(path, body)
            return
        part = self._incoming / f"{_PART}{path}"
        with part.open("wb") as file:
            file.write(body)
            _sync(file)
        part.rename(self._incoming / path)
        _sync_folder(self._incoming)

    def drop(self, name: str) -> None:
        """Delete a file that belongs to what a backup has replaced."""
        folder, path = name.split("/", 1)
        if folder == "photos":
            obstore.delete(self._store, path)
        else:
            self.forget_original(path)


def media_of(head: bytes) -> str | None:
    """What the first 16 bytes say the file is, of the formats we take."""
    if head.startswith(b"\xff\xd8\xff"):
        return FORMATS["JPEG"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FORMATS["PNG"]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FORMATS["WEBP"]
    return voices.media_of(head)


def _count(tries: Path) -> None:
    """Note one more attempt; raises Undecodable when as many as that were each the last thing their process did."""
    with tries.open("ab") as file:
        if file.tell() == MOST_TRIES:
            raise Undecodable("its decoding ends the process")
        file.write(b".")


def _decode(body: bytes, side: int = SIZES["large"]) -> Image.Image:
    """The photo upright, in plain colours, no larger than it is shown, and as seldom in full size as can be."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(body), formats=list(FORMATS)) as picture:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if picture.width * picture.height > _most_pixels(picture):
                raise Undecodable("too many pixels")
            return _shrunk(picture, side)
    except Undecodable:
        raise
    except Exception as error:  # on hostile bytes Pillow may raise anything
        raise Undecodable(type(error).__name__) from error


def _most_pixels(picture: Image.Image) -> int:
    if "progressive" in picture.info:
        return MAX_PIXELS["progressive JPEG"]
    return MAX_PIXELS.get(
        str(picture.format), MAX_PIXELS["JPEG"]
    )  # with more pictures behind it, it is an "MPO"


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    part = side / max(picture.size)
    if part < 1:
        picture.draft("RGB", (ceil(picture.width * part), ceil(picture.height * part)))
    plain = picture if picture.mode == "RGB" else _on_paper(picture)
    plain.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    ImageOps.exif_transpose(plain, in_place=True)
    return plain


def _on_paper(picture: Image.Image) -> Image.Image:
    """In plain colours; what shows through shows white, or a logo would be black on black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen)
    paper.info = picture.info  # it says which side is up
    return paper


def _sound(body: bytes) -> bytes:
    try:
        return voices.as_mp3(body)
    except voices.Inaudible as error:
        raise Undecodable(str(error), "voice_unusable") from error


def reencoded(body: bytes, side: int) -> bytes:
    """A picture written anew as a JPEG, upright, at most `side` pixels long, without metadata; raises Undecodable."""
    return _as_jpeg(_decode(body, side))


def _name(sha256: str, size: str) -> str:
    return f"{sha256[:2]}/{sha256}-{size}.{'mp3' if size == 'sound' else 'jpg'}"


def _as_jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
