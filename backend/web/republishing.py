"""What is made of the data for everyone, and made again behind the back of those who read it."""

import gc
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger()

SLICE = 128  # things between two pauses: a millisecond or so
PAUSE_S = 0.0002  # long enough for whoever waits to be given the interpreter
_making_large = threading.Lock()


class GivenUp(Exception):
    """The house closes."""


class Pace:
    """How something large is made: a slice at a time, readers first, and not to the end when the house closes."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing

    def pause(self) -> None:
        """Let the others through. Raises GivenUp."""
        if self._closing.is_set():
            raise GivenUp
        time.sleep(PAUSE_S)

    def through(self, things: Iterable[T]) -> Iterator[T]:
        """The same things, with pauses. Raises GivenUp."""
        for rank, thing in enumerate(things):
            if rank % SLICE == 0:
                self.pause()
            yield thing


class Republished(Generic[T]):
    """The thing made last. When it is out of date one thread makes the next one, and the old one is given meanwhile.

    `current(thing)`: whether it still says what the data says, in less than a millisecond. `make(thing, pace)`: the
    next one, from the one before (None: the first).
    """

    def __init__(self) -> None:
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._made: T | None = None
        self._making: threading.Thread | None = None

    def get(
        self, current: Callable[[T], bool], make: Callable[[T | None, Pace], T], small: Callable[[T], bool]
    ) -> T:
        """The thing, at most a moment behind the data. The first one is waited for, and those that are `small` enough
        to be made in no time, so that whoever changes something sees it at once."""
        made = self._made
        if made is not None and current(made):
            return made
        making = self._start(make, small)
        if made is None or small(made):
            making.join()
            if self._made is not None and not current(self._made):  # it had begun before the change
                self._start(make, small).join()
        if self._made is None:  # the first one failed: its reason is the caller's
            self._made = make(None, Pace(self._closing))
        return self._made

    def _start(self, make: Callable[[T | None, Pace], T], small: Callable[[T], bool]) -> threading.Thread:
        with self._lock:
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(
                    target=self._make, args=(make, small), daemon=True, name="publishing"
                )
                self._making.start()
            return self._making

    def _make(self, make: Callable[[T | None, Pace], T], small: Callable[[T], bool]) -> None:
        pace, before = Pace(self._closing), self._made
        try:
            if before is not None and small(before):
                self._made = make(before, pace)
                return
            with _without_full_collections():
                self._made = make(before, pace)
        except GivenUp:
            log.info("publishing given up")
        except Exception as error:  # the old one stays; the next reader has it tried again
            log.error("publishing", exc_info=error)

    def wait(self) -> None:
        """Until nothing is being made: in tests."""
        with self._lock:
            making = self._making
        if making is not None:
            making.join()

    def close(self) -> None:
        """Nobody reads any more: what is being made is given up, before the database closes."""
        self._closing.set()
        self.wait()


@contextmanager
def _without_full_collections() -> Iterator[None]:
    """What is kept of a hundred thousand places is half a million objects. A full collection walks through all of them
    while everybody waits, for a second, and making them sets off several. So there is none meanwhile (young objects are
    still collected), and the kept ones are then taken out of the collector's sight: they go when nothing names them.
    So are those of others that live just then; what hangs together unnamed among the young ones is collected first."""
    with _making_large:
        young, middle, old = gc.get_threshold()
        gc.set_threshold(young, middle, 1_000_000)
        try:
            yield
        finally:
            gc.collect(1)
            gc.freeze()
            gc.set_threshold(young, middle, old)
