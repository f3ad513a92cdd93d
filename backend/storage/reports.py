"""The errors that the public reports: who has to know, and what was done."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, or_, select

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.domain.reports import URGENT, ReportKind
from backend.storage import public_sheets
from backend.storage.people import new_id
from backend.storage.tables import Merchant, Person, Report, RoleGrant, SalesPoint


def send(session: Session, slug: str, kind: ReportKind, text: str, now: datetime) -> Report:
    """Note an error on the sheet at this address; who saw it is nobody's business. Raises not_found, place_gone."""
    merchant_id = public_sheets.sheet(session, slug).place.merchant_id
    place = session.exec(select(SalesPoint).where(SalesPoint.slug == slug)).one()
    report = Report(
        id=new_id(), merchant_id=merchant_id, sales_point_id=place.id, kind=kind, text=text, at=now
    )
    session.add(report)
    session.flush()
    return report


def is_first(session: Session, report: Report, since: datetime) -> bool:
    """Whether no other report of its kind, that nobody has handled, came about its sales point since then. Two that
    come at once wait for one another."""
    session.get(Merchant, report.merchant_id, with_for_update=True)
    others = select(Report.id).where(
        Report.sales_point_id == report.sales_point_id,
        Report.kind == report.kind,
        col(Report.handled_at).is_(None),
        Report.id != report.id,
        col(Report.at) >= since,
    )
    return session.exec(others).first() is None


def told_at_once(session: Session, territory_id: str) -> list[Person]:
    """Those whom an urgent report is written to: the coordination of this territory, and Moneko's staff."""
    held = select(RoleGrant.person_id).where(
        col(RoleGrant.role).in_([Role.COORDINATION, Role.MONEKO]),
        or_(RoleGrant.territory_id == territory_id, col(RoleGrant.territory_id).is_(None)),
        col(RoleGrant.revoked_at).is_(None),
    )
    return list(
        session.exec(
            select(Person)
            .where(col(Person.id).in_(held), col(Person.erased_at).is_(None), col(Person.email).is_not(None))
            .order_by(col(Person.id))
        )
    )


class Reported(NamedTuple):
    """A report, the merchant and the sales point that it is about, and who handled it."""

    report: Report
    merchant: Merchant
    place: SalesPoint
    handled_by: str | None

    @property
    def urgent(self) -> bool:
        return self.report.kind in URGENT


def waiting(session: Session, territories: Collection[str] | None, *, urgent: bool = False) -> list[Reported]:
    """What nobody has handled yet in these territories (None: all), the urgent first, then the oldest."""
    query = _all().where(col(Report.handled_at).is_(None))
    if territories is not None:
        query = query.where(col(Merchant.territory_id).in_(list(territories)))
    if urgent:
        query = query.where(col(Report.kind).in_(URGENT))
    found = [Reported(*row) for row in session.exec(query.order_by(col(Report.at), col(Report.id)))]
    return sorted(found, key=lambda each: not each.urgent)


def of_merchant(session: Session, merchant_id: str, *, urgent: bool = False) -> list[Reported]:
    """All that was reported about a merchant, the newest first."""
    query = _all().where(Report.merchant_id == merchant_id)
    if urgent:
        query = query.where(col(Report.kind).in_(URGENT))
    ordered = query.order_by(col(Report.at).desc(), col(Report.id).desc())
    return [Reported(*row) for row in session.exec(ordered)]


def _all() -> Any:
    return (
        select(Report, Merchant, SalesPoint, Person.name)
        .join(Merchant, col(Merchant.id) == Report.merchant_id)
        .join(SalesPoint, col(SalesPoint.id) == Report.sales_point_id)
        .outerjoin(Person, col(Person.id) == Report.handled_by)
    )


def handle(
    session: Session, merchant_id: str, report_id: str, how: str, now: datetime, *, by: str, urgent: bool
) -> None:
    """Note what was done about a report; `urgent`: by somebody who reads those alone.

    Raises not_found, or read_again when somebody else handled it meanwhile.
    """
    report = session.get(Report, report_id, with_for_update=True)
    if report is None or report.merchant_id != merchant_id or (urgent and report.kind not in URGENT):
        raise Refusal("not_found")
    if report.handled_at is not None:
        raise Refusal("read_again")
    report.handled_at, report.handled_by, report.handled_how = now, by, how
