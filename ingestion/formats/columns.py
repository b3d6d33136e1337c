"""Turn separated text into raw Arrow columns, whole chunks at a time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

NEWLINE = 0x0A
RAW = {
    "source_line": pa.int64(),
    "byte_offset": pa.int64(),
    "byte_length": pa.int64(),
    "problem": pa.string(),
    "problem_field": pa.string(),
}


def raw_schema(names: list[str]) -> pa.Schema:
    """Return the schema of raw rows: where each stands, what is wrong with it as a row, and its fields as text."""
    return pa.schema([*RAW.items(), *((name, pa.string()) for name in names)])


@dataclass(frozen=True)
class Lines:
    """Where the lines of a piece of a file start and how long they are, without their newline."""

    first_line: int
    starts: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, piece: bytes, offset: int, first_line: int) -> "Lines":
        """Find the lines of a piece that begins at `offset` of the file and ends with a newline."""
        ends = np.flatnonzero(np.frombuffer(piece, np.uint8) == NEWLINE)
        starts = np.empty_like(ends)
        starts[:1] = 0
        starts[1:] = ends[:-1] + 1
        return cls(first_line, starts + offset, ends - starts)

    def at(self, offsets: np.ndarray) -> np.ndarray:
        """Return the indexes of the lines that hold those offsets of the file."""
        return np.unique(np.searchsorted(self.starts, offsets, side="right") - 1)


def control_characters(piece: bytes) -> np.ndarray:
    """Return the positions of control characters other than newline.

    Safe on GB 18030 as it is: no byte of its longer characters is below 0x30, or 0x7F.
    """
    codes = np.frombuffer(piece, np.uint8)
    return np.flatnonzero(((codes < 0x20) & (codes != NEWLINE)) | (codes == 0x7F))


def lost_characters(text: bytes) -> dict[str, np.ndarray]:
    """Return the lines of UTF-8 that hold U+FFFD, which stands for a character that was lost, as a problem of rows."""
    mark = "\ufffd".encode()
    if mark not in text:
        return {}
    lost = [index for index, line in enumerate(text.split(b"\n")) if mark in line]
    return {"replacement_character": np.array(lost)}


def split(text: bytes, names: list[str], separator: str) -> tuple[pa.Table, list[int]]:
    """Split lines of UTF-8 into columns; return those with the right number of fields, and the indexes of the others.

    There is no quoting. The text must hold no carriage return, which Arrow would take for the end of a line.
    """
    wrong: list[int] = []

    def skip(row) -> str:
        wrong.append(row.number - 2)  # counted from 1, after the line of names
        return "skip"

    named = separator.join(names).encode() + b"\n" + text  # the names also keep a leading U+FEFF from being dropped
    table = pa.csv.read_csv(
        pa.py_buffer(named),
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=len(named) + 1),
        parse_options=pa.csv.ParseOptions(
            delimiter=separator,
            quote_char=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    return table, wrong


def raw_rows(columns: pa.Table, wrong: list[int], lines: Lines, problems: dict[str, np.ndarray]) -> pa.Table:
    """Put columns and the places of their lines together, in the order of the lines.

    `wrong` are lines without columns (problem `field_count`); `problems` gives the lines of other problems by code.
    """
    count = len(lines.starts)
    problem = np.full(count, None, dtype=object)
    for code, indexes in problems.items():
        problem[indexes] = code
    problem[wrong] = "field_count"
    places = pa.table(
        {
            "source_line": np.arange(lines.first_line, lines.first_line + count),
            "byte_offset": lines.starts,
            "byte_length": lines.lengths,
            "problem": pa.array(problem, pa.string()) if problems or wrong else pa.nulls(count, pa.string()),
            "problem_field": pa.nulls(count, pa.string()),
        }
    )
    if wrong:
        indexes = np.full(count, -1)
        keep = np.ones(count, dtype=bool)
        keep[wrong] = False
        indexes[keep] = np.arange(keep.sum())
        columns = columns.take(pa.array(indexes, mask=~keep))
    for name, column in zip(columns.column_names, columns.columns, strict=True):
        places = places.append_column(name, column)
    return places.cast(raw_schema(columns.column_names))
