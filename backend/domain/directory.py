"""A file of merchants, read as spreadsheets write it: UTF-8 or Windows-1252, French or English titles."""

import csv
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from backend.domain import details
from backend.domain.details import Position
from backend.domain.errors import Refusal
from backend.domain.formulas import as_meant
from backend.domain.merchants import folded

MAX_LINES = 10_000
MAX_COLUMNS = 500  # titles further right are not looked at

COLUMNS: Mapping[str, str] = {
    "name": "nom|name|commerce|enseigne|nom du commerce|raison sociale|dénomination|merchant",
    "kind": "genre|kind|type|catégorie|category|type de commerce",
    "address": "adresse|address|rue|voie|street|adresse postale",
    "postcode": "code postal|postcode|postal code|zip|zip code|cp",
    "city": "ville|commune|city|town|localité",
    "lat": "latitude|lat|y",
    "lon": "longitude|lon|lng|long|x",
    "phone": "téléphone|tél|phone|phone number|telephone number|numéro de téléphone",
    "email": "e-mail|email|mail|courriel|adresse e-mail|adresse mail|e-mail address",
    "website": "site|site web|site internet|website|web|url",
    "opening_hours": "horaires|horaires d’ouverture|heures d’ouverture|opening hours|hours",
    "siret": "siret|n° siret|numéro siret|no siret|siret number",
}


def _header(text: str) -> str:
    return folded(text.replace("_", " "))


_BY_HEADER = {_header(name): column for column, names in COLUMNS.items() for name in names.split("|")}


_UTF8_PAIR = re.compile(rb"[\xc2-\xc5][\x80-\xbf]")  # never in French Windows-1252: it is UTF-8, but damaged


_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, which are ZIP files, and .xls


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without its mark) or in Excel's Windows-1252.

    Raises csv_workbook for a file of Excel's own, csv_encoding for any other that is no text.
    """
    if data.startswith(_WORKBOOKS):
        raise Refusal("csv_workbook")
    if b"\0" in data:  # UTF-16, or no text at all
        raise Refusal("csv_encoding")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if _UTF8_PAIR.search(data):
            raise Refusal("csv_encoding") from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise Refusal("csv_encoding") from None


@dataclass(frozen=True)
class Line:
    """One line: what it gives (cleaned; empty cells left out) and, by detail, what is wrong with the rest."""

    number: int  # as the spreadsheet counts: the titles are line 1
    values: Mapping[str, str]
    position: Position | None = None
    troubles: Mapping[str, Refusal] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.values.get("name", "")


@dataclass(frozen=True)
class File:
    """A file that could be read. `ignored`: titles that mean nothing to us; `repeated`: columns given twice."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A file cut into cells. `places`: where each of our columns stands."""

    titles: Sequence[str]
    records: tuple[tuple[int, list[str]], ...]
    places: Mapping[str, int]
    ignored: tuple[str, ...]
    repeated: tuple[str, ...]


def read(text: str, near: Position) -> File:
    """The lines of a decoded file; `near`: the middle of the territory, against which positions are checked.

    Raises what `table` raises.
    """
    found = table(text)
    clean = cache(_cleaned)  # a column says the same thing many times
    lines = (_line(number, cells, found, near, clean) for number, cells in found.records)
    return File(tuple(lines), found.ignored, found.repeated)


def table(text: str) -> Table:
    """The cells of a decoded file. Raises csv_empty, csv_columns, csv_quotes, csv_too_many_lines."""
    records = (
        (number, cells) for number, cells in _records(text, _delimiter(text)) if any(map(str.strip, cells))
    )
    _, titles = next(records, (1, []))
    places, ignored, repeated = _columns(titles)
    if "name" not in places:
        raise Refusal("csv_columns" if titles else "csv_empty", columns="nom")
    taken = tuple(islice(records, MAX_LINES + 1))
    if not taken:
        raise Refusal("csv_empty")
    if len(taken) > MAX_LINES:
        raise Refusal("csv_too_many_lines", limit=MAX_LINES)
    return Table(titles, taken, places, ignored, repeated)


def cells(text: str, known: Container[str]) -> tuple[list[str], list[list[str]]]:
    """The titles and the records of any decoded file; `known`: the folded titles by which its separator is told.

    Raises csv_empty, csv_quotes, csv_too_many_lines.
    """
    delimiter = max(";,\t", key=lambda each: sum(folded(title) in known for title in _titles(text, each)))
    records = [row for _number, row in _records(text, delimiter) if any(map(str.strip, row))]
    if len(records) < 2:
        raise Refusal("csv_empty")
    if len(records) > MAX_LINES + 1:
        raise Refusal("csv_too_many_lines", limit=MAX_LINES)
    return records[0], records[1:]


def _titles(text: str, delimiter: str) -> list[str]:
    try:
        return next(_records(text, delimiter), (1, []))[1]
    except Refusal:
        return []


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with their numbers. A quote left open swallows the rest: it is refused where it opens."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refusal("csv_quotes", line=number) from None


def _delimiter(text: str) -> str:
    """The separator under which the first line names most of our columns."""
    return max(";,\t", key=lambda each: len(_columns(_titles(text, each))[0]))


def _columns(titles: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    """Where each of our columns stands, the titles we do not know, and those that come again."""
    places: dict[str, int] = {}
    ignored, repeated = [], []
    for place, title in enumerate(titles):
        column = _BY_HEADER.get(_header(title)) if place < MAX_COLUMNS else None
        if column is None:
            ignored.append(title.strip())
        elif column in places:
            repeated.append(title.strip())
        else:
            places[column] = place
    return places, tuple(filter(None, ignored)), tuple(repeated)


def _cleaned(column: str, text: str) -> tuple[str, Refusal | None]:
    try:
        return details.clean(column, text), None
    except Refusal as refusal:
        return "", refusal


def _line(
    number: int,
    cells: list[str],
    table: Table,
    near: Position,
    clean: Callable[[str, str], tuple[str, Refusal | None]],
) -> Line:
    if any(map(str.strip, cells[len(table.titles) :])):
        return Line(number, {}, troubles={"": Refusal("csv_shifted")})
    given = {column: cell(cells[place]) for column, place in table.places.items() if place < len(cells)}
    values: dict[str, str] = {}
    troubles: dict[str, Refusal] = {}
    for column, text in given.items():
        if column not in ("lat", "lon"):
            values[column], refusal = clean(column, text)
            if refusal is not None:
                troubles[column] = refusal
    position = None
    if given.get("lat") or given.get("lon"):
        try:
            position = details.position(given.get("lat", ""), given.get("lon", ""), near)
        except Refusal as refusal:
            troubles["position"] = refusal
    return Line(number, {column: text for column, text in values.items() if text}, position, troubles)


def cell(text: str) -> str:
    """A cell as text, whatever it looks like: a formula is kept as it is written, never run.

    The apostrophe that exports put before formulas is taken away again.
    """
    plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text).strip()
    return as_meant(plain).strip()
