"""Who can go and assess whom, and in which duo: the rules, and their reasons in words.

Two things bar a person from a shop, whoever plans: a tie with it, and reciprocity (nobody assesses the shop of someone
who assesses theirs). The rest (away, another half-day, another visit) is only told: people change their plans.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Any

from backend.domain.errors import N_
from backend.domain.merchants import folded

EXPERIENCED = 2  # visits done: after two, one can show a newcomer
MOST_DUOS = 5
NOON = "13:00"

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALVES = ("am", "pm")
SLOTS = tuple(f"{day}-{half}" for day in DAYS for half in HALVES)
DAY_NAMES: dict[str, str] = {
    "mon": N_("lundi"),
    "tue": N_("mardi"),
    "wed": N_("mercredi"),
    "thu": N_("jeudi"),
    "fri": N_("vendredi"),
    "sat": N_("samedi"),
    "sun": N_("dimanche"),
}
HALF_NAMES: dict[str, str] = {"am": N_("matin"), "pm": N_("après-midi")}


class TieKind(StrEnum):
    """Why a person must not assess a merchant."""

    RUNS = "runs"
    WORKS = "works"
    FAMILY = "family"
    SUPPLIES = "supplies"
    OTHER = "other"


TIE_NAMES: dict[TieKind, str] = {
    TieKind.RUNS: N_("tient ce commerce, et se fait évaluer"),
    TieKind.WORKS: N_("y travaille"),
    TieKind.FAMILY: N_("y a de la famille"),
    TieKind.SUPPLIES: N_("lui vend ou lui fournit quelque chose"),
    TieKind.OTHER: N_("ne doit pas l’évaluer, pour une autre raison"),
}
_BARRED_BY: dict[TieKind, str] = {
    TieKind.RUNS: N_("{name} tient « {merchant} »."),
    TieKind.WORKS: N_("{name} travaille chez « {merchant} »."),
    TieKind.FAMILY: N_("{name} a de la famille chez « {merchant} »."),
    TieKind.SUPPLIES: N_("{name} vend ou fournit quelque chose à « {merchant} »."),
    TieKind.OTHER: N_("{name} ne doit pas évaluer « {merchant} » : c’est noté sur sa fiche."),
}
# Who has a part in a shop, and so might return a favour; "another reason" may be a quarrel.
INTERESTED = frozenset(TieKind) - {TieKind.OTHER}


@dataclass(frozen=True)
class Said:
    """A reason in words: a sentence of the catalogue with its places, and what fills them (names, days)."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """An inhabitant who may go. `slots`: the half-days they can, none when they never said; `planned`: the days and
    hours of the visits they are to make; `partners`: with whom they went before."""

    id: str
    name: str
    visits_done: int = 0
    last_done: date | None = None
    slots: frozenset[str] = frozenset()
    away: tuple[date, date] | None = None
    district: str = ""
    planned: frozenset[tuple[date, str]] = frozenset()
    partners: frozenset[str] = frozenset()

    @property
    def experienced(self) -> bool:
        return self.visits_done >= EXPERIENCED


@dataclass(frozen=True)
class Tie:
    """A person's tie with a merchant."""

    person_id: str
    merchant_id: str
    merchant_name: str
    kind: TieKind


@dataclass(frozen=True)
class Assessing:
    """A visit made or to be made: who goes, or went, to assess whom."""

    merchant_id: str
    people: frozenset[str]


@dataclass(frozen=True)
class Shop:
    """A merchant to visit. `where`: words of its addresses, folded, in which a district may be found."""

    id: str
    name: str
    where: str = ""


@dataclass(frozen=True)
class Trip:
    """What is to be planned: one shop or several, and when, as far as it is known (`at`: « 14:30 »)."""

    shops: tuple[Shop, ...]
    on: date | None = None
    at: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of everybody: ties, who assesses whom, and names."""

    ties: Sequence[Tie] = ()
    assessing: Sequence[Assessing] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Duo:
    """Two people who can go together, and why these two."""

    first: Candidate
    second: Candidate
    reasons: tuple[Said, ...]


@dataclass(frozen=True)
class Kept:
    """Someone who cannot go, and why. `barred`: no plan may send them."""

    person: Candidate
    reasons: tuple[Said, ...]
    barred: bool


@dataclass(frozen=True)
class Suggestions:
    """The duos, best first, and those who cannot go."""

    duos: tuple[Duo, ...]
    kept: tuple[Kept, ...]


# --- who must not ---


def barred(person_id: str, shop: Shop, known: Known) -> Iterator[Said]:
    """Why this person must not assess this shop; nothing when they may."""
    name = known.names.get(person_id, "")
    for tie in known.ties:
        if (tie.person_id, tie.merchant_id) == (person_id, shop.id):
            yield Said(_BARRED_BY[tie.kind], {"name": name, "merchant": shop.name})
    yield from _returned(person_id, name, shop, known)


def _returned(person_id: str, name: str, shop: Shop, known: Known) -> Iterator[Said]:
    """Reciprocity: who has a part in the shop assesses a shop in which this person has a part."""
    interested = [tie for tie in known.ties if tie.kind in INTERESTED]
    own = {tie.merchant_id: tie.merchant_name for tie in interested if tie.person_id == person_id}
    insiders = {tie.person_id for tie in interested if tie.merchant_id == shop.id} - {person_id}
    pairs = {
        (other, each.merchant_id)
        for each in known.assessing
        if each.merchant_id in own
        for other in each.people & insiders
    }
    text = N_("{other}, qui a un lien avec « {merchant} », évalue « {own} », où {name} a un lien.")
    for other, merchant_id in sorted(pairs):
        names = {"other": known.names.get(other, ""), "own": own[merchant_id]}
        yield Said(text, {**names, "name": name, "merchant": shop.name})


# --- who cannot ---


def prevented(person: Candidate, on: date | None, at: str) -> Iterator[Said]:
    """What keeps this person from going then, as far as the coordination knows."""
    if on is None:
        return
    if person.away and person.away[0] <= on <= person.away[1]:
        first, last = person.away
        text = N_("{name} n’est pas là du {first} au {last}.")
        yield Said(text, {"name": person.name, "first": first, "last": last})
    elif person.slots and not person.slots & _slots(on, at):
        yield Said(N_("{name} a dit ne pas pouvoir ce jour-là."), {"name": person.name})
    if hours := sorted(hour for day, hour in person.planned if day == on and _together(hour, at)):
        text = N_("{name} a déjà une visite ce jour-là, à {at}.") if all(hours) else _BUSY
        yield Said(text, {"name": person.name, "at": ", ".join(hours)})


_BUSY = N_("{name} a déjà une visite ce jour-là.")


def half_of(at: str) -> str:
    """The half of the day of an hour (« 14:30 » → "pm"); empty when there is no hour."""
    return "" if not at else "am" if at < NOON else "pm"


def _slots(on: date, at: str) -> frozenset[str]:
    """The half-days a visit may fall in: both when it has no hour yet."""
    halves = (half_of(at),) if at else HALVES
    return frozenset(f"{DAYS[on.weekday()]}-{half}" for half in halves)


def _together(one: str, other: str) -> bool:
    """Whether two visits of a day may be in each other's way: same half of it, or an hour not known."""
    return not one or not other or half_of(one) == half_of(other)


# --- in which duo ---


def suggest(people: Iterable[Candidate], trip: Trip, known: Known, most: int = MOST_DUOS) -> Suggestions:
    """The best duos for a trip, one experienced person with a new one first, and who cannot go, with the reasons."""
    able, kept = [], []
    for person in people:
        never = [said for shop in trip.shops for said in barred(person.id, shop, known)]
        reasons = never or list(prevented(person, trip.on, trip.at))
        if reasons:
            kept.append(Kept(person, tuple(reasons), bool(never)))
        else:
            able.append(person)
    pairs = [_ordered(*pair) for pair in combinations(able, 2)]
    best = sorted(pairs, key=lambda pair: _rank(pair, trip))[:most]
    return Suggestions(tuple(Duo(*pair, tuple(_reasons(pair, trip))) for pair in best), tuple(kept))


Pair = tuple[Candidate, Candidate]


def _ordered(one: Candidate, other: Candidate) -> Pair:
    """The more experienced one first."""
    pair = sorted((one, other), key=lambda each: (-each.visits_done, each.name, each.id))
    return pair[0], pair[1]


def _rank(pair: Pair, trip: Trip) -> tuple[Any, ...]:
    """What sorts a pair before another: mixed, sure to be free, near, new together, long since they went."""
    first, second = pair
    return (
        not _mixed(pair),
        not first.experienced,
        -sum(bool(each.slots) for each in pair) if trip.on else 0,
        -len(_near(pair, trip)),
        second.id in first.partners,
        sum(len(each.planned) for each in pair),
        max((each.last_done or date.min) for each in pair),
        first.name,
        second.name,
        first.id,
        second.id,
    )


def _mixed(pair: Pair) -> bool:
    return pair[0].experienced and not pair[1].experienced


def _near(pair: Pair, trip: Trip) -> list[Candidate]:
    """Those of the pair who live in the district of one of the shops."""
    return [each for each in pair if any(_lives_near(each, shop) for shop in trip.shops)]


def _lives_near(person: Candidate, shop: Shop) -> bool:
    return bool(person.district) and f" {folded(person.district)} " in f" {shop.where} "


def _reasons(pair: Pair, trip: Trip) -> Iterator[Said]:
    first, second = pair
    names: dict[str, Any] = {"first": first.name, "second": second.name, "visits": first.visits_done}
    yield Said(_habit(pair), names)
    if trip.on and first.slots and second.slots:
        yield Said(N_("{first} et {second} ont dit pouvoir ce jour-là."), names)
    for each in _near(pair, trip):
        yield Said(N_("{name} habite {district}, tout près."), {"name": each.name, "district": each.district})
    if second.id not in first.partners:
        yield Said(N_("C’est leur première visite ensemble."))


def _habit(pair: Pair) -> str:
    if _mixed(pair):
        return N_("{first} a l’habitude (visites faites : {visits}), {second} commence.")
    if pair[1].experienced:
        return N_("{first} et {second} ont l’habitude.")
    return N_("{first} et {second} commencent : prévoyez de les accompagner.")


@dataclass(frozen=True)
class Companion:
    """Someone who can join those who go already, and why."""

    person: Candidate
    reasons: tuple[Said, ...]


def companions(
    people: Sequence[Candidate], going: Sequence[Candidate], trip: Trip, known: Known
) -> tuple[tuple[Companion, ...], tuple[Kept, ...]]:
    """Who can join `going` on a trip, best first, and who cannot. With nobody going yet, the experienced come first."""
    found, taken = suggest(people, trip, known, most=0), {each.id for each in going}
    out = {each.person.id for each in found.kept}
    able = [(_best(each, going, trip), each) for each in people if each.id not in out | taken]
    ranked = sorted(able, key=lambda one: (_rank(one[0], trip) if one[0] else (), *_alone(one[1])))
    told = [Companion(each, tuple(_reasons(pair, trip)) if pair else ()) for pair, each in ranked]
    return tuple(told), tuple(each for each in found.kept if each.person.id not in taken)


def _best(person: Candidate, going: Sequence[Candidate], trip: Trip) -> Pair | None:
    """The best pair that this person makes with one of those who go."""
    return min((_ordered(person, one) for one in going), key=lambda pair: _rank(pair, trip), default=None)


def _alone(person: Candidate) -> tuple[Any, ...]:
    return (-person.visits_done, person.name, person.id)
