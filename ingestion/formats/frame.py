"""The head and the trailer of a text file as bytes: a shape's, with the mark and the line ends of its layout."""

import re
from datetime import date
from decimal import Decimal

from ingestion.feed_spec import Format
from ingestion.formats.exchange import Named
from ingestion.formats.shape import Shape
from ingestion.messages import Refused

CRLF = b"\r\n"


def line_end_of(form: Format) -> bytes:
    """Return how every line of a file ends."""
    return CRLF if form.line_end == "crlf" else b"\n"


def mark_of(form: Format) -> bytes:
    """Return the byte order mark with which a file starts, empty where none is declared."""
    return "\ufeff".encode(form.encoding) if form.bom else b""


def check_line_ends(piece: bytes, line_end: bytes, first_line: int) -> None:
    """Raise `Refused` at the first line of a piece that does not end as declared."""
    if line_end == b"\n":
        if (at := piece.find(b"\r")) >= 0:
            detail = "含有回车符（CR），接口规定行尾只用换行符（LF）"
            raise Refused("carriage_return", line=first_line + piece.count(b"\n", 0, at), detail=detail)
    elif not piece.count(b"\r") == piece.count(b"\n") == piece.count(CRLF):
        at = re.search(rb"\r(?!\n)|(?<!\r)\n", piece).start()
        detail = "不是回车换行（CR LF），接口规定每行都以 CR LF 结束"
        raise Refused("carriage_return", line=first_line + piece.count(b"\n", 0, at), detail=detail)


class Frame:
    """What stands before and after the rows of a file."""

    def __init__(self, shape: Shape, named: Named):
        form = shape.layout.format
        self.shape, self.line_end, self.mark = shape, line_end_of(form), mark_of(form)
        prefix, suffix = shape.head(named)
        self.prefix, self.suffix = self.mark + self._ended(prefix), self._ended(suffix)
        self.trailer_pattern = self._pattern(shape.trailer_pattern())
        self.header_pattern = self._pattern(shape.header_pattern)

    def _ended(self, text: bytes) -> bytes:
        return text.replace(b"\n", self.line_end)

    def _pattern(self, pattern: re.Pattern) -> re.Pattern:
        """Return a shape's pattern, in which only line ends are newlines, with the declared line ends."""
        if self.line_end == b"\n":
            return pattern
        return re.compile(pattern.pattern.replace(b"\n", rb"\n").replace(rb"\n", rb"\r\n"))

    def head(self, created: date) -> bytes:
        """Return the whole head of a file created on a day."""
        return self.prefix + f"{created:%Y%m%d}".encode() + self.suffix

    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        """Return the trailer that belongs to a body."""
        return self._ended(self.shape.trailer(rows, totals, body_bytes))

    def damaged_trailer(self, tail: bytes) -> int | None:
        """Return where in the end of a file a trailer seems to begin that does not match the pattern."""
        if self.line_end == CRLF:
            tail = tail[:-2] + b"\n" if tail.endswith(CRLF) else tail.removesuffix(b"\r")
        return self.shape.damaged_trailer(tail)
