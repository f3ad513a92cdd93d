"""The files that come from Moneko's back-office: its list of partners, and the statuses of those we sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from backend.domain import directory
from backend.domain.errors import Refusal
from backend.domain.merchants import folded
from backend.domain.onboarding import MONEKO_STATUS_NAMES, MonekoStatus


class FileKind(StrEnum):
    """Which of the two."""

    PARTNERS = "partners"
    STATUSES = "statuses"


COLUMNS: Mapping[str, str] = {
    "id": "id|external id|identifiant externe|id externe|identifiant|xml id",
    "name": "name|nom|display name|nom affiché|company name|commerce",
    "siret": "siret|company registry|n° siret",
    "address": "street|rue|adresse|address",
    "postcode": "zip|code postal|postcode|cp",
    "city": "city|ville",
    "status": "status|statut|état|situation|moneko status|wallet status",
}
NEEDED: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.PARTNERS: ("id", "name"),
    FileKind.STATUSES: ("id", "status"),
}
_BY_TITLE = {folded(name): column for column, names in COLUMNS.items() for name in names.split("|")}
_STATUSES = {
    **{status.value: status for status in MonekoStatus},
    **{folded(words): status for status, words in MONEKO_STATUS_NAMES.items()},
    "actif": MonekoStatus.ACTIVE,
    "inactif": MonekoStatus.INACTIVE,
    "bloque": MonekoStatus.BLOCKED,
    "to confirm": MonekoStatus.TO_CONFIRM,
    "a confirmer": MonekoStatus.TO_CONFIRM,
}


def read(kind: FileKind, text: str) -> list[dict[str, str]]:
    """The lines of a decoded file, by our columns; lines without an id are left out.

    Raises csv_empty, csv_quotes, csv_too_many_lines, and moneko_columns when a needed column is missing.
    """
    titles, records = directory.cells(text, _BY_TITLE)
    places: dict[str, int] = {}
    for place, title in enumerate(map(folded, titles)):
        if title in _BY_TITLE:
            places.setdefault(_BY_TITLE[title], place)
    missing = [column for column in NEEDED[kind] if column not in places]
    if missing:
        raise Refusal("moneko_columns", columns=", ".join(missing))
    lines = (
        {column: directory.cell(row[place]) if place < len(row) else "" for column, place in places.items()}
        for row in records
    )
    return [line for line in lines if line["id"]]


def status(text: str) -> MonekoStatus | None:
    """Moneko's status, in its code or in words; None for any other."""
    return _STATUSES.get(text.strip().casefold()) or _STATUSES.get(folded(text.replace("_", " ")))


def siret(text: str) -> str:
    """A SIRET without its spaces; "" for anything else."""
    try:
        return str(siret_numbers.validate(text))
    except ValidationError:
        return ""


# --- the same shop? ---


@dataclass(frozen=True)
class Partner:
    """A line of Moneko's list."""

    external_id: str
    name: str
    siret: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True)
class Ours:
    """A merchant of ours, with where it sells: (postcode, city) pairs."""

    id: str
    name: str
    siret: str = ""
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Likeness:
    """A partner that may be a merchant of ours. `sure`: by its SIRET. `share`: how alike the names are, out of 100."""

    partner: Partner
    sure: bool
    share: float


ALIKE = 84.0
MOST = 3


def candidates(ours: Ours, partners: Sequence[Partner]) -> list[Likeness]:
    """The partners that may be this merchant, the likeliest first: the one with its SIRET alone, else those with nearly
    its name where it sells."""
    if ours.siret:
        same = [partner for partner in partners if partner.siret == ours.siret]
        if same:
            return [Likeness(same[0], True, 100.0)]
    name = folded(ours.name)
    alike = [
        Likeness(partner, False, share)
        for partner in partners
        if not (partner.siret and ours.siret)  # two known SIRET that differ: two shops
        and _near(ours, partner)
        and (share := fuzz.token_set_ratio(name, folded(partner.name))) >= ALIKE
    ]
    return sorted(alike, key=lambda each: (-each.share, each.partner.external_id))[:MOST]


def _near(ours: Ours, partner: Partner) -> bool:
    """Whether it may be at the same place; unknown places may."""
    if not (partner.postcode or partner.city) or not any(map(any, ours.where)):
        return True
    return any(
        (partner.postcode and partner.postcode == postcode)
        or (partner.city and folded(partner.city) == folded(city))
        for postcode, city in ours.where
    )


# --- statuses ---


class Fate(StrEnum):
    """What a line of statuses does."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNKNOWN_ID = "unknown_id"
    UNKNOWN_STATUS = "unknown_status"
    WHERE = "where"  # active, with several sales points: someone says at which one pays


@dataclass(frozen=True)
class StatusLine:
    """A line of statuses: whose, what it says, and what comes of it."""

    external_id: str
    text: str
    fate: Fate
    merchant_id: str = ""
    status: MonekoStatus | None = None


def judged(
    lines: Iterable[Mapping[str, str]],
    merchant_of: Mapping[str, str],
    now: Mapping[str, str | None],
    undecided: Iterable[str],
) -> list[StatusLine]:
    """What each line does. `merchant_of`: by external id; `now`: each merchant's status; `undecided`: the merchants
    with several sales points of which nobody has said where one pays. Of an id given twice the last line counts."""
    last = {line["id"]: line["status"] for line in lines}
    where = set(undecided)
    return [_judged(each, text, merchant_of.get(each, ""), now, where) for each, text in last.items()]


def _judged(
    external_id: str, text: str, merchant_id: str, now: Mapping[str, str | None], where: set[str]
) -> StatusLine:
    found = status(text)
    if not merchant_id:
        fate = Fate.UNKNOWN_ID
    elif found is None:
        fate = Fate.UNKNOWN_STATUS
    elif now.get(merchant_id) == found:
        fate = Fate.UNCHANGED
    elif found is MonekoStatus.ACTIVE and merchant_id in where:
        fate = Fate.WHERE
    else:
        fate = Fate.CHANGED
    return StatusLine(external_id, text, fate, merchant_id, found)
