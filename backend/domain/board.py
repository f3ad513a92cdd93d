"""What comes next for a merchant, whose turn it is and what is in the way: pure, from its stage and a few facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from backend.domain.errors import N_
from backend.domain.follow_up import Due, Kind
from backend.domain.merchants import Stage
from backend.domain.onboarding import STEP_NAMES, Step


class Turn(StrEnum):
    """Who acts next."""

    COORDINATION = "coordination"
    DUO = "duo"
    COMMITTEE = "committee"
    MONEKO = "moneko"
    NOBODY = "nobody"


TURN_NAMES: dict[Turn, str] = {
    Turn.COORDINATION: N_("la coordination"),
    Turn.DUO: N_("le duo"),
    Turn.COMMITTEE: N_("le comité"),
    Turn.MONEKO: N_("Moneko"),
    Turn.NOBODY: N_("personne pour le moment"),
}


@dataclass(frozen=True)
class Facts:
    """What the next step depends on, beside the stage.

    `visit`: the latest one that was not cancelled; `visit_state` as in `domain/visits.py`.
    `waiting_questions`: asked of its duo and not answered. `to_place`: a sales point has no place on the map yet.
    `due`: what has to be followed up (`domain/follow_up.py`).
    """

    stage: Stage
    visit: str | None = None
    visit_state: str | None = None
    visit_on: date | None = None
    waiting_questions: int = 0
    to_place: bool = False
    step: Step | None = None  # of the onboarding, the first one not done
    given_up: bool = False  # the onboarding was refused or abandoned
    returns_on: date | None = None  # of a deferred one
    valid_until: date | None = None
    due: Sequence[Due] = ()
    appeal: bool = False  # the merchant asked for another look, and has no answer yet


@dataclass(frozen=True)
class Next:
    """The next step: `action` (a sentence with places for the day and the step), whose turn, what is in the way, and
    where it is done (an address below `/merchants/{id}`, or a visit's). `also`: what falls due meanwhile."""

    action: str
    turn: Turn
    link: str = ""
    blocked: str = ""
    day: date | None = None
    step: str = ""
    also: "Next | None" = None


def next_step(facts: Facts, today: date) -> Next:
    """What comes next for a merchant at `facts.stage`, seen on `today`: what falls due where nothing else is to do,
    or beside it; an appeal before all else."""
    step = _APPEAL if facts.appeal else _BY_STAGE[facts.stage](facts, today)
    pressing = _pressing(facts, today)
    if pressing is None:
        return step
    if facts.stage is Stage.ACTIVE and step.turn is Turn.NOBODY:
        return pressing
    return replace(step, also=pressing)


_APPEAL = Next(N_("Répondre à sa demande de nouvel examen"), Turn.COMMITTEE, "/side")


def _pressing(facts: Facts, today: date) -> Next | None:
    """Of what falls due, what comes first: by its day, what has none last. The stage itself tells of a return, and,
    unless the merchant is active, of a renewal."""
    told = {Kind.RETURN} if facts.stage is Stage.ACTIVE else {Kind.RETURN, Kind.RENEWAL}
    found = [each for each in facts.due if each.kind not in told]
    if not found:
        return None
    return _following(min(found, key=lambda one: (one.day is None, one.day or today)), today)


def _following(due: Due, today: date) -> Next:
    if due.kind is Kind.RENEWAL:
        return Next(N_("Renouveler avant le {day}"), Turn.COORDINATION, "/visits/new", day=due.day)
    if due.kind is Kind.BROKEN:
        return Next(N_("Revenir sur un engagement pas tenu"), Turn.COORDINATION)
    if due.day is None:
        return Next(N_("Demander où en est un engagement"), Turn.COORDINATION)
    late = N_("Son jour est passé.") if due.late(today) else ""
    return Next(N_("Vérifier l’engagement du {day}"), Turn.COORDINATION, blocked=late, day=due.day)


def _spotted(facts: Facts, _today: date) -> Next:
    unknown = N_("Sa place sur la carte n’est pas connue.") if facts.to_place else ""
    return Next(N_("Prendre contact"), Turn.COORDINATION, blocked=unknown)


def _contacted(_facts: Facts, _today: date) -> Next:
    return Next(N_("Prévoir une visite"), Turn.COORDINATION, "/visits/new")


def _visit_planned(facts: Facts, today: date) -> Next:
    if facts.visit_state == "closed":
        waits = N_("Des réponses ou des photos sont encore sur un téléphone.")
        return Next(N_("Attendre la fin de l’envoi, ou appeler le duo"), Turn.DUO, blocked=waits)
    if facts.visit_on is None or facts.visit_on >= today:
        return Next(N_("Visite le {day}"), Turn.DUO, day=facts.visit_on)
    begun = facts.visit_state == "open"
    late = N_("Elle est commencée, pas terminée.") if begun else N_("Rien n’est arrivé depuis.")
    return Next(
        N_("Appeler le duo de la visite du {day}"), Turn.COORDINATION, blocked=late, day=facts.visit_on
    )


def _assessed(facts: Facts, _today: date) -> Next:
    if facts.waiting_questions:
        unanswered = N_("Une question posée au duo attend sa réponse.")
        return Next(N_("Relancer le duo, ou décider sans"), Turn.DUO, blocked=unanswered)
    return Next(N_("Faire décider le comité"), Turn.COMMITTEE, "/decisions")


def _deferred(facts: Facts, today: date) -> Next:
    if facts.returns_on is not None and facts.returns_on > today:
        return Next(N_("Revient le {day}"), Turn.NOBODY, day=facts.returns_on)
    return Next(N_("Prévoir une nouvelle visite, ou décider"), Turn.COORDINATION, "/visits/new")


def _accredited(_facts: Facts, _today: date) -> Next:
    untold = N_("Il n’est pas sur la carte : le commerce n’est pas informé.")
    return Next(N_("Prévenir le commerce"), Turn.COORDINATION, "/decisions", untold)


def _onboarding(facts: Facts, _today: date) -> Next:
    if facts.step is None:
        return Next(N_("Dire que le commerce accepte la Moneko"), Turn.MONEKO)
    return Next(N_("Moneko : {step}"), Turn.MONEKO, step=STEP_NAMES[facts.step])


def _active(facts: Facts, _today: date) -> Next:
    if facts.to_place:
        unknown = N_("Sa place sur la carte n’est pas connue.")
        return Next(N_("Placer le point de vente sur la carte"), Turn.COORDINATION, blocked=unknown)
    if facts.valid_until is not None:
        return Next(N_("Rien à faire avant le {day}"), Turn.NOBODY, day=facts.valid_until)
    return Next(N_("Rien à faire"), Turn.NOBODY)


def _to_renew(_facts: Facts, _today: date) -> Next:
    over = N_("Sa convention est arrivée à son terme.")
    return Next(N_("Prévoir la visite de renouvellement"), Turn.COORDINATION, "/visits/new", over)


def _suspended(facts: Facts, _today: date) -> Next:
    if facts.given_up:
        over = N_("L’accompagnement Moneko s’est arrêté.")
        return Next(N_("Rappeler le commerce, puis reprendre ou le retirer"), Turn.COORDINATION, blocked=over)
    return Next(N_("Lever la suspension, ou le retirer"), Turn.COORDINATION)


def _over(_facts: Facts, _today: date) -> Next:
    return Next(N_("Rien à faire"), Turn.NOBODY)


_BY_STAGE = {
    Stage.SPOTTED: _spotted,
    Stage.CONTACTED: _contacted,
    Stage.VISIT_PLANNED: _visit_planned,
    Stage.ASSESSED: _assessed,
    Stage.DEFERRED: _deferred,
    Stage.ACCREDITED: _accredited,
    Stage.ONBOARDING: _onboarding,
    Stage.ACTIVE: _active,
    Stage.TO_RENEW: _to_renew,
    Stage.SUSPENDED: _suspended,
    Stage.WITHDRAWN: _over,
    Stage.DECLINED: _over,
    Stage.NOT_INTERESTED: _over,
    Stage.CLOSED_DOWN: _over,
}
