"""The merchants as the teams look through them: their list and the board by stage."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from backend.domain.merchants import STANDING_NAMES, Kind, Stage
from backend.domain.people import Role, may_act
from backend.storage import board, merchants, people
from backend.storage.board import Wanted
from backend.storage.people import StaffSession
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.merchants import READERS, coordinated
from backend.web.pages import page
from backend.web.security import staff, territories_of
from backend.web.visits import today

PAGE = 100
NEAR = 5  # names proposed when nothing is found


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for."""

    text: str = ""
    stage: str = ""
    kind: str = ""
    standing: str = ""
    territory: str = ""
    unplaced: bool = False
    page: int = 1

    def address(self, **changes: object) -> str:
        """The address of the same list with some of it changed; the first page unless said."""
        asked = {**asdict(self), "page": 0, **changes}
        words = {name: str(int(value) if value is True else value) for name, value in asked.items() if value}
        return "/merchants" + ("?" + urlencode(words) if words else "")


def _asked(request: Request) -> Asked:
    """What can be read of the address; what makes no sense there is passed over."""
    given = request.query_params
    return Asked(
        text=given.get("text", "")[:200].replace("\0", ""),
        stage=given.get("stage", "") if given.get("stage") in list(Stage) else "",
        kind=given.get("kind", "") if given.get("kind") in list(Kind) else "",
        standing=given.get("standing", "") if given.get("standing") in list(STANDING_NAMES) else "",
        territory=given.get("territory", "").replace("\0", ""),
        unplaced="unplaced" in given,
        page=int(given["page"]) if re.fullmatch("[1-9][0-9]{0,3}", given.get("page", "")) else 1,
    )


def _wanted(who: StaffSession, asked: Asked) -> Wanted:
    """The merchants asked for, among those this person may read."""
    return Wanted(
        territories=_within(territories_of(who, Role.COORDINATION), asked.territory),
        on_agenda_in=_within(territories_of(who, Role.COMMITTEE), asked.territory),
        approved_in=_within(territories_of(who, Role.MONEKO), asked.territory),
        text=asked.text,
        stage=asked.stage,
        kind=asked.kind,
        standing=asked.standing,
        unplaced=asked.unplaced,
    )


def _within(territories: frozenset[str] | None, only: str) -> frozenset[str] | None:
    if not only:
        return territories
    return frozenset({only}) if territories is None else territories & {only}


def index(request: Request) -> Response:
    """GET /merchants: how many are at each stage, and those that the filters leave."""
    home, who = house(request), staff(request)
    asked = _asked(request)
    wanted, day = _wanted(who, asked), today(home)
    with home.db.read() as session:
        counts = board.count_by_stage(session, wanted, day)
        waiting = board.count_by_stage(session, replace(wanted, unplaced=True), day)
        found = board.search(session, wanted, day, limit=PAGE, offset=PAGE * (asked.page - 1))
        near = board.nearly(session, wanted, limit=NEAR) if not any(counts.values()) else []
        sold_at = merchants.places_of(session, [merchant.id for merchant, _stage in found])
        territories = _readable(who, people.territories(session))
        engine_silent = home.geocoder.silent and bool(merchants.to_find(session, limit=1))
    return page(
        request,
        "merchants.html",
        asked=asked,
        counts=counts,
        waiting=sum(waiting.values()),
        found=found,
        near=near,
        standing_names=STANDING_NAMES,
        total=counts[Stage(asked.stage)] if asked.stage else sum(counts.values()),
        page_size=PAGE,
        sold_at=sold_at,
        territories=territories,
        may_add=bool(coordinated(who, territories)),
        engine_silent=engine_silent,
    )


def _readable(who: StaffSession, territories: Iterable[Territory]) -> list[Territory]:
    return [each for each in territories if may_act(who.grants, READERS, each.id)]
