"""What a piece of work costs, counted and not timed: the same on any machine, however busy."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


def calls(work: Callable[[], object]) -> int:
    """How many functions, ours and Python's own, are called while `work` runs in this thread."""
    count = 0

    def seen(_frame: object, kind: str, _argument: object) -> None:
        nonlocal count
        count += kind in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements sent meanwhile, but for those of the background's own work."""
    sent: list[str] = []

    def seen(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if threading.current_thread().name != "background":
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", seen)
