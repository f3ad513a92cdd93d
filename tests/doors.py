"""A door before a server: all that a browser asks for goes through, is noted, and may be held up or lost on the way."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Door:
    """`lost`, `held`: beginnings of the addresses whose answers get lost, or wait; `status`: answered in the place of
    the server's, when it is not 0. `asked`: what went through, with the server's answers."""

    def __init__(self, port: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self.lost: tuple[str, ...] = ()
        self.held: tuple[str, ...] = ()
        self.status = 0
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(port))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(self, port: int) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # browsers ask again only whether it has changed

            def do_GET(self) -> None:
                if door.held and self.path.startswith(door.held):
                    door.released.wait(60)
                if door.lost and self.path.startswith(door.lost):
                    self.close_connection = True
                    return
                if door.status:
                    self.send_error(door.status)
                    return
                door._through(self, port)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _through(self, handler: BaseHTTPRequestHandler, port: int) -> None:
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        server.request("GET", handler.path, headers=dict(handler.headers))
        answer = server.getresponse()
        body = answer.read()
        server.close()
        self.asked.append((handler.path, answer.status))
        handler.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_CONNECTION:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def door_before(port: int) -> Iterator[Door]:
    door = Door(port)
    try:
        yield door
    finally:
        door.close()
