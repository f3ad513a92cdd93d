"""What a grid holds, and what its check says of a broken one: each refusal on a changed copy of a real file."""

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.domain import scoring
from backend.domain.grid import (
    Grid,
    GridError,
    as_published,
    check,
    content_hash,
    json_schema,
    parse,
    to_json,
)

CRITERIA = Path(__file__).parents[2] / "criteria"
NANTES = (CRITERIA / "nantes-ouest/depart-1.toml").read_text(encoding="utf-8")
RETZ = (CRITERIA / "pays-de-retz/depart-1.toml").read_text(encoding="utf-8")


def changed(old: str, new: str, text: str = RETZ) -> str:
    assert text.count(old) == 1, f"{text.count(old)} × {old}"
    return text.replace(old, new)


def said(text: str, published: dict[str, str] | None = None, **others: Any) -> list[tuple[int, str, str]]:
    """Line, severity and sentence of each finding, with plain spaces so that tests can be typed."""
    findings = check(text, published or {}, **others)
    return [(each.line, each.severity, re.sub("[\u00a0\u202f]", " ", each.sentence)) for each in findings]


def errors(text: str) -> list[tuple[int, str]]:
    return [(line, sentence) for line, severity, sentence in said(text) if severity == "error"]


# Broken grids

ENTER = '[[criteria]]\nid = "entrer-circuler"\ncategory = "accessibilite"\nname = "Entrer et circuler"\n'
ENTER_WEIGHT = 'arrête un fauteuil."\nweight = 2\n'
ENTER_LEVEL_1 = '  { points = 1, sentence = "Un fauteuil'
ENTER_LEVELS = RETZ[RETZ.index("levels = [", RETZ.index(ENTER)) : RETZ.index("\n]", RETZ.index(ENTER)) + 2]
HOURS = 'même un seul jour."\nweight = 2\nmay_not_apply = true\n'
QUALITY = 'name = "Qualité"\nminimum = 40\n'

NUMBER = "doit être un nombre sans guillemets, d’un million au plus, avec un point pour les décimales."
SLUG = "n’accepte que des minuscules sans accent, des chiffres et des tirets, par exemple petits-prix."
SHAPE = "n’a pas la forme attendue : suivez l’exemple de criteria/nantes-ouest/depart-1.toml."
NO_DATE = "« adopted_on » doit être une date sans guillemets, par exemple 2026-03-14."
SYNTAX = (
    "Cette ligne n’a pas la forme « clé = valeur » : vérifiez le signe égal, les virgules et les guillemets."
)
BAD_WEIGHT = f"« entrer-circuler » : « weight » {NUMBER}"
NO_WEIGHT = "« entrer-circuler » : « weight » doit être plus grand que 0."
AT_LEAST_2 = "« entrer-circuler » : « levels » : il en faut au moins 2."


def weight(written: str) -> tuple[str, str]:
    return ENTER_WEIGHT, f'arrête un fauteuil."\n¶weight = {written}\n'


# what is replaced, by what (¶ is on the line that the check must name), and the sentence it must say
REFUSALS: dict[str, tuple[str, str, str]] = {
    "a text without its closing quote": (
        'name = "Entrer et circuler"',
        '¶name = "Entrer et circuler',
        'Il manque le guillemet droit (") à la fin de ce texte.',
    ),
    "a text in curly quotes": (
        'name = "Entrer et circuler"',
        "¶name = “Entrer et circuler”",
        'Il manque une valeur, ou des guillemets droits (") autour d’un texte.',
    ),
    "a level without its comma": (
        f'personne ne sort servir." }},\n{ENTER_LEVEL_1}',
        f'personne ne sort servir." }}\n¶{ENTER_LEVEL_1}',
        "Il manque une virgule ou un crochet fermant à la fin de la ligne d’avant.",
    ),
    "a level without its brace": (
        'personne ne sort servir." },',
        'personne ne sort servir.",¶',
        SYNTAX,
    ),
    "two keys of a level without a comma": (
        ENTER_LEVEL_1,
        '¶  { points = 1 sentence = "Un fauteuil',
        "Il manque une virgule ou une accolade fermante sur cette ligne.",
    ),
    "a long text without its end": (
        'sentence = "Accepte les trois choses',
        'sentence = """Accepte les trois choses',
        "Il manque les guillemets droits à la fin d’un texte.",
    ),
    "a key written twice": (
        ENTER_WEIGHT,
        f"{ENTER_WEIGHT}¶weight = 4\n",
        "Cette clé est écrite deux fois : gardez-en une seule.",
    ),
    "a part opened twice": (
        "[decision]\n",
        "[decision]\n¶[decision]\n",
        "Cette partie est ouverte deux fois : gardez-en une seule.",
    ),
    "a decimal comma": (*weight("2,5"), SYNTAX),
    "a value without its key": ("[decision]\n", "[decision]\n¶65\n", SYNTAX),
    "a date that does not exist": (
        "# adopted_on = 2026-03-14",
        "¶adopted_on = 2026-02-30",
        "Cette date n’existe pas : écrivez année-mois-jour, par exemple 2026-03-14.",
    ),
    "a missing weight": (
        ENTER_WEIGHT,
        'arrête un fauteuil."\n',
        "« entrer-circuler » : il manque « weight ».",
    ),
    "a missing status": ('status = "draft"\n', "", "Il manque « status »."),
    "a missing threshold": ("[decision]\nfavorable = 65 ", "¶[decision]\n# 65", "Il manque « favorable »."),
    "a missing id": (
        ENTER,
        ENTER.replace("[", "¶[", 1).replace('id = "entrer-circuler"\n', ""),
        "Il manque « id ».",
    ),
    "missing levels": (ENTER_LEVELS, "", "« entrer-circuler » : il manque « levels »."),
    "an unknown key": (
        ENTER,
        f"{ENTER}¶couleur = 3\n",
        "« entrer-circuler » : « couleur » n’est pas une clé connue : enlevez-la.",
    ),
    "an unknown key at the top": (
        'status = "draft"',
        'status = "draft"\n¶auteur = "moi"',
        "« auteur » n’est pas une clé connue : enlevez-la.",
    ),
    "an unknown part": (
        "[decision]",
        "¶[seuils]\n[decision]",
        "« seuils » n’est pas une clé connue : enlevez-la.",
    ),
    "a misspelt key in a level": (
        ENTER_LEVEL_1,
        '¶  { sentance = 2, points = 1, sentence = "Un fauteuil',
        "« entrer-circuler » : « sentance » n’est pas une clé connue : vouliez-vous écrire « sentence » ?",
    ),
    "a misspelt key in a family": (
        QUALITY,
        f"{QUALITY}¶minimun = 3\n",
        "« qualite » : « minimun » n’est pas une clé connue : vouliez-vous écrire « minimum » ?",
    ),
    "a misspelt threshold": (
        "[decision]\n",
        "[decision]\n¶favorabel = 3\n",
        "« favorabel » n’est pas une clé connue : vouliez-vous écrire « favorable » ?",
    ),
    "a criterion's id used twice": (
        'id = "venir-sans-voiture"',
        '¶id = "entrer-circuler"',
        "L’identifiant « entrer-circuler » sert déjà plus haut : choisissez-en un autre.",
    ),
    "a family's id used twice": (
        'name = "Engagements"\n',
        'name = "Engagements"\n[[categories]]\n¶id = "qualite"\nname = "Encore"\n',
        "L’identifiant « qualite » sert déjà plus haut : choisissez-en un autre.",
    ),
    "an id with capitals and a space": (
        'id = "accueil"',
        '¶id = "Bon accueil"',
        f"« Bon accueil » : « id » {SLUG}",
    ),
    "an id with an accent": ('id = "accueil"', '¶id = "café"', f"« café » : « id » {SLUG}"),
    "an id that ends with a hyphen": ('id = "accueil"', '¶id = "accueil-"', f"« accueil- » : « id » {SLUG}"),
    "an id that ends with a new line": (
        'id = "accueil"',
        '¶id = "accueil\\n"',
        f"« accueil\n » : « id » {SLUG}",
    ),
    "an id that no entry of the journal could name": (
        'id = "accueil"',
        f'¶id = "{"a" * 61}"',
        f"« {'a' * 61} » : « id » est trop long : 60 lettres au plus.",
    ),
    "a territory that is a path": (
        'territory = "pays-de-retz"',
        '¶territory = "../pays-de-retz"',
        f"« territory » {SLUG}",
    ),
    "an empty version": ('version = "depart-1"', '¶version = ""', f"« version » {SLUG}"),
    "a weight of 0": (*weight("0"), NO_WEIGHT),
    "a weight below 0": (*weight("-2.5"), NO_WEIGHT),
    "a weight in quotes": (*weight('"2"'), BAD_WEIGHT),
    "a weight that is true": (*weight("true"), BAD_WEIGHT),
    "a weight that is no number": (*weight("nan"), BAD_WEIGHT),
    "an infinite weight": (*weight("inf"), BAD_WEIGHT),
    "a weight beyond reason": (*weight("1e400"), BAD_WEIGHT),
    "a weight just above a million": (*weight("1000000.000001"), BAD_WEIGHT),
    "a weight with seven decimals": (*weight("0.1234567"), BAD_WEIGHT),
    "a first level above 0": (
        '{ points = 0, sentence = "Un fauteuil',
        '¶{ points = 0.5, sentence = "Un fauteuil',
        "« entrer-circuler » : le premier niveau doit valoir 0 point, pas 0.5.",
    ),
    "a first level below 0": (
        '{ points = 0, sentence = "Un fauteuil',
        '¶{ points = -1, sentence = "Un fauteuil',
        "« entrer-circuler » : le premier niveau doit valoir 0 point, pas -1.",
    ),
    "two levels with the same points": (
        ENTER_LEVEL_1,
        '¶  { points = 0.0, sentence = "Un fauteuil',
        "« entrer-circuler » : ce niveau vaut 0.0 alors que le précédent vaut 0 : les points doivent monter.",
    ),
    "levels that go down": (
        '{ points = 3, sentence = "Un fauteuil',
        '¶{ points = 1.5, sentence = "Un fauteuil',
        "« entrer-circuler » : ce niveau vaut 1.5 alors que le précédent vaut 2 : les points doivent monter.",
    ),
    "one level": (ENTER_LEVELS, '¶levels = [{ points = 0, sentence = "Seul." }]', AT_LEAST_2),
    "no level": (ENTER_LEVELS, "¶levels = []", AT_LEAST_2),
    "levels that are no list": (ENTER_LEVELS, "¶levels = 4", f"« entrer-circuler » : « levels » {SHAPE}"),
    "a level that is no table": (
        ENTER_LEVELS,
        "levels = [\n  { points = 0, sentence = '''\nSeul.''' },\n¶  'un',\n]",
        f"« entrer-circuler » : « levels » {SHAPE}",
    ),
    "thresholds that cross": (
        "favorable = 65 ",
        "¶favorable = 44.5 ",
        "Le seuil favorable (44.5) est sous le seuil avec engagements (45) : échangez-les.",
    ),
    "a threshold above 100": (
        "favorable = 65 ",
        "¶favorable = 100.1",
        "« favorable » doit être entre 0 et 100.",
    ),
    "a threshold below 0": (
        "conditional = 45 ",
        "¶conditional = -1",
        "« conditional » doit être entre 0 et 100.",
    ),
    "a minimum above 100": (
        QUALITY,
        'name = "Qualité"\n¶minimum = 101\n',
        "« qualite » : « minimum » doit être entre 0 et 100.",
    ),
    "a minimum below 0": (
        QUALITY,
        'name = "Qualité"\n¶minimum = -0.1\n',
        "« qualite » : « minimum » doit être entre 0 et 100.",
    ),
    "an unknown family": (
        ENTER,
        ENTER.replace('category = "accessibilite"', '¶category = "acces"'),
        "« entrer-circuler » : la famille « acces » n’existe pas :"
        " choisissez parmi accessibilite, qualite, engagements.",
    ),
    "an eliminatory limit that no level is under": (
        "eliminatory_below = 1",
        "¶eliminatory_below = 0",
        "« accueil » : aucun niveau n’est sous 0, donc rien n’est éliminatoire :"
        " enlevez « eliminatory_below » ou montez-le.",
    ),
    "an eliminatory limit that every level is under": (
        "eliminatory_below = 1",
        "¶eliminatory_below = 3.5",
        "« accueil » : tous les niveaux sont sous 3.5, donc aucun commerce ne conviendrait :"
        " baissez « eliminatory_below ».",
    ),
    "a status of its own": (
        'status = "draft"',
        '¶status = "brouillon"',
        "« status » doit être draft (brouillon), published (publiée) ou withdrawn (retirée).",
    ),
    "a committee without a day": (
        'adopted_by = ""',
        '¶adopted_by = "Comité du 14 mars"',
        "Dites aussi quand la grille a été adoptée : ajoutez « adopted_on », par exemple 2026-03-14.",
    ),
    "a day without a committee": (
        "# adopted_on = 2026-03-14",
        "¶adopted_on = 2026-03-14",
        "Dites aussi qui a adopté la grille : remplissez « adopted_by ».",
    ),
    "a day in quotes": ("# adopted_on = 2026-03-14", '¶adopted_on = "2026-03-14"', NO_DATE),
    "a day with an hour": ("# adopted_on = 2026-03-14", "¶adopted_on = 2026-03-14 12:00:00", NO_DATE),
    "a question that is a number": (
        'question = "Est-ce ouvert',
        '¶question = 3 # "Est-ce ouvert',
        "« horaires » : « question » doit être un texte entre guillemets droits.",
    ),
    "a blank name": (
        'name = "Horaires"',
        '¶name = " "',
        "« horaires » : « name » est vide : écrivez un texte.",
    ),
    "an answer that is neither true nor false": (
        HOURS,
        HOURS.replace("may_not_apply = true", '¶may_not_apply = "oui"'),
        "« horaires » : « may_not_apply » doit être true (oui) ou false (non), sans guillemets.",
    ),
}


@pytest.mark.parametrize(("old", "new", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_the_check_names_the_line_and_says_what_is_wrong(old: str, new: str, sentence: str) -> None:
    marked = changed(old, new)
    text = marked.replace("¶", "")
    assert errors(text) == [(expected_line(marked, sentence), sentence)]
    with pytest.raises(GridError) as refused:
        parse(text)
    assert (refused.value.line, re.sub("[\u00a0\u202f]", " ", refused.value.sentence)) == errors(text)[0]


def expected_line(marked: str, sentence: str) -> int:
    if "¶" in marked:
        return marked[: marked.index("¶")].count("\n") + 1
    if "entrer-circuler" in sentence:  # something missing: the header of what should hold it
        return marked[: marked.index(ENTER)].count("\n") + 1
    return 1 if "status" in sentence else marked.count("\n")


@pytest.mark.parametrize("absurd", ["9" * 5000, "[" * 5000, "{a=" * 5000, "1e" + "9" * 5000, '"""' * 5000])
def test_a_file_that_would_tire_the_reader_is_refused_too(absurd: str) -> None:
    [(line, _)] = errors(changed(ENTER_WEIGHT, f'arrête un fauteuil."\nweight = {absurd}\n'))
    assert 1 <= line <= RETZ.count("\n")


def test_an_empty_file_is_told_all_it_needs() -> None:
    needed = ["territory", "version", "title", "notice", "status", "decision", "categories", "criteria"]
    assert errors("") == [(1, f"Il manque « {key} ».") for key in needed]


@pytest.mark.parametrize("table", ["categories", "criteria"])
def test_a_grid_without_families_or_criteria_is_refused(table: str) -> None:
    kept = "criteria" if table == "categories" else "categories"
    text = RETZ.replace(f"[[{table}]]", f"[[ignored.{table}]]").replace(
        "[decision]", f"{table} = []\n[decision]", 1
    )
    found = errors(text)
    assert f"« {table} » : il en faut au moins 1." in [sentence for _, sentence in found]
    assert not any(kept in sentence for _, sentence in found)


def test_a_family_written_as_a_number_does_not_hide_the_criteria() -> None:
    start, end = RETZ.index("[[categories]]"), RETZ.index("# Accessibilité")
    text = "categories = 3\n" + RETZ[:start] + RETZ[end:].replace("weight = 4", "weight = 0")
    assert errors(text) == [
        (1, f"« categories » {SHAPE}"),
        (line_of(text, "weight = 0"), "« prix-producteurs » : « weight » doit être plus grand que 0."),
    ]


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def test_criteria_that_are_no_tables_are_refused_one_by_one() -> None:
    text = 'criteria = [\n  "un",\n  2,\n]\n' + RETZ[: RETZ.index("# Accessibilité")]
    assert errors(text) == [(2, f"« criteria » {SHAPE}"), (3, f"« criteria » {SHAPE}")]


def test_several_problems_are_all_named_each_on_its_own_line() -> None:
    text = changed('title = "Pays', 'titre = "Pays')
    text = changed("favorable = 65 ", "favorable = 6 ", text)
    text = changed(ENTER, ENTER.replace("accessibilite", "acces"), text)
    text = changed(ENTER_WEIGHT, 'arrête un fauteuil."\nweight = 0\n', text)
    text = changed(ENTER_LEVEL_1, '  { points = 7, sentence = "Un fauteuil', text)
    text = changed('id = "gaspillage"', 'id = "travail"', text)
    text = changed("eliminatory_below = 1", "eliminatory_below = -1", text)
    assert errors(text) == [
        (1, "Il manque « title »."),
        (line_of(text, "titre ="), "« titre » n’est pas une clé connue : vouliez-vous écrire « title » ?"),
        (
            line_of(text, "favorable = 6 "),
            "Le seuil favorable (6) est sous le seuil avec engagements (45) : échangez-les.",
        ),
        (
            line_of(text, 'category = "acces"'),
            "« entrer-circuler » : la famille « acces » n’existe pas :"
            " choisissez parmi accessibilite, qualite, engagements.",
        ),
        (line_of(text, "weight = 0"), NO_WEIGHT),
        (
            line_of(text, "mais il faut demander"),
            "« entrer-circuler » : ce niveau vaut 2 alors que le précédent vaut 7 : les points doivent monter.",
        ),
        (
            line_of(text, "eliminatory_below = -1"),
            "« accueil » : aucun niveau n’est sous -1, donc rien n’est éliminatoire :"
            " enlevez « eliminatory_below » ou montez-le.",
        ),
        (
            line_of(text, 'id = "travail"\ncategory = "engagements"\nname = "Travail'),
            "L’identifiant « travail » sert déjà plus haut : choisissez-en un autre.",
        ),
    ]


def test_two_problems_on_one_level_are_both_named() -> None:
    text = changed(ENTER_LEVEL_1, '  { points = "un", sentence = 1, x = "')
    level = line_of(text, 'points = "un"')
    assert errors(text) == [
        (level, f"« entrer-circuler » : « points » {NUMBER}"),
        (level, "« entrer-circuler » : « sentence » doit être un texte entre guillemets droits."),
        (level, "« entrer-circuler » : « x » n’est pas une clé connue : enlevez-la."),
    ]


# Grids to think about


def test_a_grid_without_15_criteria_is_warned_about_and_can_be_used() -> None:
    start = RETZ.rindex("[[criteria]]")
    assert said(RETZ[:start]) == [
        (line_of(RETZ, ENTER), "warning", "Cette grille a 14 critères ; les comités en ont retenu 15.")
    ]
    assert len(parse(RETZ[:start]).criteria) == 14


@pytest.mark.parametrize("count", [2, 6])
def test_a_criterion_without_3_to_5_levels_is_warned_about_and_can_be_used(count: int) -> None:
    levels = "\n".join(f'  {{ points = {points}, sentence = "{points}" }},' for points in range(count))
    text = changed(ENTER_LEVELS, f"levels = [\n{levels}\n]")
    sentence = f"« entrer-circuler » : ce critère a {count} niveaux ; de 3 à 5, on s’y retrouve mieux."
    assert said(text) == [(line_of(text, levels) - 1, "warning", sentence)]
    assert len(parse(text).criteria[0].levels) == count


@pytest.mark.parametrize("count", [3, 4, 5])
def test_a_criterion_with_3_to_5_levels_is_fine(count: int) -> None:
    levels = "\n".join(f'  {{ points = {points}, sentence = "{points}" }},' for points in range(count))
    assert said(changed(ENTER_LEVELS, f"levels = [\n{levels}\n]")) == []


@pytest.mark.parametrize("written", ["may_not_apply = true", ""])
def test_a_family_that_could_be_wholly_inapplicable_is_warned_about(written: str) -> None:
    start = RETZ.index("# Qualité")
    text = RETZ[:start].replace("may_not_apply = false", written) + RETZ[start:]
    sentence = (
        "« accessibilite » : tous ses critères acceptent « ne s’applique pas » :"
        " la famille pourrait ne compter pour rien."
    )
    assert said(text) == [(line_of(text, 'id = "accessibilite"') - 1, "warning", sentence)]


def test_a_family_without_any_criterion_is_warned_about() -> None:
    text = changed("# Accessibilité\n", '[[categories]]\nid = "vide"\nname = "Vide"\n')
    assert said(text) == [
        (line_of(text, 'id = "vide"') - 1, "warning", "« vide » : cette famille n’a aucun critère.")
    ]


# Ways to write one


def test_lines_are_right_however_the_file_is_written() -> None:
    text = (
        "decision.favorable = 10 # [decision]\n"
        "decision . conditional = 20\n"
        'territory = "a"\nversion = "b"\n'
        'title = """\n[[criteria]]\nweight = 0\n"""\n'
        "'notice' = '''# \"\n[decision]'''\n"
        "status =\t'draft'\r\n"
        'categories = [ { "id" = "x", name = "#" }, # ]\n\n  { name = "[", id = \'x\' } ]\n'
        "[[criteria]]\n"
        'id = "\\"]"\n[[criteria.levels]]\npoints = 1\nsentence = "a"\n  [[criteria.levels]]\n  points = 1\n'
        '[[criteria]] # deux\n"weight" = -1.0e+1\nlevels = [\n[{a = 1}],\n]\n'
    )
    assert [line for line, _ in errors(text)] == sorted(line for line, _ in errors(text))
    assert {sentence: line for line, sentence in errors(text)} == {
        "Le seuil favorable (10) est sous le seuil avec engagements (20) : échangez-les.": 1,
        "L’identifiant « x » sert déjà plus haut : choisissez-en un autre.": 14,
        f'« "] » : « id » {SLUG}': 16,
        '« "] » : il manque « category ».': 15,
        '« "] » : il manque « name ».': 15,
        '« "] » : il manque « question ».': 15,
        '« "] » : il manque « help ».': 15,
        '« "] » : il manque « weight ».': 15,
        '« "] » : il manque « sentence ».': 20,
        "Il manque « id ».": 22,
        "Il manque « category ».": 22,
        "Il manque « name ».": 22,
        "Il manque « question ».": 22,
        "Il manque « help ».": 22,
        "« weight » doit être plus grand que 0.": 23,
        "« levels » : il en faut au moins 2.": 24,
        f"« levels » {SHAPE}": 25,
    }


@given(
    st.integers(0, len(RETZ)),
    st.integers(0, 40),
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(['"""', "'''", "[[", "]]", "[", "{", "}", "=", "\n", "#", "\\", "."]),
    ),
)
def test_no_slip_of_the_keyboard_makes_the_check_fail(at: int, cut: int, typed: str) -> None:
    text = RETZ[:at] + typed + RETZ[at + cut :]
    last = len(text.split("\n"))
    for line, severity, sentence in said(text):
        assert 1 <= line <= last
        assert severity in {"error", "warning"}
        assert sentence[-1] in ".?"
    if not errors(text):
        parse(text)


# Any valid grid


numbers = st.one_of(
    st.integers(1, 1_000_000).map(Decimal),
    st.decimals("0.000001", "1000000", places=6, allow_nan=False),
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: re.search(r"\S", text)
)
slugs = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6})?", fullmatch=True)
percentages = st.decimals(0, 100, places=2)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    categories = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
    names = draw(st.lists(slugs, min_size=15, max_size=15, unique=True))
    criteria = [
        draw(criterion(name, categories[index % len(categories)], index >= len(categories)))
        for index, name in enumerate(names)
    ]
    conditional, favorable = sorted([draw(percentages), draw(percentages)])
    adopted = draw(st.booleans())
    return Grid.model_validate(
        {
            "territory": draw(slugs),
            "version": draw(slugs),
            "title": draw(texts),
            "notice": draw(texts),
            "status": "draft",
            "adopted_by": draw(texts) if adopted else "",
            "adopted_on": draw(st.dates(min_value=date(1000, 1, 1))) if adopted else None,
            "decision": {"favorable": favorable, "conditional": conditional},
            "categories": [
                {"id": each, "name": draw(texts), "minimum": draw(st.none() | percentages)}
                for each in categories
            ],
            "criteria": criteria,
        }
    )


@st.composite
def criterion(draw: st.DrawFn, name: str, category: str, may_not_apply: bool) -> dict[str, Any]:
    points = [Decimal(0), *sorted(draw(st.lists(numbers, min_size=2, max_size=4, unique=True)))]
    return {
        "id": name,
        "category": category,
        "name": draw(texts),
        "question": draw(texts),
        "help": draw(texts),
        "weight": draw(numbers),
        "may_not_apply": may_not_apply and draw(st.booleans()),
        "eliminatory_below": draw(st.none() | st.sampled_from(points[1:])),
        "levels": [{"points": each, "sentence": draw(texts)} for each in points],
    }


def written(value: Any) -> str:
    """TOML, in the style of our files."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            return "{ " + ", ".join(f"{key} = {written(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[\n" + "".join(f"  {written(each)},\n" for each in value) + "]"
        case Decimal():
            return format(value, "f")
    return str(value)


def file_of(grid: Grid) -> str:
    content = grid.model_dump(exclude_none=True)
    tables = {key: content.pop(key) for key in ("decision", "categories", "criteria")}
    lines = [f"{key} = {written(each)}" for key, each in content.items()]
    for header, items in (
        ("[decision]", [tables["decision"]]),
        ("[[categories]]", tables["categories"]),
        ("[[criteria]]", tables["criteria"]),
    ):
        for item in items:
            lines += ["", header, *(f"{key} = {written(each)}" for key, each in item.items())]
    return "\n".join(lines) + "\n"


@given(grids())
@settings(max_examples=60)
def test_any_valid_grid_is_read_back_the_same_and_nothing_is_found_in_it(grid: Grid) -> None:
    text = file_of(grid)
    assert parse(text) == grid
    assert said(text) == []
    assert content_hash(parse(text)) == content_hash(grid)
    jsonschema.validate(jsonable(to_json(grid)), json.loads(json_schema()))


def jsonable(content: dict[str, Any]) -> dict[str, Any]:
    """The file's keys with numbers, from what phones receive."""
    kept = {key: value for key, value in content.items() if key != "id"}

    def number(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {each: number(item, each) for each, item in value.items()}
        if isinstance(value, list):
            return [number(item, key) for item in value]
        exact = {"weight", "points", "minimum", "eliminatory_below", "favorable", "conditional"}
        return float(value) if key in exact and value is not None else value

    converted = number(kept)
    return {key: value for key, value in converted.items() if value is not None}


@given(grids())
@settings(max_examples=30)
def test_any_valid_grid_can_be_scored_from_its_model_and_from_what_phones_receive(grid: Grid) -> None:
    received = to_json(grid)
    form = {
        **received,
        "criteria": [
            {**each, "points": [level["points"] for level in each["levels"]]} for each in received["criteria"]
        ],
    }
    best = {"duo": {each.id: [each.levels[-1].points] for each in grid.criteria}}
    for rules in (grid.rules(), scoring.rules_from(form)):
        score = scoring.score(rules, best)
        assert score.total == (Fraction(100), Fraction(100))
        assert score.outcome == ("favorable", "favorable")


def test_a_grid_can_be_built_neither_with_a_broken_rule_nor_with_loose_values() -> None:
    content = parse(RETZ).model_dump()
    for change in (
        {"decision": {"favorable": 1, "conditional": 2}},
        {"criteria": content["criteria"][:1] * 2},
        {"status": "autre"},
        {"categories": [{"id": "qualite", "name": "Qualité", "minimum": "40"}]},
    ):
        with pytest.raises(ValidationError):
            Grid.model_validate({**content, **change})
    with pytest.raises(ValidationError):
        parse(RETZ).title = "Autre"  # type: ignore[misc]


def test_numbers_are_exact_and_phones_receive_them_as_whole_numbers_or_decimal_text() -> None:
    grid = parse(changed(*(part.replace("¶", "") for part in weight("0.10"))))
    assert grid.criteria[0].weight == Decimal("0.1")
    received = to_json(grid)
    assert (received["criteria"][0]["weight"], received["criteria"][1]["weight"]) == ("0.1", 1)
    assert received["criteria"][0]["levels"][2]["points"] == 2
    assert (received["id"], received["adopted_on"]) == ("pays-de-retz/depart-1", None)
    assert json.loads(json.dumps(received)) == received


# Publishing


def frozen(text: str) -> dict[str, str]:
    grid = parse(text)
    return {grid.id: content_hash(grid)}


PUBLISHED = as_published(RETZ)
CHANGED = (
    "« pays-de-retz/depart-1 » a changé depuis sa publication :"
    " remettez son texte d’avant, ou faites une nouvelle version."
)


def test_publishing_changes_the_status_line_alone() -> None:
    assert RETZ.count('status = "draft"') == 1
    assert RETZ.replace('status = "draft"', 'status = "published"') == PUBLISHED
    assert said(PUBLISHED, frozen(RETZ)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("arrive au comptoir sans aide", "arrive au comptoir sans  aide"),
        ("weight = 4", "weight = 4.000001"),
        ("eliminatory_below = 1\n", ""),
        (HOURS, HOURS.replace("true", "false")),
        ("favorable = 65 ", "favorable = 66 "),
        (QUALITY, 'name = "Qualité"\n'),
        ('à adopter par le comité"', 'adoptée"'),
        ('id = "gaspillage"', 'id = "invendus"'),
    ],
)
def test_one_changed_word_of_a_published_version_is_found(old: str, new: str) -> None:
    text = changed(old, new, PUBLISHED)
    assert said(text, frozen(RETZ)) == [(line_of(text, "version ="), "error", CHANGED)]


def test_the_order_in_which_criteria_are_asked_is_frozen_too() -> None:
    first, second = (PUBLISHED.index("[[criteria]]", start) for start in (0, PUBLISHED.index(ENTER) + 1))
    third = PUBLISHED.index("[[criteria]]", second + 1)
    text = PUBLISHED[:first] + PUBLISHED[second:third] + PUBLISHED[first:second] + PUBLISHED[third:]
    assert [sentence for _, _, sentence in said(text, frozen(RETZ))] == [CHANGED]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('status = "published"', 'status = "withdrawn"'),
        (
            'adopted_by = ""  # le comité qui adopte cette grille\n# adopted_on',
            'adopted_by = "Comité"\nadopted_on',
        ),
        ("# Qualité", "# Autre remarque"),
        ("weight = 4", "weight = 4.0 "),
        (HOURS.replace("weight = 2\n", "").partition("\n")[2], ""),
    ],
)
def test_what_no_visit_rests_on_may_change_after_publishing(old: str, new: str) -> None:
    text = PUBLISHED.replace(old, new, 1)
    assert text != PUBLISHED
    assert said(text, frozen(RETZ)) == []


def test_windows_line_ends_do_not_change_a_published_version() -> None:
    assert said(PUBLISHED.replace("\n", "\r\n"), frozen(RETZ)) == []


def test_a_grid_that_says_published_without_being_so_is_found() -> None:
    for status in ("published", "withdrawn"):
        text = changed('status = "draft"', f'status = "{status}"')
        sentence = (
            "« pays-de-retz/depart-1 » n’a pas encore été publiée :"
            " lancez « python -m backend grid publish FICHIER »."
        )
        assert said(text) == [(line_of(text, "status ="), "error", sentence)]


def test_a_published_version_cannot_become_a_draft_again() -> None:
    sentence = (
        "« pays-de-retz/depart-1 » est déjà publiée et ne redevient pas un brouillon :"
        " écrivez published ou withdrawn."
    )
    assert said(RETZ, frozen(RETZ)) == [(line_of(RETZ, "status ="), "error", sentence)]


def test_a_misplaced_file_is_said_to_be_so_beside_its_other_problems() -> None:
    text = changed("weight = 4", "weight = 0", changed('territory = "pays-de-retz"', "territory = 4"))
    assert [line for line, _, _ in said(text, place=("autre", "copie"))] == [
        line_of(text, "territory ="),
        line_of(text, "version ="),
        line_of(text, "weight = 0"),
    ]


def test_a_file_in_another_place_than_it_says_is_found() -> None:
    assert said(RETZ, place=("pays-de-retz", "depart-1")) == []
    assert said(RETZ, place=("criteria", "copie")) == [
        (
            line_of(RETZ, "territory ="),
            "error",
            "Le dossier s’appelle « criteria » et non « pays-de-retz » : donnez-leur le même nom.",
        ),
        (
            line_of(RETZ, "version ="),
            "error",
            "Le fichier s’appelle « copie.toml » et non « depart-1.toml » : donnez-leur le même nom.",
        ),
    ]


# The two starting grids

# the brief, section 3: family, weight, and whether 0 points eliminate
BRIEF = {
    "entrer-circuler": ("accessibilite", 3, None),
    "venir-sans-voiture": ("accessibilite", 2, None),
    "horaires": ("accessibilite", 1, None),
    "petits-prix": ("accessibilite", 3, None),
    "accueil": ("accessibilite", 2, 1),
    "origine-locale": ("qualite", 3, None),
    "de-saison": ("qualite", 2, None),
    "bio-labels": ("qualite", 2, None),
    "peu-transforme": ("qualite", 2, None),
    "variete-fraicheur": ("qualite", 1, None),
    "prix-producteurs": ("engagements", 3, None),
    "emballages": ("engagements", 2, None),
    "gaspillage": ("engagements", 1, None),
    "travail": ("engagements", 2, None),
    "participation": ("engagements", 2, None),
}
STARTING = pytest.mark.parametrize("text", [NANTES, RETZ], ids=["nantes-ouest", "pays-de-retz"])


def test_nantes_ouest_has_the_criteria_and_weights_of_the_brief() -> None:
    grid = parse(NANTES)
    assert {each.id: (each.category, each.weight, each.eliminatory_below) for each in grid.criteria} == BRIEF
    assert (grid.status, grid.adopted_by, grid.adopted_on) == ("published", "", None)


def test_pays_de_retz_asks_the_same_criteria_with_its_own_weights_and_words() -> None:
    grid = parse(RETZ)
    assert {each.id: (each.category, each.eliminatory_below) for each in grid.criteria} == {
        name: (category, limit) for name, (category, _, limit) in BRIEF.items()
    }
    assert [each.weight for each in grid.criteria] != [each.weight for each in parse(NANTES).criteria]
    assert "vente directe à la ferme" in " ".join(each.question for each in grid.criteria)
    assert (grid.status, grid.adopted_by, grid.adopted_on) == ("draft", "", None)


@STARTING
def test_a_starting_grid_says_that_it_is_one(text: str) -> None:
    grid = parse(text)
    assert "grille de départ, à adopter par le comité" in grid.title
    assert "Grille de départ, à adopter par le comité" in grid.notice


@STARTING
def test_a_starting_grid_has_the_thresholds_of_the_brief(text: str) -> None:
    grid = parse(text)
    assert (grid.decision.favorable, grid.decision.conditional) == (65, 45)
    assert [(each.id, each.minimum) for each in grid.categories] == [
        ("accessibilite", 40),
        ("qualite", 40),
        ("engagements", 40),
    ]


def readable(text: str) -> list[str]:
    """Everything a person reads in the visit."""
    grid = parse(text)
    sentences = [level.sentence for each in grid.criteria for level in each.levels]
    return sentences + [part for each in grid.criteria for part in (each.name, each.question, each.help)]


@STARTING
def test_each_criterion_asks_one_short_question_and_says_how_to_answer_the_verb_first(text: str) -> None:
    for each in parse(text).criteria:
        assert len(each.name) <= 40, each.name
        assert each.question.endswith("\u202f?"), each.question
        assert len(each.question) <= 100, each.question
        assert re.match(r"\w+ez ", each.help), each.help
        assert len(each.help) <= 130, each.help


@STARTING
def test_each_criterion_has_four_short_different_sentences_from_0_to_3_points(text: str) -> None:
    for each in parse(text).criteria:
        assert [level.points for level in each.levels] == [0, 1, 2, 3], each.id
        assert len({level.sentence for level in each.levels}) == 4, each.id
        for level in each.levels:
            assert len(level.sentence) <= 120, level.sentence
            assert level.sentence.endswith("."), level.sentence


# words that say what to think instead of what one sees, or that not everyone knows
JUDGEMENT = (
    r"\b(bons?|bonnes?|bien|mal|mauvais\w*|mieux|meilleur\w*|excellent\w*|suffisant\w*|insuffisant\w*|faibles?|fort\w*"
    r"|correct\w*|satisfaisant\w*|agréables?|chaleureu\w*|exemplaires?|responsables?|éthiques?|durables?|vertueu\w*"
    r"|beaucoup|peu de|très|assez|plutôt|souvent|parfois|importants?)\b"
)
JARGON = r"\b(PMR|ERP|circuits? courts?|zéro déchet|RSE|ESUS|inclusi\w*|gouvernance|ultra-transformé\w*|week-end|mix)\b"


@STARTING
def test_levels_say_what_one_sees_without_judging_and_without_jargon(text: str) -> None:
    for sentence in readable(text):
        assert not re.search(JARGON, sentence, re.IGNORECASE), sentence
    for each in parse(text).criteria:
        for level in each.levels:
            assert not re.search(JUDGEMENT, level.sentence, re.IGNORECASE), level.sentence


@STARTING
def test_what_is_read_follows_french_typography(text: str) -> None:
    for sentence in [*readable(text), parse(text).title, parse(text).notice]:
        assert not re.search(r"'|\.\.\.|  ", sentence), sentence
        assert not re.search(r"[^\u202f][?!;]|[^\u00a0][:»]|«[^\u00a0]", sentence), sentence
        assert not re.search(r"\d [a-z€]", sentence), sentence
        assert not re.search(r"\w[·.]\w", sentence), sentence  # habitant·e·s reads badly aloud


# The schema


def test_the_schema_on_disk_is_the_one_of_the_models() -> None:
    """When it is not: python -m backend grid schema > criteria/grid.schema.json"""
    assert (CRITERIA / "grid.schema.json").read_text(encoding="utf-8") == json_schema()


@STARTING
def test_the_starting_grids_follow_the_schema_and_name_it_for_editors(text: str) -> None:
    assert text.startswith("#:schema ../grid.schema.json\n")
    jsonschema.validate(jsonable(to_json(parse(text))), json.loads(json_schema()))


@pytest.mark.parametrize(
    "change",
    [{"weight": 0}, {"couleur": 1}, {"levels": []}, {"id": "É"}, {"name": " "}, {"eliminatory_below": "1"}],
)
def test_the_schema_refuses_what_the_models_refuse(change: dict[str, Any]) -> None:
    content = jsonable(to_json(parse(RETZ)))
    content["criteria"][0] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, json.loads(json_schema()))
