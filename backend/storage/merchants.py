"""Merchants, their sales points and their dated records."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import Kind, Life, Record, RecordKind, Stage, Standing, folded, life, slug
from backend.storage.people import new_id
from backend.storage.tables import Merchant, MerchantRecord, SalesPoint

EDITABLE = ("name", "kind", "siret", "phone", "email", "website", "products")
EDITABLE_PLACE = ("label", "address", "postcode", "city", "opening_hours")


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
    taken = set(session.exec(select(SalesPoint.slug).where(col(SalesPoint.slug).startswith(base))))
    return next(
        candidate
        for candidate in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
        if candidate not in taken
    )


def refresh_search(session: Session, merchant: Merchant) -> None:
    """What the search box looks in: the names, places and SIRET, without accents or case."""
    words = [merchant.name, merchant.siret or "", merchant.products]
    for place in places(session, merchant.id):
        words += [place.label, place.address, place.postcode, place.city]
    merchant.search = folded(" ".join(words))
    session.add(merchant)


# --- records and what they add up to ---


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
    session.add(
        MerchantRecord(id=record_id, merchant_id=merchant_id, kind=kind, at=at, author_id=by, body=body)
    )
    session.flush()
    refresh(session, merchant_id)
    return record_id


def has_record(session: Session, merchant_id: str, kind: RecordKind, visit_id: str) -> bool:
    """Whether a fact of this kind was already written about this visit."""
    return any(
        row.kind == kind and row.body.get("visit") == visit_id for row in records(session, merchant_id)
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


def life_of(session: Session, merchant_id: str) -> Life:
    """The merchant's life so far, folded from its records."""
    return life(
        Record(row.id, RecordKind(row.kind), row.at, row.body) for row in records(session, merchant_id)
    )


def refresh(session: Session, merchant_id: str) -> Life:
    """Recompute and store stage and standing."""
    session.exec(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update()).one()
    now = life_of(session, merchant_id)
    session.execute(
        update(Merchant)
        .where(col(Merchant.id) == merchant_id)
        .values(stage=now.stage, stage_since=now.since or Merchant.created_at, standing=now.standing)
    )
    return now


# --- questions ---


def get(session: Session, merchant_id: str) -> Merchant:
    """One merchant; raises not_found."""
    merchant = session.get(Merchant, merchant_id)
    if merchant is None:
        raise Refusal("not_found")
    return merchant


def exists(session: Session, merchant_id: str) -> bool:
    return session.get(Merchant, merchant_id) is not None


def places(session: Session, merchant_id: str) -> list[SalesPoint]:
    return list(
        session.exec(
            select(SalesPoint).where(SalesPoint.merchant_id == merchant_id).order_by(col(SalesPoint.position))
        )
    )


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


def search(
    session: Session,
    territory_ids: Collection[str] | None,
    *,
    text: str = "",
    stage: str = "",
    kind: str = "",
    limit: int = 500,
) -> list[Merchant]:
    """Merchants of these territories (None: all) whose words all match `text`, by name."""
    query = select(Merchant).order_by(col(Merchant.search), col(Merchant.id)).limit(limit)
    if territory_ids is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territory_ids)))
    for word in folded(text).split():
        query = query.where(col(Merchant.search).contains(word, autoescape=True))
    if stage:
        query = query.where(Merchant.stage == stage)
    if kind:
        query = query.where(Merchant.kind == kind)
    return list(session.exec(query))


def count_by_stage(session: Session, territory_ids: Collection[str] | None) -> dict[Stage, int]:
    counts = dict.fromkeys(Stage, 0)
    query = select(Merchant.stage)
    if territory_ids is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territory_ids)))
    for stage in session.exec(query):
        counts[Stage(stage)] += 1
    return counts


@dataclass(frozen=True)
class PublicPlace:
    """A sales point as anyone may see it."""

    slug: str
    merchant: Merchant
    place: SalesPoint
    active: bool  # accepts the Moneko here, now; else "bientôt"


def public_places(session: Session) -> list[PublicPlace]:
    """The sales points of the merchants that the public may know of, by name."""
    rows = session.exec(
        select(Merchant, SalesPoint)
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(col(Merchant.standing).in_([Standing.SOON, Standing.ACTIVE]))
        .order_by(col(Merchant.search), col(SalesPoint.position))
    )
    return [
        PublicPlace(place.slug, merchant, place, merchant.standing == Standing.ACTIVE and place.takes_moneko)
        for merchant, place in rows
    ]


def to_find(session: Session, limit: int = 20) -> list[SalesPoint]:
    """Sales points whose address waits for the address engine."""
    return list(session.exec(select(SalesPoint).where(SalesPoint.placing == "to_find").limit(limit)))


# --- edits by hand ---


def edit(
    session: Session, merchant: Merchant, changes: dict[str, str | None], now: datetime, *, by: str
) -> None:
    """Change fields by hand: recorded, and protected from later imports."""
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


def put_place(
    session: Session, place: SalesPoint, lat: float | None, lon: float | None, placing: str
) -> None:
    """Set a position (WGS 84 degrees) and how it was found; None, None, "by_hand": it was not."""
    place.lat, place.lon, place.placing = lat, lon, placing
    session.add(place)


def place_found(
    session: Session, place_id: str, asked: tuple[str, str, str], found: tuple[float, float] | None
) -> None:
    """The address engine's answer, unless the address changed or a hand placed it in the meantime."""
    place = session.get(SalesPoint, place_id)
    if place is None or place.placing != "to_find" or (place.address, place.postcode, place.city) != asked:
        return
    if found is None:
        put_place(session, place, None, None, "by_hand")
    else:
        put_place(session, place, *found, "found")


def take_moneko(session: Session, merchant_id: str, place_ids: Iterable[str]) -> None:
    """Say at which of its sales points a merchant takes the Moneko."""
    chosen = set(place_ids)
    for place in places(session, merchant_id):
        place.takes_moneko = place.id in chosen
        session.add(place)
