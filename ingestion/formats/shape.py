"""How each kind of text format writes head, rows and trailer: what the kinds share."""

import re
from abc import ABC, abstractmethod
from decimal import Decimal

import pyarrow as pa

from ingestion.feed_spec import Feed, Field, Layout
from ingestion.formats.encoding import Decoder
from ingestion.formats.exchange import CENT, Named


class Shape(ABC):
    """How one kind of text format writes head, rows and trailer."""

    head_lines = 1
    header_start: bytes  # what the first line must start with to be a header at all
    header_pattern: re.Pattern  # groups title, feed, period, sequence, created
    trailer_start: bytes  # what a trailer's line starts with

    def __init__(self, feed: Feed, layout: Layout):
        self.feed, self.layout = feed, layout
        self.names = [field.name for field in layout.fields]
        self.total_fields = [layout.field(name) for name in feed.control_totals]
        self.encoding = layout.format.encoding

    @abstractmethod
    def head(self, named: Named) -> tuple[bytes, bytes]:
        """Return the bytes of the head before and after the day of creation, up to its newline."""

    @abstractmethod
    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        """Return the trailer that belongs to a body."""

    @abstractmethod
    def trailer_pattern(self) -> re.Pattern:
        """Return the pattern of a whole trailer; groups rows, body_bytes and total0, total1 ..."""

    @abstractmethod
    def damaged_trailer(self, tail: bytes) -> int | None:
        """Return where in the end of a file a trailer seems to begin that does not match the pattern."""

    @abstractmethod
    def table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        """Return the raw rows of a piece of the body; raise `Refused`."""

    def repeated_header(self, piece: bytes) -> int:
        """Return where a second header begins in a piece of the body, or -1."""
        return at_line_start(piece, self.header_start + self._title())

    def check_head(self, head: bytes) -> None:  # noqa: B027 - most kinds have nothing to add
        """Raise `Refused` for what this kind alone can find wrong with a head that is not as expected."""

    def _title(self) -> bytes:
        return self.feed.title.encode(self.encoding)


def at_line_start(piece: bytes, mark: bytes) -> int:
    """Return where a line of the piece begins with the mark, or -1."""
    if piece.startswith(mark):
        return 0
    found = piece.find(b"\n" + mark)
    return found + 1 if found >= 0 else -1


def total_text(field: Field, total: Decimal) -> str:
    """Return a total, given in yuan, in the field's own unit."""
    return f"{total:.2f}" if field.unit == "yuan" else str(int(total / CENT))


def total_pattern(field: Field) -> str:
    """Return the pattern of a total in the field's own unit."""
    return r"-?[0-9]{1,22}\.[0-9]{2}" if field.unit == "yuan" else "-?[0-9]{1,24}"


def total_yuan(field: Field, text: str) -> Decimal:
    """Return in yuan a total written in the field's own unit."""
    return Decimal(text) if field.unit == "yuan" else Decimal(text) * CENT
