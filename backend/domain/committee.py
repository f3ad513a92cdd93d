"""The committee's evening: what comes before it, how many must be there, and how it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from backend.domain.errors import N_, Refusal
from backend.domain.merchants import ACCREDITING, Life, Stage

RENEWAL_FROM = timedelta(days=60)  # before the end of an accreditation, its renewal may be decided on
MOST_PRESENT = 500


class Why(StrEnum):
    """Why a merchant comes before the committee, in the order of the agenda."""

    APPEAL = "appeal"
    ASSESSED = "assessed"
    RETURNS = "returns"
    RENEWAL = "renewal"
    ASKED = "asked"


WHY_NAMES: dict[Why, str] = {
    Why.APPEAL: N_("recours du commerce"),
    Why.ASSESSED: N_("visite reçue"),
    Why.RETURNS: N_("reporté, revient"),
    Why.RENEWAL: N_("à renouveler"),
    Why.ASKED: N_("ajouté à la main"),
}

# An accreditation that still holds, or held until its date.
HOLDING = frozenset({Stage.ACCREDITED, Stage.ONBOARDING, Stage.ACTIVE, Stage.TO_RENEW, Stage.SUSPENDED})


def why_ready(life: Life, day: date, *, appealing: bool = False) -> Why | None:
    """Why the committee may decide on a merchant on `day`, from its records; None: it is not its turn.

    A merchant deferred without a date comes back at once. `appealing`: it asked for another look at a decision, and
    the committee has not answered; that comes first, whatever its stage.
    """
    if appealing:
        return Why.APPEAL
    if life.stage is Stage.ASSESSED:
        return Why.ASSESSED
    if life.stage is Stage.DEFERRED and (life.returns_on is None or life.returns_on <= day):
        return Why.RETURNS
    if life.stage in HOLDING and life.outcome in ACCREDITING and expires_soon(life.valid_until, day):
        return Why.RENEWAL
    return None


def expires_soon(valid_until: date | None, day: date) -> bool:
    """Whether an accreditation is over on `day`, or will be within sixty days."""
    return valid_until is not None and valid_until <= day + RENEWAL_FROM


# --- deciding ---


class Method(StrEnum):
    """How a decision is taken."""

    CONSENT = "consent"
    VOTE = "vote"


METHOD_NAMES: dict[Method, str] = {
    Method.CONSENT: N_("par consentement : personne ne s’y oppose"),
    Method.VOTE: N_("par un vote"),
}


class Ballot(StrEnum):
    """What one person present says of a decision. Recused: concerned by it, so they neither vote nor count."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    RECUSED = "recused"


BALLOT_NAMES: dict[Ballot, str] = {
    Ballot.FOR: N_("pour"),
    Ballot.AGAINST: N_("contre"),
    Ballot.ABSTAIN: N_("abstention"),
    Ballot.RECUSED: N_("se récuse"),
}


@dataclass(frozen=True)
class Vote:
    """How a decision is taken. The numbers are of those without a name in `ballots`."""

    method: Method
    in_favour: int = 0
    against: int = 0
    abstained: int = 0
    ballots: Mapping[str, Ballot] = field(default_factory=dict)

    def count(self, ballot: Ballot) -> int:
        """How many said this, by name or not; a recusal always has a name."""
        unnamed = {
            Ballot.FOR: self.in_favour,
            Ballot.AGAINST: self.against,
            Ballot.ABSTAIN: self.abstained,
            Ballot.RECUSED: 0,
        }
        return unnamed[ballot] + list(self.ballots.values()).count(ballot)


def missing_for_quorum(present: int, recused: int, quorum: int | None) -> int:
    """How many more people must be there to decide: those who are recused do not count. 0: enough.

    Someone has to decide, even where no quorum was fixed.
    """
    return max(0, (quorum or 1) - (present - recused))


def must_stand(vote: Vote, present: int, quorum: int | None) -> None:
    """Whether a decision taken so may be recorded, with `present` people there.

    Raises quorum_missing, objection_left, votes_too_many, votes_missing, votes_against.
    """
    recused = vote.count(Ballot.RECUSED)
    if missing := missing_for_quorum(present, recused, quorum):
        raise Refusal("quorum_missing", quorum=quorum or 1, there=present - recused, missing=missing)
    against, in_favour = vote.count(Ballot.AGAINST), vote.count(Ballot.FOR)
    if vote.method is Method.CONSENT and against:
        raise Refusal("objection_left", detail="against")
    if in_favour + against + vote.count(Ballot.ABSTAIN) > present - recused:
        raise Refusal("votes_too_many", there=present - recused, detail="in_favour")
    if vote.method is Method.VOTE and not in_favour:
        raise Refusal("votes_missing", detail="in_favour")
    if vote.method is Method.VOTE and against > in_favour:
        raise Refusal("votes_against", detail="against")
