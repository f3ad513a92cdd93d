"""The merchants: each one's sheet with its dated records."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _

from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.domain import details
from backend.domain.details import Position
from backend.domain.duplicates import REASON_NAMES
from backend.domain.errors import Refusal
from backend.domain.happenings import GROUP_NAMES
from backend.domain.merchants import (
    KIND_NAMES,
    NEEDS_WHY,
    STAGE_NAMES,
    Kind,
    RecordKind,
    Stage,
    Standing,
    approved,
    writable,
)
from backend.domain.people import Role, may_act
from backend.domain.reports import REPORT_NAMES
from backend.domain.visits import IMPOSSIBLE_CAUSES, ON_AGENDA
from backend.storage import (
    contacts,
    decisions,
    documents,
    duplicates,
    followings,
    merchants,
    people,
    reports,
    suggestions,
    visits,
)
from backend.storage.people import StaffSession
from backend.storage.reports import Reported
from backend.storage.tables import Decision, Merchant, MerchantRecord, Territory, Visit
from backend.web import merchant_side
from backend.web.happenings import page_of
from backend.web.house import house
from backend.web.meanwhile import refuse_unseen, see
from backend.web.pages import form_page
from backend.web.reading import has_on_agenda, may_record
from backend.web.security import field, fields, must_act, once, staff, typed
from backend.web.visits import today

READERS = frozenset({Role.COORDINATION, Role.COMMITTEE, Role.MONEKO})

# What Moneko's staff read of a merchant's life: what was decided and done, not how inhabitants got there.
SINCE_APPROVAL = frozenset(
    {
        RecordKind.EDITED,
        RecordKind.DOCUMENT,
        RecordKind.DECIDED,
        RecordKind.TOLD,
        RecordKind.ONBOARDING_STEP,
        RecordKind.MONEKO_STATUS,
        RecordKind.MONEKO_LINKED,
        RecordKind.GIVEN_UP,
        RecordKind.TAKEN_UP,
        RecordKind.SUSPENDED,
        RecordKind.RESUMED,
        RecordKind.WITHDRAWN,
        RecordKind.CLOSED_DOWN,
    }
)
# What the committee reads of it: what it decides on, not the notes of who called or cancelled, nor Moneko's steps.
ON_AGENDA_RECORDS = (SINCE_APPROVAL | {RecordKind.SPOTTED, RecordKind.ASSESSED}) - {
    RecordKind.ONBOARDING_STEP,
    RecordKind.MONEKO_STATUS,
    RecordKind.MONEKO_LINKED,
}


def coordinated(who: StaffSession, territories: Iterable[Territory]) -> list[Territory]:
    """Those of the territories where this person may write."""
    return [each for each in territories if may_record(who, each.id)]


# --- the sheet ---


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}: who it is, where it sells, what comes next, and all that happened."""
    home, who = house(request), staff(request)
    with home.db.read() as session:
        merchant = merchants.get(session, request.path_params["id"])
        sheet = _sheet(session, who, merchant)
        life = merchants.life_of(session, merchant.id, today(home))
        context = {
            "places": merchants.places(session, merchant.id),
            "journal": page_of(
                *(request, session, merchant.id, sheet.records),
                coordinates=may_record(who, merchant.territory_id),
                accompanies=not sheet.reads_visits,
            ),
            "territory": session.get_one(Territory, merchant.territory_id),
            "contacts": contacts.of_merchant(session, merchant.id)
            if _reads_contacts(who, merchant, sheet)
            else None,
            "alike": duplicates.of(session, merchant) if may_record(who, merchant.territory_id) else [],
            "side": merchant_side.summary(session, merchant.id) if sheet.reads_visits else None,
            "documents": documents.of_merchant(session, merchant.id),
            "followers": followings.followers(session, merchant.territory_id),
            "reports": _reports(session, who, merchant),
            "suggestions": suggestions.of_merchant(session, merchant.id)
            if may_record(who, merchant.territory_id)
            else [],
        }
    if merchant.id != request.path_params["id"]:  # the id it had before a merger
        return RedirectResponse(f"/merchants/{merchant.id}", status_code=301)
    return form_page(
        request,
        "merchant.html",
        refusal,
        merchant=merchant,
        life=life,
        visits=sheet.visits,
        visit_days={visit.id: visit.planned_on for visit in sheet.visits},
        group_names=GROUP_NAMES,
        decisions=sheet.decisions,
        causes=IMPOSSIBLE_CAUSES,
        detail_names=details.DETAIL_NAMES,
        report_names=REPORT_NAMES,
        reason_names=REASON_NAMES,
        reads_visits=sheet.reads_visits,
        may_record=may_record(who, merchant.territory_id),
        writable=writable(life),
        today=today(home),
        engine_silent=home.geocoder.silent,
        **context,
    )


@dataclass(frozen=True)
class Sheet:
    """What one member of staff may read of a merchant. `records`: oldest first; the others newest first."""

    records: Sequence[MerchantRecord]
    decisions: Sequence[Decision]
    visits: Sequence[Visit] = ()
    reads_visits: bool = True


def _sheet(session: Session, who: StaffSession, merchant: Merchant) -> Sheet:
    """All of it for the coordination, what is on its agenda for the committee, what was approved for Moneko.

    Raises not_found.
    """
    records, decided = merchants.records(session, merchant.id), decisions.of_merchant(session, merchant.id)
    visited = visits.of_merchant(session, merchant.id)
    if may_record(who, merchant.territory_id):
        return Sheet(records, decided, visited)
    if has_on_agenda(session, who, merchant.territory_id, merchant.id):
        records = [row for row in records if row.kind in ON_AGENDA_RECORDS]
        return Sheet(records, decided, [visit for visit in visited if visit.state in ON_AGENDA])
    _must_accompany(who, merchant)
    records = merchants.records_since_approval(session, merchant.id)
    decided = decisions.since_approval(session, merchant.id)
    return Sheet([row for row in records if row.kind in SINCE_APPROVAL], decided, reads_visits=False)


def must_read_file(session: Session, who: StaffSession, merchant: Merchant) -> None:
    """Raises not_found unless this merchant's file is this person's to read, as `_sheet` says."""
    if not may_record(who, merchant.territory_id) and not has_on_agenda(
        session, who, merchant.territory_id, merchant.id
    ):
        _must_accompany(who, merchant)


def _must_accompany(who: StaffSession, merchant: Merchant) -> None:
    """Raises not_found unless this is somebody of Moneko, and the merchant is approved."""
    if not approved(Stage(merchant.stage), Standing(merchant.standing)):
        raise Refusal("not_found")
    must_act(who, merchant.territory_id, Role.MONEKO)


def _reports(session: Session, who: StaffSession, merchant: Merchant) -> list[Reported]:
    """What the public reported: all for the coordination, the refused payments for Moneko's staff."""
    if may_record(who, merchant.territory_id):
        return reports.of_merchant(session, merchant.id)
    if may_act(who.grants, frozenset({Role.MONEKO}), merchant.territory_id):
        return reports.of_merchant(session, merchant.id, urgent=True)
    return []


def _reads_contacts(who: StaffSession, merchant: Merchant, sheet: Sheet) -> bool:
    """Those who call the merchant: the coordination, and Moneko's staff."""
    return may_record(who, merchant.territory_id) or not sheet.reads_visits


def record(request: Request) -> Response:
    """POST /merchants/{id}/records: a dated fact written by hand."""
    try:
        return once(request, lambda session: _record(request, session))
    except Refusal as refusal:
        return show(request, refusal)


def _record(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    merchant = to_edit(request, session)
    kind, note = field(request, "kind"), field(request, "note", 2000)
    life = merchants.life_of(session, merchant.id)
    if kind not in writable(life):
        raise Refusal("wrong_stage", stage=_(STAGE_NAMES[life.stage]))
    if kind == RecordKind.NOTE and not note:
        raise Refusal("form_invalid", sentence=_("Écrivez la note."))
    if kind in NEEDS_WHY and not note:
        raise Refusal("why_missing", detail="note")
    merchants.add_record(session, merchant.id, RecordKind(kind), {"note": note}, home.now(), by=who.person_id)
    return f"/merchants/{merchant.id}#histoire"


def to_edit(request: Request, session: Session) -> Merchant:
    """The merchant of this address, for someone who may change it; raises not_found."""
    merchant = merchants.get(session, request.path_params["id"])
    must_act(staff(request), merchant.territory_id, Role.COORDINATION)
    return merchant


# --- adding and correcting ---


def add_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/new: who it is, and where it sells first."""
    with house(request).db.read() as session:
        territories = coordinated(staff(request), people.territories(session))
    return form_page(
        request,
        "merchant_new.html",
        refusal,
        territories=territories,
        reason_names=REASON_NAMES,
    )


def add(request: Request) -> Response:
    """POST /merchants: a merchant typed in by hand."""
    try:
        response = once(request, lambda session: _add(request, session))
    except Refusal as refusal:
        return add_form(request, refusal)
    house(request).wake()
    return response


def _add(request: Request, session: Session) -> str:
    home, who = house(request), staff(request)
    territory_id = chosen_territory(request, session)
    join_boxes(request, "families")
    wrong = Wrong()
    of_merchant = cleaned(request, merchants.EDITABLE, wrong)
    of_place = cleaned(request, merchants.EDITABLE_PLACE, wrong)
    with wrong.met():
        found = position(request, session, territory_id)
    wrong.raise_all()
    merchant = merchants.add_by_hand(
        session, territory_id, of_merchant, of_place, found, home.now(), by=who.person_id
    )
    if not field(request, "another") and (alike := duplicates.of(session, merchant)):
        raise Refusal("likely_duplicate", alike=alike)
    return f"/merchants/{merchant.id}"


def chosen_territory(request: Request, session: Session) -> str:
    """The territory that a form names, where this person may write; raises not_found, or form_invalid for none."""
    territory_id = field(request, "territory")
    must_act(staff(request), territory_id, Role.COORDINATION)
    if session.get(Territory, territory_id) is None:
        raise Refusal("form_invalid", sentence=_("Choisissez un territoire de la liste."))
    return territory_id


def edit_form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/edit: the details of the merchant, to correct."""
    with house(request).db.read() as session:
        merchant = to_edit(request, session)
    return form_page(
        request,
        "merchant_edit.html",
        refusal,
        merchant=merchant,
    )


def edit(request: Request) -> Response:
    """POST /merchants/{id}/edits: what was corrected, and nothing else."""
    try:
        return once(request, lambda session: _edit(request, session))
    except Refusal as refusal:
        see(request, refusal)
        return edit_form(request, refusal)


def _edit(request: Request, session: Session) -> str:
    merchant = to_edit(request, session)
    merchants.hold(session, merchant)
    join_boxes(request, "families")
    changes: dict[str, str | None] = {**changed(request, merchants.EDITABLE)}
    kept = {name: getattr(merchant, name) or "" for name in merchants.EDITABLE}
    refuse_unseen(request, changes, kept, kept | {"kind": _(KIND_NAMES[Kind(merchant.kind)])})
    if changes.get("siret") == "":
        changes["siret"] = None
    merchants.edit(session, merchant, changes, house(request).now(), by=staff(request).person_id)
    return f"/merchants/{merchant.id}"


def join_boxes(request: Request, detail: str) -> None:
    """The boxes ticked are one detail; none ticked is one too, which a form without the boxes does not say."""
    if f"was_{detail}" in typed(request):
        others = [(name, value) for name, value in typed(request).multi_items() if name != detail]
        request.state.form = FormData([*others, (detail, ",".join(fields(request, detail)))])


# --- what a form says of a merchant ---


class Wrong:
    """What is wrong in a form, field by field: met one after the other, and refused together."""

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}

    @contextmanager
    def met(self) -> Iterator[None]:
        """Keep the refusal of a field (its `detail`) for later; any other refusal goes on."""
        try:
            yield
        except Refusal as refusal:
            if "detail" not in refusal.params:
                raise
            self._sentences[str(refusal.params["detail"])] = str(refusal)
            self._last = refusal

    def raise_all(self) -> None:
        """Raises the only refusal met, or form_invalid with every sentence by its field (`wrong`)."""
        if len(self._sentences) == 1:
            raise self._last
        if self._sentences:
            raise Refusal(
                "form_invalid",
                sentence=_("{count} champs sont à corriger :").format(count=len(self._sentences)),
                wrong=self._sentences,
            )


def cleaned(request: Request, names: Iterable[str], wrong: Wrong) -> dict[str, str]:
    """These details as they are kept; what is wrong with some of them goes to `wrong`."""
    given: dict[str, str] = {}
    for name in names:
        with wrong.met():
            given[name] = _cleaned(request, name)
    return given


def _cleaned(request: Request, detail: str) -> str:
    """One detail as it is kept; the refusal of a wrong one says which (`detail`)."""
    try:
        text = field(request, detail, 1000)
        if detail == "kind" and not text:
            raise Refusal("form_invalid", sentence=_("Choisissez le genre du commerce."))
        return details.kind(text) if detail == "kind" else details.clean(detail, text)
    except Refusal as refusal:
        raise Refusal(refusal.problem.code, **{**refusal.params, "detail": detail}) from None


def changed(request: Request, names: Iterable[str]) -> dict[str, str]:
    """The details that differ from what the form showed: what others changed meanwhile is not undone."""
    form, wrong = typed(request), Wrong()
    differing = [
        name
        for name in names
        if name in form and field(request, name, 1000) != field(request, f"was_{name}", 1000)
    ]
    given = cleaned(request, differing, wrong)
    wrong.raise_all()
    return given


def position(request: Request, session: Session, territory_id: str) -> Position | None:
    """The position a form gives, pasted or in two numbers; None when it gives none."""
    near = session.get_one(Territory, territory_id)
    pair, lat, lon = (field(request, name) for name in ("pair", "lat", "lon"))
    try:
        if pair:
            return details.not_far(details.pasted(pair), (near.lat, near.lon))
        return details.position(lat, lon, (near.lat, near.lon)) if lat or lon else None
    except Refusal as refusal:
        raise Refusal(refusal.problem.code, detail="pair" if pair else "lat") from None
