"""Erasing a person, or one entry: in one transaction, for good, and without moving a single score."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from backend.domain import journal
from backend.domain.erasures import ERASED_NAME, blanked, erasable
from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind
from backend.domain.people import Role
from backend.domain.scoring import Rules
from backend.domain.visits import CANCELLABLE
from backend.storage import devices, photos, visits
from backend.storage import journal as entries
from backend.storage.journal import Numbered
from backend.storage.people import grants_of, new_id
from backend.storage.tables import (
    DisputedEntry,
    Enrolment,
    Entry,
    Erasure,
    Invitation,
    Mail,
    MailRefusal,
    Merchant,
    MerchantRecord,
    MerchantTie,
    Person,
    PersonFile,
    PhotoMention,
    Reminder,
    RoleGrant,
    SignIn,
    Visit,
    VisitMember,
)

# --- what there is ---


@dataclass(frozen=True)
class Traces:
    """What an inhabitant left, and would be erased: how many texts, photos and voice notes; in how many visits."""

    texts: int
    photos: int
    voices: int
    visits: int


def traces(session: Session, person_id: str) -> Traces:
    """What erasing this person would blank."""
    written = [journal.parse(json.loads(row.body)) for row in _written_by(session, person_id)]
    voices = sum(bool(getattr(entry, "voice", None)) for entry in written)
    pictures = sum(isinstance(entry, journal.PhotoAttached) for entry in written)
    texts = sum(blanked(entry) != entry for entry in written)
    return Traces(texts, pictures, voices, len(visits.of_people(session, [person_id])))


def visits_ahead(session: Session, person_id: str) -> list[tuple[Visit, Merchant]]:
    """The visits that this person is still to make, or to finish: somebody else has to be found for them first."""
    mine = select(VisitMember.visit_id).where(
        VisitMember.person_id == person_id, col(VisitMember.removed_at).is_(None)
    )
    rows = session.exec(
        select(Visit, Merchant)
        .join(Merchant, col(Merchant.id) == Visit.merchant_id)
        .where(col(Visit.id).in_(mine), col(Visit.state).in_(CANCELLABLE))
        .order_by(col(Visit.planned_on), Visit.id)
    )
    return [(visit, merchant) for visit, merchant in rows]


def of_person(session: Session, person_id: str) -> Erasure | None:
    """When and by whom this person was erased; None when they were not."""
    return session.exec(
        select(Erasure).where(Erasure.person_id == person_id, col(Erasure.entry_id).is_(None))
    ).first()


@dataclass(frozen=True)
class Erased:
    """Who or what was erased, without a word of it: what an older backup must not bring back."""

    person_id: str
    entry_id: str | None
    at: datetime


def all_of_them(session: Session) -> list[Erased]:
    """Everything that was ever erased, oldest first."""
    rows = session.exec(select(Erasure).order_by(col(Erasure.at), Erasure.id))
    return [Erased(row.person_id, row.entry_id, row.at) for row in rows]


# --- a person ---


def erase_person(
    session: Session, person_id: str, rules: Mapping[str, Rules], now: datetime, *, by: str
) -> None:
    """Erase an inhabitant who asks for it; asked twice, done once.

    Raises still_staff, and visits_ahead while they have a part in a visit that is not over.
    """
    entries.hold(session)
    person = session.get_one(Person, person_id, populate_existing=True)
    if person.erased_at:
        return
    if any(grant.role is not Role.EVALUATOR for grant in grants_of(session, person_id)):
        raise Refusal("still_staff", name=person.name)
    if visits_ahead(session, person_id):
        raise Refusal("visits_ahead", name=person.name)
    _note(session, Erasure(id=new_id(), person_id=person_id, at=now, by=by))
    _erase_person(session, person, rules, now, by)


def _note(session: Session, erasure: Erasure) -> None:
    session.add(erasure)
    session.flush()


def _erase_person(
    session: Session, person: Person, rules: Mapping[str, Rules], now: datetime, by: str | None
) -> None:
    written = _written_by(session, person.id)
    _forget_files(session, person)
    _close_ways_in(session, person.id, now, by)
    person.name, person.erased_at = ERASED_NAME, now
    person.email = person.phone = person.passphrase_hash = None
    session.add(person)
    _blank(session, written, now)
    _pass_on(session, {row.visit_id for row in written}, rules, now, {person.id})


def _written_by(session: Session, person_id: str) -> Sequence[Entry]:
    return session.exec(select(Entry).where(Entry.author_id == person_id).order_by(col(Entry.seq))).all()


def _forget_files(session: Session, person: Person) -> None:
    """What was only kept to plan with them and to write to them."""
    to_them = col(Mail.person_id) == person.id
    for over in (
        delete(PersonFile).where(col(PersonFile.person_id) == person.id),
        delete(MerchantTie).where(col(MerchantTie.person_id) == person.id),
        delete(MailRefusal).where(col(MailRefusal.person_id) == person.id),
        delete(Reminder).where(col(Reminder.person_id) == person.id),
        delete(Mail).where(or_(to_them, col(Mail.to) == person.email) if person.email else to_them),
    ):
        session.execute(over, execution_options={"synchronize_session": False})


def _close_ways_in(session: Session, person_id: str, now: datetime, by: str | None) -> None:
    """No invitation and no phone lets them in any more; a phone that holds others goes on with those."""
    for invitation in session.exec(select(Invitation).where(Invitation.person_id == person_id)):
        invitation.expires_at = min(invitation.expires_at, now)
    for enrolment in session.exec(select(Enrolment).where(Enrolment.person_id == person_id)):
        enrolment.left_at = enrolment.left_at or now
        session.flush()
        if not devices.people_on(session, enrolment.device_id):
            devices.revoke_device(session, enrolment.device_id, now)
    held = select(RoleGrant).where(RoleGrant.person_id == person_id, col(RoleGrant.revoked_at).is_(None))
    for grant in session.exec(held):
        grant.revoked_at, grant.revoked_by = now, by
    for sign_in in session.exec(select(SignIn).where(SignIn.person_id == person_id)):
        sign_in.ended_at = sign_in.ended_at or now


# --- one entry ---


def erase_entry(
    session: Session,
    visit: Visit,
    entry_id: str,
    reason: str,
    rules: Mapping[str, Rules],
    now: datetime,
    *,
    by: str,
) -> None:
    """Erase what one entry of this visit says or shows, and the earlier wordings that it replaced; asked twice, done
    once. Raises not_found for an entry of another visit, or with nothing in it to erase."""
    entries.hold(session)
    row = entry_of(session, visit.id, entry_id)
    if row.erased_at is None:
        rows = _with_earlier_wordings(session, row)
        for each in rows:
            why = reason if each is row else ""
            _note(
                session,
                Erasure(id=new_id(), person_id=each.author_id, entry_id=each.id, reason=why, at=now, by=by),
            )
        _blank(session, rows, now)
        _pass_on(session, {visit.id}, rules, now, set())


def entry_of(session: Session, visit_id: str, entry_id: str) -> Entry:
    """An entry of this visit in which there is, or was, something to erase; raises not_found."""
    row = session.exec(select(Entry).where(Entry.id == entry_id, Entry.visit_id == visit_id)).first()
    if row is None or not (row.erased_at or erasable(read(row))):
        raise Refusal("not_found")
    return row


def numbered(row: Entry) -> Numbered:
    """The entry as pages tell it."""
    record = journal.Record(read(row), row.confirmed_seq is not None, row.brought_by)
    return Numbered(row.seq, row.received_at, record, erased=row.erased_at is not None)


def read(row: Entry) -> journal.Entry:
    """The entry as its author wrote it, or as it was left when it was erased."""
    return journal.parse(json.loads(row.body))


def _with_earlier_wordings(session: Session, row: Entry) -> list[Entry]:
    """This entry and those it supersedes, near and far, as long as they are not erased yet."""
    of_visit = session.exec(select(Entry).where(Entry.visit_id == row.visit_id)).all()
    by_id = {each.id: each for each in of_visit}
    found, waiting = {row.id: row}, [row]
    while waiting:
        later = read(waiting.pop())
        for target in getattr(later, "supersedes", ()):
            earlier = by_id.get(target)
            if earlier is not None and earlier.id not in found and _same_place(read(earlier), later):
                found[earlier.id] = earlier
                waiting.append(earlier)
    return [each for each in found.values() if each.erased_at is None and erasable(read(each))]


def _same_place(earlier: journal.Entry, later: journal.Entry) -> bool:
    """Whether one may be an earlier wording of the other: elsewhere a supersession says nothing."""
    place = [
        (each.kind, getattr(each, "sheet", ""), getattr(each, "criterion", "")) for each in (earlier, later)
    ]
    return place[0] == place[1]


# --- the journal ---


def _blank(session: Session, rows: Iterable[Entry], now: datetime) -> None:
    """Leave no word of these entries. Their hash stays that of what was sent, so that the same again is known."""
    gone = [row for row in rows if row.erased_at is None and erasable(read(row))]
    for row in gone:
        entry = read(row)
        _blank_copies(session, entry)
        row.body, row.erased_at = journal.canonical(blanked(entry)).decode(), now
        session.add(row)
    session.flush()
    photos.erase(session, _only_theirs(session, {row.id for row in gone}), now)


def _blank_copies(session: Session, entry: journal.Entry) -> None:
    """The words of an entry that stand elsewhere: other versions that relays brought, the merchant's record."""
    for other in session.exec(select(DisputedEntry).where(DisputedEntry.entry_id == entry.id)):
        other.body = journal.canonical(blanked(journal.parse(json.loads(other.body)))).decode()
        session.add(other)
    if isinstance(entry, journal.VisitImpossible) and entry.text:
        kind = MerchantRecord.kind == RecordKind.VISIT_IMPOSSIBLE
        merchant = select(Visit.merchant_id).where(Visit.id == entry.visit).scalar_subquery()
        for record in session.exec(
            select(MerchantRecord).where(kind, MerchantRecord.merchant_id == merchant)
        ):
            if record.body.get("visit") == entry.visit and record.body.get("note") == entry.text:
                record.body = {**record.body, "note": ""}
                session.add(record)


def _only_theirs(session: Session, entry_ids: Collection[str]) -> list[str]:
    """The photos and notes that these entries announce, and that no other entry does that is not erased."""
    mentioned = set(
        session.exec(select(PhotoMention.sha256).where(col(PhotoMention.entry_id).in_(list(entry_ids))))
    )
    shared = session.exec(
        select(PhotoMention.sha256)
        .join(Entry, col(Entry.id) == PhotoMention.entry_id)
        .where(col(PhotoMention.sha256).in_(list(mentioned)), col(Entry.erased_at).is_(None))
    )
    return sorted(mentioned - set(shared))


def _pass_on(
    session: Session,
    visit_ids: Iterable[str | None],
    rules: Mapping[str, Rules],
    now: datetime,
    without: Collection[str],
) -> None:
    """Every phone of these visits gets them again, blanked; what is projected of them is recomputed."""
    for visit_id, part in sorted(visits.parts(session, {each for each in visit_ids if each}).items()):
        entries.widen(session, sorted(part.ever - set(without)), visit_id)
        if part.visit.grid_id in rules:
            visits.refresh(session, visit_id, rules, now)


# --- after an old backup ---


def erase_again(session: Session, erased: Iterable[Erased], rules: Mapping[str, Rules]) -> None:
    """Erase in what a backup brought back what had been erased since it was made."""
    entries.hold(session)
    for each in erased:
        person = session.get(Person, each.person_id)
        if person is None:
            continue
        if each.entry_id is None:
            _person_again(session, person, rules, each.at)
        elif row := session.exec(select(Entry).where(Entry.id == each.entry_id)).first():
            _entry_again(session, row, rules, each.at)


def _person_again(session: Session, person: Person, rules: Mapping[str, Rules], at: datetime) -> None:
    if of_person(session, person.id) is None:
        _note(session, Erasure(id=new_id(), person_id=person.id, at=at))
    if person.erased_at is None:
        for visit, _merchant in visits_ahead(session, person.id):
            visits.remove_member(session, visit.id, person.id, rules, at)
        _erase_person(session, person, rules, at, None)


def _entry_again(session: Session, row: Entry, rules: Mapping[str, Rules], at: datetime) -> None:
    if session.exec(select(Erasure).where(Erasure.entry_id == row.id)).first() is None:
        _note(session, Erasure(id=new_id(), person_id=row.author_id, entry_id=row.id, at=at))
    if row.erased_at is None:
        _blank(session, [row], at)
        _pass_on(session, {row.visit_id}, rules, at, set())
