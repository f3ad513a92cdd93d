"""The journal: entries as received, in the order of one sequence, and what each person has yet to see of it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, delete, false, null, or_, select, true, union_all, update
from sqlmodel import Session, SQLModel, col

from backend.domain import journal
from backend.domain.journal import Record
from backend.storage.people import new_id
from backend.storage.tables import DisputedEntry, Entry, PhotoMention, RefusedEntry, Resend

PAGE = 500  # entries in one answer, about: the entries of one event are never cut apart

# Every batch of every phone comes through here, so its statements are built once: building one costs more than
# running it.
_META, _COUNTER, _ENTRY, _DISPUTED, _RESEND, _MEMBER, _MENTION, _PHOTO = (
    SQLModel.metadata.tables[name]
    for name in (
        *("meta", "counter", "entry", "disputed_entry", "resend"),
        *("visit_member", "photo_mention", "photo"),
    )
)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# --- the sequence ---

_TAKE = (
    update(_COUNTER)
    .where(_COUNTER.c.name == "journal")
    .values(value=_COUNTER.c.value + bindparam("count"))
    .returning(_COUNTER.c.value)
)
_LAST = select(_COUNTER.c.value).where(_COUNTER.c.name == "journal")
_HOLD = _LAST.with_for_update()
_EPOCH = select(_META.c.value).where(_META.c.key == "epoch").scalar_subquery()
_POSITION = select(_COUNTER.c.value, _EPOCH).where(_COUNTER.c.name == "journal")


def take_numbers(session: Session, count: int) -> int:
    """Reserve `count` sequence numbers and return the first. Holds the journal until this transaction ends."""
    last: int = session.execute(_TAKE, {"count": count}).scalar_one()
    return last - count + 1


def hold(session: Session) -> None:
    """Let nobody else write to the journal until this transaction ends: what is read next stays true.

    To be called first, since what was read before may already be old.
    """
    if session.connection().dialect.name != "sqlite":  # which has one writer as it is
        session.execute(_HOLD)


def last_number(session: Session) -> int:
    last: int = session.execute(_LAST).scalar_one()
    return last


def position(session: Session) -> tuple[int, str]:
    """The last number given, and the epoch in which it means something."""
    last, epoch = session.execute(_POSITION).one()
    return last, epoch


# --- writing ---


@dataclass(frozen=True)
class Arrival:
    """A valid entry at the door: its canonical body, and who brought it when its author's device did not.

    `erased`: its author was erased, and `body` holds none of the words that `sha256` is of.
    """

    entry: journal.Entry
    body: bytes
    sha256: str
    brought_by: str | None
    erased: bool = False

    @property
    def visit_id(self) -> str | None:
        return None if isinstance(self.entry, journal.MerchantSpotted) else self.entry.visit


class Known(NamedTuple):
    """An entry that is here already; `confirmed`: its author's own device has sent it; `erased`: its words are gone."""

    id: str
    visit_id: str | None
    author_id: str
    sha256: str
    confirmed: bool
    erased: bool


_KNOWN = select(
    _ENTRY.c.id,
    _ENTRY.c.visit_id,
    _ENTRY.c.author_id,
    _ENTRY.c.sha256,
    _ENTRY.c.confirmed_seq.is_not(None),
    _ENTRY.c.erased_at.is_not(None),
).where(_ENTRY.c.id.in_(bindparam("ids", expanding=True)))


def known(session: Session, ids: Collection[str]) -> dict[str, Known]:
    """The entries already here under these ids."""
    return {row[0]: Known(*row) for row in session.execute(_KNOWN, {"ids": list(ids)})}


def append(session: Session, arrivals: Sequence[Arrival], device_id: str | None, now: datetime) -> None:
    """Write new entries at the end of the journal. `device_id`: none for what was keyed in from paper."""
    if not arrivals:
        return
    first = take_numbers(session, len(arrivals))
    for arrival in arrivals:
        _keep_read(arrival.body.decode(), arrival.entry)
    session.execute(
        _ENTRY.insert(),
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
                "erased_at": now if arrival.erased else None,
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
        session.execute(_MENTION.insert(), rows)


def announced(entry: journal.Entry) -> Iterable[str]:
    """The photos and voice notes that an entry announces, by hash."""
    if isinstance(entry, journal.PhotoAttached):
        return (entry.sha256,)
    if isinstance(entry, journal.RemarkMade | journal.QuestionAnswered):
        return (entry.voice,) if entry.voice else ()
    if isinstance(entry, journal.MerchantSpotted):
        return dict.fromkeys(entry.photos)
    return ()


def confirm(session: Session, entry_id: str, device_id: str | None) -> None:
    """The author's own device has sent what a partner had brought."""
    number = take_numbers(session, 1)
    session.execute(
        update(_ENTRY).where(_ENTRY.c.id == entry_id).values(confirmed_seq=number, device_id=device_id)
    )


def dispute(session: Session, arrival: Arrival, device_id: str | None, now: datetime) -> None:
    """Keep another content that a relay brought under an id already taken; the same one twice is kept once."""
    same = select(_DISPUTED.c.id).where(
        _DISPUTED.c.entry_id == arrival.entry.id, _DISPUTED.c.sha256 == arrival.sha256
    )
    if session.execute(same).first() is None:
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


def replace_relay(session: Session, arrival: Arrival, device_id: str | None, now: datetime) -> None:
    """The author's own device says otherwise than the relay: its word counts, the relay is kept as disputed."""
    row = session.execute(select(Entry).where(col(Entry.id) == arrival.entry.id)).scalar_one()
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
    session.execute(delete(_MENTION).where(_MENTION.c.entry_id == row.id))
    session.delete(row)
    session.flush()
    append(session, [arrival], device_id, now)


_REFUSED = SQLModel.metadata.tables["refused_entry"]
_REFUSED_OF = select(_REFUSED.c.entry_id).where(
    _REFUSED.c.visit_id == bindparam("visit"), _REFUSED.c.entry_id.in_(bindparam("ids", expanding=True))
)


def note_refused(session: Session, visit_id: str, entry_id: str, code: str, now: datetime) -> None:
    """An entry stays on its phone: nobody waits for it until its author has corrected it."""
    row = session.get(RefusedEntry, (entry_id, visit_id))
    session.add(row or RefusedEntry(entry_id=entry_id, visit_id=visit_id, at=now, code=code))
    session.flush()


def refused_among(session: Session, visit_id: str, ids: Collection[str]) -> set[str]:
    """Which of these entries of the visit were refused, of those that have not come."""
    return (
        set(session.execute(_REFUSED_OF, {"visit": visit_id, "ids": list(ids)}).scalars()) if ids else set()
    )


# --- reading it back ---

_READ: dict[str, journal.Entry] = {}
MOST_READ = 4_000


def _entry(body: str) -> journal.Entry:
    """An entry from its body. A visit is folded again with each entry that comes, so the last ones are kept."""
    return _READ.get(body) or _keep_read(body, journal.parse(json.loads(body)))


def _keep_read(body: str, entry: journal.Entry) -> journal.Entry:
    if len(_READ) >= MOST_READ:
        _READ.clear()
    _READ[body] = entry
    return entry


@dataclass(frozen=True)
class Numbered:
    """An entry with its place in the journal and the instant it was received; `disputed`: another content of one;
    `erased`: its words are gone."""

    seq: int
    received_at: datetime
    record: Record
    disputed: bool = False
    erased: bool = False


_TOLD = union_all(
    select(
        _ENTRY.c.seq,
        _ENTRY.c.confirmed_seq,
        _ENTRY.c.brought_by,
        _ENTRY.c.received_at,
        _ENTRY.c.body,
        false().label("disputed"),
        _ENTRY.c.erased_at.is_not(None).label("erased"),
    ).where(_ENTRY.c.visit_id == bindparam("visit")),
    select(
        _DISPUTED.c.seq,
        null(),
        _DISPUTED.c.brought_by,
        _DISPUTED.c.received_at,
        _DISPUTED.c.body,
        true(),
        false(),
    ).where(_DISPUTED.c.visit_id == bindparam("visit")),
)


class Told:
    """All that was told of one visit, in the order of its arrival, disputed relays included."""

    def __init__(self, session: Session, visit_id: str) -> None:
        self._rows: list[Row[Any]] = sorted(
            session.execute(_TOLD, {"visit": visit_id}), key=lambda row: int(row.seq)
        )

    def records(self, up_to: int | None = None) -> list[Record]:
        """The records as they stood at sequence number `up_to` (None: now)."""
        return [_record(row, up_to) for row in self._rows if up_to is None or row.seq <= up_to]

    @property
    def last(self) -> int:
        """The sequence number after which nothing more has happened; 0: nothing ever."""
        return max((max(row.seq, row.confirmed_seq or 0) for row in self._rows), default=0)

    def whole(self) -> list[Numbered]:
        """Everything."""
        return [
            Numbered(row.seq, row.received_at, _record(row, None), bool(row.disputed), bool(row.erased))
            for row in self._rows
        ]

    def entries(self) -> list[Numbered]:
        """The entries, without the disputed relays."""
        return [each for each in self.whole() if not each.disputed]


def _record(row: Row[Any], up_to: int | None) -> Record:
    confirmed = row.confirmed_seq is not None and (up_to is None or row.confirmed_seq <= up_to)
    return Record(_entry(row.body), confirmed, row.brought_by)


def records_of(session: Session, visit_id: str, up_to: int | None = None) -> list[Record]:
    """The records of a visit, as they stood at sequence number `up_to` (None: now), disputed relays included."""
    return Told(session, visit_id).records(up_to)


def last_of(session: Session, visit_id: str) -> int:
    """The sequence number after which nothing more has happened in this visit's journal; 0: nothing ever."""
    return Told(session, visit_id).last


def written_alone(session: Session, visit_id: str, entry_id: str) -> bool:
    """Whether this entry of the visit is written on somebody's own sheet."""
    return any(
        journal.written_alone(record.entry)
        for record in records_of(session, visit_id)
        if record.entry.id == entry_id
    )


def numbered(session: Session, visit_id: str) -> list[Numbered]:
    """A visit's entries in the order of their arrival."""
    return Told(session, visit_id).entries()


def everything(session: Session, visit_id: str) -> list[Numbered]:
    """A visit's entries in the order of their arrival, disputed relays included."""
    return Told(session, visit_id).whole()


# --- what phones have yet to see ---


@dataclass(frozen=True)
class Event:
    """An entry that phones below `order` have yet to see."""

    order: int
    row: Row[Any]

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


_AGAIN = select(_RESEND.c.visit_id, _RESEND.c.seq).where(
    _RESEND.c.person_id.in_(bindparam("people", expanding=True)), _RESEND.c.seq > bindparam("cursor")
)
_EVENT = select(
    _ENTRY.c.id,
    _ENTRY.c.seq,
    _ENTRY.c.confirmed_seq,
    _ENTRY.c.visit_id,
    _ENTRY.c.author_id,
    _ENTRY.c.brought_by,
    _ENTRY.c.body,
    _ENTRY.c.erased_at,
)
_ERASED_AMONG = _EVENT.where(
    _ENTRY.c.id.in_(bindparam("ids", expanding=True)), _ENTRY.c.erased_at.is_not(None)
)
_NEWS = _EVENT.where(
    _ENTRY.c.visit_id.in_(
        select(_MEMBER.c.visit_id).where(_MEMBER.c.person_id.in_(bindparam("people", expanding=True)))
    ),
    or_(
        _ENTRY.c.seq > bindparam("cursor"),
        _ENTRY.c.confirmed_seq > bindparam("cursor"),
        _ENTRY.c.visit_id.in_(bindparam("again", expanding=True)),
    ),
)


def news(
    session: Session, person_ids: Collection[str], cursor: int, last: int
) -> tuple[list[Event], int, bool]:
    """What came after `cursor` in the visits these people ever had a part in; `last`: the last number given.

    Returns the events in their order, the cursor that follows them, and whether there are more. Who may see
    each one is the caller's question.
    """
    people = list(person_ids)
    again: dict[str, int] = {}
    for visit_id, seq in session.execute(_AGAIN, {"people": people, "cursor": cursor}):
        again[visit_id] = max(seq, again.get(visit_id, 0))
    rows = session.execute(_NEWS, {"people": people, "cursor": cursor, "again": list(again)})
    events = sorted(
        (Event(max(row.seq, row.confirmed_seq or 0, again.get(row.visit_id, 0)), row) for row in rows),
        key=lambda event: (event.order, event.row.seq),
    )
    if len(events) <= PAGE:
        return events, last, False
    end = PAGE
    while end < len(events) and events[end].order == events[end - 1].order:
        end += 1
    return events[:end], events[end - 1].order if end < len(events) else last, end < len(events)


def erased_among(session: Session, ids: Collection[str]) -> list[Event]:
    """Those of these entries whose words are gone, for a phone that still had them."""
    rows = session.execute(_ERASED_AMONG, {"ids": list(ids)}).all() if ids else []
    return [Event(row.seq, row) for row in rows]


# --- photos announced ---


class Expected(NamedTuple):
    """A photo that was announced, and what has become of it."""

    sha256: str
    arrived: bool
    decoded: bool
    problem: str | None


_EXPECTED = (
    select(
        _MENTION.c.sha256,
        _PHOTO.c.sha256.is_not(None),
        _PHOTO.c.decoded_at.is_not(None),
        _PHOTO.c.problem,
    )
    .join(_PHOTO, _PHOTO.c.sha256 == _MENTION.c.sha256, isouter=True)
    .where(_MENTION.c.author_id.in_(bindparam("people", expanding=True)))
    .distinct()
)


def photos_expected_of(session: Session, person_ids: Collection[str]) -> list[Expected]:
    """The photos that entries of these people announce, with what has arrived of each."""
    return [Expected(*row) for row in session.execute(_EXPECTED, {"people": list(person_ids)})]


def photo_mentions(session: Session, photo_sha256: str) -> list[PhotoMention]:
    """The entries that announce this photo."""
    found = session.execute(select(PhotoMention).where(col(PhotoMention.sha256) == photo_sha256))
    return list(found.scalars())
