"""E-mails on their way: when one is tried again, when it is given up, and what kept it, in words."""

from datetime import datetime, timedelta
from enum import StrEnum

from backend.domain.errors import N_

# after each failure; the last delay comes again until the mail is given up
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180, 360))
GIVEN_UP_AFTER = timedelta(days=3)


class Trouble(StrEnum):
    """What kept an e-mail from going."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    INSECURE = "insecure"
    LOGIN = "login"
    LATER = "later"
    REFUSED = "refused"
    DISK = "disk"
    INTERRUPTED = "interrupted"
    TOO_LATE = "too_late"
    UNWANTED = "unwanted"
    NO_SERVER = "no_server"


TROUBLES: dict[Trouble, str] = {
    Trouble.UNREACHABLE: N_("Le serveur d’e-mail ne répond pas."),
    Trouble.TIMEOUT: N_("Le serveur d’e-mail a mis trop de temps à répondre."),
    Trouble.INSECURE: N_("La liaison avec le serveur d’e-mail n’est pas sûre : rien n’y a été envoyé."),
    Trouble.LOGIN: N_("Le serveur d’e-mail refuse l’identifiant ou le mot de passe de la caisse."),
    Trouble.LATER: N_("Le serveur d’e-mail demande de réessayer plus tard."),
    Trouble.REFUSED: N_("Le serveur d’e-mail refuse cet e-mail. L’adresse est peut-être fausse."),
    Trouble.DISK: N_("L’e-mail n’a pas pu être écrit sur le disque."),
    Trouble.INTERRUPTED: N_("L’envoi a été coupé deux fois : on ne sait pas si cet e-mail est parti."),
    Trouble.TOO_LATE: N_("Il n’est pas parti à temps, et n’est plus utile."),
    Trouble.UNWANTED: N_("La personne ne veut plus recevoir ces e-mails."),
    Trouble.NO_SERVER: N_("Aucun serveur d’e-mail n’est réglé pour cette caisse."),
}


def next_try(tries: int, since: datetime, now: datetime) -> datetime | None:
    """When a mail that has just failed for the `tries`-th time is tried again; None: it is given up.

    `since`: when it began to wait. The last try comes no later than three days after that.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> next_try(1, noon, noon) - noon
    datetime.timedelta(seconds=60)
    """
    then = now + DELAYS[min(tries, len(DELAYS)) - 1]
    return then if then <= since + GIVEN_UP_AFTER else None
