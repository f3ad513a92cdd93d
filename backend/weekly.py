"""The letter of the week: each Monday morning, what is due goes to the coordination of each territory, once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from gettext import gettext as _
from itertools import groupby

from babel.dates import format_date
from sqlmodel import Session

from backend.domain import days
from backend.domain.days import PARIS
from backend.domain.follow_up import KIND_NAMES, Kind
from backend.storage import appeals, follow_up, mails, weekly
from backend.storage.appeals import Waiting
from backend.storage.follow_up import Item
from backend.storage.tables import Territory

FROM = 7  # o'clock


def monday_of(now: datetime) -> date | None:
    """The Monday whose letter is to be written at this moment, in Paris; None on other days, or too early."""
    here = now.astimezone(PARIS)
    return here.date() if here.weekday() == 0 and here.hour >= FROM else None


def to_write(session: Session, now: datetime) -> bool:
    """Whether a letter of this Monday is not written yet."""
    monday = monday_of(now)
    return monday is not None and bool(weekly.without_letter(session, monday))


def write(session: Session, now: datetime, public_url: str) -> int:
    """Write the letters of this Monday that are not written yet; returns how many mails wait now because of it."""
    monday = monday_of(now)
    if monday is None:
        return 0
    return sum(
        _write_one(session, territory, monday, now, public_url)
        for territory in weekly.without_letter(session, monday)
    )


def _write_one(session: Session, territory: Territory, monday: date, now: datetime, public_url: str) -> int:
    weekly.written(session, territory.id, monday, now)
    items = follow_up.of_territories(session, [territory.id], monday)
    appealing = appeals.appeals_waiting(session, [territory.id])
    if not items and not appealing:
        return 0
    subject, text = letter(territory.name, items, monday, public_url, appealing)
    readers = [
        each
        for each in weekly.readers(session, territory.id)
        if not mails.is_refused(session, each.id, mails.Kind.WEEK)
    ]
    for reader in readers:
        mails.queue(
            session,
            reader.email,
            subject,
            text,
            mails.Kind.WEEK,
            now,
            person_id=reader.id,
            not_after=now + timedelta(days=5),
        )
    return len(readers)


def letter(
    territory: str, items: Sequence[Item], today: date, public_url: str, appealing: Sequence[Waiting] = ()
) -> tuple[str, str]:
    """The subject, and the text: who appeals, a paragraph by kind of thing due, and where to go on."""
    subject = _("La semaine du {day}, {territory} : {count} à suivre").format(
        day=_day(today), territory=territory, count=len(items) + len(appealing)
    )
    paragraphs = [_("Bonjour,"), _("Voici ce qui est à suivre pour {territory}.").format(territory=territory)]
    if appealing:
        lines = [
            _("Demandent un nouvel examen, à dire au comité"),
            *(f"- {_appeal(each)}" for each in appealing),
        ]
        paragraphs.append("\n".join(lines))
    for kind, of_kind in groupby(items, key=lambda item: item.due.kind):
        lines = [_(KIND_NAMES[kind]), *(f"- {_line(item, today)}" for item in of_kind)]
        paragraphs.append("\n".join(lines))
    paragraphs.append(_("Tout voir, et noter ce qui est fait : {url}").format(url=f"{public_url}/follow-up"))
    return subject, "\n\n".join(paragraphs)


def _appeal(waiting: Waiting) -> str:
    asked = waiting.case.appeal.at.astimezone(PARIS).date()
    return _("{what} (depuis le {day})").format(what=waiting.merchant.name, day=_day(asked))


def _line(item: Item, today: date) -> str:
    due, name = item.due, item.merchant.name
    what = f"{name} : {' '.join(due.promise.text.split())}" if due.promise else name
    if due.kind is Kind.BROKEN or due.day is None:
        return what if due.kind is not Kind.COMMITMENT else _("{what} (sans date)").format(what=what)
    late = _("{what} (depuis le {day})") if due.late(today) else _("{what} (le {day})")
    return late.format(what=what, day=_day(due.day))


def _day(day: date) -> str:
    return days.first(format_date(day, "d MMMM y", locale="fr"))
