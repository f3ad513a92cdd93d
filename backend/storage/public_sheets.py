"""The sales points that everyone may read of, with all that is published of them; where an address of one leads."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import select as _select
from sqlmodel import Session, col, func, select

from backend.domain.errors import Refusal
from backend.domain.merchants import Kind, Standing
from backend.domain.publication import PublishedPlace
from backend.storage import aliases, public_words
from backend.storage.tables import Merchant, PlaceAlias, SalesPoint, Territory

SHOWN = (Standing.SOON, Standing.ACTIVE)
LEFT = (Standing.SUSPENDED, Standing.ENDED)


def published_places(
    session: Session,
    merchant_ids: Collection[str] | None = None,
    slugs: Collection[str] | None = None,
) -> list[PublishedPlace]:
    """Every sales point that is public, by name; `merchant_ids`: those of these merchants alone; `slugs`: these."""
    if slugs is not None:
        merchant_ids = session.exec(
            select(SalesPoint.merchant_id).where(col(SalesPoint.slug).in_(list(slugs))).distinct()
        ).all()
    # columns rather than whole rows: there may be ten thousand of them, and these are read five times as fast
    query = (
        _select(*_PUBLISHED)
        .join_from(SalesPoint, Merchant, col(Merchant.id) == SalesPoint.merchant_id)
        .join(Territory, col(Territory.id) == Merchant.territory_id)
        .where(col(Merchant.standing).in_(SHOWN))
        .order_by(col(Merchant.search), col(Merchant.id), col(SalesPoint.position))
    )
    if merchant_ids is not None:
        query = query.where(col(Merchant.id).in_(list(merchant_ids)))
    said = public_words.said(session, merchant_ids)
    nothing = public_words.Said("", ())
    return [
        _published(row._asdict(), said.get(row.merchant_id, nothing))
        for row in session.execute(query)
        if slugs is None or row.slug in slugs
    ]


_PUBLISHED = (
    *(col(getattr(SalesPoint, name)) for name in ("slug", "merchant_id", "label", "address", "postcode")),
    *(col(getattr(SalesPoint, name)) for name in ("city", "lat", "lon", "opening_hours", "access")),
    *(col(getattr(SalesPoint, name)) for name in ("access_note", "payable", "payable_note", "paying")),
    *(col(getattr(SalesPoint, name)) for name in ("paying_note", "takes_moneko")),
    *(col(getattr(Merchant, name)) for name in ("name", "kind", "phone", "website", "products", "families")),
    col(Merchant.standing),
    col(Territory.name).label("territory"),
)


def _published(row: dict[str, Any], said: public_words.Said) -> PublishedPlace:
    takes, standing = row.pop("takes_moneko"), row.pop("standing")
    codes = {name: _codes(row.pop(name)) for name in ("families", "paying")}
    return PublishedPlace(
        **row | codes | {"kind": Kind(row["kind"])},
        active=standing == Standing.ACTIVE and takes,
        words=said.words,
        commitments=said.commitments,
    )


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code for code in text.split(",") if code)


def counted(session: Session) -> dict[str, int]:
    """How many sales points are public, by the id of their territory."""
    query = (
        select(Merchant.territory_id, func.count())
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(col(Merchant.standing).in_(SHOWN))
        .group_by(Merchant.territory_id)
    )
    return dict(session.exec(query).all())


class Sheet(NamedTuple):
    """A public sales point, the others of its merchant, and how to reach the coordination (phone, e-mail)."""

    place: PublishedPlace
    others: tuple[PublishedPlace, ...]
    coordination: tuple[str, str]


def sheet(session: Session, slug: str) -> Sheet:
    """What is published of the sales point at this address. Raises not_found, or place_gone once it has left."""
    place = session.exec(select(SalesPoint).where(SalesPoint.slug == slug)).first()
    merchant = session.get_one(Merchant, place.merchant_id) if place else None
    if merchant is None or merchant.standing not in (*SHOWN, *LEFT):
        raise Refusal("not_found")
    if merchant.standing in LEFT:
        raise Refusal("place_gone")
    territory = session.get_one(Territory, merchant.territory_id)
    places = {each.slug: each for each in published_places(session, [merchant.id])}
    this = places.pop(slug)
    return Sheet(this, tuple(places.values()), (territory.phone, territory.email))


def sheets(session: Session, through: Callable[[Iterable[Any]], Iterator[Any]] = iter) -> dict[str, Sheet]:
    """The sheets of all public sales points, by slug."""
    coordinations = {each.name: (each.phone, each.email) for each in session.exec(select(Territory))}
    by_merchant: dict[str, list[PublishedPlace]] = {}
    for place in through(published_places(session)):
        by_merchant.setdefault(place.merchant_id, []).append(place)
    return {
        this.slug: Sheet(
            this,
            tuple(each for each in places if each.slug != this.slug),
            coordinations[this.territory],
        )
        for places in by_merchant.values()
        for this in places
    }


def leads_to(session: Session, name: str) -> str:
    """The slug to which an address of a sales point leads: its own, one it had before, or its merchant's id, old or
    not. Raises not_found."""
    if (alias := session.get(PlaceAlias, name)) is not None:
        return session.get_one(SalesPoint, alias.sales_point_id).slug
    merchant = session.get(Merchant, aliases.kept_id(session, name) or name)
    first = (
        merchant
        and session.exec(
            select(SalesPoint.slug)
            .where(SalesPoint.merchant_id == merchant.id)
            .order_by(col(SalesPoint.position))
        ).first()
    )
    if merchant is None or merchant.standing not in (*SHOWN, *LEFT):
        return name
    return first or name
