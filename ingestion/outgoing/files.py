"""Exchange files as they are written: common to all forms are the header, the totals and the register of files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.feed_spec import Feed, Field
from ingestion.outgoing.text import MISSING, Column, money_text, month_text, number_text, with_blanks
from ingestion.outgoing.writable import Unwritable, require_writable


class ExchangeFile(ABC):
    """A file being written chunk by chunk. Subclasses say how a header, a chunk and a trailer look in their form.

    Use it as a context manager: the file appears under its name once it is whole, and never half written.
    Columns are given by field name: int64 for amounts (fen), months, days and integers, with MISSING for an empty
    value where the field is not required; bytes in the encoding of the layout for texts and codes (UTF-8 where a
    layout has none), null or empty for none; one value for all rows. A text that the encoding cannot write is
    refused (`Unwritable`).
    """

    first_line = 2  # on which the first row stands

    def __init__(
        self,
        path: Path,
        feed: Feed,
        period: str,
        created: date,
        *,
        sequence: str = "001",
        profile: str | None = None,
    ):
        self.feed, self.period, self.created = feed, period, created
        self.sequence, self.profile = sequence, profile
        self.layout = feed.layout_on(created, profile)
        self.encoding = self.layout.format.encoding or "utf-8"
        self.rows = 0
        self.totals = dict.fromkeys(feed.control_totals, 0)
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.unfinished = path.with_name(f".{path.name}.part")

    @property
    def next_line(self) -> int:
        """The line on which the next row will stand."""
        return self.line_of(self.rows)

    def line_of(self, row: int) -> int:
        """Return the line of a row, rows counted from 0 over the whole file."""
        return self.first_line + row

    def write(self, columns: Mapping[str, Column]) -> None:
        """Write rows; every field of the layout has its column. Raise `Unwritable`."""
        count = next((len(column) for column in columns.values() if not isinstance(column, bytes)), 0)
        if not count:
            return
        prepared = [(field, self._column(columns, field)) for field in self.layout.fields]
        for field, column in prepared:
            self._check(field, column)
        for name in self.totals:
            amounts = columns[name]
            present = amounts if self.layout.field(name).required else amounts[amounts != MISSING]
            self.totals[name] += int(present.sum())
        self.write_rows(prepared, count)
        self.rows += count

    @staticmethod
    def _column(columns: Mapping[str, Column], field: Field) -> Column:
        column = columns[field.name]
        if isinstance(column, bytes):
            return column
        if isinstance(column, np.ndarray):
            return column.astype(np.int64)
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return pc.fill_null(whole, b"") if whole.null_count else whole

    def _check(self, field: Field, column: Column) -> None:
        if isinstance(column, np.ndarray):
            return
        try:
            require_writable(column, self.encoding, self.layout.format.separator)
        except Unwritable as error:
            raise error.at(self.path.name, self.line_of(self.rows + error.row), field) from None

    @property
    def header_values(self) -> tuple[str, str, str, str, str]:
        """Return title, feed, period, sequence and the day created."""
        return self.feed.title, self.feed.name, self.period, self.sequence, f"{self.created:%Y%m%d}"

    @abstractmethod
    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        """Write one chunk of rows."""

    @abstractmethod
    def finish(self) -> None:
        """Write the trailer and close the unfinished file."""

    @abstractmethod
    def abandon(self) -> None:
        """Close the unfinished file as it is."""

    def close(self) -> None:
        """Write the trailer, and give the file its name."""
        self.finish()
        self.unfinished.replace(self.path)

    def __enter__(self) -> "ExchangeFile":
        return self

    def __exit__(self, kind, *failure) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()
            self.unfinished.unlink(missing_ok=True)


def field_text(field: Field, column: Column) -> pa.BinaryArray | bytes:
    """Return a column as it stands in a file whose values have no fixed width."""
    if not isinstance(column, np.ndarray):
        return column
    if field.type == "money":
        text = money_text(column, field.unit)
        return text.cast(pa.binary()) if field.required else with_blanks(text, column)
    text = month_text(column) if field.type == "month" else number_text(column)
    return with_blanks(text, column)
