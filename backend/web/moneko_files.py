"""What comes from Moneko's back-office: the list of its partners, and statuses; looked at, then applied."""

from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import moneko_files as files
from backend.domain.errors import N_, Refusal
from backend.domain.moneko_files import Fate, FileKind
from backend.domain.people import Role
from backend.storage import merchants, moneko_files
from backend.storage.tables import MonekoFile
from backend.web.house import house
from backend.web.imports import sent_text
from backend.web.pages import form_page
from backend.web.security import field, fields, must_act, once, staff, territories_of

KIND_NAMES = {
    FileKind.PARTNERS: N_("La liste des partenaires"),
    FileKind.STATUSES: N_("Des situations"),
}
FATES = {
    Fate.CHANGED: N_("Change"),
    Fate.WHERE: N_("À dire sur sa fiche : où peut-on payer ?"),
    Fate.UNKNOWN_STATUS: N_("Situation inconnue"),
    Fate.UNKNOWN_ID: N_("Identifiant inconnu"),
    Fate.UNCHANGED: N_("Ne change pas"),
}


def show_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /moneko-files: send one of the two, or take up one of the latest."""
    home = house(request)
    with home.db.read() as session:
        latest = moneko_files.latest(session)
    return form_page(
        request,
        "moneko_files.html",
        refusal,
        latest=latest,
        kind_names=KIND_NAMES,
        limit_mb=home.settings.import_mb,
    )


def send(request: Request) -> Response:
    """POST /moneko-files: a file that can be read is kept, and shown."""
    try:
        kind = field(request, "kind")
        if kind not in list(FileKind):
            raise Refusal("form_invalid", sentence=_("Dites ce que contient le fichier."))
        filename, text = sent_text(request)
        files.read(FileKind(kind), text)
        return once(request, lambda session: _keep(request, session, FileKind(kind), filename, text))
    except Refusal as refusal:
        return show_form(request, refusal)


def _keep(request: Request, session: Session, kind: FileKind, filename: str, text: str) -> str:
    now, by = house(request).now(), staff(request).person_id
    return f"/moneko-files/{moneko_files.keep(session, kind, filename, text, now, by=by).id}"


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /moneko-files/{id}: what applying it will do; afterwards, what it did."""
    mine = territories_of(staff(request), Role.MONEKO)
    with house(request).db.read() as session:
        kept = moneko_files.get(session, request.path_params["id"])
        lines = [] if kept.applied_at else files.read(FileKind(kept.kind), kept.text)
        judged = _judged(session, kept, mine)
    return form_page(
        request,
        "moneko_file.html",
        refusal,
        kept=kept,
        lines=lines,
        judged=judged,
        fates=FATES,
        kind_name=KIND_NAMES[FileKind(kept.kind)],
    )


def _judged(
    session: Session, kept: MonekoFile, mine: frozenset[str] | None
) -> dict[Fate, list[moneko_files.Judged]]:
    """The lines of statuses by what comes of them, in the order in which somebody reads them."""
    if kept.kind != FileKind.STATUSES or kept.applied_at:
        return {}
    found = moneko_files.judged(session, kept, mine)
    return {fate: [each for each in found if each.line.fate is fate] for fate in FATES}


def apply(request: Request) -> Response:
    """POST /moneko-files/{id}/application: write what the file says."""
    try:
        return once(request, lambda session: _apply(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _apply(request: Request, session: Session) -> str:
    who, now = staff(request), house(request).now()
    kept = moneko_files.get(session, request.path_params["id"])
    if kept.kind == FileKind.PARTNERS:
        moneko_files.replace_partners(session, kept, now, by=who.person_id)
    else:
        mine = territories_of(who, Role.MONEKO)
        moneko_files.apply_statuses(session, kept, mine, now, by=who.person_id)
    return f"/moneko-files/{kept.id}"


# --- partners and merchants that may be the same ---


def show_partners(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /partners: the merchants that may already be among Moneko's partners, side by side with them."""
    mine = territories_of(staff(request), Role.MONEKO)
    with house(request).db.read() as session:
        to_match = moneko_files.to_match(session, mine)
        doubtful = [(merchant, found) for merchant, found in to_match if found]
        places = merchants.places_of(session, [merchant.id for merchant, _found in doubtful])
        linked = moneko_files.linked(session, mine)
        partners = moneko_files.count_partners(session)
    return form_page(
        request,
        "partners.html",
        refusal,
        doubtful=doubtful,
        places=places,
        unmatched=len(to_match) - len(doubtful),
        linked=linked,
        partners=partners,
    )


def link(request: Request) -> Response:
    """POST /partners: a merchant is that partner, or none of those shown."""
    try:
        return once(request, lambda session: _link(request, session))
    except Refusal as refusal:
        return show_partners(request, refusal)


def _link(request: Request, session: Session) -> str:
    who, now = staff(request), house(request).now()
    merchant = merchants.get(session, field(request, "merchant"))
    must_act(who, merchant.territory_id, Role.MONEKO)
    partner = field(request, "partner", 500)
    if not partner:
        raise Refusal("form_invalid", sentence=_("Choisissez un partenaire, ou « aucun »."))
    if partner == "none":
        shown = fields(request, "shown")
        moneko_files.keep_apart(session, merchant.id, shown, now, by=who.person_id)
    else:
        moneko_files.link(session, merchant.id, partner, now, by=who.person_id)
    return "/partners"
