"""The least that can accept a visit durably: what marks the ceiling on a machine. It validates and explains nothing.

One writer thread, every submission that waits in one durable transaction; a photo goes to a file of its own, synced.
`DB=folder uvicorn tests.bench.bare_server:app`
"""

import asyncio
import hashlib
import json
import os
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pysqlite3
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

FOLDER = Path(os.environ.get("DB", "."))
Row = tuple[str, str]

waiting: "queue.SimpleQueue[tuple[Row, asyncio.Future[None]]]" = queue.SimpleQueue()


def write(loop: asyncio.AbstractEventLoop) -> None:
    connection = pysqlite3.connect(str(FOLDER / "bare.db"), isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE submission (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, body TEXT)",
    ):
        connection.execute(statement)
    while True:
        group = [waiting.get()]
        while len(group) < 256:
            try:
                group.append(waiting.get_nowait())
            except queue.Empty:
                break
        connection.execute("BEGIN IMMEDIATE")
        for row, _ in group:
            connection.execute("INSERT OR IGNORE INTO submission (uid, body) VALUES (?, ?)", row)
        connection.execute("COMMIT")
        loop.call_soon_threadsafe(answer, [future for _, future in group])


def answer(futures: "list[asyncio.Future[None]]") -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


async def submit(request: Request) -> JSONResponse:
    raw = await request.body()
    sent = json.loads(raw)
    future = asyncio.get_running_loop().create_future()
    waiting.put(((sent["entries"][0]["id"], raw.decode()), future))
    await future
    return JSONResponse({"accepted": [entry["id"] for entry in sent["entries"]]})


async def photo(request: Request) -> JSONResponse:
    await run_in_threadpool(keep, await request.body())
    return JSONResponse({}, 201)


def keep(body: bytes) -> None:
    handle = os.open(FOLDER / hashlib.sha256(body).hexdigest(), os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(handle, body)
    os.fdatasync(handle)
    os.close(handle)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    threading.Thread(target=write, args=(asyncio.get_running_loop(),), daemon=True).start()
    yield


app = Starlette(
    routes=[
        Route("/api/journal", submit, methods=["POST"]),
        Route("/api/photos/{sha256}", photo, methods=["PUT"]),
    ],
    lifespan=lifespan,
)
