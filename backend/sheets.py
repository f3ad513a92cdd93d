"""Lists as spreadsheets read them: XLSX and CSV. The one adapter of XlsxWriter."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from backend.domain.formulas import harmless

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Table:
    """A list: its name, the titles of its columns, its rows (as many cells each)."""

    name: str
    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]


WIDEST = 60  # signs


def as_csv(table: Table) -> bytes:
    """UTF-8 with the mark by which Excel knows it, semicolons, ISO dates. A text that begins like a formula gets an
    apostrophe before it; our own import takes it away again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.titles)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, float):
        return f"{cell:.10g}".replace(".", ",")
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def as_xlsx(table: Table) -> bytes:
    """A workbook of one sheet: titles that stay in view, filters, real dates; what looks like a formula is text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(table.name[:31])
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    for column, title in enumerate(table.titles):
        sheet.write_string(0, column, title, bold)
    for number, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif cell is not None:
                sheet.write_number(number, column, cell)
    for column, title in enumerate(table.titles):
        lengths = [len(str(row[column] or "")) for row in table.rows[:200]]
        sheet.set_column(column, column, min(WIDEST, max([len(title), 8, *lengths]) + 2))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.titles) - 1)
    book.close()
    return out.getvalue()
