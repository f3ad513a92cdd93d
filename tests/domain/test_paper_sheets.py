"""What a keyed paper adds to the journal: what it says and no more, over what was keyed before and over no phone."""

from itertools import count
from typing import Any

import pytest

from backend.domain import journal, paper_sheets
from backend.domain.journal import Record, fold
from backend.domain.paper_sheets import Keyed, choice_of, differences, frozen, key_of, keyed_before
from backend.domain.scoring import DUO

AMINA, BRUNO, CLAIRE, VISIT = (f"01890000-0000-7000-8000-00000000000{n}" for n in range(1, 5))
AT = "2026-11-24T12:00:00+01:00"
numbers = count(1)


def mint(above: str | None) -> str:
    made = f"01890000-0000-7000-9000-{next(numbers):012x}"
    assert above is None or made > above
    return made


def choice(points: Any, *, author: str = AMINA, sheet: str = AMINA, brought_by: str | None = None) -> Record:
    """What a phone sent of the first criterion, or (`brought_by`) what somebody keyed in."""
    raw = {
        "id": mint(None),
        "v": 1,
        "kind": "choice_made",
        "visit": VISIT,
        "author": author,
        "at": AT,
        "app": "paper" if brought_by else "test",
        "sheet": sheet,
        "criterion": "petits-prix",
        "choice": points,
        "supersedes": [],
    }
    return Record(journal.parse(raw), confirmed=brought_by is None, brought_by=brought_by)


def key_in(
    records: list[Record], author: str = AMINA, sheet: str = AMINA, **says: Any
) -> list[dict[str, Any]]:
    """Key in a paper; what it adds is added to `records`."""
    keyed = Keyed(author, sheet, (author,), AT, **says)
    written = paper_sheets.entries(keyed, records, fold(records), VISIT, "nantes-ouest/depart-1", mint)
    records += [Record(journal.parse(raw), confirmed=False, brought_by=CLAIRE) for raw in written]
    return written


def holds(records: list[Record], sheet: str = AMINA) -> list[Any]:
    """The answers to the first criterion that hold on this sheet."""
    made = fold(records)["sheets"].get(sheet, {}).get("petits-prix", [])
    return [each["choice"] for each in made if each["choice"] is not None]


@pytest.mark.parametrize(("key", "points"), [("0", 0), ("2", "1.5"), ("na", "not_applicable"), ("", None)])
def test_a_key_stands_for_a_choice_and_back(key: str, points: Any) -> None:
    assert choice_of([0, 1, "1.5"], key) == points
    assert key_of([0, 1, "1.5"], points) == key


def test_a_key_that_is_no_level_is_refused() -> None:
    with pytest.raises(KeyError):
        choice_of([0, 1], "2")


def test_the_first_paper_begins_the_visit_and_says_what_is_ticked() -> None:
    records: list[Record] = []
    written = key_in(records, answers={"petits-prix": 2, "horaires": None}, remarks={None: "Bon accueil."})
    assert [each["kind"] for each in written] == ["visit_started", "choice_made", "remark_made"]
    assert written[0]["mode"] == "separate"
    assert holds(records) == [2]
    assert [each["text"] for each in fold(records)["remarks"]] == ["Bon accueil."]


def test_the_same_paper_again_adds_nothing() -> None:
    records: list[Record] = []
    says = {"answers": {"petits-prix": 2}, "remarks": {None: "Bon accueil."}, "done": True, "last": True}
    assert key_in(records, **says)
    assert key_in(records, **says) == []


def test_an_empty_paper_writes_nothing() -> None:
    assert key_in([], answers={"petits-prix": None}, remarks={None: ""}) == []


def test_a_slip_is_corrected_over_what_was_keyed_before() -> None:
    records: list[Record] = []
    key_in(records, answers={"petits-prix": 2}, remarks={"petits-prix": "Au kilo."})
    key_in(records, answers={"petits-prix": 1}, remarks={"petits-prix": "À la pièce."})
    assert holds(records) == [1]
    assert [each["text"] for each in fold(records)["remarks"]] == ["À la pièce."]
    key_in(records, answers={"petits-prix": None}, remarks={"petits-prix": ""})
    assert holds(records) == []
    assert fold(records)["remarks"] == []


@pytest.mark.parametrize("sheet", [AMINA, DUO])
def test_a_paper_never_supersedes_what_its_authors_phone_has_sent(sheet: str) -> None:
    records = [choice(3, sheet=sheet)]
    key_in(records, sheet=sheet, answers={"petits-prix": 1})
    assert holds(records, sheet) == [3, 1]


def test_a_paper_never_supersedes_what_somebody_elses_phone_wrote_on_the_common_sheet() -> None:
    records = [choice(3, author=BRUNO, sheet=DUO)]
    key_in(records, sheet=DUO, answers={"petits-prix": 1})
    assert holds(records, DUO) == [3, 1]


def test_a_paper_empties_nothing_that_a_phone_has_sent() -> None:
    records = [choice(3)]
    assert key_in(records, answers={"petits-prix": None}) == []


def test_it_tells_where_phone_and_paper_differ_and_only_there() -> None:
    state = fold([choice(3)])
    for paper, said in ((3, []), (None, []), (1, [("petits-prix", (3,), 1)]), ("not_applicable", [(3,)])):
        found = differences(state, Keyed(AMINA, AMINA, answers={"petits-prix": paper}))
        assert len(found) == len(said), paper


def test_what_was_keyed_before_is_no_difference_with_a_phone() -> None:
    state = fold([choice(3, brought_by=CLAIRE)])
    assert differences(state, Keyed(AMINA, AMINA, answers={"petits-prix": 1})) == []


def test_a_partners_relay_is_not_taken_for_paper() -> None:
    relay = choice(3)
    brought = Record(relay.entry, confirmed=False, brought_by=BRUNO)
    assert keyed_before([brought], AMINA, AMINA).answers == {}


def test_done_freezes_a_personal_sheet_and_not_the_common_one() -> None:
    records: list[Record] = []
    key_in(records, answers={"petits-prix": 2}, done=True)
    key_in(records, sheet=DUO, answers={"petits-prix": 2}, done=True)
    state = fold(records)
    assert frozen(state, AMINA)
    assert not frozen(state, DUO)
    key_in(records, answers={"petits-prix": 0})
    assert holds(records) == [2]
    assert key_in(records, answers={"petits-prix": 0}) == []  # though it does not hold, it was keyed in


def test_the_last_paper_closes_the_visit_with_all_that_it_holds() -> None:
    records: list[Record] = []
    key_in(records, answers={"petits-prix": 2}, last=True)
    state = fold(records)
    assert state["closed"]
    assert set(state["expected_entries"]) == set(state["ids"]) - {state["closed"]}
