"""What has to be followed up: commitments that fall due, merchants that come back, accreditations that end.

Derived from dated records and a day, so that nobody has to remember: what is due appears by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.committee import HOLDING, RENEWAL_FROM
from backend.domain.errors import N_, Refusal
from backend.domain.merchants import Stage

SOON = timedelta(days=30)  # commitments and returns are shown this long before their day
LATEST_DUE = timedelta(days=3 * 366)  # further away is a slip in the year


class Kept(StrEnum):
    """What became of a commitment."""

    KEPT = "kept"
    NOT_KEPT = "not_kept"
    EXTENDED = "extended"


KEPT_NAMES: dict[Kept, str] = {
    Kept.KEPT: N_("tenu"),
    Kept.NOT_KEPT: N_("pas tenu"),
    Kept.EXTENDED: N_("prolongé"),
}


@dataclass(frozen=True)
class Promise:
    """A commitment as its latest record leaves it: `due` is the day it was extended to, else the day first said."""

    id: str
    text: str
    criterion: str
    due: date | None
    state: Kept | None = None
    noted_on: date | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known if it was kept."""
        return self.state in (Kept.KEPT, Kept.NOT_KEPT)


@dataclass(frozen=True)
class Case:
    """A merchant as far as following up goes. `accredited`: the latest decision accredits it, until `valid_until`."""

    merchant_id: str
    stage: Stage
    accredited: bool = False
    valid_until: date | None = None
    returns_on: date | None = None
    promises: Sequence[Promise] = ()


class Kind(StrEnum):
    """What is due, in the order it is shown."""

    COMMITMENT = "commitment"
    BROKEN = "broken"
    RETURN = "return"
    RENEWAL = "renewal"


KIND_NAMES: dict[Kind, str] = {
    Kind.COMMITMENT: N_("Engagements à vérifier"),
    Kind.BROKEN: N_("Engagements pas tenus"),
    Kind.RETURN: N_("À revoir"),
    Kind.RENEWAL: N_("À renouveler"),
}


@dataclass(frozen=True)
class Due:
    """Something to do for a merchant. `day`: when, None for a commitment nobody gave a date."""

    kind: Kind
    merchant_id: str
    day: date | None
    promise: Promise | None = None

    def late(self, today: date) -> bool:
        """Whether its day is over. A commitment not kept is not late: it is to be talked about."""
        return self.kind is not Kind.BROKEN and self.day is not None and self.day < today


# The merchant is no longer, or not yet, in the fund: what it promised is asked no more.
_OVER = frozenset({Stage.WITHDRAWN, Stage.DECLINED, Stage.NOT_INTERESTED, Stage.CLOSED_DOWN})
# An accreditation goes on while a visit for its renewal is planned or made.
_RENEWABLE = HOLDING | {Stage.VISIT_PLANNED, Stage.ASSESSED}


def due(cases: Iterable[Case], today: date) -> list[Due]:
    """What these merchants ask for on `today`: by kind, then by day, what has no day last."""
    found = [each for case in cases for each in _of(case, today)]
    order = list(Kind)
    return sorted(
        found, key=lambda one: (order.index(one.kind), one.day is None, one.day or today, one.merchant_id)
    )


def _of(case: Case, today: date) -> Iterator[Due]:
    if case.stage in _OVER:
        return
    for promise in case.promises:
        yield from _of_promise(case, promise, today)
    if case.stage is Stage.DEFERRED and _comes(case.returns_on or today, today, SOON):
        yield Due(Kind.RETURN, case.merchant_id, case.returns_on)
    ends = case.accredited and case.stage in _RENEWABLE
    if ends and case.valid_until is not None and _comes(case.valid_until, today, RENEWAL_FROM):
        yield Due(Kind.RENEWAL, case.merchant_id, case.valid_until)


def _of_promise(case: Case, promise: Promise, today: date) -> Iterator[Due]:
    if promise.state is Kept.NOT_KEPT:
        yield Due(Kind.BROKEN, case.merchant_id, promise.noted_on, promise)
    elif not promise.settled and (promise.due is None or _comes(promise.due, today, SOON)):
        yield Due(Kind.COMMITMENT, case.merchant_id, promise.due, promise)


def _comes(day: date, today: date, before: timedelta) -> bool:
    return day <= today + before


def must_follow(state: Kept, new_due: date | None, note: str, today: date) -> None:
    """Whether this may be noted of a commitment. Raises following_day_wrong, following_note_missing."""
    if state is Kept.EXTENDED and (new_due is None or not today < new_due <= today + LATEST_DUE):
        raise Refusal("following_day_wrong", detail="due")
    if state is not Kept.KEPT and not note:
        raise Refusal("following_note_missing", detail="note")
