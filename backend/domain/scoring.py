"""The score of a visit: an interval that proposes, with its reasons (criteria/REGLES.md, 4).

Exact: numbers are decimals turned into integers and fractions, never binary floats.
`pwa/domain/scoring.js` is the twin; `fixtures/scoring.json` holds the two together.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Literal, NamedTuple

DUO = "duo"
NOT_APPLICABLE = "not_applicable"

Number = int | float | Decimal | str
Choice = Number | None
Sheets = Mapping[str, Mapping[str, Sequence[Choice]]]
Outcome = Literal["favorable", "conditional", "unfavorable", "undetermined"]
State = Literal["answered", "not_applicable", "unanswered", "to_settle"]
Ends = tuple[Fraction | None, Fraction | None]

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)


class Points(NamedTuple):
    """A number of points on a criterion. `part` = weight × points ÷ maximum, in the rules' common unit."""

    text: str
    value: Fraction
    part: int | Fraction


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion made ready to count; `levels` finds the points of a level by number or decimal text."""

    id: str
    category: str
    weight: Fraction
    maximum: Points
    zero: Points
    eliminatory_below: Fraction | None
    may_not_apply: bool
    levels: Mapping[int | str, Points]
    whole: int
    unit: Fraction

    def points(self, choice: Number) -> Points:
        """The points of a numeric choice. 2, 2.0 and "2" are the same. ValueError when it is no number.

        What is no level counts as it is: `journal.against` is what keeps it out.
        """
        if (
            type(choice) is int or type(choice) is str
        ):  # not bool, and no float: 0.1 must mean its decimal form
            level = self.levels.get(choice)
            if level is not None:
                return level
        return _points(_exact(choice), self.unit)


@dataclass(frozen=True, slots=True)
class Rules:
    """A grid made ready to score. Thresholds are (numerator, denominator); a category may have no minimum."""

    criteria: Mapping[str, Criterion]
    minima: Mapping[str, tuple[int, int] | None]
    favorable: tuple[int, int]
    conditional: tuple[int, int]
    trial: bool = False  # of a draft: what is scored with it assesses nobody


class Why(NamedTuple):
    """What one criterion brings. `share`: its part of the total, out of 100; None when it is left out."""

    id: str
    category: str
    weight: Fraction
    state: State
    points: Ends
    maximum: Fraction
    share: Ends


@dataclass(frozen=True, slots=True)
class Score:
    """Totals out of 100 and outcomes as (low end, high end); ids in the grid's order.

    `assessed_share`: weight of the criteria that someone answered with points, over all weights (0 to 1).
    `rests_on_one`: criteria without common answer that a single person answered.
    `settled`: what may be called "déjà acquis".
    """

    total: Ends
    categories: Mapping[str, Ends]
    outcome: tuple[Outcome, Outcome]
    unanswered: tuple[str, ...]
    to_settle: tuple[str, ...]
    criteria: tuple[Why, ...]
    assessed_share: Fraction | None
    rests_on_one: tuple[str, ...]
    settled: bool


class Change(NamedTuple):
    """A choice, written as in the journal (2, "1.5", "not_applicable"), and the outcome it would give."""

    choice: int | str
    outcome: tuple[Outcome, Outcome]


class _Bounds(NamedTuple):
    """What the sheets say of a criterion: its lowest and highest points, None when it does not apply."""

    criterion: Criterion
    state: State
    ends: tuple[Points, Points] | None
    lone: bool


class _Tally(NamedTuple):
    """Sums in the rules' common unit over criteria that apply: all there is to win, and each end."""

    whole: int
    ends: tuple[int | Fraction, int | Fraction]


class _Reading(NamedTuple):
    total: _Tally
    categories: Mapping[str, _Tally]
    outcome: tuple[Outcome, Outcome]


def rules_from(grid: Mapping[str, Any]) -> Rules:
    """Rules from a grid in the vectors' form: categories, criteria (points ascending from 0), decision.

    Numbers are ints, Decimals or decimal strings; a float counts as its shortest decimal form.
    ValueError when one is no number, a weight is negative or a criterion has no points to give.
    """
    drafts = [_Draft.of(raw) for raw in grid["criteria"]]
    scale = lcm(*(denominator for draft in drafts for denominator in draft.denominators()))
    return Rules(
        criteria={draft.raw["id"]: draft.criterion(scale) for draft in drafts},
        minima={raw["id"]: _ratio(raw.get("minimum")) for raw in grid["categories"]},
        favorable=_fraction(grid["decision"]["favorable"]).as_integer_ratio(),
        conditional=_fraction(grid["decision"]["conditional"]).as_integer_ratio(),
    )


class _Draft(NamedTuple):
    """A criterion before the common unit is known; `unit` = weight ÷ maximum, the worth of one point."""

    raw: Mapping[str, Any]
    weight: Fraction
    levels: tuple[Decimal, ...]
    unit: Fraction

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "_Draft":
        weight = _fraction(raw["weight"])
        levels = tuple(_exact(points) for points in raw["points"])
        maximum = Fraction(max(levels, default=Decimal(0)))
        if weight < 0 or maximum <= 0:
            raise ValueError(
                f"criterion {raw['id']}: a weight is not negative, and the best level gives points"
            )
        return cls(raw, weight, levels, weight / maximum)

    def denominators(self) -> Iterator[int]:
        """What the common unit must divide for every level to be a whole number of it."""
        yield self.weight.denominator
        for points in self.levels:
            yield (self.unit * Fraction(points)).denominator

    def criterion(self, scale: int) -> Criterion:
        unit = self.unit * scale
        levels = [_points(exact, unit) for exact in self.levels]
        below = self.raw.get("eliminatory_below")
        return Criterion(
            id=self.raw["id"],
            category=self.raw["category"],
            weight=self.weight,
            maximum=max(levels, key=lambda level: level.value),
            zero=_points(Decimal(0), unit),
            eliminatory_below=None if below is None else _fraction(below),
            may_not_apply=self.raw.get("may_not_apply", True),
            levels={level.text: level for level in levels}
            | {int(level.text): level for level in levels if _WHOLE.fullmatch(level.text)},
            whole=int(self.weight * scale),
            unit=unit,
        )


def _exact(number: Number) -> Decimal:
    text = str(number)
    if isinstance(number, bool) or _DECIMAL.fullmatch(text) is None:
        raise ValueError(f"not a decimal number: {text[:60]!r}")
    return Decimal(text)


def _fraction(number: Number) -> Fraction:
    return Fraction(_exact(number))


def _ratio(number: Number | None) -> tuple[int, int] | None:
    return None if number is None else _fraction(number).as_integer_ratio()


def _points(exact: Decimal, unit: Fraction) -> Points:
    """Levels give whole parts, by the choice of the unit, and plain ints add much faster than fractions."""
    value = Fraction(exact)
    part = value * unit
    return Points(_text(exact), value, int(part) if part.denominator == 1 else part)


def _text(exact: Decimal) -> str:
    """The one decimal text of a number: no exponent, no useless zero, no sign on zero."""
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if exact else "0"


def score(rules: Rules, sheets: Sheets) -> Score:
    """The score of the current choices of each sheet.

    A sheet may hold criteria that the grid does not have: they are ignored, since the score is the grid's and
    a stray answer must not hide the others. ValueError when a choice is no number, "not_applicable" or null.
    """
    found = [_bounds(criterion, sheets) for criterion in rules.criteria.values()]
    reading = _read(rules, found)
    low, high = reading.outcome
    to_settle = tuple(bounds.criterion.id for bounds in found if bounds.state == "to_settle")
    rests_on_one = tuple(bounds.criterion.id for bounds in found if bounds.lone)
    return Score(
        total=_out_of_100(reading.total),
        categories={category: _out_of_100(tally) for category, tally in reading.categories.items()},
        outcome=(low, high),
        unanswered=tuple(bounds.criterion.id for bounds in found if bounds.state == "unanswered"),
        to_settle=to_settle,
        criteria=tuple(_why(bounds, reading.total.whole) for bounds in found),
        assessed_share=_assessed_share(found),
        rests_on_one=rests_on_one,
        settled=low == high != "undetermined" and not to_settle and not rests_on_one,
    )


def what_would_change(rules: Rules, sheets: Sheets) -> dict[str, list[Change]]:
    """For each criterion alone, the choices that, once agreed on, would change either end of the outcome.

    Criteria of which no choice would change anything are left out.
    """
    found = [_bounds(criterion, sheets) for criterion in rules.criteria.values()]
    now = _read(rules, found).outcome
    changes = {}
    for place, bounds in enumerate(found):
        given = [
            Change(choice, _read(rules, [*found[:place], settled, *found[place + 1 :]]).outcome)
            for choice, settled in _every_answer(bounds.criterion)
        ]
        changes[bounds.criterion.id] = [change for change in given if change.outcome != now]
    return {criterion: given for criterion, given in changes.items() if given}


def floored(share: Fraction | None) -> int | None:
    """A share out of 100 in whole tenths, rounded down: 64.96 never shows as 65.0 under a threshold of 65."""
    return None if share is None else share.numerator * 10 // share.denominator


def summary(score: Score) -> dict[str, Any]:
    """The score in JSON, with the keys of the vectors' `expect`; totals floored to one decimal."""
    return {
        "total": _shown(score.total),
        "categories": {category: _shown(ends) for category, ends in score.categories.items()},
        "outcome": list(score.outcome),
        "unanswered": list(score.unanswered),
        "to_settle": list(score.to_settle),
    }


def _shown(ends: Ends) -> list[float | None]:
    return [None if (tenths := floored(end)) is None else tenths / 10 for end in ends]


def _bounds(criterion: Criterion, sheets: Sheets) -> _Bounds:
    """Agreed choices are those of the common sheet when it has any, else those of all personal sheets."""
    agreed = _distinct(criterion, sheets.get(DUO, {}).get(criterion.id, ()))
    if agreed:
        return _between(criterion, agreed, lone=False)
    answered = 0
    for sheet, given in sheets.items():
        if sheet != DUO and (own := _distinct(criterion, given.get(criterion.id, ()))):
            answered += 1
            agreed |= own
    return _between(criterion, agreed, lone=answered == 1)


def _distinct(criterion: Criterion, choices: Sequence[Choice]) -> dict[str, Points | None]:
    """The different choices by their text; None is "not_applicable". A cleared choice (null) says nothing."""
    distinct: dict[str, Points | None] = {}
    for choice in choices:
        if choice == NOT_APPLICABLE:
            distinct[NOT_APPLICABLE] = None
        elif choice is not None:
            points = criterion.points(choice)
            distinct[points.text] = points
    return distinct


def _between(criterion: Criterion, agreed: Mapping[str, Points | None], lone: bool) -> _Bounds:
    points = [point for point in agreed.values() if point is not None]
    if len(agreed) == 1 and points:
        return _Bounds(criterion, "answered", (points[0], points[0]), lone)
    if agreed and not points:
        return _Bounds(criterion, "not_applicable", None, lone)
    if NOT_APPLICABLE in agreed or not agreed:
        state: State = "to_settle" if agreed else "unanswered"
        return _Bounds(criterion, state, (criterion.zero, criterion.maximum), lone)
    points.sort(key=lambda point: point.value)
    return _Bounds(criterion, "to_settle", (points[0], points[-1]), lone)


def _every_answer(criterion: Criterion) -> Iterator[tuple[int | str, _Bounds]]:
    for text, level in criterion.levels.items():
        if isinstance(text, str):
            choice = int(text) if _WHOLE.fullmatch(text) else text
            yield choice, _Bounds(criterion, "answered", (level, level), lone=False)
    if criterion.may_not_apply:
        yield NOT_APPLICABLE, _Bounds(criterion, "not_applicable", None, lone=False)


def _read(rules: Rules, found: Sequence[_Bounds]) -> _Reading:
    members: dict[str, list[_Bounds]] = {category: [] for category in rules.minima}
    for bounds in found:
        members.get(bounds.criterion.category, []).append(bounds)
    total = _tally(found)
    categories = {category: _tally(those) for category, those in members.items()}
    low, high = (_outcome(rules, found, total, categories, end) for end in (0, 1))
    return _Reading(total, categories, (low, high))


def _tally(found: Sequence[_Bounds]) -> _Tally:
    whole = 0
    low: int | Fraction = 0
    high: int | Fraction = 0
    for criterion, _, ends, _ in found:
        if ends is not None:
            whole += criterion.whole
            low += ends[0].part
            high += ends[1].part
    return _Tally(whole, (low, high))


def _outcome(
    rules: Rules,
    found: Sequence[_Bounds],
    total: _Tally,
    categories: Mapping[str, _Tally],
    end: Literal[0, 1],
) -> Outcome:
    if total.whole == 0:
        return "undetermined"
    if any(_eliminates(bounds, end) for bounds in found):
        return "unfavorable"
    if _reaches(total, rules.favorable, end) and all(
        minimum is None or categories[category].whole == 0 or _reaches(categories[category], minimum, end)
        for category, minimum in rules.minima.items()
    ):
        return "favorable"
    return "conditional" if _reaches(total, rules.conditional, end) else "unfavorable"


def _eliminates(bounds: _Bounds, end: Literal[0, 1]) -> bool:
    below = bounds.criterion.eliminatory_below
    return below is not None and bounds.ends is not None and bounds.ends[end].value < below


def _reaches(tally: _Tally, threshold: tuple[int, int], end: Literal[0, 1]) -> bool:
    numerator, denominator = threshold
    return 100 * tally.ends[end] * denominator >= numerator * tally.whole


def _out_of_100(tally: _Tally) -> Ends:
    return _share(tally.ends[0], tally.whole), _share(tally.ends[1], tally.whole)


def _share(part: int | Fraction, whole: int) -> Fraction | None:
    return Fraction(100 * part, whole) if whole else None


def _why(bounds: _Bounds, whole: int) -> Why:
    criterion, state, ends, _ = bounds
    points: Ends = (None, None)
    share: Ends = (None, None)
    if ends is not None:
        points = (ends[0].value, ends[1].value)
        low = _share(ends[0].part, whole)
        share = (low, low if ends[0] is ends[1] else _share(ends[1].part, whole))
    return Why(
        criterion.id, criterion.category, criterion.weight, state, points, criterion.maximum.value, share
    )


def _assessed_share(found: Sequence[_Bounds]) -> Fraction | None:
    assessed = sum(bounds.criterion.whole for bounds in found if bounds.state in ("answered", "to_settle"))
    everything = sum(bounds.criterion.whole for bounds in found)
    return Fraction(assessed, everything) if everything else None
