"""A phone as the server meets it: it joins, writes entries, sends them and its photos, and follows its cursor."""

import hashlib
import io
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from PIL import Image

from backend.domain import ids

APP = "test"
Entry = dict[str, Any]


class Phone:
    """One device. `http`: a client whose base address is the server's (or a TestClient)."""

    def __init__(self, http: httpx2.Client, device_key: str) -> None:
        self.http, self.device_key = http, device_key
        self.people: list[str] = []
        self.cursor, self.epoch = 0, ""
        self.seen: dict[str, Mapping[str, Any]] = {}  # records received, by entry id
        self.kept: dict[str, Entry] = {}  # what it wrote and sent, in case the server loses it
        self._above: str | None = None

    def join(self, code: str) -> httpx2.Response:
        answer = self.http.post("/api/devices", json={"code": code, "device_key": self.device_key})
        if answer.status_code == 201:
            self.people = [person["id"] for person in answer.json()["people"]]
        return answer

    @property
    def owner(self) -> str:
        return self.people[0]

    # --- writing ---

    def entry(self, kind: str, visit: str | None, **keys: Any) -> Entry:
        """A new entry of this phone's owner (or of `author`), as the app writes it."""
        self._above = ids.mint(time.time_ns() // 1_000_000, secrets.randbits(74), self._above)
        entry = {
            "id": self._above,
            "v": 1,
            "kind": kind,
            "author": self.owner,
            "at": "2026-11-24T14:30:00+01:00",
            "app": APP,
        }
        return entry | ({"visit": visit} if visit else {}) | keys

    def start(self, visit: str, grid: str, mode: str = "one_phone") -> Entry:
        return self.entry("visit_started", visit, grid=grid, mode=mode, present=self.people)

    def choose(self, visit: str, criterion: str, choice: Any, sheet: str = "duo", **keys: Any) -> Entry:
        return self.entry(
            "choice_made",
            visit,
            sheet=sheet,
            criterion=criterion,
            choice=choice,
            **({"supersedes": []} | keys),
        )

    def attach(self, visit: str, photo: bytes, sheet: str = "duo", criterion: str | None = None) -> Entry:
        return self.entry(
            "photo_attached",
            visit,
            sheet=sheet,
            criterion=criterion,
            sha256=sha256(photo),
            bytes=len(photo),
            media="image/jpeg",
            caption="",
        )

    def close(self, visit: str, entries: Sequence[Entry], photos: Sequence[bytes] = ()) -> Entry:
        return self.entry(
            "visit_closed",
            visit,
            entries=[entry["id"] for entry in entries],
            photos=[sha256(photo) for photo in photos],
        )

    def whole_visit(
        self, visit: str, grid: str, criteria: Sequence[str], photos: Sequence[bytes] = ()
    ) -> list[Entry]:
        """Started, every criterion answered, photos attached, closed."""
        made = [self.start(visit, grid)]
        made += [self.choose(visit, criterion, n % 4) for n, criterion in enumerate(criteria)]
        made += [self.attach(visit, photo) for photo in photos]
        return [*made, self.close(visit, made, photos)]

    # --- sending ---

    def post(self, entries: Sequence[Any], **more: Any) -> httpx2.Response:
        """One request, as it is; nothing is remembered of its answer."""
        return self.http.post("/api/journal", json={"entries": entries, "cursor": self.cursor, **more})

    def send(self, *entries: Entry) -> Any:
        """Send, take in all the news there is, and return the receipt of what was sent.

        A server that tells a new epoch was restored from a backup: it is sent all that is kept again.
        """
        known = self.epoch
        self.kept |= {entry["id"]: entry for entry in entries}
        answer = self.post(entries, **({"epoch": self.epoch} if self.epoch else {}))
        assert answer.status_code == 200, answer.text
        receipt = answer.json()
        self._take_in(receipt)
        more = receipt["more"]
        while more:
            further = self.post([]).json()
            self._take_in(further)
            more = further["more"]
        if known not in ("", self.epoch):
            return self.send(*self.kept.values())
        return receipt

    def _take_in(self, receipt: Mapping[str, Any]) -> None:
        self.cursor, self.epoch = receipt["cursor"], receipt["epoch"]
        for record in receipt["entries"]:
            self.seen[record["entry"]["id"]] = record

    def put(self, photo: bytes, name: str | None = None) -> httpx2.Response:
        return self.http.put(f"/api/photos/{name or sha256(photo)}", content=photo)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def picture(shade: int = 0, side: int = 32) -> bytes:
    """A small JPEG, another one for each of 2²⁴ shades."""
    out = io.BytesIO()
    colour = (shade >> 16 & 255, shade >> 8 & 255, shade & 255)
    image = Image.new("RGB", (side, side), colour)
    image.save(out, "JPEG", quality=90, comment=str(shade).encode())
    return out.getvalue()
