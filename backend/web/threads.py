"""What was asked of the people of a visit, and what they answered, as pages show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from sqlmodel import Session

from backend.domain import journal
from backend.domain.journal import AnswerToQuestion
from backend.storage import journal as entries
from backend.storage import questions
from backend.storage.tables import Question, Visit


@dataclass(frozen=True)
class Answered:
    """One answer, typed or spoken, by whom; `late`: it came after the decision."""

    answer: AnswerToQuestion
    who: str
    at: datetime
    late: bool


@dataclass(frozen=True)
class Thread:
    """A question with its answers, oldest first."""

    question: Question
    by: str
    answers: tuple[Answered, ...]


def threads(
    session: Session, visit: Visit, names: Mapping[str, str], late: frozenset[str], *, hidden: bool
) -> dict[str | None, list[Thread]]:
    """The questions of a visit by criterion (None: the visit as a whole). `hidden`: without the name of who asked."""
    answers = journal.answers(entries.records_of(session, visit.id))
    found: dict[str | None, list[Thread]] = {}
    for question, name in questions.of_visit(session, visit.id):
        given = tuple(
            Answered(
                each, names.get(each["author"], ""), datetime.fromisoformat(each["at"]), each["id"] in late
            )
            for each in answers
            if each["question"] == question.id
        )
        by = _("la coordination") if hidden else name
        found.setdefault(question.criterion, []).append(Thread(question, by, given))
    return found


def voices(threads: Mapping[str | None, Sequence[Thread]]) -> list[str]:
    """The voice notes among the answers, by hash."""
    return [
        each.answer["voice"]
        for about in threads.values()
        for thread in about
        for each in thread.answers
        if "voice" in each.answer
    ]
