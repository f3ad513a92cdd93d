"""What everyone may read of a sales point: these fields, and no others. Pages, feeds and pictures are made of them."""

import hashlib
from dataclasses import dataclass, fields

from backend.domain.merchants import Kind


@dataclass(frozen=True)
class PublishedPlace:
    """A sales point of an accredited merchant that was told so, as anyone may read it.

    `active`: one pays there in Moneko now; else soon. `families`, `paying`: codes. `words`: the committee's, and
    `commitments`: the merchant's, as far as the committee made them public. `opening_hours`: OpenStreetMap's notation.
    """

    slug: str
    merchant_id: str
    active: bool
    name: str
    kind: Kind
    label: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    lat: float | None = None
    lon: float | None = None
    phone: str = ""
    website: str = ""
    products: str = ""
    families: tuple[str, ...] = ()
    opening_hours: str = ""
    access: str = ""
    access_note: str = ""
    payable: str = ""
    payable_note: str = ""
    paying: tuple[str, ...] = ()
    paying_note: str = ""
    words: str = ""
    commitments: tuple[str, ...] = ()
    territory: str = ""

    @property
    def called(self) -> str:
        """Its name, with which of its places it is."""
        return called(self.name, self.label)

    @property
    def town(self) -> str:
        """Postcode and town."""
        return f"{self.postcode} {self.city}".strip()

    @property
    def digest(self) -> str:
        """Differs as soon as something that is published differs."""
        said = tuple(getattr(self, name) for name in _FIELDS)  # `astuple` copies each text: six times as long
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def called(name: str, label: str) -> str:
    """A name with the label that tells it from others: `static/map/data.js` joins them too."""
    return f"{name}, {label}" if label else name


_FIELDS = tuple(field.name for field in fields(PublishedPlace))
