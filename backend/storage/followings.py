"""Who of the coordination looks after which merchant."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind
from backend.domain.people import Role
from backend.storage import merchants
from backend.storage.tables import Merchant, Person, RoleGrant


def follow(session: Session, merchant: Merchant, person_id: str, now: datetime, *, by: str) -> None:
    """Have this person look after the merchant, or ("") nobody; recorded when it changes. Raises follower_unknown for
    somebody who does not coordinate there."""
    session.refresh(merchant, with_for_update=True)
    if person_id and person_id not in dict(followers(session, merchant.territory_id)):
        raise Refusal("follower_unknown")
    if (merchant.followed_by or "") == person_id:
        return
    merchant.followed_by = person_id or None
    session.add(merchant)
    session.flush()
    merchants.add_record(session, merchant.id, RecordKind.FOLLOWED, {"person": person_id or None}, now, by=by)


def followers(session: Session, territory_id: str) -> list[tuple[str, str]]:
    """Those who coordinate this territory, ids and names, by name."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            RoleGrant.role == Role.COORDINATION,
            or_(col(RoleGrant.territory_id).is_(None), RoleGrant.territory_id == territory_id),
            col(RoleGrant.revoked_at).is_(None),
            col(Person.erased_at).is_(None),
        )
        .order_by(Person.name, Person.id)
        .distinct()
    )
    return list(rows.all())
