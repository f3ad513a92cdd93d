"""The steps by which Moneko's staff make a shop able to take payments (criteria/REGLES.md, 2)."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.errors import N_
from backend.domain.merchants import ACCREDITING, KNOWN, Life, Standing


class Step(StrEnum):
    """In the order in which Moneko goes through them."""

    APPOINTMENT = "appointment"
    ACCOUNT = "account"
    PAPERS = "papers"
    QR_CODE = "qr_code"
    BOOKKEEPING = "bookkeeping"
    FIRST_PAYMENT = "first_payment"


STEP_NAMES: dict[Step, str] = {
    Step.APPOINTMENT: N_("Rendez-vous"),
    Step.ACCOUNT: N_("Compte ouvert"),
    Step.PAPERS: N_("Pièces administratives"),
    Step.QR_CODE: N_("QR code remis"),
    Step.BOOKKEEPING: N_("Comptabilité expliquée"),
    Step.FIRST_PAYMENT: N_("Premier paiement"),
}


class MonekoStatus(StrEnum):
    """The status of a partner in Moneko's back-office."""

    INACTIVE = "inactive"
    TO_CONFIRM = "to_confirm"
    ACTIVE = "active"
    BLOCKED = "blocked"


MONEKO_STATUS_NAMES: dict[MonekoStatus, str] = {
    MonekoStatus.INACTIVE: N_("inactif"),
    MonekoStatus.TO_CONFIRM: N_("à confirmer"),
    MonekoStatus.ACTIVE: N_("accepte la Moneko"),
    MonekoStatus.BLOCKED: N_("bloqué"),
}

# What stops or undoes an onboarding says why: the coordination reads it.
NEEDS_REASON = frozenset({MonekoStatus.INACTIVE, MonekoStatus.BLOCKED})


def handed_over(life: Life) -> bool:
    """Whether a merchant is in Moneko's hands: accredited and told so, or public ever since."""
    return (life.outcome in ACCREDITING and life.told) or life.standing in KNOWN


def next_step(ticked: Container[str]) -> Step | None:
    """The first step not ticked yet, in Moneko's order; None when all are."""
    return next((step for step in Step if step not in ticked), None)


# Why an onboarding does not go on, by whose will.
GIVEN_UP_BY: dict[str, str] = {
    "merchant": N_("Le commerce ne veut plus."),
    "moneko": N_("Moneko ne peut pas."),
}


class Awaited(StrEnum):
    """Whom an accredited merchant that takes no Moneko yet waits for."""

    COORDINATION = "coordination"
    MONEKO = "moneko"
    MERCHANT = "merchant"


AWAITED_NAMES: dict[Awaited, str] = {
    Awaited.COORDINATION: N_("la coordination"),
    Awaited.MONEKO: N_("Moneko"),
    Awaited.MERCHANT: N_("le commerce"),
}

# The merchant's own part of the work; the other steps are Moneko's.
_MERCHANTS_STEPS = frozenset({Step.PAPERS, Step.FIRST_PAYMENT})


@dataclass(frozen=True)
class Gap:
    """What an accredited merchant waits for: whom, and in words what."""

    awaited: Awaited
    what: str


def gap(life: Life) -> Gap | None:
    """What keeps an accredited merchant from taking the Moneko; None when it takes it, or is not accredited."""
    if life.outcome not in ACCREDITING or life.standing is Standing.ACTIVE:
        return None
    if not life.told:
        return Gap(Awaited.COORDINATION, N_("Informer le commerce de la décision"))
    if life.given_up:
        return Gap(Awaited.COORDINATION, N_("Rappeler le commerce : l’accompagnement s’est arrêté"))
    if life.suspended:
        return Gap(Awaited.COORDINATION, N_("Lever la suspension, ou retirer le commerce"))
    if life.moneko == MonekoStatus.BLOCKED:
        return Gap(Awaited.MONEKO, N_("Débloquer le compte"))
    step = next_step(life.steps)
    if step is None:
        return Gap(Awaited.MONEKO, N_("Dire où l’on paie en Moneko"))
    return Gap(Awaited.MERCHANT if step in _MERCHANTS_STEPS else Awaited.MONEKO, STEP_NAMES[step])
