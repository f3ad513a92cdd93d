"""A grid of criteria: what it holds, and the sentences that say, line by line, what its file has to correct.

One TOML file a version, written by people in a text editor. The rules are in `grid_rules.py`.
"""

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from backend.domain import scoring
from backend.domain.errors import N_
from backend.domain.grid_rules import Finding, advice, broken_rules
from backend.domain.toml_lines import Place, lines_of, nearest_line

LARGEST_NUMBER = 1_000_000
DECIMALS = 6


def _exact(value: object) -> Decimal:
    """The exact number written; text, true/false, nan, and numbers that no paper would hold are refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number", "not a number")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > LARGEST_NUMBER or number != round(number, DECIMALS):
        raise PydanticCustomError("number", "not a plain number")
    return number + 0  # drops the sign of -0


_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_NOT_BLANK = r"\S"
_NUMBER = {"type": "number", "maximum": LARGEST_NUMBER}
Number = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema(_NUMBER)]
Weight = Annotated[Number, Field(gt=0), WithJsonSchema({**_NUMBER, "exclusiveMinimum": 0})]
Percentage = Annotated[Number, Field(ge=0, le=100), WithJsonSchema({**_NUMBER, "minimum": 0, "maximum": 100})]
Slug = Annotated[str, Field(pattern=_SLUG, max_length=60)]
Text = Annotated[str, Field(pattern=_NOT_BLANK)]
Status = Literal["draft", "published", "withdrawn"]
STATUS_NAMES: dict[str, str] = {
    "draft": N_("brouillon, pour des visites d’essai"),
    "published": N_("publiée, son contenu ne change plus"),
    "withdrawn": N_("retirée, elle ne commence plus rien"),
}


def _for_editors(schema: dict[str, Any]) -> None:
    """Keeps only the French texts: no docstring, no title made from an English name."""
    schema.pop("description", None)
    for each in schema["properties"].values():
        each.pop("title", None)


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_for_editors)


class Level(_Part):
    """One observable state of a criterion and the points it brings."""

    points: Number = Field(description="Les points de ce niveau : 0 pour le premier, puis de plus en plus.")
    sentence: Text = Field(description="Ce que l’on voit ou ce que l’on entend dire, sans mot de jugement.")


class Criterion(_Part):
    """One question of the visit, with its levels from the lowest to the highest."""

    id: Slug = Field(description="L’identifiant : minuscules, chiffres et tirets.")
    category: Slug = Field(description="L’identifiant de la famille du critère.")
    name: Text = Field(description="Le nom court.")
    question: Text = Field(description="La question que l’on pose, ou à laquelle on répond en regardant.")
    help: Text = Field(description="Comment s’y prendre sur place, le verbe en premier.")
    weight: Weight = Field(description="Le poids du critère dans le total.")
    may_not_apply: bool = Field(True, description="Si l’on peut répondre « ne s’applique pas ».")
    eliminatory_below: Number | None = Field(
        None, description="En dessous de ce nombre de points, la proposition est « non favorable »."
    )
    levels: Annotated[tuple[Level, ...], Field(strict=False, min_length=2)] = Field(
        description="Les niveaux, du plus bas au plus haut."
    )


class Category(_Part):
    """A family of criteria."""

    id: Slug = Field(description="L’identifiant de la famille.")
    name: Text = Field(description="Le nom de la famille.")
    minimum: Percentage | None = Field(None, description="Le minimum sur 100 pour une proposition favorable.")


class Thresholds(_Part):
    """Totals out of 100 from which an outcome is proposed."""

    favorable: Percentage = Field(description="À partir de ce total sur 100, la proposition est favorable.")
    conditional: Percentage = Field(description="À partir de ce total, favorable avec des engagements.")


class Grid(_Part):
    """One version of a territory's grid; its numbers are exact, and an instance never breaks a rule."""

    model_config = ConfigDict(title="Grille de critères")

    territory: Slug = Field(description="Le territoire : le nom du dossier.")
    version: Slug = Field(description="La version : le nom du fichier, sans .toml.")
    title: Text = Field(description="Le titre montré partout.")
    notice: Text = Field(description="Ce qu’il faut savoir sur l’origine de cette grille.")
    status: Status = Field(description="draft (brouillon), published (publiée) ou withdrawn (retirée).")
    adopted_by: str = Field("", description="Le comité qui a adopté cette grille ; vide en attendant.")
    adopted_on: date | None = Field(None, description="Le jour de l’adoption, sans guillemets : 2026-03-14.")
    decision: Thresholds = Field(description="Les seuils de la proposition.")
    categories: Annotated[tuple[Category, ...], Field(strict=False, min_length=1)] = Field(
        description="Les familles, dans l’ordre où on les montre."
    )
    criteria: Annotated[tuple[Criterion, ...], Field(strict=False, min_length=1)] = Field(
        description="Les critères, dans l’ordre où on les montre."
    )

    @property
    def id(self) -> str:
        return f"{self.territory}/{self.version}"

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Self:
        for finding in broken_rules(self.model_dump()):
            raise PydanticCustomError("rule", "{sentence}", {"sentence": finding.sentence})
        return self

    def rules(self) -> scoring.Rules:
        """What the scoring engine needs of this grid."""
        rules = scoring.rules_from(
            {
                "id": self.id,
                "version": self.version,
                "categories": [{"id": each.id, "minimum": each.minimum} for each in self.categories],
                "criteria": [
                    {
                        **each.model_dump(include={"id", "category", "weight", "may_not_apply"}),
                        "eliminatory_below": each.eliminatory_below,
                        "points": [level.points for level in each.levels],
                    }
                    for each in self.criteria
                ],
                "decision": self.decision.model_dump(),
            }
        )
        return replace(rules, trial=self.status == "draft")


# Reading


class GridError(ValueError):
    """A text that is no usable grid: its `line` (from 1) and one plain French `sentence`."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.line}: {finding.sentence}")
        self.finding = finding
        self.line = finding.line
        self.sentence = finding.sentence


def parse(text: str) -> Grid:
    """The grid written in the TOML `text`. Raises `GridError` for the first thing to correct."""
    grid, findings = _examine(text, None)
    for finding in findings:
        if finding.severity == "error":
            raise GridError(finding)
    assert grid is not None  # nothing to correct means that the models accepted it
    return grid


def check(text: str, published: Mapping[str, str], place: tuple[str, str] | None = None) -> list[Finding]:
    """Everything to correct or to think about in the TOML `text`, by line.

    `published`: content hashes by grid id. `place`: the names of the folder and of the file, without `.toml`.
    """
    grid, findings = _examine(text, place)
    if grid is not None:
        lines = lines_of(text)
        findings += [_located(finding, lines) for finding in _freezing(grid, published)]
    return sorted(findings, key=lambda finding: finding.line)


def _examine(text: str, place: tuple[str, str] | None) -> tuple[Grid | None, list[Finding]]:
    """The grid if the models accept it, and what there is to say about it, by line."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        return None, [_unreadable(text, str(error))]
    lines = lines_of(text)
    grid, misshapen = _shape(raw)
    sound = _without(raw, [finding.place for finding in misshapen])
    findings = [*misshapen, *_misplaced(sound, place), *broken_rules(sound), *advice(sound)]
    located = (_located(finding, lines) for finding in findings)
    return grid, sorted(located, key=lambda finding: finding.line)


def _located(finding: Finding, lines: dict[Place, int]) -> Finding:
    return replace(finding, line=nearest_line(lines, finding.place))


_SYNTAX: tuple[tuple[str, str], ...] = (
    ("Cannot overwrite a value", N_("Cette clé est écrite deux fois : gardez-en une seule.")),
    ("Cannot declare", N_("Cette partie est ouverte deux fois : gardez-en une seule.")),
    ("Unclosed array", N_("Il manque une virgule ou un crochet fermant à la fin de la ligne d’avant.")),
    ("Unclosed inline table", N_("Il manque une virgule ou une accolade fermante sur cette ligne.")),
    ("Illegal character '\\n'", N_('Il manque le guillemet droit (") à la fin de ce texte.')),
    ("Unterminated string", N_("Il manque les guillemets droits à la fin d’un texte.")),
    ("Invalid date", N_("Cette date n’existe pas : écrivez année-mois-jour, par exemple 2026-03-14.")),
    ("Invalid value", N_('Il manque une valeur, ou des guillemets droits (") autour d’un texte.')),
)
_OTHER_SYNTAX = N_(
    "Cette ligne n’a pas la forme « clé = valeur » : vérifiez le signe égal, les virgules et les guillemets."
)


def _unreadable(text: str, reason: str) -> Finding:
    message = next((said for start, said in _SYNTAX if reason.startswith(start)), _OTHER_SYNTAX)
    where = re.search(r"at line (\d+)", reason)
    line = int(where[1]) if where else text.rstrip("\n").count("\n") + 1
    return Finding("error", (), message, line=line)


# What the models refuse


def _shape(raw: Mapping[str, Any]) -> tuple[Grid | None, list[Finding]]:
    try:
        return Grid.model_validate(raw), []
    except ValidationError as error:
        return None, [_misshapen(raw, detail) for detail in error.errors() if not _said_elsewhere(detail)]


def _said_elsewhere(detail: ErrorDetails) -> bool:
    """`broken_rules` says rules with their place; a list is "too short" for pydantic when its items are wrong."""
    match detail["type"]:
        case "rule":
            return True
        case "too_short":
            return bool(len(detail["input"]) >= detail["ctx"]["min_length"])
    return False


_SHAPES: dict[str, str] = {
    "missing": N_("Il manque « {key} »."),
    "number": N_(
        "« {key} » doit être un nombre sans guillemets, d’un million au plus,"
        " avec un point pour les décimales."
    ),
    "greater_than": N_("« {key} » doit être plus grand que {gt}."),
    "greater_than_equal": N_("« {key} » doit être entre 0 et 100."),
    "less_than_equal": N_("« {key} » doit être entre 0 et 100."),
    "string_type": N_("« {key} » doit être un texte entre guillemets droits."),
    "string_too_long": N_("« {key} » est trop long : {max_length} lettres au plus."),
    "bool_type": N_("« {key} » doit être true (oui) ou false (non), sans guillemets."),
    "date_type": N_("« {key} » doit être une date sans guillemets, par exemple 2026-03-14."),
    "literal_error": N_("« {key} » doit être draft (brouillon), published (publiée) ou withdrawn (retirée)."),
    "too_short": N_("« {key} » : il en faut au moins {min_length}."),
    _SLUG: N_(
        "« {key} » n’accepte que des minuscules sans accent, des chiffres et des tirets,"
        " par exemple petits-prix."
    ),
    _NOT_BLANK: N_("« {key} » est vide : écrivez un texte."),
}
_OTHER_SHAPE = N_(
    "« {key} » n’a pas la forme attendue : suivez l’exemple de criteria/nantes-ouest/depart-1.toml."
)
_UNKNOWN_KEY = N_("« {key} » n’est pas une clé connue : enlevez-la.")
_MISSPELT_KEY = N_("« {key} » n’est pas une clé connue : vouliez-vous écrire « {near} » ?")
_MODELS: dict[str, type[BaseModel]] = {
    "criteria": Criterion,
    "levels": Level,
    "categories": Category,
    "decision": Thresholds,
}


def _misshapen(raw: Mapping[str, Any], detail: ErrorDetails) -> Finding:
    place = detail["loc"]
    context = detail.get("ctx", {})
    names = [part for part in place if isinstance(part, str)]
    params = {"key": names[-1], **context}
    message = _SHAPES.get(context.get("pattern", detail["type"]), _OTHER_SHAPE)
    if detail["type"] == "extra_forbidden":
        model = _MODELS[names[-2]] if len(names) > 1 else Grid
        near = difflib.get_close_matches(names[-1], model.model_fields, n=1)
        message, params["near"] = (_MISSPELT_KEY, near[0]) if near else (_UNKNOWN_KEY, "")
    return Finding("error", place, message, params, _about(raw, place))


def _about(raw: Mapping[str, Any], place: Place) -> str:
    """The id of the criterion or family that holds `place`, if it has one."""
    match place:
        case ("criteria" | "categories" as table, int(index), _, *_) if isinstance(raw[table][index], dict):
            return str(raw[table][index].get("id", ""))
    return ""


def _without(raw: Mapping[str, Any], places: Iterable[Place]) -> dict[str, Any]:
    """The parts of `raw` whose shape is right, so that the rules can be looked at beside a wrong one."""
    sound: dict[str, Any] = {
        key: [dict(item) if isinstance(item, dict) else {} for item in value]
        if isinstance(value, list)
        else value
        for key, value in raw.items()
    }
    for place in places:
        match place:
            case ("criteria" | "categories" as table, int(index), str(key), *_):
                sound[table][index].pop(key, None)
            case ("criteria" | "categories", int()):
                pass  # already emptied above
            case (str(key), *_):
                sound.pop(key, None)
    return sound


# Publishing


def content_hash(grid: Grid) -> str:
    """SHA-256 (hex) of what a visit rests on: everything but status, adopted_by and adopted_on.

    Keys left at their default are not in it, so that a key added to the models changes no published hash.
    """
    content = grid.model_dump(exclude={"status", "adopted_by", "adopted_on"}, exclude_defaults=True)
    text = json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse_hashes(text: str) -> dict[str, str]:
    """The content hashes by grid id written in the TOML `text`. Raises `GridError` for a damaged text."""
    try:
        hashes = tomllib.loads(text)
    except ValueError as error:
        raise GridError(_unreadable(text, str(error))) from error
    for name, value in hashes.items():
        if not isinstance(value, str) or re.fullmatch("[0-9a-f]{64}", value) is None:
            message = N_("L’empreinte de « {id} » est abîmée : remettez la dernière version de ce fichier.")
            damage = Finding("error", (name,), message, {"id": name})
            raise GridError(_located(damage, lines_of(text)))
    return hashes


def as_published(text: str) -> str:
    """The TOML `text` of a draft with its status line changed to published; all else keeps its bytes."""
    rows = text.split("\n")
    line = nearest_line(lines_of(text), ("status",))
    rows[line - 1] = re.sub(r"""(["'])draft\1""", '"published"', rows[line - 1], count=1)
    return "\n".join(rows)


def _freezing(grid: Grid, published: Mapping[str, str]) -> Iterator[Finding]:
    frozen = published.get(grid.id)
    params = {"id": grid.id}
    if frozen is None and grid.status != "draft":
        message = N_(
            "« {id} » n’a pas encore été publiée : lancez « python -m backend grid publish FICHIER »."
        )
        yield Finding("error", ("status",), message, params)
    if frozen is not None and grid.status == "draft":
        message = N_(
            "« {id} » est déjà publiée et ne redevient pas un brouillon : écrivez published ou withdrawn."
        )
        yield Finding("error", ("status",), message, params)
    if frozen is not None and frozen != content_hash(grid):
        message = N_(
            "« {id} » a changé depuis sa publication :"
            " remettez son texte d’avant, ou faites une nouvelle version."
        )
        yield Finding("error", ("version",), message, params)


def _misplaced(grid: Mapping[str, Any], place: tuple[str, str] | None) -> Iterator[Finding]:
    if place is None:
        return
    folder, name = place
    territory, version = grid.get("territory", folder), grid.get("version", name)
    if folder != territory:
        message = N_("Le dossier s’appelle « {folder} » et non « {territory} » : donnez-leur le même nom.")
        params = {"folder": folder, "territory": territory}
        yield Finding("error", ("territory",), message, params)
    if name != version:
        message = N_(
            "Le fichier s’appelle « {name}.toml » et non « {version}.toml » : donnez-leur le même nom."
        )
        yield Finding("error", ("version",), message, {"name": name, "version": version})


# What others receive


def to_json(grid: Grid) -> dict[str, Any]:
    """What a phone receives: the file's keys and `id`; numbers as ints or decimal strings, dates ISO 8601."""
    return {"id": grid.id, **_plain(grid.model_dump())}


def json_schema() -> str:
    """The JSON Schema of a grid's file, for text editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Grid.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value
