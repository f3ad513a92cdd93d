"""What can be paid in Moneko at a sales point, and how, also without a smartphone. Nothing noted: not known."""

from enum import StrEnum

from backend.domain.errors import N_, Refusal


class Payable(StrEnum):
    """How much of what is sold can be paid in Moneko: some funds choose products, not whole shops."""

    ALL = "all"
    SOME = "some"


PAYABLE_NAMES = {
    Payable.ALL: N_("tout ce qui est vendu"),
    Payable.SOME: N_("certains produits seulement"),
}


class Way(StrEnum):
    """A way of paying in Moneko."""

    PHONE = "phone"
    CARD = "card"
    PRINTED = "printed"
    NOTES = "notes"


WAY_NAMES = {
    Way.PHONE: N_("avec l’application, sur un téléphone"),
    Way.CARD: N_("avec une carte"),
    Way.PRINTED: N_("avec un code imprimé sur papier"),
    Way.NOTES: N_("avec des billets"),
}


def payable(text: str) -> str:
    """The code of what can be paid. Raises form_invalid."""
    if text not in list(Payable):
        raise Refusal("form_invalid", sentence=N_("Choisissez dans la liste ce que l’on peut payer."))
    return text


def ways(text: str) -> str:
    """Codes of ways apart by commas, each once, in the order of the list. Raises form_invalid."""
    given = {code.strip() for code in text.split(",") if code.strip()}
    if not given <= set(Way):
        raise Refusal("form_invalid", sentence=N_("Choisissez les façons de payer dans la liste."))
    return ",".join(each for each in Way if each in given)


def without_phone(codes: str) -> tuple[Way, ...]:
    """Of these ways, those that need no smartphone."""
    return tuple(way for way in Way if way in codes.split(",") and way is not Way.PHONE)
