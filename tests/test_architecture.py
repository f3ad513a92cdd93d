"""Who may import whom, in Python and in JavaScript, and that nothing we serve leads to a stranger."""

import ast
import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import grimp
import pytest
from importlinter import cli as import_linter
from starlette.testclient import TestClient

from backend.web.house import House
from tests.town import Town

ROOT = Path(__file__).parent.parent
PWA = ROOT / "pwa"


# --- Python -------------------------------------------------------------------------------------


def test_the_layers_import_downwards_only(capsys: pytest.CaptureFixture[str]) -> None:
    found = import_linter.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert found == 0, capsys.readouterr().out


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("backend", include_external_packages=True, cache_dir=None)


def importers_of(package: str) -> set[str]:
    """Our modules that import this outside package."""
    return graph().find_modules_that_directly_import(package) if package in graph().modules else set()


@pytest.mark.parametrize("package", ["starlette", "jinja2", "uvicorn", "multipart"])
def test_the_web_stays_in_web(package: str) -> None:
    outside = {
        module
        for module in importers_of(package)
        if not module.startswith("backend.web.") and module not in ("backend.app", "backend.cli")
    }
    assert outside == set()


@pytest.mark.parametrize(
    ("package", "adapter"),
    [
        ("geopy", "backend.geocoding"),
        ("folium", "backend.mapping"),
        ("branca", "backend.mapping"),
        ("PIL", "backend.photos backend.previews"),  # what comes in, and what we draw
        ("obstore", "backend.photos"),
        ("weasyprint", "backend.printing"),
        ("smtplib", "backend.mail"),
        ("icalendar", "backend.calendars"),
    ],
)
def test_each_outside_thing_has_one_adapter(package: str, adapter: str) -> None:
    ours = {module for module in importers_of(package) if module != "backend.demo"}  # it draws its photos
    assert ours == set(adapter.split())


@pytest.mark.parametrize("package", ["sqlalchemy", "sqlmodel", "alembic", "pysqlite3", "psycopg", "sqlite3"])
def test_sql_stays_in_storage(package: str) -> None:
    """Elsewhere only the `Session` that is handed on."""
    for module in importers_of(package):
        if not module.startswith("backend.storage"):
            lines = {
                detail["line_contents"]
                for detail in graph().get_import_details(importer=module, imported=package)
            }
            assert lines == {"from sqlmodel import Session"}, module


DOMAIN = sorted((ROOT / "backend" / "domain").glob("*.py"))
IO = {
    "os", "io", "sys", "pathlib", "time", "socket", "subprocess", "shutil", "tempfile", "threading", "asyncio",
    "urllib.request", "http", "random", "secrets", "logging", "structlog", "glob", "uuid", "requests", "httpx",
}  # fmt: skip
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


@pytest.mark.parametrize("file", DOMAIN, ids=lambda file: file.name)
def test_the_domain_does_no_io_and_has_no_clock(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & IO, file.name
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in IO, file.name
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "print", "input"), file.name
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in CLOCKS, file.name


def test_only_the_settings_read_the_environment() -> None:
    for file in (ROOT / "backend").rglob("*.py"):
        if file.name != "settings.py":
            assert not re.search(r"os\.environ|os\.getenv", file.read_text()), file


# --- JavaScript ---------------------------------------------------------------------------------

MAY_IMPORT = {
    "domain": {"domain"},
    "store": {"store", "domain", "vendor"},
    "sync": {"sync", "domain", "vendor"},
    "state": {"state", "domain"},
    "actions": {"actions", "domain", "sync", "vendor", "text.js", "routes.js"},
    "views": {"views", "domain", "vendor", "text.js", "routes.js"},
}
WIRING = {"app.js", "sw.js", "vendor"}  # what is vendored is copied as it is


def scripts() -> list[Path]:
    return sorted(file for file in PWA.rglob("*.js"))


def imported(file: Path) -> set[str]:
    """What a module imports, at once or later, as paths in `pwa/`; types named in comments aside."""
    code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", file.read_text(), flags=re.S | re.M)
    named = re.findall(r"""(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]""", code)
    folder = file.parent.relative_to(PWA).as_posix()
    return {posixpath.normpath(posixpath.join(folder, name)) for name in named}


@pytest.mark.parametrize("file", scripts(), ids=lambda file: file.relative_to(PWA).as_posix())
def test_the_phones_modules_keep_to_their_place(file: Path) -> None:
    where = file.relative_to(PWA).parts[0]
    if where in WIRING:
        return
    ours = {other.relative_to(PWA).as_posix().split("/")[0] for other in scripts()}
    beside = {name for name in ours if name.endswith(".js")} - WIRING  # small modules that wire nothing
    allowed = MAY_IMPORT.get(where, beside | {"domain"})
    for target in imported(file):
        assert target.split("/")[0] in allowed, f"{file.relative_to(PWA)} imports {target}"
        assert (PWA / target).exists(), target


def test_the_imports_are_seen() -> None:
    assert imported(PWA / "domain" / "journal.js") | imported(PWA / "app.js") >= {"vendor/lit-html.js"}


# --- strangers ----------------------------------------------------------------------------------

NAMES_NOT_PLACES = {"www.w3.org"}  # namespaces: nothing is fetched from there


def hosts(text: str) -> set[str]:
    without_comments = re.sub(r"/\*.*?\*/|<!--.*?-->|^\s*//.*?$", "", text, flags=re.S | re.M)
    named = re.findall(r"(?:https?:|wss?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+", without_comments, re.I)
    return {urlsplit(url).netloc.lower() for url in named} - NAMES_NOT_PLACES


def served_files(home: House) -> dict[str, str]:
    files = {**home.assets._app, **home.assets._static}
    return {
        name: prepared.body.decode()
        for name, prepared in files.items()
        if prepared.brotli is not None  # text
    }


def test_no_file_we_serve_names_a_strangers_host(home: House) -> None:
    named = {name: hosts(text) for name, text in served_files(home).items()}
    assert {name for name, found in named.items() if found} <= {"vendor/leaflet.js", "leaflet-all.js"}
    # Leaflet signs its maps with a link to itself: nothing is fetched, and our map takes the signature off
    assert named["vendor/leaflet.js"] | named["leaflet-all.js"] <= {"leafletjs.com"}
    assert "prefix: false" in home.assets.page_file("map-layer.js").body.decode()


@pytest.mark.parametrize("page", ["/", "/app/", "/carte.js", "/sign-in", "/problemes/not_found", "/nowhere"])
def test_no_page_names_a_strangers_host_but_the_tile_servers(
    client: TestClient, home: House, town: Town, page: str
) -> None:
    tiles = urlsplit(home.settings.tile_url).netloc
    answer = client.get(page)
    assert hosts(answer.text) <= {tiles}
    if "text/html" not in answer.headers["content-type"]:
        return
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert hosts(policy) <= {tiles}
