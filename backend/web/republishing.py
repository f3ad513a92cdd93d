"""What is made of the data for everyone, and made again behind the back of those who read it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger()


class Republished(Generic[T]):
    """The thing made last. When it is out of date one thread makes the next one, and the old one is given meanwhile.

    `current(thing)`: whether it still says what the data says, in less than a millisecond. `make(thing)`: the next one,
    from the one before (None: the first).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: T | None = None
        self._making: threading.Thread | None = None

    def get(
        self, current: Callable[[T], bool], make: Callable[[T | None], T], small: Callable[[T], bool]
    ) -> T:
        """The thing, at most a moment behind the data. The first one is waited for, and those that are `small` enough
        to be made in no time, so that whoever changes something sees it at once."""
        made = self._made
        if made is not None and current(made):
            return made
        making = self._start(make)
        if made is None or small(made):
            making.join()
            if self._made is not None and not current(self._made):  # it had begun before the change
                self._start(make).join()
        if self._made is None:  # the first one failed: its reason is the caller's
            self._made = make(None)
        return self._made

    def _start(self, make: Callable[[T | None], T]) -> threading.Thread:
        with self._lock:
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(
                    target=self._make, args=(make,), daemon=True, name="publishing"
                )
                self._making.start()
            return self._making

    def _make(self, make: Callable[[T | None], T]) -> None:
        try:
            self._made = make(self._made)
        except Exception as error:  # the old one stays; the next reader has it tried again
            log.error("publishing", exc_info=error)

    def wait(self) -> None:
        """Until nothing is being made: before the database closes, and in tests."""
        with self._lock:
            making = self._making
        if making is not None:
            making.join()
