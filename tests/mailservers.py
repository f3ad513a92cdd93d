"""A real SMTP server on 127.0.0.1 that keeps what it is sent, or refuses it as it is told to."""

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.servers import free_port


class Mailbox:
    """What arrived, in its order. `rcpt`, `data`: what the server answers instead of taking it, until changed;
    `hold`: after it took a mail, it says nothing any more."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.rcpt = self.data = ""
        self.hold = False

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(each.content or b"", policy=default) for each in self.received]  # type: ignore[arg-type,misc]

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, to: str, _options: Any
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.data:
            return self.data
        self.received.append(envelope)
        while self.hold:
            await asyncio.sleep(0.01)
        return "250 OK"


@contextmanager
def mail_server(box: Mailbox, **how: Any) -> Iterator[Controller]:
    """A mail server that serves as long as the block lasts."""
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    try:
        yield controller
    finally:
        box.hold = False
        controller.stop()


def only_claire(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword
) -> AuthResult:
    """Lets in who says the right secret."""
    return AuthResult(success=(login.login, login.password) == (b"claire", b"s:same@44"), handled=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1, and the file that a client trusts it by."""
    key, made = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(made), "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    return context, made
