"""The journal: what an entry may hold, the fold of a visit on both sides, and who may see what."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refusal
from backend.domain.journal import (
    KINDS,
    ChoiceMade,
    Record,
    VisitState,
    against,
    answers,
    canonical,
    choices,
    fold,
    parse,
    sheets_hidden,
    unable,
    written_alone,
)
from backend.domain.scoring import rules_from

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = json.loads((FIXTURES / "journal.json").read_text("utf-8"))["cases"]
GOLDEN = json.loads((FIXTURES / "journal_v1.json").read_text("utf-8"))["entries"]

ANA = "0190a000-0000-7000-8000-00000000000a"
BILAL = "0190a000-0000-7000-8000-00000000000b"
CHLOE = "0190a000-0000-7000-8000-00000000000c"
VISIT = "0190a000-0000-7000-8000-0000000000f1"


def entry_id(number: int) -> str:
    return f"018bcfe5-6800-7{number:03d}-8000-000000000000"


def raw(number: int, kind: str, author: str = ANA, **keys: Any) -> dict[str, Any]:
    common = {"id": entry_id(number), "v": 1, "visit": VISIT, "author": author, "app": "0.1.0"}
    return common | {"kind": kind, "at": "2025-11-24T10:00:00+01:00"} | keys


def choice(number: int, value: Any, sheet: str = "duo", criterion: str = "x", **keys: Any) -> dict[str, Any]:
    made = {"sheet": sheet, "criterion": criterion, "choice": value, "supersedes": []}
    return raw(number, "choice_made", **(made | keys))


def records(*entries: dict[str, Any]) -> list[Record]:
    return [Record(parse(each), confirmed=True) for each in entries]


def read(case_records: Iterable[dict[str, Any]]) -> list[Record]:
    return [Record(parse(each["entry"]), each["confirmed"], each["brought_by"]) for each in case_records]


def refusal(entry: object) -> tuple[str, Any]:
    with pytest.raises(Refusal) as caught:
        parse(entry)
    json.dumps(caught.value.as_dict(), ensure_ascii=False).encode()  # can be answered, whatever was sent
    return caught.value.problem.code, caught.value.params.get("where", caught.value.params.get("kind"))


# What an entry may hold


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: f"{entry['kind']} {entry['id'][15:18]}")
def test_an_entry_of_version_1_is_always_accepted(entry: dict[str, Any]) -> None:
    assert json.loads(canonical(parse(entry))) == entry


def test_the_golden_entries_have_every_kind() -> None:
    assert {entry["kind"] for entry in GOLDEN} == KINDS


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: f"{entry['kind']} {entry['id'][15:18]}")
def test_each_key_is_needed_and_no_other_is_taken(entry: dict[str, Any]) -> None:
    for key in entry.keys() - {"reason", "present", "address"}:
        assert refusal({name: value for name, value in entry.items() if name != key})[0] == "entry_invalid"
    assert refusal(entry | {"score": 100})[0] == "entry_invalid"


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: f"{entry['kind']} {entry['id'][15:18]}")
@pytest.mark.parametrize("junk", [True, -1, 1.5, "\0", "\ud800", "x" * 5000, ["x"], {"x": 1}])
def test_junk_is_refused_in_every_key(entry: dict[str, Any], junk: Any) -> None:
    for key in entry:
        if not (key in ("lat", "lon") and junk in (-1, 1.5)):
            assert refusal(entry | {key: junk})[0] in ("entry_invalid", "unknown_kind"), key


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"id": entry_id(1).upper()}, "id"),
        ({"id": "018bcfe5-6800-4001-8000-000000000000"}, "id"),
        ({"id": entry_id(1) + "\n"}, "id"),
        ({"author": "ana"}, "author"),
        ({"visit": None}, "visit"),
        ({"app": "v" * 41}, "app"),
        ({"at": "2025-11-24T10:00:00"}, "at"),
        ({"at": "2025-02-30T10:00:00Z"}, "at"),
        ({"at": "2025-11-24 10:00:00Z"}, "at"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "at"),
        ({"sheet": "ana"}, "sheet"),
        ({"criterion": ""}, "criterion"),
        ({"criterion": "x" * 81}, "criterion"),
        ({"choice": "two"}, "choice"),
        ({"choice": "-1"}, "choice"),
        ({"choice": "1e3"}, "choice"),
        ({"choice": 2**53}, "choice"),
        ({"choice": "1." + "0" * 16}, "choice"),
        ({"supersedes": None}, "supersedes"),
        ({"supersedes": entry_id(1)}, "supersedes"),
        ({"supersedes": ["x"]}, "supersedes"),
        ({"supersedes": [entry_id(1)] * 51}, "supersedes"),
        ({"reason": "x" * 2001}, "reason"),
        ({"reason": None}, "reason"),
        ({"present": ["ana"]}, "present"),
        ({"v": "1"}, "v"),
        ({"v": True}, "v"),
        ({"kind": None}, "kind"),
    ],
)
def test_a_refusal_names_the_key_at_fault(changes: dict[str, Any], where: str) -> None:
    assert refusal(choice(1, 2) | changes) == ("entry_invalid", where)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "1970-01-01T00:03:00Z"},
        {"at": "2099-12-31T23:59:59.123456789+14:00"},
        {"at": "2025-11-24T10:00-03:30"},
        {"choice": 0},
        {"choice": 2**53 - 1},
        {"choice": "1.50"},
        {"choice": "0" * 15 + "." + "9" * 15},
        {"criterion": "__proto__"},
        {"supersedes": [entry_id(1)] * 50},
        {"reason": "🍎" * 2000},
        {"app": ""},
    ],
)
def test_what_reaches_a_limit_is_accepted(changes: dict[str, Any]) -> None:
    entry = choice(1, 2) | changes
    assert json.loads(canonical(parse(entry))) == entry


@pytest.mark.parametrize("entry", [None, 7, "entry", [], [choice(1, 2)]])
def test_what_is_no_object_is_refused(entry: object) -> None:
    assert refusal(entry) == ("entry_invalid", "entry")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"kind": "vote_cast"}, "vote_cast"),
        ({"kind": "x" * 100}, "x" * 60),
        ({"kind": "\ud800"}, "?"),
        ({"v": 2}, "choice_made v2"),
    ],
)
def test_a_kind_of_a_later_server_is_unknown(changes: dict[str, Any], kind: str) -> None:
    assert refusal(choice(1, 2) | changes) == ("unknown_kind", kind)


def test_a_refusal_carries_the_id_of_the_entry() -> None:
    with pytest.raises(Refusal) as caught:
        parse(choice(1, 2.5))
    assert caught.value.params["id"] == entry_id(1)


@pytest.mark.parametrize("body", [{}, {"text": "a", "voice": "b" * 64}, {"text": None}, {"voice": None}])
def test_a_remark_is_either_typed_or_spoken(body: dict[str, Any]) -> None:
    remark = {"sheet": "duo", "criterion": None, "supersedes": []}
    assert refusal(raw(1, "remark_made", **remark, **body)) == ("entry_invalid", "remark_made")


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ({"lat": 47.2, "lon": None}, "merchant_spotted"),
        ({"lat": 91, "lon": 0}, "lat"),
        ({"lat": float("nan"), "lon": 0}, "lat"),
        ({"lat": 0, "lon": -180.5}, "lon"),
    ],
)
def test_a_spotted_merchant_has_a_whole_place_or_none(place: dict[str, Any], where: str) -> None:
    spotted = next(entry for entry in GOLDEN if entry["kind"] == "merchant_spotted")
    assert refusal(spotted | place) == ("entry_invalid", where)


def test_same_content_is_the_same_bytes_whatever_the_order_of_keys() -> None:
    entry = choice(1, 2, reason="à l’étal 🍎")
    backwards = dict(reversed(entry.items()))
    assert canonical(parse(entry)) == canonical(parse(backwards))
    assert canonical(parse(entry)) != canonical(parse(entry | {"choice": "2"}))


def test_an_absent_key_stays_absent() -> None:
    assert b"reason" not in canonical(parse(choice(1, 2)))
    assert canonical(parse(choice(1, 2))) != canonical(parse(choice(1, 2, reason="")))


# Against its grid and its sheet

RULES = rules_from(
    {
        "categories": [],
        "criteria": [
            {"id": "x", "category": "a", "weight": 1, "points": [0, "1.5", 3], "may_not_apply": True},
            {"id": "must", "category": "a", "weight": 1, "points": [0, 1], "may_not_apply": False},
        ],
        "decision": {"favorable": 65, "conditional": 45},
    }
)


@pytest.mark.parametrize(
    "entry",
    [
        choice(1, 3),
        choice(1, "3.0"),
        choice(1, "1.50"),
        choice(1, None, sheet=ANA),
        choice(1, "not_applicable"),
        choice(1, None, criterion="must"),
        raw(1, "remark_made", sheet=ANA, criterion=None, text="a", supersedes=[]),
        raw(1, "sheet_done", sheet=ANA),
        raw(1, "visit_closed", entries=[], photos=[]),
    ],
)
def test_an_entry_that_fits_its_grid_is_accepted(entry: dict[str, Any]) -> None:
    against(parse(entry), RULES)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (choice(1, 2), "not_a_level"),
        (choice(1, "1.51"), "not_a_level"),
        (choice(1, 1, criterion="y"), "unknown_criterion"),
        (choice(1, "not_applicable", criterion="must"), "must_apply"),
        (choice(1, 3, sheet=BILAL), "foreign_sheet"),
        (raw(1, "sheet_done", sheet=BILAL), "foreign_sheet"),
        (raw(1, "remark_made", sheet="duo", criterion="y", text="a", supersedes=[]), "unknown_criterion"),
        (raw(1, "commitment_noted", criterion="y", text="a", due=None, supersedes=[]), "unknown_criterion"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(entry: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        against(parse(entry), RULES)
    assert caught.value.problem.code == code
    assert str(caught.value)


# The fold


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_server_folds_every_vector(case: dict[str, Any]) -> None:
    assert fold(read(case["records"])) == case["expect"]
    assert fold(reversed(read(case["records"] + case["records"]))) == case["expect"]


# `tests/pwa/journal.test.mjs` runs the same vectors on the phone's fold.


def test_the_current_choices_are_what_the_score_takes() -> None:
    state = fold(records(choice(1, 2), choice(2, None, author=BILAL), choice(3, "1.5", sheet=ANA)))
    assert choices(state) == {"duo": {"x": [2, None]}, ANA: {"x": ["1.5"]}}


# The fold, on generated journals: few ids, people and criteria, so that everything meets everything

OTHER_VISIT = "0190a000-0000-7000-8000-0000000000f2"
ids = st.integers(0, 7).map(entry_id)
people = st.sampled_from([ANA, ANA, BILAL])
criteria = st.sampled_from(["x", "x", "x", "y", "__proto__"])
texts = st.sampled_from(["", "a", "é", "\U0001f34e", "\ufb01", '"\\\n\x7f'])
shas = st.sampled_from(["a" * 64, "b" * 64])
some_ids = st.lists(ids, max_size=4)


def body(kind: str, author: str) -> st.SearchStrategy[dict[str, Any]]:
    sheet = st.sampled_from(["duo", author])
    about = {"sheet": sheet, "criterion": criteria | st.none()}
    values = st.sampled_from([0, 1, 2, "1.5", "not_applicable", None])
    return {
        "visit_started": st.fixed_dictionaries(
            {"grid": st.sampled_from(["t/1", "t/2"]), "mode": st.sampled_from(["separate", "one_phone"])}
        ).map(lambda start: start | {"present": []}),
        "choice_made": st.fixed_dictionaries(
            {"sheet": sheet, "criterion": criteria, "choice": values, "supersedes": some_ids},
            optional={"reason": texts},
        ),
        "remark_made": st.one_of(
            st.fixed_dictionaries({**about, "supersedes": some_ids, "text": texts}),
            st.fixed_dictionaries({**about, "supersedes": some_ids, "voice": shas}),
        ),
        "photo_attached": st.fixed_dictionaries(
            {**about, "sha256": shas, "bytes": st.just(9), "media": st.just("image/png"), "caption": texts}
        ),
        "photo_removed": st.fixed_dictionaries({"photo": ids}),
        "commitment_noted": st.fixed_dictionaries(
            {"criterion": criteria, "text": texts, "due": st.just(None), "supersedes": some_ids}
        ),
        "sheet_done": st.fixed_dictionaries({"sheet": sheet}),
        "visit_closed": st.fixed_dictionaries({"entries": some_ids, "photos": st.lists(shas, max_size=2)}),
        "visit_impossible": st.fixed_dictionaries({"cause": st.just("closed"), "text": texts}),
        "question_answered": st.one_of(
            st.fixed_dictionaries({"question": st.just(OTHER_VISIT), "text": texts}),
            st.fixed_dictionaries({"question": st.just(OTHER_VISIT), "voice": shas}),
        ),
        "cannot_come": st.fixed_dictionaries({"text": texts}),
    }[kind]


kinds = st.sampled_from(
    ["choice_made"] * 8 + ["remark_made", "photo_attached", "photo_removed", "commitment_noted"] * 2
    + ["sheet_done", "sheet_done", "visit_started", "visit_closed", "visit_impossible"]
    + ["question_answered", "cannot_come"]
)  # fmt: skip


@st.composite
def journal_records(draw: st.DrawFn) -> dict[str, Any]:
    author = draw(people)
    kind = draw(kinds)
    return draw(received(raw(0, kind, author, **draw(body(kind, author)))))


@st.composite
def quarrels(draw: st.DrawFn) -> dict[str, Any]:
    """What Ana writes, corrects and declares done about one criterion: where most rules meet."""
    sheet = draw(st.sampled_from([ANA, ANA, "duo"]))
    made = choice(0, draw(st.integers(0, 3)), sheet=sheet, supersedes=draw(some_ids))
    done = raw(0, "sheet_done", sheet=sheet)
    return draw(received(draw(st.sampled_from([made, made, made, done]))))


@st.composite
def received(draw: st.DrawFn, entry: dict[str, Any]) -> dict[str, Any]:
    confirmed = draw(st.booleans())
    visit = draw(st.sampled_from([VISIT] * 5 + [OTHER_VISIT]))
    return {
        "entry": entry | {"id": draw(ids), "visit": visit},
        "confirmed": confirmed,
        "brought_by": None if confirmed else draw(people),
    }


journals = st.lists(journal_records(), max_size=16) | st.lists(quarrels(), min_size=4, max_size=12)


@st.composite
def journals_retold(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A journal, and the same records in another order, cut anywhere, some of them several times."""
    told = draw(journals)
    again = draw(st.lists(st.sampled_from(told), max_size=8)) if told else []
    return told, draw(st.permutations(told + again))


@given(journals_retold())
def test_order_repetition_and_cuts_change_nothing_on_the_server(
    journal: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    told, retold = journal
    assert fold(read(told)) == fold(read(retold))


@given(journals_retold())
def test_order_repetition_and_cuts_change_nothing_on_the_phone(
    phone_engine: Any, journal: tuple[list[dict[str, Any]], list[dict[str, Any]]]
) -> None:
    told, retold = journal
    assert phone_engine.ask("fold", records=retold) == phone_engine.ask("fold", records=told)


@given(journals)
def test_the_phone_and_the_server_fold_alike(phone_engine: Any, journal: list[dict[str, Any]]) -> None:
    on_the_server = json.dumps(fold(read(journal)), sort_keys=True)
    assert json.dumps(phone_engine.ask("fold", records=journal), sort_keys=True) == on_the_server


@given(journals, st.lists(people, unique=True, max_size=2), st.booleans())
def test_the_phone_and_the_server_hide_the_same_sheets_and_read_the_same_asides(
    phone_engine: Any, journal: list[dict[str, Any]], members: list[str], released: bool
) -> None:
    told = read(journal)
    asked = phone_engine.ask("around", records=journal, members=members, released=released)
    assert asked == {
        "hidden": sheets_hidden(fold(told), members, released),
        "alone": [written_alone(record.entry) for record in told],
        "answers": answers(told),
        "unable": unable(told),
    }


@given(journals)
def test_every_choice_stays_in_the_history(journal: list[dict[str, Any]]) -> None:
    state = fold(read(journal))
    listed = {past["id"] for sheet in state["history"].values() for made in sheet.values() for past in made}
    received = {each["entry"]["id"] for each in journal}
    assert set(state["ids"]) == received
    assert listed >= received - {e["entry"]["id"] for e in journal if e["entry"]["kind"] != "choice_made"}


@given(journals, people)
def test_no_relay_takes_away_what_its_author_s_own_device_sent(
    journal: list[dict[str, Any]], author: str
) -> None:
    """What Ana's device sent counts the same whether or not somebody brings other entries in her name."""
    own = [each for each in journal if each["confirmed"]]
    brought = [each for each in journal if not each["confirmed"] and each["entry"]["author"] == author]
    before, after = fold(read(own)), fold(read(own + brought))
    assert _current_of(before, author) <= _current_of(after, author)
    assert {p["id"] for p in before["photos"] if p["author"] == author} <= {p["id"] for p in after["photos"]}


def _current_of(state: VisitState, author: str) -> set[str]:
    sheets = state["sheets"].values()
    return {c["id"] for sheet in sheets for made in sheet.values() for c in made if c["author"] == author}


# Who may see what


def hidden(*entries: Record, members: Iterable[str] = (ANA, BILAL), released: bool = False) -> bool:
    return sheets_hidden(fold(entries), frozenset(members), released)


def own(entry: dict[str, Any]) -> Record:
    return Record(parse(entry), confirmed=True)


def brought(entry: dict[str, Any]) -> Record:
    return Record(parse(entry), confirmed=False, brought_by=BILAL)


def started(mode: str) -> Record:
    return own(raw(1, "visit_started", grid="t/1", mode=mode, present=[ANA, BILAL]))


ANA_DONE = raw(5, "sheet_done", sheet=ANA)
BILAL_DONE = raw(6, "sheet_done", BILAL, sheet=BILAL)


def test_separate_sheets_are_hidden_until_every_member_is_done() -> None:
    assert hidden(started("separate"))
    assert hidden(started("separate"), own(ANA_DONE))
    assert hidden(started("separate"), own(BILAL_DONE))
    assert not hidden(started("separate"), own(ANA_DONE), own(BILAL_DONE))


def test_the_coordination_releases_them() -> None:
    assert not hidden(started("separate"), released=True)


def test_nobody_opens_a_sheet_in_its_author_s_name() -> None:
    assert hidden(started("separate"), brought(ANA_DONE), own(BILAL_DONE))


def test_a_relayed_done_does_not_keep_them_hidden_once_the_author_is_done() -> None:
    earlier = raw(2, "sheet_done", sheet=ANA)
    assert not hidden(started("separate"), brought(earlier), own(ANA_DONE), own(BILAL_DONE))


def test_a_former_member_s_done_opens_nothing() -> None:
    assert hidden(started("separate"), own(ANA_DONE), own(BILAL_DONE), members=[ANA, CHLOE])
    assert hidden(started("separate"), own(ANA_DONE), own(BILAL_DONE), members=[])


@pytest.mark.parametrize("mode", ["one_phone", "two_phones"])
def test_the_other_modes_hide_nothing(mode: str) -> None:
    assert not hidden(started(mode))


def test_they_stay_hidden_while_the_mode_is_unknown() -> None:
    assert hidden(own(choice(2, 3, sheet=ANA)))


ABOUT_X = {"sheet": ANA, "criterion": "x"}
PHOTO = {"sha256": "a" * 64, "bytes": 9, "media": "image/png", "caption": ""}


@pytest.mark.parametrize(
    "entry",
    [
        choice(2, 3, sheet=ANA),
        raw(2, "remark_made", **ABOUT_X, text="a", supersedes=[]),
        raw(2, "photo_attached", **ABOUT_X, **PHOTO),
    ],
    ids=lambda entry: entry["kind"],
)
def test_what_is_on_a_personal_sheet_may_be_hidden(entry: dict[str, Any]) -> None:
    assert written_alone(parse(entry))
    assert not written_alone(parse(entry | {"sheet": "duo"}))


@pytest.mark.parametrize(
    "entry", [ANA_DONE, raw(2, "visit_closed", entries=[], photos=[])], ids=lambda entry: entry["kind"]
)
def test_the_steps_of_the_visit_are_never_hidden(entry: dict[str, Any]) -> None:
    assert not written_alone(parse(entry))


def test_an_entry_cannot_be_changed() -> None:
    made = parse(choice(1, 2))
    assert isinstance(made, ChoiceMade)
    with pytest.raises(ValueError, match="frozen"):
        made.choice = 3  # type: ignore[misc]
