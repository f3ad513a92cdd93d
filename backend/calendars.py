"""Visits as calendar files. The one adapter of iCalendar.

A visit keeps its identity, and its number of changes grows: a calendar that took it once follows it, to its end too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress

from backend.domain.days import moment

LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Appointment:
    """A visit in a calendar. `sequence`: grows with each change; `at`: « 14:30 », or empty: the whole day."""

    uid: str
    sequence: int
    changed_at: datetime
    on: date
    at: str
    summary: str
    location: str
    description: str
    cancelled: bool = False


def calendar(appointments: Iterable[Appointment], organizer: str = "") -> str:
    """The file of these visits; one that only tells of what will not take place says so to the calendar.

    `organizer`: the coordination's e-mail address, when it has one.
    """
    all_of_them = list(appointments)
    made = Calendar()
    made.add("prodid", "-//Caisse commune de l’alimentation//FR")
    made.add("version", "2.0")
    made.add("method", "CANCEL" if all_of_them and all(each.cancelled for each in all_of_them) else "PUBLISH")
    for each in all_of_them:
        made.add_component(_event(each, organizer))
    made.add_missing_timezones()
    text: str = made.to_ical().decode()
    return text


def _event(appointment: Appointment, organizer: str) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    if appointment.at:
        starts = moment(appointment.on, appointment.at)
        event.add("dtstart", starts)
        event.add("dtend", starts + LASTS)
    else:
        event.add("dtstart", appointment.on)
        event.add("dtend", appointment.on + timedelta(days=1))
    for name in ("summary", "location", "description"):
        event.add(name, getattr(appointment, name))
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    if organizer:
        event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    return event
