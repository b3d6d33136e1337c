"""Turn separated text into raw Arrow columns, whole chunks at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

NEWLINE = 0x0A
HIDDEN = b"\xff"  # of no character in any encoding
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
    if np.count_nonzero(codes < 0x20) == np.count_nonzero(codes == NEWLINE) and b"\x7f" not in piece:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(((codes < 0x20) & (codes != NEWLINE)) | (codes == 0x7F))


def lost_characters(text: str) -> dict[str, np.ndarray]:
    """Return the lines that hold U+FFFD, which stands for a character that was lost, as a problem of rows."""
    if "\ufffd" not in text:
        return {}
    lost = [index for index, line in enumerate(text.split("\n")) if "\ufffd" in line]
    return {"replacement_character": np.array(lost)}


def lost_in_columns(columns: pa.Table, wrong: list[int], count: int) -> dict[str, np.ndarray]:
    """Return what `lost_characters` does, of `count` lines that were split into columns but for the wrong ones."""
    has_lost = [pc.match_substring(column, "\ufffd") for column in columns.columns if not _is_ascii(column)]
    rows = [np.flatnonzero(each) for each in has_lost if pc.any(each).as_py()]
    if not rows:
        return {}
    return {"replacement_character": np.delete(np.arange(count), wrong)[np.unique(np.concatenate(rows))]}


def split(text: str, names: list[str], separator: str) -> tuple[pa.Table, list[int]]:
    """Split lines into columns; return those with the right number of fields, and the indexes of the others.

    There is no quoting. The text must hold no carriage return, which Arrow would take for the end of a line.
    """
    wrong: list[int] = []

    def skip(row) -> str:
        wrong.append(row.number - 2)  # counted from 1, after the line of names
        return "skip"

    return _read(text.encode(), names, separator, invalid_row_handler=skip), wrong


def split_encoded(
    piece: bytes, names: list[str], separator: str, encoding: str, decode: Callable[[bytes], str]
) -> tuple[pa.Table, list[int]]:
    """Split lines as `split` does, before they are decoded: in most columns every byte is ASCII and is left alone.

    `decode` is called on all that is not ASCII, and must raise on what is not in the encoding.
    """
    hidden = b"" if encoding == "utf-8" else _hide_second_bytes(piece, separator)
    if hidden and HIDDEN in piece:
        decode(piece)
    text, wrong = hidden or piece, []
    try:
        columns = _read(text, names, separator, check_utf8=False)
    except pa.ArrowInvalid:
        text, wrong_lines, wrong = _without_wrong_lines(text, len(names), separator)
        decode(_shown(wrong_lines, separator, hidden))
        columns = _read(text, names, separator, check_utf8=False)

    def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
        if _is_ascii(column):
            return column
        lines = pc.binary_join_element_wise(column.combine_chunks(), "", "\n").buffers()[2].to_pybytes()
        text = decode(_shown(lines, separator, hidden))
        return pc.split_pattern(pa.array([text]), "\n")[0].values[:-1]

    return pa.table([decoded(column) for column in columns.columns], names), wrong


def _shown(text: bytes, separator: str, hidden: bytes) -> bytes:
    return text.replace(HIDDEN, separator.encode()) if hidden else text


def _without_wrong_lines(text: bytes, fields: int, separator: str) -> tuple[bytes, bytes, list[int]]:
    """Return the lines with that number of fields, and the empty ones; the other lines; and the indexes of these."""
    codes, lines = np.frombuffer(text, np.uint8), Lines.of(text, 0, 0)
    separators = np.add.reduceat((codes == ord(separator)).astype(np.int32), lines.starts)
    is_wrong = (separators != fields - 1) & (lines.lengths > 0)
    of_wrong = np.repeat(is_wrong, lines.lengths + 1)
    return codes[~of_wrong].tobytes(), codes[of_wrong].tobytes(), np.flatnonzero(is_wrong).tolist()


def _bytes_of(column: pa.StringArray) -> np.ndarray:
    """Return the bytes that the values of a column are part of."""
    return np.frombuffer(column.buffers()[2] or b"", np.uint8)


def _is_ascii(column: pa.ChunkedArray) -> bool:
    return all(_bytes_of(chunk).max(initial=0) < 0x80 for chunk in column.chunks)


def _hide_second_bytes(piece: bytes, separator: str) -> bytes:
    """Return the piece with HIDDEN for each second byte of a character that is the separator's; empty if there is none.

    In GB 18030 only the second byte of two may be one of ASCII's marks. Bytes above 0x7F in a row begin with the first
    byte of a character, unless it is the third of four, after which a digit stands. So if they are odd in number the
    byte after them is the second of the last character. HIDDEN, in no character, must not be in the piece.
    """
    codes = np.frombuffer(piece, np.uint8)
    is_high = np.zeros(len(codes) + 2, bool)
    np.greater_equal(codes, 0x80, out=is_high[1:-1])
    edges = np.flatnonzero(is_high[1:] != is_high[:-1])
    ends = edges[1::2][(edges[1::2] - edges[::2]) % 2 == 1]
    ends = ends[codes[ends] == ord(separator)]
    if not len(ends):
        return b""
    hidden = codes.copy()
    hidden[ends] = HIDDEN[0]
    return hidden.tobytes()


def _read(
    text: bytes,
    names: list[str],
    separator: str,
    *,
    check_utf8: bool = True,
    invalid_row_handler: Callable | None = None,
) -> pa.Table:
    # The line of names also keeps a leading U+FEFF from being dropped.
    named = b"".join((separator.join(names).encode(), b"\n", text))
    return pa.csv.read_csv(
        pa.py_buffer(named),
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=len(named) + 1),
        parse_options=pa.csv.ParseOptions(
            delimiter=separator,
            quote_char=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=invalid_row_handler,
        ),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=check_utf8),
    )


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
    texts = (_trimmed(column) for column in columns.columns)
    return pa.Table.from_arrays([*places, *texts], schema=raw_schema(columns.column_names))


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    has_blanks = any((_bytes_of(chunk) == ord(" ")).any() for chunk in column.chunks)
    return pc.ascii_rtrim(column, characters=" ") if has_blanks else column


def _problem_column(count: int, problems: dict[str, np.ndarray]) -> pa.Array:
    if not problems:
        return pa.nulls(count, pa.string())
    problem = np.full(count, None, dtype=object)
    for code, indexes in problems.items():
        problem[indexes.astype(np.int64)] = code
    return pa.array(problem, pa.string())
