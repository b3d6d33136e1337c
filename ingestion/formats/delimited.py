"""Delimited text: `H|title|feed|period|sequence|created`, rows, `T|rows|totals|bytes`. No quoting."""

import re
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import Feed, Layout
from ingestion.formats.columns import Lines, control_characters, lost_in_columns, raw_rows, split_encoded
from ingestion.formats.encoding import Decoder
from ingestion.formats.exchange import Named
from ingestion.formats.shape import Shape, total_pattern, total_text
from ingestion.messages import Refused


class Delimited(Shape):
    """Rows whose values are joined by one character."""

    def __init__(self, feed: Feed, layout: Layout):
        super().__init__(feed, layout)
        self.separator = layout.format.separator
        mark = re.escape(self.separator.encode())
        self.header_start = b"H" + self.separator.encode()
        self.trailer_start = b"T" + self.separator.encode()
        parts = (rb"H", rb"(?P<title>[^\n]*)", *(rb"(?P<%b>[^\n]*?)" % name for name in (b"feed", b"period")))
        self.header_pattern = re.compile(mark.join((*parts, rb"(?P<sequence>[^\n]*?)", rb"(?P<created>[^\n]*?)\n")))

    def head(self, named: Named) -> tuple[bytes, bytes]:
        values = ("H", self.feed.title, self.feed.name, named.period, named.sequence, "")
        return self.separator.join(values).encode(self.encoding), b"\n"

    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        money = (total_text(*pair) for pair in zip(self.total_fields, totals, strict=True))
        return self.separator.join(("T", str(rows), *money, str(body_bytes))).encode() + b"\n"

    @cached_property
    def _trailer_pattern(self) -> re.Pattern:
        totals = (f"(?P<total{i}>{total_pattern(field)})" for i, field in enumerate(self.total_fields))
        parts = ("T", "(?P<rows>[0-9]+)", *totals, "(?P<body_bytes>[0-9]+)")
        return re.compile(re.escape(self.separator).join(parts).encode() + rb"\n")

    def trailer_pattern(self) -> re.Pattern:
        return self._trailer_pattern

    def damaged_trailer(self, tail: bytes) -> int | None:
        start = tail.rfind(b"\n", 0, -1) + 1
        mark = re.escape(self.separator.encode())
        return start if re.fullmatch(rb"(T|%b)[0-9.\-%b]*\n?" % (mark, mark), tail[start:]) else None

    def table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        lines = Lines.of(piece, offset, line)
        try:
            columns, wrong = split_encoded(
                piece, self.names, self.separator, self.encoding, lambda part: decoder.decode(part, line)
            )
        except Refused:
            decoder.decode(piece, line)  # which tells the line
            raise
        problems = lost_in_columns(columns, wrong, len(lines.starts))
        controls = control_characters(piece)
        controls = controls[np.frombuffer(piece, np.uint8)[controls] != ord(self.separator)]
        if len(controls):
            problems["control_character"] = lines.at(controls + offset)
        empty = np.flatnonzero(lines.lengths == 0)
        if len(empty) and len(self.names) > 1:
            problems["field_count"] = empty  # which Arrow takes for a row of empty fields
        return raw_rows(columns, wrong, lines, problems)
