"""Two people at one form: what the other one wrote in the meantime is shown field by field, never undone unseen."""

from collections.abc import Mapping
from gettext import gettext as _

from starlette.datastructures import FormData
from starlette.requests import Request

from backend.domain.errors import Refusal
from backend.web.security import field, typed


def refuse_unseen(
    request: Request, changes: Mapping[str, str | None], kept: Mapping[str, str], shown: Mapping[str, str]
) -> None:
    """Raises changed_meanwhile when a field that this form changes is no longer what the form showed.

    `kept`: what is kept now, as the form would show it; `shown`: the same in words. Whoever writes what is
    already kept changes nothing, and is told nothing.
    """
    unseen = {
        name: kept[name]
        for name, value in changes.items()
        if f"was_{name}" in typed(request)
        and field(request, f"was_{name}", 1000) != kept[name]
        and (value or "") != kept[name]
    }
    if not unseen:
        return
    sentence = _("Entre-temps, on y a écrit « {now} ». Ce que vous avez écrit est gardé ici : relisez-le.")
    emptied = _("Entre-temps, on a effacé ce champ. Ce que vous avez écrit est gardé ici : relisez-le.")
    wrong = {name: sentence.format(now=shown[name]) if shown[name] else emptied for name in unseen}
    raise Refusal("changed_meanwhile", wrong=wrong, kept=unseen)


def see(request: Request, refusal: Refusal) -> None:
    """The form that comes back has seen what changed: sent again, it is a choice and no longer an accident."""
    kept = refusal.params.get("kept")
    if not isinstance(kept, dict):
        return
    items = [
        (name, kept.get(name.removeprefix("was_"), value) if name.startswith("was_") else value)
        for name, value in typed(request).multi_items()
    ]
    request.state.form = FormData(items)
