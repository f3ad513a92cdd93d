"""Merchants, their sales points and their dated records."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import dropwhile
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel, col, select

from backend.domain.announcements import TELLING, changes
from backend.domain.errors import Refusal
from backend.domain.merchants import (
    ACCREDITING,
    Kind,
    Life,
    Record,
    RecordKind,
    Standing,
    folded,
    life,
    slug,
)
from backend.storage import aliases, announcements, published
from backend.storage.people import new_id
from backend.storage.tables import Merchant, MerchantRecord, PlaceAlias, SalesPoint

EDITABLE = ("name", "kind", "siret", "phone", "email", "website", "products", "families")
FOR_A_HAND = ("by_hand", "street")  # not found, and found only as far as the street
EDITABLE_PLACE = (
    *("label", "address", "postcode", "city", "opening_hours", "access", "access_note"),
    *("payable", "payable_note", "paying", "paying_note"),
)


def add(
    session: Session,
    territory_id: str,
    name: str,
    kind: Kind,
    now: datetime,
    *,
    by: str | None,
    source: str,
    merchant_id: str | None = None,
    **fields: Any,
) -> Merchant:
    """A merchant just spotted; `source` is import, field, hand or public."""
    merchant = Merchant(
        id=merchant_id or new_id(),
        territory_id=territory_id,
        name=name,
        kind=kind,
        stage_since=now,
        created_at=now,
        **fields,
    )
    refresh_search(session, merchant)
    session.flush()
    add_record(session, merchant.id, RecordKind.SPOTTED, {"source": source}, now, by=by)
    return merchant


def add_place(session: Session, merchant: Merchant, **fields: Any) -> SalesPoint:
    """One more place where this merchant sells. Its address on the site never changes afterwards."""
    rank = len(places(session, merchant.id))
    place = SalesPoint(
        id=new_id(),
        merchant_id=merchant.id,
        slug=_free_slug(session, f"{merchant.name} {fields.get('label', '')} {fields.get('city', '')}"),
        position=rank,
        **fields,
    )
    session.add(place)
    session.flush()
    refresh_search(session, merchant)
    return place


def _free_slug(session: Session, name: str) -> str:
    base = slug(name)
    taken = taken_slugs(session, base)
    return next(
        candidate
        for candidate in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
        if candidate not in taken
    )


def taken_slugs(session: Session, start: str = "") -> set[str]:
    """The addresses on the site that begin so and lead to a sales point, now or from before it was joined with another:
    nobody else ever gets them."""
    return {
        slug
        for column in (SalesPoint.slug, PlaceAlias.slug)
        for slug in session.exec(select(column).where(col(column).startswith(start)))
    }


def refresh_search(session: Session, merchant: Merchant) -> None:
    merchant.search = searchable(merchant, places(session, merchant.id))
    session.add(merchant)


def searchable(merchant: Merchant, sold_at: Iterable[SalesPoint]) -> str:
    """What the search box looks in: the names, places and SIRET, without accents or case."""
    words = [merchant.name, merchant.siret or "", merchant.products]
    for place in sold_at:
        words += [place.label, place.address, place.postcode, place.city]
    return folded(" ".join(words))


def add_by_hand(
    session: Session,
    territory_id: str,
    details: dict[str, str],
    place: dict[str, str],
    position: tuple[float, float] | None,
    now: datetime,
    *,
    by: str,
) -> Merchant:
    """A merchant that someone of the coordination types in, with its first sales point.

    Raises siret_taken, or merchant_exists for the same name at the same postcode: a file could not tell them apart.
    """
    _refuse_taken(session, territory_id, details.get("siret"))
    for other in session.exec(
        select(Merchant)
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(Merchant.territory_id == territory_id, SalesPoint.postcode == place.get("postcode", ""))
    ):
        if folded(other.name) == folded(details["name"]):
            raise Refusal("merchant_exists", name=other.name)
    fields = {name: text for name, text in details.items() if name not in ("name", "kind") and text}
    merchant = add(
        session, territory_id, details["name"], Kind(details["kind"]), now, by=by, source="hand", **fields
    )
    _typed_place(session, merchant, place, position)
    return merchant


def add_place_by_hand(
    session: Session,
    merchant: Merchant,
    place: dict[str, str],
    position: tuple[float, float] | None,
    now: datetime,
    *,
    by: str,
) -> SalesPoint:
    """One more sales point, which someone of the coordination types in."""
    added = _typed_place(session, merchant, place, position)
    fields = {name: ["", text] for name, text in place.items() if text}
    body = {"place": added.id, "fields": fields, "added": True}
    add_record(session, merchant.id, RecordKind.EDITED, body, now, by=by)
    return added


def _typed_place(
    session: Session, merchant: Merchant, place: dict[str, str], position: tuple[float, float] | None
) -> SalesPoint:
    """A sales point placed at `position`; else looked for when it has an address."""
    lat, lon = position or (None, None)
    placing = "hand" if position else "to_find" if place.get("address") else "by_hand"
    return add_place(session, merchant, **place, lat=lat, lon=lon, placing=placing)


def _refuse_taken(session: Session, territory_id: str, siret: str | None, but: str = "") -> None:
    """Two merchants of a territory never share a SIRET: importing goes by it."""
    taken = select(Merchant).where(
        Merchant.territory_id == territory_id, Merchant.siret == siret, Merchant.id != but
    )
    if siret and (other := session.exec(taken).first()):
        raise Refusal("siret_taken", name=other.name)


# --- records and what they add up to ---


# Every visit that comes in leaves a record: these statements are built once.
_RECORD, _MERCHANT, _PLACE = (
    SQLModel.metadata.tables[name] for name in ("merchant_record", "merchant", "sales_point")
)
_FACTS = select(_RECORD.c.id, _RECORD.c.kind, _RECORD.c.at, _RECORD.c.body).where(
    _RECORD.c.merchant_id == bindparam("merchant")
)
_FACTS_OF = _RECORD.select().where(_RECORD.c.merchant_id.in_(bindparam("merchants", expanding=True)))
_HOLD = select(_MERCHANT.c.id).where(_MERCHANT.c.id == bindparam("merchant")).with_for_update()
_PROJECTED = ("stage", "stage_since", "standing")
_STAND = update(_MERCHANT).values({name: bindparam(name) for name in _PROJECTED})
_STAND = _STAND.where(
    _MERCHANT.c.id == bindparam("merchant"),
    or_(*(_MERCHANT.c[name] != bindparam(name) for name in _PROJECTED)),
)


def add_record(
    session: Session,
    merchant_id: str,
    kind: RecordKind,
    body: dict[str, Any],
    at: datetime,
    *,
    by: str | None,
) -> str:
    """Write a dated fact and bring the projections up to date; returns its id."""
    record_id = new_id()
    session.flush()
    session.execute(
        _RECORD.insert(),
        {"id": record_id, "merchant_id": merchant_id, "kind": kind, "at": at, "author_id": by, "body": body},
    )
    now = refresh(session, merchant_id)
    if kind in TELLING:
        before = life(fact for fact in _facts(session, merchant_id) if fact.id != record_id)
        tell_moneko(session, merchant_id, before, now, at)
    return record_id


def tell_moneko(session: Session, merchant_id: str, before: Life, now: Life, at: datetime) -> None:
    """Have Moneko's software told what has changed for it, once this transaction is on disk."""
    if told := changes(before, now):
        announcements.announce(session, merchant_id, told, at)


def _facts(session: Session, merchant_id: str) -> list[Record]:
    rows = session.execute(_FACTS, {"merchant": merchant_id})
    return [Record(row.id, RecordKind(row.kind), row.at, row.body) for row in rows]


def has_record(session: Session, merchant_id: str, kind: RecordKind, visit_id: str) -> bool:
    """Whether a fact of this kind was already written about this visit."""
    return any(
        fact.kind == kind and fact.body.get("visit") == visit_id for fact in _facts(session, merchant_id)
    )


def records(session: Session, merchant_id: str) -> list[MerchantRecord]:
    """The dated facts, oldest first."""
    return list(
        session.exec(
            select(MerchantRecord)
            .where(MerchantRecord.merchant_id == merchant_id)
            .order_by(col(MerchantRecord.at), col(MerchantRecord.id))
        )
    )


def records_since_approval(session: Session, merchant_id: str) -> list[MerchantRecord]:
    """The dated facts from the first decision to accredit on, oldest first; none without such a decision."""
    return list(
        dropwhile(
            lambda row: row.kind != RecordKind.DECIDED or row.body["outcome"] not in ACCREDITING,
            records(session, merchant_id),
        )
    )


def life_of(session: Session, merchant_id: str, today: date | None = None) -> Life:
    """The merchant's life so far, folded from its records; an accreditation may have expired `today`."""
    return life(_facts(session, merchant_id), today)


def lives(session: Session, merchant_ids: Collection[str]) -> dict[str, Life]:
    """The lives of several merchants at once, by merchant; an accreditation never expires there."""
    found: dict[str, list[Record]] = {merchant_id: [] for merchant_id in merchant_ids}
    for row in session.execute(_FACTS_OF, {"merchants": list(merchant_ids)}):
        found[row.merchant_id].append(Record(row.id, RecordKind(row.kind), row.at, row.body))
    return {merchant_id: life(facts) for merchant_id, facts in found.items()}


def refresh(session: Session, merchant_id: str) -> Life:
    """Recompute and store stage and standing; there is at least one record."""
    if session.connection().dialect.name != "sqlite":  # which has one writer as it is
        session.execute(_HOLD, {"merchant": merchant_id})
    now = life_of(session, merchant_id)
    stored = {"stage": now.stage, "stage_since": now.since, "standing": now.standing}
    if session.connection().execute(_STAND, {"merchant": merchant_id, **stored}).rowcount:
        published.changed(session)
    if (merchant := session.identity_map.get(identity_key(Merchant, merchant_id))) is not None:
        for name, value in stored.items():
            set_committed_value(merchant, name, value)
    return now


# --- questions ---


def get(session: Session, merchant_id: str) -> Merchant:
    """One merchant, by its id or by one it had before a merger; raises not_found."""
    merchant = session.get(Merchant, aliases.kept_id(session, merchant_id) or merchant_id)
    if merchant is None:
        raise Refusal("not_found")
    return merchant


def exists(session: Session, merchant_id: str) -> bool:
    return session.get(Merchant, merchant_id) is not None or aliases.kept_id(session, merchant_id) is not None


def places(session: Session, merchant_id: str) -> list[SalesPoint]:
    return list(
        session.exec(
            select(SalesPoint).where(SalesPoint.merchant_id == merchant_id).order_by(col(SalesPoint.position))
        )
    )


def place(session: Session, merchant_id: str, place_id: str) -> SalesPoint:
    """One sales point of this merchant; raises not_found."""
    found = session.get(SalesPoint, place_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("not_found")
    return found


def places_of(session: Session, merchant_ids: Collection[str]) -> dict[str, list[SalesPoint]]:
    """The sales points of several merchants at once, by merchant."""
    found: dict[str, list[SalesPoint]] = {merchant_id: [] for merchant_id in merchant_ids}
    for place in session.exec(
        select(SalesPoint)
        .where(col(SalesPoint.merchant_id).in_(list(merchant_ids)))
        .order_by(col(SalesPoint.position))
    ):
        found[place.merchant_id].append(place)
    return found


def of_territory(session: Session, territory_id: str, limit: int) -> list[Merchant]:
    """A territory's merchants, by name."""
    return list(
        session.exec(
            select(Merchant)
            .where(Merchant.territory_id == territory_id)
            .order_by(col(Merchant.search), col(Merchant.id))
            .limit(limit)
        )
    )


class PublicPlace(NamedTuple):
    """A sales point as anyone may see it."""

    slug: str
    name: str
    kind: str
    phone: str
    label: str
    address: str
    postcode: str
    city: str
    lat: float | None
    lon: float | None
    opening_hours: str
    families: str
    access: str
    active: bool  # accepts the Moneko here, now; else "bientôt"


def public_places(session: Session) -> list[PublicPlace]:
    """The sales points of the merchants that the public may know of, by name."""
    shown = (
        *(_PLACE.c.slug, _MERCHANT.c.name, _MERCHANT.c.kind, _MERCHANT.c.phone),
        *(_PLACE.c[name] for name in ("label", "address", "postcode", "city", "lat", "lon", "opening_hours")),
        *(_MERCHANT.c.families, _PLACE.c.access),
        and_(_MERCHANT.c.standing == Standing.ACTIVE, _PLACE.c.takes_moneko),
    )
    rows = session.execute(
        select(*shown)
        .join_from(_MERCHANT, _PLACE, _PLACE.c.merchant_id == _MERCHANT.c.id)
        .where(_MERCHANT.c.standing.in_([Standing.SOON, Standing.ACTIVE]))
        .order_by(_MERCHANT.c.search, _PLACE.c.position)
    )
    return [PublicPlace(*row) for row in rows]


def to_find(session: Session, limit: int = 20) -> list[SalesPoint]:
    """Sales points whose address waits for the address engine."""
    return list(session.exec(select(SalesPoint).where(SalesPoint.placing == "to_find").limit(limit)))


# --- edits by hand ---


def hold(session: Session, merchant: Merchant, place: SalesPoint | None = None) -> None:
    """Read them as they are now and keep everybody else from changing them until this transaction ends."""
    session.refresh(merchant, with_for_update=True)
    if place is not None:
        session.refresh(place)


def edit(
    session: Session, merchant: Merchant, changes: dict[str, str | None], now: datetime, *, by: str
) -> None:
    """Change fields by hand: recorded, and protected from later imports. Raises siret_taken."""
    session.refresh(merchant, with_for_update=True)  # someone else may be correcting it too
    _refuse_taken(session, merchant.territory_id, changes.get("siret"), but=merchant.id)
    changed = {
        name: [getattr(merchant, name), value]
        for name, value in changes.items()
        if name in EDITABLE and (getattr(merchant, name) or "") != (value or "")
    }
    if not changed:
        return
    for name, (_, value) in changed.items():
        setattr(merchant, name, value)
    merchant.hand_edited = sorted({*merchant.hand_edited, *changed})
    merchant.version += 1
    refresh_search(session, merchant)
    session.flush()
    add_record(session, merchant.id, RecordKind.EDITED, {"fields": changed}, now, by=by)


def edit_place(
    session: Session,
    merchant: Merchant,
    place: SalesPoint,
    changes: dict[str, str],
    now: datetime,
    *,
    by: str,
) -> None:
    """Change a sales point by hand. A new address is looked for again unless it is placed by hand."""
    session.refresh(merchant, with_for_update=True)  # someone else may be correcting it too
    session.refresh(place)
    changed = {
        name: [getattr(place, name), value]
        for name, value in changes.items()
        if name in EDITABLE_PLACE and getattr(place, name) != value
    }
    if not changed:
        return
    for name, (_, value) in changed.items():
        setattr(place, name, value)
    if place.placing != "hand" and changed.keys() & {"address", "postcode", "city"}:
        place.placing, place.lat, place.lon = "to_find", None, None
    protected = {f"place.{name}" for name in changed}
    merchant.hand_edited = sorted({*merchant.hand_edited, *protected})
    session.add(place)
    refresh_search(session, merchant)
    session.flush()
    add_record(session, merchant.id, RecordKind.EDITED, {"place": place.id, "fields": changed}, now, by=by)


def place_by_hand(
    session: Session,
    merchant: Merchant,
    place: SalesPoint,
    position: tuple[float, float],
    now: datetime,
    *,
    by: str,
) -> None:
    """Put a sales point on the map by hand: recorded, and neither a file nor the address engine moves it again."""
    before, after = shown_position(place.lat, place.lon), shown_position(*position)
    put_place(session, place, *position, "hand")
    if before != after:
        body = {"place": place.id, "fields": {"position": [before, after]}}
        add_record(session, merchant.id, RecordKind.EDITED, body, now, by=by)


def shown_position(lat: float | None, lon: float | None) -> str:
    """A position as records tell it; "" when there is none."""
    return "" if lat is None or lon is None else f"{lat:.5f} {lon:.5f}"


def look_again(session: Session, place: SalesPoint) -> None:
    """Have the address looked for again. What a hand or a file placed stays where it is."""
    if place.placing in ("found", *FOR_A_HAND):
        put_place(session, place, None, None, "to_find")


def put_place(
    session: Session, place: SalesPoint, lat: float | None, lon: float | None, placing: str
) -> None:
    """Set a position (WGS 84 degrees) and how it was found; None, None, "by_hand": it was not."""
    place.lat, place.lon, place.placing = lat, lon, placing
    session.add(place)


def place_found(
    session: Session,
    place_id: str,
    asked: tuple[str, str, str],
    found: tuple[float, float] | None,
    *,
    exact: bool = True,
) -> None:
    """The address engine's answer, unless the address changed or a hand placed it in the meantime.

    Not `exact`: only the street was found.
    """
    place = session.get(SalesPoint, place_id, with_for_update=True)
    if place is None or place.placing != "to_find" or (place.address, place.postcode, place.city) != asked:
        return
    if found is None:
        put_place(session, place, None, None, "by_hand")
    else:
        put_place(session, place, *found, "found" if exact else "street")


def take_moneko(session: Session, merchant_id: str, place_ids: Iterable[str]) -> None:
    """Say at which of its sales points a merchant takes the Moneko."""
    chosen = set(place_ids)
    for place in places(session, merchant_id):
        place.takes_moneko = place.id in chosen
        session.add(place)
