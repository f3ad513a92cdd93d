"""The opening hours of a sales point: a week, day by day, and the days that are not like the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import details, week
from backend.domain.errors import N_, Refusal
from backend.domain.hours import CLOSED
from backend.domain.hours_in_words import in_full
from backend.domain.week import ASKED, OtherDays, Week
from backend.storage import merchants
from backend.web.house import house
from backend.web.meanwhile import refuse_unseen, see
from backend.web.merchants import Wrong
from backend.web.pages import form_page
from backend.web.sales_points import of_address, sheet_of
from backend.web.security import day_field, field, once, staff, typed

DAY_NAMES = {
    "Mo": N_("Lundi"),
    "Tu": N_("Mardi"),
    "We": N_("Mercredi"),
    "Th": N_("Jeudi"),
    "Fr": N_("Vendredi"),
    "Sa": N_("Samedi"),
    "Su": N_("Dimanche"),
    "PH": N_("Jours fériés"),
}
MOST = 40  # dated rows of one form
BLANK = 2  # rows to add one more


@dataclass(frozen=True)
class Asked:
    """One row of the form: how the day is ("", open, closed, like_monday), and its ranges as they are typed."""

    name: str
    how: str = ""
    times: Sequence[str] = ("", "", "", "")
    first: str = ""
    last: str = ""


def form(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /merchants/{id}/places/{place}/hours: the week as it is known, to complete or correct."""
    with house(request).db.read() as session:
        merchant, place = of_address(request, session)
    known = week.from_notation(place.opening_hours)
    returned = bool(typed(request))
    return form_page(
        request,
        "place_hours.html",
        refusal,
        merchant=merchant,
        place=place,
        simple=known is not None,
        days=[_typed_row(request, code) if returned else _row(code, known) for code in ASKED],
        others=_typed_others(request) if returned else _others(known),
        day_names=DAY_NAMES,
    )


def _row(name: str, known: Week | None) -> Asked:
    return _of_times(name, known.days.get(name, "") if known else "")


def _of_times(name: str, times: str, first: str = "", last: str = "") -> Asked:
    if times in ("", CLOSED):
        return Asked(name, times, first=first, last=last)
    ends = times.replace("-", ",").split(",")
    return Asked(name, "open", (*ends, "", "", "", "")[:4], first, last)


def _others(known: Week | None) -> list[Asked]:
    kept = known.exceptions if known else ()
    rows = [
        _of_times(f"x{rank}", each.times, each.first.isoformat(), each.last.isoformat())
        for rank, each in enumerate(kept)
    ]
    return [*rows, *(Asked(f"x{len(rows) + more}") for more in range(BLANK))]


def _typed_row(request: Request, name: str) -> Asked:
    times = tuple(field(request, f"{name}_{end}") for end in ("from1", "to1", "from2", "to2"))
    dates = (field(request, f"{name}_first"), field(request, f"{name}_last"))
    return Asked(name, field(request, f"{name}_how"), times, *dates)


def _typed_others(request: Request) -> list[Asked]:
    return [_typed_row(request, f"x{rank}") for rank in range(MOST) if f"x{rank}_first" in typed(request)]


def write(request: Request) -> Response:
    """POST /merchants/{id}/places/{place}/hours: the week as it is now."""
    try:
        return once(request, lambda session: _write(request, session))
    except Refusal as refusal:
        see(request, refusal)
        return form(request, refusal)


def _write(request: Request, session: Session) -> str:
    merchant, place = of_address(request, session)
    merchants.hold(session, merchant, place)
    changes = {"opening_hours": written(request)}
    kept = {"opening_hours": place.opening_hours}
    said = {"opening_hours": " ; ".join(in_full(place.opening_hours, _))}
    refuse_unseen(request, changes, kept, said)
    merchants.edit_place(session, merchant, place, changes, house(request).now(), by=staff(request).person_id)
    return sheet_of(merchant, place)


def written(request: Request) -> str:
    """The notation that the form means: what was typed in the field for experts, else the rows.

    Raises hours_wrong, day_hours_wrong, form_invalid.
    """
    text, was = field(request, "opening_hours", 2000), field(request, "was_opening_hours", 2000)
    if text != was or "Mo_how" not in typed(request):
        with _about("opening_hours"):
            return details.clean("opening_hours", text)
    wrong = Wrong()
    days: dict[str, str] = {}
    for name in ASKED:
        with wrong.met(), _about(f"{name}_from1"):
            days[name] = _times(_typed_row(request, name), days)
    others: list[OtherDays] = []
    for row in _typed_others(request):
        with wrong.met(), _about(f"{row.name}_first"):
            others += _other(request, row)
    wrong.raise_all()
    said = week.notation(Week({name: times for name, times in days.items() if times}, others))
    return details.clean("opening_hours", said)


@contextmanager
def _about(name: str) -> Iterator[None]:
    """A refusal in here says that it is about this field."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.problem.code, **{**refusal.params, "detail": name}) from None


def _times(row: Asked, before: dict[str, str]) -> str:
    if row.how == "like_monday":
        return before.get("Mo", "")
    if row.how == CLOSED:
        return CLOSED
    if row.how == "open" or any(row.times):
        return _ranges(row)
    return ""


def _other(request: Request, row: Asked) -> list[OtherDays]:
    first, last = day_field(request, f"{row.name}_first"), day_field(request, f"{row.name}_last")
    if first is None and last is None:
        return []
    if first is None or (last or first) < first:
        raise Refusal("form_invalid", sentence=_("Les deux jours ne se suivent pas. Vérifiez-les."))
    times = CLOSED if row.how != "open" else _ranges(row)
    return [OtherDays(first, last or first, times)]


def _ranges(row: Asked) -> str:
    first, second, third, fourth = row.times
    return week.ranges([(first, second), (third, fourth)])
