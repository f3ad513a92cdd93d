"""Whether a sales point is open, in words: the server's, and the same ones for the phone, which says them anew."""

from collections.abc import Mapping
from datetime import datetime
from gettext import gettext as _
from typing import Any

from babel.dates import format_date

from backend.domain import days
from backend.domain.days import PARIS
from backend.domain.openings import Now, Openings, Status
from backend.web.pages import typeset


def said(known: Status, at: datetime) -> str:
    """« Ouvert, ferme dans 40 min »: how it is at this moment. `public-sheet.js` says the same."""
    words = in_all_cases()
    if known.until is None:
        return words[known.now if known.sure else f"{known.now}_unsure"]
    minutes = known.minutes(at)
    if minutes is not None:
        return words[f"{known.now}_in"].format(minutes=max(minutes, 1))
    here, then = at.astimezone(PARIS), known.until.astimezone(PARIS)
    far = (then.date() - here.date()).days
    how = (
        "at"
        if known.now is Now.OPEN or far == 0
        else "tomorrow"
        if far == 1
        else "on"
        if far < 7
        else "later"
    )
    day = format_date(then.date(), "EEEE" if how == "on" else "d MMMM", locale="fr")
    return words[f"{known.now}_{how}"].format(hour=f"{then.hour}:{then:%M}", day=days.first(day))


def in_all_cases() -> dict[str, str]:
    """All that may be said, by how it is and when that changes."""
    words = {
        Now.UNKNOWN: _("Horaires inconnus : appelez avant de venir"),
        Now.DOUBTFUL: _("Jour férié : appelez avant de venir"),
        Now.OPEN: _("Ouvert"),
        "open_in": _("Ouvert, ferme dans {minutes} min"),
        "open_at": _("Ouvert, ferme à {hour}"),
        Now.CLOSED: _("Fermé ces deux prochaines semaines"),
        "closed_unsure": _("Fermé, réouverture à confirmer : appelez avant de venir"),
        "closed_in": _("Fermé, ouvre dans {minutes} min"),
        "closed_at": _("Fermé, ouvre à {hour}"),
        "closed_tomorrow": _("Fermé, ouvre demain à {hour}"),
        "closed_on": _("Fermé, ouvre {day} à {hour}"),
        "closed_later": _("Fermé, ouvre le {day} à {hour}"),
    }
    return {str(name): typeset(text) for name, text in words.items()}


def for_phone(known: Openings | None) -> Mapping[str, Any] | None:
    """The instants that the phone compares, in seconds; None when nothing is known."""
    if known is None:
        return None
    return {
        "open": [[int(end.timestamp()) for end in span] for span in known.open],
        "doubtful": [[int(end.timestamp()) for end in span] for span in known.doubtful],
        "until": int(known.until.timestamp()),
        "words": in_all_cases(),
    }
