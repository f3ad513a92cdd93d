"""The address engine that the Géoplateforme runs (addok on Redis), with a few streets of ours, on this machine."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ADDRESSES = HERE.parents[1] / "fixtures" / "addresses.ndjson"


class AddressEngine:
    """Redis with the addresses stays up for all tests; the engine in front of it can be stopped and come back."""

    def __init__(self, folder: Path, redis_port: int, port: int) -> None:
        self.domain = f"127.0.0.1:{port}/geocodage"
        self._folder, self._redis_port, self._port = folder, redis_port, port
        self._redis = self._start_redis()
        self._web: subprocess.Popen[str] | None = None
        try:
            self._addok("batch", str(ADDRESSES))
            self._addok("ngrams")
        except AssertionError:
            self.close()
            raise

    def _start_redis(self) -> "subprocess.Popen[str]":
        command = ["redis-server", "--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", ""]
        process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.PIPE, text=True)
        return _once_it_says("Ready to accept connections", process)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "REDIS_PORT": str(self._redis_port), "ADDOK_LOG_DIR": str(self._folder)}

    def _addok(self, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name("addok")), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Answer, and return once it does."""
        if self._web is None:
            command = [sys.executable, str(HERE / "serve.py"), str(self._port)]
            process = subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, text=True)
            self._web = _once_it_says("Listening", process)

    def stop(self) -> None:
        """Answer no longer."""
        if self._web is not None:
            _end(self._web)
            self._web = None

    def close(self) -> None:
        self.stop()
        _end(self._redis)


def _once_it_says(ready: str, process: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if ready in line:
            return process
    raise AssertionError("it did not start:\n" + "".join(lines))


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate()
