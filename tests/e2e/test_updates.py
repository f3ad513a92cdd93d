"""New versions of the field app, served from copies of its folder: offered, never imposed on an open visit."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.web.house import House
from tests.e2e.field_app import NewPhone, answer, begin, go_on, join
from tests.servers import ROOT, Server
from tests.town import Town, code_for


def release(folder: Path, name: str, migrates: bool = False) -> Path:
    """A copy of the whole project as a later version: its list of visits is called `name`."""
    made = folder / name
    for part in ("backend", "pwa", "criteria"):
        shutil.copytree(ROOT / part, made / part, ignore=shutil.ignore_patterns("__pycache__"))
    view = made / "pwa" / "views" / "visits.js"
    view.write_text(view.read_text().replace("t('Mes visites')", f"t('Mes visites {name}')"))
    if migrates:
        steps = made / "pwa" / "store" / "migrations.js"
        steps.write_text(
            re.sub(r"\];\s*$", f"  (db) => void db.createObjectStore('of {name}'),\n];\n", steps.read_text())
        )
    return made


def move_on(server: Server, folder: Path) -> None:
    """The fund's server goes on with another version, at the same address."""
    server.stop()
    server.folder = folder
    server.start()


def look_for_update(page: Page) -> None:
    """What a browser does by itself when a page is opened or comes back, once a version is new."""
    page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.getRegistration();
          await registration.update();
          const coming = registration.installing;
          if (coming) await new Promise((there) => coming.addEventListener('statechange', there));
        }"""
    )


def take_update(page: Page, title: str) -> None:
    page.get_by_role("button", name="Prendre la nouvelle version").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def version_of(page: Page) -> Any:
    """The version whose code this page runs."""
    return page.evaluate("document.querySelector('script[type=module]').src.split('/')[4]")


def kept_versions(page: Page) -> set[str]:
    return set(page.evaluate("caches.keys()"))


@pytest.fixture
def amina_page(phone: NewPhone, home: House, town: Town, live_server: Server) -> Page:
    return join(phone().new_page(), live_server.address, code_for(home, town.amina))


@pytest.fixture
def releases(tmp_path: Path) -> dict[str, Path]:
    return {
        "deux": release(tmp_path, "deux"),
        "trois": release(tmp_path, "trois"),
        "quatre": release(tmp_path, "quatre", migrates=True),
    }


def test_two_tabs_with_an_open_visit_pass_from_version_to_version_without_losing_a_tap(
    amina_page: Page, live_server: Server, releases: dict[str, Path]
) -> None:
    one = amina_page
    begin(one)
    answer(one, level=1)
    other = one.context.new_page()
    other.goto(one.url)
    expect(other.locator(".level[aria-pressed=true]")).to_have_count(1)
    first = version_of(other)

    for name in ("deux", "trois"):
        move_on(live_server, releases[name])
        look_for_update(one)
        expect(other.get_by_text("Une nouvelle version")).to_have_count(0)
        one.get_by_role("link", name=re.compile("sur 15")).click()
        one.get_by_role("link", name="Visites").click()
        take_update(one, f"Mes visites {name}")
        one.get_by_role("link", name="Continuer").click()
        expect(one.locator(".level")).not_to_have_count(0)
        assert version_of(one) != first
        assert version_of(other) == first

    # the tab that stayed in the visit still runs what it began with, and finds the rest of it
    answer(other, level=2)
    go_on(other, 1)
    answer(other, level=3)
    there = other.evaluate(
        f"import('/app/{first}/views/trouble.js').then(({{ trouble }}) => trouble.title({{}}))"
    )
    assert there == "La caisse"
    assert f"caisse-commune-{first}" in kept_versions(other)
    expect(other.get_by_text("Tout est reçu")).to_be_visible()

    other.get_by_role("link", name="2 sur 15").click()
    other.get_by_role("link", name="Visites").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Mes visites trois")
    expect(other.get_by_text("2 réponses sur 15")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text("Mes visites trois")
    other.wait_for_function("caches.keys().then((names) => names.length === 1)")


def test_a_remark_being_typed_in_another_tab_is_neither_cut_nor_doubled_by_an_update(
    amina_page: Page, live_server: Server, releases: dict[str, Path]
) -> None:
    one = amina_page
    begin(one)
    other = one.context.new_page()
    other.goto(one.url)
    box = other.get_by_label("Une remarque")
    box.press_sequentially("Une marche")
    move_on(live_server, releases["deux"])
    look_for_update(one)
    one.goto(f"{live_server.address}/app/")
    take_update(one, "Mes visites deux")
    box.press_sequentially(" à l’entrée")
    expect(box).to_have_value("Une marche à l’entrée")
    other.get_by_role("link", name="1 sur 15").click()
    other.get_by_role("link", name="Visites").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Mes visites deux")
    other.get_by_role("link", name="Continuer").click()
    expect(other.get_by_label("Une remarque")).to_have_value("Une marche à l’entrée")


def test_a_version_that_changes_the_database_waits_for_the_visit_open_in_another_tab(
    amina_page: Page, live_server: Server, releases: dict[str, Path]
) -> None:
    one = amina_page
    begin(one)
    other = one.context.new_page()
    other.goto(one.url)
    answer(other, level=1)
    move_on(live_server, releases["quatre"])
    look_for_update(one)
    one.get_by_role("link", name="1 sur 15").click()
    one.get_by_role("link", name="Visites").click()
    take_update(one, "La caisse est ouverte dans un autre onglet")
    go_on(other, 1)
    answer(other, level=2)
    other.get_by_role("link", name="2 sur 15").click()
    other.get_by_role("link", name="Visites").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Mes visites quatre")
    expect(one.get_by_role("heading", level=1)).to_have_text("Mes visites quatre")
    expect(one.get_by_text("2 réponses sur 15")).to_be_visible()


def test_a_database_from_a_later_version_explains_itself_to_older_code(
    amina_page: Page, live_server: Server, releases: dict[str, Path]
) -> None:
    page = amina_page
    begin(page)
    answer(page)
    page.get_by_role("link", name="1 sur 15").click()
    page.get_by_role("link", name="Visites").click()
    move_on(live_server, releases["quatre"])
    look_for_update(page)
    take_update(page, "Mes visites quatre")
    move_on(live_server, ROOT)
    look_for_update(page)
    take_update(page, "Cette page est trop ancienne")
    expect(page.get_by_text("Tout ce qu’elle a gardé est intact.")).to_be_visible()
    move_on(live_server, releases["quatre"])
    look_for_update(page)
    page.get_by_role("button", name="Rouvrir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes visites quatre")
    expect(page.get_by_text("1 réponse sur 15")).to_be_visible()
