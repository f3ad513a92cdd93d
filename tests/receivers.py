"""A real HTTP server on 127.0.0.1 that receives announcements, or does as badly as it is told to."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Post:
    """One request: its headers, names in lower case, and its bytes."""

    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """What arrived, in its order. `does`: a status to answer, `hang`, `trickle`, `close` (before any answer) or `half`
    (of an answer that says 200), until changed."""

    def __init__(self) -> None:
        self.received: list[Post] = []
        self.does: int | str = 200
        self.url = ""
        self.over = threading.Event()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens as long as the block lasts."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.received.append(Post({name.lower(): text for name, text in self.headers.items()}, body))
            _answer(self, told)

        def log_message(self, *_words: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/hooks?of=caisse"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, told: Receiver) -> None:
    if told.does == "hang":
        told.over.wait()
    elif told.does == "trickle":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not told.over.wait(0.05):
            handler.wfile.write(b"X-Slow: yes\r\n")
    elif told.does == "half":
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    elif told.does != "close":
        handler.send_response(int(told.does))
        handler.send_header("Location", told.url + "&again=1")
        handler.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            handler.wfile.write(b"x" * 10_000_000)  # far more than anybody wants to read
