"""A merchant's personal link: how long it lasts, and what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum

LINK_LIFE = timedelta(days=365)  # as long as an accreditation
OPEN_FOR = timedelta(days=1)  # how long a browser stays in once the link was opened there


class LinkState(StrEnum):
    """What a link is good for."""

    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"


def link_state(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> LinkState:
    """A link ends when it is withdrawn or replaced, or a year after it was made."""
    if revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.USABLE if now < expires_at else LinkState.EXPIRED
