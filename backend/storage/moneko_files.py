"""What comes back from Moneko: its list of partners, matched with our merchants, and statuses."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from sqlalchemy import delete
from sqlmodel import Session, col, func, or_, select

from backend.domain import handover, moneko_files
from backend.domain.errors import Refusal
from backend.domain.merchants import RecordKind, Standing
from backend.domain.moneko_files import Fate, FileKind, Likeness, Ours, Partner, StatusLine
from backend.domain.onboarding import NEEDS_REASON, MonekoStatus
from backend.storage import aliases, handovers, merchants, onboarding
from backend.storage.people import new_id
from backend.storage.tables import (
    KnownPartner,
    Merchant,
    MonekoFile,
    MonekoPartner,
    SalesPoint,
    UnlikePartner,
)


def keep(session: Session, kind: FileKind, filename: str, text: str, now: datetime, *, by: str) -> MonekoFile:
    """Keep a file that could be read, so that it may be looked at before anything is written."""
    kept = MonekoFile(id=new_id(), kind=kind, filename=filename, text=text, sent_at=now, sent_by=by)
    session.add(kept)
    session.flush()
    return kept


def get(session: Session, file_id: str) -> MonekoFile:
    """One file; raises not_found."""
    kept = session.get(MonekoFile, file_id)
    if kept is None:
        raise Refusal("not_found")
    return kept


def latest(session: Session, limit: int = 10) -> list[MonekoFile]:
    """The files sent last, newest first."""
    return list(session.exec(select(MonekoFile).order_by(col(MonekoFile.sent_at).desc()).limit(limit)))


# --- the list of partners ---


def replace_partners(session: Session, kept: MonekoFile, now: datetime, *, by: str) -> None:
    """The list of partners is now what this file says; merchants with the same SIRET are linked. Once."""
    handovers.hold(session)
    session.refresh(kept)
    if kept.applied_at is not None:
        return
    lines = moneko_files.read(FileKind.PARTNERS, kept.text)
    session.execute(delete(KnownPartner))
    rows = {line["id"]: _partner(line, now) for line in lines}
    session.add_all(rows.values())
    session.flush()
    linked = link_sure(session, now, by=by)
    kept.applied_at, kept.text, kept.result = now, "", {"lines": len(rows), "linked": linked}
    session.add(kept)


def _partner(line: Mapping[str, str], now: datetime) -> KnownPartner:
    return KnownPartner(
        external_id=line["id"],
        name=line["name"] or line["id"],
        siret=moneko_files.siret(line.get("siret", "")),
        address=line.get("address", ""),
        postcode=line.get("postcode", ""),
        city=line.get("city", ""),
        status=line.get("status", ""),
        imported_at=now,
    )


def link_sure(session: Session, now: datetime, *, by: str) -> int:
    """Link the approved merchants whose SIRET a partner has; how many."""
    count = 0
    for merchant, found in to_match(session, None):
        if found and found[0].sure:
            link(session, merchant.id, found[0].partner.external_id, now, by=by)
            count += 1
    return count


def to_match(
    session: Session, territory_ids: Collection[str] | None
) -> list[tuple[Merchant, list[Likeness]]]:
    """The merchants in Moneko's hands that no partner is linked to, each with those that it may be."""
    partners = _free_partners(session)
    listed = [case.merchant for case in onboarding.cases(session, territory_ids)]
    known = handovers.own_ids_of(session, [merchant.id for merchant in listed])
    listed = [merchant for merchant in listed if merchant.id not in known]
    unlike = _unlike(session, [merchant.id for merchant in listed])
    sold_at = merchants.places_of(session, [merchant.id for merchant in listed])
    return [
        (merchant, [each for each in found if (merchant.id, each.partner.external_id) not in unlike])
        for merchant in listed
        for found in [moneko_files.candidates(_ours(merchant, sold_at[merchant.id]), partners)]
    ]


def _ours(merchant: Merchant, places: Collection[SalesPoint]) -> Ours:
    where = tuple((place.postcode, place.city) for place in places)
    return Ours(merchant.id, merchant.name, merchant.siret or "", where)


def _free_partners(session: Session) -> list[Partner]:
    linked = select(MonekoPartner.external_id)
    rows = session.exec(
        select(KnownPartner)
        .where(col(KnownPartner.external_id).not_in(linked))
        .where(
            ~or_(
                *(
                    col(KnownPartner.external_id).startswith(each, autoescape=True)
                    for each in handover.PREFIXES
                )
            )
        )
        .order_by(KnownPartner.external_id)
    )
    return [
        Partner(row.external_id, row.name, row.siret, row.address, row.postcode, row.city) for row in rows
    ]


def _unlike(session: Session, merchant_ids: Collection[str]) -> set[tuple[str, str]]:
    rows = session.exec(select(UnlikePartner).where(col(UnlikePartner.merchant_id).in_(list(merchant_ids))))
    return {(row.merchant_id, row.external_id) for row in rows}


def link(session: Session, merchant_id: str, external_id: str, now: datetime, *, by: str) -> None:
    """A merchant is that partner of Moneko's: from now on its own id is used. Raises partner_unknown, partner_taken."""
    handovers.hold(session)
    if session.get(KnownPartner, external_id) is None:
        raise Refusal("partner_unknown")
    taken = session.exec(
        select(Merchant.id, Merchant.name)
        .join(MonekoPartner, col(MonekoPartner.merchant_id) == Merchant.id)
        .where(or_(MonekoPartner.external_id == external_id, MonekoPartner.merchant_id == merchant_id))
    ).first()
    if taken is not None:
        if taken[0] == merchant_id and external_id in handovers.own_ids_of(session, [merchant_id]).values():
            return
        raise Refusal("partner_taken", name=taken[1])
    merchant = merchants.get(session, merchant_id)
    took_already = merchant.standing != Standing.ACTIVE
    session.add(
        MonekoPartner(
            merchant_id=merchant_id, external_id=external_id, took_already=took_already, at=now, by=by
        )
    )
    session.flush()
    body = {"external_id": external_id, "took_already": took_already}
    merchants.add_record(session, merchant_id, RecordKind.MONEKO_LINKED, body, now, by=by)


def keep_apart(
    session: Session, merchant_id: str, external_ids: Collection[str], now: datetime, *, by: str
) -> None:
    """Somebody looked: the merchant is none of these partners; they are not proposed for it again."""
    apart = _unlike(session, [merchant_id])
    for external_id in sorted(set(external_ids)):
        if (merchant_id, external_id) not in apart:
            session.add(UnlikePartner(merchant_id=merchant_id, external_id=external_id, at=now, by=by))
    session.flush()


def linked(session: Session, territory_ids: Collection[str] | None) -> list[tuple[Merchant, MonekoPartner]]:
    """The merchants of these territories that a partner is linked to, by name."""
    query = select(Merchant, MonekoPartner).join(MonekoPartner, col(MonekoPartner.merchant_id) == Merchant.id)
    if territory_ids is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territory_ids)))
    return list(session.exec(query.order_by(Merchant.search, Merchant.id)))


def count_partners(session: Session) -> int:
    """How many partners Moneko's list holds."""
    return session.exec(select(func.count()).select_from(KnownPartner)).one()


# --- statuses ---


@dataclass(frozen=True)
class Judged:
    """A line of statuses with the merchant it is about, if we know it."""

    line: StatusLine
    merchant: Merchant | None
    before: str | None


def judged(session: Session, kept: MonekoFile, territory_ids: Collection[str] | None) -> list[Judged]:
    """What each line of a file of statuses would do to the merchants of these territories."""
    lines = moneko_files.read(FileKind.STATUSES, kept.text)
    cases = {case.merchant.id: case for case in onboarding.cases(session, territory_ids)}
    own = handovers.own_ids_of(session, list(cases))
    merchant_of = {external_id: merchant_id for merchant_id, external_id in own.items()}
    merchant_of |= {
        prefix + merchant_id: merchant_id for merchant_id in cases for prefix in handover.PREFIXES
    }
    for old_id, kept_id in aliases.every(
        session
    ).items():  # what Moneko still calls by an id of before a merger
        if kept_id in cases:
            merchant_of |= dict.fromkeys(
                (old_id, *(prefix + old_id for prefix in handover.PREFIXES)), kept_id
            )
    now = {merchant_id: case.life.moneko for merchant_id, case in cases.items()}
    sold_at = merchants.places_of(session, list(cases))
    undecided = [
        merchant_id
        for merchant_id, places in sold_at.items()
        if len(places) > 1 and not any(place.takes_moneko for place in places)
    ]
    return [
        Judged(
            line,
            cases[line.merchant_id].merchant if line.merchant_id else None,
            now.get(line.merchant_id),
        )
        for line in moneko_files.judged(lines, merchant_of, now, undecided)
    ]


def apply_statuses(
    session: Session, kept: MonekoFile, territory_ids: Collection[str] | None, now: datetime, *, by: str
) -> None:
    """Record what the lines change. The same file again: nothing."""
    handovers.hold(session)
    session.refresh(kept)
    if kept.applied_at is not None:
        return
    found = judged(session, kept, territory_ids)
    for each in found:
        if each.line.fate is Fate.CHANGED and each.line.status is not None:
            _set(session, each.line.merchant_id, each.line.status, kept.filename, now, by)
    kept.applied_at, kept.text = now, ""
    kept.result = dict(Counter(each.line.fate.value for each in found))
    session.add(kept)


def _set(
    session: Session, merchant_id: str, status: MonekoStatus, filename: str, now: datetime, by: str
) -> None:
    places = merchants.places(session, merchant_id)
    paid_at = [place.id for place in places if place.takes_moneko or len(places) == 1]
    note = _("D’après le fichier « {filename} ».").format(filename=filename) if status in NEEDS_REASON else ""
    onboarding.set_status(session, merchant_id, status, note, paid_at, now, by=by)
