"""Those who go on a visit, for the coordination: who they are, and the message to send from one's own phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlmodel import Session

from backend import notices
from backend.domain.planning import Said
from backend.storage import planning, rounds
from backend.storage.tables import Person, Round, Visit
from backend.web.house import House


@dataclass(frozen=True)
class Member:
    """Someone who goes. `barred`: why they should not after all; `message`: the reminder to send; `sms`: its link,
    empty without a phone number."""

    person: Person
    barred: Sequence[Said]
    message: str
    sms: str


@dataclass(frozen=True)
class Crew:
    """Who goes, and the round that the visit is part of."""

    members: Sequence[Member]
    round: Round | None


def crew_of(home: House, session: Session, visit: Visit) -> Crew:
    """Those who go on a visit that is still to be made; nobody once it is over."""
    going = planning.crew(session, visit)
    told = notices.about(session, visit, home.settings.public_url) if going else None
    members = [_member(each, notices.short_message(told, each.person)) for each in going if told]
    return Crew(members, rounds.of_visit(session, visit.id))


def _member(going: planning.Going, message: str) -> Member:
    number = re.sub(r"[^\d+]", "", going.person.phone or "")
    sms = f"sms:{number}?body={quote(message, safe='')}" if number else ""
    return Member(going.person, going.barred, message, sms)
