"""Fixed-width records, cut by bytes: type `H`, `D` or `T`, then the fields, then a newline."""

import re
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import Feed, Field, Layout
from ingestion.formats.columns import NEWLINE, Lines, control_characters, lost_characters, raw_rows, split
from ingestion.formats.encoding import Decoder
from ingestion.formats.exchange import CENT, Named
from ingestion.formats.shape import Shape
from ingestion.messages import Refused

SHORTEST_HEAD = 120
TITLE, FEED, PERIOD, SEQUENCE = 60, 40, 8, 3
ROWS, TOTAL, BODY_BYTES = 10, 18, 14
# Put between the fields before they are decoded, so that a character cut in two by a width cannot be read over it.
UNIT_SEPARATOR = "\x1f"


class FixedWidth(Shape):
    """Records of one length; text is left-justified, money right-justified and zero-padded, a minus sign first."""

    header_start = b"H"
    header_pattern = re.compile(
        rb"H(?P<title>[^\n]*?) *(?P<feed>[a-z_][a-z0-9_]*) +(?P<period>[0-9]{8}|[0-9]{6}(?=  ))(?: {2})?"
        rb"(?P<sequence>[0-9]{3})(?P<created>[0-9]{8}) *\n"
    )
    trailer_start = b"T"

    def __init__(self, feed: Feed, layout: Layout):
        super().__init__(feed, layout)
        self.length = layout.record_length
        self.frame_length = max(self.length, SHORTEST_HEAD)

    def head(self, named: Named) -> tuple[bytes, bytes]:
        title = self._title().ljust(TITLE)
        values = (self.feed.name.ljust(FEED), named.period.ljust(PERIOD), named.sequence.ljust(SEQUENCE))
        prefix = b"H" + title + "".join(values).encode()
        return prefix, b" " * (self.frame_length - len(prefix) - 8) + b"\n"

    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        money = "".join(_padded(*pair) for pair in zip(self.total_fields, totals, strict=True))
        text = f"T{rows:0{ROWS}d}{money}{body_bytes:0{BODY_BYTES}d}"
        return text.ljust(self.frame_length).encode() + b"\n"

    @cached_property
    def _trailer_pattern(self) -> re.Pattern:
        patterns = {"fen": r"[-0-9][0-9]{17}", "yuan": r"[-0-9][0-9]{14}\.[0-9]{2}"}
        totals = "".join(f"(?P<total{i}>{patterns[field.unit]})" for i, field in enumerate(self.total_fields))
        text = rf"T(?P<rows>[0-9]{{{ROWS}}}){totals}(?P<body_bytes>[0-9]{{{BODY_BYTES}}})"
        blanks = self.frame_length - 1 - ROWS - TOTAL * len(self.total_fields) - BODY_BYTES
        return re.compile(rb"%b {%d}\n" % (text.encode(), blanks))

    def trailer_pattern(self) -> re.Pattern:
        return self._trailer_pattern

    def damaged_trailer(self, tail: bytes) -> int | None:
        start = tail.rfind(b"\n", 0, -1) + 1
        return start if re.fullmatch(rb"T?[0-9.\-]{1,100} *\n?", tail[start:]) else None

    def table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        records = self._records(piece, line)
        controls = control_characters(piece)
        if len(controls):
            # The row is rejected for it; here it must not be taken for the separator.
            records = np.where(records == ord(UNIT_SEPARATOR), ord(" "), records)
        separated = np.full((len(records), self.length - 1 + len(self.names)), ord(UNIT_SEPARATOR), np.uint8)
        source, target = 1, 0
        for field in self.layout.fields:
            separated[:, target : target + field.width] = records[:, source : source + field.width]
            source, target = source + field.width, target + field.width + 1
        separated[:, -1] = NEWLINE
        text = decoder.decode(separated.tobytes(), line)
        lines = Lines.of(piece, offset, line)
        problems = lost_characters(text)
        if len(controls):
            problems["control_character"] = lines.at(controls + offset)
        columns, wrong = split(text, self.names, UNIT_SEPARATOR)
        return raw_rows(columns, wrong, lines, problems)

    def _records(self, piece: bytes, line: int) -> np.ndarray:
        """Return the records as rows of bytes; raise `Refused` at the first of another length or type."""
        whole, rest = divmod(len(piece), self.length + 1)
        records = np.frombuffer(piece, np.uint8)[: len(piece) - rest].reshape(whole, self.length + 1)
        ends_right = records[:, -1] == NEWLINE
        newlines = piece.count(b"\n")
        if rest or newlines != whole or not ends_right.all():
            lines = Lines.of(piece, 0, line)
            wrong = int(np.flatnonzero(lines.lengths != self.length)[0])
            found = int(lines.lengths[wrong]) + 1
            raise Refused("record_length", line=line + wrong, expected=self.length + 1, found=found)
        other = np.flatnonzero(records[:, 0] != ord("D"))
        if len(other):
            raise Refused("record_type", line=line + int(other[0]))
        return records


def _padded(field: Field, total: Decimal) -> str:
    return f"{total:0{TOTAL}.2f}" if field.unit == "yuan" else f"{int(total / CENT):0{TOTAL}d}"
