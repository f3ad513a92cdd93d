"""The only wiring: `create_app(settings)` opens the adapters, lists the routes, and closes all at the end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect

from backend import backups, erased, grids
from backend.background import Background
from backend.delivery import Announcing, Delivery
from backend.documents import Documents
from backend.domain.announcements import key_of
from backend.domain.errors import Refusal
from backend.geocoding import Geocoder
from backend.mail import mailer
from backend.photos import Photos
from backend.settings import ROOT, Settings
from backend.storage import erasures
from backend.storage.engine import READERS, Database
from backend.web import pages, problems
from backend.web.assets import Assets
from backend.web.house import House
from backend.web.routes import routes
from backend.web.security import Headers, content_security_policy
from backend.webhook import Webhook

# one line per event, and plain tracebacks: structlog's own show what is in every variable, people's words included
LOGGED = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, now: Callable[[], datetime] = _utc_now) -> Starlette:
    """The whole application for these settings; `now` is its clock."""
    structlog.configure(processors=list(LOGGED))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with backups.at_work(settings.data_dir):
            current_default_thread_limiter().total_tokens = READERS
            home = open_house(settings, now)
            home.background.start()
            app.state.house = home
            yield
            home.background.stop()
            home.public.close()
            home.feeds.close()
            home.kept_sheets.close()
            home.limits.close()
            home.db.close()

    policy = content_security_policy(settings.tile_url)
    return Starlette(
        routes=routes(),
        lifespan=lifespan,
        middleware=[Middleware(Headers, policy=policy, secure=settings.secure)],
        exception_handlers={
            Refusal: problems.refused,
            HTTPException: problems.http_refused,
            ClientDisconnect: problems.gone,
            Exception: problems.broke,
        },
    )


def open_house(settings: Settings, now: Callable[[], datetime] = _utc_now) -> House:
    """Open the database (migrated), the photos, the grids and the rest; the background is not started yet."""
    db = Database(settings.sqlalchemy_url)
    db.migrate()
    photos = Photos(settings.data_dir, settings.photo_store_url, settings.photo_mb)
    geocoder = Geocoder(settings.geocoder_domain, settings.geocoder_scheme)
    post = mailer(
        settings.mail_url,
        settings.data_dir,
        settings.mail_from,
        settings.mail_reply_to,
        settings.public_url,
    )
    with db.read() as session:  # noted there too, even if the last process died before it could
        erased.remember(settings.data_dir, erasures.all_of_them(session))
    delivery = Delivery(db, post, settings.public_url, now)
    announcing = Announcing(db, _webhook(settings), now)
    all_grids = grids.load_all(settings.criteria_dir)
    assets = Assets(ROOT / "pwa", Path(__file__).parent / "web" / "static")
    return House(
        settings=settings,
        db=db,
        grids=all_grids,
        rules={grid_id: grid.rules() for grid_id, grid in all_grids.items()},
        photos=photos,
        documents=Documents(photos, settings.document_mb),
        geocoder=geocoder,
        templates=pages.environment(assets.url),
        assets=assets,
        background=Background(db, photos, geocoder, now, delivery, announcing),
        now=now,
    )


def _webhook(settings: Settings) -> Webhook | None:
    if not settings.webhook_url:
        return None
    return Webhook(settings.webhook_url, key_of(settings.webhook_secret.get_secret_value()))
