"""Documentation is a test: what the README and the glossary name must exist."""

import argparse
import re
from pathlib import Path

from backend import cli
from backend.domain.errors import CATALOGUE
from backend.settings import Settings
from backend.web.routes import SITEMAP

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
GLOSSARY = (ROOT / "criteria" / "GLOSSARY.md").read_text()


def commands(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> set[str]:
    found = {" ".join(path)}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                found |= commands(inner, (*path, name))
    return found


def test_every_make_target_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert named >= {"demo", "test"}
    assert named <= targets


def test_every_command_the_readme_names_exists() -> None:
    known = commands(cli._parser())
    leaves = {one for one in known if one and not any(other.startswith(one + " ") for other in known)}
    named = re.findall(r"python -m backend ([a-z]+)(?: ([a-z]+)\b)?", README)
    assert named
    for command, inner in named:
        assert command in leaves or f"{command} {inner}" in leaves, (command, inner)


def test_the_readme_lists_every_setting_and_no_other() -> None:
    named = re.findall(r"^\| `([A-Z_]+)` \|", README, re.M)
    assert named == [name.upper() for name in Settings.model_fields]


def test_every_setting_is_explained_in_the_readme_as_in_the_code() -> None:
    for name, field in Settings.model_fields.items():
        assert f"| `{name.upper()}` |" in README
        assert str(field.description) in README


def test_every_address_the_readme_names_is_on_the_sitemap() -> None:
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^ ]*", line.path) + "$") for line in SITEMAP]
    named = set(re.findall(r"`(/[a-z/_-]*)`", README))
    assert named
    for path in named:
        assert any(pattern.match(path) for pattern in patterns), path


def test_every_problem_type_the_readme_names_is_in_the_catalogue() -> None:
    named = re.findall(r"/problemes/([a-z_]+)", README)
    assert named
    assert set(named) <= set(CATALOGUE)


def test_every_file_the_readme_names_exists() -> None:
    for path in re.findall(r"(?:src=\"|`|\()((?:backend|pwa|criteria|fixtures|tests)/[\w./-]+)", README):
        assert (ROOT / path).exists() or path == "tests/bench/RESULTS.md", path


def test_every_identifier_of_the_glossary_exists_in_the_code() -> None:
    code = "\n".join(
        path.read_text()
        for folder, ending in (("backend", "*.py"), ("pwa", "*.js"), ("criteria", "*.toml"))
        for path in (ROOT / folder).rglob(ending)
    )
    identifiers = re.findall(r"^\| `([^`]+)` \|", GLOSSARY, re.M)
    assert len(identifiers) >= 20
    for identifier in identifiers:
        assert re.search(rf"\b{re.escape(identifier)}\b", code), identifier
