"""Reporting an error on a sheet: three taps, no account. And what the teams do about it."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend import alarms
from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.domain.reports import REPORT_NAMES, URGENT, ReportKind
from backend.storage import merchants as merchant_rows
from backend.storage import reports
from backend.web import merchants
from backend.web.house import house
from backend.web.pages import come_back, form_page, page
from backend.web.public_sheets import read
from backend.web.reading import may_record
from backend.web.security import Tries, caller, field, is_robot, must_act, once, once_for_anyone, staff

TEXT = 1000  # characters
sent_by_one = Tries(40, minutes=10)  # a meeting on one Wi-Fi sends from one address
# so that it takes thirty addresses to close a shop's form to all
sent_by_one_about_one = Tries(10, minutes=60)
sent_about_one = Tries(300, minutes=60)  # whoever sends: a flood about one shop is no news any more


def form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /lieux/{slug}/report: what is wrong, to tap on."""
    sheet = read(house(request), request.path_params["slug"]).sheet
    return form_page(
        request,
        "report.html",
        refusal,
        place=sheet.place,
        kinds=REPORT_NAMES,
        urgent=URGENT,
        limit=TEXT,
        phone=sheet.coordination[0],
    )


def send(request: Request) -> Response:
    """POST /lieux/{slug}/reports: the coordination gets it, and Moneko too when a payment was refused."""
    home = house(request)
    slug = read(home, request.path_params["slug"]).sheet.place.slug
    try:
        kind, text = field(request, "kind"), field(request, "text", TEXT)
        if is_robot(request):
            return RedirectResponse(_thanks(slug, kind), status_code=303)
        if kind not in list(ReportKind):
            raise Refusal("form_invalid", sentence=_("Touchez ce qui ne va pas."), detail="kind")
        counted = _counted(kind, caller(request), slug)
        for tries, who in counted:
            tries.check(*who)

        def work(session: Session) -> str:
            report = reports.send(session, slug, ReportKind(kind), text, home.now())
            alarms.tell(session, report, home.now(), home.settings.public_url)
            return _thanks(slug, kind)

        answer = once_for_anyone(request, work)
    except Refusal as refusal:
        return form(request, refusal)
    for tries, who in counted:
        tries.count(*who)
    home.wake()
    return answer


def _counted(kind: str, address: str, slug: str) -> list[tuple[Tries, tuple[str, ...]]]:
    """What a report counts against. The urgent ones are counted apart: no flood of the others keeps them out."""
    sort = "urgent" if kind in URGENT else "report"
    return [
        (sent_by_one, (sort, address)),
        (sent_by_one_about_one, (sort, address, slug)),
        (sent_about_one, (sort, slug)),
    ]


def _thanks(slug: str, kind: str) -> str:
    return f"/lieux/{slug}/thanks" + ("?urgent" if kind in URGENT else "")


def thank(request: Request) -> Response:
    """GET /lieux/{slug}/thanks: it arrived, and who reads it."""
    sheet = read(house(request), request.path_params["slug"]).sheet
    return page(
        request,
        "report_sent.html",
        place=sheet.place,
        urgent="urgent" in request.query_params,
        phone=sheet.coordination[0],
    )


def handle(request: Request) -> Response:
    """POST /merchants/{id}/reports/{report}/handling: what was done about it, and by whom."""
    try:
        return once(request, lambda session: _handle(request, session))
    except Refusal as refusal:
        return come_back(request, refusal, merchants.show)


def _handle(request: Request, session: Session) -> str:
    who, how = staff(request), field(request, "how", TEXT)
    merchant = merchant_rows.get(session, request.path_params["id"])
    must_act(who, merchant.territory_id, Role.COORDINATION, Role.MONEKO)
    if not how:
        raise Refusal("form_invalid", sentence=_("Écrivez ce qui a été fait."), detail="signalements")
    reports.handle(
        session,
        merchant.id,
        request.path_params["report"],
        how,
        house(request).now(),
        by=who.person_id,
        urgent=not may_record(who, merchant.territory_id),
    )
    return f"/merchants/{merchant.id}#signalements"
