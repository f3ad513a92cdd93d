"""The map and the list in the page of another site, and the page about the data, in a real Chromium."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.storage import merchants
from tests.axe import barriers
from tests.e2e.test_map import Fund, five_places, fund, new_page, page, tiles
from tests.web.test_feeds import lines_of

__all__ = ["fund", "new_page", "page", "tiles"]


class Elsewhere:
    """Another site, with a page of its own."""

    def __init__(self) -> None:
        pages: dict[str, str] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(pages.get(self.path, "").encode())

            def log_message(self, *_: object) -> None:
                pass

        self.pages = pages
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.server.shutdown()
    made.server.server_close()


def lines(page: Page, fund: Fund, how: str) -> str:
    page.goto(f"{fund.server.address}/donnees")
    return lines_of(page.content(), how)


def test_the_lines_to_copy_show_the_map_in_another_site(page: Page, fund: Fund, elsewhere: Elsewhere) -> None:
    fund.show(five_places)
    elsewhere.pages["/"] = f"<!doctype html><title>x</title>{lines(page, fund, 'html')}"
    page.goto(elsewhere.url)
    frame = page.frame_locator("iframe")
    expect(frame.locator(".place h4").first).to_be_visible()
    expect(frame.locator(".map .leaflet-marker-icon").first).to_be_visible()
    expect(frame.locator(".site-header")).to_have_count(0)
    frame.locator('a[href="#content"]').evaluate("link => link.click()")
    assert len(page.context.pages) == 1  # what leads further down stays here
    with page.context.expect_page() as opened:
        frame.locator(".place h4 a").first.click()
    assert "/lieux/" in opened.value.url
    assert page.url.startswith(elsewhere.url)


def test_searching_in_another_site_stays_there(page: Page, fund: Fund, elsewhere: Elsewhere) -> None:
    fund.show(five_places)
    elsewhere.pages["/search"] = f"<!doctype html><title>x</title>{lines(page, fund, 'html')}"
    page.goto(f"{elsewhere.url}/search")
    frame = page.frame_locator("iframe")
    expect(frame.locator("html[data-map=complete]")).to_be_visible()
    frame.locator("[name=produits][value=bread]").evaluate("box => box.click()")
    expect(frame.locator(".place h4")).to_have_text(["Commerce 1"])
    inside = page.frames[-1]
    assert inside.url.endswith("/embed?produits=bread")
    frame.locator(".start-again").evaluate("link => link.click()")
    expect(frame.locator(".place h4")).to_have_count(5)
    frame.locator("[name=texte]").fill("Commerce 2")
    frame.locator(".search").evaluate("form => form.submit()")  # as without scripts
    expect(frame.locator(".place h4")).to_have_text(["Commerce 2"])
    assert inside.url.startswith(f"{fund.server.address}/embed?")
    assert len(page.context.pages) == 1


@pytest.mark.parametrize("path", ["/", "/donnees", "/suggest", "/sign-in"])
def test_no_other_page_of_ours_is_shown_in_another_site(
    page: Page, fund: Fund, elsewhere: Elsewhere, path: str
) -> None:
    fund.show(five_places)
    elsewhere.pages["/framed"] = f"<iframe src='{fund.server.address}{path}'></iframe>"
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{elsewhere.url}/framed")
    assert any("frame-ancestors" in text for text in refused)


def test_another_site_reads_the_data_with_the_lines_to_copy(
    page: Page, fund: Fund, elsewhere: Elsewhere
) -> None:
    fund.show(five_places)
    code = lines(page, fund, "js")
    elsewhere.pages["/reads"] = (
        f"<script type=module>{code}; document.title = places.features.length;</script>"
    )
    page.goto(f"{elsewhere.url}/reads")
    expect(page).to_have_title("5")


@pytest.mark.parametrize("how", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 740}}])
def test_no_barrier_is_found_on_the_public_pages(new_page: Any, fund: Fund, how: dict[str, Any]) -> None:
    fund.show(five_places)
    with fund.database.read() as session:
        slug = merchants.public_places(session)[0].slug
    page = new_page(**how)
    for path in (
        "/embed",
        "/?texte=nulle+part",
        "/donnees",
        "/papier",
        "/suggest",
        "/suggest/thanks",
        "/lieux/inconnu",
        "/sign-in",
        f"/lieux/{slug}/report",
        f"/lieux/{slug}/thanks",
    ):
        page.goto(fund.server.address + path)
        assert barriers(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == page.evaluate("innerWidth"), path
    page.goto(f"{fund.server.address}/suggest")
    page.get_by_role("button", name="Proposer ce commerce").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert barriers(page) == [], "a refusal"
    fund.show(lambda *_: None)
    for path in ("/", "/embed", f"/lieux/{slug}"):
        page.goto(fund.server.address + path)
        assert barriers(page) == [], f"{path} when there is nothing"
