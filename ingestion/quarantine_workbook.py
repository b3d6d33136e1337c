"""A workbook of rejected rows for their sender: what stands where, why it was not taken, the line itself masked."""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc
import xlsxwriter

from ingestion.feed_spec import Layout, load_feed
from ingestion.kept import as_judged
from ingestion.masking import mask_values, printable
from ingestion.messages import RULE_TITLES, field_title
from ingestion.quarantine import Rejects

SHEET_ROWS = 1_000_000  # a sheet holds a few more
LONGEST_LINE = 2_000  # characters of a line that are shown
WIDTHS = {
    "来源/接口": 30,
    "文件": 24,
    "行号": 9,
    "字节位置": 11,
    "规则": 14,
    "字段": 20,
    "原因": 46,
    "原行（已掩码）": 70,
}
LINE_HEIGHT = 17
CREATED = datetime(2016, 1, 1)  # of the workbook: a clock would make the same rows give other bytes


def export(target: Path, found: Iterable[Rejects]) -> int:
    """Write rejected rows to a workbook, every cell text; return how many."""
    options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": "退回记录", "created": CREATED})
        sheets = _Sheets(book)
        for each in found:
            for cells in _rows(each):
                sheets.write(cells)
        return sheets.count


class _Sheets:
    """Sheets of rows under a frozen line of labels; a further one begins when one is full."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book, self.count = book, 0
        framed = {"num_format": "@", "valign": "top", "text_wrap": True, "border": 1, "border_color": "#BFBFBF"}
        self._text = book.add_format(framed)
        self._label = book.add_format({**framed, "bold": True, "bg_color": "#DDE7F0"})
        self._begin()

    def _begin(self) -> None:
        number = self.count // SHEET_ROWS + 1
        self._sheet = self._book.add_worksheet("退回记录" if number == 1 else f"退回记录{number}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        for column, (label, width) in enumerate(WIDTHS.items()):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, label, self._label)
        self._sheet.autofilter(0, 0, SHEET_ROWS, len(WIDTHS) - 1)

    def write(self, cells: tuple[str, ...]) -> None:
        """Append a row."""
        if self.count and self.count % SHEET_ROWS == 0:
            self._begin()
        line = self.count % SHEET_ROWS + 1
        # Not every program fits the height of a row to its wrapped text.
        self._sheet.set_row(line, LINE_HEIGHT * max(map(_lines, cells, WIDTHS.values())))
        for column, cell in enumerate(cells):
            self._sheet.write_string(line, column, cell, self._text)
        self.count += 1


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column, a Chinese character being as wide as two others."""
    return max(1, math.ceil(sum(2 if ord(character) > 0xFF else 1 for character in text) * 1.05 / width))


def _rows(found: Rejects) -> Iterator[tuple[str, ...]]:
    batch = found.batch
    (layout,) = as_judged(load_feed(batch.source, batch.feed), batch).layouts
    columns = ("source_line", "byte_offset", "rule_code", "field_name", "message")
    values = [found.kept[name].to_pylist() for name in columns]
    for line, offset, rule, field, message, shown in zip(*values, masked_lines(layout, found), strict=True):
        yield (
            f"{batch.source}/{batch.feed}",
            batch.file_name,
            str(line),
            "" if offset is None else str(offset),
            RULE_TITLES.get(rule, rule),
            field_title(layout.field(field)) if field else "",
            message,
            shown,
        )


def masked_lines(layout: Layout, found: Rejects) -> list[str]:
    """Return rejected lines fit to be shown: fields joined by bars; of a line that has none, its text."""
    shown = []
    for field in layout.fields:
        values = pc.fill_null(found.raw[field.name].combine_chunks(), "")
        if field.type == "money":  # its padding would make it look like a long number
            values = pc.replace_substring_regex(values, pattern="^(-?)0+([0-9])", replacement=r"\1\2")
        shown.append(mask_values(values, is_number=field.checksum is not None))
    joined = pc.binary_join_element_wise(*shown, " | ").to_pylist()
    encoding = layout.format.encoding or "utf-8"
    for index in pc.indices_nonzero(pc.is_null(found.raw[layout.fields[0].name])).to_pylist():
        original = found.kept["original"][index].as_py()
        joined[index] = printable(original.decode(encoding, errors="replace"), LONGEST_LINE)
    return joined
