"""Every page of the staff, for everyone: in the light and in the dark, on a desk and on a narrow phone."""

from playwright.sync_api import Browser

from backend.web.house import House
from tests.axe import barriers, by_day_and_by_night
from tests.e2e.office import DESK, at_desk, sticking_out, sticking_out_in_large
from tests.servers import Server
from tests.town import Town
from tests.web.test_roles import PAGES, QUERIES, World, world

__all__ = ["world"]

FILES = ("/file", "/documents/{document}", ".zip", ".{form}", "/{size}", ".pdf", ".ics")
SHOWN = sorted(
    page.removeprefix("GET ") for page in PAGES if page.startswith("GET ") and not page.endswith(FILES)
)


def test_every_page_is_accessible_and_fits(
    chromium: Browser, home: House, town: Town, world: World, live_server: Server
) -> None:
    context = chromium.new_context(**DESK, bypass_csp=True)  # for axe to come in
    page = at_desk(context, home, live_server, town.nour)
    faults = []
    for path in SHOWN:
        page.set_viewport_size({"width": 1280, "height": 800})
        answer = page.goto(
            live_server.address + (path + QUERIES.get(f"GET {path}", "")).format(**world.names)
        )
        assert answer is not None
        assert answer.status in (200, 422), path  # a page may say that it is too late for its form
        faults += [(path, fault) for fault in by_day_and_by_night(page)]
        if found := sticking_out(page, 320):
            faults.append((path, "wider than 320 px", found))
        faults += [(path, "at 320 px", fault) for fault in barriers(page)]
        if found := sticking_out_in_large(page, 360):
            faults.append((path, "wider than 360 px with texts at 200 %", found))
    context.close()
    assert faults == [], "\n".join(map(str, faults))
