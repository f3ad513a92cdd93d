"""What the feeds cost the server: whole, when the caller has them, since a moment, and made anew after an edit."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from backend.web.feeds import ATOM, MEDIA
from tests.bench.results import Figure, at_most, record
from tests.doses import dose
from tests.land import Land

COUNT = dose(300, 10_000)
TIMES = dose(20, 300)
PATIENCE = 120  # seconds
WHOLE = "/donnees/lieux.geojson"
CACHED = 5  # ms of the server's processor
COMMAND = "SOAK=1 pytest tests/bench/test_feeds.py"
NOTE = f"Means of {TIMES} requests, as brotli; made anew: one request after an edit, until its bytes have changed."


def asked(land: Land, path: str, tag: str = "") -> tuple[int, str]:
    """One answer: its status and its ETag."""
    headers = {"Accept-Encoding": "br", **({"If-None-Match": tag} if tag else {})}
    request = urllib.request.Request(land.server.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
            return answer.status, answer.headers["ETag"]
    except urllib.error.HTTPError as answer:
        if answer.code != 304:
            raise
        return answer.code, tag


def cost(land: Land, path: str, tag: str = "", times: int = TIMES) -> float:
    """Milliseconds of the server's processor for one request."""
    before = land.server.cpu_seconds()
    for _ in range(times):
        status, _tag = asked(land, path, tag)
        assert status == (304 if tag else 200)
    return (land.server.cpu_seconds() - before) * 1000 / times


def anew(land: Land, path: str, name: str) -> tuple[float, float]:
    """Milliseconds of the server's processor, and of a clock, until an edit is in a feed."""
    _status, tag = asked(land, path)
    before, started = land.server.cpu_seconds(), time.perf_counter()
    land.rename(name)
    while asked(land, path, tag)[0] == 304:
        assert time.perf_counter() - started < PATIENCE, "the edit is not in the feed"
        time.sleep(0.02)
    return (land.server.cpu_seconds() - before) * 1000, (time.perf_counter() - started) * 1000


@pytest.mark.parametrize("name", MEDIA)
def test_a_feed(tmp_path: Path, name: str) -> None:
    land = Land(tmp_path / "land", COUNT)
    path = f"/donnees/{name}"
    try:
        started = time.perf_counter()
        _status, tag = asked(land, path)
        first = (time.perf_counter() - started) * 1000
        same, whole = cost(land, path, tag), cost(land, path)
        nothing = cost(land, f"{path}?since=2099-01-01", times=dose(5, 20))
        # what is new is not what was edited: the feed of new shops is made anew with the others
        processor, clock = anew(land, path if name != ATOM else WHOLE, f"Épicerie de {name}")
        paper = cost(land, "/papier", times=dose(5, 50))
    finally:
        land.close()
    figures = [
        at_most("one that the caller has (304)", same, CACHED, "ms"),
        at_most("one that the server has (200)", whole, CACHED, "ms"),
        Figure("what changed since a moment, nothing", f"{nothing:,.1f} ms"),
        Figure("the first after a start, by the clock", f"{first:,.0f} ms"),
        Figure("made anew after an edit, processor", f"{processor:,.0f} ms"),
        Figure("made anew after an edit, by the clock", f"{clock:,.0f} ms"),
        at_most("the page of what is on paper", paper, CACHED, "ms"),
    ]
    record(f"Feed {name}, {COUNT:,} places", COMMAND, figures, NOTE)
