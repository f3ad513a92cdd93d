"""All that was written of a visit: who, what, when the phone says, when it was received, by whom it was brought."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import journal, paper_sheets
from backend.domain.erasures import erasable
from backend.domain.grid import Grid
from backend.domain.journal import VisitState
from backend.domain.scoring import DUO
from backend.storage import journal as entries
from backend.storage import merchants, people, visits
from backend.storage.journal import Numbered
from backend.web.house import house
from backend.web.pages import page
from backend.web.reading import may_record, must_read, read
from backend.web.security import staff
from backend.web.told import Arrived, arrived


@dataclass(frozen=True)
class Event:
    """One thing written. `at`: as its device says; `brought_by`: who handed it on; `fate`: what became of it
    (current, superseded, after_done, gone, disputed, erased); `sheet`: whose (empty: nobody's), `common`: the duo's;
    `erasure`: the page that erases it (empty: nothing to erase)."""

    told: Arrived
    at: datetime
    brought_by: str
    paper: bool
    fate: str
    late: bool
    sheet: str
    common: bool
    reason: str
    present: Sequence[str]
    erasure: str


def show(request: Request) -> Response:
    """GET /visits/{id}/history: everything, in the order of its arrival, disputed relays included."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_read(session, who, visit)
        shown = read(home, session, who, visit)
        merchant = merchants.get(session, visit.merchant_id)
        numbered = entries.everything(session, visit.id)
        bringers = _bringers(
            session, numbered, shown.explained.names, hidden=not may_record(who, visit.territory_id)
        )
        may_erase = may_record(who, visit.territory_id)
    told = _Telling(
        shown.reading.state,
        shown.explained.grid,
        shown.explained.names,
        bringers,
        shown.reading.late,
        may_erase=may_erase,
    )
    return page(
        request,
        "history.html",
        visit=visit,
        merchant=merchant,
        events=[told.event(each) for each in numbered],
    )


def _bringers(
    session: Session, numbered: Collection[Numbered], names: Mapping[str, str], *, hidden: bool
) -> Mapping[str, str]:
    """The names of those who brought what others wrote; `hidden`: members keep their letter, others none."""
    ids = {each.record.brought_by for each in numbered if each.record.brought_by}
    known = {} if hidden else people.names(session, ids)
    return {each: names.get(each) or known.get(each) or _("la coordination") for each in ids}


@dataclass(frozen=True)
class _Telling:
    state: VisitState
    grid: Grid
    names: Mapping[str, str]
    bringers: Mapping[str, str]
    late: frozenset[str]
    may_erase: bool

    def event(self, numbered: Numbered) -> Event:
        entry, record = numbered.record.entry, numbered.record
        sheet = getattr(entry, "sheet", "")
        return Event(
            told=arrived([numbered], self.grid, self.names)[0],
            at=datetime.fromisoformat(entry.at),
            brought_by=self.bringers.get(record.brought_by or "", ""),
            paper=paper_sheets.from_paper(record),
            fate="disputed" if numbered.disputed else "erased" if numbered.erased else self.fate(entry),
            late=entry.id in self.late,
            sheet=self.names.get(sheet, ""),
            common=sheet == DUO,
            reason=getattr(entry, "reason", ""),
            present=[self.names[each] for each in getattr(entry, "present", ()) if each in self.names],
            erasure=self.erasure(numbered),
        )

    def erasure(self, numbered: Numbered) -> str:
        """The page that erases this entry; empty when there is nothing to erase in it, or nothing left."""
        entry = numbered.record.entry
        if not self.may_erase or numbered.disputed or numbered.erased or not erasable(entry):
            return ""
        return f"/visits/{entry.visit}/entries/{entry.id}/erasure" if hasattr(entry, "visit") else ""

    def fate(self, entry: journal.Entry) -> str:
        """What became of an entry: as the fold says of a choice; `gone` for what is no longer shown."""
        if isinstance(entry, journal.ChoiceMade):
            made = self.state["history"].get(entry.sheet, {}).get(entry.criterion, ())
            return next((past["state"] for past in made if past["id"] == entry.id), "current")
        kept: Sequence[Any] = ()
        if isinstance(entry, journal.RemarkMade):
            kept = self.state["remarks"]
        elif isinstance(entry, journal.PhotoAttached):
            kept = self.state["photos"]
        elif isinstance(entry, journal.CommitmentNoted):
            kept = self.state["commitments"]
        else:
            return "current"
        return "current" if any(each["id"] == entry.id for each in kept) else "gone"
