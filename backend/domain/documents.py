"""A merchant's documents: what they may be called, and what their first bytes say that they are."""

import re
import unicodedata

from backend.domain.errors import Refusal

PDF, PICTURE = "application/pdf", "image/jpeg"  # as they are kept: pictures are written anew
ENDINGS = {PDF: "pdf", PICTURE: "jpg"}
LONGEST_TITLE = 200
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, and marks that turn the reading direction


def title(given: str, filename: str) -> str:
    """What a document is called: as somebody typed it, else after its file's name, without what nobody sees.

    Raises title_missing when nothing readable is left.
    """
    made = _readable(given) or _readable(_stem(filename))
    if not re.search(r"\w", made):
        raise Refusal("title_missing", detail="title")
    return made[:LONGEST_TITLE].rstrip()


def _stem(filename: str) -> str:
    """The last part of a path, of whatever system, without its ending."""
    return re.sub(r"\.\w{1,5}$", "", re.split(r"[/\\]", filename)[-1])


def _readable(text: str) -> str:
    seen = "".join(" " if each in "\n\t" else each for each in text if _is_seen(each))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _is_seen(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in _UNSEEN


def filename(called: str, media: str) -> str:
    """The name under which a browser saves it: made of its title, never of the name that somebody's file had."""
    plain = re.sub(r"[^\w.-]+", "-", called).strip("-.")
    return f"{plain[:100].rstrip('-.') or 'document'}.{ENDINGS[media]}"


def ascii_filename(called: str, media: str) -> str:
    """The same for browsers that read nothing else."""
    return filename(unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode(), media)


def is_pdf(head: bytes) -> bool:
    """Whether these first bytes are a PDF's. Nothing may stand before them: what else the file is would count too."""
    return head.startswith((b"%PDF-1.", b"%PDF-2."))
