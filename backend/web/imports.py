"""Importing merchants from a spreadsheet's file: sent, looked at line by line, then applied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from gettext import gettext as _

from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import directory
from backend.domain.details import DETAIL_NAMES
from backend.domain.directory import File, Line
from backend.domain.errors import Refusal
from backend.domain.imports import FATE_NAMES, LEFT_OUT, NEW, NOT_TAKEN, LeftOut, Step
from backend.domain.people import Role
from backend.storage import imports, people
from backend.storage.tables import ImportDraft, Territory
from backend.web.house import house
from backend.web.merchants import chosen_territory, coordinated
from backend.web.pages import form_page
from backend.web.security import must_act, once, staff, territories_of, typed


def show_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /imports: send a file, or take up one of the latest."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        territories = coordinated(who, people.territories(session))
        latest = imports.latest(session, territories_of(who, Role.COORDINATION))
    return form_page(
        request,
        "imports.html",
        refusal,
        territories=territories,
        latest=latest,
        limit_mb=home.settings.import_mb,
    )


def send(request: Request) -> Response:
    """POST /imports: a file that can be read is kept, and shown."""
    try:
        filename, text = sent_text(request)
        directory.table(text)
        return once(request, lambda session: _keep(request, session, filename, text))
    except Refusal as refusal:
        return show_form(request, refusal)


def sent_text(request: Request) -> tuple[str, str]:
    """The name and the text of the file that a form sends; raises csv_* for one that is no text."""
    sent = typed(request).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Refusal("form_invalid", sentence=_("Choisissez un fichier."))
    with sent.file:
        text = directory.decode(sent.file.read())
    return sent.filename.replace("\0", "")[-200:], text


def _keep(request: Request, session: Session, filename: str, text: str) -> str:
    territory_id = chosen_territory(request, session)
    now, by = house(request).now(), staff(request).person_id
    return f"/imports/{imports.keep(session, territory_id, filename, text, now, by=by).id}"


@dataclass(frozen=True)
class Preview:
    """A kept file, with what importing it would do."""

    file: File
    steps: Sequence[Step]

    def of(self, fate: str) -> list[Step]:
        return [step for step in self.steps if step.fate == fate]

    @property
    def partial(self) -> list[Step]:
        """The lines that are taken without some of their cells."""
        return [step for step in self.steps if step.partial]


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /imports/{id}: line by line, what importing will do; afterwards, what it did."""
    home = house(request)
    with home.db.read() as session:
        draft, territory = _draft(request, session)
        preview = None
        if draft.applied_at is None:
            file = _file(draft, territory)
            preview = Preview(file, imports.planned(session, territory.id, file.lines, {}))
    return form_page(
        request,
        "import.html",
        refusal,
        draft=draft,
        territory=territory,
        preview=preview,
        omitted=[LeftOut.from_json(each) for each in (draft.result or {}).get("left_out", ())],
        not_taken=NOT_TAKEN,
        fate_names=FATE_NAMES,
        detail_names=DETAIL_NAMES,
        new=NEW,
        left_out=LEFT_OUT,
    )


def apply(request: Request) -> Response:
    """POST /imports/{id}/application: write what the file says, with the answers given."""
    home = house(request)
    with home.db.read() as session:
        draft, territory = _draft(request, session)
    # read before writing, so that nobody waits for it; an applied one has nothing left to read
    lines = () if draft.applied_at else _file(draft, territory).lines
    answers = _answers(request, lines)

    def work(session: Session) -> str:
        draft, _territory = _draft(request, session)
        imports.apply(session, draft, lines, answers, home.now(), by=staff(request).person_id)
        return f"/imports/{draft.id}"

    try:
        response = once(request, work)
    except Refusal as refusal:
        return show(request, refusal)
    home.wake()
    return response


def _draft(request: Request, session: Session) -> tuple[ImportDraft, Territory]:
    draft = imports.get(session, request.path_params["id"])
    must_act(staff(request), draft.territory_id, Role.COORDINATION)
    return draft, session.get_one(Territory, draft.territory_id)


def _file(draft: ImportDraft, territory: Territory) -> File:
    return directory.read(draft.text, (territory.lat, territory.lon))


def _answers(request: Request, lines: Iterable[Line]) -> dict[int, str]:
    """What was answered to each line that asks."""
    form = typed(request)
    given = ((line.number, form.get(f"line_{line.number}")) for line in lines)
    return {number: answer for number, answer in given if isinstance(answer, str)}
