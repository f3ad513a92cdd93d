"""What comes next for a merchant, at each stage."""

from datetime import date, timedelta

import pytest

from backend.domain.board import Facts, Turn, next_step
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
