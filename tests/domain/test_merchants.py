"""The life of a merchant: what comes next for the coordination, and what the public may know."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.merchants import (
    STAGE_NAMES,
    Life,
    Record,
    RecordKind,
    Stage,
    Standing,
    folded,
    life,
    slug,
    writable,
)
from backend.domain.onboarding import handed_over

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
Step = tuple[str, dict[str, Any]]

SPOTTED: Step = ("spotted", {"source": "hand"})
CONTACTED: Step = ("contacted", {"note": ""})
PLANNED: Step = ("visit_planned", {"visit": "v1"})
CANCELLED: Step = ("visit_cancelled", {"visit": "v1", "note": ""})
IMPOSSIBLE: Step = ("visit_impossible", {"visit": "v1", "cause": "closed", "note": ""})
ASSESSED: Step = ("assessed", {"visit": "v1"})
RENEWAL: Step = ("visit_planned", {"visit": "v2"})
RENEWAL_CANCELLED: Step = ("visit_cancelled", {"visit": "v2", "note": ""})
REASSESSED: Step = ("assessed", {"visit": "v2"})
TOLD: Step = ("told", {"how": "phone", "on": "2026-01-01", "note": ""})
SUSPENDED: Step = ("suspended", {"note": ""})
RESUMED: Step = ("resumed", {"note": ""})
WITHDRAWN: Step = ("withdrawn", {"note": ""})
NOT_INTERESTED: Step = ("not_interested", {"note": ""})
CLOSED_DOWN: Step = ("closed_down", {"note": ""})
NOTE: Step = ("note", {"note": "Rappeler mardi"})


def decided(outcome: str, valid_until: str | None = "2027-01-01") -> Step:
    return "decided", {"decision": "d", "outcome": outcome, "valid_until": valid_until}


def moneko(status: str) -> Step:
    return "moneko_status", {"status": status, "note": ""}


def ticked(step: str, done: bool = True) -> Step:
    return "onboarding_step", {"step": step, "done": done, "note": ""}


ACCREDITED = decided("accredited")
WITH_COMMITMENTS = decided("accredited_with_commitments")
DEFERRED = decided("deferred", None)
DECLINED = decided("declined", None)
SOON = (SPOTTED, PLANNED, ASSESSED, ACCREDITED, TOLD)
ACTIVE = (*SOON, moneko("active"))


def records(*steps: Step) -> list[Record]:
    """One record a day, in this order."""
    return [
        Record(f"r{day:03}", RecordKind(kind), START + timedelta(days=day), body)
        for day, (kind, body) in enumerate(steps)
    ]


def lived(*steps: Step, today: date | None = None) -> Life:
    return life(records(*steps), today)


# --- every path of product.md, section 2 ---


@pytest.mark.parametrize(
    ("steps", "stage", "standing"),
    [
        ([SPOTTED], "spotted", "none"),
        ([SPOTTED, NOTE], "spotted", "none"),
        ([SPOTTED, moneko("active")], "spotted", "none"),
        ([SPOTTED, CONTACTED], "contacted", "none"),
        ([SPOTTED, CONTACTED, PLANNED], "visit_planned", "none"),
        ([SPOTTED, PLANNED, CANCELLED], "contacted", "none"),
        ([SPOTTED, PLANNED, IMPOSSIBLE], "contacted", "none"),
        ([SPOTTED, PLANNED, RENEWAL, CANCELLED], "visit_planned", "none"),
        ([SPOTTED, PLANNED, ASSESSED], "assessed", "none"),
        ([SPOTTED, PLANNED, ASSESSED, CANCELLED], "assessed", "none"),
        ([SPOTTED, PLANNED, ASSESSED, ACCREDITED], "accredited", "none"),
        ([SPOTTED, PLANNED, ASSESSED, WITH_COMMITMENTS], "accredited", "none"),
        ([SPOTTED, PLANNED, ASSESSED, DEFERRED], "deferred", "none"),
        ([SPOTTED, PLANNED, ASSESSED, DEFERRED, RENEWAL], "visit_planned", "none"),
        ([SPOTTED, PLANNED, ASSESSED, DEFERRED, RENEWAL, RENEWAL_CANCELLED], "deferred", "none"),
        ([SPOTTED, PLANNED, ASSESSED, DECLINED], "declined", "none"),
        ([SPOTTED, PLANNED, ASSESSED, DECLINED, TOLD], "declined", "none"),
        (SOON, "onboarding", "soon"),
        ([*SOON, ticked("account")], "onboarding", "soon"),
        ([*SOON, moneko("to_confirm")], "onboarding", "soon"),
        ([*SOON, moneko("inactive")], "onboarding", "soon"),
        ([*SOON, moneko("blocked")], "suspended", "suspended"),
        (ACTIVE, "active", "active"),
        ([SPOTTED, moneko("active"), PLANNED, ASSESSED, ACCREDITED], "accredited", "none"),
        ([SPOTTED, moneko("active"), PLANNED, ASSESSED, ACCREDITED, TOLD], "active", "active"),
        ([*ACTIVE, SUSPENDED], "suspended", "suspended"),
        ([*ACTIVE, SUSPENDED, RESUMED], "active", "active"),
        ([*ACTIVE, moneko("blocked")], "suspended", "suspended"),
        ([*ACTIVE, moneko("blocked"), moneko("active")], "active", "active"),
        ([*ACTIVE, moneko("inactive")], "suspended", "suspended"),
        ([*ACTIVE, WITHDRAWN], "withdrawn", "ended"),
        ([*ACTIVE, CLOSED_DOWN], "closed_down", "ended"),
        ([*ACTIVE, NOT_INTERESTED], "not_interested", "ended"),
        ([SPOTTED, NOT_INTERESTED], "not_interested", "none"),
        ([SPOTTED, NOT_INTERESTED, CONTACTED], "contacted", "none"),
        ([SPOTTED, CLOSED_DOWN], "closed_down", "none"),
        ([SPOTTED, CLOSED_DOWN, PLANNED, CANCELLED], "closed_down", "none"),
        ([SPOTTED, PLANNED, ASSESSED, ACCREDITED, WITHDRAWN], "withdrawn", "none"),
    ],
)
def test_a_life_leads_to_its_stage_and_its_standing(steps: list[Step], stage: str, standing: str) -> None:
    now = lived(*steps)
    assert (now.stage, now.standing) == (stage, standing)


def test_every_stage_has_its_word() -> None:
    assert set(STAGE_NAMES) == set(Stage)


# --- nothing is public too early ---


@pytest.mark.parametrize(
    "steps",
    [
        [TOLD],
        [PLANNED, ASSESSED, TOLD],
        [PLANNED, ASSESSED, TOLD, ACCREDITED],  # told of something else, before
        [PLANNED, ASSESSED, ACCREDITED, moneko("active")],
        [PLANNED, ASSESSED, ACCREDITED, *(ticked(step) for step in ("account", "papers", "first_payment"))],
        [PLANNED, ASSESSED, ACCREDITED, SUSPENDED, TOLD],
        [PLANNED, ASSESSED, ACCREDITED, moneko("blocked"), TOLD],
        [PLANNED, ASSESSED, DEFERRED, TOLD, moneko("active")],
        [PLANNED, ASSESSED, DEFERRED, TOLD, ACCREDITED, moneko("active")],
        [PLANNED, ASSESSED, DECLINED, TOLD, moneko("active")],
        [PLANNED, ASSESSED, DECLINED, TOLD, ACCREDITED],
        [PLANNED, ASSESSED, ACCREDITED, DECLINED, TOLD],
        [PLANNED, ASSESSED, ACCREDITED, NOT_INTERESTED, TOLD],
        [PLANNED, ASSESSED, ACCREDITED, CLOSED_DOWN, TOLD, moneko("active")],
        [PLANNED, ASSESSED, ACCREDITED, WITHDRAWN, TOLD, moneko("active")],
        [NOT_INTERESTED, CONTACTED, TOLD, moneko("active")],
        [SUSPENDED, RESUMED, moneko("active")],
    ],
)
def test_nobody_sees_a_merchant_that_is_not_accredited_and_told_so(steps: list[Step]) -> None:
    for length in range(len(steps) + 1):
        assert lived(SPOTTED, *steps[:length]).standing is Standing.NONE


_ANY = st.sampled_from(
    [
        CONTACTED, NOTE, PLANNED, CANCELLED, IMPOSSIBLE, ASSESSED, RENEWAL, REASSESSED,
        ACCREDITED, WITH_COMMITMENTS, DEFERRED, DECLINED, TOLD, SUSPENDED, RESUMED, WITHDRAWN,
        NOT_INTERESTED, CLOSED_DOWN, ticked("account"), ticked("account", done=False),
        *(moneko(status) for status in ("inactive", "to_confirm", "active", "blocked")),
    ]
)  # fmt: skip


@given(st.lists(_ANY, max_size=12))
def test_what_becomes_public_has_an_accreditation_and_then_a_telling(steps: list[Step]) -> None:
    if lived(SPOTTED, *steps).standing is Standing.NONE:
        return
    accredited = [
        at
        for at, (kind, body) in enumerate(steps)
        if kind == "decided" and body["outcome"].startswith("accredited")
    ]
    assert accredited
    assert any(kind == "told" for kind, _ in steps[accredited[0] :])


@given(st.lists(_ANY, max_size=12))
def test_nobody_is_sent_to_pay_where_moneko_is_not_active(steps: list[Step]) -> None:
    now = lived(SPOTTED, *steps)
    if now.standing is Standing.ACTIVE:
        assert now.moneko == "active"
        assert not now.suspended


@given(st.lists(_ANY, max_size=12), st.sampled_from([PLANNED, CANCELLED, IMPOSSIBLE, ASSESSED, RENEWAL]))
def test_a_visit_never_changes_what_the_public_knows(steps: list[Step], visit: Step) -> None:
    assert lived(SPOTTED, *steps, visit).standing is lived(SPOTTED, *steps).standing


# --- renewal, postponement and refusal of a public shop ---


@pytest.mark.parametrize(
    ("steps", "stage", "standing"),
    [
        ([RENEWAL], "visit_planned", "active"),
        ([RENEWAL, RENEWAL_CANCELLED], "active", "active"),
        ([RENEWAL, REASSESSED], "assessed", "active"),
        ([RENEWAL, REASSESSED, ACCREDITED], "active", "active"),
        ([RENEWAL, REASSESSED, WITH_COMMITMENTS, TOLD], "active", "active"),
        ([RENEWAL, REASSESSED, DEFERRED], "deferred", "active"),
        ([RENEWAL, REASSESSED, DEFERRED, TOLD], "deferred", "active"),
        ([RENEWAL, REASSESSED, DECLINED], "declined", "active"),
        ([RENEWAL, REASSESSED, DECLINED, TOLD], "declined", "ended"),
        ([RENEWAL, moneko("active")], "visit_planned", "active"),
        ([RENEWAL, moneko("blocked")], "visit_planned", "suspended"),
        ([RENEWAL, SUSPENDED, RENEWAL_CANCELLED], "suspended", "suspended"),
        ([RENEWAL, REASSESSED, SUSPENDED], "assessed", "suspended"),
        ([DEFERRED, TOLD, moneko("blocked")], "deferred", "suspended"),
        ([DECLINED, moneko("blocked")], "declined", "suspended"),
        ([DECLINED, NOT_INTERESTED], "not_interested", "ended"),
        ([DECLINED, TOLD, RENEWAL, REASSESSED, ACCREDITED], "accredited", "ended"),
        ([DECLINED, TOLD, RENEWAL, REASSESSED, ACCREDITED, TOLD], "onboarding", "soon"),
        ([CLOSED_DOWN, CONTACTED], "contacted", "ended"),
    ],
)
def test_an_active_shop_stays_on_the_map_until_it_knows(steps: list[Step], stage: str, standing: str) -> None:
    now = lived(*ACTIVE, *steps)
    assert (now.stage, now.standing) == (stage, standing)


def test_an_accreditation_that_expires_alerts_the_coordination_and_nobody_else() -> None:
    assert lived(*ACTIVE, today=date(2027, 1, 1)).stage is Stage.ACTIVE
    expired = lived(*ACTIVE, today=date(2027, 1, 2))
    assert (expired.stage, expired.standing) == (Stage.TO_RENEW, Standing.ACTIVE)
    planned = lived(*ACTIVE, RENEWAL, today=date(2027, 1, 2))
    assert planned.stage is Stage.VISIT_PLANNED
    renewed = lived(*ACTIVE, decided("accredited", "2028-01-01"), today=date(2027, 1, 2))
    assert renewed.stage is Stage.ACTIVE


# --- what the coordination may write ---


@pytest.mark.parametrize(
    "steps",
    [
        SOON,
        ACTIVE,
        [*ACTIVE, RENEWAL, REASSESSED, DEFERRED],
        [*ACTIVE, RENEWAL, REASSESSED, DEFERRED, TOLD],
        [*ACTIVE, RENEWAL, REASSESSED, DECLINED],
        [SPOTTED, PLANNED, ASSESSED, ACCREDITED],
    ],
)
def test_what_is_public_or_will_be_is_suspended_and_withdrawn(steps: list[Step]) -> None:
    assert {RecordKind.SUSPENDED, RecordKind.WITHDRAWN} <= set(writable(lived(*steps)))
    suspended = set(writable(lived(*steps, SUSPENDED)))
    assert {RecordKind.RESUMED, RecordKind.WITHDRAWN} <= suspended
    assert RecordKind.SUSPENDED not in suspended


@pytest.mark.parametrize(
    "steps",
    [
        [SPOTTED],
        [SPOTTED, PLANNED, ASSESSED, DEFERRED],
        [SPOTTED, PLANNED, ASSESSED, DECLINED, TOLD],
        [*ACTIVE, DECLINED, TOLD],
        [*ACTIVE, WITHDRAWN],
        [*ACTIVE, CLOSED_DOWN],
    ],
)
def test_what_was_never_public_or_is_no_more_is_neither_suspended_nor_withdrawn(steps: list[Step]) -> None:
    over = {RecordKind.SUSPENDED, RecordKind.RESUMED, RecordKind.WITHDRAWN}
    assert not over & set(writable(lived(*steps)))


# --- an end, and a new beginning ---


@pytest.mark.parametrize("end", [CLOSED_DOWN, WITHDRAWN, NOT_INTERESTED])
def test_what_ended_begins_anew_with_moneko_once_it_is_accredited_again(end: Step) -> None:
    again = (*SOON, ticked("account"), moneko("active"), end, RENEWAL, REASSESSED, ACCREDITED)
    assert lived(*again).standing is Standing.ENDED
    now = lived(*again, TOLD)
    assert (now.stage, now.standing, now.moneko, now.steps) == ("onboarding", "soon", None, {})
    assert handed_over(now)
    assert lived(*again, TOLD, moneko("active")).standing is Standing.ACTIVE


def test_a_refusal_the_shop_knows_of_is_an_end_too() -> None:
    now = lived(*ACTIVE, DECLINED, TOLD, RENEWAL, REASSESSED, ACCREDITED, TOLD)
    assert (now.standing, now.moneko) == ("soon", None)


def test_a_suspension_does_not_outlive_what_it_suspended() -> None:
    now = lived(*ACTIVE, SUSPENDED, WITHDRAWN, RENEWAL, REASSESSED, ACCREDITED, TOLD)
    assert (now.stage, now.standing) == ("onboarding", "soon")


# --- steps and dates ---


def test_a_step_keeps_the_day_it_was_first_ticked() -> None:
    now = lived(*SOON, ticked("account"), ticked("account"), ticked("papers"), ticked("papers", done=False))
    assert now.steps == {"account": START + timedelta(days=len(SOON))}


def test_a_stage_holds_since_the_record_that_led_to_it() -> None:
    assert lived(SPOTTED, CONTACTED, NOTE, NOTE).since == START + timedelta(days=1)
    assert lived(SPOTTED).since == START


@given(st.lists(_ANY, max_size=10).flatmap(lambda steps: st.permutations(records(SPOTTED, *steps))))
def test_records_of_different_dates_may_arrive_in_any_order(shuffled: list[Record]) -> None:
    assert life(shuffled) == life(sorted(shuffled, key=lambda record: record.at))


def test_records_of_one_instant_are_read_in_the_order_of_their_ids() -> None:
    both = [
        Record("r1", RecordKind.SUSPENDED, START, {"note": ""}),
        Record("r2", RecordKind.RESUMED, START, {"note": ""}),
    ]
    assert life(both).suspended is life(reversed(both)).suspended is False


# --- names ---


@pytest.mark.parametrize(
    ("name", "searched", "address"),
    [
        ("L’Épicerie des Bourderies", "l epicerie des bourderies", "l-epicerie-des-bourderies"),
        ("  Le Cœur & l'œuf ", "le coeur l oeuf", "le-coeur-l-oeuf"),
        ("FERME  DU  TENU", "ferme du tenu", "ferme-du-tenu"),
        ("日本", "日本", "lieu"),
    ],
)
def test_a_name_is_found_and_addressed_without_accents(name: str, searched: str, address: str) -> None:
    assert (folded(name), slug(name)) == (searched, address)


def test_an_address_stays_short() -> None:
    assert len(slug("Épicerie " * 30)) <= 60
