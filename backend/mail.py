"""E-mails handed to a mail server, or to a folder in the demo. The one adapter of SMTP.

One e-mail: plain text and the same in HTML, from the fund, with an identity that never changes, so that a mail sent
twice is the same mail to whoever files it.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from gettext import gettext as _
from html import escape
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from backend.domain.mails import Trouble

TIMEOUT_S = 20.0
FOLDER = "courrier"  # of DATA_DIR
BUSY = range(400, 500)


@dataclass(frozen=True)
class Letter:
    """One e-mail to one address. `calendar`: an iCalendar file; `unsubscribe`: the address that stops such mails."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime
    reply_to: str = ""
    calendar: str = ""
    unsubscribe: str = ""


class Undelivered(Exception):
    """It did not go: why, in the server's own words too. `final`: no use trying again; `unsure`: it may have gone
    after all; `server_down`: nor will the next one go."""

    def __init__(
        self,
        trouble: Trouble,
        said: str = "",
        *,
        final: bool = False,
        unsure: bool = False,
        server_down: bool = False,
    ) -> None:
        super().__init__(trouble, said)
        self.trouble, self.said = trouble, said
        self.final, self.unsure, self.server_down = final, unsure, server_down


class Mailer(Protocol):
    """Where e-mails go."""

    def send(self, letter: Letter) -> None:
        """Returns once it has been taken; raises Undelivered."""


def mailer(url: str, data_dir: Path, sender: str, reply_to: str, public_url: str) -> Mailer | None:
    """The mail server of this address (`smtp://`, `smtps://`), the folder (`file`), or None: no mail is sent."""
    host = urlsplit(public_url).hostname or "localhost"
    writing = Writing(sender or f"caisse@{host}", reply_to, host)
    if not url:
        return None
    return Folder(data_dir / FOLDER, writing) if url == "file" else Server(url, writing)


# --- writing ---


@dataclass(frozen=True)
class Writing:
    """Who writes, who is answered, and the name of the house."""

    sender: str
    reply_to: str
    host: str

    def message(self, letter: Letter) -> EmailMessage:
        """The letter as it travels."""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self.sender, letter.to
        message["Subject"] = " ".join(letter.subject.split())
        if reply_to := letter.reply_to or self.reply_to:
            message["Reply-To"] = reply_to
        message["Date"], message["Message-ID"] = format_datetime(letter.at), f"<{letter.id}@{self.host}>"
        message["Auto-Submitted"], message["Content-Language"] = "auto-generated", "fr"
        if letter.unsubscribe:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = _whole(letter)
        message.set_content(text)
        message.add_alternative(in_html(text), subtype="html")
        if letter.calendar:
            _attach(message, letter.calendar)
        return message


def _whole(letter: Letter) -> str:
    if not letter.unsubscribe:
        return letter.text.strip() + "\n"
    stop = _("Vous ne voulez plus recevoir ces e-mails ? Ouvrez cette page : {address}")
    return f"{letter.text.strip()}\n\n{stop.format(address=letter.unsubscribe)}\n"


def _attach(message: EmailMessage, calendar: str) -> None:
    method = re.search(r"^METHOD:(\w+)", calendar, re.M)
    params = {"charset": "utf-8", "method": method[1] if method else "PUBLISH"}
    message.add_attachment(
        calendar.encode(), maintype="text", subtype="calendar", filename="visite.ics", params=params
    )


_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)»]")
_LOOK = "max-width:38em;margin:auto;padding:1em;font:1.1em/1.5 system-ui,sans-serif"


def in_html(text: str) -> str:
    """Plain paragraphs as a page: what people wrote stays text, addresses become links.

    >>> "&lt;b&gt;" in in_html("<b>")
    True
    """
    paragraphs = [escape(each.strip()) for each in re.split(r"\n\s*\n", text) if each.strip()]
    linked = [_ADDRESS.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', each) for each in paragraphs]
    body = "\n".join(f"<p>{each}</p>".replace("\n", "<br>\n") for each in linked)
    head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    return f'<!doctype html>\n<html lang="fr"><head>{head}</head>\n<body style="{_LOOK}">\n{body}\n</body></html>\n'


# --- a folder ---


class Folder:
    """Each mail is a file that any mail program opens: for the demo, and to look at what would be sent."""

    def __init__(self, path: Path, writing: Writing) -> None:
        self._path, self._writing = path, writing

    def send(self, letter: Letter) -> None:
        """Write it whole, or not at all. Raises Undelivered (disk)."""
        part = self._path / f".{letter.id}.part"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            part.write_bytes(self._writing.message(letter).as_bytes())
            part.replace(self._path / f"{letter.id}.eml")
        except OSError as error:
            raise Undelivered(Trouble.DISK, str(error), server_down=True) from error


# --- a server ---


class Server:
    """An SMTP server. `smtps://` speaks TLS from the start; `smtp://` turns to it when the server can, and never says a
    password without it."""

    def __init__(self, url: str, writing: Writing, timeout: float = TIMEOUT_S) -> None:
        self._url, self._writing, self._timeout = urlsplit(url), writing, timeout

    def send(self, letter: Letter) -> None:
        """Hand it over. Raises Undelivered."""
        content = self._writing.message(letter).as_bytes()
        with self._connected() as smtp:
            _offer(smtp, self._writing.sender, letter.to)
            _hand_over(smtp, content)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._connect()
        except (smtplib.SMTPAuthenticationError, UnicodeError) as error:
            raise Undelivered(Trouble.LOGIN, str(error), server_down=True) from error
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            raise Undelivered(Trouble.INSECURE, str(error), server_down=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise _silent(error) from error
        try:
            yield smtp
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(host, port or 587, timeout=self._timeout)
        try:
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        secure = self._url.scheme == "smtps"
        if not secure and smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
            secure = True
        if self._url.username:
            if not secure:
                raise Undelivered(Trouble.INSECURE, server_down=True)
            smtp.login(unquote(self._url.username), unquote(self._url.password or ""))


def _offer(smtp: smtplib.SMTP, sender: str, to: str) -> None:
    """Say from whom and to whom: until the content is sent, nothing can have gone."""
    try:
        _must_agree(*smtp.mail(sender))
        _must_agree(*smtp.rcpt(to))
    except UnicodeError as error:
        raise Undelivered(Trouble.REFUSED, to, final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _silent(error) from error


def _hand_over(smtp: smtplib.SMTP, content: bytes) -> None:
    """Send the content: from here on, a silence may hide that it went."""
    try:
        _must_agree(*smtp.data(content))
    except smtplib.SMTPDataError as error:
        _must_agree(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        raise _silent(error, unsure=True) from error


def _silent(error: Exception, *, unsure: bool = False) -> Undelivered:
    """The server does not answer, or no longer; smtplib hides a timeout behind a lost connection."""
    late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    trouble = Trouble.TIMEOUT if late else Trouble.UNREACHABLE
    return Undelivered(trouble, str(error), unsure=unsure, server_down=True)


def _must_agree(code: int, said: bytes | str) -> None:
    """Raises Undelivered unless the server agrees: 4xx may pass, 5xx is about this mail, and will not."""
    if code in BUSY:
        raise Undelivered(Trouble.LATER, f"{code} {_words(said)}", server_down=code == 421)
    if not 200 <= code < 300:
        raise Undelivered(Trouble.REFUSED, f"{code} {_words(said)}", final=True)


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
