"""Opening hours as people say them: nothing of the notation is shown to those who do not know it."""

import pytest

from backend.domain import hours
from backend.domain.errors import Refusal
from backend.domain.hours_in_words import in_full, in_words

SAID = {
    "week01-53/2 Sa 08:00-13:00": "samedi, une semaine sur deux (semaines impaires) : 8:00–13:00",
    "week02-52/2 Sa 08:00-13:00": "samedi, une semaine sur deux (semaines paires) : 8:00–13:00",
    "week10-20,30 Mo 08:00-09:00": "lundi, semaines 10 à 20, semaine 30 : 8:00–9:00",
    "Apr-Sep Sa 08:00-13:00": "samedi, d’avril à septembre : 8:00–13:00",
    "Mar-Oct Sa 08:00-13:00": "samedi, de mars à octobre : 8:00–13:00",
    "Apr 1-Sep 30 08:00-13:00": "du 1er avril au 30 septembre : 8:00–13:00",
    "2027 Apr 3-2027 Sep 25 Sa 08:00-13:00": "samedi, du 3 avril 2027 au 25 septembre 2027 : 8:00–13:00",
    "Jan closed": "en janvier : fermé",
    "Dec 25 closed": "le 25 décembre : fermé",
    "2026 Dec 24 09:00-12:00": "le 24 décembre 2026 : 9:00–12:00",
    "Mo-Fr 18:00+": "lundi à vendredi : à partir de 18:00",
    "Mo-Fr 18:00-22:00+": "lundi à vendredi : 18:00–22:00 ou plus tard",
    "Fr 18:00-26:00": "vendredi : 18:00–2:00",
    "Sa[1,3] 08:00-13:00": "premier et troisième samedi du mois : 8:00–13:00",
    "Sa[-1],Su[1] 09:00-12:00": "dernier samedi du mois, premier dimanche du mois : 9:00–12:00",
    "SH,Mo 08:00-12:00": "vacances scolaires, lundi : 8:00–12:00",
    "Mo 09:00-12:00 unknown": "lundi : 9:00–12:00, à confirmer",
    'Mo 09:00-12:00 "sur rendez-vous"': "lundi : 9:00–12:00 (sur rendez-vous)",
    "Mo-Fr 08:00-12:00 || Sa 08:00-10:00": "lundi à vendredi : 8:00–12:00 | samedi : 8:00–10:00",
    "24/7; Su closed": "jour et nuit | dimanche : fermé",
    "Mo 09:00-12:00; Sa sunrise-sunset; Su 10:00-sunset": "lundi : 9:00–12:00 | autres horaires à demander",
    "Mo sunrise-sunset": "horaires à demander",
    "2026 Feb 31 closed": "horaires à demander",
    "week01-53/4 Sa 08:00-13:00": "horaires à demander",
    "Apr-Sep 15 Sa 08:00-10:00": "horaires à demander",
    "2027 Sa 08:00-10:00": "horaires à demander",
    'Mo-Fr 08:00-12:00 "a; b"': "horaires à demander",
}


@pytest.mark.parametrize(("notation", "said"), SAID.items())
def test_hours_are_said_in_french(notation: str, said: str) -> None:
    assert " | ".join(in_words(notation, str)) == said


@pytest.mark.parametrize("said", [line for said in SAID.values() for line in said.split(" | ")])
def test_what_is_said_is_never_read_as_other_hours(said: str) -> None:
    try:
        read = hours.read(said)
    except Refusal:
        return
    assert in_words(read, str) == [said]


def test_who_knows_the_notation_keeps_what_cannot_be_said() -> None:
    assert in_full("Mo 09:00-12:00; Sa sunrise-sunset", str) == ["lundi : 9:00–12:00", "Sa sunrise-sunset"]
