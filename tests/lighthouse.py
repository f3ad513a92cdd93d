"""Google's Lighthouse on pages of the running fund, as on a phone: their scores, and what costs them points."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from backend.score_cases import node
from tests.browsers import LAUNCH
from tests.servers import free_port

PROGRAM = Path(__file__).parent / "lighthouse.mjs"
ENOUGH = 98
PERFORMANCE = "performance"
OTHERS = ("accessibility", "best-practices", "seo")

# A tile is a picture of 256 pixels, on dense screens too: sharper ones would cost four times the bytes of a phone
# without credit, and halve the size of the names written on them.
NOT_OURS = "image-size-responsive"


@dataclass(frozen=True)
class Judged:
    """What Lighthouse says of one page. `scores`: by category, out of 100. `lost`: the audits that are not full, in
    words. `figures`: milliseconds, by the audit that measured them."""

    scores: dict[str, int]
    lost: tuple[str, ...]
    figures: dict[str, float]


def judged(urls: Sequence[str], *categories: str) -> list[Judged]:
    """What it says of each page on its own idea of a phone: slow 4G and a processor four times slower."""
    port = free_port()
    arguments = [*LAUNCH["args"], f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright, playwright.chromium.launch(**{**LAUNCH, "args": arguments}):
        command = [str(node()), PROGRAM, str(port), ",".join(categories), NOT_OURS, *urls]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [_read(each) for each in json.loads(ran.stdout)]


def _read(told: dict[str, Any]) -> Judged:
    audits, categories = told["audits"], told["categories"].values()
    counted = [audits[part["id"]] for each in categories for part in each["auditRefs"] if part["weight"]]
    return Judged(
        {each["id"]: round((each["score"] or 0) * 100) for each in categories},
        tuple(_in_words(audit) for audit in counted if audit["score"] is not None and audit["score"] < 1),
        {
            name: each["numericValue"]
            for name, each in audits.items()
            if each.get("numericUnit") == "millisecond"
        },
    )


def _in_words(audit: dict[str, Any]) -> str:
    where = json.dumps(audit.get("details", {}).get("items", ""))[:500]
    return f"{audit['title']} {audit.get('displayValue', '')} {where}"
