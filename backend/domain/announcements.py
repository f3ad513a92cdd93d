"""What Moneko's software is told when a merchant's situation changes: one small message a change, nothing personal.

The format is that of Standard Webhooks (https://www.standardwebhooks.com), version 1.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from backend.domain.errors import N_
from backend.domain.mails import DELAYS
from backend.domain.merchants import Life, RecordKind
from backend.domain.onboarding import Step, handed_over


class Topic(StrEnum):
    """What changed, in the order in which it is told."""

    HANDOVER = "handover"
    ONBOARDING = "onboarding"
    STANDING = "standing"


TOPIC_NAMES: dict[Topic, str] = {
    Topic.HANDOVER: N_("Accompagnement confié à Moneko"),
    Topic.ONBOARDING: N_("Accompagnement"),
    Topic.STANDING: N_("Situation publique"),
}

# A record of another kind changes none of these: what comes in from phones costs nothing more.
TELLING = frozenset(
    {
        RecordKind.CONTACTED,
        RecordKind.DECIDED,
        RecordKind.TOLD,
        RecordKind.ONBOARDING_STEP,
        RecordKind.MONEKO_STATUS,
        RecordKind.GIVEN_UP,
        RecordKind.TAKEN_UP,
        RecordKind.SUSPENDED,
        RecordKind.RESUMED,
        RecordKind.WITHDRAWN,
        RecordKind.NOT_INTERESTED,
        RecordKind.CLOSED_DOWN,
    }
)


@dataclass(frozen=True)
class Change:
    """One thing that is no longer as it was; both sides as JSON has them."""

    topic: Topic
    before: Any
    after: Any


def changes(before: Life, after: Life) -> list[Change]:
    """What Moneko is told when `before` has become `after`; nothing of a merchant that never was in its hands."""
    if not (handed_over(before) or handed_over(after)):
        return []
    was, now = _told(before), _told(after)
    return [Change(topic, was[topic], now[topic]) for topic in Topic if was[topic] != now[topic]]


def _told(life: Life) -> dict[Topic, Any]:
    stopped = "given_up" if life.given_up else "suspended" if life.suspended else None
    steps = [step.value for step in Step if step in life.steps]
    return {
        Topic.HANDOVER: handed_over(life),
        Topic.ONBOARDING: {"status": life.moneko, "steps": steps, "stopped": stopped},
        Topic.STANDING: life.standing.value,
    }


@dataclass(frozen=True)
class About:
    """The merchant a message is about. `external_id`: Moneko's own once known, else that of the files for Odoo."""

    id: str
    external_id: str
    territory: str


def message(event_id: str, about: About, change: Change, at: datetime) -> str:
    """The body that travels: JSON."""
    told = {
        "id": event_id,
        "type": f"merchant.{change.topic}",
        "occurred_at": at.isoformat(timespec="milliseconds"),
        "merchant": {"external_id": about.external_id, "id": about.id},
        "territory": about.territory,
        "before": change.before,
        "after": change.after,
    }
    return json.dumps(told, ensure_ascii=False)


# --- its signature ---

SECRET_PREFIX = "whsec_"
SHORTEST_KEY = 24  # bytes


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for. Raises ValueError for one that is not `whsec_` and 24 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) < SHORTEST_KEY:
        raise ValueError(SECRET_PREFIX)
    return key


def headers(key: bytes, event_id: str, body: str, now: datetime) -> Mapping[str, str]:
    """What says who sends this message, which one, and when: signed with `key`."""
    sent_at = str(int(now.timestamp()))
    signature = hmac.digest(key, f"{event_id}.{sent_at}.{body}".encode(), "sha256")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


HERE = ("localhost", "127.0.0.1", "::1")


def may_receive(url: str) -> bool:
    """Whether messages may go to this address: over HTTPS, or to this very machine; with no password in it."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    if (
        not parts.hostname
        or parts.username is not None
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


# --- on its way ---


class Trouble(StrEnum):
    """What kept a message from being received."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    INSECURE = "insecure"
    MOVED = "moved"
    REFUSED = "refused"
    GONE = "gone"


TROUBLES: dict[Trouble, str] = {
    Trouble.UNREACHABLE: N_("Le logiciel de Moneko ne répond pas."),
    Trouble.TIMEOUT: N_("Le logiciel de Moneko a mis trop de temps à répondre."),
    Trouble.INSECURE: N_("La liaison avec le logiciel de Moneko n’est pas sûre : rien n’y a été envoyé."),
    Trouble.MOVED: N_(
        "Le logiciel de Moneko renvoie vers une autre adresse. Réglez WEBHOOK_URL sur celle-là."
    ),
    Trouble.REFUSED: N_("Le logiciel de Moneko n’a pas accepté l’annonce."),
    Trouble.GONE: N_("Le logiciel de Moneko dit qu’il ne veut plus d’annonces : plus rien ne part."),
}


def next_try(tries: int, luck: float, now: datetime) -> datetime:
    """When a message that has just failed for the `tries`-th time is sent again: after longer and longer, six hours at
    most, for as long as it takes. `luck`, from 0 to 1, keeps all of them from coming back at the same moment."""
    return now + DELAYS[min(tries, len(DELAYS)) - 1] * (0.75 + luck / 2)
