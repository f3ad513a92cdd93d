"""How soon the public map can be used on a slow phone, what it weighs, and what it costs the server, at four sizes;
beside folium's own FastMarkerCluster with the same points.

Tiles come from a server of ours, each a real picture of 256 pixels that takes 100 ms. A page's network and processor
are slowed by Chromium itself; its worker's are not.
"""

import contextlib
import gzip
import io
import random
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import folium
import pytest
from folium.plugins import FastMarkerCluster
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.bench.results import Figure, at_least, at_most, record
from tests.doses import SOAK, dose
from tests.land import Land

RUNS = dose(1, 5)
SIZES = (100, 1_000, 10_000, 100_000) if SOAK else (300,)
USABLE = {10_000: 1_300, 100_000: 2_000}  # ms
WEIGHT = 100  # kB before it can be used
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SLOWER = 4  # times, the processor
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "fr-FR",
}
COMMAND = "SOAK=1 pytest tests/bench/test_map.py"
NOTE = (
    f"Medians of {RUNS}, cold cache, slow 4G, a processor {SLOWER} times slower, a phone's screen. Usable: groups and"
    " pins stand on the map and answer. Bytes are the fund's own, compressed, until then; tiles (100 ms each) are not"
    " counted. FastMarkerCluster: folium 0.20's page with the same points in the same run, gzipped, its scripts from"
    " the same machine instead of CDNs, without Bootstrap and jQuery."
)
VENDOR = Path(__file__).parents[2] / "backend" / "web" / "static" / "vendor"
MODULES = Path(__file__).parents[1] / "node_modules"
STAND_INS = {"leaflet.awesome-markers.js": b"L.AwesomeMarkers = { icon: () => new L.Icon.Default() };"}
OURS = "document.documentElement?.dataset.map && document.querySelector('.map .leaflet-marker-icon')"
COMPLETE = "document.documentElement?.dataset.map === 'complete'"
THEIRS = "document.querySelector('.leaflet-marker-icon')"


# --- tiles, and folium's own map ---


class Elsewhere:
    """Tiles that take their time, and folium's page."""

    def __init__(self) -> None:
        tile = self._tile()
        self.files: dict[str, tuple[str, bytes]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                media, body = self.files.get(handler.path, ("image/png", tile))
                if media == "image/png":
                    time.sleep(0.1)
                packed = body if media == "image/png" else gzip.compress(body)
                handler.send_response(200)
                handler.send_header("Content-Type", media)
                handler.send_header("Content-Length", str(len(packed)))
                if media != "image/png":
                    handler.send_header("Content-Encoding", "gzip")
                handler.end_headers()
                with contextlib.suppress(ConnectionError):  # a page that was left
                    handler.wfile.write(packed)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _tile(self) -> bytes:
        """A picture as heavy as a tile of a town: some 20 kB."""
        chance = random.Random(1)
        small = Image.new("RGB", (96, 96))
        small.putdata([(230 - chance.randrange(60), 225 - chance.randrange(60), 210) for _ in range(96 * 96)])
        packed = io.BytesIO()
        small.resize((256, 256), Image.Resampling.NEAREST).save(packed, "PNG")
        return packed.getvalue()

    def folium_map(self, points: list[list[float]]) -> str:
        """The address of folium's map of these points."""
        drawn = folium.Map(
            (47.2, -1.6), zoom_start=9, tiles=f"{self.address}/{{z}}/{{x}}/{{y}}.png", attr="x"
        )
        FastMarkerCluster(points).add_to(drawn)  # type: ignore[no-untyped-call]
        html = drawn.get_root().render()
        for name, source in self._assets(html).items():
            html = html.replace(source, f"{self.address}/{name}")
        self.files["/folium"] = ("text/html", html.encode())
        return f"{self.address}/folium"

    def _assets(self, html: str) -> dict[str, str]:
        named = re.findall(r'(?:src|href)="(https://[^"]+)"', html)
        local = {
            "leaflet.js": VENDOR / "leaflet.js",
            "leaflet.css": VENDOR / "leaflet.css",
            "leaflet.markercluster.js": MODULES
            / "leaflet.markercluster"
            / "dist"
            / "leaflet.markercluster.js",
            "MarkerCluster.css": MODULES / "leaflet.markercluster" / "dist" / "MarkerCluster.css",
        }
        found = {}
        for source in named:
            name = Path(urlsplit(source).path).name
            media = "text/css" if name.endswith(".css") else "text/javascript"
            self.files[f"/{name}"] = (
                media,
                local[name].read_bytes() if name in local else STAND_INS.get(name, b""),
            )
            found[name] = source
        return found

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.close()


# --- measuring ---


@dataclass
class Opened:
    """One first visit. `kilobytes`: of the fund's files until it could be used."""

    ready: float
    kilobytes: float
    complete: float = 0.0


def opened(chromium: Browser, address: str, ready: str, complete: str = "") -> Opened:
    """A first visit on a slow phone."""
    with chromium.new_context(**PHONE) as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        ours, weights = set[str](), list[tuple[float, float]]()
        host = urlsplit(address).netloc

        def sent(event: Any) -> None:
            path = urlsplit(event["request"]["url"])
            if path.netloc == host and not path.path.endswith(".png"):
                ours.add(event["requestId"])

        def done(event: Any) -> None:
            if event["requestId"] in ours:
                weights.append((event["timestamp"], event["encodedDataLength"]))

        session.on("Network.requestWillBeSent", sent)
        session.on("Network.loadingFinished", done)
        page.add_init_script(watch("ready", ready) + (watch("complete", complete) if complete else ""))
        page.goto(address, wait_until="commit", timeout=120_000)
        found = page.evaluate("window.ready")
        finished = page.evaluate("window.complete") if complete else 0.0
        first = page.evaluate("performance.timeOrigin")
        page.wait_for_timeout(0)
        began = _began(session, page)
        before = sum(size for at, size in weights if (at - began) * 1000 <= found)
        assert first
        return Opened(found, before / 1000, finished)


def _began(session: Any, page: Page) -> float:
    """When the page began, on the clock of the events."""
    session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    began: float = metrics["NavigationStart"]
    return began


def watch(name: str, condition: str) -> str:
    return (
        f"window.{name} = new Promise((done) => {{ const look = () => {{"
        f" if ({condition}) done(performance.now()); else requestAnimationFrame(look); }}; look(); }});"
    )


FRAMES = """async () => {
  const frames = []; let on = true;
  const count = (at) => { frames.push(at); if (on) requestAnimationFrame(count); };
  requestAnimationFrame(count);
  await new Promise((done) => { window.stopCounting = () => { on = false; done(); }; });
  const gaps = frames.slice(1).map((at, rank) => at - frames[rank]).sort((a, b) => a - b);
  return { fps: 1000 * gaps.length / (frames.at(-1) - frames[0]), p95: gaps[Math.floor(gaps.length * 0.95)] };
}"""


def panned(chromium: Browser, address: str) -> dict[str, float]:
    """Frames while the map is moved and zoomed, the processor slowed."""
    with chromium.new_context(viewport=PHONE["viewport"], locale="fr-FR") as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        page.add_init_script(watch("complete", COMPLETE))
        page.goto(address)
        page.evaluate("window.complete")
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.locator(".map").scroll_into_view_if_needed()
        box = page.locator(".map").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.6
        page.evaluate(f"window.frames_ = ({FRAMES})(); 0")
        for turn in range(6):
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + (60, -60)[turn % 2], y + (40, -40)[turn % 2], steps=40)
            page.mouse.up()
            if turn == 3:
                page.get_by_role("button", name="Rapprocher", exact=True).click()
        page.evaluate("window.stopCounting()")
        found: dict[str, float] = page.evaluate("window.frames_")
        return found


def answered(address: str) -> tuple[float, str]:
    """Milliseconds of one answer, and its ETag."""
    started = time.perf_counter()
    request = urllib.request.Request(address, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
        return (time.perf_counter() - started) * 1000, str(answer.headers["ETag"])


def cached_cpu(land: Land, times: int) -> float:
    """Milliseconds of the server's processor for a page that it has."""
    answered(f"{land.server.address}/")
    before = land.server.cpu_seconds()
    for _ in range(times):
        answered(f"{land.server.address}/")
    return (land.server.cpu_seconds() - before) * 1000 / times


def rebuilt(land: Land, name: str) -> tuple[float, float]:
    """Milliseconds from an edit until its bytes are out, and the longest that a reader waited meanwhile."""
    address = (
        f"{land.server.address}/carte.js" if land.count > 20_000 else f"{land.server.address}/lieux.json"
    )
    _, before = answered(address)
    land.rename(name)
    started, longest, tag = time.perf_counter(), 0.0, before
    while tag == before and time.perf_counter() - started < 60:
        answer = answered(f"{land.server.address}/")
        longest = max(longest, answer[0])
        _, tag = answered(address)
    return (time.perf_counter() - started) * 1000, longest


# --- the benchmark ---


@pytest.mark.parametrize("count", SIZES)
def test_the_map(chromium: Browser, elsewhere: Elsewhere, tmp_path: Path, count: int) -> None:
    land = Land(tmp_path / "land", count, f"{elsewhere.address}/{{z}}/{{x}}/{{y}}.png")
    try:
        address = f"{land.server.address}/"
        ours = [opened(chromium, address, OURS, COMPLETE) for _ in range(RUNS)]
        theirs = [opened(chromium, elsewhere.folium_map(land.points), THEIRS) for _ in range(min(RUNS, 3))]
        frames = panned(chromium, address)
        cpu = cached_cpu(land, dose(20, 200))
        edits = [rebuilt(land, f"Épicerie {rank} renommée") for rank in range(min(RUNS, 3))]
    finally:
        land.close()
    weight = median(each.kilobytes for each in ours)
    assert 0 < weight <= WEIGHT, "kB before the map can be used"
    ready = median(each.ready for each in ours)
    figures = [
        at_most("usable", ready, USABLE.get(count, 1_300), "ms"),
        at_most("before it can be used", weight, WEIGHT, "kB"),
        Figure("all places there", f"{median(each.complete for each in ours):,.0f} ms"),
        Figure("FastMarkerCluster: usable", f"{median(each.ready for each in theirs):,.0f} ms"),
        Figure(
            "FastMarkerCluster: before it can be used", f"{median(each.kilobytes for each in theirs):,.1f} kB"
        ),
        at_least("frames while it is moved and zoomed", frames["fps"], 30, "/s")
        if count <= 10_000
        else Figure("frames while it is moved and zoomed", f"{frames['fps']:,.1f} /s"),
        at_most("server's processor for a page it has", cpu, 5, "ms"),
        at_most("rebuilt after an edit", median(edit[0] for edit in edits), 1_000, "ms")
        if count <= 10_000
        else Figure("rebuilt after an edit", f"{median(edit[0] for edit in edits):,.0f} ms"),
        Figure("longest wait of a reader meanwhile", f"{max(edit[1] for edit in edits):,.1f} ms"),
    ]
    record(f"Map, {count:,} places", COMMAND, figures, NOTE)
