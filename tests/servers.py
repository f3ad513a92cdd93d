"""The real server, in a process of its own on 127.0.0.1, that can be stopped, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parent.parent
_SERVE = """
import sys, uvicorn
from backend.app import create_app
from backend.settings import Settings
settings = Settings(_env_file=None)
uvicorn.run(create_app(settings), host=settings.host, port=settings.port, access_log=False)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One installation: its folder, its database, its port."""

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
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and return once it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            cwd=ROOT,
            env={**os.environ, **self._settings},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stderr is not None
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            if "Uvicorn running on" in line:
                break
        else:
            raise AssertionError("the server did not start:\n" + "".join(lines))
        threading.Thread(target=self._keep_log, args=(self._process.stderr, lines), daemon=True).start()

    def _keep_log(self, stderr: IO[str], lines: list[str]) -> None:
        with stderr, self.log.open("a") as log:
            log.writelines(lines)
            for line in stderr:
                log.write(line)
                log.flush()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9: it learns nothing of it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


@pytest.fixture
def live_server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    """A running server on an empty database (`home`'s, when a test has one open beside it)."""
    server = Server(tmp_path / "data", database_url)
    server.start()
    yield server
    server.stop()
