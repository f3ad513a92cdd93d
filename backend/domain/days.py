"""Days as people here say them, and where the shops are on the clock."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date

PARIS = ZoneInfo("Europe/Paris")


def day(value: date) -> str:
    """« lundi 24 novembre 2026 »."""
    return first(format_date(value, "EEEE d MMMM y", locale="fr"))


def day_and_hour(on: date, at: str) -> str:
    """« vendredi 4 décembre 2026 à 14:30 », or the day alone when there is no hour."""
    return f"{day(on)} à {at}" if at else day(on)


def first(text: str) -> str:
    """The first of a month is « 1er », as `pwa/text.js` writes it too."""
    return re.sub(r"(^|(?<= ))1 (?=[^\W\d])", "1er ", text)


def moment(on: date, at: str) -> datetime:
    """An hour of Paris (« 14:30 ») on a day, as an instant."""
    return datetime.combine(on, time.fromisoformat(at), PARIS)
