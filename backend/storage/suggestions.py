"""The shops that the public proposes: a merchant to look at, or one more voice for one that is known."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from backend.domain.errors import Refusal
from backend.domain.merchants import Kind
from backend.storage import duplicates, merchants, public_sheets
from backend.storage.people import new_id
from backend.storage.public_sheets import SHOWN
from backend.storage.tables import Merchant, SalesPoint, Suggestion


@dataclass(frozen=True)
class Proposed:
    """A shop in somebody's words. `email`: to hear back, given with consent; else empty."""

    territory_id: str
    name: str
    kind: Kind
    address: str
    postcode: str
    city: str
    words: str
    email: str


def suggest(session: Session, proposed: Proposed, now: datetime, *, another: bool = False) -> None:
    """Keep a suggestion. A shop that nobody knows yet is spotted; one that is known and not public gets one more
    voice, and nobody learns that it is known.

    Raises already_public with the sheets of the shops it may be, unless it is `another` one.
    """
    alike = duplicates.alike(session, proposed.name, proposed.postcode, proposed.city)
    shown = [each for each in alike if each.standing in SHOWN]
    if shown and not another:
        ids = [each.id for each in shown]
        raise Refusal("already_public", alike=public_sheets.published_places(session, ids))
    here = (each for each in alike if each.territory_id == proposed.territory_id)
    known = next((each for each in here if each not in shown), None)
    merchant = known or _spotted(session, proposed, now)
    session.add(
        Suggestion(
            id=new_id(),
            merchant_id=merchant.id,
            name=proposed.name,
            postcode=proposed.postcode,
            city=proposed.city,
            words=proposed.words,
            email=proposed.email or None,
            at=now,
        )
    )


def _spotted(session: Session, proposed: Proposed, now: datetime) -> Merchant:
    merchant = merchants.add(
        session, proposed.territory_id, proposed.name, proposed.kind, now, by=None, source="public"
    )
    merchants.add_place(
        session,
        merchant,
        address=proposed.address,
        postcode=proposed.postcode,
        city=proposed.city,
        placing="to_find" if proposed.address else "by_hand",
    )
    return merchant


def of_merchant(session: Session, merchant_id: str) -> list[Suggestion]:
    """What the public said of a merchant when it proposed it, the newest first."""
    return list(
        session.exec(
            select(Suggestion)
            .where(Suggestion.merchant_id == merchant_id)
            .order_by(col(Suggestion.at).desc(), col(Suggestion.id).desc())
        )
    )


class ProposedAgain(NamedTuple):
    """A merchant that was known already and is not public, and how often the public proposed it, the last time when."""

    merchant: Merchant
    times: int
    last: datetime


def proposed_again(
    session: Session, territories: Collection[str] | None, since: datetime
) -> list[ProposedAgain]:
    """Who was proposed since then in these territories (None: all), the last one first."""
    last = func.max(col(Suggestion.at))
    query = (
        select(Merchant, func.count(), last)
        .join(Suggestion, col(Suggestion.merchant_id) == Merchant.id)
        .where(
            col(Suggestion.at) >= since,
            col(Merchant.created_at) < col(Suggestion.at),  # else this suggestion made it known
            col(Merchant.standing).not_in(SHOWN),
        )
        .group_by(col(Merchant.id))
        .order_by(last.desc(), col(Merchant.id))
    )
    if territories is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territories)))
    return [ProposedAgain(*row) for row in session.exec(query)]


def territory_at(session: Session, postcode: str) -> str | None:
    """The one territory that has public sales points at this postcode. Only what everyone may read is looked at: what
    is asked next must tell nobody which other shops are known."""
    rows = session.exec(
        select(Merchant.territory_id)
        .join(SalesPoint, col(SalesPoint.merchant_id) == Merchant.id)
        .where(SalesPoint.postcode == postcode, col(Merchant.standing).in_(SHOWN))
        .distinct()
    ).all()
    return rows[0] if postcode and len(rows) == 1 else None
