"""What Lighthouse says of the demo's public pages on a phone: how fast they are, and the rest.

Lighthouse computes slow 4G and a slow processor from what it saw here: its figures move with what else the machine
does.
"""

import urllib.request
from pathlib import Path
from statistics import median

from tests.bench.results import Figure, at_least, record
from tests.bench.test_map import Elsewhere, elsewhere
from tests.doses import SOAK, dose
from tests.lighthouse import ENOUGH, NOT_OURS, OTHERS, PERFORMANCE, Judged, judged
from tests.servers import Server

__all__ = ["elsewhere"]

RUNS = dose(1, 5)
CATEGORIES = (PERFORMANCE, *OTHERS) if SOAK else OTHERS  # the others do not depend on time
COMMAND = "SOAK=1 pytest tests/bench/test_lighthouse.py"
NOTE = (
    f"The demo, tiles of a machine nearby (20 kB, 100 ms each), medians of {RUNS} on Lighthouse's phone."
    f" Without its audit {NOT_OURS}: tiles have 256 pixels on dense screens too, for a quarter of the bytes."
)
TIMES = {
    "first-contentful-paint": "first contents",
    "largest-contentful-paint": "largest contents",
    "total-blocking-time": "blocked in all",
}


def test_lighthouse(elsewhere: Elsewhere, tmp_path: Path) -> None:
    server = Server(tmp_path / "demo", TILE_URL=f"{elsewhere.address}/{{z}}/{{x}}/{{y}}.png")
    server.command, server.warm = ("-m", "backend", "demo"), False
    server.start()
    try:
        pages = {"home": "/", "sheet": f"/lieux/{_first(server)}", "embed": "/embed"}
        pages = dict(list(pages.items())[: dose(1, 3)])  # axe looks at the others every day
        runs = [
            judged([f"{server.address}{path}" for path in pages.values()], *CATEGORIES) for _ in range(RUNS)
        ]
    finally:
        server.stop()
    for run in runs:
        for page in run:
            assert min(page.scores[category] for category in OTHERS) >= ENOUGH, page
    figures = [
        figure for rank, name in enumerate(pages) for figure in _figures(name, [run[rank] for run in runs])
    ]
    record("Lighthouse", COMMAND, figures, NOTE)


def _first(server: Server) -> str:
    """The sales point that the list of all begins with."""
    with urllib.request.urlopen(f"{server.address}/donnees/lieux.csv") as answer:
        return str(answer.read().decode("utf-8-sig").splitlines()[1].split(",")[0])


def _figures(name: str, runs: list[Judged]) -> list[Figure]:
    scores = [
        at_least(f"{name}: {category}", median(run.scores[category] for run in runs), ENOUGH, "/ 100")
        for category in CATEGORIES
    ]
    times = [
        Figure(f"{name}: {said}", f"{median(run.figures[audit] for run in runs):,.0f} ms")
        for audit, said in TIMES.items()
        if PERFORMANCE in CATEGORIES
    ]
    return scores + times
