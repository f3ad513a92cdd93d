"""A payment refused in a shop that everyone reads takes the Moneko: told at once, to those who can do something."""

from datetime import datetime, time
from gettext import gettext as _

from sqlmodel import Session

from backend.domain.days import PARIS
from backend.domain.reports import URGENT
from backend.storage import mails, reports
from backend.storage.mails import Kind
from backend.storage.tables import Merchant, Report, SalesPoint


def tell(session: Session, report: Report, now: datetime, public_url: str) -> None:
    """Write to the coordination and to Moneko's staff about an urgent report: once a day for each sales point,
    and again when it comes back after somebody settled it."""
    midnight = datetime.combine(now.astimezone(PARIS).date(), time(), PARIS)
    if report.kind not in URGENT or not reports.is_first(session, report, midnight):
        return
    merchant = session.get_one(Merchant, report.merchant_id)
    subject, text = _letter(merchant, session.get_one(SalesPoint, report.sales_point_id), report, public_url)
    for person in reports.told_at_once(session, merchant.territory_id):
        if person.email:
            mails.queue(
                session,
                person.email,
                subject,
                text,
                Kind.REPORT,
                now,
                person_id=person.id,
                merchant_id=merchant.id,
            )


def _letter(merchant: Merchant, place: SalesPoint, report: Report, public_url: str) -> tuple[str, str]:
    where = ", ".join(filter(None, (merchant.name, place.label, place.address, place.city)))
    said = _("Ses mots : « {text} »").format(text=" ".join(report.text.split())) if report.text else ""
    paragraphs = (
        _("Bonjour,"),
        _("Une personne du public signale qu’un paiement en Moneko a été refusé : {where}.").format(
            where=where
        ),
        said,
        _("Appelez le commerce, puis notez ici ce qui a été fait : {url}").format(
            url=f"{public_url.rstrip('/')}/merchants/{merchant.id}#signalements"
        ),
        _(
            "Si d’autres personnes le signalent aujourd’hui avant que ce soit réglé, cela s’ajoutera sur cette page,"
            " sans autre e-mail."
        ),
    )
    subject = _("Paiement en Moneko refusé : {name}").format(name=merchant.name)
    return subject, "\n\n".join(filter(None, paragraphs))
