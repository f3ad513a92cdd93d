"""Merchants that look like one: found, told apart, or merged with nothing lost."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, or_, true, update
from sqlmodel import Session, SQLModel, col, select

from backend.domain import duplicates
from backend.domain.duplicates import Known, Pair, Reason
from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind, folded
from backend.storage import aliases, merchants, published
from backend.storage.tables import (
    DistinctMerchants,
    Merchant,
    MerchantAlias,
    MonekoPartner,
    PlaceAlias,
    SalesPoint,
)

MOST = 200  # pairs of a page
COMPLETED = (
    "siret",
    "phone",
    "email",
    "website",
    "products",
    "families",
)  # what the kept one takes where it has nothing


class Alike(NamedTuple):
    """A merchant that looks like another, as a page shows it."""

    id: str
    name: str
    city: str
    reasons: tuple[Reason, ...]


def _known(merchant: Merchant, sold_at: Collection[SalesPoint]) -> Known:
    return Known(
        merchant.id,
        merchant.name,
        merchant.siret or "",
        merchant.phone,
        frozenset(place.postcode for place in sold_at if place.postcode),
        tuple((place.lat, place.lon) for place in sold_at if place.lat is not None and place.lon is not None),
        frozenset(duplicates.town(place.city) for place in sold_at if place.city),
    )


def of(session: Session, merchant: Merchant) -> list[Alike]:
    """The merchants of the same territory that may be this one, the likeliest first."""
    sold_at = merchants.places(session, merchant.id)
    this = _known(merchant, sold_at)
    sharing = [col(Merchant.name) == merchant.name]
    if this.postcodes:
        at = select(SalesPoint.merchant_id).where(col(SalesPoint.postcode).in_(this.postcodes))
        sharing.append(col(Merchant.id).in_(at))
    if this.siret:
        sharing.append(col(Merchant.siret) == this.siret)
    if this.phone:
        sharing.append(col(Merchant.phone) == this.phone)
    others = {
        other.id: other
        for other in session.exec(
            select(Merchant).where(
                Merchant.territory_id == merchant.territory_id, Merchant.id != merchant.id, or_(*sharing)
            )
        )
    }
    told_apart = _distinct(session, [merchant.id])
    places = merchants.places_of(session, others)
    found = []
    for other in others.values():
        why = duplicates.reasons(this, _known(other, places[other.id]))
        if why and frozenset((merchant.id, other.id)) not in told_apart:
            found.append(Alike(other.id, other.name, next((each.city for each in places[other.id]), ""), why))
    return sorted(found, key=lambda each: (Reason.SIRET not in each.reasons, -len(each.reasons), each.name))


def alike(session: Session, name: str, postcode: str, city: str) -> list[Merchant]:
    """The merchants of any territory that a name and a town may mean, the oldest first."""
    town = duplicates.town(city)
    # what the search box looks in has no accents; of a town its longest word, however the others are written
    said = (folded(name), postcode, max(town.split(), key=len, default=""))
    sharing = [col(Merchant.search).contains(text, autoescape=True) for text in said if text]
    found = session.exec(
        select(Merchant).where(or_(*sharing)).order_by(col(Merchant.created_at), col(Merchant.id))
    ).all()
    places = merchants.places_of(session, [each.id for each in found])
    asked = Known(
        "", name, postcodes=frozenset(filter(None, [postcode])), towns=frozenset(filter(None, [town]))
    )
    return [each for each in found if duplicates.reasons(asked, _known(each, places[each.id]))]


def likely(session: Session, territory_id: str) -> list[tuple[Merchant, Merchant, Pair]]:
    """The pairs of a territory that may be one merchant, the likeliest first, MOST at the most."""
    everyone = {
        each.id: each for each in session.exec(select(Merchant).where(Merchant.territory_id == territory_id))
    }
    places = merchants.places_of(session, everyone)
    known = [_known(each, places[each.id]) for each in everyone.values()]
    found = duplicates.pairs(known, _distinct(session, everyone))[:MOST]
    return [(everyone[pair.first], everyone[pair.second], pair) for pair in found]


def _distinct(session: Session, ids: Collection[str]) -> set[frozenset[str]]:
    rows = session.exec(
        select(DistinctMerchants).where(
            or_(
                col(DistinctMerchants.first_id).in_(list(ids)),
                col(DistinctMerchants.second_id).in_(list(ids)),
            )
        )
    )
    return {frozenset((row.first_id, row.second_id)) for row in rows}


def other_of(session: Session, merchant: Merchant, other_id: str) -> Merchant:
    """The other one of a pair, in the same territory.

    Raises not_found, or read_again when the two were merged in the meantime.
    """
    if other_id != merchant.id and aliases.kept_id(session, other_id) is not None:
        raise Refusal("read_again")
    other = session.get(Merchant, other_id)
    if other is None or other.id == merchant.id or other.territory_id != merchant.territory_id:
        raise Refusal("not_found")
    return other


def tell_apart(session: Session, merchant: Merchant, other_id: str, now: datetime, *, by: str) -> None:
    """Note that these two are not the same; both remember it. Raises not_found, read_again."""
    other = other_of(session, merchant, other_id)
    _hold_both(session, merchant.id, other.id)
    first, second = sorted((merchant.id, other.id))
    if session.get(DistinctMerchants, (first, second)) is not None:
        return
    session.add(DistinctMerchants(first_id=first, second_id=second, at=now, by=by))
    for one, two in ((merchant, other), (other, merchant)):
        body = {"other": two.id, "name": two.name}
        merchants.add_record(session, one.id, RecordKind.TOLD_APART, body, now, by=by)


def merge(session: Session, kept_id: str, other_id: str, now: datetime, *, by: str) -> Merchant:
    """Make one of two: all that belongs to the other moves to the one kept, and its id leads there for ever.

    What the kept one says stays; what it does not say, it takes; what the two say differently, and what only one
    of can be kept, stands in the record. Raises not_found, read_again.
    """
    kept, other = _hold_both(session, kept_id, other_id)
    if kept.territory_id != other.territory_id:
        raise Refusal("not_found")
    session.flush()
    before = merchants.life_of(session, kept.id)
    body = {"merged": other.id, "name": other.name, "fields": _complete(kept, other)}
    theirs = {place.id for place in merchants.places(session, other.id)}
    _after(session, kept, other)
    _keep_apart(session, kept.id, other.id)
    _keep_external_id(session, kept.id, other.id, now, by)
    session.flush()
    if left := _move(session, kept.id, other.id):
        body["left"] = left
    session.expire_all()
    _join_places(session, kept_id, theirs, now, by)
    session.delete(session.get_one(Merchant, other_id))
    session.flush()
    session.add(MerchantAlias(old_id=other_id, merchant_id=kept.id, at=now, by=by))
    merchants.refresh_search(session, kept)
    merchants.add_record(session, kept.id, RecordKind.MERGED, body, now, by=by)
    merchants.tell_moneko(session, kept.id, before, merchants.life_of(session, kept.id), now)
    published.changed(session)
    return kept


def _hold_both(session: Session, one_id: str, two_id: str) -> tuple[Merchant, Merchant]:
    """Both merchants, which nobody else changes until this transaction ends; in one order for all, so that two who
    merge the same two wait for one another instead of for ever."""
    query = select(Merchant).where(col(Merchant.id).in_([one_id, two_id])).order_by(col(Merchant.id))
    held = session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    found = {each.id: each for each in held}
    if len(found) != 2:
        raise Refusal("read_again")
    return found[one_id], found[two_id]


def _complete(kept: Merchant, other: Merchant) -> dict[str, list[str]]:
    """Take what only the other says; returns what the two say differently, [kept, other's]."""
    differing = {}
    for name in ("name", "kind", *COMPLETED):
        mine, theirs = getattr(kept, name) or "", getattr(other, name) or ""
        if theirs and not mine:
            setattr(kept, name, theirs)
        elif theirs and theirs != mine:
            differing[name] = [mine, theirs]
    kept.hand_edited = sorted({*kept.hand_edited, *other.hand_edited})
    kept.followed_by = kept.followed_by or other.followed_by
    kept.version += 1
    return differing


def _after(session: Session, kept: Merchant, other: Merchant) -> None:
    """The other's sales points come after those of the one kept."""
    first = len(merchants.places(session, kept.id))
    for rank, place in enumerate(merchants.places(session, other.id)):
        place.position = first + rank
        session.add(place)


PLACED = ("lat", "lon", "placing")
SAID_OF_A_PLACE = (
    "opening_hours",
    "access",
    "access_note",
    "payable",
    "payable_note",
    "paying",
    "paying_note",
)


def _join_places(session: Session, kept_id: str, theirs: Collection[str], now: datetime, by: str) -> None:
    """One shop that stood on both files is one sales point: the other's address on the site leads to it, for ever."""
    places = merchants.places(session, kept_id)
    mine = [place for place in places if place.id not in theirs]
    for place in places:
        same = next((each for each in mine if place.id in theirs and _same_place(each, place)), None)
        if same is not None:
            _join(session, same, place, now, by)


def _same_place(one: SalesPoint, other: SalesPoint) -> bool:
    at = [folded(f"{each.address} {each.postcode} {each.city}") for each in (one, other)]
    labels = {folded(each.label) for each in (one, other)} - {""}
    return bool(one.address and one.postcode) and at[0] == at[1] and len(labels) < 2


def _join(session: Session, kept: SalesPoint, other: SalesPoint, now: datetime, by: str) -> None:
    for name in ("label", *SAID_OF_A_PLACE):
        if not getattr(kept, name):
            setattr(kept, name, getattr(other, name))
    if kept.lat is None:
        for name in PLACED:
            setattr(kept, name, getattr(other, name))
    kept.takes_moneko = kept.takes_moneko or other.takes_moneko
    session.flush()
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "sales_point.id" for key in column.foreign_keys):
                session.execute(update(table).where(column == other.id).values({column.name: kept.id}))
    slug = other.slug
    session.delete(other)
    session.flush()
    session.add(PlaceAlias(slug=slug, sales_point_id=kept.id, at=now, by=by))


def _keep_apart(session: Session, kept_id: str, other_id: str) -> None:
    """What was told apart from the other is told apart from the one kept."""
    for pair in _distinct(session, [other_id]):
        row = session.get_one(DistinctMerchants, tuple(sorted(pair)))
        (third,) = pair - {other_id}
        first, second = sorted((third, kept_id))
        if third != kept_id and session.get(DistinctMerchants, (first, second)) is None:
            session.add(DistinctMerchants(first_id=first, second_id=second, at=row.at, by=row.by))
        session.delete(row)


def _keep_external_id(session: Session, kept_id: str, other_id: str, now: datetime, by: str) -> None:
    """Moneko may know both: its second id becomes one more old id."""
    theirs = session.get(MonekoPartner, other_id)
    if theirs is not None and session.get(MonekoPartner, kept_id) is not None:
        session.add(MerchantAlias(old_id=theirs.external_id, merchant_id=kept_id, at=now, by=by))


def _move(session: Session, kept_id: str, other_id: str) -> dict[str, list[dict[str, Any]]]:
    """Have every row that names the other merchant name the one kept, in whatever table; returns those of which
    only one can be (the one kept has its own), by table."""
    left: dict[str, list[dict[str, Any]]] = {}
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "merchant.id" for key in column.foreign_keys):
                if column.primary_key:
                    if stays := _move_one_by_one(session, table, column.name, kept_id, other_id):
                        left[table.name] = stays
                else:
                    session.execute(update(table).where(column == other_id).values({column.name: kept_id}))
    return left


def _move_one_by_one(
    session: Session, table: Table, name: str, kept_id: str, other_id: str
) -> list[dict[str, Any]]:
    stays = []
    for row in session.execute(table.select().where(table.c[name] == other_id)).mappings().all():
        others = [key for key in table.primary_key.columns if key.name != name]
        same = and_(true(), *(key == row[key.name] for key in others))
        mine = session.execute(table.select().where(table.c[name] == kept_id, same)).first()
        here = and_(table.c[name] == other_id, same)
        if mine is None:
            session.execute(update(table).where(here).values({name: kept_id}))
        else:
            stays.append({key: _plain(value) for key, value in row.items()})
            session.execute(table.delete().where(here))
    return stays


def _plain(value: Any) -> Any:
    """As JSON can keep it."""
    return value if isinstance(value, dict | list | bool | int | float) else str(value)
