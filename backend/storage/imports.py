"""Files of merchants: kept until they are applied, compared with the directory, then written in one go."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from backend.domain.directory import Line
from backend.domain.errors import Refusal
from backend.domain.imports import (
    OF_MERCHANT,
    OF_PLACE,
    Changes,
    Fate,
    Known,
    KnownPlace,
    Step,
    left_out,
    plan,
)
from backend.domain.merchants import Kind, RecordKind, slug
from backend.storage.merchants import searchable, shown_position, taken_slugs
from backend.storage.people import new_id
from backend.storage.tables import ImportDraft, Merchant, MerchantRecord, SalesPoint, Territory


def keep(
    session: Session, territory_id: str, filename: str, text: str, now: datetime, *, by: str
) -> ImportDraft:
    """Keep a file that could be read, so that it may be looked at before anything is written."""
    draft = ImportDraft(
        id=new_id(), territory_id=territory_id, created_by=by, created_at=now, filename=filename, text=text
    )
    session.add(draft)
    session.flush()
    return draft


def get(session: Session, draft_id: str) -> ImportDraft:
    """One file; raises not_found."""
    draft = session.get(ImportDraft, draft_id)
    if draft is None:
        raise Refusal("not_found")
    return draft


def latest(session: Session, territory_ids: Collection[str] | None, limit: int = 10) -> list[ImportDraft]:
    """The files of these territories (None: all), newest first."""
    query = select(ImportDraft).order_by(col(ImportDraft.created_at).desc()).limit(limit)
    if territory_ids is not None:
        query = query.where(col(ImportDraft.territory_id).in_(list(territory_ids)))
    return list(session.exec(query))


def planned(
    session: Session, territory_id: str, lines: Collection[Line], answers: Mapping[int, str]
) -> list[Step]:
    """What importing these lines would do to the territory as it is now."""
    return plan(lines, _Directory(session, territory_id).known(), answers)


def apply(
    session: Session,
    draft: ImportDraft,
    lines: Collection[Line],
    answers: Mapping[int, str],
    now: datetime,
    *,
    by: str,
) -> None:
    """Write what importing the lines of a kept file does. The same file again: nothing."""
    # one import of a territory at a time, or two of the same file would both find nothing there yet
    session.exec(select(Territory).where(Territory.id == draft.territory_id).with_for_update()).one()
    session.refresh(draft)
    if draft.applied_at is not None:
        return
    directory = _Directory(session, draft.territory_id)
    steps = plan(lines, directory.known(), answers)
    _Writing(session, directory, draft, now, by).write(steps)
    draft.applied_at, draft.text = now, ""  # what it held is now in the directory, or was not wanted
    draft.result = dict(Counter(step.fate.value for step in steps))
    if omitted := left_out(steps):
        draft.result = {**draft.result, "left_out": [each.to_json() for each in omitted]}


class _Directory:
    """A territory's merchants and their sales points, read in two questions."""

    def __init__(self, session: Session, territory_id: str) -> None:
        self.merchants = {
            merchant.id: merchant
            for merchant in session.exec(select(Merchant).where(Merchant.territory_id == territory_id))
        }
        self.places: dict[str, list[SalesPoint]] = {merchant_id: [] for merchant_id in self.merchants}
        for place in session.exec(
            select(SalesPoint)
            .join(Merchant, col(Merchant.id) == SalesPoint.merchant_id)
            .where(Merchant.territory_id == territory_id)
            .order_by(col(SalesPoint.position))
        ):
            self.places[place.merchant_id].append(place)

    def known(self) -> list[Known]:
        return [
            Known(
                merchant.id,
                _values(merchant, OF_MERCHANT),
                frozenset(merchant.hand_edited),
                tuple(_known_place(place) for place in self.places[merchant.id]),
            )
            for merchant in self.merchants.values()
        ]


def _known_place(place: SalesPoint) -> KnownPlace:
    position = None if place.lat is None or place.lon is None else (place.lat, place.lon)
    values = _values(place, OF_PLACE)
    return KnownPlace(place.id, values, position, place.placing == "hand")


def _values(row: Merchant | SalesPoint, names: Collection[str]) -> dict[str, str]:
    return {name: getattr(row, name) or "" for name in names}


class _Writing:
    """One import being written: rows are made and changed in memory, and go to the database together."""

    def __init__(self, session: Session, directory: _Directory, draft: ImportDraft, now: datetime, by: str):
        self.session, self.directory, self.draft = session, directory, draft
        self.now, self.by = now, by
        self.slugs = Counter(taken_slugs(session))
        self.merchants: list[Merchant] = []
        self.places: list[SalesPoint] = []
        self.records: list[MerchantRecord] = []

    def write(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if step.fate is Fate.NEW:
                self._add(step.line)
            elif step.fate is Fate.UPDATED and step.merchant is not None:
                self._update(self.directory.merchants[step.merchant.id], step)
        for rows in (self.merchants, self.places, self.records):
            self.session.add_all(rows)
            self.session.flush()

    def _add(self, line: Line) -> None:
        merchant = Merchant(
            id=new_id(),
            territory_id=self.draft.territory_id,
            **{"kind": Kind.OTHER.value, **_given(line, OF_MERCHANT)},
            stage_since=self.now,
            created_at=self.now,
        )
        self.merchants.append(merchant)
        merchant.search = searchable(merchant, [self._add_place(merchant, line)])
        self._record(merchant, RecordKind.SPOTTED, {"source": "import"})

    def _add_place(self, merchant: Merchant, line: Line) -> SalesPoint:
        lat, lon = line.position or (None, None)
        place = SalesPoint(
            id=new_id(),
            merchant_id=merchant.id,
            slug=self._slug(f"{merchant.name} {line.values.get('city', '')}"),
            **_given(line, OF_PLACE),
            lat=lat,
            lon=lon,
            placing="file" if line.position else "to_find" if "address" in line.values else "by_hand",
        )
        self.places.append(place)
        return place

    def _slug(self, name: str) -> str:
        """An address on the site that nobody has yet."""
        base = candidate = slug(name)
        while self.slugs[candidate]:
            candidate = f"{base}-{self.slugs[base] + 1}"
            self.slugs[base] += 1
        self.slugs[candidate] += 1
        return candidate

    def _update(self, merchant: Merchant, step: Step) -> None:
        sold_at = self.directory.places[merchant.id]
        if step.changes:
            _set(merchant, step.changes)
            self._record(merchant, RecordKind.EDITED, {"fields": _pairs(step.changes)})
        if step.place is not None:
            changed = next(place for place in sold_at if place.id == step.place.id)
            self._update_place(merchant, changed, step)
        elif step.place_changes or step.position:
            sold_at = [*sold_at, self._add_place(merchant, step.line)]
            self._record(merchant, RecordKind.EDITED, {"fields": _pairs(step.place_changes)})
        merchant.version += 1
        merchant.search = searchable(merchant, sold_at)

    def _update_place(self, merchant: Merchant, place: SalesPoint, step: Step) -> None:
        fields = _pairs(step.place_changes)
        _set(place, step.place_changes)
        if step.position:
            fields["position"] = [shown_position(place.lat, place.lon), shown_position(*step.position)]
            (place.lat, place.lon), place.placing = step.position, "file"
        elif place.placing != "hand" and step.place_changes.keys() & {"address", "postcode", "city"}:
            place.lat, place.lon, place.placing = None, None, "to_find"
        if fields:
            self._record(merchant, RecordKind.EDITED, {"place": place.id, "fields": fields})

    def _record(self, merchant: Merchant, kind: RecordKind, body: dict[str, Any]) -> None:
        """A dated fact. None of those an import writes moves a stage, so nothing has to be folded again."""
        self.records.append(
            MerchantRecord(
                id=new_id(),
                merchant_id=merchant.id,
                kind=kind,
                at=self.now,
                author_id=self.by,
                body={**body, "import": self.draft.id},
            )
        )


def _given(line: Line, details: Collection[str]) -> dict[str, Any]:
    return {detail: text for detail, text in line.values.items() if detail in details}


def _set(row: Merchant | SalesPoint, changes: Changes) -> None:
    for detail, (_, after) in changes.items():
        setattr(row, detail, after)


def _pairs(changes: Changes) -> dict[str, list[str]]:
    return {detail: list(pair) for detail, pair in changes.items()}
