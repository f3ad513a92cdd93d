"""Whoever looks for a shop gets the same answer from the server, from the phone and from a model that knows neither.

The model below imports nothing from `backend` nor its libraries. It reads hours from what the merchant said, not from
the notation: its own weeks, holidays, parities and changes of the clock.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from backend.domain.finding import find, spot
from backend.score_cases import node
from backend.storage.merchants import PublicPlace
from backend.web import place_queries
from backend.web.public_places import Shown, columns, directory, in_reading_order, packed, shown_place

PARIS = ZoneInfo("Europe/Paris")
TODAY = (date(2026, 11, 27), date(2026, 12, 20), date(2026, 10, 20), date(2027, 3, 20), date(2027, 5, 1))
CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
QUERY_DAYS = ("lu", "ma", "me", "je", "ve", "sa", "di")
Range = tuple[int, int]  # minutes of the day; one that ends before it starts ends the next day


@dataclass(frozen=True)
class Hours:
    """What a merchant said. `parity`: only in odd (1) or even (0) weeks; `rank`: only the first, second… such day of a
    month (-1: the last); `months`: only from the one to the other. `holidays`: ranges, or None: nothing said."""

    week: dict[int, tuple[Range, ...]]
    parity: int | None = None
    rank: int | None = None
    months: tuple[int, int] | None = None
    holidays: tuple[Range, ...] | None = None
    exceptions: dict[date, tuple[Range, ...]] = field(default_factory=dict)

    @property
    def notation(self) -> str:
        """The same as OpenStreetMap writes it."""
        season = "-".join(MONTHS[month - 1] for month in self.months) + " " if self.months else ""
        weeks = {None: "", 0: "week 2-53/2 ", 1: "week 1-53/2 "}[self.parity]
        rank = f"[{self.rank}]" if self.rank else ""
        rules = [
            f"{season}{weeks}{CODES[day]}{rank} {_times(ranges)}" for day, ranges in sorted(self.week.items())
        ]
        if self.holidays is not None:
            rules.append(f"PH {_times(self.holidays)}")
        for day, ranges in sorted(self.exceptions.items()):
            rules.append(f"{day.year} {MONTHS[day.month - 1]} {day.day:02} {_times(ranges)}")
        return "; ".join(rules)


def _times(ranges: tuple[Range, ...]) -> str:
    said = (f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in ranges)
    return ",".join(said) if ranges else "closed"


# --- the model ---


def easter(year: int) -> date:
    """Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = [easter(day.year) + timedelta(days=after) for after in (1, 39, 50)]
    return (day.month, day.day) in fixed or day in moving


def instant(day: date, minute: int) -> datetime:
    """When clocks show this: the later time in the night when an hour comes twice, and the end of an hour that is
    skipped."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    ways = [wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1)]
    real = [at for at in ways if at.astimezone(PARIS).replace(tzinfo=None) == wall]
    if real:
        return max(real)
    return next(
        at
        for minutes in range(120)
        if (at := ways[1] + timedelta(minutes=minutes)).astimezone(PARIS).replace(tzinfo=None) > wall
    )


def ranges_on(hours: Hours, day: date) -> tuple[Range, ...] | None:
    """What is said of a day; None: a public holiday of which nothing is said."""
    if day in hours.exceptions:
        return hours.exceptions[day]
    if is_holiday(day):
        return hours.holidays
    return usual(hours, day)


def usual(hours: Hours, day: date) -> tuple[Range, ...]:
    """What is said of such a day, were it neither a public holiday nor an exception."""
    if hours.parity is not None and day.isocalendar().week % 2 != hours.parity:
        return ()
    if hours.months is not None and day.month not in season(*hours.months):
        return ()
    if hours.rank is not None and hours.rank not in ((day.day + 6) // 7, -1 if is_last(day) else None):
        return ()
    return hours.week.get(day.weekday(), ())


def season(first: int, last: int) -> set[int]:
    """The months from the one to the other, over the new year when the other comes before."""
    return {month for month in range(1, 13) if (month - first) % 12 <= (last - first) % 12}


def is_last(day: date) -> bool:
    """Whether it is the last such day of the week in its month."""
    return (day + timedelta(days=7)).month != day.month


def spans(hours: Hours, first: date) -> list[tuple[datetime, datetime, bool]]:
    """When it is open from the day before `first` on, and whether that is sure: nothing is of a public holiday of which
    nothing is said, nor of the night after it."""
    found = []
    for rank in range(-1, 14):
        day = first + timedelta(days=rank)
        for start, end in said_or_usual(hours, day):
            until = instant(day, end + (1440 if end <= start else 0))
            found.append((instant(day, start), until, not doubtful(hours, day)))
    return found


def said_or_usual(hours: Hours, day: date) -> tuple[Range, ...]:
    said = ranges_on(hours, day)
    return usual(hours, day) if said is None else said


def doubtful(hours: Hours, day: date) -> bool:
    return ranges_on(hours, day) is None


def local_day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def state(hours: Hours | None, first: date, at: datetime) -> str:
    end = instant(first + timedelta(days=14), 0)
    if hours is None or not instant(first, 0) <= at < end or doubtful(hours, local_day(at)):
        return "unknown"
    ways = {sure for start, until, sure in spans(hours, first) if start <= at < until}
    return "open" if True in ways else "unknown" if ways else "closed"


def comes_on(hours: Hours | None, first: date, day: int) -> bool:
    """Whether it may come on this day of the week within two weeks; or, where such days are never so soon, at all."""
    if hours is None:
        return True
    days = [each for rank in range(366) if (each := first + timedelta(days=rank)).weekday() == day]
    soon = days[:2]
    if any(said_or_usual(hours, each) for each in soon):
        return True
    return not any(usual(hours, each) for each in soon) and any(usual(hours, each) for each in days)


PLAIN = str.maketrans("éèàçÉœ’-", "eeacEo  ")


def plain(text: str) -> list[str]:
    return text.replace("œ", "oe").translate(PLAIN).lower().split()


@dataclass(frozen=True)
class Shop:
    """A sales point as the story has it; `at`: latitude and longitude in hundred-thousandths of a degree."""

    slug: str
    name: str
    city: str
    kind: str
    families: tuple[str, ...]
    access: str
    active: bool
    hours: Hours | None
    at: tuple[int, int] | None


@dataclass(frozen=True)
class Asked:
    """What somebody asks."""

    text: str = ""
    products: tuple[str, ...] = ()
    state: str = ""
    access: str = ""
    market: int | None = None
    when: Any = None  # nothing, "now", or a day and a minute
    near: tuple[int, int] | None = None

    @property
    def query(self) -> str:
        pairs = [("texte", self.text), *[("produits", each) for each in self.products]]
        pairs += [("etat", self.state), ("acces", self.access)]
        if self.market is not None:
            pairs.append(("marche", QUERY_DAYS[self.market]))
        if self.when == "now":
            pairs.append(("ouvert", "maintenant"))
        elif self.when:
            day, minute = self.when
            pairs += [
                ("ouvert", "le"),
                ("jour", day.isoformat()),
                ("heure", f"{minute // 60:02}:{minute % 60:02}"),
            ]
        return urlencode(pairs)


SURE = {
    "grocery": "dry",
    "bakery": "bread",
    "greengrocer": "vegetables",
    "butcher": "meat",
    "fishmonger": "fish",
    "restaurant": "meals",
}


WHAT = {
    "grocery": "Épicerie",
    "bakery": "Boulangerie",
    "greengrocer": "Primeur",
    "butcher": "Boucherie",
    "fishmonger": "Poissonnerie",
    "restaurant": "Restauration",
    "farm": "Vente à la ferme",
    "market_stall": "Étal de marché",
    "mobile": "Commerce ambulant",
    "other": "Autre commerce",
}

ADMITTED = {"": ("", "yes", "limited", "no"), "yes": ("yes",), "help": ("yes", "limited")}


def _comes(shop: Shop, today: date, day: int | None) -> bool:
    return day is None or (shop.kind in ("market_stall", "mobile") and comes_on(shop.hours, today, day))


def expected(shops: list[Shop], asked: Asked, today: date, now: datetime) -> list[tuple[str, int | None]]:
    """The model's answer: slugs with 0 open, 1 unknown, None not asked; ties broken as the list is read."""
    at = now if asked.when == "now" else None if asked.when is None else _wall(*asked.when)
    kept = []
    for shop in shops:
        families = shop.families or ((SURE[shop.kind],) if shop.kind in SURE else ())
        found = None if at is None else {"open": 0, "unknown": 1, "closed": 2}[state(shop.hours, today, at)]
        words = " ".join(plain(f"{shop.name} {WHAT[shop.kind]} {shop.city}"))
        if (
            found != 2
            and all(word in words for word in plain(asked.text))
            and (not asked.products or set(asked.products) & set(families))
            and asked.state in ("", "active" if shop.active else "soon")
            and shop.access in ADMITTED[asked.access]
            and _comes(shop, today, asked.market)
        ):
            kept.append((shop, found))
    kept.sort(
        key=lambda each: (
            not each[0].active,
            each[1] == 1,
            _away(asked.near, each[0].at),
            " ".join(plain(each[0].city)),
            " ".join(plain(each[0].name)),
            each[0].slug,
        )
    )
    return [(shop.slug, found) for shop, found in kept]


def _wall(day: date, minute: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return max(wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))


def _away(near: tuple[int, int] | None, at: tuple[int, int] | None) -> float:
    """Great-circle distance would tell apart what a plane does not; the places below are on a coarse grid."""
    if near is None or at is None:
        return 0 if near is None else float("inf")
    return round(((at[0] - near[0]) ** 2 + ((at[1] - near[1]) * 0.6794) ** 2) ** 0.5, 6)


# --- stories ---

TEXTS = ("orge", "EPICERIE coeur", "vue", "champ perce", "boulangerie", "marche orge", "a la ferme")

ranges = st.lists(
    st.tuples(st.integers(0, 47), st.integers(1, 48)).filter(lambda pair: pair[0] != pair[1]),
    min_size=1,
    max_size=1,
).map(lambda pairs: tuple((a * 30, b * 30) for a, b in pairs))
halves = st.sampled_from([((540, 750), (840, 1140)), ((480, 1200),), ((1320, 180),), ((0, 1440),)])
a_day = ranges | halves


WHEN: tuple[dict[str, Any], ...] = (
    *({}, {}, {}),
    *({"parity": 0}, {"parity": 1}),
    *({"rank": 1}, {"rank": 4}, {"rank": 5}, {"rank": -1}),
    *({"months": (4, 9)}, {"months": (12, 1)}, {"months": (11, 11)}),
)


@st.composite
def hours_near(draw: Any, today: date) -> Hours:
    days = st.integers(-1, 15).map(lambda rank: today + timedelta(days=rank))
    return Hours(
        week=draw(st.dictionaries(st.integers(0, 6), a_day, max_size=7).filter(bool)),
        **draw(st.sampled_from(WHEN)),
        holidays=draw(st.sampled_from([None, None, (), ((600, 720),)])),
        exceptions=draw(st.dictionaries(days, a_day | st.just(()), max_size=2)),
    )


@st.composite
def stories(draw: Any) -> tuple[date, list[Shop], list[tuple[Asked, datetime]]]:
    today = draw(st.sampled_from(TODAY))
    spots = st.none() | st.tuples(
        st.integers(4_710_000, 4_730_000).map(lambda lat: lat // 500 * 500), st.sampled_from([-160_000])
    )
    shops = [
        Shop(
            slug=f"lieu-{rank}",
            name=draw(st.sampled_from(["Épicerie du Cœur", "L’Orge", "Le Champ-Perçé", "Pain d’Orge"])),
            city=draw(st.sampled_from(["Nantes", "Vue", "Chéméré", ""])),
            kind=draw(st.sampled_from([*SURE, "farm", "market_stall", "mobile", "other"])),
            families=draw(st.sampled_from([(), (), ("bread",), ("fish", "drinks")])),
            access=draw(st.sampled_from(["", "yes", "limited", "no"])),
            active=draw(st.booleans()),
            hours=draw(st.none() | hours_near(today)),
            at=draw(spots),
        )
        for rank in range(draw(st.integers(0, 8)))
    ]
    minutes = st.integers(-3 * 1440, 17 * 1440)
    wall = st.tuples(st.integers(-2, 16).map(lambda rank: today + timedelta(days=rank)), st.integers(0, 1439))
    questions = st.builds(
        Asked,
        text=st.sampled_from(["", "", "", *TEXTS]),
        products=st.sampled_from([(), (), ("bread",), ("fish", "meals")]),
        state=st.sampled_from(["", "", "active", "soon"]),
        access=st.sampled_from(["", "", "yes", "help"]),
        market=st.sampled_from([None, None, *range(7)]),
        when=st.sampled_from([None, "now"]) | wall,
        near=st.none() | st.sampled_from([(4_720_000, -160_000), (4_711_200, -160_000)]),
    )
    moments = st.builds(lambda m: instant(today, 0) + timedelta(minutes=m), minutes)
    return today, shops, draw(st.lists(st.tuples(questions, moments), min_size=1, max_size=6))


class Phone:
    """The Node process that finds as the phone does."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def find(self, **question: Any) -> list[tuple[str, int | None]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return [(slug, opening) for slug, opening in json.loads(self._process.stdout.readline())]


@pytest.fixture(scope="module")
def phone() -> Iterator[Phone]:
    program = node()
    assert program is not None, "Node is missing: pip install -e '.[test]' brings it"
    command = [program, Path(__file__).parent / "pwa" / "finder.mjs"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Phone(process)
        assert process.stdin is not None
        process.stdin.close()


def published(shops: list[Shop], today: date) -> Shown:
    rows = [
        PublicPlace(
            slug=shop.slug,
            name=shop.name,
            kind=shop.kind,
            phone="",
            label="",
            address="",
            postcode="",
            city=shop.city,
            lat=shop.at[0] / 100_000 if shop.at else None,
            lon=shop.at[1] / 100_000 if shop.at else None,
            opening_hours=shop.hours.notation if shop.hours else "",
            families=",".join(shop.families),
            access=shop.access,
            active=shop.active,
        )
        for shop in shops
    ]
    return Shown(tuple(in_reading_order(map(shown_place, rows))), (), today)


NIGHT_BAR = Shop(
    "bar", "L’Orge", "Vue", "other", (), "", True, Hours(dict.fromkeys(range(7), ((1320, 180),))), None
)
MARKET = Shop(
    "etal",
    "Pain d’Orge",
    "Vue",
    "market_stall",
    (),
    "yes",
    True,
    Hours({5: ((480, 780),)}, parity=1),
    (4_710_000, -160_000),
)


STALL = Hours({5: ((480, 780),)})
MONTHLY, SUMMER = replace(STALL, rank=1), replace(STALL, months=(4, 9))


def of_a_saturday(today: date, hours: Hours) -> tuple[date, list[Shop], list[tuple[Asked, datetime]]]:
    return today, [replace(MARKET, hours=hours)], [(Asked(market=5), instant(today, 600))]


@given(stories())
@example(of_a_saturday(date(2027, 4, 25), STALL))  # both Saturdays are public holidays
@example(of_a_saturday(date(2026, 11, 8), MONTHLY))
@example(of_a_saturday(TODAY[0], SUMMER))
@example((date(2027, 5, 1), [NIGHT_BAR], [(Asked(when=(date(2027, 5, 2), 30)), instant(TODAY[4], 600))]))
@example((TODAY[2], [NIGHT_BAR], [(Asked(when="now"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))]))
@example(
    (TODAY[2], [NIGHT_BAR], [(Asked(when=(date(2026, 10, 25), 150)), datetime(2026, 10, 21, tzinfo=UTC))])
)
@example((TODAY[3], [NIGHT_BAR], [(Asked(when=(date(2027, 3, 28), 150)), datetime(2027, 3, 21, tzinfo=UTC))]))
@example(
    (TODAY[1], [NIGHT_BAR], [(Asked(when=(date(2026, 12, 25), 60)), datetime(2026, 12, 21, tzinfo=UTC))])
)
@example((TODAY[0], [MARKET], [(Asked(market=5), datetime(2026, 11, 27, tzinfo=UTC))]))
@example((TODAY[0], [MARKET], [(Asked(when="now"), datetime(2026, 12, 30, tzinfo=UTC))]))
def test_the_server_the_phone_and_the_model_give_the_same_answer(
    phone: Phone, story: tuple[date, list[Shop], list[tuple[Asked, datetime]]]
) -> None:
    today, shops, questions = story
    shown = published(shops, today)
    found = directory(shown)
    data = json.loads(packed(columns(shown, found))[1])
    for asked, now in questions:
        wanted = place_queries.wanted(place_queries.asked(QueryParams(asked.query)), now)
        hits = find(found, wanted, asked.near)
        server = [
            (shown.places[hit.row].slug, None if hit.opening is None else int(hit.opening)) for hit in hits
        ]
        assert server == expected(shops, asked, today, now), asked
        milliseconds = int(now.timestamp()) * 1000
        assert phone.find(data=data, query=asked.query, now=milliseconds, near=asked.near) == server, asked


def test_a_position_is_kept_to_a_metre() -> None:
    assert spot(47.123456, -1.6) == (4_712_346, -160_000)
    assert spot(None, None) is None
