"""What is sent is in one process's hands at a time; who keeps it too long is dead, and another takes it over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

IN_HAND = timedelta(minutes=10)  # far longer than a server takes to answer


def in_no_hand(trying_since: Any, now: datetime) -> ColumnElement[bool]:
    """Whether nobody alive is at it; `trying_since` is the column that says since when somebody is."""
    return or_(trying_since.is_(None), trying_since < now - IN_HAND)
