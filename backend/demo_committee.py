"""The committee of the demo: its quorum, and the evening that is being prepared."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from backend.storage import agenda, sessions
from backend.storage.sessions import Attendance

QUORUM = 5
AHEAD = timedelta(days=6)


def settle(session: Session, territory_id: str, today: date, now: datetime, *, by: str) -> None:
    """Next week's evening, with those who are ready on its agenda, and two people who said that they come."""
    sessions.set_quorum(session, territory_id, QUORUM)
    held = sessions.open_one(
        session, territory_id, today + AHEAD, "Maison de quartier, grande salle", now, by=by
    )
    ready = agenda.ready(session, territory_id, held.held_on)
    if ready:
        wanted = {merchant.id: why for merchant, why in ready}
        agenda.put(session, held.id, wanted, now, by=by)
    sessions.note_presence(session, held.id, Attendance(names=["Fatou", "Jean-Luc"]), now, by=by)
