"""What is looked for, as the address of the page says it: `static/map/address.js` is its twin."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from starlette.datastructures import QueryParams

from backend.domain.days import PARIS
from backend.domain.errors import N_
from backend.domain.finding import Wanted
from backend.domain.products import FAMILY_NAMES

DAYS = ("lu", "ma", "me", "je", "ve", "sa", "di")
HOUR = "10:00"  # of a day that was chosen without an hour
LONGEST = 100  # signs of a text that is looked for
NAMES = ("texte", "produits", "etat", "acces", "marche", "ouvert", "jour", "heure", "autour")

# what the form offers: each value with its words
STATES: Mapping[str, str] = {
    "": N_("Tous les lieux"),
    "active": N_("On y paie en Moneko"),
    "soon": N_("Bientôt"),
}
ACCESSES: Mapping[str, str] = {"": N_("Peu importe"), "yes": N_("Oui"), "help": N_("Oui, ou avec de l’aide")}
OPENS: Mapping[str, str] = {
    "": N_("À toute heure"),
    "maintenant": N_("Ouvert maintenant"),
    "le": N_("Ouvert un autre jour"),
}
MARKET_DAYS: Mapping[str, str] = {
    "": N_("Peu importe"),
    "lu": N_("Le lundi"),
    "ma": N_("Le mardi"),
    "me": N_("Le mercredi"),
    "je": N_("Le jeudi"),
    "ve": N_("Le vendredi"),
    "sa": N_("Le samedi"),
    "di": N_("Le dimanche"),
}
PRODUCTS = FAMILY_NAMES


def wanted(query: QueryParams, now: datetime) -> Wanted:
    """What this address asks; what it says wrongly it does not ask."""
    day = query.get("marche", "")
    return Wanted(
        text=query.get("texte", "")[:LONGEST],
        families=frozenset(filter(None, query.getlist("produits"))),
        state=_one_of(("active", "soon"), query.get("etat")),
        access=_one_of(("yes", "help"), query.get("acces")),
        market_day=DAYS.index(day) if day in DAYS else None,
        open_at=_moment(query, now),
    )


def _one_of(known: tuple[str, ...], value: str | None) -> str:
    return value if value in known else ""


def _moment(query: QueryParams, now: datetime) -> datetime | None:
    if query.get("ouvert") == "maintenant":
        return now
    day, hour = query.get("jour", ""), query.get("heure") or HOUR
    if query.get("ouvert") != "le" or not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.A):
        return None
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", hour, re.A):
        return None
    try:
        shown = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), PARIS)
        # the later one in the night when an hour comes twice; in UTC, where instants compare
        return max(shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        return None


def asked(query: QueryParams) -> list[tuple[str, str]]:
    """What the address asks, without what it leaves open and without the page."""
    return [(name, value) for name, value in query.multi_items() if name in NAMES and value]
