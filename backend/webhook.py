"""Messages posted to Moneko's software. The one adapter of HTTP that goes out to it.

A status says it all: the body of the answer is not read, a redirection is not followed, and whoever takes too long
over its answer is left, however slowly it goes on.
"""

import http.client
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from backend.domain.announcements import Trouble

TIMEOUT_S = 10.0


class Unreceived(Exception):
    """It was not received, or nobody knows; `said`: what was answered, in a few words."""

    def __init__(self, trouble: Trouble, said: str = "") -> None:
        super().__init__(trouble, said)
        self.trouble, self.said = trouble, said


class Webhook:
    """The address where Moneko's software listens."""

    def __init__(self, url: str, key: bytes, timeout: float = TIMEOUT_S) -> None:
        self._url, self.key, self._timeout = urlsplit(url), key, timeout

    def post(self, body: str, headers: Mapping[str, str]) -> None:
        """Returns once it was received; raises Unreceived."""
        connection = self._connection()
        late = threading.Event()
        watch = threading.Timer(self._timeout, _cut, (connection, late))
        watch.daemon = True
        watch.start()
        try:
            status, reason = self._exchange(connection, body, headers)
            if late.is_set():  # what was cut looks like an answer that ended
                raise TimeoutError
            _must_receive(status, reason)
        except ssl.SSLError as error:
            raise Unreceived(Trouble.INSECURE) from error
        except (OSError, http.client.HTTPException) as error:
            slow = late.is_set() or isinstance(error, TimeoutError)
            raise Unreceived(Trouble.TIMEOUT if slow else Trouble.UNREACHABLE) from error
        finally:
            watch.cancel()
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _exchange(
        self, connection: http.client.HTTPConnection, body: str, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        what = {"Content-Type": "application/json", "User-Agent": "caisse-commune", "Connection": "close"}
        connection.request("POST", path, body.encode(), {**what, **headers})
        with connection.getresponse() as answer:
            return answer.status, answer.reason


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """Whoever still waits for the answer is told that it is over."""
    late.set()
    with suppress(OSError, AttributeError):  # no connection yet, or no longer
        connection.sock.shutdown(2)  # both ways


def _must_receive(status: int, reason: str) -> None:
    if 200 <= status < 300:
        return
    trouble = {3: Trouble.MOVED}.get(status // 100, Trouble.REFUSED)
    raise Unreceived(Trouble.GONE if status == 410 else trouble, f"{status} {reason}"[:100])
