"""The directory on paper: which page goes where on a sheet that is folded, and where a number goes on a small map."""

from collections.abc import Iterator, Sequence
from math import hypot

Point = tuple[float, float]


def folded(pages: int) -> Iterator[tuple[int | None, int | None]]:
    """The sides of the sheets as a printer turns them, each with its left and its right page, from 0; None: blank.
    Folded in the middle, one inside the other, the pages follow each other.

    >>> list(folded(3))
    [(None, 0), (1, 2)]
    """
    whole = -(-pages // 4) * 4

    def page(rank: int) -> int | None:
        return rank if rank < pages else None

    for sheet in range(whole // 4):
        first, last = 2 * sheet, whole - 1 - 2 * sheet
        yield page(last), page(first)
        yield page(first + 1), page(last - 1)


def apart(points: Sequence[Point], distance: float, rounds: int = 60) -> list[Point]:
    """The same points, moved as little as a few rounds of pushing take so that numbers on them can be read: about
    `distance` from one another. Same points, same answer."""
    moved = [
        (x + rank * 1e-6, y) for rank, (x, y) in enumerate(points)
    ]  # those of one market have to part somehow
    for _round in range(rounds):
        pushed = [_push(moved, rank, distance) for rank in range(len(moved))]
        if not any(pushed):
            break
    return moved


def _push(moved: list[Point], rank: int, distance: float) -> bool:
    """Push this one and those after it that are too near away from each other; whether some were."""
    pushed = False
    for other in range(rank + 1, len(moved)):
        (x, y), (x2, y2) = moved[rank], moved[other]
        far = hypot(x2 - x, y2 - y)
        if far < distance:
            pushed, half = True, (distance * 1.001 - far) / 2 / far
            moved[rank] = (x - (x2 - x) * half, y - (y2 - y) * half)
            moved[other] = (x2 + (x2 - x) * half, y2 + (y2 - y) * half)
    return pushed
