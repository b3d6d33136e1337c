"""Exchange files as they are written: common to all forms are the header, the totals and the register of files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from ingestion.feed_spec import Feed, Field
from ingestion.outgoing.text import MISSING, Column


class ExchangeFile(ABC):
    """A file being written chunk by chunk. Subclasses say how a header, a chunk and a trailer look in their form.

    Use it as a context manager. Columns are given by field name: int64 for amounts (fen), months, days and integers,
    with MISSING for an empty value; bytes in the encoding of the layout for texts and codes; one value for all rows.
    """

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
        self.rows = 0
        self.totals = dict.fromkeys(feed.control_totals, 0)
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, columns: Mapping[str, Column]) -> None:
        """Write rows; every field of the layout has its column."""
        count = next((len(column) for column in columns.values() if not isinstance(column, bytes)), 0)
        if not count:
            return
        self.rows += count
        for name in self.totals:
            amounts = columns[name]
            self.totals[name] += int(amounts[amounts != MISSING].sum())
        self.write_rows([(field, self._column(columns, field)) for field in self.layout.fields], count)

    @staticmethod
    def _column(columns: Mapping[str, Column], field: Field) -> Column:
        column = columns[field.name]
        return column.astype(np.int64) if isinstance(column, np.ndarray) else column

    @property
    def header_values(self) -> tuple[str, str, str, str, str]:
        """Return title, feed, period, sequence and the day created."""
        return self.feed.title, self.feed.name, self.period, self.sequence, f"{self.created:%Y%m%d}"

    @abstractmethod
    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        """Write one chunk of rows."""

    @abstractmethod
    def close(self) -> None:
        """Write the trailer and close the file."""

    def __enter__(self) -> "ExchangeFile":
        return self

    def __exit__(self, kind, *failure) -> None:
        if kind is None:  # a file that was not written whole gets no trailer
            self.close()
