"""The committee's decision: what it rests on, what it says, and the merchant told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from gettext import gettext as _
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.decisions import (
    BY_LINK,
    MOST_COMMITMENTS,
    RETURNS_AFTER,
    WAYS_OF_TELLING,
    DecisionOutcome,
    a_year_later,
)
from backend.domain.errors import Refusal
from backend.domain.follow_up import Promise
from backend.domain.grid import Criterion
from backend.domain.merchants import ACCREDITING
from backend.domain.people import Role
from backend.domain.visits import ON_AGENDA
from backend.storage import decisions, follow_up, journal, merchants, people, public_words, visits, votes
from backend.storage.decisions import Commitment, Deciding, Telling
from backend.storage.tables import (
    Decision,
    DecisionCommitment,
    DecisionVisit,
    DecisionVote,
    Merchant,
    PublicWords,
    Visit,
)
from backend.storage.votes import Sitting
from backend.web import merchant_side, voting
from backend.web.house import House, house
from backend.web.pages import form_page
from backend.web.reading import Shown, may_record, must_have_on_agenda, read
from backend.web.security import day_field, field, fields, must_act, once, staff, typed
from backend.web.told import Arrived
from backend.web.visits import grids_for_visits, today

PUBLIC_WORDS = 1000  # characters of what everyone reads
READABLE = frozenset({"open", "closed", "received", "decided"})


@dataclass(frozen=True)
class Past:
    """A decision recorded earlier, with what it rests on."""

    decision: Decision
    visits: Sequence[DecisionVisit]
    commitments: Sequence[DecisionCommitment]
    kept: Mapping[str, Promise]
    author: str
    vote: DecisionVote | None
    public: PublicWords | None


@dataclass(frozen=True)
class Candidate:
    """A visit that the decision may rest on; `news`: what came since the page was last shown."""

    shown: Shown
    news: Sequence[Arrived]


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/decisions: what was decided, what the visits propose, and the form."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        if not may_record(who, merchant.territory_id):
            must_have_on_agenda(session, who, merchant.territory_id, merchant.id)
        context = _context(request, session, merchant)
    return form_page(
        request,
        "decision.html",
        refusal,
        today=today(home),
        a_year_later=a_year_later(today(home)),
        most_commitments=MOST_COMMITMENTS,
        public_words_limit=PUBLIC_WORDS,
        accrediting=ACCREDITING,
        returns_after=today(home) + RETURNS_AFTER,
        **context,
    )


def _context(request: Request, session: Session, merchant: Merchant) -> dict[str, Any]:
    home, who = house(request), staff(request)
    readable = READABLE if may_record(who, merchant.territory_id) else ON_AGENDA
    candidates = [
        _candidate(request, session, visit)
        for visit in visits.of_merchant(session, merchant.id)
        if visit.state in readable
    ]
    criteria = _criteria(home, merchant, candidates)
    return {
        "merchant": merchant,
        "life": merchants.life_of(session, merchant.id),
        "side": merchant_side.summary(session, merchant.id),
        "past": _past(session, merchant.id),
        "evening": voting.evening(request, session, merchant.id),
        "candidates": candidates,
        "criteria": criteria,
        "criteria_names": {each.id: each.name for each in criteria},
        "may_record": may_record(who, merchant.territory_id),
    }


def _candidate(request: Request, session: Session, visit: Visit) -> Candidate:
    shown = read(house(request), session, staff(request), visit, as_it_is=True)
    seen = typed(request).get(f"read_seq_{visit.id}", "")
    news = [
        each
        for each in journal.numbered(session, visit.id)
        if isinstance(seen, str) and seen.isdecimal() and each.seq > int(seen)
    ]
    return Candidate(shown, shown.arrived(news))


def _past(session: Session, merchant_id: str) -> list[Past]:
    recorded = decisions.of_merchant(session, merchant_id)
    names = people.names(session, [decision.recorded_by for decision in recorded])
    taken = votes.of_decisions(session, [decision.id for decision in recorded])
    said = public_words.of_decisions(session, [decision.id for decision in recorded])
    return [
        Past(
            decision,
            decisions.visits_of(session, decision.id),
            made := decisions.commitments_of(session, decision.id),
            follow_up.promises_of(session, made),
            names.get(decision.recorded_by, ""),
            taken.get(decision.id),
            said.get(decision.id),
        )
        for decision in recorded
    ]


def _criteria(home: House, merchant: Merchant, candidates: Sequence[Candidate]) -> Sequence[Criterion]:
    """The criteria a commitment may be about: those of the latest visit, else of the territory's grid."""
    grids = [candidate.shown.explained.grid for candidate in candidates]
    grid = next(iter([*grids, *grids_for_visits(home, merchant.territory_id)]), None)
    return grid.criteria if grid else ()


# --- recording ---


@dataclass(frozen=True)
class Asked:
    """What the decision's form says. `noted`: commitments noted during the visits, by the ids of their entries;
    `written`: those typed in, by their rows."""

    outcome: DecisionOutcome
    decided_on: date
    valid_until: date | None
    reasons: str
    despite: str
    read_at: dict[str, int]
    noted: tuple[str, ...]
    written: Mapping[str, Commitment]
    after: str
    returns_on: date | None
    sitting: Sitting | None
    public_words: str
    public: frozenset[str]  # the commitments that everyone may read: ids of their entries, or their rows

    def deciding(self, commitments: Sequence[Commitment]) -> Deciding:
        return Deciding(
            self.outcome,
            self.decided_on,
            self.reasons,
            self.read_at,
            self.valid_until,
            commitments,
            self.despite,
            self.returns_on,
            self.sitting,
        )


def record(request: Request) -> Response:
    """POST /merchants/{id}/decisions: the decision, resting on exactly what was shown."""
    try:
        asked = _asked(request)
        return once(request, lambda session: _record(request, session, asked))
    except Refusal as refusal:
        return show(request, refusal)


def _asked(request: Request) -> Asked:
    outcome = _outcome(field(request, "outcome"))
    decided_on = _past_day(request, "decided_on", _("Choisissez le jour de la décision."))
    asked = Asked(
        outcome=outcome,
        decided_on=decided_on,
        valid_until=_valid_until(request, outcome, decided_on),
        reasons=field(request, "reasons", 4000),
        despite=field(request, "despite", 1000),
        read_at={visit_id: _read_seq(request, visit_id) for visit_id in fields(request, "visit")},
        noted=tuple(fields(request, "noted")),
        written={
            str(rank): written
            for rank in range(1, MOST_COMMITMENTS + 1)
            if (written := _written(request, rank)) is not None
        },
        after=field(request, "after"),
        returns_on=voting.returns_on(request, outcome, decided_on),
        sitting=voting.sitting(request),
        public_words=field(request, "public_words", PUBLIC_WORDS),
        public=frozenset(fields(request, "public")),
    )
    _check_commitments(asked)
    return asked


def _outcome(text: str) -> DecisionOutcome:
    if text not in list(DecisionOutcome):
        raise Refusal("form_invalid", sentence=_("Choisissez ce que le comité a décidé."))
    return DecisionOutcome(text)


def _past_day(request: Request, name: str, missing: str) -> date:
    day = day_field(request, name)
    if day is None:
        raise Refusal("form_invalid", sentence=missing)
    if day > today(house(request)):
        raise Refusal("form_invalid", sentence=_("Ce jour n’est pas encore venu. Vérifiez la date."))
    return day


def _valid_until(request: Request, outcome: DecisionOutcome, decided_on: date) -> date | None:
    if outcome not in ACCREDITING:
        return None
    day = day_field(request, "valid_until") or a_year_later(decided_on)
    if day <= decided_on:
        raise Refusal(
            "form_invalid", sentence=_("La fin de validité vient avant la décision. Vérifiez la date.")
        )
    return day


def _read_seq(request: Request, visit_id: str) -> int:
    text = field(request, f"read_seq_{visit_id}")
    if not text.isdecimal():
        raise Refusal("form_expired")
    return int(text)


def _written(request: Request, rank: int) -> Commitment | None:
    text = field(request, f"commitment_text_{rank}", 1000)
    due = day_field(request, f"commitment_due_{rank}")
    return Commitment(field(request, f"commitment_criterion_{rank}"), text, due) if text else None


def _check_commitments(asked: Asked) -> None:
    count, expected = (
        len(asked.noted) + len(asked.written),
        asked.outcome is DecisionOutcome.ACCREDITED_WITH_COMMITMENTS,
    )
    if count > MOST_COMMITMENTS:
        raise Refusal("form_invalid", sentence=_("Cinq engagements au plus. Gardez les plus importants."))
    if expected and not count:
        raise Refusal(
            "form_invalid",
            sentence=_("Avec engagements : cochez ou écrivez au moins un engagement du commerce."),
        )
    if count and not expected:
        raise Refusal(
            "form_invalid",
            sentence=_(
                "Il y a des engagements : choisissez « Conventionné avec engagements », ou enlevez-les."
            ),
        )


def _record(request: Request, session: Session, asked: Asked) -> str:
    home, who = house(request), staff(request)
    merchant = merchants.get(session, request.path_params["id"])
    must_act(who, merchant.territory_id, Role.COORDINATION)
    journal.hold(session)
    latest = decisions.latest(session, merchant.id)
    if asked.after != (latest.id if latest else ""):
        raise Refusal("read_again")  # someone else has recorded a decision in the meantime
    promised = {**_noted(home, session, asked), **asked.written}
    deciding = asked.deciding(list(promised.values()))
    now, by = home.now(), who.person_id
    decision = decisions.record(session, merchant.id, deciding, home.rules, home.drafts, now, by=by)
    _say_to_all(session, decision, asked, promised, now, by=by)
    if asked.sitting:
        return f"/sessions/{asked.sitting.session_id}#m-{merchant.id}"
    return f"/merchants/{merchant.id}/decisions"


def _noted(home: House, session: Session, asked: Asked) -> dict[str, Commitment]:
    """The commitments ticked among those that the visits noted, by the ids of their entries."""
    return {
        each["id"]: Commitment(
            each["criterion"], each["text"], date.fromisoformat(each["due"]) if each["due"] else None
        )
        for visit_id in asked.read_at
        for each in visits.read(session, visits.get(session, visit_id), home.rules).state["commitments"]
        if each["id"] in asked.noted
    }


# --- what everyone may read ---


def _say_to_all(
    session: Session,
    decision: Decision,
    asked: Asked,
    promised: Mapping[str, Commitment],
    now: datetime,
    *,
    by: str,
) -> None:
    """What was marked public in the form, and nothing else; of a merchant that is not accredited, nothing."""
    if asked.outcome not in ACCREDITING:
        return
    session.flush()
    marked = {astuple(each) for key, each in promised.items() if key in asked.public}
    made = decisions.commitments_of(session, decision.id)
    public = [row.id for row in made if (row.criterion, row.text, row.due) in marked]
    public_words.write(session, decision.id, asked.public_words, public, now, by=by)


# --- telling ---


def tell(request: Request) -> Response:
    """POST /merchants/{id}/told: the merchant knows, so the public may."""
    try:
        how, note = field(request, "how"), field(request, "note", 1000)
        if how not in WAYS_OF_TELLING or how == BY_LINK:
            raise Refusal("form_invalid", sentence=_("Choisissez comment le commerce l’a appris."))
        on = _past_day(request, "told_on", _("Choisissez le jour où le commerce l’a appris."))
        telling = Telling(field(request, "decision"), how, on, note)
        return once(request, lambda session: _tell(request, session, telling))
    except Refusal as refusal:
        return show(request, refusal)


def _tell(request: Request, session: Session, telling: Telling) -> str:
    who, now = staff(request), house(request).now()
    merchant = merchants.get(session, request.path_params["id"])
    must_act(who, merchant.territory_id, Role.COORDINATION)
    decisions.tell(session, merchant.id, telling, now, by=who.person_id)
    return f"/merchants/{merchant.id}"
