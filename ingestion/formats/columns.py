"""Turn separated text into raw Arrow columns, whole chunks at a time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
    if np.count_nonzero(codes < 0x20) == piece.count(b"\n") and b"\x7f" not in piece:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(((codes < 0x20) & (codes != NEWLINE)) | (codes == 0x7F))


def lost_characters(text: str) -> dict[str, np.ndarray]:
    """Return the lines that hold U+FFFD, which stands for a character that was lost, as a problem of rows."""
    if "\ufffd" not in text:
        return {}
    lost = [index for index, line in enumerate(text.split("\n")) if "\ufffd" in line]
    return {"replacement_character": np.array(lost)}


def split(text: str, names: list[str], separator: str) -> tuple[pa.Table, list[int]]:
    """Split lines into columns; return those with the right number of fields, and the indexes of the others.

    There is no quoting. The text must hold no carriage return, which Arrow would take for the end of a line.
    """
    wrong: list[int] = []

    def skip(row) -> str:
        wrong.append(row.number - 2)  # counted from 1, after the line of names
        return "skip"

    # The line of names also keeps a leading U+FEFF from being dropped.
    named = b"".join((separator.join(names).encode(), b"\n", text.encode()))
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
    """Put columns, without the blanks after their texts, and the places of their lines together, line by line.

    `wrong` are lines without columns (problem `field_count`); `problems` gives the lines of other problems by code.
    """
    count = len(lines.starts)
    if wrong:
        # A row of nulls for every line that could not be split.
        indexes = np.full(count, -1)
        keep = np.ones(count, dtype=bool)
        keep[wrong] = False
        indexes[keep] = np.arange(keep.sum())
        columns = columns.take(pa.array(indexes, mask=~keep))
        problems = {**problems, "field_count": np.union1d(problems.get("field_count", []), wrong)}
    places = (
        pa.array(np.arange(lines.first_line, lines.first_line + count)),
        pa.array(lines.starts),
        pa.array(lines.lengths),
        _problem_column(count, problems),
        pa.nulls(count, pa.string()),
    )
    texts = (pc.ascii_rtrim(column, characters=" ") for column in columns.columns)
    return pa.Table.from_arrays([*places, *texts], schema=raw_schema(columns.column_names))


def _problem_column(count: int, problems: dict[str, np.ndarray]) -> pa.Array:
    if not problems:
        return pa.nulls(count, pa.string())
    problem = np.full(count, None, dtype=object)
    for code, indexes in problems.items():
        problem[indexes.astype(np.int64)] = code
    return pa.array(problem, pa.string())
