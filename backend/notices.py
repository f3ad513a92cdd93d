"""What those who go on a visit are told, by e-mail: it is planned, changed, given to someone else, cancelled, tomorrow.

A mail is queued in the transaction of what it tells. Only those who gave an address are written to; the others are
called, or get the message that the coordination sends from its own phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from gettext import gettext as _
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlmodel import Session

from backend.calendars import Appointment, calendar
from backend.domain.days import PARIS, day, day_and_hour, moment
from backend.domain.people import spaced_code
from backend.storage import mails, merchants, people, planning, reminders, visits
from backend.storage.mails import Kind
from backend.storage.tables import Person, Territory, Visit

REMINDS_FROM = time(8)  # of Paris: nobody is woken by a reminder


@dataclass(frozen=True)
class About:
    """A visit with all that a message says of it."""

    visit: Visit
    merchant: str
    address: str
    territory: Territory
    going: Sequence[Person]
    sequence: int
    changed_at: datetime
    public_url: str

    @property
    def when(self) -> str:
        return day_and_hour(self.visit.planned_on, self.visit.planned_at)

    @property
    def where(self) -> str:
        return f"{self.merchant}, {self.address}" if self.address else self.merchant

    def others(self, person: Person) -> str:
        return ", ".join(each.name for each in self.going if each.id != person.id)


def about(session: Session, visit: Visit, public_url: str) -> About:
    """What there is to say of a visit now."""
    place = next(iter(merchants.places(session, visit.merchant_id)), None)
    line = f"{place.postcode} {place.city}".strip() if place else ""
    sequence, changed_at = planning.changes(session, visit)
    return About(
        visit,
        merchants.get(session, visit.merchant_id).name,
        ", ".join(filter(None, (place.address if place else "", line))),
        session.get_one(Territory, visit.territory_id),
        [person for person, part in visits.members(session, visit.id) if part.removed_at is None],
        sequence,
        changed_at,
        public_url.rstrip("/"),
    )


def appointment(told: About, *, cancelled: bool = False) -> Appointment:
    """The visit in a calendar; `cancelled`: for someone who no longer goes, or because nobody does."""
    names = ", ".join(person.name for person in told.going)
    phone = told.territory.phone
    lines = [_("Avec {names}.").format(names=names) if names else "", f"{told.public_url}/app/"]
    lines.append(_("La coordination : {phone}").format(phone=phone) if phone else "")
    return Appointment(
        uid=f"{told.visit.id}@{urlsplit(told.public_url).hostname or 'caisse'}",
        sequence=told.sequence,
        changed_at=told.changed_at,
        on=told.visit.planned_on,
        at=told.visit.planned_at,
        summary=_("Visite : {merchant}").format(merchant=told.merchant),
        location=told.address,
        description="\n".join(filter(None, lines)),
        cancelled=cancelled or told.visit.cancelled_at is not None,
    )


# --- what changed ---


class Seen(NamedTuple):
    """A visit as it was before a change: who goes, when."""

    going: frozenset[str]
    on: date
    at: str


def seen(session: Session, visit: Visit) -> Seen:
    """How the visit is now, to tell afterwards what changed."""
    part = visits.parts(session, [visit.id])[visit.id]
    return Seen(part.current, visit.planned_on, visit.planned_at)


def tell(session: Session, visit: Visit, before: Seen | None, now: datetime, public_url: str) -> None:
    """Write to each of those concerned what changed for them; `before`: None for a visit just planned."""
    session.flush()
    told = about(session, visit, public_url)
    was = before.going if before else frozenset()
    for person in told.going:
        if visit.cancelled_at:
            _queue(session, told, person, _cancelled(told), now, cancelled=True)
        elif person.id not in was:
            _queue(session, told, person, _invited(session, told, person, now), now)
        elif before != seen(session, visit):
            _queue(session, told, person, _changed(told, person), now)
    for person_id in sorted(was - {person.id for person in told.going}):
        _queue(session, told, people.get(session, person_id), _given_away(told), now, cancelled=True)


class Message(NamedTuple):
    """A subject and its paragraphs."""

    subject: str
    paragraphs: Sequence[str]


def _queue(
    session: Session, told: About, person: Person, message: Message, now: datetime, *, cancelled: bool = False
) -> None:
    if not person.email:
        return
    hello = _("Bonjour {name},").format(name=person.name)
    mails.queue(
        session,
        person.email,
        message.subject,
        "\n\n".join(filter(None, (hello, *message.paragraphs, _call(told)))),
        Kind.INVITATION,
        now,
        person_id=person.id,
        merchant_id=told.visit.merchant_id,
        calendar=calendar([appointment(told, cancelled=cancelled)], told.territory.email),
        not_after=end_of(told.visit.planned_on) if not cancelled else None,
    )


def end_of(on: date) -> datetime:
    """Midnight after a day of Paris."""
    return datetime.combine(on + timedelta(days=1), time(), PARIS)


def _call(told: About) -> str:
    phone = told.territory.phone
    if not phone:
        return ""
    return _("Une question, un empêchement ? La coordination répond au {phone}.").format(phone=phone)


def _invited(session: Session, told: About, person: Person, now: datetime) -> Message:
    return Message(
        _("Votre visite : {merchant}, {day}").format(merchant=told.merchant, day=day(told.visit.planned_on)),
        (
            _("Vous visitez {where}, {when}.").format(where=told.where, when=told.when),
            _with(told, person),
            _way_in(session, told, person, now),
            _("Le rendez-vous est joint à cet e-mail : ajoutez-le à votre agenda."),
        ),
    )


def _with(told: About, person: Person) -> str:
    others = told.others(person)
    return _("Vous y allez avec {others}.").format(others=others) if others else ""


def _way_in(session: Session, told: About, person: Person, now: datetime) -> str:
    invitation = people.usable_invitation(session, person.id, now)
    if invitation is None:
        return _("La visite est dans l’application : {url}/app/").format(url=told.public_url)
    code = people.code_of(session, invitation.id)
    text = _(
        "Ouvrez votre visite sur votre téléphone, là où il y a du réseau : {url}/app/#code={code}\n"
        "Ou ouvrez {url}/app et tapez le code {spaced}. Il est pour vous, jusqu’au {until}."
    )
    until = day(invitation.expires_at.astimezone(PARIS).date())
    return text.format(url=told.public_url, code=code, spaced=spaced_code(code), until=until)


def _changed(told: About, person: Person) -> Message:
    return Message(
        _("Du changement pour votre visite : {merchant}").format(merchant=told.merchant),
        (
            _("Votre visite a changé. Voici comment elle se passe maintenant :"),
            _("{where}, {when}.").format(where=told.where, when=told.when),
            _with(told, person),
            _("Le rendez-vous joint remplace celui de votre agenda."),
        ),
    )


def _cancelled(told: About) -> Message:
    return Message(
        _("Visite annulée : {merchant}").format(merchant=told.merchant),
        (
            _("Cette visite n’aura pas lieu : {where}, {when}.").format(where=told.where, when=told.when),
            _("Ce que vous y avez déjà noté est gardé."),
        ),
    )


def _given_away(told: About) -> Message:
    return Message(
        _("Vous n’y allez plus : {merchant}").format(merchant=told.merchant),
        (
            _("Quelqu’un d’autre fait cette visite à votre place : {where}, {when}.").format(
                where=told.where, when=told.when
            ),
            _("Ce que vous y avez déjà noté est gardé. Merci, et à une prochaine visite."),
        ),
    )


# --- the day before ---


def to_remind(session: Session, now: datetime) -> list[tuple[Visit, Person]]:
    """Who goes tomorrow and waits for a reminder; nobody before eight."""
    here = now.astimezone(PARIS)
    if here.time() < REMINDS_FROM:
        return []
    return reminders.due(session, here.date() + timedelta(days=1), _midnight(here.date()))


def remind(session: Session, now: datetime, public_url: str) -> None:
    """Write, once, to those who go tomorrow; not to those who were told of it today already."""
    planning.hold(session)  # a second process asks once this one has written: nobody waits any more
    for visit, person in to_remind(session, now):
        reminders.note(session, visit, person.id, now)
        told = about(session, visit, public_url)
        message = _reminder(told, person)
        mails.queue(
            session,
            person.email or "",
            message.subject,
            "\n\n".join(filter(None, message.paragraphs)),
            Kind.REMINDER,
            now,
            person_id=person.id,
            merchant_id=visit.merchant_id,
            not_after=moment(visit.planned_on, visit.planned_at or "12:00"),
        )


def _reminder(told: About, person: Person) -> Message:
    open_it = _(
        "Ouvrez l’application une fois avec du réseau avant de partir : {url}/app/\n"
        "Ensuite, tout marche aussi sans réseau."
    )
    return Message(
        _("Demain, votre visite : {merchant}").format(merchant=told.merchant),
        (
            _("Bonjour {name},").format(name=person.name),
            _("Petit rappel : vous visitez {where}, {when}.").format(where=told.where, when=told.when),
            _with(told, person),
            open_it.format(url=told.public_url),
            _call(told),
        ),
    )


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), PARIS)


def short_message(told: About, person: Person) -> str:
    """What the coordination sends from its own phone."""
    others, phone = told.others(person), told.territory.phone
    parts = [
        _("Bonjour {name}, rappel de votre visite : {where}, {when}").format(
            name=person.name, where=told.where, when=told.when
        ),
        _(", avec {others}").format(others=others) if others else "",
        ". ",
        _("Un empêchement ? Appelez le {phone}. ").format(phone=phone) if phone else "",
        _("La caisse commune"),
    ]
    return "".join(parts)
