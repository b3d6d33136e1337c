"""JSON lines in UTF-8: a head, one object of texts a row, and a tail with rows, totals and bytes.

Rows written plainly, as all but a few are, are taken apart by one pattern; the others by a JSON parser.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import Feed, Layout
from ingestion.formats.columns import Lines, control_characters, lost_characters, raw_rows, split
from ingestion.formats.encoding import Decoder
from ingestion.formats.exchange import Named
from ingestion.formats.fixed_width import UNIT_SEPARATOR
from ingestion.formats.shape import Shape, total_pattern, total_text
from ingestion.messages import Refused

# What an escape can hide, by the problem it is; half a surrogate pair is no character.
_HIDDEN = {
    "control_character": (re.compile("[\x00-\x1f\x7f]"), " "),
    "replacement_character": (re.compile("[\ufffd\ud800-\udfff]"), "\ufffd"),
}


class JsonLines(Shape):
    """Each row an object whose keys are the fields by their national codes, in order, and whose values are texts."""

    header_start = b'{"title":'
    header_pattern = re.compile(
        rb'\{"title":"(?P<title>[^\n"]*)","feed":"(?P<feed>[^\n"]*)","period":"(?P<period>[^\n"]*)",'
        rb'"sequence":"(?P<sequence>[^\n"]*)","created":"(?P<created>[^\n"]*)"\}\n'
    )
    trailer_start = b'{"rows":'

    def __init__(self, feed: Feed, layout: Layout):
        super().__init__(feed, layout)
        self._keys = [field.source_field for field in layout.fields]
        values = ",".join(f'"{key}":"([^"\\\\]*)"' for key in self._keys)
        self._plain: Callable = re.compile(rf"\{{{values}\}}").fullmatch

    def _title(self) -> bytes:
        return json.dumps(self.feed.title, ensure_ascii=False).encode()[:-1]

    def head(self, named: Named) -> tuple[bytes, bytes]:
        values = {"feed": self.feed.name, "period": named.period, "sequence": named.sequence}
        rest = "".join(f',"{key}":"{value}"' for key, value in values.items())
        return self.header_start + self._title() + f'"{rest},"created":"'.encode(), b'"}\n'

    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        pairs = zip(self.total_fields, totals, strict=True)
        money = ",".join(f'"{field.source_field}":"{total_text(field, total)}"' for field, total in pairs)
        return f'{{"rows":{rows},"totals":{{{money}}},"bytes":{body_bytes}}}\n'.encode()

    @cached_property
    def _trailer_pattern(self) -> re.Pattern:
        fields = enumerate(self.total_fields)
        money = ",".join(f'"{field.source_field}":"(?P<total{i}>{total_pattern(field)})"' for i, field in fields)
        numbers = r'\{"rows":(?P<rows>[0-9]+),"totals":\{' + money + r'\},"bytes":(?P<body_bytes>[0-9]+)\}'
        return re.compile(numbers.encode() + rb"\n")

    def trailer_pattern(self) -> re.Pattern:
        return self._trailer_pattern

    def damaged_trailer(self, tail: bytes) -> int | None:
        start = tail.rfind(b"\n", 0, -1) + 1
        # What follows the key, since any of it may be lost; a row begins with another key, so that it never matches.
        seems = re.compile(rb'\{?"?r?o?w?s?"?:?([0-9]|,"totals)')
        return start if seems.match(tail, start) else None

    def table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        lines = Lines.of(piece, offset, line)
        text = decoder.decode(piece, line)
        problems = lost_characters(text)
        controls = control_characters(piece)
        if len(controls):
            problems["control_character"] = lines.at(controls + offset)
            # The row is rejected for it; here it must not be taken for the separator.
            text = text.replace(UNIT_SEPARATOR, " ")
        separated, escaped = self._separate(text, line)
        for code, indexes in escaped.items():
            problems[code] = np.union1d(problems.get(code, []), indexes)
        columns, wrong = split(separated, self.names, UNIT_SEPARATOR)
        return raw_rows(columns, wrong, lines, problems)

    def _separate(self, text: str, line: int) -> tuple[str, dict[str, list[int]]]:
        """Return the values of each row joined by a separator, and the rows with problems that escapes had hidden."""
        rows, problems = [], defaultdict(list)
        for index, row in enumerate(text.split("\n")[:-1]):
            if plain := self._plain(row):
                rows.append(UNIT_SEPARATOR.join(plain.groups()))
                continue
            values = self._values(row, line + index)
            for code, (pattern, instead) in _HIDDEN.items():
                if any(map(pattern.search, values)):
                    problems[code].append(index)
                    values = [pattern.sub(instead, value) for value in values]
            rows.append(UNIT_SEPARATOR.join(values))
        return "\n".join(rows) + "\n", problems

    def _values(self, row: str, line: int) -> list[str]:
        """Return the texts of a row that holds escapes or blanks; raise `Refused` unless it is just the fields."""
        try:
            # Numbers stay text: they are refused below, and a huge one must not cost time.
            found = json.loads(row, object_pairs_hook=list, parse_int=len, parse_float=len, strict=False)
        except RecursionError as error:
            raise Refused("json_structure", line=line, detail="嵌套过深") from error
        except ValueError as error:
            at = getattr(error, "colno", 1)
            raise Refused("json_not_well_formed", line=line, detail=f"第 {at} 列附近") from error
        is_object = row.lstrip().startswith("{")
        keys = [key for key, _ in found] if is_object else []
        if keys != self._keys:
            wanted = next((key for key, other in zip_longest(self._keys, keys) if key != other), "多余的键")
            raise Refused("json_structure", line=line, detail=f"应是一个对象，键依次为各字段，自 {wanted} 起不符")
        for key, value in found:
            if not isinstance(value, str):
                raise Refused("json_structure", line=line, detail=f"{key} 的值不是文本（应加双引号）")
        return [value for _, value in found]
