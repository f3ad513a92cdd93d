"""Erasing a person, or one remark: which words go, and what stays of an entry. Names live outside the journal."""

from backend.domain.errors import N_
from backend.domain.journal import Entry, MerchantSpotted, PhotoAttached
from backend.domain.merchants import folded

ERASED_NAME = N_("personne effacée")
ERASED_PHOTO = "photo_erased"  # what phones are told of a photo or a voice note whose bytes are gone

_WORDS = ("text", "caption", "reason", "note")


def blanked(entry: Entry) -> Entry:
    """The entry without a word of its author. What was chosen stays, and the hash of a photo or of a voice note."""
    return entry.model_copy(update=dict.fromkeys(_said(entry), ""))


def _said(entry: Entry) -> list[str]:
    return [name for name in _WORDS if name in entry.model_fields_set and getattr(entry, name)]


def erasable(entry: Entry) -> bool:
    """Whether there is something in this entry that could be erased: words, a photo, a voice."""
    spotted = isinstance(entry, MerchantSpotted) and entry.photos
    return bool(_said(entry) or getattr(entry, "voice", None) or spotted or isinstance(entry, PhotoAttached))


def same_name(typed: str, name: str) -> bool:
    """Whether what was typed to confirm is this name: case, accents and spaces forgiven."""
    return folded(typed) == folded(name) != ""
