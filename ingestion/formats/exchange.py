"""What every format gives: a file whose head and tail were checked, its rows as Arrow, and the proof at the end."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from ingestion.feed_spec import Feed, Layout, NoLayout
from ingestion.messages import Refused, field_title

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Named:
    """What the name of a file says: the period and sequence, as text, and the profile where a feed has several."""

    period: str
    sequence: str
    profile: str | None = None


@dataclass(frozen=True)
class Declared:
    """What a trailer declares; totals in yuan, in the order of the feed's control totals."""

    rows: int
    totals: tuple[Decimal, ...]


@dataclass(frozen=True)
class Facts:
    """What was found in a file: rows, and the readable money of all of them, in yuan."""

    rows: int
    totals: tuple[Decimal, ...]
    unread: dict[str, tuple[int, int]]  # per control total: rows whose money could not be read, and the first's line


class Exchange(ABC):
    """A received file of a feed. Rows come as Arrow tables of text; `verify` proves the file once they all came.

    The tables' columns: source_line, byte_offset and byte_length (null where a row has no bytes of its own in the
    file), problem (code of a row rule, or null), problem_field, and one text column per field of the layout.
    """

    def __init__(self, feed: Feed, layout: Layout, created: date):
        self.feed, self.layout, self.created = feed, layout, created

    @property
    @abstractmethod
    def encoding(self) -> str:
        """The encoding of the text, as the batch records it."""

    @abstractmethod
    def rows(self) -> Iterator[pa.Table]:
        """Yield the rows as raw text, in the order of the file; raise `Refused`."""

    @abstractmethod
    def original(self, rows: pa.Table) -> pa.Array:
        """Return the bytes of those raw rows as received, as binary."""

    @abstractmethod
    def locate(self, lines: list[int]) -> dict[int, tuple[int | None, bytes]]:
        """Return byte offset and bytes of the rows on those lines."""

    @abstractmethod
    def verify(self, facts: Facts) -> None:
        """Raise `Refused` unless what was found is what the trailer declares."""


def check_totals(feed: Feed, layout: Layout, declared: Declared, facts: Facts) -> None:
    """Raise `Refused` when rows or money differ from what the trailer declares."""
    if declared.rows != facts.rows:
        difference = facts.rows - declared.rows
        raise Refused("row_count_differs", expected=declared.rows, found=facts.rows, difference=f"{difference:+d}")
    parts = []
    for name, expected, found in zip(feed.control_totals, declared.totals, facts.totals, strict=True):
        if expected != found:
            part = f"{field_title(layout.field(name))}写明 {expected:,.2f} 元，"
            part += f"实际 {found:,.2f} 元，差 {found - expected:+,.2f} 元"
            if name in facts.unread:
                count, line = facts.unread[name]
                part += f"（{count} 行的该金额无法读取，首见于第 {line} 行）"
            parts.append(part)
    if parts:
        raise Refused("control_totals_differ", detail="；".join(parts))


def check_volume(feed: Feed, rows: int) -> None:
    """Raise `Refused` when a file has fewer rows than the feed's minimum."""
    if rows < feed.volume.min_rows:
        raise Refused("below_minimum_volume", found=rows, expected=feed.volume.min_rows)


def created_day(text: str) -> date | None:
    """Return the day written as YYYYMMDD, or None when there is no such day."""
    if not re.fullmatch(r"[0-9]{8}", text, re.ASCII):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def layout_for(feed: Feed, created: date, profile: str | None = None) -> Layout:
    """Return the layout effective on the day a file was created; raise `Refused`."""
    try:
        return feed.layout_on(created, profile)
    except NoLayout as error:
        earliest = feed.layouts_of(profile)[0].effective_from
        raise Refused("no_layout", created=str(created), earliest=str(earliest)) from error
