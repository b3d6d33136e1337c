"""The four forms of exchange files: delimited, fixed width by bytes, XML, spreadsheet."""

import re
from abc import abstractmethod
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import xlsxwriter

from ingestion.feed_spec import Feed, Field
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import (
    Column,
    content,
    joined,
    lengths,
    money_text,
    month_text,
    number_text,
    take,
    with_blanks,
    yuan_text,
)


def _field_text(field: Field, column: Column) -> pa.BinaryArray | bytes:
    """Return a column as it stands in a file whose values have no fixed width."""
    if not isinstance(column, np.ndarray):
        return column
    if field.type == "money":
        return with_blanks(money_text(column, field.unit), column)
    text = month_text(column) if field.type == "month" else number_text(column)
    return with_blanks(text, column)


class _BinaryFile(ExchangeFile):
    """A file of encoded lines, with the number of bytes between its header and its trailer."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.encoding = self.layout.format.encoding
        self.body_bytes = 0
        self._stream: BinaryIO = self.path.open("wb")
        self._stream.write(self.header())

    @abstractmethod
    def header(self) -> bytes:
        """Return everything before the first row."""

    @abstractmethod
    def trailer(self) -> bytes:
        """Return everything after the last row."""

    @abstractmethod
    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        """Return each row with its newline."""

    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        body = content(self.lines(columns))
        self.body_bytes += len(body)
        self._stream.write(body)

    def close(self) -> None:
        self._stream.write(self.trailer())
        self._stream.close()


class DelimitedFile(_BinaryFile):
    """Values joined by a separator; header `H`, trailer `T` with rows, totals and bytes of the body."""

    def header(self) -> bytes:
        return self._line("H", *self.header_values)

    def trailer(self) -> bytes:
        totals = (yuan_text(total) for total in self.totals.values())
        return self._line("T", str(self.rows), *totals, str(self.body_bytes))

    def _line(self, *values: str) -> bytes:
        return (self.layout.format.separator.join(values) + "\n").encode(self.encoding)

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        values = [_field_text(field, column) for field, column in columns]
        last = values[-1]
        values[-1] = last + b"\n" if isinstance(last, bytes) else joined(last, b"\n")
        return joined(*values, separator=self.layout.format.separator.encode())


class FixedWidthFile(_BinaryFile):
    """Records of one length in bytes; the first byte tells header, data and trailer apart."""

    _HEADER_WIDTHS = (60, 40, 8, 3, 8)
    _SHORTEST = 120  # of header and trailer, which must hold their own values

    @property
    def _length(self) -> int:
        return max(self.layout.record_length, self._SHORTEST)

    def header(self) -> bytes:
        values = (value.encode(self.encoding) for value in self.header_values)
        padded = (value.ljust(width) for value, width in zip(values, self._HEADER_WIDTHS, strict=True))
        return b"".join((b"H", *padded)).ljust(self._length) + b"\n"

    def trailer(self) -> bytes:
        fields = (self.layout.field(name) for name in self.totals)
        totals = (
            yuan_text(self.totals[field.name]) if field.unit == "yuan" else str(self.totals[field.name])
            for field in fields
        )
        values = (f"{self.rows:010d}", *(total.rjust(18, "0") for total in totals), f"{self.body_bytes:014d}")
        return ("T" + "".join(values)).ljust(self._length).encode() + b"\n"

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        padded = (part for field, column in columns for part in self._padded(field, column))
        return joined(b"D", *padded, b"\n")

    def _padded(self, field: Field, column: Column) -> tuple[pa.BinaryArray | bytes, ...]:
        if isinstance(column, bytes):
            return (column.ljust(field.width),)
        if field.type == "money":
            return (money_text(column, field.unit, field.width).cast(pa.binary()),)
        text = _field_text(field, column)
        missing = field.width - lengths(text)
        if missing.min() < 0:
            raise ValueError(f"{field.name} 的值长于 {field.width} 字节")
        if missing.min() == missing.max():
            return text, b" " * int(missing[0])
        return text, take(pa.array([b" " * count for count in range(field.width + 1)], pa.binary()), missing)


class XmlFile(_BinaryFile):
    """Elements named by the national codes, one row a line; the tail holds count, totals and bytes of the rows."""

    def header(self) -> bytes:
        tags = ("TITLE", "FEED", "PERIOD", "SEQUENCE", "CREATED")
        head = "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(tags, self.header_values, strict=True))
        declaration = f'<?xml version="1.0" encoding="{self.encoding.upper()}"?>'
        return f"{declaration}\n<DATA>\n<HEAD>{head}</HEAD>\n".encode(self.encoding)

    def trailer(self) -> bytes:
        tags = (self.layout.field(name).source_field for name in self.totals)
        totals = "".join(
            f"<{tag}>{yuan_text(total)}</{tag}>" for tag, total in zip(tags, self.totals.values(), strict=True)
        )
        tail = f"<TAIL><COUNT>{self.rows}</COUNT>{totals}<BYTES>{self.body_bytes}</BYTES></TAIL>"
        return f"{tail}\n</DATA>\n".encode(self.encoding)

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        parts, between = [], b"<ROW>"
        for field, column in columns:
            parts += [between + f"<{field.source_field}>".encode(), _field_text(field, column)]
            between = f"</{field.source_field}>".encode()
        return joined(*parts, between + b"</ROW>\n")


class SpreadsheetFile(ExchangeFile):
    """One sheet of text cells: header values, labels, rows, and a last row of totals."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        options = {"constant_memory": True, "strings_to_numbers": False}
        self._workbook = xlsxwriter.Workbook(self.path, options)
        self._workbook.set_properties({"created": datetime(self.created.year, self.created.month, self.created.day)})
        self._sheet = self._workbook.add_worksheet(self.feed.title[:31])
        self._line = 0
        self._write_line(self.header_values)
        self._write_line([field.label for field in self.layout.fields])

    def _write_line(self, values) -> None:
        for column, value in enumerate(values):
            self._sheet.write_string(self._line, column, value)
        self._line += 1

    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        texts = [_field_text(field, column) for field, column in columns]
        values = [[text] * count if isinstance(text, bytes) else text.to_pylist() for text in texts]
        for row in zip(*values, strict=True):
            self._write_line([value.decode() for value in row])

    def close(self) -> None:
        self._write_line(["合计", str(self.rows), *(yuan_text(total) for total in self.totals.values())])
        self._workbook.close()


FORMS = {
    "delimited": DelimitedFile,
    "fixed_width": FixedWidthFile,
    "xml": XmlFile,
    "spreadsheet": SpreadsheetFile,
}
SUFFIXES = {
    "delimited": "txt",
    "fixed_width": "txt",
    "xml": "xml",
    "spreadsheet": "xlsx",
    "json_lines": "jsonl",
    "camt053": "xml",
}


def file_name(feed: Feed, period: str, sequence: str = "001", profile: str | None = None) -> str:
    """Return the name that the feed's pattern asks for: the pattern with its groups filled in."""
    values = {"period": period, "sequence": sequence, "profile": profile or ""}
    pattern = feed.arrives.pattern.pattern
    name = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda group: values[group[1]], pattern).replace("\\.", ".")
    if profile:
        name = re.sub(r"\(\?:([^)]*)\)", lambda group: _suffix(feed, profile, group[1].split("|")), name)
    if not feed.arrives.pattern.fullmatch(name):
        raise ValueError(f"{feed.source}/{feed.name}：文件名 {name} 不合接口定义的 pattern")
    return name


def _suffix(feed: Feed, profile: str, choices: list[str]) -> str:
    """Return which of a pattern's alternatives is the suffix of a profile's kind of file."""
    kind = next(layout.format.kind for layout in feed.layouts if layout.profile == profile)
    return SUFFIXES[kind] if SUFFIXES[kind] in choices else choices[0]


def begin_file(folder: Path, feed: Feed, period: str, created: date, **key: str) -> ExchangeFile:
    """Begin a file of a feed in a folder, named as the feed's pattern asks; `key`: sequence, profile."""
    form = FORMS[feed.layout_on(created, key.get("profile")).format.kind]
    return form(folder / file_name(feed, period, **key), feed, period, created, **key)
