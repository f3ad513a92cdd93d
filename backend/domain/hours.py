"""Opening hours: kept in OpenStreetMap's notation, and read from plain French (`hours_in_words` says them in it)."""

import re
from collections.abc import Callable
from datetime import date

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub forgets it

from backend.domain.errors import N_, Refusal

_DAYS = {
    "Mo": "lundi|lun|lu",
    "Tu": "mardi|mar|ma",
    "We": "mercredi|mer|me",
    "Th": "jeudi|jeu|je",
    "Fr": "vendredi|ven|ve",
    "Sa": "samedi|sam|sa",
    "Su": "dimanche|dim|di",
}
DAY = f"(?:{'|'.join(_DAYS)})"
_DAY_LIST = rf"{DAY}(?:[-,]{DAY})*"
_TIMES = r"\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*"

RANKS = {
    "1": N_("premier"),
    "2": N_("deuxième"),
    "3": N_("troisième"),
    "4": N_("quatrième"),
    "5": N_("cinquième"),
    "-1": N_("dernier"),
}
_RANK = f"(?:{'|'.join(RANKS.values())})"


def _ranked(hit: re.Match[str]) -> str:
    words = {word: rank for rank, word in RANKS.items()}
    ranks = ",".join(words[word] for word in re.findall(_RANK, hit[1].lower()))
    return f"{hit[2]}[{ranks}]"


# In this order, each replaces what French writes by what the notation writes.
_FROM_FRENCH: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    *((rf"\b(?:{words})s?\b\.?", day) for day, words in _DAYS.items()),
    (rf"\b({_RANK}(?:\s*(?:,|et)\s*{_RANK})*)\s+({DAY})\s+du\s+mois\s*:?", _ranked),
    (r"\bjour et nuit\b", "24/7"),
    (r"\b(?:tous les jours|tlj|7\s?j?\s?/\s?7)\b", "Mo-Su"),
    (r"\bjours? f[ée]ri[ée]s?\b", "PH"),
    (r"\bferm[ée]e?s?\b", "off"),
    (r"\s*\b(?:du|de|des|le|les|ouvert)\b\s*", " "),
    (r"\bmidi\b", "12h"),
    (r"\b(\d{1,2})\s?[h:](?:\s?(\d{2}))?(?!\d)", lambda hit: f"{int(hit[1]):02}:{hit[2] or '00'}"),
    (r"\s*(?:\b(?:au|à)\b|[-–—])\s*", "-"),
    (r"\s*(?:\b(?:et|puis)\b|[&,]|(?<=:\d\d)\s*/)\s*", ","),
    (rf"({DAY}|PH)\s*(?::|,(?=\s*\d))\s*", r"\1 "),
    (rf"\bsauf\s+({_DAY_LIST})\s+({_TIMES})", r"\2; \1 off"),
    (rf"[\s,]*\bsauf\s+({_DAY_LIST})", r"; \1 off"),
    (rf"\boff\s+({_DAY_LIST}|PH)(?!\S*\s*\d)", r"\1 off"),
    (rf"(?<=[\df])\s*[,;.\n]?\s*(?={DAY}|PH)", "; "),
)
_AMBIGUOUS = re.compile(r"\bmar\b", re.I)  # mardi, and March in the notation
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = rf"\d{{4}} (?:{'|'.join(MONTHS)}) \d{{1,2}}"
_DATES = rf"({_DATE})(?:-({_DATE}))?"
_COMPLETE = re.compile(rf"24/7|.*\d:\d\d.*|(?:{_DAY_LIST}|PH)(?:,PH)? closed|{_DATES} closed")


def read(text: str) -> str:
    """OpenStreetMap's `opening_hours` from the same or from plain French; raises hours_wrong.

    >>> read("du lundi au vendredi 9h-12h30 et 14h-19h, samedi 9h à 13h")
    'Mo-Fr 09:00-12:30,14:00-19:00; Sa 09:00-13:00'
    """
    readings = (text, _from_french(text))
    for reading in reversed(readings) if _AMBIGUOUS.search(text) else readings:
        try:
            parsed = str(OpeningHours(reading))
        except ParserError:
            continue
        parsed = _together(parsed)
        # a day without its hours would mean day and night: more likely half of a sentence was lost
        if all(_COMPLETE.fullmatch(rule) for rule in re.split("[;,] ", parsed)):
            return parsed
    raise Refusal("hours_wrong")


def _together(notation: str) -> str:
    """Two rules in a row for the same days as one: the notation lets the second take the place of the first, and nobody
    who writes « lundi 9h-12h, lundi 14h-18h » means that.

    >>> _together("Mo 09:00-12:00; Mo 14:00-18:00; Tu 09:00-12:00")
    'Mo 09:00-12:00,14:00-18:00; Tu 09:00-12:00'
    """
    first, *others = re.split("([;,] )", notation)
    rules = [first]
    for sign, rule in zip(others[::2], others[1::2], strict=True):
        before, plain = DAY_RULE.fullmatch(rules[-1]), DAY_RULE.fullmatch(rule)
        if before and plain and before[1] == plain[1] and CLOSED not in (before[2], plain[2]):
            rules[-1] += f",{plain[2]}"
        else:
            rules += [sign, rule]
    return "".join(rules)


def _from_french(text: str) -> str:
    for pattern, replacement in _FROM_FRENCH:
        text = re.sub(pattern, replacement, text, flags=re.I)
    return text.strip(" ;,.")


CLOSED = "closed"
_WHEN = r"((?:\d\d:\d\d-\d\d:\d\d,?)+|closed)"
DAY_RULE = re.compile(rf"(?:({_DAY_LIST}(?:,PH)?|PH) )?{_WHEN}")
"""A rule for days of the week: the days (none: all of them), then the times or "closed"."""
_DATED_RULE = re.compile(rf"{_DATES} {_WHEN}")


def split_rules(notation: str) -> list[str]:
    """The rules of a notation, one after the other."""
    return [rule for rule in re.split("[;,] ", notation) if rule]


def day_of(rule: str) -> tuple[date, date, str] | None:
    """The first and last day of a dated rule, and its times or "closed"; None for any other rule."""
    dated = _DATED_RULE.fullmatch(rule)
    if dated is None:
        return None
    try:
        return _date(dated[1]), _date(dated[2] or dated[1]), dated[3]
    except ValueError:  # the 31st of February
        return None


def _date(text: str) -> date:
    year, month, day = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(day))
