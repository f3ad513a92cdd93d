"""The merchants as the teams look through them: lists, counts and the board by stage."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import and_, case, false, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.domain import onboarding
from backend.domain.board import Facts, Next, next_step
from backend.domain.follow_up import Due
from backend.domain.merchants import APPROVED, Life, Stage, Standing, folded
from backend.storage import appeals, follow_up, merchants
from backend.storage.merchants import FOR_A_HAND
from backend.storage.tables import (
    AgendaItem,
    Decision,
    Entry,
    Merchant,
    Person,
    Question,
    SalesPoint,
    Visit,
    VisitMember,
)

UNDER_WAY = ("planned", "open", "closed", "received")  # states of visits that nobody has decided on


@dataclass(frozen=True)
class Wanted:
    """Which merchants to list. Territories, None: all of them; `on_agenda_in`: only those of these that the
    committee has or had to decide on; `approved_in`: only the approved ones of these."""

    territories: Collection[str] | None
    on_agenda_in: Collection[str] | None = ()
    approved_in: Collection[str] | None = ()
    text: str = ""
    stage: str = ""
    kind: str = ""
    standing: str = ""
    unplaced: bool = False  # only those with a sales point that a person has to place, or to check
    person: str = ""  # only those that this person follows, or goes to see


def search(session: Session, wanted: Wanted, today: date, *, limit: int, offset: int = 0) -> "list[Card]":
    """The merchants wanted, by name, each with its stage as of `today` and what comes next."""
    stage = _stage_on(today)
    query = _only(select(Merchant, stage), wanted).order_by(col(Merchant.search), col(Merchant.id))
    if wanted.stage:
        query = query.where(stage == wanted.stage)
    rows = session.exec(query.limit(limit).offset(offset))
    return _cards(session, [(merchant, Stage(code)) for merchant, code in rows], today)


def count_by_stage(session: Session, wanted: Wanted, today: date) -> dict[Stage, int]:
    """How many of the merchants wanted, whatever their stage, are at each stage."""
    stage = _stage_on(today)
    rows = session.exec(_only(select(stage, func.count()), wanted).group_by(stage))
    counts = dict(rows.all())
    return {each: counts.get(each.value, 0) for each in Stage}


ALIKE = 80.0  # of 100: how much of what was typed has to be in a name for it to be meant
SHORTEST = 4  # letters: anything is like three
LIKELY = 200


def nearly(session: Session, wanted: Wanted, *, limit: int) -> list[Merchant]:
    """Of the merchants wanted, whatever the text, those whose name is nearly that text, the nearest first."""
    typed = folded(wanted.text)
    if len(typed) < SHORTEST:
        return []
    everyone = session.exec(
        _only(select(Merchant.id, Merchant.name, Merchant.search), replace(wanted, text=""))
    ).all()
    # what the search box looks in begins with the name: the likely ones are told by it, then by their names alone
    likely = process.extract(
        typed, [each[2] for each in everyone], scorer=fuzz.partial_ratio, score_cutoff=ALIKE, limit=LIKELY
    )
    names = {everyone[rank][0]: folded(everyone[rank][1]) for _search, _score, rank in likely}
    found = process.extract(typed, names, scorer=fuzz.partial_ratio, score_cutoff=ALIKE, limit=limit)
    return [session.get_one(Merchant, merchant_id) for _name, _score, merchant_id in found]


def count_unplaced(session: Session, wanted: Wanted) -> int:
    """How many of the merchants wanted have a sales point that a person has to place, or to check."""
    query = _only(select(func.count()).select_from(Merchant), replace(wanted, unplaced=True))
    return int(session.exec(query).one())


def _stage_on(today: date) -> Any:
    """What is stored does not depend on the clock; whether an accreditation has expired does."""
    later = aliased(Decision)
    superseded = select(later.id).where(
        later.merchant_id == Decision.merchant_id, later.recorded_at > Decision.recorded_at
    )
    expired = select(Decision.merchant_id).where(col(Decision.valid_until) < today, ~superseded.exists())
    to_renew = and_(col(Merchant.stage) == Stage.ACTIVE, col(Merchant.id).in_(expired))
    return case((to_renew, Stage.TO_RENEW.value), else_=col(Merchant.stage))


def _only(query: Any, wanted: Wanted) -> Any:
    """Restrict a query to the merchants wanted, their stage left open."""
    reach = [_in(wanted.territories)] if wanted.territories != frozenset() else []
    if wanted.on_agenda_in != ():
        reach.append(and_(_in(wanted.on_agenda_in), _on_agenda()))
    if wanted.approved_in != ():
        reach.append(and_(_in(wanted.approved_in), _approved()))
    query = query.where(or_(false(), *reach))
    for word in folded(wanted.text).split():
        query = query.where(col(Merchant.search).contains(word, autoescape=True))
    for sign in wanted.text.split():
        if not folded(sign):  # "%" is no word: it is looked for as it is
            query = query.where(col(Merchant.name).contains(sign, autoescape=True))
    if wanted.kind:
        query = query.where(Merchant.kind == wanted.kind)
    if wanted.standing:
        query = query.where(Merchant.standing == wanted.standing)
    if wanted.unplaced:
        waiting = select(SalesPoint.merchant_id).where(col(SalesPoint.placing).in_(FOR_A_HAND))
        query = query.where(col(Merchant.id).in_(waiting))
    if wanted.person:
        query = query.where(
            or_(col(Merchant.followed_by) == wanted.person, col(Merchant.id).in_(_seen_by(wanted.person)))
        )
    return query


def _seen_by(person_id: str) -> Any:
    """The merchants that this person goes to see, or saw, and that nobody has decided on since."""
    return (
        select(Visit.merchant_id)
        .join(VisitMember, col(VisitMember.visit_id) == Visit.id)
        .where(
            VisitMember.person_id == person_id,
            col(VisitMember.removed_at).is_(None),
            col(Visit.state).in_(UNDER_WAY),
        )
    )


def _in(territories: Collection[str] | None) -> Any:
    return true() if territories is None else col(Merchant.territory_id).in_(list(territories))


def _approved() -> Any:
    return or_(col(Merchant.stage).in_(APPROVED), col(Merchant.standing) != Standing.NONE)


def on_agenda(session: Session, merchant_id: str) -> bool:
    """Whether the committee has, or had, to decide on this merchant: it was assessed or decided once."""
    return (
        session.exec(select(Merchant.id).where(Merchant.id == merchant_id, _on_agenda())).first() is not None
    )


def _on_agenda() -> Any:
    assessed = select(Visit.merchant_id).where(col(Visit.state).in_(["received", "decided"]))
    return or_(
        col(Merchant.stage) == Stage.ASSESSED,
        col(Merchant.id).in_(assessed),
        col(Merchant.id).in_(select(Decision.merchant_id)),
        col(Merchant.id).in_(select(AgendaItem.merchant_id).where(col(AgendaItem.removed_at).is_(None))),
    )


# --- the board ---


@dataclass(frozen=True)
class Card:
    """A merchant on the board: its stage as of today, what comes next, and where it sells."""

    merchant: Merchant
    stage: Stage
    next: Next
    places: Sequence[SalesPoint]

    @property
    def cities(self) -> tuple[str, ...]:
        """Where it sells, each town once."""
        return tuple(dict.fromkeys(place.city for place in self.places if place.city))


def cards(
    session: Session, wanted: Wanted, today: date, stages: Collection[Stage], *, each: int
) -> dict[Stage, list[Card]]:
    """Of the merchants wanted, the `each` that have been longest at each of these stages, the longest first."""
    stage = _stage_on(today)
    order = (col(Merchant.stage_since), col(Merchant.id))
    rank = func.row_number().over(partition_by=stage, order_by=order).label("rank")
    ranked = _only(select(Merchant.id, stage.label("stage"), rank), wanted).subquery()
    rows = session.exec(
        select(Merchant, ranked.c.stage)
        .join(ranked, ranked.c.id == Merchant.id)
        .where(ranked.c.rank <= each, ranked.c.stage.in_(list(stages)))
        .order_by(*order)
    ).all()
    found: dict[Stage, list[Card]] = {code: [] for code in stages}
    for card in _cards(session, [(merchant, Stage(code)) for merchant, code in rows], today):
        found[card.stage].append(card)
    return found


class _Latest(NamedTuple):
    """A merchant's visit that was planned last."""

    merchant_id: str
    id: str
    state: str
    planned_on: date


# the stages of which the next step depends on what was decided, and on what Moneko has done since
DECIDED = frozenset({Stage.DEFERRED, Stage.ONBOARDING, Stage.ACTIVE, Stage.TO_RENEW, Stage.SUSPENDED})
_YOUNG = Life()


def _cards(session: Session, listed: Sequence[tuple[Merchant, Stage]], today: date) -> list[Card]:
    ids = [merchant.id for merchant, _stage in listed]
    sold_at = merchants.places_of(session, ids)
    known = _Known(
        merchants.lives(session, [merchant.id for merchant, stage in listed if stage in DECIDED]),
        visited := _latest_visits(session, ids),
        _waiting_questions(session, [visit.id for visit in visited.values()]),
        follow_up.of_merchants(session, ids, today),
        appeals.merchants_waiting(session, ids),
    )
    return [
        Card(merchant, stage, next_step(known.facts(merchant.id, stage, places), today), places)
        for merchant, stage in listed
        for places in [sold_at[merchant.id]]
    ]


@dataclass(frozen=True)
class _Known:
    """What the next steps of several merchants depend on: by merchant, and the questions by visit."""

    lives: Mapping[str, Life]
    visits: Mapping[str, _Latest]
    asked: Mapping[str, int]
    due: Mapping[str, Sequence[Due]]
    appealing: Collection[str]

    def facts(self, merchant_id: str, stage: Stage, sold_at: Sequence[SalesPoint]) -> Facts:
        life, visit = self.lives.get(merchant_id, _YOUNG), self.visits.get(merchant_id)
        return Facts(
            stage,
            visit=visit.id if visit else None,
            visit_state=visit.state if visit else None,
            visit_on=visit.planned_on if visit else None,
            waiting_questions=self.asked.get(visit.id, 0) if visit else 0,
            to_place=any(place.placing in FOR_A_HAND for place in sold_at),
            step=onboarding.next_step(life.steps),
            given_up=life.given_up,
            returns_on=life.returns_on,
            valid_until=life.valid_until,
            due=self.due[merchant_id],
            appeal=merchant_id in self.appealing,
        )


def _latest_visits(session: Session, merchant_ids: Collection[str]) -> dict[str, _Latest]:
    """Of each merchant the visit that was planned last, among those not cancelled."""
    rows = session.execute(
        select(Visit.merchant_id, Visit.id)
        .add_columns(col(Visit.state), col(Visit.planned_on))
        .where(col(Visit.merchant_id).in_(list(merchant_ids)), col(Visit.state) != "cancelled")
        .order_by(col(Visit.id))
    )
    return {row.merchant_id: _Latest(*row) for row in rows}


def _waiting_questions(session: Session, visit_ids: Collection[str]) -> Counter[str]:
    """How many questions of each of these visits have no answer yet."""
    asked = session.exec(
        select(Question.id, Question.visit_id).where(col(Question.visit_id).in_(list(visit_ids)))
    ).all()
    answers = session.exec(
        select(Entry.body).where(
            Entry.kind == "question_answered", col(Entry.visit_id).in_({visit_id for _id, visit_id in asked})
        )
    )
    answered = {json.loads(body)["question"] for body in answers}
    return Counter(visit_id for question_id, visit_id in asked if question_id not in answered)


def involved(session: Session, territory_ids: Collection[str]) -> list[tuple[str, str]]:
    """Who follows a merchant of these territories, or has a visit there that is not decided yet: ids and names."""
    follows = select(Merchant.followed_by).where(
        col(Merchant.territory_id).in_(list(territory_ids)), col(Merchant.followed_by).is_not(None)
    )
    goes = (
        select(VisitMember.person_id)
        .join(Visit, col(Visit.id) == VisitMember.visit_id)
        .where(
            col(Visit.territory_id).in_(list(territory_ids)),
            col(Visit.state).in_(UNDER_WAY),
            col(VisitMember.removed_at).is_(None),
        )
    )
    rows = session.exec(
        select(Person.id, Person.name)
        .where(or_(col(Person.id).in_(follows), col(Person.id).in_(goes)))
        .order_by(Person.name, Person.id)
    )
    return list(rows.all())
