"""What is sold, in one short list, and whether one gets in with a wheelchair."""

from enum import StrEnum

from backend.domain.errors import N_, Refusal
from backend.domain.merchants import Kind


class Family(StrEnum):
    """A family of products; a merchant sells one or several."""

    VEGETABLES = "vegetables"
    BREAD = "bread"
    DAIRY = "dairy"
    MEAT = "meat"
    FISH = "fish"
    DRY = "dry"
    MEALS = "meals"
    DRINKS = "drinks"
    OTHER = "other"


FAMILY_NAMES = {
    Family.VEGETABLES: N_("Fruits et légumes"),
    Family.BREAD: N_("Pain et pâtisserie"),
    Family.DAIRY: N_("Lait, fromages et œufs"),
    Family.MEAT: N_("Viande et charcuterie"),
    Family.FISH: N_("Poisson"),
    Family.DRY: N_("Épicerie et vrac"),
    Family.MEALS: N_("Plats préparés"),
    Family.DRINKS: N_("Boissons"),
    Family.OTHER: N_("Autres produits"),
}


class Access(StrEnum):
    """Whether one gets into a sales point with a wheelchair. Nothing noted: not known."""

    YES = "yes"
    LIMITED = "limited"
    NO = "no"


ACCESS_NAMES = {
    Access.YES: N_("oui"),
    Access.LIMITED: N_("en partie, ou avec de l’aide"),
    Access.NO: N_("non"),
}


def families(text: str) -> str:
    """Codes of families apart by commas, each once, in the order of the list. Raises form_invalid."""
    given = {code.strip() for code in text.split(",") if code.strip()}
    if not given <= set(Family):
        raise Refusal("form_invalid", sentence=N_("Choisissez les produits dans la liste."))
    return ",".join(each for each in Family if each in given)


def access(text: str) -> str:
    """The code of an access. Raises form_invalid."""
    if text not in list(Access):
        raise Refusal("form_invalid", sentence=N_("Choisissez l’accès dans la liste."))
    return text


_OF_KIND = {
    Kind.GROCERY: Family.DRY,
    Kind.BAKERY: Family.BREAD,
    Kind.GREENGROCER: Family.VEGETABLES,
    Kind.BUTCHER: Family.MEAT,
    Kind.FISHMONGER: Family.FISH,
    Kind.RESTAURANT: Family.MEALS,
}


def sold_at_least(families: str, kind: str) -> frozenset[str]:
    """The families that were noted; while none is, the one that goes without saying for this kind of merchant."""
    noted = frozenset(code for code in families.split(",") if code)
    of_kind = _OF_KIND.get(Kind(kind))
    return noted or frozenset([of_kind.value] if of_kind else [])
