"""What the field app needs before the first question can be answered, and what it weighs compressed."""

import re
from urllib.parse import urljoin, urlsplit

import brotli
import httpx2
from playwright.sync_api import APIResponse, BrowserContext, Route

LINKED = re.compile(r'(?:href|src)="([^"]+)"')


def needed_at_start(address: str) -> dict[str, int]:
    """The paths that the page names itself, with the compressed bytes of each. The rest of the app comes later."""
    with httpx2.Client(base_url=address, headers={"Accept-Encoding": "br"}) as http:
        page = http.get("/app/").text
        paths = {"/app/", "/app/icons/basket.svg", *(urljoin("/app/", name) for name in LINKED.findall(page))}
        return {path: _compressed(http, path) for path in sorted(paths)}


def _compressed(http: httpx2.Client, path: str) -> int:
    with http.stream("GET", path) as answer:
        assert answer.status_code == 200, path
        return sum(len(chunk) for chunk in answer.iter_raw())


def _as_sent(answer: APIResponse) -> int:
    """Playwright gives bodies decompressed: as the fund compresses what is made for one phone."""
    packed = answer.headers.get("content-encoding") == "br"
    return len(brotli.compress(answer.body(), quality=5)) if packed else len(answer.body())


def nothing_else_comes(context: BrowserContext, needed: dict[str, int]) -> list[int]:
    """Let only these files and the fund's answers through; gives the bytes of those answers as they come."""
    answers: list[int] = []

    def judge(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/api/"):
            found = route.fetch()
            answers.append(_as_sent(found))
            route.fulfill(response=found)
        elif path in needed:
            route.continue_()
        else:
            route.abort()

    context.route("**/*", judge)
    return answers
