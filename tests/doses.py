"""How much is enough: `make test` takes the small dose, SOAK=1 (`make soak`) the full one."""

import os

SOAK = os.environ.get("SOAK") == "1"


def dose(small: int, full: int) -> int:
    """`small` every day, `full` when there is time."""
    return full if SOAK else small
