"""What the coordination asks the people of a visit. Their answers are entries of its journal."""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.storage.people import new_id
from backend.storage.tables import Person, Question


def ask(
    session: Session, visit_id: str, criterion: str | None, text: str, now: datetime, *, by: str
) -> Question:
    """Ask on one criterion, or (None) on the visit as a whole."""
    asked = Question(
        id=new_id(), visit_id=visit_id, criterion=criterion, text=text, asked_at=now, asked_by=by
    )
    session.add(asked)
    session.flush()
    return asked


def of_visit(session: Session, visit_id: str) -> list[tuple[Question, str]]:
    """The questions of a visit, oldest first, with the name of who asked."""
    return list(
        session.exec(
            select(Question, Person.name)
            .join(Person, col(Person.id) == Question.asked_by)
            .where(Question.visit_id == visit_id)
            .order_by(col(Question.asked_at), Question.id)
        )
    )
