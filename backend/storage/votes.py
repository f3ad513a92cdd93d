"""How decisions were taken: in which session, by how many people, with which voices."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from gettext import gettext as _

from sqlmodel import Session, col, select

from backend.domain.committee import Ballot, Vote, must_stand
from backend.domain.errors import Refusal
from backend.storage import merchants, sessions
from backend.storage.tables import DecisionVote


@dataclass(frozen=True)
class Sitting:
    """The session a decision is taken in, and how. Names in the vote's ballots are those of its list of presence."""

    session_id: str
    vote: Vote


@dataclass(frozen=True)
class Taken:
    """A vote that stands: how many were there, and how many had to be."""

    sitting: Sitting
    present: int
    quorum: int | None


def stand(session: Session, merchant_id: str, decided_on: date, sitting: Sitting) -> Taken:
    """The vote as it may be recorded; nobody changes its session until this transaction ends.

    Raises session_closed, not_on_agenda, read_again when someone who voted is on the list no more, form_invalid for
    another day than the session's, and whatever `must_stand` raises.
    """
    merchant = merchants.get(session, merchant_id)
    if sessions.get(session, sitting.session_id).territory_id != merchant.territory_id:
        raise Refusal("not_found")
    held = sessions.hold(session, sitting.session_id)
    if not sessions.has_item(session, held.id, merchant_id):
        raise Refusal("not_on_agenda")
    if decided_on != held.held_on:
        sentence = _("La séance est du {day} : choisissez ce jour, ou décidez hors séance.")
        raise Refusal(
            "form_invalid", sentence=sentence.format(day=f"{held.held_on:%d/%m/%Y}"), detail="decided_on"
        )
    there = {each.name for each in sessions.presences(session, held.id)}
    if not there.issuperset(sitting.vote.ballots):
        raise Refusal("read_again")
    present, quorum = sessions.present(session, held), sessions.quorum_of(session, held)
    must_stand(sitting.vote, present, quorum)
    return Taken(sitting, present, quorum)


def keep(session: Session, decision_id: str, taken: Taken) -> None:
    """Write the vote beside its decision."""
    vote = taken.sitting.vote
    session.add(
        DecisionVote(
            decision_id=decision_id,
            session_id=taken.sitting.session_id,
            method=vote.method,
            present=taken.present,
            quorum=taken.quorum,
            in_favour=vote.count(Ballot.FOR),
            against=vote.count(Ballot.AGAINST),
            abstained=vote.count(Ballot.ABSTAIN),
            recused=vote.count(Ballot.RECUSED),
            ballots={name: ballot.value for name, ballot in vote.ballots.items()},
        )
    )


def of_decisions(session: Session, decision_ids: Collection[str]) -> dict[str, DecisionVote]:
    """The votes by which these decisions were taken, by decision; none for those taken outside a session."""
    rows = session.exec(select(DecisionVote).where(col(DecisionVote.decision_id).in_(list(decision_ids))))
    return {row.decision_id: row for row in rows}


def of_session(session: Session, session_id: str) -> list[DecisionVote]:
    """The votes of a session."""
    return list(session.exec(select(DecisionVote).where(DecisionVote.session_id == session_id)))
