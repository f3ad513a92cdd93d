"""The steps by which Moneko's staff make a shop able to take payments (product.md, sections 2 and 7)."""

from enum import StrEnum

from backend.domain.errors import N_


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
