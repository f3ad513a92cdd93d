"""Scoring: both engines on every vector, against each other on generated visits, and what they say besides."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cli import main
from backend.domain.scoring import (
    NOT_APPLICABLE,
    Score,
    floored,
    rules_from,
    score,
    summary,
    what_would_change,
)

VECTORS = Path(__file__).parents[2] / "fixtures" / "scoring.json"
CASES = json.loads(VECTORS.read_text("utf-8"), parse_float=Decimal)["cases"]
DECISION = {"favorable": 65, "conditional": 45}


def criterion(name: str, category: str = "a", **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "category": category,
        "weight": 1,
        "points": [0, 1, 2, 3],
        "may_not_apply": True,
    } | changes


def grid(*criteria: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "categories": [{"id": "a", "minimum": None}],
        "criteria": criteria,
        "decision": DECISION,
    } | changes


def scored(a_grid: dict[str, Any], **sheets: dict[str, list[Any]]) -> Score:
    return score(rules_from(a_grid), sheets)


# The vectors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_server_agrees_with_every_vector(case: dict[str, Any]) -> None:
    expect = json.loads(json.dumps(case["expect"], default=float))
    assert summary(score(rules_from(case["grid"]), case["sheets"])) == expect


# `tests/pwa/scoring.test.mjs` runs the same vectors on the phone's engine.


# Why


def test_shares_add_up_to_the_total() -> None:
    result = scored(
        grid(criterion("x", weight=3), criterion("y", weight=2), criterion("z")), duo={"x": [2], "y": [1]}
    )
    for end in (0, 1):
        assert sum(why.share[end] for why in result.criteria) == result.total[end]


def test_each_criterion_says_its_weight_its_points_and_its_part() -> None:
    result = scored(grid(criterion("x", weight=3), criterion("y")), duo={"x": [2], "y": [3]})
    x = result.criteria[0]
    assert (x.id, x.category, x.weight, x.state, x.maximum) == ("x", "a", 3, "answered", 3)
    assert x.points == (2, 2)
    assert x.share == (50, 50)


def test_what_does_not_apply_has_no_points_and_no_part() -> None:
    x, _ = scored(grid(criterion("x"), criterion("y")), duo={"x": [NOT_APPLICABLE], "y": [3]}).criteria
    assert (x.state, x.points, x.share) == ("not_applicable", (None, None), (None, None))


def test_what_is_to_settle_spans_the_choices_made() -> None:
    (x,) = scored(grid(criterion("x")), ana={"x": [1]}, bilal={"x": [2]}).criteria
    assert (x.state, x.points, x.share) == ("to_settle", (1, 2), (Fraction(100, 3), Fraction(200, 3)))


def test_what_does_not_apply_makes_the_assessed_share_thin() -> None:
    a_grid = grid(criterion("x"), criterion("y", weight=2), criterion("z"))
    assert scored(a_grid, duo={"x": [0], "y": [NOT_APPLICABLE]}).assessed_share == Fraction(1, 4)


def test_what_is_to_settle_counts_as_assessed() -> None:
    assert scored(grid(criterion("x")), duo={"x": [1, 2]}).assessed_share == 1


def test_an_empty_grid_has_no_assessed_share() -> None:
    result = scored(grid())
    assert (result.total, result.assessed_share, result.outcome) == (
        (None, None),
        None,
        ("undetermined",) * 2,
    )


# Already settled


def test_a_full_common_sheet_is_settled() -> None:
    assert scored(grid(criterion("x")), duo={"x": [3]}).settled


def test_partners_who_agree_settle() -> None:
    assert scored(grid(criterion("x")), ana={"x": [3]}, bilal={"x": [3]}).settled


def test_nothing_is_settled_while_the_ends_differ() -> None:
    assert not scored(grid(criterion("x"), criterion("y")), duo={"x": [3]}).settled


def test_nothing_is_settled_while_a_choice_is_left_to_settle() -> None:
    result = scored(grid(criterion("x")), duo={"x": [2, 3]})
    assert result.outcome == ("favorable", "favorable")
    assert result.to_settle == ("x",)
    assert not result.settled


def test_nothing_is_settled_on_one_person_s_word() -> None:
    a_grid = grid(criterion("x", weight=99), criterion("y"))
    result = scored(a_grid, ana={"x": [3], "y": [3]}, bilal={"x": [3]})
    assert result.outcome == ("favorable", "favorable")
    assert result.rests_on_one == ("y",)
    assert not result.settled


def test_a_single_personal_sheet_rests_on_one_person() -> None:
    assert scored(grid(criterion("x")), ana={"x": [3]}).rests_on_one == ("x",)


def test_a_common_answer_relieves_the_one_person() -> None:
    assert scored(grid(criterion("x")), ana={"x": [3]}, duo={"x": [3]}).rests_on_one == ()


def test_a_cleared_answer_is_nobody_s_word() -> None:
    assert scored(grid(criterion("x")), ana={"x": [3]}, bilal={"x": [None]}).rests_on_one == ("x",)


def test_an_undetermined_visit_is_never_settled() -> None:
    assert not scored(grid(criterion("x")), duo={"x": [NOT_APPLICABLE]}).settled


# What would change


def test_the_levels_that_would_change_an_end_are_listed() -> None:
    a_grid = grid(criterion("x", points=[0, "1.5", 3]), criterion("y", weight=2))
    changes = what_would_change(rules_from(a_grid), {"duo": {"x": [0], "y": [2]}})  # 44.4
    assert changes["x"] == [
        ("1.5", ("conditional", "conditional")),
        (3, ("favorable", "favorable")),
        (NOT_APPLICABLE, ("favorable", "favorable")),
    ]


def test_what_always_applies_is_not_offered_as_not_applicable() -> None:
    a_grid = grid(criterion("x", may_not_apply=False), criterion("y"))
    changes = what_would_change(rules_from(a_grid), {"duo": {"x": [0], "y": [3]}})
    assert NOT_APPLICABLE not in [change.choice for change in changes["x"]]


def test_a_criterion_that_changes_nothing_is_left_out() -> None:
    a_grid = grid(criterion("x", weight=99), criterion("y", weight=1))
    assert list(what_would_change(rules_from(a_grid), {"duo": {"x": [3], "y": [0]}})) == ["x"]


# Exactness and strange input


@pytest.mark.parametrize("choice", [2, 2.0, "2", "2.0", "20e-1", Decimal("2.00"), Decimal("0.2E1")])
def test_two_is_two_however_it_is_written(choice: Any) -> None:
    assert scored(grid(criterion("x")), duo={"x": [choice, 2]}).to_settle == ()


@pytest.mark.parametrize(
    ("threshold", "outcome"), [(f"66.{'6' * 40}", "favorable"), (f"66.{'6' * 40}7", "conditional")]
)
def test_long_decimals_are_not_rounded(threshold: str, outcome: str) -> None:
    a_grid = grid(criterion("x"), decision={"favorable": threshold, "conditional": 45})
    assert scored(a_grid, duo={"x": [2]}).outcome == (outcome, outcome)


@pytest.mark.parametrize("choice", [True, "two", "", "1.", ".5", "1e9999", "NaN", "٢", [2], {}])
def test_what_is_no_number_is_refused(choice: Any) -> None:
    with pytest.raises(ValueError, match="not a decimal number"):
        scored(grid(criterion("x")), duo={"x": [choice]})


@pytest.mark.parametrize("changes", [{"weight": -1}, {"points": [0]}, {"points": []}, {"weight": "heavy"}])
def test_a_grid_that_cannot_score_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"criterion x|not a decimal"):
        rules_from(grid(criterion("x", **changes)))


def test_a_criterion_of_another_grid_is_ignored() -> None:
    assert scored(grid(criterion("x")), duo={"x": [3], "y": [0]}) == scored(
        grid(criterion("x")), duo={"x": [3]}
    )


@pytest.mark.parametrize(
    ("share", "tenths"), [(None, None), (Fraction(6499, 100), 649), (Fraction(0), 0), (Fraction(-1, 100), -1)]
)
def test_shown_numbers_are_rounded_down(share: Fraction | None, tenths: int | None) -> None:
    assert floored(share) == tenths


# Both engines, on generated grids and visits

NAMES = ["a", "b", "duo", "__proto__", "constructor", "10", "é", "\U0001f34e", "not_applicable"]
names = st.sampled_from(NAMES)
plain_numbers = st.sampled_from(["0.5", "1", "2", "3", "5", "1.5", "0.1", "0.2", "33.3", "66.6", "7", "1000"])
long_numbers = st.decimals("0.0001", "1000", places=30).map(lambda number: f"{number:f}")
numbers = st.one_of(plain_numbers, plain_numbers, plain_numbers, long_numbers)
thresholds = (
    st.sampled_from(["0", "25", "33.3", "40", "45", "50", "60", "65", "66.6", "75", "100"]) | long_numbers
)


@st.composite
def written(draw: st.DrawFn, decimals: st.SearchStrategy[str]) -> int | float | str:
    """A number as a file or a phone may write it; as a binary float only where that loses nothing."""
    text = draw(decimals)
    forms: list[int | float | str] = [
        text,
        f"{text}0" if "." in text else f"{text}.0",
        f"{Decimal(text) * 10}e-1",
    ]
    if len(text) < 15:
        forms.append(float(text) if "." in text else int(text))
    return draw(st.sampled_from(forms))


@st.composite
def criteria(draw: st.DrawFn, name: str, categories: list[str]) -> dict[str, Any]:
    steps = draw(st.lists(plain_numbers, min_size=1, max_size=4))
    points = [sum(map(Decimal, steps[:end]), Decimal(0)) for end in range(len(steps) + 1)]
    return {
        "id": name,
        "category": draw(st.sampled_from(categories)),
        "weight": draw(written(numbers)),
        "points": [draw(written(st.just(f"{level:f}"))) for level in points],
        "may_not_apply": draw(st.booleans()),
        "eliminatory_below": draw(st.none() | st.none() | written(st.just(f"{points[1]:f}"))),
    }


@st.composite
def grids(draw: st.DrawFn) -> dict[str, Any]:
    categories = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    ids = draw(st.lists(names | st.integers(0, 20).map("c{}".format), max_size=15, unique=True))
    return {
        "categories": [{"id": each, "minimum": draw(st.none() | written(thresholds))} for each in categories],
        "criteria": [draw(criteria(each, [*categories, "elsewhere"])) for each in ids],
        "decision": {"favorable": draw(written(thresholds)), "conditional": draw(written(thresholds))},
    }


@st.composite
def visits(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, dict[str, list[Any]]]]:
    a_grid = draw(grids())
    sheets = draw(
        st.lists(
            st.sampled_from(["duo", "ana", "bilal", "__proto__", "constructor"]), max_size=4, unique=True
        )
    )
    levels = {each["id"]: each["points"] for each in a_grid["criteria"]} | {"of another grid": [0, 1]}
    return a_grid, {sheet: draw(answers(levels)) for sheet in sheets}


@st.composite
def answers(draw: st.DrawFn, levels: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Often one choice, sometimes none, cleared or several."""
    given = {}
    for name, points in levels.items():
        choice = st.sampled_from([*points, *points, NOT_APPLICABLE, None])
        count = draw(st.sampled_from([0, 1, 1, 1, 1, 1, 2, 3]))
        if count:
            given[name] = [draw(choice) for _ in range(count)]
    return given


@given(visits())
def test_both_engines_say_the_same(phone_engine: Any, visit: tuple[dict[str, Any], Any]) -> None:
    a_grid, sheets = visit
    result = score(rules_from(a_grid), sheets)
    assert phone_engine.ask("score", grid=a_grid, sheets=sheets) == as_the_phone_writes(result)


@given(visits())
def test_both_engines_say_what_would_change(phone_engine: Any, visit: tuple[dict[str, Any], Any]) -> None:
    a_grid, sheets = visit
    changes = {
        name: [{"choice": change.choice, "outcome": list(change.outcome)} for change in given]
        for name, given in what_would_change(rules_from(a_grid), sheets).items()
    }
    assert phone_engine.ask("whatWouldChange", grid=a_grid, sheets=sheets) == changes


def as_the_phone_writes(result: Score) -> dict[str, Any]:
    def ends(pair: tuple[Fraction | None, Fraction | None]) -> list[str | None]:
        return [None if end is None else str(end) for end in pair]

    return {
        "total": ends(result.total),
        "categories": {name: ends(pair) for name, pair in result.categories.items()},
        "outcome": list(result.outcome),
        "unanswered": list(result.unanswered),
        "toSettle": list(result.to_settle),
        "criteria": [
            why._asdict()
            | {"weight": str(why.weight), "maximum": str(why.maximum)}
            | {"points": ends(why.points), "share": ends(why.share)}
            for why in result.criteria
        ],
        "assessedShare": None if result.assessed_share is None else str(result.assessed_share),
        "restsOnOne": list(result.rests_on_one),
        "settled": result.settled,
        "summary": summary(result),
    }


@given(visits(), st.data())
def test_a_level_answered_later_stays_within_the_interval(
    visit: tuple[dict[str, Any], Any], data: st.DataObject
) -> None:
    a_grid, sheets = visit
    rules = rules_from(a_grid)
    before = score(rules, sheets)
    if not before.unanswered:
        return
    name = data.draw(st.sampled_from(before.unanswered))
    level = data.draw(st.sampled_from([level.text for level in rules.criteria[name].levels.values()]))
    after = score(rules, sheets | {"duo": sheets.get("duo", {}) | {name: [level]}})
    low, high, later_low, later_high = (*before.total, *after.total)
    assert low is not None
    assert high is not None
    assert later_low is not None
    assert later_high is not None
    assert low <= later_low <= later_high <= high


# The command


@pytest.mark.parametrize("engine", ["python", "js"])
def test_the_command_prints_one_line_per_case(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(VECTORS), "--engine", engine]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [json.loads(json.dumps(case["expect"], default=float)) for case in CASES]


@pytest.mark.parametrize("engine", ["python", "js"])
def test_the_command_keeps_every_decimal_of_a_file(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = f'{{"favorable": 66.{"6" * 30}7, "conditional": 6666666666666666666666.6e-20}}'
    text = json.dumps(
        {"cases": [{"grid": grid(criterion("x"), decision="DECISION"), "sheets": {"duo": {"x": [2e0]}}}]}
    )
    file = tmp_path / "cases.json"
    file.write_text(text.replace('"DECISION"', decision), "utf-8")
    assert main(["score", str(file), "--engine", engine]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == ["conditional", "conditional"]


@pytest.mark.parametrize("engine", ["python", "js"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Ce fichier n’est pas du JSON."),
        ('{"cases": [{"weight": NaN}]}', "Ce fichier n’est pas du JSON."),
        ("[]", "Ce fichier n’a pas de liste"),
        ('{"cases": [{"name": "no grid"}]}', "Le cas n°\u00a01 n’a pas la forme attendue"),
        ('{"cases": [7]}', "Le cas n°\u00a01 n’a pas la forme attendue"),
    ],
)
def test_the_command_says_in_french_what_is_wrong(
    engine: str, text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(text, "utf-8")
    assert main(["score", str(file), "--engine", engine]) == 1
    assert capsys.readouterr().err.startswith(sentence)


def test_the_command_says_that_node_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert main(["score", str(VECTORS), "--engine", "js"]) == 1
    assert capsys.readouterr().err.startswith("Node est introuvable")
