"""The team's desks: a real browser in front of the application, whose clock is the test's."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette

from backend.app import create_app
from backend.settings import Settings
from backend.storage import people
from backend.storage.engine import Database
from backend.web.house import House
from backend.web.security import STAFF_COOKIE
from tests.servers import free_port
from tests.town import Clock


class Office:
    """The application, served from this process, so that a test moves its clock."""

    def __init__(self, app: Starlette, address: str, clock: Clock) -> None:
        self.app, self.address, self.clock = app, address, clock

    @property
    def home(self) -> House:
        home: House = self.app.state.house
        return home

    def desk(self, chromium: Browser, person_id: str, **how: Any) -> Page:
        """A browser in which this person of the staff is signed in."""
        token = self.home.db.write(
            lambda session: people.open_session(session, self.clock(), days=1000, person_id=person_id)
        )
        context = chromium.new_context(locale="fr-FR", base_url=self.address, reduced_motion="reduce", **how)
        context.add_cookies([{"name": STAFF_COOKIE, "value": token, "url": self.address}])
        return context.new_page()


@contextmanager
def office(folder: Path, clock: Clock) -> Iterator[Office]:
    """The whole application on a new SQLite database, answering on 127.0.0.1 until the end."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        database_url="",
        public_url=address,
        geocoder_domain="",
    )
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    database.close()
    app = create_app(settings, clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True, name="office")
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield Office(app, address, clock)
    server.should_exit = True
    thread.join()
