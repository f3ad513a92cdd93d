"""Files served as they are, prepared once: compressed, hashed, ready to be answered from memory."""

import hashlib
import mimetypes
import posixpath
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import brotli
from starlette.requests import Request
from starlette.responses import Response

from backend import catalogues
from backend.domain.errors import Refusal
from backend.web.packing import ENTRY, PACKED, packed, packed_page

T = TypeVar("T")

COMPRESSED = (
    *("text/", "application/javascript", "application/json", "application/manifest+json"),
    *("application/geo+json", "application/atom+xml", "image/svg"),
)
NEVER_SERVED = (".md", ".d.ts")

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True)
class Prepared:
    """Bytes ready to be sent, plain and (when it is worth it) as brotli, with a strong ETag."""

    body: bytes
    brotli: bytes | None
    media: str
    etag: str


def prepare(body: bytes, media: str, quality: int = 11) -> Prepared:
    """Compress and hash `body` once. `quality`: brotli's, 11 for what never changes, 5 for what often does."""
    worth_it = media.startswith(COMPRESSED)
    small = brotli.compress(body, quality=quality) if worth_it else None
    return Prepared(body, small, media, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def respond(request: Request, prepared: Prepared, cache: str = "no-cache") -> Response:
    """Answer prepared bytes, 304 when the caller already has them."""
    headers = {"ETag": prepared.etag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if prepared.etag in known:
        return Response(status_code=304, headers=headers)
    if prepared.brotli is not None and "br" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "br"
        return Response(prepared.brotli, media_type=prepared.media, headers=headers)
    return Response(prepared.body, media_type=prepared.media, headers=headers)


class Kept(Generic[T]):
    """The things used last, by name: no more than `most` of them."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._things: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str) -> T | None:
        with self._lock:
            if name in self._things:
                self._things.move_to_end(name)
            return self._things.get(name)

    def keep(self, name: str, thing: T) -> T:
        with self._lock:
            self._things[name] = thing
            self._things.move_to_end(name)
            if len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing


def _files(root: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.name.endswith(NEVER_SERVED):
            yield path.relative_to(root).as_posix(), path.read_bytes()


def _media(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _catalogues(pwa: Path) -> Iterable[tuple[str, bytes]]:
    """The other languages of the app and of the grids."""
    sources = [
        file.read_text() for file in sorted((*pwa.rglob("*.js"), *(pwa.parent / "criteria").rglob("*.toml")))
    ]
    for language in catalogues.languages():
        yield f"locale/{language}.json", catalogues.for_phones(language, sources)


class Assets:
    """The field app and the pages' static files, in memory."""

    def __init__(self, pwa: Path, static: Path) -> None:
        app_files = dict(_files(pwa)) | dict(_catalogues(pwa))
        self.app_version = _version(app_files)
        self._app = {name: prepare(body, _media(name)) for name, body in self._shell(app_files).items()}
        pages = packed_page({**dict(_files(static)), "tokens.css": app_files["tokens.css"]})
        self._static = {name: prepare(body, _media(name)) for name, body in pages.items()}
        self._static_version = _version(pages)

    def _shell(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """The app's files, with what only the server knows filled in: no list to forget."""
        files = packed(files)
        kept = [name for name in files if name not in ("sw.js", "index.html") and not name.endswith(".png")]
        listed = ["/app/", *map(self._app_url, kept)]
        head = f"const VERSION = {self.app_version!r};\nconst ASSETS = {listed!r};\n"
        preloads = "".join(
            f'<link rel="modulepreload" href="{self._app_url(name)}">' for name in (ENTRY, PACKED)
        )
        index = _CODE_OR_STYLE.sub(lambda at: self._app_url(at[0]), files["index.html"].decode())
        index = index.replace("<!-- modulepreload -->", preloads)
        return {**files, "index.html": index.encode(), "sw.js": head.encode() + files["sw.js"]}

    def _app_url(self, name: str) -> str:
        """Where the app finds this file. Code and styles stand under the version, and are never asked twice;
        modules find each other there, since they name their neighbours."""
        return (
            f"/app/{self.app_version}/{name}" if name.endswith((".js", ".css", ".json")) else f"/app/{name}"
        )

    def app(self, name: str) -> Prepared:
        """A file of the field app, with or without the version before its name; raises not_found."""
        return _found(self._app, name.removeprefix(f"{self.app_version}/") or "index.html")

    def page_file(self, name: str) -> Prepared:
        """A static file of the pages; raises not_found."""
        return _found(self._static, name)

    def url(self, name: str) -> str:
        """The address of a static file; it changes whenever one of them does, so it may be kept for ever."""
        _found(self._static, name)
        return f"/static/{self._static_version}/{name}"

    def with_all_they_load(self, bodies: Iterable[bytes]) -> list[str]:
        """The addresses of the static files that these pages name, of those that they load in turn, and so on."""
        names: dict[str, None] = {}
        waiting = [name for body in bodies for name in self._named(body)]
        while waiting:
            name = waiting.pop()
            if name in names or name not in self._static:
                continue
            names[name] = None
            if name.endswith((".js", ".css")):
                found = _LOADED.findall(self._static[name].body.decode())
                waiting += [
                    posixpath.normpath(posixpath.join(posixpath.dirname(name), each)) for each in found
                ]
        return sorted(map(self.url, names))

    def _named(self, body: bytes) -> list[str]:
        return re.findall(rf"/static/{self._static_version}/([\w./-]+)", body.decode())


def _found(files: dict[str, Prepared], name: str) -> Prepared:
    if name not in files:
        raise Refusal("not_found")
    return files[name]


def _version(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, body in sorted(files.items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
    return whole.hexdigest()[:12]


_CODE_OR_STYLE = re.compile(r'(?<=["])[\w/]+\.(?:css|js)(?=")')
# what a style or a module loads, seen from where it stands
_LOADED = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*|\burl\(\s*)["'](?!data:|/)([\w./-]+)["']"""
)
