"""What is looked for, as the address of the page says it: `static/map/address.js` is its twin."""

import re
from collections.abc import Collection, Mapping, Sequence
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
IN_SIGHT = ("texte", "ouvert", "jour", "heure", "autour")  # not under « Produits, accès »

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
    "le": N_("Un autre jour"),
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


ONE_OF: Mapping[str, Collection[str]] = {
    "etat": STATES,
    "acces": ACCESSES,
    "ouvert": OPENS,
    "marche": MARKET_DAYS,
}
Asked = Sequence[tuple[str, str]]


def asked(query: QueryParams) -> Asked:
    """What this address asks, without the page: of what it says twice the last, of what it says wrongly or leaves open
    nothing."""
    said = {name: query.get(name, "")[:LONGEST] for name in NAMES if name != "produits"}
    for name, known in ONE_OF.items():
        said[name] = said[name] if said[name] in known else ""
    if said["ouvert"] != "le" or _shown_at(said["jour"], said["heure"]) is None:
        said["jour"] = said["heure"] = ""
    families = [("produits", family) for family in PRODUCTS if family in query.getlist("produits")]
    return [*families, *((name, value) for name, value in said.items() if value)]


def wanted(asked: Asked, now: datetime) -> Wanted:
    """The same, as finding wants it."""
    said = dict.fromkeys(NAMES, "") | dict(asked)
    return Wanted(
        text=said["texte"],
        families=frozenset(value for name, value in asked if name == "produits"),
        state=said["etat"],
        access=said["acces"],
        market_day=DAYS.index(said["marche"]) if said["marche"] else None,
        open_at=now if said["ouvert"] == "maintenant" else _shown_at(said["jour"], said["heure"]),
    )


def _shown_at(day: str, hour: str) -> datetime | None:
    """When clocks show this; None when they never do."""
    hour = hour or HOUR
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.A) or not re.fullmatch(
        r"([01]\d|2[0-3]):[0-5]\d", hour, re.A
    ):
        return None
    try:
        shown = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), PARIS)
        # the later one in the night when an hour comes twice; in UTC, where instants compare
        return max(shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        return None
