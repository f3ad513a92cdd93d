"""The sheets of a visit side by side: what each person answered, what the duo settled on, and where they differ."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from backend.domain.grid import Category, Criterion, Grid
from backend.domain.journal import CurrentChoice, VisitState
from backend.domain.scoring import DUO
from backend.web.explained import Level, level


@dataclass(frozen=True)
class Column:
    """One sheet. `counted`: whether it can count; `done`: its author has finished it."""

    sheet: str
    name: str
    common: bool
    counted: bool
    done: bool


@dataclass(frozen=True)
class Cell:
    """What one sheet says of one criterion: several answers when it was written on two devices."""

    levels: tuple[Level, ...]
    paper: bool


@dataclass(frozen=True)
class Row:
    """One criterion. `verdict`: same, different, alone (one person answered), none; `settled`: on the common sheet."""

    criterion: Criterion
    cells: tuple[Cell, ...]
    verdict: str
    settled: bool


@dataclass(frozen=True)
class SideBySide:
    """Nothing to compare, and no columns, while there is no personal sheet."""

    columns: tuple[Column, ...]
    families: tuple[tuple[Category, tuple[Row, ...]], ...]

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for _family, rows in self.families for row in rows if row.verdict == "different")


def side_by_side(
    state: VisitState, grid: Grid, names: Mapping[str, str], counted: Collection[str], paper: Collection[str]
) -> SideBySide:
    """The sheets of a visit, the personal ones first. `paper`: the ids of the entries keyed in from paper."""
    personal = [
        sheet for sheet in sorted(state["sheets"]) if sheet != DUO and any(state["sheets"][sheet].values())
    ]
    if not personal:
        return SideBySide((), ())
    columns = [
        Column(sheet, names.get(sheet, "?"), False, sheet in counted, sheet in state["done"])
        for sheet in personal
    ]
    common = Column(DUO, "", True, True, DUO in state["done"])
    sheets = (*columns, common) if any(state["sheets"].get(DUO, {}).values()) else tuple(columns)
    return SideBySide(
        sheets,
        tuple(
            (
                family,
                tuple(
                    _row(state, each, sheets, paper) for each in grid.criteria if each.category == family.id
                ),
            )
            for family in grid.categories
        ),
    )


def _row(state: VisitState, criterion: Criterion, columns: Collection[Column], paper: Collection[str]) -> Row:
    made = [(column, _made(state, column.sheet, criterion)) for column in columns]
    said = [
        {str(each["choice"]) for each in choices} for column, choices in made if not column.common and choices
    ]
    common = next((choices for column, choices in made if column.common), [])
    return Row(
        criterion,
        tuple(_cell(criterion, choices, paper) for _column, choices in made),
        _verdict(said),
        len({str(each["choice"]) for each in common}) == 1,
    )


def _made(state: VisitState, sheet: str, criterion: Criterion) -> list[CurrentChoice]:
    given = state["sheets"].get(sheet, {}).get(criterion.id, [])
    return [each for each in given if each["choice"] is not None]


def _cell(criterion: Criterion, choices: Collection[CurrentChoice], paper: Collection[str]) -> Cell:
    levels = dict.fromkeys(level(criterion, each["choice"]) for each in choices)
    return Cell(tuple(levels), any(each["id"] in paper for each in choices))


def _verdict(said: Collection[Collection[str]]) -> str:
    """What the personal sheets say together; `said`: the distinct answers of each that has one."""
    if not said:
        return "none"
    if len({answer for answers in said for answer in answers}) > 1:
        return "different"
    return "same" if len(said) > 1 else "alone"
