"""Lists as a workbook for a desk: one sheet a list, every cell text, so that no number is rounded or re-read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from pathlib import Path

import xlsxwriter

SHEET_ROWS = 1_000_000  # a worksheet holds 1,048,576; what is written beyond would be lost without a word
_LINE_HEIGHT = 17  # points; a height that is not written is guessed, and some programs guess one line
_NUMBERS = ("（元）", "（天）", "项数")


@dataclass(frozen=True)
class Sheet:
    """A list of texts under a head, with the widths of its columns."""

    title: str
    head: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[str]]


def write_text_workbook(
    path: Path, title: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> None:
    """Write one list; columns of numbers are set right, lines within a cell are kept."""
    write_text_sheets(path, [Sheet(title, head, widths, rows)])


def write_text_sheets(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write several lists, a sheet each; what a sheet cannot hold is continued on the next."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same lists give the same bytes
        for sheet in sheets:
            rows = iter(sheet.rows)
            for number in count(1):
                part = list(islice(rows, SHEET_ROWS))
                if number == 1 or part:
                    _write_sheet(book, sheet, part, sheet.title if number == 1 else f"{sheet.title}{number}")
                if len(part) < SHEET_ROWS:
                    break


def _write_sheet(book: xlsxwriter.Workbook, written: Sheet, rows: list[Sequence[str]], title: str) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1})
    left = book.add_format({"text_wrap": True, "valign": "top", "bottom": 4})
    right = book.add_format({"align": "right", "indent": 1, "valign": "top", "bottom": 4})
    for column, (name, width) in enumerate(zip(written.head, written.widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        sheet.set_row(last, _LINE_HEIGHT * max(text.count("\n") + 1 for text in row))
        for column, text in enumerate(row):
            sheet.write_string(last, column, text, right if written.head[column].endswith(_NUMBERS) else left)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(last, 1), len(written.head) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
