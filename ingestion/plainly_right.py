"""Type the rows that are plainly right, whole columns at a time; what is in doubt is left to the judge's SQL.

A right row may be doubted here, which costs only time. None may pass that the SQL would reject, warn about, mend or
type otherwise: tests hold both beside each other.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.checksums import IDENTITY_CHECKS, IDENTITY_WEIGHTS
from ingestion.feed_spec import Feed, Field, Layout

MONEY = pa.decimal128(18, 2)
ZERO = ord("0")


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def yuan(fen: np.ndarray) -> pa.Array:
    """Return int64 fen as yuan, exactly: the same words, only the type says where the point is."""
    words = np.stack([fen, fen >> 63], axis=1)
    return pa.Array.from_buffers(MONEY, len(fen), [None, pa.py_buffer(words)])


def _only(values: pa.Array, right: pa.Array) -> pa.Array:
    """Return the values, null where they are not right."""
    return values if pc.all(right, skip_nulls=False).as_py() else pc.if_else(right, values, None)


def _matching(text: pa.StringArray, pattern: str) -> pa.StringArray:
    return _only(text, pc.match_substring_regex(text, f"^(?:{pattern})$"))


def _money_in_yuan(text: pa.StringArray) -> pa.Array:
    return _matching(text, "-?[0-9]{1,16}[.][0-9]{2}").cast(MONEY)


def _money_in_fen(text: pa.StringArray) -> pa.Array:
    fen = _matching(text, "-?[0-9]{1,18}").cast(pa.int64())
    return _only(yuan(pc.fill_null(fen, 0).to_numpy(zero_copy_only=False)), pc.is_valid(fen))


def _integers(text: pa.StringArray) -> pa.Array:
    return _matching(text, "-?[0-9]{1,9}").cast(pa.int32())


def _days(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the days written as numbers YYYYMMDD, and which of them exist."""
    months, day = np.divmod(numbers, 100)
    year, month = np.divmod(months, 100)
    first = (year * 12 + month - (1970 * 12 + 1)).astype("datetime64[M]")
    days = first.astype("datetime64[D]") + (day - 1)
    return days, (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == first)


def _dates(text: pa.StringArray, digits: int) -> pa.Array:
    # The same few days stand in most rows.
    distinct = text.dictionary_encode()
    numbers = _matching(distinct.dictionary, f"(?:18|19|20)[0-9]{{{digits - 2}}}").cast(pa.int64())
    numbers = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
    days, exist = _days(numbers if digits == 8 else numbers * 100 + 1)
    return pa.array(days, pa.date32(), mask=~exist).take(distinct.indices)


TYPES: dict[str, Callable[[pa.StringArray], pa.Array]] = {
    "yuan": _money_in_yuan,
    "fen": _money_in_fen,
    "month": lambda text: _dates(text, 6),
    "day": lambda text: _dates(text, 8),
    "integer": _integers,
    "text": lambda text: text,
    "code": lambda text: text,
}


def _right_identities(text: pa.StringArray) -> pa.Array:
    """Tell which citizens' numbers have 18 characters, a day of birth that exists, and the right check character."""
    has_length = pc.fill_null(pc.equal(pc.binary_length(text), 18), False)
    fitting = text if pc.all(has_length).as_py() else text.filter(has_length)
    bounds = np.frombuffer(fitting.buffers()[1], np.int32)[fitting.offset : fitting.offset + len(fitting) + 1]
    characters = np.frombuffer(fitting.buffers()[2], np.uint8)[bounds[0] : bounds[-1]].reshape(-1, 18)
    right, total, number = np.ones(len(fitting), bool), np.zeros(len(fitting), np.uint16), np.zeros(len(fitting), int)
    for place, weight in enumerate(IDENTITY_WEIGHTS):
        digit = characters[:, place] - np.uint8(ZERO)  # above 9 where there is no digit
        right &= digit <= 9
        total += digit * np.uint16(weight)
        if 6 <= place < 14:
            number = number * 10 + digit
    right &= np.frombuffer(IDENTITY_CHECKS.encode(), np.uint8)[total % 11] == characters[:, 17]
    right &= _days(number)[1] & (number >= 1800_00_00)
    if fitting is text:
        return pa.array(right)
    return pc.replace_with_mask(has_length, has_length, pa.array(right))


CHECKS = {"identity": _right_identities}


class PlainColumn:
    """How the texts of one field are typed where they are plainly right."""

    def __init__(self, field: Field, admitted: tuple[str, ...], mended: tuple[str, ...]):
        """Prepare a field of which these codes are admitted and these texts are looked up."""
        self._field, self._type = field, TYPES[field.unit or field.type]
        self._admitted, self._mended = pa.array(admitted, pa.string()), pa.array(mended, pa.string())
        self._may_be_empty = not field.required and "" not in mended

    @property
    def is_possible(self) -> bool:
        """Tell whether texts of the field can be found right at all."""
        return self._field.checksum is None or self._field.checksum in CHECKS

    def type(self, text: pa.StringArray) -> tuple[pa.Array, pa.Array | None]:
        """Return the typed values, null where one is in doubt, and which are (None: none is)."""
        values = self._type(self._judged(text))
        if not values.null_count:
            return values, None
        doubtful = pc.is_null(values)
        if self._may_be_empty:
            doubtful = pc.and_not(doubtful, pc.fill_null(pc.equal(text, ""), True))
        return values, doubtful

    def _judged(self, text: pa.StringArray) -> pa.StringArray:
        """Return the texts, null where one is empty, would be mended, is too long, no code or has a wrong checksum."""
        field = self._field
        lengths = pc.min_max(pc.binary_length(text))
        if lengths["min"].as_py() == 0:
            text = _only(text, pc.not_equal(text, ""))
        if field.cleaning:
            text = _only(text, pc.string_is_ascii(text))
        if len(self._mended):
            text = _only(text, pc.invert(pc.is_in(text, self._mended)))
        if field.codes:
            text = _only(text, pc.is_in(text, self._admitted))
        if field.max_length and (lengths["max"].as_py() or 0) > field.max_length:
            text = _only(text, pc.less_equal(pc.utf8_length(text), field.max_length))
        return _only(text, CHECKS[field.checksum](text)) if field.checksum else text


class PlainRows:
    """The columns of one layout, typed where they are plainly right."""

    def __init__(self, feed: Feed, layout: Layout, codes_of: Callable):
        lookups = dict(feed.lookups)
        self._columns = {
            field.name: PlainColumn(
                field,
                codes_of(field.codes) if field.codes else (),
                tuple(entry.match for entry in lookups.get(field.name, ())),
            )
            for field in layout.fields
        }

    def type(self, raw: pa.Table) -> tuple[dict[str, pa.Array], pa.Array, set[str]]:
        """Return the typed columns of raw rows, which rows are in doubt, and the columns that hold doubtful values.

        In the other columns every value is right, also in doubtful rows.
        """
        typed, doubtful, doubted = {}, pc.is_valid(whole(raw["problem"])), set()
        if not all(column.is_possible for column in self._columns.values()):
            return typed, pa.repeat(True, len(raw)), doubted
        for name, column in self._columns.items():
            typed[name], doubts = column.type(whole(raw[name]))
            if doubts is not None and pc.any(doubts).as_py():
                doubtful = pc.or_(doubtful, doubts)
                doubted.add(name)
        return typed, doubtful, doubted
