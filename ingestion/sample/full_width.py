"""Values typed by hand with a Chinese input method left on: full-width digits and letters."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def typed_full_width(column: pa.BinaryArray, rows: np.ndarray, encoding: str) -> pa.BinaryArray:
    """Return a column of ASCII with the values at `rows` (positions in ascending order) in full width."""
    mask = np.zeros(len(column), bool)
    mask[rows] = True
    typed = [value.decode("ascii").translate(_FULL_WIDTH).encode(encoding) for value in column.take(rows).to_pylist()]
    return pc.replace_with_mask(column, pa.array(mask), pa.array(typed, pa.binary()))
