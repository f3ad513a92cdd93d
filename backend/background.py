"""What happens after the answer: photos re-encoded, mails and announcements sent, addresses
looked for, old traces forgotten.

One thread, woken when there is work.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from backend import notices, weekly
from backend.delivery import Announcing, Delivery
from backend.geocoding import Geocoder, Unreachable
from backend.photos import Photos, Undecodable
from backend.storage import merchants, publications, published
from backend.storage import photos as photo_rows
from backend.storage.engine import Database
from backend.storage.retention import forget_what_is_over
from backend.storage.tables import SalesPoint

log = structlog.get_logger()

LOOK_AGAIN_S = 60.0  # an address engine that was down is asked again after this
FORGET_AGAIN = timedelta(days=1)


class _Stopping(Exception):
    """A long piece is left where it is."""


class Background:
    """Works through what waits in the database, so that nothing is forgotten by a restart."""

    def __init__(
        self,
        db: Database,
        photos: Photos,
        geocoder: Geocoder,
        now: Callable[[], datetime],
        delivery: Delivery | None = None,
        announcing: Announcing | None = None,
    ) -> None:
        self.db, self.photos, self.geocoder, self.now = db, photos, geocoder, now
        self.delivery, self.announcing = delivery, announcing
        self._forgot_at: datetime | None = None
        self._dated: int | None = None
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="background")

    def start(self) -> None:
        """Clear up after the last run, and begin. Nothing else may be using the photos' folder."""
        self.tidy()
        self._thread.start()
        self.wake()

    def tidy(self) -> None:
        """Clear up: a process that was killed leaves half a photo, or an original that its re-encoding has replaced."""
        originals = self.photos.originals()
        with self.db.read() as session:
            replaced = photo_rows.decoded_among(session, originals)
        self.photos.drop_parts()
        for sha256 in replaced:
            self.photos.forget_original(sha256)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the piece in hand, then stop."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        if sys.platform == "linux":  # where a thread may be told to give way to those that answer people
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        while not self._stop.is_set():
            self._wake.wait(LOOK_AGAIN_S)
            self._wake.clear()
            try:
                self.work()
            except Exception as error:  # one bad piece must not end the thread: it is logged and met again
                log.error("background", exc_info=error)

    def work(self) -> None:
        """Do all that waits, once."""
        self._encode_photos()
        self._erase_photos()
        self._remind()
        self._write_week()
        self._send_mails()
        self._announce()
        self._find_places()
        self._date_publications()
        self._forget()

    def _date_publications(self) -> None:
        """Note since when what the public reads is there, and what has left."""
        with self.db.read() as session:
            version = published.version(session)
        if version == self._dated:
            return
        with contextlib.suppress(_Stopping):  # what is not dated yet is, after the next start
            publications.keep_dated(self.db, self.now, self._go_on)
            self._dated = version

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _Stopping

    def _forget(self) -> None:
        """Once a day, delete what was kept long enough."""
        now = self.now()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_AGAIN:
            self.db.write(lambda session: forget_what_is_over(session, now))
            self._forgot_at = now

    def _encode_photos(self) -> None:
        with self.db.read() as session:
            waiting = photo_rows.to_decode(session)
        for sha256 in waiting:
            if self._stop.is_set():
                return
            try:
                self._encode(sha256)
            except OSError as error:  # a full disk, say: the others may still have their chance
                log.error("photo", sha256=sha256, exc_info=error)

    def _erase_photos(self) -> None:
        """After the encoding, in the same thread: nothing is made again of what has just gone."""
        with self.db.read() as session:
            gone = photo_rows.to_erase(session)
        for sha256 in gone:
            self.photos.erase(sha256)
            self.db.write(partial(photo_rows.no_bytes_left, sha256=sha256))

    def _encode(self, sha256: str) -> None:
        try:
            size = self.photos.encode(sha256)
        except Undecodable as error:
            problem = error.problem
            self.db.write(lambda session: photo_rows.unusable(session, sha256, problem))
        except FileNotFoundError:  # lost since: the phone still has it and is asked for it again
            self.db.write(lambda session: photo_rows.unusable(session, sha256, "photo_damaged"))
        else:
            now = self.now()
            self.db.write(lambda session: photo_rows.decoded(session, sha256, size.width, size.height, now))
            self.photos.forget_original(sha256)

    def _remind(self) -> None:
        """Write to those who go tomorrow, where mails can go at all."""
        if self.delivery is None or self.delivery.mailer is None:
            return
        now, url = self.now(), self.delivery.public_url
        with self.db.read() as session:
            waiting = notices.to_remind(session, now)
        if waiting:
            self.db.write(lambda session: notices.remind(session, now, url))

    def _write_week(self) -> None:
        """Each Monday morning, tell the coordination what is due, where mails can go at all."""
        if self.delivery is None or self.delivery.mailer is None:
            return
        now, url = self.now(), self.delivery.public_url
        with self.db.read() as session:
            waiting = weekly.to_write(session, now)
        if waiting:
            self.db.write(lambda session: weekly.write(session, now, url))

    def _send_mails(self) -> None:
        if self.delivery and self.delivery.work(self._stop.is_set):
            self.wake()  # these were the first of them

    def _announce(self) -> None:
        if self.announcing and self.announcing.work(self._stop.is_set):
            self.wake()  # the next ones of the same merchants

    def _find_places(self) -> None:
        with self.db.read() as session:
            waiting = merchants.to_find(session)
        for place in waiting:
            if self._stop.is_set():
                return
            try:
                self._find(place)
            except Unreachable:
                return  # it stays "to find": asked again later, and the pages say so
        if waiting:
            self.wake()  # these were the first of them

    def _find(self, place: SalesPoint) -> None:
        asked = (place.address, place.postcode, place.city)
        found = self.geocoder.find(*asked)
        position = (found.lat, found.lon) if found else None
        exact = found is not None and found.exact
        self.db.write(lambda session: merchants.place_found(session, place.id, asked, position, exact=exact))
