"""Reading a visit: who may, what counts and why, without the names for the committee."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.decisions import proposed
from backend.domain.errors import Refusal
from backend.domain.journal import VisitState, fold, unable
from backend.domain.paper_sheets import from_paper
from backend.domain.people import Role, may_act
from backend.domain.visits import CANCELLABLE, IMPOSSIBLE_CAUSES, ON_AGENDA
from backend.storage import board, decisions, declarations, journal, merchants, photos, visits
from backend.storage.people import StaffSession
from backend.storage.tables import Territory, Visit
from backend.storage.visits import Reading
from backend.web.crews import crew_of
from backend.web.explained import Explained, explain, shown_names
from backend.web.house import House, house
from backend.web.pages import form_page
from backend.web.paper import paper
from backend.web.security import staff
from backend.web.sheets import side_by_side
from backend.web.threads import Thread, threads, voices
from backend.web.told import Arrived, after_the_end, arrived, on_the_spot


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}: who, when, the score with its reasons, and all that was noted."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_read(session, who, visit)
        context = _context(home, session, who, visit)
    return form_page(
        request,
        "visit.html",
        refusal,
        **context,
    )


def printed(request: Request) -> Response:
    """GET /visits/{id}/visit.pdf: the same on paper, to be handed round."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        visit = visits.get(session, request.path_params["id"])
        must_read(session, who, visit)
        context = _context(home, session, who, visit)
        territory = session.get_one(Territory, visit.territory_id)
    filename = f"visite-{visit.planned_on.isoformat()}.pdf"
    return paper(request, "visit.html", filename, territory=territory, drafts=home.drafts, **context)


def must_read(session: Session, who: StaffSession, visit: Visit) -> None:
    """The coordination reads every visit, the committee what is on its agenda; else raises not_found."""
    if not may_record(who, visit.territory_id):
        must_have_on_agenda(session, who, visit.territory_id, visit.merchant_id)
        if visit.state not in ON_AGENDA:
            raise Refusal("not_found")


def must_have_on_agenda(session: Session, who: StaffSession, territory_id: str, merchant_id: str) -> None:
    """Raises not_found unless this person sits on the committee that has, or had, to decide on this merchant."""
    if not has_on_agenda(session, who, territory_id, merchant_id):
        raise Refusal("not_found")


def has_on_agenda(session: Session, who: StaffSession, territory_id: str, merchant_id: str) -> bool:
    sits = may_act(who.grants, frozenset({Role.COMMITTEE}), territory_id)
    return sits and board.on_agenda(session, merchant_id)


def _context(home: House, session: Session, who: StaffSession, visit: Visit) -> dict[str, Any]:
    shown = read(home, session, who, visit)
    decision = decisions.resting_on(session, [visit.id]).get(visit.id)
    entries = journal.numbered(session, visit.id)
    late = [each for each in entries if each.record.entry.id in shown.reading.late]
    after = [each for each in after_the_end(entries, shown.reading.state) if each not in late]
    present, absent = on_the_spot(
        (each.record.entry for each in entries), shown.reading.part.current, shown.explained.names
    )
    paper = {each.record.entry.id for each in entries if from_paper(each.record)}
    explained = shown.explained
    return {
        "shown": shown,
        "sheets": side_by_side(
            explained.state, explained.grid, explained.names, shown.reading.counted, paper
        ),
        "merchant": merchants.get(session, visit.merchant_id),
        "decision": decision,
        "declared": declarations.beside(session, visit),
        "commitments": decisions.commitments_of(session, decision.id) if decision else [],
        "received_at": entries[-1].received_at if entries else None,
        "late": shown.arrived(late),
        "after_end": shown.arrived(after),
        "present": present,
        "absent": absent,
        "threads": shown.threads,
        "unable": shown.unable,
        "causes": IMPOSSIBLE_CAUSES,
        "criteria_names": {each.id: each.name for each in shown.explained.grid.criteria},
        "crew": crew_of(home, session, visit) if may_record(who, visit.territory_id) else None,
        "cancellable": visit.state in CANCELLABLE,
        "may_record": may_record(who, visit.territory_id),
    }


@dataclass(frozen=True)
class Shown:
    """A visit as one member of staff may see it.

    `reading`: as it is now. `explained`: what counts, that is what the decision rested on once there is one.
    """

    reading: Reading
    explained: Explained
    members: tuple[tuple[str, bool], ...]  # names, and whether they still have a part
    threads: Mapping[str | None, Sequence[Thread]]  # questions and answers, by criterion
    unable: tuple[tuple[str, str], ...]  # names of those who cannot come, and why

    @property
    def visit(self) -> Visit:
        return self.reading.visit

    @property
    def unsure(self) -> tuple[str, ...]:
        """The names of the criteria on which the outcome still depends."""
        score = self.explained.score
        open_ones = {*score.unanswered, *score.to_settle}
        return tuple(each.name for each in self.explained.grid.criteria if each.id in open_ones)

    @property
    def proposed(self) -> Collection[str]:
        return {outcome.value for outcome in proposed(self.explained.score.outcome)}

    def arrived(self, numbered: Collection[journal.Numbered]) -> list[Arrived]:
        """Some of its entries, told one by one."""
        return arrived(numbered, self.explained.grid, self.explained.names)


def read(home: House, session: Session, who: StaffSession, visit: Visit, *, as_it_is: bool = False) -> Shown:
    """Read a visit for this member of staff: names stay hidden from the committee.

    Once decided, what counts is what the decision rested on; `as_it_is`: all that is there now, for the next one.
    """
    up_to = journal.last_of(session, visit.id) if as_it_is else None
    reading = visits.read(session, visit, home.rules, up_to)
    members = visits.members(session, visit.id)
    hidden = not may_record(who, visit.territory_id)
    names = _names([(person.id, person.name) for person, _part in members], hidden)
    asked = threads(session, visit, names, reading.late, hidden=hidden)
    records = journal.records_of(session, visit.id)
    announced = [
        *(photo["sha256"] for photo in reading.state["photos"]),
        *(remark["voice"] for remark in reading.state["remarks"] if "voice" in remark),
        *voices(asked),
    ]
    explained = explain(
        reading.state if as_it_is else _state_that_counts(session, reading),
        reading.score,
        reading.counted,
        home.grids[visit.grid_id],
        home.rules[visit.grid_id],
        names,
        photos.by_hash(session, announced),
        {each.entry.id for each in records if from_paper(each)},
    )
    parts = tuple((names[person.id], part.removed_at is None) for person, part in members)
    cannot = [each for each in unable(records) if each["author"] in reading.part.current]
    return Shown(
        reading, explained, parts, asked, tuple((names[each["author"]], each["text"]) for each in cannot)
    )


def _state_that_counts(session: Session, reading: Reading) -> VisitState:
    rested = visits.rested_on(session, reading.visit.id)
    return fold(journal.records_of(session, reading.visit.id, rested.read_seq)) if rested else reading.state


def _names(members: Collection[tuple[str, str]], hidden: bool) -> Mapping[str, str]:
    return shown_names(members, hidden, _("personne {letter}"))


def may_record(who: StaffSession, territory_id: str) -> bool:
    """Whether this member of staff acts for the coordination there, and so knows who visits."""
    return may_act(who.grants, frozenset({Role.COORDINATION}), territory_id)
