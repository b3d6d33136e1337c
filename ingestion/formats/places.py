"""Where rows stand in a file of lines, and their bytes as received."""

import numpy as np
import pyarrow as pa

from ingestion.formats.columns import Lines
from ingestion.formats.received import ReceivedFile


def original_bytes(file: ReceivedFile, rows: pa.Table) -> pa.Array:
    """Return the bytes of raw rows as received."""
    places = zip(rows["byte_offset"].to_pylist(), rows["byte_length"].to_pylist(), strict=True)
    return pa.array([file.read(offset, length) for offset, length in places], pa.binary())


def locate_lines(
    file: ReceivedFile, start: int, end: int, first_line: int, lines: list[int], line_end: bytes
) -> dict[int, tuple[int | None, bytes]]:
    """Return byte offset and bytes of lines that stand between two offsets, the first of them `first_line`."""
    wanted, found = np.sort(np.array(lines, dtype=np.int64)), {}
    for offset, first, piece in file.lines(start, end, first_line):
        places = Lines.of(piece, offset, first)
        here = wanted[(wanted >= first) & (wanted < first + len(places.starts))]
        for line in here.tolist():
            at, length = int(places.starts[line - first]), int(places.lengths[line - first])
            found[line] = at, piece[at - offset : at - offset + length].removesuffix(line_end[:-1])
    return found
