"""Servers that need not begin from nothing: one process has read our code and prepared our files, and forks.

A fork does what `python -m backend serve` does, with its own settings, database, port, log and process, which can be
killed. Most of the time of tests in browsers went into starting Python and compressing the same files.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


class Forked:
    """A server of the warm process's: not our child, so it is followed by its descriptor."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._watched: int | None = os.pidfd_open(pid)
        except ProcessLookupError:  # it is over already
            self._watched = None

    def poll(self) -> int | None:
        """None while it runs."""
        return self._ended(0)

    def _ended(self, seconds: float | None) -> int | None:
        if self._watched is not None:
            if not select.select([self._watched], [], [], seconds)[0]:
                return None
            os.close(self._watched)
            self._watched = None
        return 0

    def send_signal(self, number: int) -> None:
        if self._watched is not None:
            signal.pidfd_send_signal(self._watched, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        ended = self._ended(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("serve", timeout or 0)
        return ended


@lru_cache(maxsize=1)
def _warm() -> "subprocess.Popen[str]":
    """One for each process of pytest; it ends when its standard input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.warm"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def fork(log: Path, environment: Mapping[str, str]) -> Forked:
    """A server with this environment, and no other; what it says goes to `log`."""
    warm = _warm()
    assert warm.stdin is not None
    assert warm.stdout is not None
    warm.stdin.write(json.dumps({"log": str(log), "environment": dict(environment)}) + "\n")
    warm.stdin.flush()
    return Forked(int(warm.stdout.readline()))


def end() -> None:
    """The warm process goes with the tests that asked for it."""
    if _warm.cache_info().currsize:
        with _warm() as warm:
            assert warm.stdin is not None
            warm.stdin.close()


def _use() -> None:
    """A house is opened and a visit received, so that what is made at its first use is made before the forks: the
    statements and the templates, compiled."""
    from tests.town import GRID, Clock, joined, opened, settle

    with tempfile.TemporaryDirectory() as folder, opened("", Path(folder), Clock()) as app:
        home = app.state.house
        town = home.db.write(lambda session: settle(session, home.now()))
        phone = joined(app, town.amina)
        for path in ("/", "/api/field"):
            phone.http.get(path)
        phone.send(*phone.whole_visit(town.visit, GRID, [each.id for each in home.grids[GRID].criteria]))
    assert threading.active_count() == 1, "a fork has no threads but its own"


def _main() -> None:
    from tests import once

    once.keep(setattr)
    once.make()
    _use()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _serve(**json.loads(line))
        print(pid, flush=True)


def _serve(log: str, environment: Mapping[str, str]) -> Any:
    from backend.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    nothing, out = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for given, known in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(given, known)
    code = 1
    try:
        code = main(["serve"])
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _main()
