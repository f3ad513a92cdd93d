"""What happened, ordered and worded: every kind has its words, and nothing is told of what nobody knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.domain.happenings import Also, Group, Happening, groups, told
from backend.domain.merchants import RecordKind

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODIES: dict[str, dict[str, Any]] = {
    RecordKind.SPOTTED: {"source": "public"},
    RecordKind.FOLLOWED: {"person": None},
    RecordKind.VISIT_IMPOSSIBLE: {"visit": "v", "cause": "closed", "note": ""},
    RecordKind.DECIDED: {"decision": "d", "outcome": "deferred", "valid_until": None},
    RecordKind.ONBOARDING_STEP: {"step": "account", "done": False, "note": ""},
    RecordKind.MONEKO_STATUS: {"status": "active", "note": ""},
    RecordKind.CONTACT: {"what": "added", "function": ""},
    RecordKind.DOCUMENT: {"what": "removed", "title": "Charte"},
    RecordKind.MERGED: {"merged": "m", "name": "Le Moulin", "fields": {}},
    RecordKind.TOLD_APART: {"other": "m", "name": "Le Moulin"},
    Also.QUESTION_ASKED: {"visit": "v", "text": "Une marche ?"},
    Also.ON_AGENDA: {"session": "s", "on": "2026-12-03"},
    Also.COMMITMENT_FOLLOWED: {"state": "kept", "text": "Afficher les prix", "due": None, "note": ""},
}


def happening(kind: str, at: datetime = NOON, **how: Any) -> Happening:
    return Happening(f"{kind}{at}", at, kind, body=BODIES.get(kind, {}), **how)


@pytest.mark.parametrize("kind", [*RecordKind, *Also])
def test_every_kind_has_its_words(kind: str) -> None:
    (only,) = told([happening(kind)], {}, str)
    assert only.title
    assert "None" not in f"{only.title} {only.rest} {only.about}"


def test_the_latest_comes_first_and_what_came_together_keeps_an_order() -> None:
    later = happening(RecordKind.NOTE, NOON + timedelta(seconds=1))
    together = [happening(RecordKind.CONTACTED), happening(RecordKind.TOLD)]
    one, two = told([*together, later], {}, str), told([later, *reversed(together)], {}, str)
    assert [each.id for each in one] == [each.id for each in two]
    assert one[0].id == later.id


def test_who_did_it_is_told_as_far_as_the_reader_may_know() -> None:
    by = happening(RecordKind.NOTE, author_id="a")
    assert [each.author for each in told([by], {"a": "Claire"}, str)] == ["Claire"]
    assert [each.author for each in told([by], {}, str)] == [""]


def test_groups_are_offered_only_where_there_is_something() -> None:
    found = [happening(RecordKind.DOCUMENT), happening(Also.ON_AGENDA)]
    assert groups(found) == [Group.COMMITTEE, Group.DOCUMENTS]
    assert [each.kind for each in told(found, {}, str, Group.DOCUMENTS)] == [RecordKind.DOCUMENT]


def test_what_one_group_is_told_of_adds_up_to_everything() -> None:
    every = [happening(kind) for kind in (*RecordKind, *Also)]
    assert sum(len(told(every, {}, str, group)) for group in Group) == len(every)
