"""Everything that happened to a merchant, in one list and in words: its records, and what other tables know of it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from backend.domain.days import day
from backend.domain.decisions import OUTCOME_NAMES, WAYS_OF_TELLING
from backend.domain.errors import N_
from backend.domain.follow_up import KEPT_NAMES
from backend.domain.merchants import RECORD_NAMES, RecordKind
from backend.domain.onboarding import MONEKO_STATUS_NAMES, STEP_NAMES
from backend.domain.visits import IMPOSSIBLE_CAUSES

Translate = Callable[[str], str]
Names = Mapping[str, str]
Body = Mapping[str, Any]


class Group(StrEnum):
    """What one may want to read apart."""

    FILE = "file"
    VISITS = "visits"
    COMMITTEE = "committee"
    MONEKO = "moneko"
    DOCUMENTS = "documents"


GROUP_NAMES: dict[Group, str] = {
    Group.FILE: N_("La fiche"),
    Group.VISITS: N_("Les visites"),
    Group.COMMITTEE: N_("Le comité"),
    Group.MONEKO: N_("Moneko"),
    Group.DOCUMENTS: N_("Les documents"),
}


class Also(StrEnum):
    """What happens without a record of its own, with what its body holds."""

    QUESTION_ASKED = "question_asked"  # {visit, text}
    QUESTION_ANSWERED = "question_answered"  # {visit}
    ON_AGENDA = "on_agenda"  # {session, on}
    COMMITMENT_FOLLOWED = "commitment_followed"  # {state, text, due, note}
    HANDED_OVER = "handed_over"  # {handover}


ALSO_NAMES: dict[Also, str] = {
    Also.QUESTION_ASKED: N_("Question au duo"),
    Also.QUESTION_ANSWERED: N_("Réponse du duo"),
    Also.ON_AGENDA: N_("À l’ordre du jour"),
    Also.COMMITMENT_FOLLOWED: N_("Engagement"),
    Also.HANDED_OVER: N_("Fichier pour Moneko"),
}

_GROUPS: dict[Group, Collection[str]] = {
    Group.VISITS: (
        RecordKind.VISIT_PLANNED,
        RecordKind.VISIT_EDITED,
        RecordKind.VISIT_CANCELLED,
        RecordKind.VISIT_IMPOSSIBLE,
        RecordKind.SHEETS_RELEASED,
        RecordKind.TRIAL_RECEIVED,
        RecordKind.ASSESSED,
        Also.QUESTION_ASKED,
        Also.QUESTION_ANSWERED,
    ),
    Group.COMMITTEE: (
        RecordKind.DECIDED,
        RecordKind.TOLD,
        RecordKind.SUSPENDED,
        RecordKind.RESUMED,
        RecordKind.WITHDRAWN,
        Also.ON_AGENDA,
        Also.COMMITMENT_FOLLOWED,
    ),
    Group.MONEKO: (
        RecordKind.ONBOARDING_STEP,
        RecordKind.MONEKO_STATUS,
        RecordKind.MONEKO_LINKED,
        RecordKind.GIVEN_UP,
        RecordKind.TAKEN_UP,
        Also.HANDED_OVER,
    ),
    Group.DOCUMENTS: (RecordKind.DOCUMENT,),
}
_GROUP_OF = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `kind`: a RecordKind or an Also; `author_id`: who did it, None when nobody is named."""

    id: str
    at: datetime
    kind: str
    author_id: str | None = None
    body: Body = field(default_factory=dict)

    @property
    def group(self) -> Group:
        return _GROUP_OF.get(self.kind, Group.FILE)


@dataclass(frozen=True)
class Told:
    """The same in words. `title` and `rest` are one sentence; `about`: what it was about; `fields`: each with
    [before, after], or for a merger [kept, the other's]; `note`: as somebody wrote it."""

    id: str
    at: datetime
    kind: str
    group: Group
    title: str
    rest: str
    about: str
    author: str
    note: str
    fields: Mapping[str, tuple[str, str]]
    body: Body


def told(
    happenings: Iterable[Happening], names: Names, translate: Translate, only: Group | None = None
) -> list[Told]:
    """What happened, the latest first, of one group or (None) of all. `names`: those that the reader may know."""
    wanted = (each for each in happenings if only in (None, each.group))
    latest_first = sorted(wanted, key=lambda each: (each.at, each.id), reverse=True)
    return [_told(each, names, translate) for each in latest_first]


def groups(happenings: Iterable[Happening]) -> list[Group]:
    """The groups that there is something of, in the order to offer them."""
    there = {each.group for each in happenings}
    return [group for group in Group if group in there]


def _told(happening: Happening, names: Names, translate: Translate) -> Told:
    kind, body = happening.kind, happening.body
    return Told(
        happening.id,
        happening.at,
        kind,
        happening.group,
        title=translate(_title(kind, body)),
        rest=_REST[kind](body, names, translate) if kind in _REST else "",
        about=_about(kind, body, translate),
        author=names.get(happening.author_id or "", ""),
        note=body.get("note") or "",
        fields=body.get("fields") or {},
        body=body,
    )


def _title(kind: str, body: Body) -> str:
    if kind == RecordKind.EDITED and body.get("added"):
        return N_("Point de vente ajouté")
    if kind == RecordKind.EDITED and body.get("import"):
        return N_("Fiche mise à jour")
    if kind == RecordKind.ONBOARDING_STEP:
        return STEP_NAMES[body["step"]]
    return ALSO_NAMES[Also(kind)] if kind in _ALSO else RECORD_NAMES[RecordKind(kind)]


def _about(kind: str, body: Body, translate: Translate) -> str:
    if kind in (RecordKind.MERGED, RecordKind.TOLD_APART):
        return translate(N_("avec « {name} »")).format(name=body["name"])
    if kind == RecordKind.DOCUMENT:
        return str(body["title"])
    return str(body["text"]) if kind in (Also.QUESTION_ASKED, Also.COMMITMENT_FOLLOWED) else ""


# --- what follows the title ---

_ALSO = frozenset(Also)
_SOURCES = {
    "import": N_("par un fichier"),
    "field": N_("sur le terrain"),
    "hand": N_("par la coordination"),
    "public": N_("par le public"),
}
_CONTACT = {
    "added": N_("ajoutée"),
    "changed": N_("corrigée"),
    "removed": N_("retirée"),
    "shared": N_("d’accord pour que Moneko l’appelle"),
    "unshared": N_("plus d’accord pour que Moneko l’appelle"),
}
_DOCUMENT = {"added": N_("ajouté"), "removed": N_("retiré")}


def _edited(body: Body, _names: Names, translate: Translate) -> str:
    return translate(_SOURCES["import"]) if body.get("import") and not body.get("added") else ""


def _contact(body: Body, _names: Names, translate: Translate) -> str:
    what, function = translate(_CONTACT[body["what"]]), body.get("function")
    return f"{what} ({function})" if function else what


def _followed(body: Body, names: Names, translate: Translate) -> str:
    name = names.get(body["person"] or "")
    return translate(N_("à {name}")).format(name=name) if name else translate(N_("à personne en particulier"))


def _decided(body: Body, _names: Names, translate: Translate) -> str:
    outcome = translate(OUTCOME_NAMES[body["outcome"]]).lower()
    return f": {outcome}" + _until(N_("valable jusqu’au {day}"), body.get("valid_until"), translate)


def _followed_up(body: Body, _names: Names, translate: Translate) -> str:
    return translate(KEPT_NAMES[body["state"]]) + _until(N_("jusqu’au {day}"), body.get("due"), translate)


def _until(words: str, iso: str | None, translate: Translate) -> str:
    return ", " + translate(words).format(day=day(date.fromisoformat(iso))) if iso else ""


def _on_agenda(body: Body, _names: Names, translate: Translate) -> str:
    return translate(N_("du {day}")).format(day=day(date.fromisoformat(body["on"])))


_REST: Mapping[str, Callable[[Body, Names, Translate], str]] = {
    RecordKind.EDITED: _edited,
    RecordKind.CONTACT: _contact,
    RecordKind.FOLLOWED: _followed,
    RecordKind.DECIDED: _decided,
    RecordKind.SPOTTED: lambda body, _names, translate: translate(_SOURCES[body["source"]]),
    RecordKind.DOCUMENT: lambda body, _names, translate: translate(_DOCUMENT[body["what"]]),
    RecordKind.ONBOARDING_STEP: lambda body, _names, translate: translate(
        N_("fait") if body["done"] else N_("décoché")
    ),
    RecordKind.MONEKO_STATUS: lambda body, _names, translate: (
        f": {translate(MONEKO_STATUS_NAMES[body['status']])}"
    ),
    RecordKind.TOLD: lambda body, _names, translate: (
        translate(WAYS_OF_TELLING[body["how"]]).lower() if body.get("how") else ""
    ),
    RecordKind.VISIT_IMPOSSIBLE: lambda body, _names, translate: (
        f": {translate(IMPOSSIBLE_CAUSES[body['cause']])}"
    ),
    Also.ON_AGENDA: _on_agenda,
    Also.COMMITMENT_FOLLOWED: _followed_up,
    Also.HANDED_OVER: lambda _body, _names, translate: translate(N_("préparé")),
}
