"""The rules of a grid that look at several values at once, each with the sentence that says it is broken.

They read a grid in the form of its file, and a part may be missing: several things can be wrong together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.domain.errors import N_
from backend.domain.toml_lines import Place


@dataclass(frozen=True)
class Finding:
    """Something to correct (error) or to think about (warning) at a place of the file.

    `message` is a gettext msgid whose places `params` fills; `about` is the criterion or family concerned.
    """

    severity: Literal["error", "warning"]
    place: Place
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    line: int = 1

    @property
    def sentence(self) -> str:
        return self.said(str)

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence, its message translated by `translate`."""
        sentence = translate(self.message).format(**self.params)
        return f"« {self.about} » : {sentence[0].lower()}{sentence[1:]}" if self.about else sentence


def broken_rules(grid: Mapping[str, Any]) -> Iterator[Finding]:
    """Errors of a grid in the form of its file, in which a part may be missing."""
    criteria = grid.get("criteria", [])
    categories = grid.get("categories", [])
    yield from _repeated("categories", categories)
    yield from _repeated("criteria", criteria)
    yield from _crossed(grid.get("decision", {}))
    yield from _half_adopted(grid)
    known = [category.get("id") for category in categories] or [None]
    for index, criterion in enumerate(criteria):
        place = ("criteria", index)
        yield from _orphan(place, criterion, known)
        yield from _not_rising(place, criterion)
        yield from _eliminating_nothing(place, criterion)


def _repeated(table: str, items: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if (name := item.get("id")) in seen:
            message = N_("L’identifiant « {id} » sert déjà plus haut : choisissez-en un autre.")
            yield Finding("error", (table, index, "id"), message, {"id": name})
        elif name is not None:
            seen.add(name)


def _crossed(decision: Mapping[str, Any]) -> Iterator[Finding]:
    favorable, conditional = decision.get("favorable"), decision.get("conditional")
    if favorable is not None and conditional is not None and favorable < conditional:
        message = N_(
            "Le seuil favorable ({favorable}) est sous le seuil avec engagements ({conditional}) :"
            " échangez-les."
        )
        params = {"favorable": favorable, "conditional": conditional}
        yield Finding("error", ("decision", "favorable"), message, params)


def _half_adopted(grid: Mapping[str, Any]) -> Iterator[Finding]:
    by, on = grid.get("adopted_by"), grid.get("adopted_on")
    if by and not on:
        message = N_(
            "Dites aussi quand la grille a été adoptée : ajoutez « adopted_on », par exemple 2026-03-14."
        )
        yield Finding("error", ("adopted_by",), message)
    if on and not by:
        message = N_("Dites aussi qui a adopté la grille : remplissez « adopted_by ».")
        yield Finding("error", ("adopted_on",), message)


def _orphan(place: Place, criterion: Mapping[str, Any], known: Sequence[str | None]) -> Iterator[Finding]:
    category = criterion.get("category")
    if category is not None and category not in known and None not in known:
        message = N_("La famille « {category} » n’existe pas : choisissez parmi {known}.")
        params = {"category": category, "known": ", ".join(str(each) for each in known)}
        yield Finding("error", (*place, "category"), message, params, criterion.get("id", ""))


def _not_rising(place: Place, criterion: Mapping[str, Any]) -> Iterator[Finding]:
    points = [level["points"] for level in criterion.get("levels", [])]
    about = criterion.get("id", "")
    if points and points[0] != 0:
        message = N_("Le premier niveau doit valoir 0 point, pas {points}.")
        yield Finding("error", (*place, "levels", 0), message, {"points": points[0]}, about)
    for index in range(1, len(points)):
        if points[index] <= points[index - 1]:
            message = N_(
                "Ce niveau vaut {points} alors que le précédent vaut {before} : les points doivent monter."
            )
            params = {"points": points[index], "before": points[index - 1]}
            yield Finding("error", (*place, "levels", index), message, params, about)


def _eliminating_nothing(place: Place, criterion: Mapping[str, Any]) -> Iterator[Finding]:
    limit = criterion.get("eliminatory_below")
    points = [level["points"] for level in criterion.get("levels", [])]
    if limit is None or not points:
        return
    if not any(each < limit for each in points):
        message = N_(
            "Aucun niveau n’est sous {limit}, donc rien n’est éliminatoire :"
            " enlevez « eliminatory_below » ou montez-le."
        )
    elif all(each < limit for each in points):
        message = N_(
            "Tous les niveaux sont sous {limit}, donc aucun commerce ne conviendrait :"
            " baissez « eliminatory_below »."
        )
    else:
        return
    yield Finding("error", (*place, "eliminatory_below"), message, {"limit": limit}, criterion.get("id", ""))


def advice(grid: Mapping[str, Any]) -> Iterator[Finding]:
    """Warnings about a grid in the form of its file, in which a part may be missing."""
    criteria = grid.get("criteria", [])
    if criteria and len(criteria) != 15:
        message = N_("Cette grille a {count} critères ; les comités en ont retenu 15.")
        yield Finding("warning", ("criteria",), message, {"count": len(criteria)})
    for index, criterion in enumerate(criteria):
        count = len(criterion.get("levels", ()))
        if count and not 3 <= count <= 5:
            message = N_("Ce critère a {count} niveaux ; de 3 à 5, on s’y retrouve mieux.")
            place = ("criteria", index, "levels")
            yield Finding("warning", place, message, {"count": count}, criterion.get("id", ""))
    for index, category in enumerate(grid.get("categories", [])):
        yield from _escapable(("categories", index), category.get("id"), criteria)


def _escapable(
    place: Place, category: str | None, criteria: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    members = [each for each in criteria if each.get("category") == category]
    if category is None or any(not each.get("may_not_apply", True) for each in members):
        return
    if members:
        message = N_(
            "Tous ses critères acceptent « ne s’applique pas » : la famille pourrait ne compter pour rien."
        )
    else:
        message = N_("Cette famille n’a aucun critère.")
    yield Finding("warning", place, message, about=category)
