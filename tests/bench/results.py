"""What a benchmark measured: printed, and under SOAK=1 kept in RESULTS.md with its date, commit and command."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.doses import SOAK

FILE = Path(__file__).parent / "RESULTS.md"
ROOT = FILE.parent.parent.parent
HEADER = "# Measured\n\nEach section is rewritten by its own benchmark (`make soak`).\n"


@dataclass(frozen=True)
class Figure:
    """One figure. `budget`: what it should be, as one says it; `met`: whether it is (None: no budget)."""

    name: str
    value: str
    budget: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: ""}[self.met]


def at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{value:,.1f} {unit}", f"≤ {limit:,g} {unit}", value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{value:,.1f} {unit}", f"≥ {limit:,g} {unit}", value >= limit)


def record(title: str, command: str, figures: Sequence[Figure], note: str = "") -> None:
    """Print the figures; under SOAK=1 put them in place of this title's section, and fail on a missed budget."""
    print(f"\n{_section(title, command, figures, note)}")
    if SOAK:
        before = FILE.read_text() if FILE.exists() else HEADER
        FILE.write_text(_replaced(before, title, _section(title, command, figures, note)))
        assert [figure.name for figure in figures if figure.met is False] == []


def _section(title: str, command: str, figures: Sequence[Figure], note: str) -> str:
    rows = [f"| {one.name} | {one.value} | {one.budget} | {one.verdict} |" for one in figures]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    lines = [
        f"## {title}",
        "",
        f"{when}, commit {_commit()}, `{command}`.{f' {note}' if note else ''}",
        "",
        "| figure | measured | budget | |",
        "|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _commit() -> str:
    """The commit measured, with a + when files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def _replaced(text: str, title: str, section: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, re.M | re.S)
    if found is None:
        return f"{text.rstrip()}\n\n{section}"
    return f"{text[: found.start()]}{section}\n{text[found.end() :]}".rstrip() + "\n"
