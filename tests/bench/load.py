"""A closed-loop load generator: so many clients, each sends its next unit of work when the last is answered."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import uvloop


class Connection:
    """One HTTP/1.1 connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, method: str, path: str, body: bytes, headers: str = "") -> tuple[int, bytes]:
        """The status and the body of the answer. `headers`: lines, each with its line end."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        answer = await self._reader.readuntil(b"\r\n\r\n")
        named = dict(line.lower().split(b":", 1) for line in answer.split(b"\r\n")[1:] if b":" in line)
        length = int(named.get(b"content-length", b"0"))
        return int(answer[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


class Unit(Protocol):
    """A piece of work: one request, or several in a row."""

    async def send(self, connection: Connection) -> None:
        """Raises AssertionError for an answer that is not welcome."""


@dataclass(frozen=True)
class Measured:
    """Units a second, and how long each took, in milliseconds."""

    per_second: float
    p50: float
    p95: float


def run(port: int, shares: Sequence[Sequence[Unit]]) -> Measured:
    """Let one client do each share, all at once."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(port, shares))


async def _run(port: int, shares: Sequence[Sequence[Unit]]) -> Measured:
    took: list[float] = []

    async def client(share: Sequence[Unit]) -> None:
        connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
        for unit in share:
            start = time.perf_counter()
            await unit.send(connection)
            took.append(time.perf_counter() - start)
        connection.close()

    start = time.perf_counter()
    await asyncio.gather(*(client(share) for share in shares))
    elapsed = time.perf_counter() - start
    took.sort()
    return Measured(
        len(took) / elapsed,
        took[len(took) // 2] * 1000,
        took[min(len(took) - 1, int(len(took) * 0.95))] * 1000,
    )
