"""What somebody of the public may say is wrong on a sheet."""

from enum import StrEnum

from backend.domain.errors import N_


class ReportKind(StrEnum):
    """What is wrong, in the order of the form."""

    REFUSED = "refused"
    HOURS = "hours"
    CLOSED = "closed"
    ADDRESS = "address"
    ACCESS = "access"
    OTHER = "other"


REPORT_NAMES = {
    ReportKind.REFUSED: N_("Le paiement en Moneko a été refusé ici"),
    ReportKind.HOURS: N_("Les horaires sont faux"),
    ReportKind.CLOSED: N_("C’est fermé pour de bon"),
    ReportKind.ADDRESS: N_("L’adresse, ou la place sur la carte, est fausse"),
    ReportKind.ACCESS: N_("L’accès en fauteuil ou avec une poussette n’est pas comme c’est écrit"),
    ReportKind.OTHER: N_("Autre chose"),
}

URGENT = frozenset({ReportKind.REFUSED})
"""Somebody may be standing at a till without their food: the coordination and Moneko are told at once."""
