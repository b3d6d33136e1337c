"""Refuse loudly, before it is written, a text that an exchange file cannot hold."""

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import Field
from ingestion.formats.columns import control_characters
from ingestion.masking import printable
from ingestion.messages import field_title
from ingestion.outgoing.text import Column, content, joined


class Unwritable(ValueError):
    """A text cannot be written in the form of its file; `row` counts from 0 within the column."""

    exit_code = 2

    def __init__(self, row: int, value: bytes, encoding: str, reason: str):
        self.row, self._value, self._encoding, self._reason = row, value, encoding, reason
        super().__init__(reason)

    def at(self, file_name: str, line: int, field: Field) -> "Unwritable":
        """Return the error with the words for the operator: where, what, why it matters, what to do next."""
        # What is not in the file's encoding most often is in GB 18030, which can write all.
        text = self._value.decode("utf-8" if self._encoding == "utf-8" else "gb18030", errors="replace")
        place = f"文件 {printable(file_name)}，第 {line} 行，字段 {field_title(field)}"
        self.args = (
            f"{place}：值“{printable(text)}”{self._reason}。"
            f"写出后对方读到的会是乱码或错位。请改正该值，或在接口定义中改用能写出它的格式，再重新生成文件。",
        )
        return self


def require_writable(column: Column, encoding: str, separator: str | None) -> None:
    """Raise `Unwritable` for the first value that is not in the encoding, or holds a control character or separator."""
    values = pa.array([column], pa.binary()) if isinstance(column, bytes) else column
    lines = bytes(content(joined(values, b"\n")))
    if len(control_characters(lines)) or lines.count(b"\n") != len(values):
        raise _first(values, encoding, "含有控制字符", _holds_control)
    try:
        text = lines.decode("ascii" if lines.isascii() else encoding)
    except UnicodeDecodeError:
        raise _first(values, encoding, f"无法用 {encoding.upper()} 写出", _undecodable(encoding)) from None
    # Looked for in the text: 0x7C is the second byte of some characters.
    if separator and separator in text:
        raise _first(values, encoding, f"含有分隔符“{separator}”", lambda value: separator in value.decode(encoding))


def _holds_control(value: bytes) -> bool:
    codes = np.frombuffer(value, np.uint8)
    return bool(((codes < 0x20) | (codes == 0x7F)).any())


def _undecodable(encoding: str):
    def fails(value: bytes) -> bool:
        try:
            value.decode(encoding)
        except UnicodeDecodeError:
            return True
        return False

    return fails


def _first(values: pa.BinaryArray, encoding: str, reason: str, is_wrong) -> Unwritable:
    row, value = next((row, value) for row, value in enumerate(values.to_pylist()) if is_wrong(value))
    return Unwritable(row, value, encoding, reason)
