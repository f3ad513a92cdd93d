"""Numbers that people look at, and what research takes away: without names, free text or photos."""

import hmac
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend import sheets
from backend.domain import numbers
from backend.domain.errors import N_
from backend.domain.numbers import GROUPS
from backend.domain.people import Role
from backend.domain.scoring import DUO, floored
from backend.sheets import Cell, Table
from backend.storage import numbers as counted
from backend.storage import people
from backend.storage.engine import fact
from backend.web.attachments import zipped
from backend.web.house import House, house
from backend.web.pages import page
from backend.web.security import staff, territories_of
from backend.web.visits import today

MONTHS = 12
LATEST = 200  # visits of which the answers are counted on the page
READERS = (Role.COORDINATION, Role.COMMITTEE, Role.RESEARCH)


def _chosen(request: Request, mine: frozenset[str] | None) -> tuple[frozenset[str] | None, str]:
    """The territories asked for among those that one may read, and the one named, if it is one of them."""
    only = request.query_params.get("territory", "")
    if not only or "\0" in only:
        return mine, ""
    return (frozenset({only}) if mine is None or only in mine else frozenset()), only


def show(request: Request) -> Response:
    """GET /numbers: merchants by stage over time, how long they stay, visits by month, what visits find."""
    home = house(request)
    mine = territories_of(staff(request), *READERS)
    chosen, only = _chosen(request, mine)
    now, day = home.now(), today(home)
    ends = numbers.month_ends(day, MONTHS)
    with home.db.read() as session:
        lived = counted.lived(session, chosen).values()
        months = counted.visits_by_month(session, chosen)
        latest = counted.received(session, chosen, home.drafts, LATEST)
        found = numbers.answers(counted.whys(session, latest, home.rules))
        territories = [each for each in people.territories(session) if mine is None or each.id in mine]
    at_ends = numbers.standing_at(lived, ends)
    return page(
        request,
        "numbers.html",
        territories=territories,
        only=only,
        ends=ends,
        groups={
            name: [sum(count[stage] for stage in stages) for count in at_ends]
            for name, stages in GROUPS.items()
        },
        stays={stage: each for stage, each in numbers.stays(lived, now).items() if each.left or each.there},
        months=_months(ends, months),
        answers=_named(home, found),
        read=len(latest),
        may_take=bool(_may_take(request)),
    )


def _months(ends: Collection[Any], months: Mapping[str, Counter[str]]) -> list[tuple[str, int, int]]:
    """By month: planned in all, and received."""
    return [
        (key, counts.total() - counts["cancelled"], sum(counts[state] for state in counted.RECEIVED))
        for end in ends
        for key in [f"{end:%Y-%m}"]
        for counts in [months.get(key, Counter())]
    ]


def _named(
    home: House, found: Mapping[str, numbers.Answers]
) -> list[tuple[str, numbers.Answers, float | None]]:
    """The criteria by the names of any grid that has them, with their mean share out of 100."""
    names = {each.id: each.name for grid in home.grids.values() for each in grid.criteria}
    return [
        (names.get(criterion, criterion), each, None if (tenths := _tenths(each)) is None else tenths / 10)
        for criterion, each in found.items()
    ]


def _tenths(found: numbers.Answers) -> int | None:
    return None if found.mean is None else floored(found.mean * 100)


def _may_take(request: Request) -> bool:
    mine = territories_of(staff(request), Role.RESEARCH, Role.COORDINATION)
    return mine is None or bool(mine)


# --- research ---


def show_research(request: Request) -> Response:
    """GET /research: what the pseudonymous files hold, and what they do not."""
    return page(request, "research.html", codebook=CODEBOOK)


def research(request: Request) -> Response:
    """GET /research/data.zip: CSV files with stable pseudonyms, and their codebook."""
    home = house(request)
    chosen, _only = _chosen(request, territories_of(staff(request), Role.RESEARCH, Role.COORDINATION))
    with home.db.read() as session:
        tables = _tables(home, session, chosen)
    return zipped("recherche.zip", ((f"{table.name}.csv", sheets.as_csv(table)) for table in tables))


@dataclass(frozen=True)
class _Pseudonyms:
    """Names that stay the same from one export to the next, and that nobody can trace back without the secret."""

    secret: bytes

    def of(self, what: str, identity: str) -> str:
        digest = hmac.digest(self.secret, f"research {what} {identity}".encode(), "sha256")
        return f"{what}-{digest.hex()[:12]}"


# file → column → what it holds; the page and the codebook say the same
CODEBOOK: dict[str, dict[str, str]] = {
    "commerces": {
        "commerce": N_("pseudonyme du commerce, le même dans tous les fichiers"),
        "territoire": N_("identifiant du territoire"),
        "genre": N_("genre du commerce"),
        "etape": N_("étape à ce jour"),
        "depuis": N_("mois depuis lequel il est à cette étape"),
    },
    "visites": {
        "visite": N_("pseudonyme de la visite"),
        "commerce": N_("pseudonyme du commerce"),
        "grille": N_("identifiant de la grille"),
        "facon": N_(
            "one_phone : un téléphone pour tout le monde ; separate : chacun le sien ; together : ensemble"
        ),
        "mois": N_("mois de la visite"),
        "personnes": N_("nombre de personnes qui y allaient"),
        "score_bas": N_("bas de l’intervalle du score, sur 100"),
        "score_haut": N_("haut de l’intervalle du score, sur 100"),
        "proposition_basse": N_("proposition de la grille au bas de l’intervalle"),
        "proposition_haute": N_("proposition de la grille au haut de l’intervalle"),
    },
    "reponses": {
        "visite": N_("pseudonyme de la visite"),
        "feuille": N_("pseudonyme de la personne qui a répondu, ou duo pour la feuille commune"),
        "critere": N_("identifiant du critère"),
        "reponse": N_(
            "nombre de points, not_applicable pour « ne s’applique pas » ; deux lignes si deux réponses restent"
        ),
    },
    "decisions": {
        "commerce": N_("pseudonyme du commerce"),
        "mois": N_("mois de la décision"),
        "decision": N_("accredited, accredited_with_commitments, deferred ou declined"),
        "engagements": N_("nombre d’engagements"),
    },
}


def _tables(home: House, session: Session, chosen: frozenset[str] | None) -> list[Table]:
    alias = _Pseudonyms(fact(session, "secret").encode())
    visited = counted.received(session, chosen, home.drafts)
    sizes = counted.sizes(session, visited)
    return [
        _table("commerces", _merchant_rows(session, chosen, alias)),
        _table("visites", [_visit_row(visit, sizes[visit.id], alias) for visit in visited]),
        _table("reponses", [row for visit in visited for row in _answer_rows(session, visit, alias)]),
        _table("decisions", _decision_rows(session, chosen, alias)),
        Table(
            "codebook",
            ("fichier", "colonne", "contenu"),
            [
                (file, column, _(words))
                for file, columns in CODEBOOK.items()
                for column, words in columns.items()
            ],
        ),
    ]


def _table(name: str, rows: list[tuple[Cell, ...]]) -> Table:
    """In an order that says nothing of when each row was written."""
    return Table(name, tuple(CODEBOOK[name]), sorted(rows, key=repr))


def _merchant_rows(session: Session, chosen: Any, alias: _Pseudonyms) -> list[tuple[Cell, ...]]:
    return [
        (alias.of("c", each.id), each.territory_id, each.kind, each.stage, f"{each.stage_since:%Y-%m}")
        for each in counted.all_merchants(session, chosen)
    ]


def _visit_row(visit: Any, size: int, alias: _Pseudonyms) -> tuple[Cell, ...]:
    score = visit.score or {"total": [None, None], "outcome": [None, None]}
    return (
        alias.of("v", visit.id),
        alias.of("c", visit.merchant_id),
        visit.grid_id,
        visit.mode,
        f"{visit.planned_on:%Y-%m}",
        size,
        *score["total"],
        *score["outcome"],
    )


def _answer_rows(session: Session, visit: Any, alias: _Pseudonyms) -> list[tuple[Cell, ...]]:
    return [
        (alias.of("v", visit.id), sheet if sheet == DUO else alias.of("p", sheet), criterion, str(choice))
        for sheet, criteria in counted.sheets(session, visit).items()
        for criterion, choices in criteria.items()
        for choice in choices
        if choice is not None
    ]


def _decision_rows(session: Session, chosen: Any, alias: _Pseudonyms) -> list[tuple[Cell, ...]]:
    return [
        (alias.of("c", merchant.id), f"{decision.decided_on:%Y-%m}", decision.outcome, held)
        for decision, merchant, held in counted.decided(session, chosen)
    ]
