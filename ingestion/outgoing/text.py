"""Columns of bytes, made whole columns at a time: what numbers look like in exchange files."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MISSING = -1  # an amount, month or day that is left empty; none of them is negative otherwise

Column = np.ndarray | pa.BinaryArray | bytes


def encoded(values: Sequence[str], encoding: str, errors: str = "strict") -> pa.BinaryArray:
    """Return short lists of text (vocabularies) as bytes; columns are then taken from them."""
    return pa.array([value.encode(encoding, errors) for value in values], pa.binary())


def joined(*parts: pa.BinaryArray | bytes, separator: bytes = b"") -> pa.BinaryArray:
    """Join columns and constants row by row. At least one part must be a column."""
    scalars = [pa.scalar(part, pa.binary()) if isinstance(part, bytes) else part for part in parts]
    return pc.binary_join_element_wise(*scalars, pa.scalar(separator, pa.binary()))


def content(column: pa.BinaryArray) -> memoryview:
    """Return the bytes of all values of a column one after the other, without copying them."""
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(data)[bounds[0] : bounds[-1]] if len(column) else memoryview(b"")


def lengths(column: pa.BinaryArray) -> np.ndarray:
    """Return the number of bytes of each value."""
    bounds = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(bounds)


def chunks(rows: np.ndarray, size: int = 200_000) -> list[np.ndarray]:
    """Cut positions into parts of at most about `size`, so that the text made of them stays small in memory."""
    return np.array_split(rows, len(rows) // size + 1)


def take(values: pa.Array, rows: np.ndarray) -> pa.Array:
    """Return the values at the given positions."""
    return values.take(pa.array(rows))


def yuan(fen: np.ndarray) -> pa.Decimal128Array:
    """Return int64 fen as decimal(18,2) yuan, exactly: the same words, only the type says where the point is."""
    words = np.empty((len(fen), 2), np.int64)
    words[:, 0] = fen
    words[:, 1] = np.asarray(fen, np.int64) >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(fen), [None, pa.py_buffer(words)])


def yuan_text(fen: int) -> str:
    """Return one amount in fen as yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def amount_text(fen: int, unit: str) -> str:
    """Return one amount in fen in the unit of a field."""
    return yuan_text(fen) if unit == "yuan" else str(fen)


def number_text(numbers: np.ndarray, width: int = 0) -> pa.StringArray:
    """Return whole numbers as text, with leading zeros up to `width`."""
    text = pa.array(numbers).cast(pa.string())
    return pc.utf8_lpad(text, width, "0") if width else text


def money_text(fen: np.ndarray, unit: str, width: int = 0) -> pa.StringArray:
    """Return amounts as text, in yuan with two decimals or in fen; up to `width` a sign, then zeros, in front."""
    if not width:
        return _amounts(fen, unit)
    padded = pc.utf8_lpad(_amounts(np.abs(fen), unit), width, "0")
    below_zero = fen < 0
    if below_zero.any():
        signed = pc.binary_join_element_wise("-", pc.utf8_lpad(_amounts(np.abs(fen), unit), width - 1, "0"), "")
        padded = pc.if_else(pa.array(below_zero), signed, padded)
    return padded


def _amounts(fen: np.ndarray, unit: str) -> pa.StringArray:
    return yuan(fen).cast(pa.string()) if unit == "yuan" else pa.array(fen).cast(pa.string())


def month_text(months: np.ndarray) -> pa.StringArray:
    """Return months as YYYYMM."""
    return pa.array(months // 12 * 100 + months % 12 + 1).cast(pa.string())


def dashed(text: pa.StringArray, *places: int) -> pa.StringArray:
    """Return texts of digits with a hyphen before each of the places, as ISO writes days and months."""
    bounds = (0, *places, None)
    parts = [pc.utf8_slice_codeunits(text, start, stop) for start, stop in pairwise(bounds)]
    return pc.binary_join_element_wise(*parts, "-")


def escaped(column: pa.BinaryArray | bytes, replacements: dict[bytes, bytes]) -> pa.BinaryArray | bytes:
    """Return texts with bytes replaced in turn; no byte replaced may be part of a longer character."""
    for old, new in replacements.items():
        if isinstance(column, bytes):
            column = column.replace(old, new)
        elif old in bytes(content(column)):
            column = pc.replace_substring(column, pattern=old, replacement=new)
    return column


def with_blanks(text: pa.StringArray, numbers: np.ndarray) -> pa.BinaryArray:
    """Return the text as bytes, empty where the number is MISSING."""
    absent = numbers == MISSING
    if absent.any():
        text = pc.if_else(pa.array(absent), "", text)
    return text.cast(pa.binary())


def numbered(prefix: str, numbers: np.ndarray, width: int) -> pa.BinaryArray:
    """Return identifiers made of a prefix and a number with leading zeros."""
    return joined(prefix.encode(), number_text(numbers, width).cast(pa.binary()))
