"""Files of encoded lines: delimited, fixed width by bytes, JSON lines."""

import json
from abc import abstractmethod
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import Field
from ingestion.outgoing.files import ExchangeFile, field_text
from ingestion.outgoing.text import Column, amount_text, content, escaped, joined, lengths, money_text, take
from ingestion.outgoing.writable import Unwritable


class LinesFile(ExchangeFile):
    """A file of encoded lines, with the number of bytes between its header and its trailer."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        form = self.layout.format
        self.line_end = b"\r\n" if form.line_end == "crlf" else b"\n"
        self.body_bytes = 0
        self._stream: BinaryIO = self.unfinished.open("wb")
        mark = "\ufeff" if form.bom else ""
        self._write_text(mark + self.header())

    @abstractmethod
    def header(self) -> str:
        """Return everything before the first row."""

    @abstractmethod
    def trailer(self) -> str:
        """Return everything after the last row."""

    @abstractmethod
    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        """Return each row with its line end."""

    def total_texts(self) -> dict[str, str]:
        """Return the totals by national code, each in the unit of its field."""
        fields = (self.layout.field(name) for name in self.totals)
        return {field.source_field: amount_text(self.totals[field.name], field.unit) for field in fields}

    def _write_text(self, text: str) -> None:
        self._stream.write(text.encode(self.encoding).replace(b"\n", self.line_end))

    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        body = content(self.lines(columns))
        self.body_bytes += len(body)
        self._stream.write(body)

    def finish(self) -> None:
        self._write_text(self.trailer())
        self._stream.close()

    def abandon(self) -> None:
        self._stream.close()


class DelimitedFile(LinesFile):
    """Values joined by a separator; header `H`, trailer `T` with rows, totals and bytes of the body."""

    def header(self) -> str:
        return self._line("H", *self.header_values)

    def trailer(self) -> str:
        return self._line("T", str(self.rows), *self.total_texts().values(), str(self.body_bytes))

    def _line(self, *values: str) -> str:
        return self.layout.format.separator.join(values) + "\n"

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        values = [field_text(field, column) for field, column in columns]
        last = values[-1]
        values[-1] = last + self.line_end if isinstance(last, bytes) else joined(last, self.line_end)
        return joined(*values, separator=self.layout.format.separator.encode())


class FixedWidthFile(LinesFile):
    """Records of one length in bytes; the first byte tells header, data and trailer apart."""

    _HEADER_WIDTHS = (60, 40, 8, 3, 8)
    _SHORTEST = 120  # of header and trailer, which must hold their own values

    def _frame(self, text: str) -> str:
        length = max(self.layout.record_length, self._SHORTEST)
        return text + " " * (length - len(text.encode(self.encoding))) + "\n"

    def header(self) -> str:
        values = zip(self.header_values, self._HEADER_WIDTHS, strict=True)
        return self._frame("H" + "".join(value + " " * (width - self._bytes(value)) for value, width in values))

    def _bytes(self, text: str) -> int:
        return len(text.encode(self.encoding))

    def trailer(self) -> str:
        totals = (f"-{text[1:]:0>17}" if text[0] == "-" else f"{text:0>18}" for text in self.total_texts().values())
        return self._frame(f"T{self.rows:010d}{''.join(totals)}{self.body_bytes:014d}")

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        padded = (part for field, column in columns for part in self._padded(field, column))
        return joined(b"D", *padded, self.line_end)

    def _padded(self, field: Field, column: Column) -> tuple[pa.BinaryArray | bytes, ...]:
        if isinstance(column, bytes):
            self._require_fitting(field, column, np.array([field.width - len(column)]))
            return (column.ljust(field.width),)
        if field.type == "money":
            text = money_text(column, field.unit, field.width).cast(pa.binary())
            self._require_fitting(field, text, field.width - lengths(text))
            return (text,)
        text = field_text(field, column)
        missing = field.width - lengths(text)
        self._require_fitting(field, text, missing)
        if missing.min() == missing.max():
            return text, b" " * int(missing[0])
        return text, take(pa.array([b" " * count for count in range(field.width + 1)], pa.binary()), missing)

    def _require_fitting(self, field: Field, text: pa.BinaryArray | bytes, missing: np.ndarray) -> None:
        if missing.min() < 0:
            row = int(np.flatnonzero(missing < 0)[0])
            value = text if isinstance(text, bytes) else text[row].as_py()
            error = Unwritable(row, value, self.encoding, f"长于 {field.width} 字节")
            raise error.at(self.path.name, self.line_of(self.rows + row), field)


class JsonLinesFile(LinesFile):
    """One JSON object a line: head, rows whose values are all text, tail with rows, totals and bytes of the rows."""

    def header(self) -> str:
        keys = ("title", "feed", "period", "sequence", "created")
        return self._object(dict(zip(keys, self.header_values, strict=True)))

    def trailer(self) -> str:
        return self._object({"rows": self.rows, "totals": self.total_texts(), "bytes": self.body_bytes})

    @staticmethod
    def _object(values: dict) -> str:
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        parts, between = [], b'{"'
        for field, column in columns:
            text = escaped(field_text(field, column), {b"\\": b"\\\\", b'"': b'\\"'})
            parts += [between + field.source_field.encode() + b'":"', text]
            between = b'","'
        return joined(*parts, b'"}' + self.line_end)
