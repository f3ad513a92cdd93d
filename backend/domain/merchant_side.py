"""Where a merchant's file stands, in words for the merchant: nothing that they were not told yet."""

from dataclasses import dataclass
from datetime import date

from backend.domain.errors import N_
from backend.domain.merchants import Life, Stage

UNTOLD = frozenset({Stage.ACCREDITED, Stage.DEFERRED, Stage.DECLINED})


@dataclass(frozen=True)
class Where:
    """Two sentences: where it stands, and what comes next. `day`, `time`: what these stand for in either."""

    now: str
    then: str
    day: date | None = None
    time: str = ""


def where(
    life: Life, visit_on: date | None, visit_at: str, meeting_on: date | None, *, appealing: bool = False
) -> Where:
    """Where a merchant stands. `visit_on`, `visit_at`: the day and hour of the visit planned; `meeting_on`: when the
    committee decides, if known; `appealing`: it asked for another look at what it was told."""
    stage = Stage.ASSESSED if life.stage in UNTOLD and not life.told else life.stage
    if stage is Stage.VISIT_PLANNED and visit_on:
        now = (
            N_("Une visite est prévue le {day} à {time}.")
            if visit_at
            else N_("Une visite est prévue le {day}.")
        )
        return Where(now, _VISIT, visit_on, visit_at)
    if stage is Stage.ASSESSED:
        then = (
            N_("Il décidera le {day}.") if meeting_on else N_("La date de sa réunion n’est pas encore fixée.")
        )
        return Where(N_("Le comité habitant étudie votre commerce."), then, meeting_on)
    told = _BY_STAGE.get(stage, _FIRST)
    return Where(told.now, _AGAIN_ON if meeting_on else _AGAIN, meeting_on) if appealing else told


_VISIT = N_(
    "Deux ou trois habitantes et habitants viendront voir votre commerce et vous poser des questions."
)
_AGAIN = N_("Vous avez demandé un nouvel examen : le comité en parlera, et vous répondra ici.")
_AGAIN_ON = N_("Vous avez demandé un nouvel examen : le comité en parle le {day}, et vous répondra ici.")
_FIRST = Where(
    N_("La caisse fait connaissance avec votre commerce."),
    N_("La coordination vous propose un jour de visite. Rien n’est encore décidé."),
)
_BY_STAGE: dict[Stage, Where] = {
    Stage.VISIT_PLANNED: Where(N_("Une visite est prévue."), _VISIT),
    Stage.DEFERRED: Where(
        N_("Le comité souhaite revoir votre commerce."),
        N_("Lisez ses raisons ci-dessous. La coordination vous proposera une nouvelle visite."),
    ),
    Stage.DECLINED: Where(
        N_("Le comité n’a pas retenu votre commerce."),
        N_("Lisez ses raisons ci-dessous. Vous pouvez y répondre, et demander un nouvel examen."),
    ),
    Stage.ONBOARDING: Where(
        N_("Votre commerce est conventionné."),
        N_("L’équipe Moneko vous accompagne pour que l’on puisse payer chez vous."),
    ),
    Stage.ACTIVE: Where(
        N_("On peut payer chez vous avec la Moneko."), N_("Il n’y a rien à faire pour le moment.")
    ),
    Stage.TO_RENEW: Where(
        N_("On peut payer chez vous avec la Moneko."),
        N_("Votre convention est arrivée à son terme : la coordination vous proposera une visite."),
    ),
    Stage.SUSPENDED: Where(
        N_("En ce moment, votre commerce n’est pas montré sur la carte."),
        N_("Appelez la coordination pour en parler."),
    ),
    Stage.WITHDRAWN: Where(
        N_("Votre commerce a quitté la caisse."), N_("Appelez la coordination si vous voulez y revenir.")
    ),
    Stage.NOT_INTERESTED: Where(
        N_("Vous ne souhaitez pas entrer dans la caisse."),
        N_("Si vous changez d’avis, appelez la coordination."),
    ),
    Stage.CLOSED_DOWN: Where(
        N_("Votre commerce est noté comme fermé définitivement."),
        N_("Si c’est une erreur, appelez la coordination."),
    ),
}
