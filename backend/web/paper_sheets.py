"""Keying in a grid that was filled on paper: choose whose it is, type it, compare it with what phones have sent."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import sync
from backend.domain import grid as grids
from backend.domain import ids, paper_sheets
from backend.domain.errors import Refusal
from backend.domain.grid import Grid
from backend.domain.journal import Record, VisitState, fold
from backend.domain.paper_sheets import Before, Choice, Difference, Keyed
from backend.domain.people import Role
from backend.domain.scoring import DUO
from backend.storage import journal, merchants, visits
from backend.storage.tables import Person, Visit, VisitMember
from backend.web.house import House, house
from backend.web.pages import PARIS, form_page
from backend.web.security import day_field, field, fields, must_act, once, staff, typed
from backend.web.visits import today

LONGEST_REMARK = 4000
OLDEST = timedelta(days=366)  # a paper older than this is a slip in the year
SHEETS = ("own", DUO)  # as the address says it


@dataclass(frozen=True)
class Paper:
    """All that there is to know before a paper of this visit is keyed in."""

    visit: Visit
    grid: Grid
    members: Sequence[tuple[Person, VisitMember]]
    records: Sequence[Record]
    state: VisitState
    points: Mapping[str, Sequence[Choice]]  # of the levels of each criterion


def _paper(request: Request, session: Session) -> Paper:
    """Raises not_found unless the coordination of the visit's territory asks, unknown_grid without its grid."""
    home = house(request)
    visit = visits.get(session, request.path_params["id"])
    must_act(staff(request), visit.territory_id, Role.COORDINATION)
    grid = home.grids.get(visit.grid_id)
    if grid is None:
        raise Refusal("unknown_grid", grid=visit.grid_id)
    records = journal.records_of(session, visit.id)
    points = {
        each["id"]: [level["points"] for level in each["levels"]] for each in grids.to_json(grid)["criteria"]
    }
    return Paper(visit, grid, visits.members(session, visit.id), records, fold(records), points)


# --- choosing ---


@dataclass(frozen=True)
class Pile:
    """One sheet in one hand: how many answers were keyed in, and how many this person's phone has sent."""

    person: Person
    still: bool
    sheet: str
    keyed: int
    done: bool
    sent: int


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /visits/{id}/paper: whose paper it is (who, sheet), then the whole grid to key in."""
    with house(request).db.read() as session:
        paper = _paper(request, session)
        merchant = merchants.get(session, paper.visit.merchant_id)
        asked = typed(request) or request.query_params
        person = next((one for one, _part in paper.members if one.id == asked.get("who")), None)
        if person is None or asked.get("sheet") not in SHEETS:
            piles = [_pile(paper, *member, sheet) for sheet in (None, DUO) for member in paper.members]
            return form_page(
                request, "paper_choose.html", refusal, paper=paper, merchant=merchant, piles=piles
            )
        sheet = DUO if asked.get("sheet") == DUO else person.id
        context = _form_context(request, paper, person, sheet)
    return form_page(request, "paper_sheet.html", refusal, merchant=merchant, **context)


def _pile(paper: Paper, person: Person, part: VisitMember, common: str | None) -> Pile:
    sheet = common or person.id
    before = paper_sheets.keyed_before(paper.records, person.id, sheet)
    made = [choice for given in paper.state["sheets"].get(sheet, {}).values() for choice in given]
    sent = [each for each in made if each["id"] not in paper.state["relayed"] and each["author"] == person.id]
    keyed = sum(choice is not None for choice in before.answers.values())
    return Pile(person, part.removed_at is None, "duo" if common else "own", keyed, before.done, len(sent))


def _form_context(request: Request, paper: Paper, person: Person, sheet: str) -> dict[str, Any]:
    before = paper_sheets.keyed_before(paper.records, person.id, sheet)
    differing, newer = _compared(request, paper, person.id, sheet, before)
    keys = {
        each.id: paper_sheets.key_of(paper.points[each.id], before.answers.get(each.id))
        for each in paper.grid.criteria
    }
    return {
        "paper": paper,
        "person": person,
        "sheet": sheet,
        "common": sheet == DUO,
        "before": before,
        "keys": keys,
        "differing": differing,
        "newer": newer,
        "seen": _digest(differing),
        "frozen": paper_sheets.frozen(paper.state, sheet),
        "going": [one for one, part in paper.members if part.removed_at is None or one.id == person.id],
        "day": _day_of(house(request), paper.visit),
        "longest": LONGEST_REMARK,
    }


def _compared(
    request: Request, paper: Paper, author: str, sheet: str, before: Before
) -> tuple[Sequence[Difference], Sequence[Difference]]:
    """For a form that comes back: where phones say otherwise, and what somebody else keyed in meanwhile."""
    if not typed(request):
        return (), ()
    with suppress(Refusal):
        keyed = Keyed(author, sheet, answers=_answers(request, paper))
        meanwhile = typed(request).get("newest") != before.newest
        newer = paper_sheets.changed(keyed, before) if meanwhile else ()
        return paper_sheets.differences(paper.state, keyed), newer
    return (), ()  # what was typed is no answer, and the page says so


def _day_of(home: House, visit: Visit) -> date:
    """The day on which the paper was filled, most probably."""
    return min(visit.planned_on, today(home))


# --- saving ---


def save(request: Request) -> Response:
    """POST /visits/{id}/paper: what the paper says, as entries that its author wrote and the coordination brings."""
    try:
        return once(request, lambda session: _save(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _save(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    journal.hold(session)
    paper = _paper(request, session)
    key_in(
        home,
        session,
        paper.visit,
        _keyed(request, paper),
        home.now(),
        by=who.person_id,
        unless=lambda keyed: _must_have_been_seen(request, paper, keyed),
    )
    return f"/visits/{paper.visit.id}/paper"


def key_in(
    home: House,
    session: Session,
    visit: Visit,
    keyed: Keyed,
    now: datetime,
    *,
    by: str,
    unless: Callable[[Keyed], None] = lambda _keyed: None,
) -> None:
    """Make the journal say what a paper says, nothing when it does already. `unless` may refuse what would be new.

    Raises form_invalid for an answer that the grid does not allow; nothing is written then.
    """
    records = journal.records_of(session, visit.id)
    written = paper_sheets.entries(
        keyed, records, fold(records), visit.id, visit.grid_id, lambda above: _mint(now, above)
    )
    if not written:
        return
    unless(keyed)
    parsed = sync.parse_entries(sync.Batch(tuple(written), 0, None))
    verdict = sync.receive(session, sync.Desk(by), parsed, home.rules, now)
    if verdict.rejected:
        raise Refusal("form_invalid", sentence=verdict.rejected[0]["problem"]["detail"])


def _mint(now: datetime, above: str | None) -> str:
    return ids.mint(int(now.timestamp() * 1000), secrets.randbits(74), above)


def _must_have_been_seen(request: Request, paper: Paper, keyed: Keyed) -> None:
    """Nothing is written over what somebody else keyed in meanwhile, nor beside what a phone says, unseen."""
    before = paper_sheets.keyed_before(paper.records, keyed.author, keyed.sheet)
    if field(request, "newest") != before.newest:
        raise Refusal("read_again")
    differing = paper_sheets.differences(paper.state, keyed)
    if differing and field(request, "seen") != _digest(differing):
        raise Refusal("paper_differs")


def _digest(differing: Sequence[Difference]) -> str:
    """What stands for these differences in the form; empty when there are none."""
    return journal.sha256(repr(list(differing)).encode()) if differing else ""


def _keyed(request: Request, paper: Paper) -> Keyed:
    members = {person.id for person, _part in paper.members}
    author, sheet = field(request, "who"), field(request, "sheet")
    present = tuple(each for each in dict.fromkeys(fields(request, "present")) if each in members)
    if author not in members or sheet not in SHEETS:
        raise Refusal("form_invalid", sentence=_("Choisissez de qui est cette feuille."))
    remarks: dict[str | None, str] = {
        each.id: field(request, f"remark_{each.id}", LONGEST_REMARK) for each in paper.grid.criteria
    }
    return Keyed(
        author=author,
        sheet=DUO if sheet == DUO else author,
        present=present or (author,),
        at=_moment(request, paper.visit),
        answers=_answers(request, paper),
        remarks={**remarks, None: field(request, "remark", LONGEST_REMARK)},
        done=bool(field(request, "done")),
        last=bool(field(request, "last")),
    )


def _answers(request: Request, paper: Paper) -> dict[str, Choice]:
    """The answers of the form by criterion, in the grid's order; raises form_invalid for what is no level."""
    try:
        return {
            each.id: paper_sheets.choice_of(paper.points[each.id], field(request, f"answer_{each.id}"))
            for each in paper.grid.criteria
        }
    except KeyError:
        raise Refusal("form_invalid", sentence=_("Choisissez des niveaux de la grille.")) from None


def _moment(request: Request, visit: Visit) -> str:
    """When the paper was filled, as far as the paper says it."""
    home = house(request)
    day = day_field(request, "filled_on") or _day_of(home, visit)
    if day > today(home):
        raise Refusal("form_invalid", sentence=_("Ce jour n’est pas encore venu. Vérifiez la date."))
    if today(home) - day > OLDEST:
        raise Refusal("form_invalid", sentence=_("Ce jour est à plus d’un an d’ici. Vérifiez l’année."))
    at = time.fromisoformat(visit.planned_at or "12:00")
    return datetime.combine(day, at, PARIS).isoformat()
