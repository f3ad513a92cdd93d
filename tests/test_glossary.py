"""The glossary is parsed, whole, and covers the models that people see through files and messages."""

import re
from pathlib import Path
from typing import get_args

import pytest

from backend.domain import journal, merchants, people, scoring
from backend.domain.decisions import DecisionOutcome
from backend.domain.grid import Category, Criterion, Grid, Level, Status, Thresholds

LINES = (Path(__file__).parents[1] / "criteria" / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
HEADER = "| identifiant | terme | définition |"
RULE = "| --- | --- | --- |"
ROWS = [line for line in LINES if line.startswith("|") and line not in {HEADER, RULE}]
ENTRIES = [re.fullmatch(r"\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|", row) for row in ROWS]
IDENTIFIERS = [entry[1] for entry in ENTRIES if entry]


def test_every_row_has_an_identifier_a_french_term_and_a_definition() -> None:
    assert [row for row, entry in zip(ROWS, ENTRIES, strict=True) if entry is None] == []


def test_no_identifier_is_explained_twice() -> None:
    assert sorted(set(IDENTIFIERS)) == sorted(IDENTIFIERS)


@pytest.mark.parametrize("entry", ENTRIES, ids=IDENTIFIERS)
def test_a_definition_is_one_sentence_in_french_typography(entry: re.Match[str]) -> None:
    definition = entry[3]
    assert re.match(r"[A-ZÉÀ]", definition)
    assert definition.endswith(".")
    assert ". " not in definition
    assert not re.search(r"'|[^\u202f][?!;]|[^\u00a0][:»]|«[^\u00a0]", definition)


NAMED = {
    "the models of a grid": [
        name
        for model in (Grid, Criterion, Category, Level, Thresholds)
        for name in model.model_fields
        if name != "id"
    ],
    "the states of a grid": get_args(Status),
    "the outcomes of a score": get_args(scoring.Outcome),
    "the fields of a score": list(scoring.Score.__dataclass_fields__),
    "the entries of the journal": journal.KINDS,
    "the stages of a merchant": list(merchants.Stage),
    "the standings of a merchant": [each for each in merchants.Standing if each != "none"],
    "the outcomes of a decision": list(DecisionOutcome),
    "the roles": list(people.Role),
    "the words of the house": [
        "category",
        "criterion",
        "level",
        "choice",
        "sheet",
        "visit",
        "evaluator",
        "merchant",
        "sales_point",
        "stage",
        "standing",
        "decision",
        "commitment",
        "remark",
        "entry",
        "receipt",
        "told",
        "onboarding",
    ],
}


@pytest.mark.parametrize("names", NAMED.values(), ids=NAMED)
def test_the_glossary_explains(names: list[str]) -> None:
    assert sorted(set(names) - set(IDENTIFIERS)) == []
