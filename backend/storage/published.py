"""The version of what the public pages are made of. It is raised in the transaction that changes a merchant, a sales
point, a territory or what the committee says to everyone, so that whoever sees the change sees the new version with
it; answers of phones leave it alone.

What goes through a session is noticed here; whoever writes these tables by a statement of their own says `changed`.
"""

from typing import Any

from sqlalchemy import event, update
from sqlmodel import Session, col

from backend.storage.tables import Counter, Merchant, PlaceAlias, PublicWords, SalesPoint, Territory

COUNTER = "places"
PUBLISHED = (Merchant, SalesPoint, Territory, PublicWords, PlaceAlias)


def version(session: Session) -> int:
    """Differs from the one before as soon as one of these tables was written in between, by whatever process."""
    return session.get_one(Counter, COUNTER).value


def changed(session: Session) -> None:
    """One of these tables was written in this transaction."""
    session.info[COUNTER] = True


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, PUBLISHED):
            changed(session)
            return


@event.listens_for(Session, "before_commit")
def _raise(session: Session) -> None:
    """At the very end, so that on PostgreSQL the counter's lock is held for no longer than the commit takes."""
    session.flush()
    if session.info.pop(COUNTER, False):
        session.execute(update(Counter).where(col(Counter.name) == COUNTER).values(value=Counter.value + 1))
