"""A proxy on 127.0.0.1 that remembers every request it passes on, so that all of them can be sent again."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OUR_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Request:
    """One request as it came, and the status of its first answer."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int = 0

    def send(self, port: int) -> int:
        """Send it (again) to the server on this port; returns the status answered."""
        status, _, _ = self.ask(port)
        return status

    def ask(self, port: int) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(self.method, self.target, self.body or None, self.headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class Recorder:
    """Listens on a free port, passes on to `to`, and keeps what it passed in `requests`."""

    def __init__(self) -> None:
        recorder = self
        self.requests: list[Request] = []
        self.answered = 0  # bytes of bodies, as they were on the wire
        self.to = 0

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                recorder.pass_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def pass_on(self, caller: BaseHTTPRequestHandler) -> None:
        body = caller.rfile.read(int(caller.headers.get("content-length") or 0))
        request = Request(caller.command, caller.path, dict(caller.headers), body)
        self.requests.append(request)
        status, headers, answer = request.ask(self.to)
        self.answered += len(answer)
        request.status = status
        caller.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _OUR_OWN:
                caller.send_header(name, value)
        caller.send_header("Content-Length", str(len(answer)))
        caller.end_headers()
        if caller.command != "HEAD":
            caller.wfile.write(answer)

    @contextmanager
    def running(self) -> Iterator["Recorder"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        thread.join()
