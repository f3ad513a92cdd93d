"""What comes next for a merchant, at each stage."""

from datetime import date, timedelta

import pytest

from backend.domain.board import Facts, Turn, next_step
from backend.domain.follow_up import Due, Kept, Kind, Promise
from backend.domain.merchants import Stage
from backend.domain.onboarding import Step

TODAY = date(2026, 11, 24)
TOMORROW, YESTERDAY = TODAY + timedelta(1), TODAY - timedelta(1)


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_says_what_comes_next(stage: Stage) -> None:
    assert next_step(Facts(stage), TODAY).action


@pytest.mark.parametrize(
    ("facts", "action", "turn", "blocked"),
    [
        (Facts(Stage.SPOTTED), "Prendre contact", Turn.COORDINATION, ""),
        (Facts(Stage.SPOTTED, to_place=True), "Prendre contact", Turn.COORDINATION, "carte"),
        (Facts(Stage.CONTACTED), "Prévoir une visite", Turn.COORDINATION, ""),
        (
            Facts(Stage.VISIT_PLANNED, visit_state="planned", visit_on=TODAY),
            "Visite le {day}",
            Turn.DUO,
            "",
        ),
        (
            Facts(Stage.VISIT_PLANNED, visit_state="planned", visit_on=YESTERDAY),
            "Appeler le duo de la visite du {day}",
            Turn.COORDINATION,
            "Rien n’est arrivé",
        ),
        (
            Facts(Stage.VISIT_PLANNED, visit_state="open", visit_on=YESTERDAY),
            "Appeler le duo de la visite du {day}",
            Turn.COORDINATION,
            "commencée",
        ),
        (
            Facts(Stage.VISIT_PLANNED, visit_state="closed", visit_on=YESTERDAY),
            "Attendre la fin de l’envoi, ou appeler le duo",
            Turn.DUO,
            "encore sur un téléphone",
        ),
        (Facts(Stage.ASSESSED), "Faire décider le comité", Turn.COMMITTEE, ""),
        (
            Facts(Stage.ASSESSED, waiting_questions=1),
            "Relancer le duo, ou décider sans",
            Turn.DUO,
            "attend sa réponse",
        ),
        (Facts(Stage.DEFERRED, returns_on=TOMORROW), "Revient le {day}", Turn.NOBODY, ""),
        (
            Facts(Stage.DEFERRED, returns_on=TODAY),
            "Prévoir une nouvelle visite, ou décider",
            Turn.COORDINATION,
            "",
        ),
        (Facts(Stage.ACCREDITED), "Prévenir le commerce", Turn.COORDINATION, "n’est pas informé"),
        (Facts(Stage.ONBOARDING, step=Step.ACCOUNT), "Moneko : {step}", Turn.MONEKO, ""),
        (Facts(Stage.ONBOARDING), "Dire que le commerce accepte la Moneko", Turn.MONEKO, ""),
        (Facts(Stage.ACTIVE, valid_until=TOMORROW), "Rien à faire avant le {day}", Turn.NOBODY, ""),
        (Facts(Stage.TO_RENEW), "Prévoir la visite de renouvellement", Turn.COORDINATION, "terme"),
    ],
)
def test_what_comes_next(facts: Facts, action: str, turn: Turn, blocked: str) -> None:
    step = next_step(facts, TODAY)
    assert (step.action, step.turn) == (action, turn)
    assert blocked in step.blocked
    assert bool(blocked) == bool(step.blocked)


def commitment(day: date | None, kind: Kind = Kind.COMMITMENT) -> Due:
    state = Kept.NOT_KEPT if kind is Kind.BROKEN else None
    return Due(kind, "m1", day, Promise("c1", "Poser une rampe.", "entrer", day, state))


RENEWAL = Due(Kind.RENEWAL, "m1", TOMORROW)


@pytest.mark.parametrize(
    ("due", "action", "blocked"),
    [
        (commitment(TOMORROW), "Vérifier l’engagement du {day}", ""),
        (commitment(TODAY), "Vérifier l’engagement du {day}", ""),
        (commitment(YESTERDAY), "Vérifier l’engagement du {day}", "Son jour est passé."),
        (commitment(None), "Demander où en est un engagement", ""),
        (commitment(YESTERDAY, Kind.BROKEN), "Revenir sur un engagement pas tenu", ""),
        (RENEWAL, "Renouveler avant le {day}", ""),
    ],
)
def test_what_falls_due_is_what_comes_next_where_nothing_else_is_to_do(
    due: Due, action: str, blocked: str
) -> None:
    found = next_step(Facts(Stage.ACTIVE, due=[due]), TODAY)
    assert (found.action, found.turn, found.blocked, found.also) == (action, Turn.COORDINATION, blocked, None)


@pytest.mark.parametrize("stage", [Stage.ONBOARDING, Stage.SUSPENDED, Stage.TO_RENEW, Stage.VISIT_PLANNED])
def test_beside_other_work_it_is_said_as_well(stage: Stage) -> None:
    found, plain = (next_step(Facts(stage, due=due), TODAY) for due in ([commitment(TOMORROW)], []))
    assert (found.action, found.turn) == (plain.action, plain.turn)
    assert found.also is not None
    assert (found.also.action, found.also.day) == ("Vérifier l’engagement du {day}", TOMORROW)


def test_what_comes_first_is_said_and_what_the_stage_says_is_not_said_twice() -> None:
    several = [commitment(None), commitment(TOMORROW), RENEWAL, commitment(YESTERDAY)]
    assert next_step(Facts(Stage.ACTIVE, due=several), TODAY).day == YESTERDAY
    assert next_step(Facts(Stage.TO_RENEW, due=[RENEWAL]), TODAY).also is None
    back = Due(Kind.RETURN, "m1", TOMORROW)
    found = next_step(Facts(Stage.DEFERRED, returns_on=TOMORROW, due=[back]), TODAY)
    assert (found.action, found.also) == ("Revient le {day}", None)


def test_one_put_off_says_when_it_comes_back_and_what_it_had_promised() -> None:
    found = next_step(Facts(Stage.DEFERRED, returns_on=TOMORROW, due=[commitment(TODAY)]), TODAY)
    assert (found.action, found.turn) == ("Revient le {day}", Turn.NOBODY)
    assert found.also is not None
