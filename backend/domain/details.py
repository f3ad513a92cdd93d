"""What one may write about a merchant: each detail cleaned, or refused with one sentence. For forms and for files."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_numbers

from backend.domain import hours, paying, products
from backend.domain.errors import N_, Refusal
from backend.domain.merchants import KIND_NAMES, Kind, folded

FAR_DEGREES = 10.0  # about 1,000 km: further from its territory, a position is a slip (swapped, or 0 0)

Position = tuple[float, float]
"""Latitude and longitude, WGS 84 degrees."""


def clean(detail: str, text: str) -> str:
    """The text of one of DETAILS as it is kept; "" stays "". Raises the Refusal that says what is wrong."""
    plain = " ".join(text.split()) if detail != "opening_hours" else text.strip()
    if detail == "name" and not plain:
        raise Refusal("name_missing")
    return DETAILS[detail](plain) if plain else ""


def _short(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > limit:
            raise Refusal("detail_too_long", limit=limit)
        return text

    return check


def kind(text: str) -> str:
    """The code of a kind of merchant, from its code or from what people call it."""
    found = _KINDS.get(_singular(text))
    if found is None:
        raise Refusal("merchant_kind_wrong", text=text[:50])
    return found


def siret(text: str) -> str:
    if re.search(r"\d[.,]?\d*e\+?\d", text, re.I):  # 8,9E+13
        raise Refusal("siret_shortened")
    try:
        return str(siret_numbers.validate(text))
    except ValidationError:
        raise Refusal("siret_wrong") from None


def phone(text: str) -> str:
    """A French number in five pairs of digits; a foreign one with its country's prefix."""
    try:
        number = phonenumbers.parse(text[:50], "FR")
    except NumberParseException:
        raise Refusal("phone_wrong") from None
    if not phonenumbers.is_valid_number(number):
        raise Refusal("phone_wrong")
    at_home = phonenumbers.region_code_for_number(number) == "FR"
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refusal("email_wrong") from None


def website(text: str) -> str:
    """An address on the web, with its scheme. Nothing but http and https: it becomes a link on public pages."""
    address = text if re.match(r"[a-z][a-z0-9+.-]*:", text, re.I) else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise Refusal("website_wrong") from None
    named = re.fullmatch(r"[\w-]+(\.[\w-]+)+", host) is not None
    if parts.scheme.lower() not in ("http", "https") or not named or len(address) > 300 or " " in address:
        raise Refusal("website_wrong")
    return address


def postcode(text: str) -> str:
    digits = text.replace(" ", "")
    if not re.fullmatch(r"[0-9]{5}", digits):  # of four digits, nobody can say whether one came first or last
        raise Refusal("postcode_wrong")
    return digits


def _hours(text: str) -> str:
    return hours.read(_short(500)(text))


DETAILS: Mapping[str, Callable[[str], str]] = {
    "name": _short(200),
    "kind": kind,
    "siret": siret,
    "phone": phone,
    "email": email,
    "website": website,
    "products": _short(500),
    "label": _short(100),
    "address": _short(200),
    "postcode": postcode,
    "city": _short(100),
    "opening_hours": _hours,
    "families": products.families,
    "access": products.access,
    "access_note": _short(200),
    "payable": paying.payable,
    "payable_note": _short(300),
    "paying": paying.ways,
    "paying_note": _short(200),
    "function": _short(100),
}

DETAIL_NAMES: Mapping[str, str] = {
    "name": N_("nom"),
    "kind": N_("genre"),
    "siret": N_("SIRET"),
    "phone": N_("téléphone"),
    "email": N_("adresse e-mail"),
    "website": N_("site"),
    "products": N_("ce qui est vendu"),
    "label": N_("nom du point de vente"),
    "address": N_("adresse"),
    "postcode": N_("code postal"),
    "city": N_("ville"),
    "opening_hours": N_("horaires"),
    "families": N_("familles de produits"),
    "access": N_("accès en fauteuil roulant"),
    "access_note": N_("précision sur l’accès"),
    "payable": N_("ce que l’on peut payer en Moneko"),
    "payable_note": N_("produits que l’on peut payer en Moneko"),
    "paying": N_("façons de payer en Moneko"),
    "paying_note": N_("précision sur la façon de payer"),
    "position": N_("position sur la carte"),
}

_ALSO_CALLED: Mapping[Kind, str] = {
    Kind.GROCERY: "alimentation|alimentation générale|épicerie bio|magasin bio|supérette|supermarché|vrac",
    Kind.BAKERY: "boulanger|boulangerie pâtisserie|pain",
    Kind.GREENGROCER: "fruits et légumes|fruits & légumes|légumes",
    Kind.BUTCHER: "boucher|boucherie charcuterie|charcuterie",
    Kind.FISHMONGER: "poissonnier|poisson",
    Kind.FARM: "ferme|producteur|maraîcher|vente directe|farm door",
    Kind.MARKET_STALL: "marché|étal|stand de marché|market",
    Kind.MOBILE: "ambulant|camion|tournée|food truck",
    Kind.RESTAURANT: "restaurant|cantine|café|traiteur",
    Kind.OTHER: "autre",
}


def _singular(text: str) -> str:
    return " ".join(word.removesuffix("s") for word in folded(text.replace("_", " ")).split())


_KINDS: dict[str, str] = {
    _singular(word): code.value
    for code in Kind
    for word in (code.value, KIND_NAMES[code], *_ALSO_CALLED.get(code, "").split("|"))
    if word
}


# --- positions ---

_NUMBER = r"[-+−]?\d{1,3}[.,]\d+"
_PAIR = re.compile(rf"\(?\s*({_NUMBER})\s*[\s,;/]\s*({_NUMBER})\s*\)?")


def pasted(text: str) -> Position:
    """A position pasted in one go, as maps give it: "47.2105, -1.5983" or "47,2105 -1,5983".

    Raises position_wrong.
    """
    pair = _PAIR.fullmatch(text.strip())
    if pair is None:
        raise Refusal("position_wrong")
    return _degrees(pair[1], 90), _degrees(pair[2], 180)


def position(latitude: str, longitude: str, near: Position) -> Position:
    """A position from two numbers (point or comma); `near`: the middle of its territory.

    Raises position_wrong, position_far.
    """
    return not_far(anywhere(latitude, longitude), near)


def anywhere(latitude: str, longitude: str) -> Position:
    """A position from two numbers (point or comma), wherever it is. Raises position_wrong."""
    return _degrees(latitude, 90), _degrees(longitude, 180)


def not_far(found: Position, near: Position) -> Position:
    """The position itself; raises position_far when it cannot be of this territory."""
    if max(abs(found[0] - near[0]), abs(found[1] - near[1])) > FAR_DEGREES:
        raise Refusal("position_far")
    return found


def _degrees(text: str, limit: int) -> float:
    plain = text.strip().replace(",", ".").replace("−", "-").removesuffix("°")
    if not re.fullmatch(r"[-+]?\d{1,3}(\.\d+)?", plain) or abs(float(plain)) > limit:
        raise Refusal("position_wrong")
    return round(float(plain), 7)  # a centimetre: more digits than any map means
