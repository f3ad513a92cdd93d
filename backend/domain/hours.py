"""Opening hours: kept in OpenStreetMap's notation, written and read in plain French."""

import re
from collections.abc import Callable

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
_DAY = f"(?:{'|'.join(_DAYS)})"
_DAY_LIST = rf"{_DAY}(?:[-,]{_DAY})*"
_TIMES = r"\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*"

# In this order, each replaces what French writes by what the notation writes.
_FROM_FRENCH: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    *((rf"\b(?:{words})s?\b\.?", day) for day, words in _DAYS.items()),
    (r"\bjour et nuit\b", "24/7"),
    (r"\b(?:tous les jours|tlj|7\s?j?\s?/\s?7)\b", "Mo-Su"),
    (r"\bjours? f[ée]ri[ée]s?\b", "PH"),
    (r"\bferm[ée]e?s?\b", "off"),
    (r"\s*\b(?:du|de|des|le|les|ouvert)\b\s*", " "),
    (r"\bmidi\b", "12h"),
    (r"\b(\d{1,2})\s?[h:](?:\s?(\d{2}))?(?!\d)", lambda hit: f"{int(hit[1]):02}:{hit[2] or '00'}"),
    (r"\s*(?:\b(?:au|à)\b|[-–—])\s*", "-"),
    (r"\s*(?:\b(?:et|puis)\b|[&,]|(?<=:\d\d)\s*/)\s*", ","),
    (rf"({_DAY}|PH)\s*(?::|,(?=\s*\d))\s*", r"\1 "),
    (rf"\bsauf\s+({_DAY_LIST})\s+({_TIMES})", r"\2; \1 off"),
    (rf"[\s,]*\bsauf\s+({_DAY_LIST})", r"; \1 off"),
    (rf"\boff\s+({_DAY_LIST}|PH)(?!\S*\s*\d)", r"\1 off"),
    (rf"(?<=[\df])\s*[,;.\n]?\s*(?={_DAY}|PH)", "; "),
)
_AMBIGUOUS = re.compile(r"\bmar\b", re.I)  # mardi, and March in the notation
_COMPLETE = re.compile(rf"24/7|.*\d:\d\d.*|(?:{_DAY_LIST}|PH)(?:,PH)? closed")


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
        # a day without its hours would mean day and night: more likely half of a sentence was lost
        if all(_COMPLETE.fullmatch(rule) for rule in re.split("[;,] ", parsed)):
            return parsed
    raise Refusal("hours_wrong")


def _from_french(text: str) -> str:
    for pattern, replacement in _FROM_FRENCH:
        text = re.sub(pattern, replacement, text, flags=re.I)
    return text.strip(" ;,.")


_NAMES = {
    "Mo": N_("lundi"),
    "Tu": N_("mardi"),
    "We": N_("mercredi"),
    "Th": N_("jeudi"),
    "Fr": N_("vendredi"),
    "Sa": N_("samedi"),
    "Su": N_("dimanche"),
    "PH": N_("jours fériés"),
}
_RULE = re.compile(rf"(?:({_DAY_LIST}(?:,PH)?|PH) )?((?:\d\d:\d\d-\d\d:\d\d,?)+|closed)")


def in_words(notation: str, _: Callable[[str], str]) -> list[str]:
    """The same in words, a line per rule; `_` translates. What is rarer than days and times stays as it is.

    >>> in_words("Mo-Fr 09:00-12:30,14:00-19:00; Su closed", str)
    ['lundi à vendredi : 9:00–12:30, 14:00–19:00', 'dimanche : fermé']
    """
    if notation == "24/7":
        return [_("jour et nuit")]
    return [_rule_in_words(rule, _) for rule in re.split("[;,] ", notation) if rule]


def _rule_in_words(rule: str, _: Callable[[str], str]) -> str:
    known = _RULE.fullmatch(rule)
    if known is None:
        return rule
    days, times = known[1] or "Mo-Su", known[2]
    said_days = re.sub("[A-Z][a-zH]", lambda day: _(_NAMES[day[0]]), days)
    said_days = said_days.replace("-", _(" à ")).replace(",", ", ")
    if days == "Mo-Su":
        said_days = _("tous les jours")
    if times == "closed":
        return _("{days} : fermé").format(days=said_days)
    said_times = re.sub(r"\b0(\d:)", r"\1", times).replace("-", "–").replace(",", ", ")
    return _("{days} : {times}").format(days=said_days, times=said_times)
