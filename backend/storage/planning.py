"""What planning asks: who can go, who must not, and what is planned already. The rules are `domain/planning.py`."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import gettext as _

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind, folded
from backend.domain.planning import Assessing, Candidate, Known, Said, Shop, Tie, TieKind, Trip, barred
from backend.domain.visits import CANCELLABLE, ON_AGENDA
from backend.storage import journal, merchants, people
from backend.storage.tables import District, Merchant, MerchantTie, Person, PersonFile, Visit, VisitMember

ASSESSES = ON_AGENDA | CANCELLABLE  # neither impossible nor cancelled


def trip(session: Session, merchant_ids: Sequence[str], on: date | None = None, at: str = "") -> Trip:
    """A trip to these merchants, with the words of their addresses."""
    sold_at = merchants.places_of(session, merchant_ids)
    shops = []
    for merchant_id in merchant_ids:
        words = " ".join(
            f"{place.label} {place.address} {place.city}" for place in sold_at.get(merchant_id, ())
        )
        shops.append(Shop(merchant_id, merchants.get(session, merchant_id).name, folded(words)))
    return Trip(tuple(shops), on, at)


def candidates(session: Session, territory_id: str, today: date) -> list[Candidate]:
    """The inhabitants of a territory with what planning knows of them; visits are counted, not typed."""
    found = people.evaluators(session, territory_id)
    files = _files(session, [person.id for person in found])
    taken = _taken(session, [person.id for person in found])
    return [_candidate(person, files.get(person.id), taken, today) for person in found]


def _files(session: Session, person_ids: Collection[str]) -> dict[str, tuple[PersonFile, str]]:
    rows = session.exec(
        select(PersonFile, District)
        .outerjoin(District, col(District.id) == PersonFile.district_id)
        .where(col(PersonFile.person_id).in_(list(person_ids)))
    )
    return {file.person_id: (file, district.name if district else "") for file, district in rows}


def _taken(session: Session, person_ids: Collection[str]) -> dict[str, list[Visit]]:
    """The visits that each of these people made or is to make."""
    found: dict[str, list[Visit]] = defaultdict(list)
    for person_id, visit in session.exec(
        select(VisitMember.person_id, Visit)
        .join(Visit, col(Visit.id) == VisitMember.visit_id)
        .where(col(VisitMember.person_id).in_(list(person_ids)), col(VisitMember.removed_at).is_(None))
        .where(col(Visit.state).in_(ASSESSES))
    ):
        found[person_id].append(visit)
    return found


def _candidate(
    person: Person, known: tuple[PersonFile, str] | None, taken: dict[str, list[Visit]], today: date
) -> Candidate:
    file, district = known or (None, "")
    mine = taken.get(person.id, [])
    done = [visit for visit in mine if visit.state in ON_AGENDA]
    made = {visit.id for visit in done}
    return Candidate(
        id=person.id,
        name=person.name,
        visits_done=len(done),
        last_done=max((visit.planned_on for visit in done), default=None),
        slots=frozenset(file.slots) if file else frozenset(),
        away=(file.away_from, file.away_until) if file and file.away_from and file.away_until else None,
        district=district,
        planned=frozenset(
            (visit.planned_on, visit.planned_at)
            for visit in mine
            if visit.state in CANCELLABLE and visit.planned_on >= today
        ),
        partners=frozenset(
            other
            for other, theirs in taken.items()
            if other != person.id and made & {one.id for one in theirs}
        ),
    )


def known(session: Session, territory_id: str) -> Known:
    """The ties with the merchants of a territory, who assesses whom among those, and names."""
    rows = session.exec(
        select(MerchantTie, Merchant.name)
        .join(Merchant, col(Merchant.id) == MerchantTie.merchant_id)
        .where(Merchant.territory_id == territory_id, col(MerchantTie.ended_at).is_(None))
    )
    ties = [Tie(tie.person_id, tie.merchant_id, name, TieKind(tie.kind)) for tie, name in rows]
    assessing = _assessing(session, {tie.merchant_id for tie in ties})
    everyone = {tie.person_id for tie in ties}.union(*(each.people for each in assessing))
    listed = {person.id: person.name for person in people.evaluators(session, territory_id)}
    return Known(ties, assessing, {**people.names(session, everyone), **listed})


def _assessing(session: Session, merchant_ids: Collection[str]) -> list[Assessing]:
    going: dict[tuple[str, str], set[str]] = defaultdict(set)
    for merchant_id, visit_id, person_id in session.exec(
        select(Visit.merchant_id, Visit.id, VisitMember.person_id)
        .join(VisitMember, col(VisitMember.visit_id) == Visit.id)
        .where(col(Visit.merchant_id).in_(list(merchant_ids)), col(Visit.state).in_(ASSESSES))
        .where(col(VisitMember.removed_at).is_(None))
    ):
        going[merchant_id, visit_id].add(person_id)
    return [Assessing(merchant_id, frozenset(them)) for (merchant_id, _visit), them in going.items()]


# --- what no plan may do ---


def hold(session: Session) -> None:
    """Plan one after the other: what is checked here stays true until the plan is written."""
    journal.hold(session)


def must_be_fair(
    session: Session, territory_id: str, merchant_ids: Sequence[str], person_ids: Collection[str]
) -> None:
    """Raises person_barred for the first of these people who must not assess one of these merchants."""
    everything = known(session, territory_id)
    for shop in trip(session, merchant_ids).shops:
        for person_id in person_ids:
            for said in barred(person_id, shop, everything):
                raise Refusal("person_barred", why=_(said.text).format(**said.params))


def must_be_only_one(session: Session, merchant_id: str, on: date, but: str = "") -> None:
    """Raises visit_exists when a visit of this merchant is planned on that day already; `but`: other than this one."""
    there = session.exec(
        select(Visit).where(
            Visit.merchant_id == merchant_id,
            Visit.planned_on == on,
            Visit.id != but,
            col(Visit.state).in_(CANCELLABLE),
        )
    ).first()
    if there is not None:
        name = merchants.get(session, merchant_id).name
        raise Refusal("visit_exists", merchant=name, people=", ".join(going(session, there.id)))


@dataclass(frozen=True)
class Going:
    """Someone who goes; `barred`: why they should not, when a tie was noted after the visit was planned."""

    person: Person
    barred: Sequence[Said]


def crew(session: Session, visit: Visit) -> list[Going]:
    """Those who go on a visit that is still to be made; nobody once it is over."""
    if visit.state not in CANCELLABLE:
        return []
    everything, (shop,) = known(session, visit.territory_id), trip(session, [visit.merchant_id]).shops
    rows = session.exec(
        select(Person)
        .join(VisitMember, col(VisitMember.person_id) == Person.id)
        .where(VisitMember.visit_id == visit.id, col(VisitMember.removed_at).is_(None))
    )
    return [
        Going(person, list(barred(person.id, shop, everything)))
        for person in sorted(rows, key=lambda one: folded(one.name))
    ]


def going(session: Session, visit_id: str) -> list[str]:
    """The names of those who go, in their order."""
    rows = session.exec(
        select(Person.name)
        .join(VisitMember, col(VisitMember.person_id) == Person.id)
        .where(VisitMember.visit_id == visit_id, col(VisitMember.removed_at).is_(None))
    )
    return sorted(rows, key=folded)


def merchant_names(session: Session, merchant_ids: Collection[str]) -> dict[str, str]:
    """The names of these merchants, by id."""
    rows = session.exec(select(Merchant.id, Merchant.name).where(col(Merchant.id).in_(list(merchant_ids))))
    return dict(rows.all())


def changes(session: Session, visit: Visit) -> tuple[int, datetime]:
    """How often what a calendar shows of a visit changed since it was planned, and when it did last."""
    changed = [
        record.at
        for record in merchants.records(session, visit.merchant_id)
        if record.body.get("visit") == visit.id
        and record.kind in (RecordKind.VISIT_EDITED, RecordKind.VISIT_CANCELLED)
    ]
    edits = merchants.get(session, visit.merchant_id).version - 1
    return len(changed) + edits, max(changed, default=visit.created_at)
