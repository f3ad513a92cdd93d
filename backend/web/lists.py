"""Any list as a spreadsheet's file: CSV or XLSX, with the same filters as the page."""

from collections.abc import Callable
from gettext import gettext as _

from starlette.requests import Request
from starlette.responses import Response

from backend import sheets
from backend.domain.decisions import OUTCOME_NAMES, DecisionOutcome
from backend.domain.errors import Refusal
from backend.domain.merchants import KIND_NAMES, STAGE_NAMES, STANDING_NAMES, Kind, Standing
from backend.domain.onboarding import AWAITED_NAMES
from backend.domain.people import Role
from backend.domain.visits import VISIT_STATE_NAMES
from backend.sheets import Table
from backend.storage import board, numbers, onboarding, people, visits
from backend.web.attachments import attached
from backend.web.board import asked_of, wanted
from backend.web.house import house
from backend.web.pages import paris_day
from backend.web.security import staff, territories_of
from backend.web.visits import today

ALL = 30_000  # what both databases take in one question


def download(request: Request) -> Response:
    """GET /lists/{name}.{form}: a list as CSV or XLSX."""
    made, form = LISTS.get(request.path_params["name"]), request.path_params["form"]
    if made is None or form not in FORMS:
        raise Refusal("not_found")
    return _written(made(request), form)


def _written(table: Table, form: str) -> Response:
    write, media = FORMS[form]
    return attached(f"{table.name}.{form}", write(table), media)


FORMS: dict[str, tuple[Callable[[Table], bytes], str]] = {
    "csv": (sheets.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (sheets.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _merchants(request: Request) -> Table:
    """The merchants that the filters leave; of the coordination's own territories."""
    home, who, day = house(request), staff(request), today(house(request))
    asked = asked_of(request)
    only = wanted(who, asked, coordination_alone=True)
    with home.db.read() as session:
        cards = board.search(session, only, day, limit=ALL)
        names = {each.id: each.name for each in people.territories(session)}
        followers = people.names(
            session, {card.merchant.followed_by for card in cards if card.merchant.followed_by}
        )
    rows = [
        (
            *(card.merchant.name, _(KIND_NAMES[Kind(card.merchant.kind)]), names[card.merchant.territory_id]),
            *(_(STAGE_NAMES[card.stage]), paris_day(card.merchant.stage_since)),
            _(STANDING_NAMES.get(Standing(card.merchant.standing), ""))
            if card.merchant.standing != "none"
            else "",
            ", ".join(card.cities),
            *(card.merchant.phone, card.merchant.email, card.merchant.website, card.merchant.siret or ""),
            followers.get(card.merchant.followed_by or "", ""),
        )
        for card in cards
    ]
    titles = (
        _("nom"),
        _("genre"),
        _("territoire"),
        _("étape"),
        _("depuis le"),
        _("pour le public"),
        _("ville"),
    )
    return Table(
        "commerces", (*titles, _("téléphone"), _("e-mail"), _("site"), _("SIRET"), _("suivi par")), rows
    )


def _visits(request: Request) -> Table:
    """The visits, with what the grid proposed: no answers, no remarks."""
    mine = territories_of(staff(request), Role.COORDINATION)
    with house(request).db.read() as session:
        found = visits.in_territories(session, mine)
    rows = [
        (
            *(
                merchant.name,
                visit.planned_on,
                visit.planned_at,
                _(VISIT_STATE_NAMES[visit.state]),
                visit.grid_id,
            ),
            *(visit.score["total"] if visit.score else (None, None)),
            visit.answered,
        )
        for visit, merchant in found
    ]
    titles = (
        _("commerce"),
        _("jour"),
        _("heure"),
        _("état"),
        _("grille"),
        _("score, au moins"),
        _("score, au plus"),
    )
    return Table("visites", (*titles, _("critères répondus")), rows)


def _decisions(request: Request) -> Table:
    mine = territories_of(staff(request), Role.COORDINATION)
    with house(request).db.read() as session:
        found = numbers.decided(session, mine)
    rows = [
        (
            *(merchant.name, decision.decided_on, _(OUTCOME_NAMES[DecisionOutcome(decision.outcome)])),
            *(decision.valid_until, held, decision.reasons),
        )
        for decision, merchant, held in found
    ]
    titles = (_("commerce"), _("jour"), _("décision"), _("valable jusqu’au"), _("engagements"), _("raisons"))
    return Table("decisions", titles, rows)


def _gap(request: Request) -> Table:
    mine = territories_of(staff(request), Role.COORDINATION, Role.MONEKO)
    with house(request).db.read() as session:
        found = onboarding.gaps(session, mine)
    day = today(house(request))
    rows = [
        (
            *(each.merchant.name, each.since, (day - each.since).days),
            *(_(AWAITED_NAMES[each.gap.awaited]), _(each.gap.what), each.note),
        )
        for each in found
    ]
    titles = (_("commerce"), _("décision du"), _("jours"), _("attend"), _("quoi"), _("pourquoi"))
    return Table("qui-attend-quoi", titles, rows)


LISTS: dict[str, Callable[[Request], Table]] = {
    "merchants": _merchants,
    "visits": _visits,
    "decisions": _decisions,
}


def download_gap(request: Request) -> Response:
    """GET /gap.{form}: who waits for whom, as CSV or XLSX."""
    form = request.path_params["form"]
    if form not in FORMS:
        raise Refusal("not_found")
    return _written(_gap(request), form)
