"""The gettext catalogues: what is extracted from grids, and what of them goes to phones.

One catalogue a language, for pages, phone and grids, under `backend/locale/<language>/LC_MESSAGES/messages.po`. French
needs none: it is what the sources say.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from babel import Locale
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(file.parent.parent.name for file in FOLDER.glob("*/LC_MESSAGES/messages.po"))


def for_phones(language: str, sources: Iterable[str]) -> bytes:
    """The texts of this language that occur in these sources, as JSON: `{language, dir, messages}`.

    A text with plural forms has a list of them, in gettext's order.
    """
    told = "\n".join(sources)
    messages: dict[str, str | list[str]] = {}
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file, locale=language):
            texts = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            if texts[0] and message.string and not message.fuzzy and _occurs(texts[0], told):
                given = message.string
                messages[texts[0]] = given if isinstance(given, str) else list(given)
    direction = Locale.parse(language).text_direction
    body = {"language": language, "dir": direction, "messages": messages}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _occurs(text: str, told: str) -> bool:
    """As it is written in JavaScript, in a grid, or in one piece of either."""
    return text in told or text.replace("\n", "\\n") in told


# --- extraction (babel.cfg) ---


_ONE = re.compile(r"\b(?:t|N_)\(\s*'([^'\\]+)'")
_MANY = re.compile(r"\btn\(\s*'([^'\\]+)',\s*'([^'\\]+)'")


def phone_texts(
    file: BinaryIO, *_asked: Any, **_options: Any
) -> Iterator[tuple[int, str | None, str | tuple[str, str], list[str]]]:
    """What `t`, `N_` and `tn` are given on the phone. Babel's own reader of JavaScript loses those within templates
    within templates; ours are always a plain literal in single quotes, which a test checks."""
    code = file.read().decode()
    for text in _ONE.findall(code):
        yield 0, None, text, []
    for one, many in _MANY.findall(code):
        yield 0, "ngettext", (one, many), []


def grid_texts(file: BinaryIO, *_asked: Any, **_options: Any) -> Iterator[tuple[int, None, str, list[str]]]:
    """What people read in a grid, for `make messages`."""
    for text in texts_of(tomllib.loads(file.read().decode())):
        yield 0, None, text, []


def texts_of(grid: Mapping[str, Any]) -> Iterator[str]:
    """Its title and notice, the names of its families, and of each criterion the name, question, help and sentences."""
    yield from (grid.get(key, "") for key in ("title", "notice") if grid.get(key))
    yield from (category["name"] for category in grid.get("categories", ()))
    for criterion in grid.get("criteria", ()):
        yield from (criterion[key] for key in ("name", "question", "help") if criterion.get(key))
        yield from (level["sentence"] for level in criterion["levels"])
