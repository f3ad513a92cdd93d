"""The steps by which Moneko's staff make a shop able to take payments (criteria/REGLES.md, 2)."""

from collections.abc import Container
from enum import StrEnum

from backend.domain.errors import N_
from backend.domain.merchants import ACCREDITING, KNOWN, Life


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
