"""The merchants as the teams look through them: lists, counts and the board by stage."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import and_, case, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.domain.merchants import APPROVED, Stage, Standing, folded
from backend.storage.merchants import FOR_A_HAND
from backend.storage.tables import Decision, Merchant, SalesPoint, Visit


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


def search(
    session: Session, wanted: Wanted, today: date, *, limit: int, offset: int = 0
) -> list[tuple[Merchant, Stage]]:
    """The merchants wanted, by name, each with its stage as of `today`."""
    stage = _stage_on(today)
    query = _only(select(Merchant, stage), wanted).order_by(col(Merchant.search), col(Merchant.id))
    if wanted.stage:
        query = query.where(stage == wanted.stage)
    rows = session.exec(query.limit(limit).offset(offset))
    return [(merchant, Stage(code)) for merchant, code in rows]


def count_by_stage(session: Session, wanted: Wanted, today: date) -> dict[Stage, int]:
    """How many of the merchants wanted, whatever their stage, are at each stage."""
    stage = _stage_on(today)
    rows = session.exec(_only(select(stage, func.count()), wanted).group_by(stage))
    counts = dict(rows.all())
    return {each: counts.get(each.value, 0) for each in Stage}


ALIKE = 80.0  # of 100: how much of what was typed has to be in a name for it to be meant
SHORTEST = 4  # letters: anything is like three


def nearly(session: Session, wanted: Wanted, *, limit: int) -> list[Merchant]:
    """Of the merchants wanted, whatever the text, those whose name is nearly that text, the nearest first."""
    typed = folded(wanted.text)
    if len(typed) < SHORTEST:
        return []
    everyone = list(session.exec(_only(select(Merchant), replace(wanted, text=""))))
    names = [folded(merchant.name) for merchant in everyone]
    found = process.extract(typed, names, scorer=fuzz.partial_ratio, score_cutoff=ALIKE, limit=limit)
    return [everyone[rank] for _name, _score, rank in found]


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
    reach = [
        _in(wanted.territories),
        and_(_in(wanted.on_agenda_in), _on_agenda()),
        and_(_in(wanted.approved_in), _approved()),
    ]
    query = query.where(or_(*reach))
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
    return query


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
    )
