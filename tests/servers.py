"""The real server, in a process of its own on 127.0.0.1, that can be stopped, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest

from tests import warm as warm_servers
from tests.warm import Forked

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One installation: its folder, its database, its port."""

    command: Sequence[str] = ("-m", "backend", "serve")
    folder: Path = ROOT  # of the code that runs
    warm = True  # whether its code may be read, and its files prepared, before it starts

    def __init__(self, data_dir: Path, database_url: str = "", **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        data_dir.mkdir(parents=True, exist_ok=True)
        self.log = data_dir / "server.log"
        self._settings = {
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "PUBLIC_URL": self.address,
            "GEOCODER_DOMAIN": "",
            **settings,
        }
        self._process: subprocess.Popen[str] | Forked | None = None

    def start(self) -> None:
        """Start it, and return once it answers."""
        environment = {**os.environ, **self._settings}
        as_usual = (self.command, self.folder) == (Server.command, Server.folder)
        warm = self.warm and as_usual
        self._process = warm_servers.fork(self.log, environment) if warm else self._from_nothing(environment)
        while not self._answers():
            assert self._process.poll() is None, self.log.read_text()
            threading.Event().wait(0.02)

    def _from_nothing(self, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *self.command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        threading.Thread(target=self._keep_log, args=(process.stdout,), daemon=True).start()
        return process

    def _answers(self) -> bool:
        """Whether it has started to the end: it may listen before, but then it does not answer."""
        try:
            urllib.request.urlopen(f"{self.address}/", timeout=20).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def _keep_log(self, output: IO[str]) -> None:
        with output, self.log.open("a") as log:
            for line in output:
                log.write(line)
                log.flush()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def cpu_seconds(self) -> float:
        """The processor time it has taken so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """The memory it holds, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
        return int(kilobytes) / 1000

    def kill(self) -> None:
        """kill -9: it learns nothing of it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int | None:
        """Ask it to end, and wait; gives what it ended with."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(30)


@pytest.fixture(scope="session", autouse=True)
def warm_process() -> Iterator[None]:
    yield
    warm_servers.end()


@pytest.fixture
def live_server(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server on an empty database (`home`'s, when a test has one open beside it)."""
    server = Server(tmp_path / "data", database_url)
    server.warm = "bench" not in request.path.parts  # what is measured there is a server like any other
    server.start()
    yield server
    server.stop()
