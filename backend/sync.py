"""Receiving what phones send, and saying what they have yet to see. No HTTP here.

An entry is accepted when it is valid, of this visit, and from someone with a part in it. Each entry is judged
alone: one that is refused never blocks the others. Answers are made from what is committed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.domain import erasures, ids, journal
from backend.domain.errors import Refusal
from backend.domain.merchants import Kind
from backend.domain.scoring import Rules
from backend.storage import journal as entries
from backend.storage import merchants, people, photos, visits
from backend.storage.journal import Arrival, Known
from backend.storage.people import DeviceSession
from backend.storage.visits import Part

MAX_ENTRIES = 500


@dataclass(frozen=True)
class Batch:
    """What a phone sent: entries as decoded JSON, and where it is in the journal of which epoch."""

    entries: tuple[Any, ...]
    cursor: int
    epoch: str | None


def parse_batch(raw: object) -> Batch:
    """The batch of a decoded JSON body; raises malformed_batch or too_many_entries."""
    if not isinstance(raw, dict):
        raise Refusal("malformed_batch", where="objet attendu")
    sent, cursor, epoch = raw.get("entries"), raw.get("cursor", 0), raw.get("epoch")
    if not isinstance(sent, list):
        raise Refusal("malformed_batch", where="entries")
    if type(cursor) is not int or not 0 <= cursor < 2**53:
        raise Refusal("malformed_batch", where="cursor")
    if not isinstance(epoch, str | None):
        raise Refusal("malformed_batch", where="epoch")
    if len(sent) > MAX_ENTRIES:
        raise Refusal("too_many_entries", limit=MAX_ENTRIES)
    return Batch(tuple(sent), cursor, epoch)


@dataclass
class Verdict:
    """What became of each entry of a batch."""

    accepted: list[str] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)  # accepted, without the words that the phone still holds

    def refuse(self, entry_id: object, refusal: Refusal) -> None:
        shown = entry_id if isinstance(entry_id, str) and len(entry_id) <= 60 and entry_id.isascii() else None
        self.rejected.append({"id": shown, "problem": refusal.as_dict()})


@dataclass(frozen=True)
class Parsed:
    """A batch after the checks that need no database."""

    entries: tuple[journal.Entry, ...]
    refused: tuple[tuple[object, Refusal], ...]


def parse_entries(batch: Batch) -> Parsed:
    """Read each entry of a batch strictly; those that cannot be read are refused one by one."""
    read: list[journal.Entry] = []
    refused: list[tuple[object, Refusal]] = []
    for raw in batch.entries:
        try:
            read.append(journal.parse(raw))
        except Refusal as refusal:
            refused.append((raw, refusal))
    return Parsed(tuple(read), tuple(refused))


def receive(
    session: Session, who: "DeviceSession | Desk", parsed: Parsed, rules: Mapping[str, Rules], now: datetime
) -> Verdict:
    """Judge and write a batch in the caller's transaction. What is `accepted` is on disk once it commits."""
    entries.hold(session)
    verdict = Verdict()
    door = _Door(session, who, parsed.entries, rules, now)
    for raw, refusal in parsed.refused:
        verdict.refuse(raw.get("id") if isinstance(raw, dict) else None, refusal)
        door.leave_outside(raw, refusal)
    for entry in parsed.entries:
        try:
            door.take(entry)
        except Refusal as refusal:
            verdict.refuse(entry.id, refusal)
            door.leave_outside({"id": entry.id, "visit": getattr(entry, "visit", None)}, refusal)
        else:
            verdict.accepted.append(entry.id)
    door.close()
    verdict.erased = door.erased
    return verdict


@dataclass(frozen=True)
class Desk:
    """A member of the coordination who keys in what was filled on paper. No device speaks here: all is relayed.

    Whether they may is the caller's question.
    """

    person_id: str
    device_id: None = None
    person_ids: frozenset[str] = frozenset()


class _Door:
    """One batch on its way in: what the database knows of it was asked once, for all its entries."""

    def __init__(
        self,
        session: Session,
        who: DeviceSession | Desk,
        batch: Sequence[journal.Entry],
        rules: Mapping[str, Rules],
        now: datetime,
    ) -> None:
        self.session, self.who, self.rules, self.now = session, who, rules, now
        wanted = {entry.visit for entry in batch if not isinstance(entry, journal.MerchantSpotted)}
        self.parts = visits.parts(session, wanted)
        self.known = entries.known(session, {entry.id for entry in batch})
        self.new: dict[str, Arrival] = {}
        self.touched: set[str] = set()
        self.erased: set[str] = set()
        # asked again once the journal is held: whoever was signed in a moment ago may be gone
        self.gone = people.erased_among(session, {entry.author for entry in batch})

    def take(self, entry: journal.Entry) -> None:
        """Accept an entry or raise the reason not to."""
        part = self._part(entry)
        brought_by = self._bringer(entry, part)
        arrival = self._arrival(entry, brought_by)
        row = self.known.get(entry.id)
        if arrival.erased or (row and row.erased):
            self.erased.add(entry.id)
        if row is None and entry.id not in self.new:
            self._fits(arrival, part)
            self.new[entry.id] = arrival
        elif row is None:
            if self.new[entry.id].sha256 != arrival.sha256:
                raise Refusal("id_conflict")
        elif row.sha256 == arrival.sha256:
            self._again(row, arrival, part)
        else:
            self._otherwise(row, arrival, part)

    def _arrival(self, entry: journal.Entry, brought_by: str | None) -> Arrival:
        """An entry as it is kept: without its words when its author was erased, whoever still had them."""
        sha256 = entries.sha256(journal.canonical(entry))
        erased = entry.author in self.gone and erasures.erasable(entry)
        kept = erasures.blanked(entry) if erased else entry
        return Arrival(kept, journal.canonical(kept), sha256, brought_by, erased)

    def leave_outside(self, raw: Any, refusal: Refusal) -> None:
        """Note that an entry was refused, so that a closing that lists it does not wait for it for ever."""
        entry_id, visit_id = (raw.get(key) if isinstance(raw, dict) else None for key in ("id", "visit"))
        if not isinstance(visit_id, str) or not isinstance(entry_id, str) or not ids.is_uuid7(entry_id):
            return
        part = self.parts.get(visit_id) or visits.parts(self.session, [visit_id]).get(visit_id)
        if part and self._bringers(part) and entry_id not in self.known:
            entries.note_refused(self.session, visit_id, entry_id, refusal.problem.code, self.now)
            self.touched |= {visit_id} if part.visit.grid_id in self.rules else set()

    def _part(self, entry: journal.Entry) -> Part | None:
        if isinstance(entry, journal.MerchantSpotted):
            return None
        part = self.parts.get(entry.visit)
        if part is None or not self._bringers(part):
            raise Refusal("foreign_visit")
        return part

    def _bringers(self, part: Part) -> frozenset[str]:
        """Those here who have, or had, a part in the visit; who sits at a desk keys in for any of them."""
        return (
            frozenset({self.who.person_id}) if isinstance(self.who, Desk) else part.ever & self.who.person_ids
        )

    def _bringer(self, entry: journal.Entry, part: Part | None) -> str | None:
        """None when the author's own device speaks; else who brings it, if both have a part in the visit."""
        if entry.author in self.who.person_ids:
            if part is not None and entry.author not in part.ever:
                raise Refusal("foreign_visit")
            return None
        if part is None or entry.author not in part.ever:
            raise Refusal("foreign_author")
        return min(self._bringers(part))

    def _fits(self, arrival: Arrival, part: Part | None) -> None:
        """Whether a new entry fits the visit's grid and sheets, or may be the start of a new merchant."""
        if part is not None:
            _against_plan(arrival.entry, part, self.rules)
        elif merchants.exists(self.session, arrival.entry.id):
            raise Refusal("id_conflict")
        elif people.territory_of(self.session, arrival.entry.author) is None:
            raise Refusal("foreign_author")

    def _again(self, row: Known, arrival: Arrival, part: Part | None) -> None:
        """The same entry again: accepted again, stored once; its author's word confirms a relay."""
        if not row.confirmed and arrival.brought_by is None:
            self._fits(arrival, part)
            entries.confirm(self.session, row.id, self.who.device_id)
            self._touch(arrival)

    def _otherwise(self, row: Known, arrival: Arrival, part: Part | None) -> None:
        """Same id, other content: the author's own device wins over a relay; a relay is kept as disputed."""
        own_word = arrival.brought_by is None
        if row.author_id != arrival.entry.author or row.visit_id != arrival.visit_id:
            raise Refusal("id_conflict")
        if row.erased:
            return  # whatever it said, it is not kept any more
        if own_word and row.confirmed:
            raise Refusal("id_conflict")
        self._fits(arrival, part)
        if own_word:
            entries.replace_relay(self.session, arrival, self.who.device_id, self.now)
        else:
            entries.dispute(self.session, arrival, self.who.device_id, self.now)
        self._touch(arrival)

    def _touch(self, arrival: Arrival) -> None:
        """What was known of this entry and its visit is no longer so."""
        self.known |= entries.known(self.session, [arrival.entry.id])
        if arrival.visit_id is not None:
            self.touched.add(arrival.visit_id)

    def close(self) -> None:
        """Write what was accepted and bring every projection it touches up to date."""
        arrivals = list(self.new.values())
        entries.append(self.session, arrivals, self.who.device_id, self.now)
        gone = {sha256 for each in arrivals if each.erased for sha256 in entries.announced(each.entry)}
        photos.erase(self.session, gone, self.now)
        for arrival in arrivals:
            if isinstance(arrival.entry, journal.MerchantSpotted):
                self._spot(arrival.entry)
        self.touched |= {arrival.visit_id for arrival in arrivals if arrival.visit_id}
        for visit_id in sorted(self.touched):
            visits.refresh(self.session, visit_id, self.rules, self.now)

    def _spot(self, spotted: journal.MerchantSpotted) -> None:
        territory_id = people.territory_of(self.session, spotted.author) or ""
        kind = Kind(spotted.merchant_kind) if spotted.merchant_kind in list(Kind) else Kind.OTHER
        merchant = merchants.add(
            self.session,
            territory_id,
            spotted.name,
            kind,
            self.now,
            by=spotted.author,
            source="field",
            merchant_id=spotted.id,
        )
        placing = "file" if spotted.lat is not None else "to_find" if spotted.address else "by_hand"
        merchants.add_place(
            self.session,
            merchant,
            address=spotted.address,
            lat=spotted.lat,
            lon=spotted.lon,
            placing=placing,
            label="",
        )


def _against_plan(entry: journal.Entry, part: Part, rules: Mapping[str, Rules]) -> None:
    """Refuse what does not fit the visit's grid version, or someone else's sheet."""
    planned = part.visit.grid_id
    if isinstance(entry, journal.VisitStarted) and entry.grid != planned:
        if entry.grid not in rules:
            raise Refusal("unknown_grid", grid=entry.grid)
        raise Refusal("wrong_grid", expected=planned, grid=entry.grid)
    if planned not in rules:
        raise Refusal("unknown_grid", grid=planned)
    journal.against(entry, rules[planned])


# --- what phones have yet to see ---


def exchange(
    session: Session,
    who: DeviceSession,
    batch: Batch,
    parsed: Parsed,
    rules: Mapping[str, Rules],
    now: datetime,
) -> dict[str, Any]:
    """Receive a batch and say, in the same transaction, what its phone has yet to see: the whole receipt."""
    verdict = receive(session, who, parsed, rules, now)
    return {
        "accepted": verdict.accepted,
        "rejected": verdict.rejected,
        **news(session, who, batch, frozenset(verdict.accepted), verdict.erased),
    }


def news(
    session: Session,
    who: DeviceSession,
    batch: Batch,
    sent: Collection[str] = frozenset(),
    erased: Collection[str] = frozenset(),
) -> dict[str, Any]:
    """The receipt's second half: others' new entries, the photos missing and decoded, cursor and epoch.

    A cursor of another epoch means nothing here (a backup was restored): all of it is sent again. `erased`: of what
    was `sent`, what the phone still had words of.
    """
    last, epoch = entries.position(session)
    cursor = batch.cursor if batch.epoch in (None, epoch) else 0
    events, new_cursor, more = entries.news(session, who.person_ids, cursor, last)
    expected = entries.photos_expected_of(session, who.person_ids)
    return {
        # what it relayed is told back: its author's own device may have said it already
        "entries": _visible(
            session,
            who,
            [
                event
                for event in events
                if event.row.id not in sent or event.row.author_id not in who.person_ids
            ]
            + entries.erased_among(session, erased),
        ),
        "missing_photos": sorted(photo.sha256 for photo in expected if not photo.arrived),
        "refused_photos": [
            {"sha256": photo.sha256, "problem": Refusal(photo.problem).as_dict()}
            for photo in expected
            if photo.problem
        ],
        "decoded_photos": sorted(photo.sha256 for photo in expected if photo.decoded),
        "cursor": new_cursor,
        "epoch": epoch,
        "more": more,
    }


def _visible(session: Session, who: DeviceSession, events: Sequence[entries.Event]) -> list[dict[str, Any]]:
    """The events as phones read them, without what no one on this device may see."""
    if not events:
        return []
    parts = visits.parts(session, {event.row.visit_id for event in events})
    return [
        {
            "entry": event.record.entry.model_dump(mode="json", exclude_unset=True),
            "confirmed": event.record.confirmed,
            "brought_by": event.record.brought_by,
            **({"erased": True} if event.row.erased_at else {}),
        }
        for event in events
        if any(_may_see(person, event, parts[event.row.visit_id]) for person in who.person_ids)
    ]


def _may_see(person: str, event: entries.Event, part: Part) -> bool:
    """Own entries always; others' from the time one had a part in the visit, but no sheet still hidden."""
    if event.row.author_id == person:
        return True
    if event.row.seq > part.removed.get(person, event.row.seq) or person not in part.ever:
        return False
    return not (part.visit.hiding and journal.written_alone(event.record.entry))


def may_see_photo(session: Session, person_ids: Collection[str], sha256: str) -> bool:
    """Whether an entry that one of these people may see announces this photo."""
    mentions = entries.photo_mentions(session, sha256)
    if any(mention.author_id in person_ids for mention in mentions):
        return True
    parts = visits.parts(session, {mention.visit_id for mention in mentions if mention.visit_id})
    return any(part.ever & frozenset(person_ids) for part in parts.values())


def may_read_photo(session: Session, person_ids: Collection[str], sha256: str) -> bool:
    """Whether it may be shown to one of these people: no more than the entry that announces it, on a hidden sheet."""
    mentions = entries.photo_mentions(session, sha256)
    parts = visits.parts(session, {mention.visit_id for mention in mentions if mention.visit_id})
    return any(
        mention.author_id in person_ids
        or (
            mention.visit_id in parts
            and parts[mention.visit_id].ever & frozenset(person_ids)
            and not (
                parts[mention.visit_id].visit.hiding
                and entries.written_alone(session, mention.visit_id, mention.entry_id)
            )
        )
        for mention in mentions
    )


def photo_received(
    session: Session, sha256: str, size: int, media: str, rules: Mapping[str, Rules], now: datetime
) -> bool:
    """Note that a photo is safe on disk and recompute the visits that waited for it; False: it already was."""
    entries.hold(session)
    if not photos.received(session, sha256, size, media, now):
        return False
    for visit_id in visits.expecting_photo(session, sha256):
        visits.refresh(session, visit_id, rules, now)
    return True
