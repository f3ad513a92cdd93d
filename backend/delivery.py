"""What waits is sent, one at a time, each by one process only: mails, and what Moneko's software is told."""

import random
from collections.abc import Callable
from datetime import datetime

import structlog

from backend.domain.announcements import headers
from backend.mail import Letter, Mailer, Undelivered
from backend.storage import announcements, mails
from backend.storage.engine import Database
from backend.storage.mails import InHand
from backend.webhook import Unreceived, Webhook

log = structlog.get_logger()


class Delivery:
    """Sends what waits. `mailer`: None when this fund has no mail server."""

    def __init__(
        self, db: Database, mailer: Mailer | None, public_url: str, now: Callable[[], datetime]
    ) -> None:
        self.db, self.mailer, self.now = db, mailer, now
        self.public_url = public_url.rstrip("/")

    def work(self, stopped: Callable[[], bool]) -> bool:
        """Send what is due, as long as the mail server answers; tells whether there may be more."""
        if self.mailer is None:
            self._give_up()
            return False
        with self.db.read() as session:
            waiting = mails.due(session, self.now())
        return bool(waiting) and all(not stopped() and self._send(self.mailer, each) for each in waiting)

    def _give_up(self) -> None:
        with self.db.read() as session:
            waiting = bool(mails.due(session, self.now(), limit=1))
        if waiting:
            self.db.write(lambda session: mails.give_up_unserved(session, self.now()))

    def _send(self, mailer: Mailer, mail_id: str) -> bool:
        """Send this one, unless someone else does; tells whether the next one is worth a try."""
        taken = self.db.write(lambda session: mails.take(session, mail_id, self.now()))
        if taken is None:
            return True
        try:
            mailer.send(self._letter(taken))
        except Undelivered as error:
            return self._failed(mail_id, error)
        # a process that dies here leaves a mail that went without a record: it will go once more, and no more
        self.db.write(lambda session: mails.sent(session, mail_id, self.now()))
        return True

    def _letter(self, taken: InHand) -> Letter:
        mail = taken.mail
        stop = f"{self.public_url}/unsubscribe/{taken.unsubscribe}" if taken.unsubscribe else ""
        return Letter(
            mail.id,
            mail.to,
            mail.subject,
            mail.text,
            mail.queued_at,
            taken.reply_to,
            mail.calendar or "",
            stop,
        )

    def _failed(self, mail_id: str, error: Undelivered) -> bool:
        log.warning("mail", mail=mail_id, trouble=error.trouble)
        self.db.write(
            lambda session: mails.failed(
                session,
                mail_id,
                error.trouble,
                error.said,
                self.now(),
                final=error.final,
                unsure=error.unsure,
            )
        )
        return not error.server_down


class Announcing:
    """Tells Moneko's software what changed. `webhook`: None when it listens nowhere."""

    def __init__(self, db: Database, webhook: Webhook | None, now: Callable[[], datetime]) -> None:
        self.db, self.webhook, self.now = db, webhook, now

    def work(self, stopped: Callable[[], bool]) -> bool:
        """Tell what is due, as long as it is received; tells whether there may be more."""
        if self.webhook is None:
            return False
        with self.db.read() as session:
            waiting = announcements.due(session, self.now())
        return bool(waiting) and all(not stopped() and self._tell(self.webhook, each) for each in waiting)

    def _tell(self, webhook: Webhook, announcement_id: str) -> bool:
        """Tell this one, unless someone else does; whether it was received, so that the next one is worth a try."""
        now = self.now()
        taken = self.db.write(lambda session: announcements.take(session, announcement_id, now))
        if taken is None:
            return True
        try:
            webhook.post(taken.body, headers(webhook.key, taken.id, taken.body, now))
        except Unreceived as error:
            self._failed(announcement_id, error)
            return False
        # a process that dies here leaves one that was received without a record: it is told again, under the same id
        self.db.write(lambda session: announcements.sent(session, announcement_id, self.now()))
        return True

    def _failed(self, announcement_id: str, error: Unreceived) -> None:
        log.warning("announcement", announcement=announcement_id, trouble=error.trouble)
        luck, now = random.random(), self.now()
        self.db.write(
            lambda session: announcements.failed(
                session, announcement_id, error.trouble, error.said, luck, now
            )
        )
