"""The journal: entries as received, in the order of one sequence, and what each person has yet to see of it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, update
from sqlmodel import Session, col, select

from backend.domain import journal
from backend.domain.journal import Record
from backend.storage.people import new_id
from backend.storage.tables import Counter, DisputedEntry, Entry, Photo, PhotoMention, Resend, VisitMember

PAGE = 500  # entries in one answer, about: the entries of one event are never cut apart


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def take_numbers(session: Session, count: int) -> int:
    """Reserve `count` sequence numbers and return the first. Holds the journal until this transaction ends."""
    last: int = session.execute(
        update(Counter)
        .where(col(Counter.name) == "journal")
        .values(value=Counter.value + count)
        .returning(col(Counter.value))
    ).scalar_one()
    return last - count + 1


def hold(session: Session) -> None:
    """Let nobody else write to the journal until this transaction ends: what is read next stays true.

    To be called first, since what was read before may already be old. (SQLite has one writer as it is.)
    """
    session.execute(select(Counter.value).where(Counter.name == "journal").with_for_update())


def last_number(session: Session) -> int:
    return session.exec(select(Counter.value).where(Counter.name == "journal")).one()


@dataclass(frozen=True)
class Arrival:
    """A valid entry at the door: its canonical body, and who brought it when its author's device did not."""

    entry: journal.Entry
    body: bytes
    sha256: str
    brought_by: str | None

    @property
    def visit_id(self) -> str | None:
        return None if isinstance(self.entry, journal.MerchantSpotted) else self.entry.visit


def known(session: Session, ids: Collection[str]) -> dict[str, Entry]:
    """The entries already here under these ids."""
    rows = session.exec(select(Entry).where(col(Entry.id).in_(list(ids))))
    return {row.id: row for row in rows}


def append(session: Session, arrivals: Sequence[Arrival], device_id: str, now: datetime) -> None:
    """Write new entries at the end of the journal."""
    if not arrivals:
        return
    first = take_numbers(session, len(arrivals))
    session.execute(
        insert(Entry),
        [
            {
                "seq": first + rank,
                "id": arrival.entry.id,
                "visit_id": arrival.visit_id,
                "kind": arrival.entry.kind,
                "author_id": arrival.entry.author,
                "device_id": device_id,
                "brought_by": arrival.brought_by,
                "confirmed_seq": None if arrival.brought_by else first + rank,
                "received_at": now,
                "sha256": arrival.sha256,
                "body": arrival.body.decode(),
            }
            for rank, arrival in enumerate(arrivals)
        ],
    )
    mention_photos(session, arrivals)


def mention_photos(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Note which photos the entries announce, so that they may be sent."""
    rows = [
        {
            "sha256": photo_sha256,
            "entry_id": arrival.entry.id,
            "visit_id": arrival.visit_id,
            "author_id": arrival.entry.author,
        }
        for arrival in arrivals
        for photo_sha256 in announced(arrival.entry)
    ]
    if rows:
        session.execute(insert(PhotoMention), rows)


def announced(entry: journal.Entry) -> Iterable[str]:
    """The photos that an entry announces, by hash."""
    if isinstance(entry, journal.PhotoAttached):
        return (entry.sha256,)
    if isinstance(entry, journal.MerchantSpotted):
        return dict.fromkeys(entry.photos)
    return ()


def confirm(session: Session, row: Entry, device_id: str) -> None:
    """The author's own device has sent what a partner had brought."""
    number = take_numbers(session, 1)
    session.execute(
        update(Entry).where(col(Entry.seq) == row.seq).values(confirmed_seq=number, device_id=device_id)
    )


def dispute(session: Session, arrival: Arrival, device_id: str, now: datetime) -> None:
    """Keep another content that a relay brought under an id already taken; the same one twice is kept once."""
    already = session.exec(
        select(DisputedEntry.id).where(
            DisputedEntry.entry_id == arrival.entry.id, DisputedEntry.sha256 == arrival.sha256
        )
    ).first()
    if already is None:
        number = take_numbers(session, 1)
        session.add(
            DisputedEntry(
                id=new_id(),
                entry_id=arrival.entry.id,
                visit_id=arrival.visit_id,
                seq=number,
                device_id=device_id,
                brought_by=arrival.brought_by,
                received_at=now,
                sha256=arrival.sha256,
                body=arrival.body.decode(),
            )
        )
        session.flush()


def replace_relay(session: Session, row: Entry, arrival: Arrival, device_id: str, now: datetime) -> None:
    """The author's own device says otherwise than the relay: its word counts, the relay is kept as disputed."""
    session.add(
        DisputedEntry(
            id=new_id(),
            entry_id=row.id,
            visit_id=row.visit_id,
            seq=row.seq,
            device_id=row.device_id,
            brought_by=row.brought_by,
            received_at=row.received_at,
            sha256=row.sha256,
            body=row.body,
        )
    )
    session.execute(delete(PhotoMention).where(col(PhotoMention.entry_id) == row.id))
    session.delete(row)
    session.flush()
    append(session, [arrival], device_id, now)


# --- reading it back ---


def _record(row: Entry, up_to: int | None) -> Record:
    confirmed = row.confirmed_seq is not None and (up_to is None or row.confirmed_seq <= up_to)
    return Record(journal.parse(json.loads(row.body)), confirmed, row.brought_by)


def records_of(session: Session, visit_id: str, up_to: int | None = None) -> list[Record]:
    """The records of a visit, as they stood at sequence number `up_to` (None: now), disputed relays included."""
    entries = select(Entry).where(Entry.visit_id == visit_id).order_by(col(Entry.seq))
    disputed = select(DisputedEntry).where(DisputedEntry.visit_id == visit_id)
    if up_to is not None:
        entries = entries.where(col(Entry.seq) <= up_to)
        disputed = disputed.where(col(DisputedEntry.seq) <= up_to)
    return [_record(row, up_to) for row in session.exec(entries)] + [
        Record(journal.parse(json.loads(row.body)), False, row.brought_by) for row in session.exec(disputed)
    ]


def last_of(session: Session, visit_id: str) -> int:
    """The sequence number after which nothing more has happened in this visit's journal; 0: nothing ever."""
    entry, confirmed = session.exec(
        select(func.max(Entry.seq), func.max(Entry.confirmed_seq)).where(Entry.visit_id == visit_id)
    ).one()
    disputed = session.exec(
        select(func.max(DisputedEntry.seq)).where(DisputedEntry.visit_id == visit_id)
    ).one()
    return max(entry or 0, confirmed or 0, disputed or 0)


def ids_after(session: Session, visit_id: str, seq: int) -> frozenset[str]:
    """The entries of a visit that came after this sequence number."""
    return frozenset(session.exec(select(Entry.id).where(Entry.visit_id == visit_id, col(Entry.seq) > seq)))


@dataclass(frozen=True)
class Numbered:
    """An entry with its place in the journal and the instant it was received."""

    seq: int
    received_at: datetime
    record: Record


def numbered(session: Session, visit_id: str) -> list[Numbered]:
    """A visit's entries in the order of their arrival."""
    rows = session.exec(select(Entry).where(Entry.visit_id == visit_id).order_by(col(Entry.seq)))
    return [Numbered(row.seq, row.received_at, _record(row, None)) for row in rows]


@dataclass(frozen=True)
class Event:
    """An entry that phones below `order` have yet to see."""

    order: int
    row: Entry

    @property
    def record(self) -> Record:
        return _record(self.row, None)


def widen(session: Session, person_ids: Iterable[str], visit_id: str) -> None:
    """These people may now see more of this visit: phones get all of it again, from its start."""
    people = list(person_ids)
    if not people:
        return
    first = take_numbers(session, len(people))
    for rank, person_id in enumerate(people):
        session.add(Resend(seq=first + rank, person_id=person_id, visit_id=visit_id))
    session.flush()


def news(session: Session, person_ids: Collection[str], cursor: int) -> tuple[list[Event], int, bool]:
    """What came after `cursor` in the visits these people ever had a part in.

    Returns the events in their order, the cursor that follows them, and whether there are more. Who may see
    each one is the caller's question.
    """
    people = list(person_ids)
    last = last_number(session)
    visits = set(session.exec(select(VisitMember.visit_id).where(col(VisitMember.person_id).in_(people))))
    again: dict[str, int] = {}
    for visit_id, seq in session.exec(
        select(Resend.visit_id, Resend.seq).where(col(Resend.person_id).in_(people), col(Resend.seq) > cursor)
    ):
        again[visit_id] = max(seq, again.get(visit_id, 0))
    rows = session.exec(
        select(Entry).where(
            col(Entry.visit_id).in_(visits),
            or_(
                col(Entry.seq) > cursor,
                col(Entry.confirmed_seq) > cursor,
                col(Entry.visit_id).in_(list(again)),
            ),
        )
    )
    events = sorted(
        (Event(max(row.seq, row.confirmed_seq or 0, again.get(row.visit_id or "", 0)), row) for row in rows),
        key=lambda event: (event.order, event.row.seq),
    )
    if len(events) <= PAGE:
        return events, last, False
    end = PAGE
    while end < len(events) and events[end].order == events[end - 1].order:
        end += 1
    return events[:end], events[end - 1].order if end < len(events) else last, end < len(events)


# --- photos announced ---


def photos_expected_of(session: Session, person_ids: Collection[str]) -> list[tuple[str, Photo | None]]:
    """The photos that entries of these people announce, with what has arrived of each."""
    rows = session.exec(
        select(PhotoMention.sha256, Photo)
        .join(Photo, col(Photo.sha256) == PhotoMention.sha256, isouter=True)
        .where(col(PhotoMention.author_id).in_(list(person_ids)))
        .distinct()
    )
    return [(announced, photo) for announced, photo in rows]


def photo_mentions(session: Session, photo_sha256: str) -> list[PhotoMention]:
    return list(session.exec(select(PhotoMention).where(PhotoMention.sha256 == photo_sha256)))
