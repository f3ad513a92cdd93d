"""The first modules of the field app in one file. That the app then works is what every test in a browser shows."""

import re
import subprocess
from pathlib import Path

import pytest

from backend.score_cases import node
from backend.settings import ROOT
from backend.web.packing import packed

APP = """import { twice } from './rooms/sums.js';
import { label as word } from './words.js';
export const said = `${word} ${twice(4)}`;
export const later = () => import('./rooms/late.js');
"""
SUMS = """/** Twice as much. @param {number} n */
import {
  two,
} from '../words.js';
const label = 'not the one of words.js';
export function twice(n) {
  return n * two + (label ? 0 : 1);
}
"""
WORDS = "const n = 2;\nexport { n as two, label };\n// a name that sums.js has too\nconst label = 'http://here';\n"
LATE = "import { twice } from './sums.js';\nimport { two } from '../words.js';\nexport const eight = twice(two * 2);\n"
FILES = {"app.js": APP, "rooms/sums.js": SUMS, "words.js": WORDS, "rooms/late.js": LATE}


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: code.encode() for name, code in files.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pack of the modules above, on disk."""
    for name, body in packed(encoded(FILES)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def run(folder: Path, code: str) -> str:
    program = node()
    assert program is not None
    command = [program, "--input-type=module", "--eval", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_the_packed_modules_do_what_they_did_apart(folder: Path) -> None:
    assert run(folder, "const { said } = await import('./app.js'); console.log(said)") == "http://here 8"


def test_a_module_that_comes_later_finds_the_ones_in_the_pack(folder: Path) -> None:
    code = (
        "const { later } = await import('./app.js'); const { eight } = await later();"
        " const { twice } = await import('./rooms/sums.js'); const { modules } = await import('./packed.js');"
        " console.log(eight, twice === modules['rooms/sums.js'].twice)"
    )
    assert run(folder, code) == "8 true"


def test_the_modules_that_come_later_stay_as_they_are(folder: Path) -> None:
    assert (folder / "rooms/late.js").read_text() == LATE


def test_an_import_that_packing_does_not_understand_stops_the_server(tmp_path: Path) -> None:
    strange = encoded({**FILES, "words.js": f"import * as all from './rooms/sums.js';\n{WORDS}"})
    with pytest.raises(ValueError, match=r"words\.js"):
        packed(strange)


def test_a_template_never_holds_a_line_that_packing_takes_for_a_comment() -> None:
    """Comments are taken out by lines. A page that lacks a line of a template would be hard to understand."""
    for file in sorted((ROOT / "pwa").rglob("*.js")):
        if "vendor" not in file.parts:
            assert not re.search(r"html`[^`]*\n\s*(//|/\*\*)[^`]*`", file.read_text()), file
