"""An appeal: until when, and what is done with it."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import N_

APPEAL_DAYS = 60
APPEAL_LIMIT = 4000  # signs


class AppealStep(StrEnum):
    """What the fund does with an appeal."""

    RECEIVED = "received"
    ON_AGENDA = "on_agenda"
    ANSWERED = "answered"


APPEAL_STEP_NAMES: dict[AppealStep, str] = {
    AppealStep.RECEIVED: N_("Reçu par la coordination"),
    AppealStep.ON_AGENDA: N_("À l’ordre du jour du comité"),
    AppealStep.ANSWERED: N_("Le comité a répondu"),
}


def appeal_until(told_on: date) -> date:
    """The last day on which a merchant told of a decision on `told_on` may ask for another look.

    >>> appeal_until(date(2026, 11, 24))
    datetime.date(2027, 1, 23)
    """
    return told_on + timedelta(days=APPEAL_DAYS)


def next_steps(done: Collection[str]) -> tuple[AppealStep, ...]:
    """What may still be recorded, in order: an answer ends it, and may come without the other steps."""
    if AppealStep.ANSWERED in done:
        return ()
    reached = max((list(AppealStep).index(AppealStep(step)) for step in done), default=-1)
    return tuple(AppealStep)[reached + 1 :]
