"""Who can go and assess whom: ties, reciprocity, days, and the order of the duos."""

from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.planning import (
    INTERESTED,
    SLOTS,
    Assessing,
    Candidate,
    Known,
    Said,
    Shop,
    Tie,
    TieKind,
    Trip,
    barred,
    prevented,
    suggest,
)

BAKERY, GROCERY = Shop("bakery", "Le Levain", "place jean mace nantes"), Shop("grocery", "Les Bourderies")
FRIDAY = date(2026, 12, 4)
AMINA = Candidate("amina", "Amina", visits_done=6, last_done=date(2026, 11, 1))
BRUNO = Candidate("bruno", "Bruno")
CARLA = Candidate("carla", "Carla", visits_done=3, last_done=date(2026, 6, 1))
DIEGO = Candidate("diego", "Diego", visits_done=1)
NAMES = {each.id: each.name for each in (AMINA, BRUNO, CARLA, DIEGO)}


def told(*said: Said) -> list[str]:
    return [each.text.format(**each.params) for each in said]


def duos(*people: Candidate, trip: Trip | None = None, known: Known | None = None) -> list[tuple[str, str]]:
    found = suggest(people, trip or Trip((BAKERY,)), known or Known(names=NAMES)).duos
    return [(duo.first.id, duo.second.id) for duo in found]


def kept(*people: Candidate, trip: Trip, known: Known | None = None) -> dict[str, list[str]]:
    found = suggest(people, trip, known or Known(names=NAMES)).kept
    return {each.person.id: told(*each.reasons) for each in found}


# --- ties ---


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (TieKind.RUNS, "Bruno tient « Le Levain »."),
        (TieKind.WORKS, "Bruno travaille chez « Le Levain »."),
        (TieKind.FAMILY, "Bruno a de la famille chez « Le Levain »."),
        (TieKind.SUPPLIES, "Bruno vend ou fournit quelque chose à « Le Levain »."),
        (TieKind.OTHER, "Bruno ne doit pas évaluer « Le Levain » : c’est noté sur sa fiche."),
    ],
)
def test_a_tie_bars_from_its_merchant_and_from_no_other(kind: TieKind, sentence: str) -> None:
    known = Known([Tie("bruno", "bakery", "Le Levain", kind)], names=NAMES)
    assert told(*barred("bruno", BAKERY, known)) == [sentence]
    assert list(barred("bruno", GROCERY, known)) == []
    assert list(barred("amina", BAKERY, known)) == []


def test_in_a_trip_one_tie_is_enough() -> None:
    known = Known([Tie("bruno", "grocery", "Les Bourderies", TieKind.WORKS)], names=NAMES)
    trip = Trip((BAKERY, GROCERY))
    assert duos(AMINA, BRUNO, CARLA, trip=trip, known=known) == [("amina", "carla")]
    assert kept(AMINA, BRUNO, trip=trip, known=known)["bruno"] == ["Bruno travaille chez « Les Bourderies »."]


# --- reciprocity ---

OF_AMINA = Tie("amina", "bakery", "Le Levain", TieKind.RUNS)
OF_BRUNO = Tie("bruno", "grocery", "Les Bourderies", TieKind.FAMILY)


def test_nobody_assesses_the_shop_of_someone_who_assesses_theirs() -> None:
    assessed = Known([OF_AMINA, OF_BRUNO], [Assessing("bakery", frozenset({"bruno", "diego"}))], NAMES)
    assert told(*barred("amina", GROCERY, assessed)) == [
        "Bruno, qui a un lien avec « Les Bourderies », évalue « Le Levain », où Amina a un lien."
    ]
    assert list(barred("carla", GROCERY, assessed)) == []  # she has no shop that could be favoured


def test_without_a_visit_yet_either_may_be_the_first() -> None:
    known = Known([OF_AMINA, OF_BRUNO], names=NAMES)
    assert list(barred("amina", GROCERY, known)) == []
    assert list(barred("bruno", BAKERY, known)) == []


def test_a_quarrel_is_no_part_in_a_shop() -> None:
    quarrel = Tie("bruno", "grocery", "Les Bourderies", TieKind.OTHER)
    known = Known([OF_AMINA, quarrel], [Assessing("bakery", frozenset({"bruno"}))], NAMES)
    assert list(barred("amina", GROCERY, known)) == []


PEOPLE, SHOPS = ["amina", "bruno", "carla", "diego"], ["s1", "s2", "s3"]
ties = st.builds(
    Tie, st.sampled_from(PEOPLE), st.sampled_from(SHOPS), st.just("…"), st.sampled_from(list(TieKind))
)


@given(
    st.lists(ties, max_size=8),
    st.lists(st.tuples(st.sampled_from(SHOPS), st.sampled_from(PEOPLE)), max_size=12),
)
def test_whatever_is_planned_in_whatever_order_nobody_judges_in_return(
    all_ties: list[Tie], wishes: list[tuple[str, str]]
) -> None:
    assessing: list[Assessing] = []
    for shop, person in wishes:
        if not list(barred(person, Shop(shop, shop), Known(all_ties, assessing, NAMES))):
            assessing.append(Assessing(shop, frozenset({person})))
    part = {(tie.person_id, tie.merchant_id) for tie in all_ties if tie.kind in INTERESTED}
    judged = {(person, each.merchant_id) for each in assessing for person in each.people}
    assert not judged & {(tie.person_id, tie.merchant_id) for tie in all_ties}
    for (one, shop), (other, back) in combinations(sorted(judged), 2):
        if one != other:
            assert not ({(one, back), (other, shop)} <= part)


# --- days ---


def on(day: date, at: str = "") -> Trip:
    return Trip((BAKERY,), day, at)


def test_days_away_are_told_both_ends_included() -> None:
    away = Candidate("bruno", "Bruno", away=(FRIDAY, FRIDAY + timedelta(days=7)))
    for day in (FRIDAY, FRIDAY + timedelta(days=7)):
        assert "n’est pas là du" in told(*prevented(away, day, ""))[0]
    for day in (FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=8)):
        assert list(prevented(away, day, "")) == []


@pytest.mark.parametrize(
    ("at", "can"), [("", True), ("09:00", True), ("12:59", True), ("13:00", False), ("18:30", False)]
)
def test_a_half_day_is_enough_while_there_is_no_hour(at: str, can: bool) -> None:
    mornings = Candidate("bruno", "Bruno", slots=frozenset({"fri-am"}))
    assert (list(prevented(mornings, FRIDAY, at)) == []) is can
    assert list(prevented(mornings, FRIDAY + timedelta(days=1), at)) != []


def test_who_never_said_when_may_be_asked_for_any_day() -> None:
    assert list(prevented(BRUNO, FRIDAY, "09:00")) == []
    assert list(prevented(BRUNO, None, "")) == []


def test_two_visits_in_one_half_day_are_told() -> None:
    busy = Candidate("bruno", "Bruno", planned=frozenset({(FRIDAY, "09:30")}))
    assert told(*prevented(busy, FRIDAY, "11:00")) == ["Bruno a déjà une visite ce jour-là, à 09:30."]
    assert list(prevented(busy, FRIDAY, "")) != []
    assert list(prevented(busy, FRIDAY, "14:00")) == []
    twice = Candidate("bruno", "Bruno", planned=frozenset({(FRIDAY, "09:30"), (FRIDAY, "11:00")}))
    assert told(*prevented(twice, FRIDAY, "10:00")) == ["Bruno a déjà une visite ce jour-là, à 09:30, 11:00."]
    sometime = Candidate("bruno", "Bruno", planned=frozenset({(FRIDAY, "")}))
    assert told(*prevented(sometime, FRIDAY, "14:00")) == ["Bruno a déjà une visite ce jour-là."]


# --- duos ---


def test_one_experienced_person_goes_with_a_new_one_first() -> None:
    assert duos(AMINA, BRUNO, CARLA, DIEGO)[-1] == ("amina", "carla")
    assert {first for first, _second in duos(AMINA, BRUNO, CARLA, DIEGO)[:4]} == {"amina", "carla"}


def test_who_has_not_gone_for_long_comes_first() -> None:
    assert duos(AMINA, BRUNO, CARLA)[0] == ("carla", "bruno")


def test_a_duo_says_why_it_is_suggested() -> None:
    near = Candidate("bruno", "Bruno", slots=frozenset(SLOTS), district="Jean Macé")
    sure = Candidate("amina", "Amina", visits_done=6, slots=frozenset({"fri-pm"}))
    (duo,) = suggest([near, sure], on(FRIDAY, "15:00"), Known(names=NAMES)).duos
    assert told(*duo.reasons) == [
        "Amina a l’habitude (visites faites : 6), Bruno commence.",
        "Amina et Bruno ont dit pouvoir ce jour-là.",
        "Bruno habite Jean Macé, tout près.",
        "C’est leur première visite ensemble.",
    ]


def test_a_district_is_a_whole_word_of_the_address() -> None:
    ace = Candidate("bruno", "Bruno", district="Mac")
    (duo,) = suggest([ace, AMINA], Trip((BAKERY,)), Known(names=NAMES)).duos
    assert "habite" not in " ".join(told(*duo.reasons))


def test_two_who_begin_are_to_be_accompanied() -> None:
    (duo,) = suggest([BRUNO, DIEGO], Trip((BAKERY,)), Known(names=NAMES)).duos
    assert told(*duo.reasons)[0] == "Diego et Bruno commencent : prévoyez de les accompagner."


def test_nobody_is_suggested_alone_or_not_at_all() -> None:
    assert duos(AMINA) == duos() == []


slots = st.frozensets(st.sampled_from(SLOTS), max_size=5)
days = st.dates(date(2026, 12, 1), date(2026, 12, 20))
people = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([f"p{rank}" for rank in range(8)]),
        st.sampled_from(["Zoé", "Ana", "Ana"]),
        st.integers(0, 5),
        st.none() | days,
        slots,
        st.none() | st.tuples(days, days),
    ),
    unique_by=lambda each: each.id,
    max_size=8,
)


@given(people, days, st.sampled_from(["", "09:00", "15:00"]), st.randoms())
def test_suggestions_name_everybody_hold_no_one_who_cannot_and_do_not_depend_on_the_order(
    all_of_them: list[Candidate],
    day: date,
    at: str,
    chance: Random,
) -> None:
    trip, known = on(day, at), Known()
    found = suggest(all_of_them, trip, known, most=100)
    out = {each.person.id for each in found.kept}
    able = {each.id for each in all_of_them} - out
    assert {(duo.first.id, duo.second.id) for duo in found.duos} | {
        (duo.second.id, duo.first.id) for duo in found.duos
    } == {(one, other) for one in able for other in able if one != other}
    mixed = [duo.first.experienced != duo.second.experienced for duo in found.duos]
    assert mixed == sorted(mixed, reverse=True)
    shuffled = list(all_of_them)
    chance.shuffle(shuffled)
    assert suggest(shuffled, trip, known, most=100).duos == found.duos
