"""What the handlers share: the open adapters, made by `create_app` and reached through the request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from jinja2 import Environment
from starlette.requests import Request

from backend.background import Background
from backend.documents import Documents
from backend.domain.grid import Grid
from backend.domain.scoring import Rules
from backend.geocoding import Geocoder
from backend.photos import Photos
from backend.settings import Settings
from backend.storage.engine import Database
from backend.web.assets import Assets, Kept, Prepared
from backend.web.republishing import Republished

if TYPE_CHECKING:
    from backend.web.feeds import Feeds
    from backend.web.limits import Limits
    from backend.web.offline import KeptSheets
    from backend.web.places import PublicPages
    from backend.web.public_sheets import KeptSheet


@dataclass(frozen=True)
class House:
    """One running instance. `now` is the clock; nothing else asks the time."""

    settings: Settings
    db: Database
    grids: Mapping[str, Grid]
    rules: Mapping[str, Rules]
    photos: Photos
    documents: Documents
    geocoder: Geocoder
    templates: Environment
    assets: Assets
    background: Background
    now: Callable[[], datetime]
    public: "Republished[PublicPages]" = field(default_factory=Republished)
    feeds: "Republished[Feeds]" = field(default_factory=Republished)
    kept_sheets: "Republished[KeptSheets]" = field(default_factory=Republished)
    limits: "Republished[Limits]" = field(default_factory=Republished)
    to_keep: "Kept[Prepared]" = field(default_factory=lambda: Kept(4))
    sheets: "Kept[KeptSheet]" = field(default_factory=lambda: Kept(2_000))
    paper_counts: "Kept[Mapping[str, int]]" = field(default_factory=lambda: Kept(1))
    papers: "Kept[bytes]" = field(default_factory=lambda: Kept(40))
    pictures: "Kept[bytes]" = field(default_factory=lambda: Kept(200))
    one_at_a_time: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    @property
    def drafts(self) -> frozenset[str]:
        """The ids of the grids that may still change: visits made with them are trials."""
        return frozenset(grid.id for grid in self.grids.values() if grid.status == "draft")

    def wake(self) -> None:
        """Tell the background that there may be something to do."""
        self.background.wake()


def house(request: Request) -> House:
    """The instance that answers this request."""
    found: House = request.app.state.house
    return found
