"""What is handed over to Moneko: the files made for its back-office, and what each said."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from sqlmodel import Session, col, func, select

from backend.domain import handover
from backend.domain.decisions import OUTCOME_NAMES, DecisionOutcome
from backend.domain.errors import Refusal
from backend.domain.handover import Line, Model, Place, Plan, Shop
from backend.domain.merchants import Kind
from backend.storage import contacts, merchants, onboarding
from backend.storage.people import new_id
from backend.storage.tables import (
    Decision,
    DecisionCommitment,
    Handover,
    HandoverLine,
    Merchant,
    MonekoPartner,
    Person,
    SalesPoint,
)


def told(session: Session, territory_ids: Collection[str] | None) -> list[Shop]:
    """The merchants of these territories (None: all) in Moneko's hands, as it would be told of them now.

    Where the onboarding was given up, or the merchant is suspended, there is nothing to begin: only a merchant that
    Moneko knows by an id of its own is still told of.
    """
    cases = onboarding.cases(session, territory_ids)
    stopped = {case.merchant.id for case in cases if case.life.stopped}
    listed = shops(session, [case.merchant for case in cases])
    return [shop for shop in listed if shop.own_id or shop.id not in stopped]


def lines(session: Session, model: Model, listed: Collection[Shop]) -> list[Line]:
    """These merchants as files of `model` tell them.

    A merchant that Moneko knows by an id of its own is no lead: it is never onboarded a second time.
    """
    sent = _last_cells(session, model, [shop.id for shop in listed])
    return [
        Line(shop.id, handover.cells(model, shop), shop.id in sent or _is_known(model, shop))
        for shop in listed
        if not (model is Model.LEADS and shop.own_id)
    ]


def _is_known(model: Model, shop: Shop) -> bool:
    return model is Model.PARTNERS and bool(shop.own_id)


def shops(session: Session, listed: Collection[Merchant]) -> list[Shop]:
    """These merchants as Moneko is told of them."""
    ids = [merchant.id for merchant in listed]
    sold_at, own_ids = merchants.places_of(session, ids), own_ids_of(session, ids)
    summaries, called = _summaries(session, ids), contacts.to_share(session, ids)
    return [
        Shop(
            merchant.id,
            merchant.name,
            Kind(merchant.kind),
            tuple(map(_place, sold_at[merchant.id])),
            siret=merchant.siret or "",
            phone=merchant.phone,
            email=merchant.email,
            website=merchant.website,
            products=merchant.products,
            summary=summaries.get(merchant.id, ""),
            contact=contact.name if contact else "",
            function=contact.function if contact else "",
            contact_email=contact.email if contact else "",
            contact_phone=contact.phone if contact else "",
            own_id=own_ids.get(merchant.id, ""),
        )
        for merchant in listed
        for contact in [called.get(merchant.id)]
    ]


def _place(row: SalesPoint) -> Place:
    return Place(row.label, row.address, row.postcode, row.city, row.lat, row.lon, row.opening_hours)


def own_ids_of(session: Session, merchant_ids: Collection[str]) -> dict[str, str]:
    """Moneko's own external ids of those of these merchants that it knows."""
    rows = session.exec(
        select(MonekoPartner.merchant_id, MonekoPartner.external_id).where(
            col(MonekoPartner.merchant_id).in_(list(merchant_ids))
        )
    )
    return dict(rows.all())


def _summaries(session: Session, merchant_ids: Collection[str]) -> dict[str, str]:
    """What was decided last of each, in a few sentences."""
    decided = {
        decision.merchant_id: decision
        for decision in session.exec(
            select(Decision)
            .where(col(Decision.merchant_id).in_(list(merchant_ids)))
            .order_by(col(Decision.recorded_at), col(Decision.id))
        )
    }
    promised: dict[str, list[str]] = {decision.id: [] for decision in decided.values()}
    for row in session.exec(
        select(DecisionCommitment)
        .where(col(DecisionCommitment.decision_id).in_(list(promised)))
        .order_by(col(DecisionCommitment.id))
    ):
        promised[row.decision_id].append(row.text)
    return {merchant_id: _summary(each, promised[each.id]) for merchant_id, each in decided.items()}


def _summary(decision: Decision, promised: Collection[str]) -> str:
    outcome = _(OUTCOME_NAMES[DecisionOutcome(decision.outcome)])
    sentences = [
        _("{outcome} par le comité habitant le {day}.").format(
            outcome=outcome, day=f"{decision.decided_on:%d/%m/%Y}"
        )
    ]
    if decision.valid_until:
        sentences.append(_("Valable jusqu’au {day}.").format(day=f"{decision.valid_until:%d/%m/%Y}"))
    if promised:
        sentences.append(_("Engagements : {all}").format(all=" ; ".join(promised)))
    return " ".join(sentences)


def _last_cells(session: Session, model: Model, merchant_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """What the latest file of `model` said of those of these merchants that one held."""
    rows = session.exec(
        select(HandoverLine)
        .join(Handover, col(Handover.id) == HandoverLine.handover_id)
        .where(Handover.model == model, col(HandoverLine.merchant_id).in_(list(merchant_ids)))
        .order_by(col(Handover.made_at), col(Handover.id))
    )
    return {line.merchant_id: line.cells for line in rows}


# --- made files ---


def make(
    session: Session, model: Model, territory_ids: Collection[str] | None, now: datetime, *, by: str
) -> Handover:
    """Keep what files of `model` say now, so that they can be fetched again as they are. Raises nothing_to_send."""
    hold(session)
    held = lines(session, model, told(session, territory_ids))
    if not held:
        raise Refusal("nothing_to_send")
    made = Handover(id=new_id(), model=model, made_at=now, made_by=by)
    session.add(made)
    session.flush()
    for position, line in enumerate(held):
        session.add(
            HandoverLine(
                handover_id=made.id,
                merchant_id=line.shop,
                position=position,
                sent_before=line.sent_before,
                cells=dict(line.cells),
            )
        )
    session.flush()
    return made


def hold(session: Session) -> None:
    """One at a time: or two would both find that nothing was sent yet. SQLite has one writer as it is."""
    if session.connection().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(0x4D6F6E65)))


@dataclass(frozen=True)
class Made:
    """Files that were made: when, by whom, for which merchants."""

    handover: Handover
    by: str
    lines: tuple[Line, ...]
    territories: frozenset[str]

    @property
    def plan(self) -> Plan:
        """The files; the same each time."""
        return handover.plan(Model(self.handover.model), self.lines)


def get(session: Session, handover_id: str) -> Made:
    """Files made once; raises not_found."""
    made = session.get(Handover, handover_id)
    if made is None:
        raise Refusal("not_found")
    rows = session.exec(
        select(HandoverLine, Merchant.territory_id)
        .join(Merchant, col(Merchant.id) == HandoverLine.merchant_id)
        .where(HandoverLine.handover_id == handover_id)
        .order_by(col(HandoverLine.position))
    ).all()
    held = tuple(Line(row.merchant_id, row.cells, row.sent_before) for row, _territory in rows)
    person = session.get(Person, made.made_by)
    return Made(made, person.name if person else "", held, frozenset(territory for _row, territory in rows))


@dataclass(frozen=True)
class Summary:
    """What the list says of files that were made."""

    handover: Handover
    by: str
    merchants: int
    territories: frozenset[str]


def latest(session: Session, limit: int = 30) -> list[Summary]:
    """The files made last, newest first, whatever their territories."""
    order = (col(Handover.made_at).desc(), col(Handover.id))
    last = select(Handover.id).order_by(*order).limit(limit)
    held: dict[str, Counter[str]] = {}
    for handover_id, territory, count in session.exec(
        select(HandoverLine.handover_id, Merchant.territory_id, func.count())
        .join(Merchant, col(Merchant.id) == HandoverLine.merchant_id)
        .where(col(HandoverLine.handover_id).in_(last))
        .group_by(col(HandoverLine.handover_id), col(Merchant.territory_id))
    ):
        held.setdefault(handover_id, Counter())[territory] += count
    made = session.exec(
        select(Handover, Person.name)
        .join(Person, col(Person.id) == Handover.made_by)
        .order_by(*order)
        .limit(limit)
    )
    return [
        Summary(each, by, found.total(), frozenset(found))
        for each, by in made
        for found in [held.get(each.id, Counter())]
    ]


# --- what has changed since ---


def changed_since(session: Session, listed: Iterable[Merchant]) -> dict[str, Mapping[str, tuple[str, str]]]:
    """Of these merchants, what is no longer as Moneko was told: by merchant, column by column, before and now."""
    found: dict[str, Mapping[str, tuple[str, str]]] = {}
    now = shops(session, list(listed))
    for model in Model:
        sent = _last_cells(session, model, [shop.id for shop in now])
        for shop in now:
            differs = handover.changes(sent[shop.id], handover.cells(model, shop)) if shop.id in sent else {}
            if differs:
                found[shop.id] = {**found.get(shop.id, {}), **differs}
    return found
