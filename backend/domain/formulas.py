"""Texts that a spreadsheet would run: an apostrophe goes before them when we write, and away again when we read."""

import re

_RUN = re.compile(
    r"'*[=+\-@\t\r]"
)  # with the apostrophes that people wrote themselves, so that each comes back


def harmless(text: str) -> str:
    """The text of a cell that no spreadsheet runs.

    >>> harmless("=1+1"), harmless("'t Winkeltje")
    ("'=1+1", "'t Winkeltje")
    """
    return f"'{text}" if _RUN.match(text) else text


def as_meant(text: str) -> str:
    """What `harmless` was given, and what people type before a formula to keep it as a text.

    >>> as_meant("'=1+1"), as_meant("'t Winkeltje")
    ('=1+1', "'t Winkeltje")
    """
    return text[1:] if text.startswith("'") and _RUN.match(text) else text


def is_run(text: str) -> bool:
    """Whether a spreadsheet would run it as it stands."""
    return not text.startswith("'") and _RUN.match(text) is not None
