"""What the field app weighs on its first visit, when it is ready on a slow phone, and how soon it opens again offline.

A page's network and processor are slowed by Chromium itself; its service worker's are not.
"""

from collections.abc import Callable
from statistics import median

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from backend.web.house import House
from tests.bench.results import Figure, at_most, record
from tests.doses import dose
from tests.e2e.field_app import PHONE, answer, begin, join
from tests.e2e.weight import needed_at_start, nothing_else_comes
from tests.recording import Recorder
from tests.servers import Server
from tests.town import Town, code_for

RUNS = dose(1, 5)
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SLOWER = 4  # times, the processor
COMMAND = "SOAK=1 pytest tests/bench/test_field_app.py"
NOTE = (
    f"Medians of {RUNS}. Before the first criterion: the bodies of the files and answers with which it was answered,"
    " all others refused. Ready: a heading of the app is there."
)

# the app draws everything: its first heading is there once it can be used
WATCH = """
window.readyAfter = new Promise((ready) => {
  const look = () => {
    if (document.querySelector('#app h1')) ready(performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""


def ready_after(page: Page, address: str) -> float:
    """Open the app, and give the milliseconds until it was ready."""
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    found: float = page.evaluate("window.readyAfter")
    return found


def slowed(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


@pytest.fixture
def new_phone(chromium: Browser) -> Callable[..., BrowserContext]:
    return lambda **how: chromium.new_context(**(PHONE | how))


def before_the_first_criterion(context: BrowserContext, address: str, code: str) -> tuple[int, int]:
    """The compressed bytes of the files, then of the fund's answers, with which the first criterion is answered."""
    needed = needed_at_start(address)
    answers = nothing_else_comes(context, needed)
    page = context.new_page()
    page.goto(f"{address}/app/#code={code}")
    begin(page)
    answer(page)
    context.unroute_all(behavior="wait")
    return sum(needed.values()), sum(answers)


def whole_app(context: BrowserContext, port: int) -> tuple[int, int]:
    """The compressed bytes and the number of answers until all of the app is kept, counted on the wire."""
    recorder = Recorder()
    recorder.to = port
    with recorder.running():
        page = context.new_page()
        page.goto(f"{recorder.address}/app/", wait_until="networkidle")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_load_state("networkidle")
        page.close()
    assert any(request.target.endswith("/sw.js") for request in recorder.requests)
    return recorder.answered, len(recorder.requests)


def ready_online(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    session = slowed(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    return ready_after(page, address)


def ready_offline(context: BrowserContext, address: str, code: str) -> float:
    """After one visit, by the invitation's link."""
    join(context.new_page(), address, code).close()
    context.set_offline(True)
    page = context.new_page()
    slowed(page)
    found = ready_after(page, f"{address}/app/")
    expect(page.get_by_role("heading", name="Mes visites")).to_be_visible()
    return found


def test_the_field_app(
    new_phone: Callable[..., BrowserContext], home: House, town: Town, live_server: Server
) -> None:
    address, online, offline = f"{live_server.address}/app/", [], []
    for _ in range(RUNS):
        with new_phone() as phone:
            online.append(ready_online(phone, address))
        with new_phone() as phone:
            offline.append(ready_offline(phone, live_server.address, code_for(home, town.amina)))
    with new_phone(service_workers="block") as phone:
        files, answers = before_the_first_criterion(phone, live_server.address, code_for(home, town.amina))
    with new_phone() as phone:
        weight, requests = whole_app(phone, live_server.port)
    figures = [
        at_most("before the first criterion, compressed", (files + answers) / 1000, 60, "kB"),
        Figure(
            f"the whole app, kept for the days without a network, {requests} answers",
            f"{weight / 1000:,.1f} kB",
        ),
        at_most("ready, slow 4G and a processor 4 times slower", median(online), 1500, "ms"),
        at_most("open again offline, a processor 4 times slower", median(offline), 400, "ms"),
    ]
    record("Field app", COMMAND, figures, NOTE)
