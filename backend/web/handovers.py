"""The files for Moneko's back-office: what each will touch, made once, fetched as often as needed."""

from collections.abc import Collection, Mapping

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import handover
from backend.domain.errors import Refusal
from backend.domain.handover import MODEL_NAMES, Model, Plan
from backend.domain.people import Role, may_act
from backend.storage import handovers, people
from backend.storage.handovers import Made
from backend.storage.people import StaffSession
from backend.storage.tables import Merchant
from backend.web.attachments import attached, zipped
from backend.web.house import house
from backend.web.pages import form_page, page
from backend.web.security import field, once, staff, territories_of

READERS = frozenset({Role.MONEKO, Role.COORDINATION})


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /handovers: what files made now would hold, and those made before."""
    who = staff(request)
    mine = territories_of(who, *READERS)
    with house(request).db.read() as session:
        told = handovers.told(session, mine)
        plans = {model: handover.plan(model, handovers.lines(session, model, told)) for model in Model}
        names = _names(session, plans.values())
        made = [each for each in handovers.latest(session) if _may_read(who, each.territories)]
        territories = people.territories(session)
    return form_page(
        request,
        "handovers.html",
        refusal,
        plans=plans,
        model_names=MODEL_NAMES,
        names=names,
        made=made,
        may_make=any(may_act(who.grants, frozenset({Role.MONEKO}), each.id) for each in territories),
    )


def _names(session: Session, plans: Collection[Plan]) -> Mapping[str, str]:
    """The names of the merchants of these files, by id."""
    ids = {line.shop for plan in plans for file in plan.files for line in file.lines}
    return {each: session.get_one(Merchant, each).name for each in ids}


def _may_read(who: StaffSession, territories: Collection[str]) -> bool:
    """Whether every merchant of these files is of a territory of theirs."""
    return all(may_act(who.grants, READERS, territory) for territory in territories)


def make(request: Request) -> Response:
    """POST /handovers: keep what is to be sent now."""
    try:
        return once(request, lambda session: _make(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _make(request: Request, session: Session) -> str:
    who, model = staff(request), field(request, "model")
    if model not in list(Model):
        raise Refusal("not_found")
    mine = territories_of(who, Role.MONEKO)
    made = handovers.make(session, Model(model), mine, house(request).now(), by=who.person_id)
    return f"/handovers/{made.id}"


def _made(request: Request, session: Session) -> Made:
    found = handovers.get(session, request.path_params["id"])
    if not _may_read(staff(request), found.territories):
        raise Refusal("not_found")
    return found


def show_made(request: Request) -> Response:
    """GET /handovers/{id}: files made once: what each touches, and the way to import them."""
    with house(request).db.read() as session:
        made = _made(request, session)
        names = _names(session, [made.plan])
    return page(
        request,
        "handover.html",
        made=made,
        plan=made.plan,
        names=names,
        model_name=MODEL_NAMES[Model(made.handover.model)],
    )


def download(request: Request) -> Response:
    """GET /handovers/{id}/file: the one CSV file, or a ZIP of several. The same bytes each time."""
    with house(request).db.read() as session:
        made = _made(request, session)
    files = [(f"{made.handover.model}-{file.name}", handover.written(file)) for file in made.plan.files]
    if len(files) == 1:
        return attached(files[0][0], files[0][1], "text/csv; charset=utf-8")
    return zipped(f"moneko-{made.handover.model}.zip", files)
