"""A coordinator's file of merchants: what is read of it, and what importing it does, line by line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import details, directory, hours
from backend.domain.directory import File, Line, decode
from backend.domain.errors import Refusal
from backend.domain.hours_in_words import in_words
from backend.domain.imports import Fate, Known, KnownPlace, Step, plan
from tests.counting import calls

NANTES = (47.2105, -1.5983)
SIRET, OTHER_SIRET = "73282932000074", "35600000000048"


def read(text: str) -> File:
    return directory.read(text, NANTES)


def only(text: str) -> Line:
    """The one line of a file whose titles are `nom` and those of `text`'s first line."""
    (line,) = read(text).lines
    return line


def refused(code: str, text: str | bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(text if isinstance(text, str) else decode(text))
    assert caught.value.problem.code == code
    return caught.value


def place(*, id: str = "p1", by_hand: bool = False, at: tuple[float, float] | None = None, **values: str):
    return KnownPlace(id, values, at, by_hand)


def known(
    name: str, *places: KnownPlace, id: str = "m1", hand: frozenset[str] = frozenset(), **values: str
) -> Known:
    return Known(id, {"name": name, **values}, hand, places)


FOURNIL = known("Le Fournil de Zola", place(postcode="44100", city="Nantes", address="2 rue Zola"))


def planned(text: str, *directory: Known, answers: dict[int, str] | None = None) -> list[Step]:
    return plan(read(text).lines, directory, answers or {})


def fate(text: str, *directory: Known, answers: dict[int, str] | None = None) -> Step:
    (step,) = planned(text, *directory, answers=answers)
    return step


# --- reading: encodings, separators, titles ---


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_reads_what_spreadsheets_write(delimiter: str, encoding: str, end: str) -> None:
    rows = [["Nom", "Code postal", "Téléphone"], ["L’Épicerie œuvrière", "44100", "02 40 12 34 56"]]
    data = end.join(delimiter.join(row) for row in rows).encode(encoding)
    line = only(decode(data))
    assert line.values == {"name": "L’Épicerie œuvrière", "postcode": "44100", "phone": "02 40 12 34 56"}
    assert line.number == 2


@pytest.mark.parametrize(
    "titles",
    [
        "nom;genre;adresse;code postal;ville;lat;lon;téléphone;e-mail;site;horaires;SIRET",
        "name;kind;address;postcode;city;lat;lon;phone;email;website;opening hours;siret",
        "NOM ; Type ; RUE;CODE_POSTAL;Commune;Latitude;Longitude;Tel;Courriel;Site web;opening_hours;N° SIRET",
    ],
)
def test_titles_are_french_or_english_with_accents_and_case_forgiven(titles: str) -> None:
    row = (
        "Le Fournil;boulangerie;2 rue Zola;44100;Nantes;47,21;-1,59;0240123456;pain@exemple.fr;"
        f"exemple.fr;mardi-samedi 7h30-13h;{SIRET}"
    )
    line = only(f"{titles}\n{row}\n")
    assert line.values == {
        "name": "Le Fournil",
        "kind": "bakery",
        "address": "2 rue Zola",
        "postcode": "44100",
        "city": "Nantes",
        "phone": "02 40 12 34 56",
        "email": "pain@exemple.fr",
        "website": "https://exemple.fr",
        "opening_hours": "Tu-Sa 07:30-13:00",
        "siret": SIRET,
    }
    assert line.position == (47.21, -1.59)
    assert not line.troubles


def test_unknown_and_repeated_columns_are_said_and_left_alone() -> None:
    file = read("nom;couleur;téléphone;Tel;couleur\nLe Fournil;bleu;0240123456;0240999999;vert\n")
    assert file.ignored == ("couleur", "couleur")
    assert file.repeated == ("Tel",)
    assert file.lines[0].values == {"name": "Le Fournil", "phone": "02 40 12 34 56"}


def test_empty_lines_are_passed_over_and_numbers_stay_those_of_the_spreadsheet() -> None:
    file = read("nom;ville\n\n;\nLe Fournil;Nantes\n\n")
    assert [line.number for line in file.lines] == [4]


def test_a_cell_may_hold_several_lines_and_separators() -> None:
    line = only('nom;horaires\n"Le Fournil; de Zola";"mercredi 16h-19h\nsamedi 9h-12h30"\n')
    assert line.values == {
        "name": "Le Fournil; de Zola",
        "opening_hours": "We 16:00-19:00; Sa 09:00-12:30",
    }


def test_formulas_are_kept_as_text() -> None:
    assert only("nom\n=1+1\n").name == "=1+1"
    assert only('nom\n"=HYPERLINK(""http://exemple.fr"")"\n').name == '=HYPERLINK("http://exemple.fr")'
    assert only("nom\n'=1+1\n").name == "=1+1"  # as our exports write it


# --- reading: what is refused ---


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("csv_encoding", "nom;ville\nÉpicerie;Nantes\n".encode("utf-16")),
        ("csv_encoding", b"nom;ville\nEpicerie\0;Nantes\n"),
        ("csv_encoding", b"nom\n\x81\x8d\n"),
        ("csv_encoding", "nom\nÉpicerie\n".encode() + b"caf\xe9\n"),
        ("csv_empty", b""),
        ("csv_empty", b"\n\n"),
        ("csv_empty", b"nom;ville\n"),
        ("csv_empty", b"nom"),
        ("csv_columns", b"ville;adresse\nNantes;2 rue Zola\n"),
        ("csv_columns", b"Le Fournil de Zola"),
        ("csv_columns", b"%PDF-1.7"),
        ("csv_quotes", b'nom;ville\nLe Fournil;"Nantes\nAutre;Vue\n'),
        ("csv_quotes", b'nom;ville\n"Le Fournil"de Zola;Nantes\n'),
        ("csv_quotes", b'nom\n"' + b"a" * 200_000),
        ("csv_too_many_lines", b"nom\n" + b"a\n" * 10_001),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(code: str, data: bytes) -> None:
    assert str(refused(code, data))


def test_an_open_quote_is_named_by_the_line_where_it_opens() -> None:
    refusal = refused("csv_quotes", 'nom;ville\nA;Nantes\nB;"Vue\n' + "C;Rouans\n" * 50)
    assert refusal.params["line"] == 3


def test_a_million_columns_are_read_and_said() -> None:
    file = read("nom;" + ";".join(f"c{n}" for n in range(1_000_000)) + "\nLe Fournil;\n")
    assert len(file.ignored) == 1_000_000
    assert file.lines[0].name == "Le Fournil"


@given(st.binary(max_size=300))
def test_no_file_whatever_breaks_the_reader(data: bytes) -> None:
    with suppress(Refusal):  # anything else that is raised fails the test
        read(decode(b"nom;ville\n" + data))


@pytest.mark.parametrize(
    ("title", "cell", "detail", "code"),
    [
        ("siret", "73282932000075", "siret", "siret_wrong"),
        ("siret", "7,32829E+13", "siret", "siret_shortened"),
        ("téléphone", "02 40", "phone", "phone_wrong"),
        ("e-mail", "pain@", "email", "email_wrong"),
        ("site", "javascript:alert(1)", "website", "website_wrong"),
        ("horaires", "quand il fait beau", "opening_hours", "hours_wrong"),
        ("horaires", "mardi et jeudi", "opening_hours", "hours_wrong"),
        ("code postal", "Nantes", "postcode", "postcode_wrong"),
        ("code postal", "4410", "postcode", "postcode_wrong"),
        ("genre", "soucoupe", "kind", "merchant_kind_wrong"),
        ("ville", "x" * 101, "city", "detail_too_long"),
    ],
)
def test_a_wrong_cell_is_refused_and_the_line_goes_on(title: str, cell: str, detail: str, code: str) -> None:
    line = only(f"nom;{title}\nLe Fournil;{cell}\n")
    assert line.values == {"name": "Le Fournil"}
    assert line.troubles[detail].problem.code == code


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        ("91", "2", "position_wrong"),
        ("47,2", "", "position_wrong"),
        ("", "-1,5", "position_wrong"),
        ("nan", "inf", "position_wrong"),
        ("-1,59", "47,21", "position_far"),
        ("0", "0", "position_far"),
    ],
)
def test_a_position_out_of_reach_is_refused_and_the_line_goes_on(lat: str, lon: str, code: str) -> None:
    line = only(f"nom;lat;lon\nLe Fournil;{lat};{lon}\n")
    assert line.position is None
    assert line.troubles["position"].problem.code == code


@pytest.mark.parametrize(("name", "code"), [("", "name_missing"), ("x" * 201, "detail_too_long")])
def test_a_line_without_a_usable_name_is_refused(name: str, code: str) -> None:
    step = fate(f"nom;ville\n{name};Nantes\n")
    assert step.fate is Fate.REFUSED
    assert step.troubles["name"].problem.code == code


def test_a_shifted_line_is_refused_alone() -> None:
    steps = planned("nom,ville\nÉpicerie, la belle,Nantes\nLe Fournil,Vue\n")
    assert [step.fate for step in steps] == [Fate.REFUSED, Fate.NEW]
    assert steps[0].troubles[""].problem.code == "csv_shifted"


# --- the plan: who is who ---


def test_a_siret_wins_over_every_name() -> None:
    merchant = known("Ancien nom", place(postcode="44640"), siret=SIRET)
    step = fate(f"nom;siret;code postal\nNouveau nom;{SIRET};44640\n", FOURNIL, merchant)
    assert step.merchant is merchant
    assert step.changes == {"name": ("Ancien nom", "Nouveau nom")}


def test_without_siret_name_and_postcode_decide_whatever_accents_and_case() -> None:
    step = fate("nom;code postal\nLE FOURNIL DE ZOLA;44100\n", FOURNIL)
    assert step.merchant is FOURNIL


def test_the_same_name_in_another_postcode_is_another_merchant() -> None:
    assert fate("nom;code postal\nLe Fournil de Zola;44800\n", FOURNIL).fate is Fate.NEW


def test_a_siret_is_added_to_the_merchant_of_that_name_and_postcode_that_had_none() -> None:
    step = fate(f"nom;code postal;siret\nLe Fournil de Zola;44100;{SIRET}\n", FOURNIL)
    assert step.merchant is FOURNIL
    assert step.changes == {"siret": ("", SIRET)}


def test_another_siret_at_the_same_name_and_postcode_is_asked_about() -> None:
    merchant = known("Le Fournil de Zola", place(postcode="44100"), siret=OTHER_SIRET)
    step = fate(f"nom;code postal;siret\nLe Fournil de Zola;44100;{SIRET}\n", merchant)
    assert (step.fate, step.candidates, step.answer) == (Fate.TO_DECIDE, (merchant,), "")


def test_without_siret_and_postcode_it_asks_and_proposes_the_only_namesake() -> None:
    step = fate("nom;ville\nLe Fournil de Zola;Nantes\n", FOURNIL)
    assert (step.fate, step.candidates, step.answer) == (Fate.TO_DECIDE, (FOURNIL,), "m1")


def test_it_proposes_nothing_when_the_city_speaks_against_it() -> None:
    step = fate("nom;ville\nLe Fournil de Zola;Rouans\n", FOURNIL)
    assert (step.fate, step.answer) == (Fate.TO_DECIDE, "")


def test_two_merchants_of_one_name_and_postcode_are_asked_about() -> None:
    twin = known("Le Fournil de Zola", place(postcode="44100"), id="m2")
    step = fate("nom;code postal\nLe Fournil de Zola;44100\n", FOURNIL, twin)
    assert (step.fate, step.candidates) == (Fate.TO_DECIDE, (FOURNIL, twin))


def test_a_nearly_identical_name_in_the_same_postcode_is_asked_about() -> None:
    step = fate("nom;code postal\nFournil de Zolla;44100\n", FOURNIL)
    assert (step.fate, step.candidates, step.answer) == (Fate.TO_DECIDE, (FOURNIL,), "")


def test_a_merchant_spotted_without_an_address_is_asked_about() -> None:
    spotted = known("Le Fournil de Zola", place(at=NANTES))
    step = fate("nom;code postal\nLe Fournil de Zola;44100\n", spotted)
    assert (step.fate, step.answer) == (Fate.TO_DECIDE, "m1")


def test_names_that_differ_by_a_number_are_not_alike() -> None:
    stall = known("Étal du marché, place 12", place(postcode="44100"))
    assert fate("nom;code postal\nÉtal du marché, place 13;44100\n", stall).fate is Fate.NEW


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("new", Fate.NEW), ("skip", Fate.SKIPPED), ("m1", Fate.UNCHANGED), ("x", Fate.TO_DECIDE)],
)
def test_an_answer_decides(answer: str, expected: Fate) -> None:
    step = fate("nom\nLe Fournil de Zola\n", FOURNIL, answers={2: answer})
    assert step.fate is expected


# --- the plan: lines that say the same ---


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"A;44100;Nantes;{SIRET}", f"B;44640;Vue;{SIRET}"),
        ("A;44100;Nantes;", "a;44100;;"),
        (f"A;44100;Nantes;{SIRET}", "A;44100;Nantes;"),
        ("A;44100;Nantes;", f"A;44100;Nantes;{SIRET}"),
        ("A;;Nantes;", "A;;Nantes;"),
        ("A;;;", "A;44100;Nantes;"),
        ("A;44100;Nantes;", "A;;;"),
        ("A;44100;Nantes;", "A;;Nantes;"),
    ],
)
def test_the_second_line_about_one_merchant_is_refused_and_names_the_first(first: str, second: str) -> None:
    steps = planned(f"nom;code postal;ville;siret\n{first}\n{second}\n")
    assert [step.fate for step in steps] == [Fate.NEW, Fate.REFUSED]
    assert steps[1].troubles[""].params == {"line": 2}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"A;44100;Nantes;{SIRET}", f"A;44100;Nantes;{OTHER_SIRET}"),
        ("A;44100;Nantes;", "A;44640;Vue;"),
        ("A;;Nantes;", "A;;Vue;"),
        ("A;44100;Nantes;", "A;;Vue;"),
    ],
)
def test_lines_about_two_merchants_of_one_name_are_both_taken(first: str, second: str) -> None:
    steps = planned(f"nom;code postal;ville;siret\n{first}\n{second}\n")
    assert [step.fate for step in steps] == [Fate.NEW, Fate.NEW]


def test_two_lines_cannot_change_one_merchant() -> None:
    merchant = known("Nom du registre", place(postcode="44100"), siret=SIRET)
    steps = planned(f"nom;code postal;siret\nEnseigne;44100;{SIRET}\nNom du registre;44100;\n", merchant)
    assert [step.fate for step in steps] == [Fate.UPDATED, Fate.REFUSED]


# --- the plan: what changes ---


def test_only_what_differs_changes_and_an_empty_cell_erases_nothing() -> None:
    merchant = known(
        "Le Fournil de Zola",
        place(postcode="44100", city="Nantes", address="2 rue Zola", opening_hours="Tu 09:00-12:00"),
        phone="02 40 12 34 56",
        email="pain@exemple.fr",
    )
    step = fate(
        "nom;code postal;téléphone;e-mail;adresse;horaires\n"
        "Le Fournil de Zola;44100;0240123457;;4 rue Zola;mardi 9h-12h\n",
        merchant,
    )
    assert step.fate is Fate.UPDATED
    assert step.changes == {"phone": ("02 40 12 34 56", "02 40 12 34 57")}
    assert step.place_changes == {"address": ("2 rue Zola", "4 rue Zola")}


def test_what_a_hand_wrote_is_kept_and_said() -> None:
    merchant = known(
        "Le Fournil de Zola",
        place(postcode="44100", address="4 rue Zola"),
        hand=frozenset({"phone", "place.address"}),
        phone="02 40 12 34 56",
    )
    step = fate(
        "nom;code postal;téléphone;adresse;e-mail\n"
        "Le Fournil de Zola;44100;0240999999;2 rue Zola;pain@exemple.fr\n",
        merchant,
    )
    assert step.changed == ("email",)
    assert step.kept == ("phone", "address")


def test_a_file_that_says_the_same_changes_nothing() -> None:
    merchant = known("Le Fournil de Zola", place(postcode="44100", at=NANTES), phone="02 40 12 34 56")
    step = fate(
        "nom;code postal;téléphone;lat;lon\nLe Fournil de Zola;44100;02.40.12.34.56;47,2105;-1,5983\n",
        merchant,
    )
    assert (step.fate, step.changed) == (Fate.UNCHANGED, ())


@pytest.mark.parametrize(
    ("merchant", "expected"),
    [
        (known("A", place(postcode="44100")), ("position",)),
        (known("A", place(postcode="44100", at=(47.3, -1.5))), ("position",)),
        (known("A", place(postcode="44100", at=(47.3, -1.5), by_hand=True)), ()),
        (known("A", place(postcode="44100", at=(47.3, -1.5)), hand=frozenset({"place.address"})), ()),
    ],
)
def test_a_position_is_taken_unless_a_hand_placed_or_moved_the_shop(
    merchant: Known, expected: tuple[str, ...]
) -> None:
    step = fate("nom;code postal;lat;lon\nA;44100;47,2105;-1,5983\n", merchant)
    assert step.changed == expected
    assert step.kept == (() if expected else ("position",))


def test_with_several_sales_points_the_one_at_the_address_is_meant() -> None:
    shop = place(id="p1", postcode="44100", address="2 rue Zola", city="Nantes")
    stall = place(id="p2", postcode="44800", address="Place de la Pelousière", city="Saint-Herblain")
    merchant = known("A", shop, stall)
    step = fate("nom;code postal;adresse;horaires\nA;44800;place de la pelousiere;samedi 8h-13h\n", merchant)
    assert step.place is stall
    assert step.place_changes == {
        "address": ("Place de la Pelousière", "place de la pelousiere"),
        "opening_hours": ("", "Sa 08:00-13:00"),
    }


def test_with_several_sales_points_and_none_at_the_address_only_the_merchant_changes() -> None:
    merchant = known("A", place(id="p1", postcode="44100"), place(id="p2", postcode="44800"))
    step = fate("nom;code postal;adresse;téléphone\nA;44100;9 rue Neuve;0240123456\n", merchant)
    assert step.changed == ("phone",)
    assert step.troubles["address"].problem.code == "other_place"


def test_planning_four_times_the_lines_against_four_times_the_merchants_is_four_times_the_work() -> None:
    def work(size: int) -> int:
        directory = [
            known(f"Épicerie {n} du bourg", place(postcode="44100", city="Nantes"), id=f"m{n}")
            for n in range(size)
        ]
        titles = "nom;genre;adresse;code postal;ville;téléphone;e-mail;horaires\n"
        rows = "".join(
            f"Épicerie {n * 2} du bourg;épicerie;{n} rue Zola;44100;Nantes;0240{n:06};e{n}@exemple.fr;mardi 9h-12h\n"
            for n in range(size)
        )
        steps: list[Step] = []
        count = calls(lambda: steps.extend(planned(titles + rows, *directory)))
        assert [step.fate for step in steps] == [Fate.UPDATED] * (size // 2) + [Fate.NEW] * (size // 2)
        return count

    work(10)  # what is made once, the first time
    assert work(800) < 4.4 * work(200)


# --- details, as forms and files share them ---


@pytest.mark.parametrize(
    ("written", "notation"),
    [
        (
            "du lundi au vendredi 9h-12h30 et 14h-19h, samedi 9h à 13h",
            "Mo-Fr 09:00-12:30,14:00-19:00; Sa 09:00-13:00",
        ),
        ("Lundi : 9h-12h / 14h-18h ; mardi: 9h-12h", "Mo 09:00-12:00,14:00-18:00; Tu 09:00-12:00"),
        ("mar 9h-12h", "Tu 09:00-12:00"),
        ("Mar 09:00-12:00", "Tu 09:00-12:00"),
        ("Mar-Oct Sa 09:00-13:00", "Mar-Oct Sa 09:00-13:00"),
        ("mardi, jeudi et samedi de 8h30 à 13h", "Tu,Th,Sa 08:30-13:00"),
        ("tous les jours 7h à 20h", "Mo-Su 07:00-20:00"),
        ("tous les jours 9h-19h", "Mo-Su 09:00-19:00"),
        ("tous les jours, 9h - 19h", "Mo-Su 09:00-19:00"),
        ("tlj 9h-19h", "Mo-Su 09:00-19:00"),
        ("tous les jours sauf le lundi 9h-12h et 14h-19h", "Mo-Su 09:00-12:00,14:00-19:00; Mo closed"),
        ("tous les jours 9h-19h, sauf dimanche", "Mo-Su 09:00-19:00; Su closed"),
        ("mar-sam 8h-13h, fermé dimanche et lundi", "Tu-Sa 08:00-13:00; Su,Mo closed"),
        ("24/7", "24/7"),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, notation: str) -> None:
    assert hours.read(written) == notation
    assert hours.read(notation) == notation


@pytest.mark.parametrize(
    "written",
    [
        "fermé le lundi, mar-sam 8h-13h",
        "9h30-19h30 du mardi au samedi",
        "sur rendez-vous",
        "Mo-Fr 25:00",
        "tous les jours",
    ],
)
def test_hours_half_understood_are_refused_rather_than_guessed(written: str) -> None:
    with pytest.raises(Refusal):
        hours.read(written)


@pytest.mark.parametrize(
    "notation",
    [
        "Mo-Fr 09:00-12:30,14:00-19:00; Sa 08:00-13:00; PH closed",
        "Tu,Th,Sa 08:30-13:00; Su,Mo closed",
        "Mo-Su 07:00-20:00",
        "Sa[1] 09:00-12:00",
        "Sa[1,3] 09:00-12:00,14:00-17:00",
        "24/7",
    ],
)
def test_hours_said_in_words_are_read_as_the_same_hours(notation: str) -> None:
    assert hours.read("\n".join(in_words(notation, str))) == notation


def test_hours_are_said_in_words() -> None:
    said = in_words("Mo-Fr 09:00-12:30,14:00-19:00; Sa 08:00-13:00; PH closed", str)
    assert said == [
        "lundi à vendredi : 9:00–12:30, 14:00–19:00",
        "samedi : 8:00–13:00",
        "jours fériés : fermé",
    ]
    assert in_words("", str) == []


@pytest.mark.parametrize(
    "text",
    ["47,2105 -1,5983", "47.2105, -1.5983", "47,2105, -1,5983", "47.2105;-1.5983", " (47.2105,-1.5983) "],
)
def test_a_position_may_be_pasted_in_one_go(text: str) -> None:
    assert details.pasted(text) == (47.2105, -1.5983)


@pytest.mark.parametrize("text", ["47,21", "47,2105", "47 -1", "47.2 -1.5 12", "Nantes", ""])
def test_what_is_no_pair_of_numbers_is_no_position(text: str) -> None:
    with pytest.raises(Refusal):
        details.pasted(text)
