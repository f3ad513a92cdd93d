"""The line of every value of a TOML text: `tomllib` gives values without saying where they stand."""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

Place = tuple[str | int, ...]
"""Where a value is: ("criteria", 3, "levels", 0, "points")."""

_TOKEN = re.compile(
    r"""
      (?P<skip> [ \t\r]+ | \#[^\n]* )
    | (?P<string> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<mark> [\[\]{}=,\n] )
    | (?P<word> [^\s\[\]{}=,\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    text: str
    line: int
    is_mark: bool


def lines_of(text: str) -> dict[Place, int]:
    """The line (from 1) of each table, key and array item of `text`, which `tomllib` must have accepted.

    Source: the grammar of TOML 1.0, https://toml.io/en/v1.0.0.
    """
    return _Walk(text).lines


def nearest_line(lines: dict[Place, int], place: Place) -> int:
    """The line of `place` or, when it is not written, of the table that should hold it; 1 if none does."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


class _Walk:
    """One walk through the tokens, noting the line of each place."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._tokens = deque(_tokens(text))
        self._tables_seen: dict[Place, int] = {}  # how many [[tables]] of that name so far
        table: Place = ()
        while self._tokens:
            if self._skip("\n"):
                continue
            table = self._header() if self._next_is("[") else self._pair(table)

    def _header(self) -> Place:
        line = self._take().line
        repeated = self._skip("[")
        *parents, last = self._key(until="]")
        if repeated:
            self._take()
        place: Place = ()
        for part in parents:
            place = self._latest((*place, part))
        place = (*place, last)
        if repeated:
            self._tables_seen[place] = self._tables_seen.get(place, 0) + 1
        place = self._latest(place)
        self._note(place, line)
        return place

    def _latest(self, place: Place) -> Place:
        """The place itself or, for a repeated [[table]], its latest occurrence."""
        seen = self._tables_seen.get(place)
        return place if seen is None else (*place, seen - 1)

    def _pair(self, table: Place) -> Place:
        line = self._tokens[0].line
        place = (*table, *self._key(until="="))
        self._note(place, line)
        self._value(place)
        return table

    def _value(self, place: Place) -> None:
        if self._skip("["):
            self._array(place)
        elif self._skip("{"):
            self._inline_table(place)
        else:
            while self._tokens and not self._tokens[0].is_mark:
                self._take()

    def _array(self, place: Place) -> None:
        index = 0
        while not self._skip("]"):
            if self._skip(","):
                index += 1
            elif not self._skip("\n"):
                self._note((*place, index), self._tokens[0].line)
                self._value((*place, index))

    def _inline_table(self, place: Place) -> None:
        while not self._skip("}"):
            if not self._skip(",") and not self._skip("\n"):
                self._pair(place)

    def _key(self, until: str) -> list[str]:
        parts: list[str] = []
        while not self._skip(until):
            text = self._take().text
            parts += [text[1:-1]] if text[0] in "\"'" else [part for part in text.split(".") if part]
        return parts

    def _note(self, place: Place, line: int) -> None:
        for end in range(1, len(place) + 1):
            self.lines.setdefault(place[:end], line)

    def _take(self) -> _Token:
        return self._tokens.popleft()

    def _next_is(self, mark: str) -> bool:
        return bool(self._tokens) and self._tokens[0].is_mark and self._tokens[0].text == mark

    def _skip(self, mark: str) -> bool:
        found = self._next_is(mark)
        if found:
            self._take()
        return found


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield _Token(match.group(), line, match.lastgroup == "mark")
        line += match.group().count("\n")
