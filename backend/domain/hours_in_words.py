"""Opening hours as people say them, from OpenStreetMap's notation."""

import re
from collections.abc import Callable
from datetime import date

from babel.dates import format_date

from backend.domain.errors import N_
from backend.domain.hours import DAY, MONTHS, RANKS, split_rules

Translate = Callable[[str], str]

_NAMES = {
    "Mo": N_("lundi"),
    "Tu": N_("mardi"),
    "We": N_("mercredi"),
    "Th": N_("jeudi"),
    "Fr": N_("vendredi"),
    "Sa": N_("samedi"),
    "Su": N_("dimanche"),
    "PH": N_("jours fériés"),
    "SH": N_("vacances scolaires"),
}
_SOME_DAYS = re.compile(rf"({DAY})(?:-({DAY})|\[((?:-1|[1-5])(?:,(?:-1|[1-5]))*)\])?|PH|SH")
_MONTH_DAY = rf"(?:(\d{{4}}) )?({'|'.join(MONTHS)})(?: (\d{{1,2}}))?"
_SEASON = re.compile(rf"{_MONTH_DAY}(?:-{_MONTH_DAY})?")
_WEEKS = re.compile(r"0?(\d+)(?:-(\d+)(?:/(2))?)?")
_RANGE = re.compile(r"(\d\d:\d\d)(?:-(\d\d:\d\d))?(\+)?")


def _plain(pattern: re.Pattern[str]) -> str:
    """Several of them, without groups of their own."""
    one = re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern.pattern)
    return f"(?:{one})(?:,(?:{one}))*"


_RULE = re.compile(
    rf"(?:(?P<season>{_plain(_SEASON)}) )?"
    rf"(?:week ?(?P<weeks>{_plain(_WEEKS)}) )?"
    rf"(?:(?P<days>{_plain(_SOME_DAYS)}) )?"
    rf"(?P<times>closed|{_plain(_RANGE)})(?P<unsure> unknown)?"
    r"(?: \"(?P<remark>[^\"]*)\")?"
)


def in_words(notation: str, _: Translate) -> list[str]:
    """The hours in words, a line per rule; `_` translates. What is too rare to be said is to be asked for.

    >>> in_words("Mo-Fr 09:00-12:30,14:00-19:00; Su closed", str)
    ['lundi à vendredi : 9:00–12:30, 14:00–19:00', 'dimanche : fermé']
    >>> in_words("Apr-Sep Sa 08:00-13:00; Mo sunrise-sunset", str)
    ['samedi, d’avril à septembre : 8:00–13:00', 'autres horaires à demander']
    """
    said, rare = _apart(notation, _)
    return said + [_("autres horaires à demander") if said else _("horaires à demander")] * bool(rare)


def in_full(notation: str, _: Translate) -> list[str]:
    """The same for who knows the notation: what is too rare to be said stays as it is."""
    said, rare = _apart(notation, _)
    return said + rare


def _apart(notation: str, _: Translate) -> tuple[list[str], list[str]]:
    """The rules in words, and those that are not to be said."""
    parts = (part for rule in split_rules(notation) for part in rule.split(" || "))
    rules = [(rule, _rule_in_words(rule, _)) for rule in parts]
    return [words for _rule, words in rules if words], [rule for rule, words in rules if not words]


def _rule_in_words(rule: str, _: Translate) -> str:
    """Empty: it cannot be said."""
    if rule == "24/7":
        return _("jour et nuit")
    found = _RULE.fullmatch(rule)
    if found is None:
        return ""
    days, weeks, season = found["days"] or "", found["weeks"] or "", found["season"] or ""
    parts = (_days(days, _), _every(_WEEKS, weeks, _week, _), _every(_SEASON, season, _when, _))
    if None in parts:
        return ""
    said = ", ".join(filter(None, parts)) or _("tous les jours")
    if found["times"] == "closed":
        words = _("{days} : fermé").format(days=said)
    else:
        times = ", ".join(_range(one, _) for one in _RANGE.finditer(found["times"]))
        words = _("{days} : {times}").format(days=said, times=times)
    if found["unsure"]:
        words = _("{hours}, à confirmer").format(hours=words)
    return f"{words} ({found['remark']})" if found["remark"] else words


Say = Callable[["re.Match[str]", Translate], str | None]


def _every(pattern: re.Pattern[str], text: str, say: Say, _: Translate) -> str | None:
    """Each of them; None when one cannot be said."""
    said = [say(one, _) for one in pattern.finditer(text)]
    return None if None in said else ", ".join(filter(None, said))


def _days(text: str, _: Translate) -> str | None:
    return _("tous les jours") if text == "Mo-Su" else _every(_SOME_DAYS, text, _day, _)


def _day(one: re.Match[str], _: Translate) -> str:
    if one[3]:
        ranks = _(" et ").join(_(RANKS[rank]) for rank in one[3].split(","))
        return _("{ranks} {day} du mois").format(ranks=ranks, day=_(_NAMES[one[1]]))
    return _(" à ").join(_(_NAMES[day]) for day in (one[1] or one[0], one[2]) if day)


def _week(one: re.Match[str], _: Translate) -> str | None:
    first, last, every_other = one.groups()
    if every_other and (int(first) > 2 or int(last) < 52):
        return None
    if every_other:
        return (
            _("une semaine sur deux (semaines impaires)")
            if first == "1"
            else _("une semaine sur deux (semaines paires)")
        )
    if last:
        return _("semaines {first} à {last}").format(first=first, last=int(last))
    return _("semaine {first}").format(first=first)


def _when(one: re.Match[str], _: Translate) -> str | None:
    """« d’avril à septembre », « du 3 avril au 25 septembre »."""
    first, last = one.groups()[:3], one.groups()[3:]
    if (first[2] is None and (first[0] or last[0] or last[2])) or (last[1] and first[2] and not last[2]):
        return None
    try:
        start, end = _in_french(*first), _in_french(*last) if last[1] else ""
    except ValueError:  # the 31st of February
        return None
    if not end or start == end:
        return (_("le {day}") if first[2] else _("en {month}")).format(day=start, month=start)
    if first[2]:
        return _("du {first} au {last}").format(first=start, last=end)
    words = _("d’{first} à {last}") if start[0] in "ao" else _("de {first} à {last}")
    return words.format(first=start, last=end)


def _in_french(year: str | None, month: str, day: str | None) -> str:
    on = date(int(year or 2000), MONTHS.index(month) + 1, int(day or 1))
    said = format_date(on, f"{'d ' if day else ''}MMMM{' y' if year else ''}", locale="fr")
    return re.sub("^1 ", "1er ", said)


def _range(one: re.Match[str], _: Translate) -> str:
    first, last = _hour(one[1]), _hour(one[2] or "")
    if not last:
        return _("à partir de {hour}").format(hour=first)
    return _("{hours} ou plus tard").format(hours=f"{first}–{last}") if one[3] else f"{first}–{last}"


def _hour(text: str) -> str:
    """« 9:00 »; of 26:00 what a clock shows then."""
    if text > "24:00":
        text = f"{int(text[:2]) - 24:02}{text[2:]}"
    return re.sub(r"^0(\d:)", r"\1", text)
