"""The merchants as the teams look through them: their list and the board by stage."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.appeals import APPEAL_STEP_NAMES
from backend.domain.board import TURN_NAMES
from backend.domain.merchants import STANDING_NAMES, Kind, Stage
from backend.domain.people import Role, may_act
from backend.domain.reports import REPORT_NAMES
from backend.storage import appeals, board, merchants, people, reports, suggestions
from backend.storage.board import Wanted
from backend.storage.people import StaffSession
from backend.storage.tables import Territory
from backend.web.house import house
from backend.web.merchants import READERS, coordinated
from backend.web.pages import page
from backend.web.security import staff, territories_of
from backend.web.visits import today

PAGE = 100
CARDS = 12  # of a stage on the board; the others stand in the list
RECENT = timedelta(days=30)  # what the public proposed since then is told
NEAR = 5  # names proposed when nothing is found

# the stages that wait for somebody, in the order of the work
WORKING = (
    Stage.SPOTTED,
    Stage.CONTACTED,
    Stage.VISIT_PLANNED,
    Stage.ASSESSED,
    Stage.DEFERRED,
    Stage.ACCREDITED,
    Stage.ONBOARDING,
    Stage.TO_RENEW,
    Stage.SUSPENDED,
    Stage.ACTIVE,
)


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for."""

    text: str = ""
    stage: str = ""
    kind: str = ""
    standing: str = ""
    territory: str = ""
    person: str = ""
    unplaced: bool = False
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether some merchants are left out."""
        return self != Asked(territory=self.territory, page=self.page)

    def address(self, path: str = "/merchants", **changes: object) -> str:
        """The address of the same list, or board, with some of it changed; the first page unless said."""
        asked = {**asdict(self), "page": 0, **changes}
        words = {name: str(int(value) if value is True else value) for name, value in asked.items() if value}
        return path + ("?" + urlencode(words) if words else "")


def asked_of(request: Request) -> Asked:
    """What can be read of the address; what makes no sense there is passed over."""
    given = request.query_params
    return Asked(
        text=given.get("text", "")[:200].replace("\0", ""),
        stage=given.get("stage", "") if given.get("stage") in list(Stage) else "",
        kind=given.get("kind", "") if given.get("kind") in list(Kind) else "",
        standing=given.get("standing", "") if given.get("standing") in list(STANDING_NAMES) else "",
        territory=given.get("territory", "").replace("\0", ""),
        person=given.get("person", "").replace("\0", ""),
        unplaced="unplaced" in given,
        page=int(given["page"]) if re.fullmatch("[1-9][0-9]{0,3}", given.get("page", "")) else 1,
    )


def wanted(who: StaffSession, asked: Asked, *, coordination_alone: bool = False) -> Wanted:
    """The merchants asked for, among those this person may read: all that they read, or what they coordinate alone."""
    return Wanted(
        territories=_within(territories_of(who, Role.COORDINATION), asked.territory),
        on_agenda_in=()
        if coordination_alone
        else _within(territories_of(who, Role.COMMITTEE), asked.territory),
        approved_in=() if coordination_alone else _within(territories_of(who, Role.MONEKO), asked.territory),
        text=asked.text,
        stage=asked.stage,
        kind=asked.kind,
        standing=asked.standing,
        unplaced=asked.unplaced,
        person=asked.person,
    )


def _within(territories: frozenset[str] | None, only: str) -> frozenset[str] | None:
    if not only:
        return territories
    return frozenset({only}) if territories is None else territories & {only}


def index(request: Request) -> Response:
    """GET /merchants: how many are at each stage, and those that the filters leave, each with what comes next."""
    home, who = house(request), staff(request)
    asked = asked_of(request)
    chosen, day = wanted(who, asked), today(home)
    with home.db.read() as session:
        counts = board.count_by_stage(session, chosen, day)
        waiting = board.count_unplaced(session, chosen)
        found = board.search(session, chosen, day, limit=PAGE, offset=PAGE * (asked.page - 1))
        near = board.nearly(session, chosen, limit=NEAR) if not any(counts.values()) else []
        context = _around(session, who)
        engine_silent = home.geocoder.silent and bool(merchants.to_find(session, limit=1))
    return page(
        request,
        "merchants.html",
        asked=asked,
        counts=counts,
        waiting=waiting,
        found=found,
        near=near,
        standing_names=STANDING_NAMES,
        total=counts[Stage(asked.stage)] if asked.stage else sum(counts.values()),
        page_size=PAGE,
        engine_silent=engine_silent,
        today=day,
        **context,
    )


def _around(session: Session, who: StaffSession) -> dict[str, Any]:
    """What the list and the board have in common: the choices of their filters."""
    territories = _readable(who, people.territories(session))
    mine = coordinated(who, territories)
    return {
        "territories": territories,
        "may_add": bool(mine),
        "coordinated": {each.id for each in mine},
        "persons": board.involved(session, [each.id for each in mine]),
        "turn_names": TURN_NAMES,
    }


def show(request: Request) -> Response:
    """GET /board: by stage, the merchants that wait the longest, with what comes next and what is in the way."""
    home, who = house(request), staff(request)
    asked, day = replace(asked_of(request), stage="", page=1), today(home)
    chosen = wanted(who, asked, coordination_alone=True)
    with home.db.read() as session:
        counts = board.count_by_stage(session, chosen, day)
        cards = board.cards(session, chosen, day, WORKING, each=CARDS)
        appealing = appeals.appeals_waiting(session, chosen.territories)
        context = _around(session, who) | {
            "reports": reports.waiting(session, chosen.territories),
            "report_names": REPORT_NAMES,
            "proposed": suggestions.proposed_again(session, chosen.territories, home.now() - RECENT),
        }
    return page(
        request,
        "board.html",
        asked=asked,
        counts=counts,
        cards=cards,
        appealing=appealing,
        appeal_step_names=APPEAL_STEP_NAMES,
        today=day,
        **context,
    )


def _readable(who: StaffSession, territories: Iterable[Territory]) -> list[Territory]:
    return [each for each in territories if may_act(who.grants, READERS, each.id)]
