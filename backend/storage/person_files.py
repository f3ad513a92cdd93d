"""The file of an inhabitant: when they can, where they live, and whom they must not assess."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import gettext as _

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.planning import SLOTS, TieKind
from backend.domain.visits import CANCELLABLE
from backend.storage import planning
from backend.storage.people import new_id, person_by_email
from backend.storage.tables import District, Merchant, MerchantTie, Person, PersonFile, Visit, VisitMember


@dataclass(frozen=True)
class Told:
    """What an inhabitant told of themselves. `version`: of the file that was shown."""

    phone: str
    email: str
    slots: Collection[str]
    away: tuple[date, date] | None
    district_id: str
    version: int


def get(session: Session, person_id: str) -> PersonFile | None:
    """Someone's file; None while nothing was written in it."""
    return session.get(PersonFile, person_id)


def edit(session: Session, person: Person, told: Told, now: datetime, *, by: str) -> None:
    """Write what they told. Raises read_again when somebody else wrote in between, form_invalid for an e-mail that is
    somebody else's."""
    planning.hold(session)
    file = session.get(PersonFile, person.id, populate_existing=True)
    if (file.version if file else 0) != told.version:
        raise Refusal("read_again")
    if told.email and (holder := person_by_email(session, told.email)) and holder.id != person.id:
        sentence = _("L’adresse {email} est déjà celle de quelqu’un.")
        raise Refusal("form_invalid", sentence=sentence.format(email=told.email))
    person.phone, person.email = told.phone or None, told.email.lower() or None
    session.add(person)
    file = file or PersonFile(person_id=person.id, version=0, edited_at=now, edited_by=by)
    file.slots = [slot for slot in SLOTS if slot in told.slots]
    file.away_from, file.away_until = told.away or (None, None)
    file.district_id = told.district_id or None
    file.version, file.edited_at, file.edited_by = file.version + 1, now, by
    session.add(file)


# --- ties ---


def ties(session: Session, person_id: str) -> list[tuple[MerchantTie, Merchant]]:
    """Someone's ties with merchants, the present ones first, each with its merchant."""
    rows = session.exec(
        select(MerchantTie, Merchant)
        .join(Merchant, col(Merchant.id) == MerchantTie.merchant_id)
        .where(MerchantTie.person_id == person_id)
        .order_by(col(MerchantTie.noted_at).desc())
    )
    return sorted(rows, key=lambda row: row[0].ended_at is not None)


def note_tie(
    session: Session, person_id: str, merchant_id: str, kind: TieKind, now: datetime, *, by: str
) -> None:
    """This person must not assess this merchant; said twice, said once."""
    planning.hold(session)
    same = select(MerchantTie).where(MerchantTie.person_id == person_id, MerchantTie.kind == kind)
    current = same.where(MerchantTie.merchant_id == merchant_id, col(MerchantTie.ended_at).is_(None))
    if session.exec(current).first() is None:
        session.add(
            MerchantTie(
                id=new_id(),
                person_id=person_id,
                merchant_id=merchant_id,
                kind=kind,
                noted_at=now,
                noted_by=by,
            )
        )


def end_tie(session: Session, person_id: str, tie_id: str, now: datetime, *, by: str) -> None:
    """The tie is no more; what it explained stays explained. Raises not_found."""
    tie = session.get(MerchantTie, tie_id)
    if tie is None or tie.person_id != person_id:
        raise Refusal("not_found")
    if tie.ended_at is None:
        tie.ended_at, tie.ended_by = now, by


def merchant_named(session: Session, territory_id: str, text: str) -> Merchant:
    """The merchant of a territory that has this name; raises form_invalid for none, or several."""
    found = [each for each in merchants_of(session, territory_id) if folded(each.name) == folded(text)]
    if len(found) == 1:
        return found[0]
    none = _("Aucun commerce ne s’appelle « {text} » ici. Choisissez son nom dans la liste.")
    several = _(
        "Plusieurs commerces s’appellent « {text} ». Donnez d’abord à chacun un nom qui le distingue."
    )
    raise Refusal("form_invalid", sentence=(several if found else none).format(text=text))


def merchants_of(session: Session, territory_id: str) -> Sequence[Merchant]:
    """The merchants of a territory, by name."""
    statement = (
        select(Merchant).where(Merchant.territory_id == territory_id).order_by(Merchant.name, Merchant.id)
    )
    return session.exec(statement).all()


def to_replace(session: Session, person_id: str) -> list[tuple[Visit, Merchant]]:
    """The visits that this person is to make although they must not: planned before their tie was noted."""
    tied = select(MerchantTie.merchant_id).where(
        MerchantTie.person_id == person_id, col(MerchantTie.ended_at).is_(None)
    )
    mine = select(VisitMember.visit_id).where(
        VisitMember.person_id == person_id, col(VisitMember.removed_at).is_(None)
    )
    rows = session.exec(
        select(Visit, Merchant)
        .join(Merchant, col(Merchant.id) == Visit.merchant_id)
        .where(col(Visit.id).in_(mine), col(Visit.merchant_id).in_(tied))
        .where(col(Visit.state).in_(CANCELLABLE))
    )
    return list(rows)


# --- districts ---


def districts(session: Session, territory_id: str) -> list[District]:
    """The districts of a territory that one can choose, by name."""
    found = session.exec(
        select(District).where(District.territory_id == territory_id, col(District.ended_at).is_(None))
    )
    return sorted(found, key=lambda each: folded(each.name))


def set_districts(
    session: Session, territory_id: str, names: Sequence[str], shown: Collection[str], now: datetime
) -> None:
    """The short list as it is from now on. Raises read_again when it is no longer the one that was `shown`."""
    planning.hold(session)
    there = {each.name: each for each in districts(session, territory_id)}
    if set(there) != set(shown):
        raise Refusal("read_again")
    for name in there.keys() - set(names):
        there[name].ended_at = now
    for name in dict.fromkeys(names):
        if name not in there:
            session.add(District(id=new_id(), territory_id=territory_id, name=name, added_at=now))
