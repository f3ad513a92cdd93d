"""Rendering: Jinja2 with autoescape and gettext, French typography, and what every page needs."""

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from gettext import NullTranslations, gettext
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backend.domain import days
from backend.domain.committee import BALLOT_NAMES, METHOD_NAMES, WHY_NAMES
from backend.domain.decisions import OUTCOME_NAMES, PROPOSAL_NAMES, WAYS_OF_TELLING
from backend.domain.errors import Refusal
from backend.domain.follow_up import KEPT_NAMES
from backend.domain.hours_in_words import in_full, in_words
from backend.domain.merchants import KIND_NAMES, RECORD_NAMES, STAGE_NAMES
from backend.domain.onboarding import MONEKO_STATUS_NAMES, STEP_NAMES
from backend.domain.paying import PAYABLE_NAMES, WAY_NAMES
from backend.domain.people import Role
from backend.domain.planning import Said
from backend.domain.products import ACCESS_NAMES, FAMILY_NAMES
from backend.domain.scoring import floored
from backend.domain.visits import VISIT_STATE_NAMES
from backend.web.explained import cut
from backend.web.house import house
from backend.web.security import typed

HERE = Path(__file__).parent
PARIS, day = days.PARIS, days.day
LOCALES = HERE.parent / "locale"


def environment(asset_url: Callable[[str], str]) -> Environment:
    """The templates, with the words and filters they share."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations: NullTranslations = Translations.load(LOCALES, ["fr"])
    env.install_gettext_callables(  # type: ignore[attr-defined]
        lru_cache(4096)(lambda text: typeset(translations.gettext(text))),
        lambda one, many, n: typeset(translations.ngettext(one, many, n)),
        newstyle=True,
    )
    env.filters.update(day=day, instant=instant, tenths=tenths, number=number, typeset=typeset)
    env.filters.update(said=lambda reason: said(reason, translations.gettext))
    env.filters.update(metres=metres)
    env.filters.update(share=share, exact=exact, part=part, short_day=short_day, paris_day=paris_day)
    env.filters.update(month_name=month_name, weight=weight)
    env.filters.update(
        hours=lambda notation: list(map(typeset, in_words(notation, translations.gettext))),
        hours_in_full=lambda notation: list(map(typeset, in_full(notation, translations.gettext))),
    )
    env.globals.update(
        asset=asset_url,
        form_key=lambda: uuid.uuid4().hex,
        kind_names=KIND_NAMES,
        family_names=FAMILY_NAMES,
        access_names=ACCESS_NAMES,
        payable_names=PAYABLE_NAMES,
        way_names=WAY_NAMES,
        stage_names=STAGE_NAMES,
        record_names=RECORD_NAMES,
        outcome_names=OUTCOME_NAMES,
        why_names=WHY_NAMES,
        kept_names=KEPT_NAMES,
        method_names=METHOD_NAMES,
        ballot_names=BALLOT_NAMES,
        proposal_names=PROPOSAL_NAMES,
        ways_of_telling=WAYS_OF_TELLING,
        step_names=STEP_NAMES,
        moneko_status_names=MONEKO_STATUS_NAMES,
        visit_state_names=VISIT_STATE_NAMES,
        Role=Role,
    )
    return env


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of `templates/pages/`."""
    home = house(request)
    who = getattr(request.state, "who", None)
    body = home.templates.get_template(f"pages/{template}").render(
        request=request, who=who, settings=home.settings, drafts=home.drafts, **context
    )
    # what someone signed in reads stays on no machine that others may use after them
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store"} if who else None)


def form_page(request: Request, template: str, refusal: Refusal | None, **context: Any) -> Response:
    """A page that holds a form: as it is, or as it comes back with what was typed and the refusal on top."""
    status = refusal.problem.status if refusal else 200
    answer = page(request, template, status, refusal=refusal, typed=typed(request), **context)
    answer.headers["Cache-Control"] = "no-store"  # whoever comes back to it gets a key that was not used yet
    return answer


def come_back(request: Request, refusal: Refusal, form: Callable[[Request, Refusal], Response]) -> Response:
    """What was refused, in its form again. What the address names and is not there has none: raises not_found."""
    if refusal.problem.code == "not_found":
        raise refusal
    return form(request, refusal)


@lru_cache(maxsize=500)  # gettext looks for its catalogue on the disk each time it is asked
def translated(text: str) -> str:
    """A text of ours, where it is said thousands of times."""
    return gettext(text)


def typeset(text: str) -> str:
    """French spacing for a text written with plain spaces, as `pwa/text.js` does on the phone."""
    text = re.sub(r" (?=[?!;»]|%%)", "\u202f", text).replace("« ", "«\u202f")
    return text.replace(" :", "\u00a0:")


def month_name(value: date) -> str:
    """« nov. 2026 »."""
    return format_date(value, "MMM y", locale="fr")


def paris_day(value: datetime) -> date:
    """The day that it was in Paris."""
    return value.astimezone(PARIS).date()


def instant(value: datetime) -> str:
    """« 24 novembre 2026, 14:30 », Paris time."""
    return days.first(format_datetime(value.astimezone(PARIS), "d MMMM y, HH:mm", locale="fr"))


def said(reason: Said, translate: Callable[[str], str]) -> str:
    """A reason of the planning in words, its days written out."""
    filled = {
        name: short_day(value) if isinstance(value, date) else value for name, value in reason.params.items()
    }
    return typeset(translate(reason.text).format(**filled))


def tenths(value: int | float | None) -> str:
    """A number already floored to one decimal: « 64,9 »; a dash when undefined."""
    return "–" if value is None else format_decimal(value, "0.0", locale="fr")


def share(value: Fraction | None) -> str:
    """A share out of 100, rounded down to one decimal: « 64,9 »; a dash when undefined."""
    in_tenths = floored(value)
    return tenths(None if in_tenths is None else in_tenths / 10)


def part(value: Fraction) -> str:
    """A part of a total out of 100, cut at two decimals: « 6,45 »."""
    return format_decimal(float(cut(value)), "0.00", locale="fr")


def exact(value: Fraction | Decimal) -> str:
    """A number of points or a weight, as its grid writes it: « 2 », « 1,5 »."""
    numerator, denominator = value.as_integer_ratio()
    return format_decimal(Decimal(numerator) / Decimal(denominator), "0.######", locale="fr")


def short_day(value: date | str) -> str:
    """« 24 novembre 2026 », of a date or of its ISO form."""
    plain = date.fromisoformat(value) if isinstance(value, str) else value
    return days.first(format_date(plain, "d MMMM y", locale="fr"))


def metres(value: float) -> str:
    """A distance as one walks it: « 350 m », « 2,4 km »."""
    if value < 995:
        return f"{round(value, -1):.0f}\u00a0m"
    return format_decimal(round(value / 1000, 1), "0.#", locale="fr") + "\u00a0km"


def weight(size: int) -> str:
    """What a file weighs: « 350 ko », « 2,4 Mo »."""
    if size < 995_000:
        return f"{max(1, round(size / 1000))}\u00a0ko"
    return format_decimal(round(size / 1_000_000, 1), "0.#", locale="fr") + "\u00a0Mo"


def number(value: int) -> str:
    """« 1 234 » with the thin space."""
    return format_decimal(value, locale="fr")
