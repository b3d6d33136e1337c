"""XML of the elements of the national codes."""

from xml.sax.saxutils import escape

import pyarrow as pa

from ingestion.feed_spec import Field
from ingestion.outgoing.files import field_text
from ingestion.outgoing.lines import LinesFile
from ingestion.outgoing.text import Column, escaped, joined

ESCAPES = {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;"}  # none of the three is part of a longer character


class XmlFile(LinesFile):
    """Elements named by the national codes, one row a line; the tail holds count, totals and bytes of the rows."""

    first_line = 4

    def header(self) -> str:
        tags = ("TITLE", "FEED", "PERIOD", "SEQUENCE", "CREATED")
        head = _elements(zip(tags, self.header_values, strict=True))
        declaration = f'<?xml version="1.0" encoding="{self.encoding.upper()}"?>'
        return f"{declaration}\n<DATA>\n<HEAD>{head}</HEAD>\n"

    def trailer(self) -> str:
        values = (("COUNT", str(self.rows)), *self.total_texts().items(), ("BYTES", str(self.body_bytes)))
        return f"<TAIL>{_elements(values)}</TAIL>\n</DATA>\n"

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        parts, between = [], b"<ROW>"
        for field, column in columns:
            parts += [between + f"<{field.source_field}>".encode(), escaped(field_text(field, column), ESCAPES)]
            between = f"</{field.source_field}>".encode()
        return joined(*parts, between + b"</ROW>" + self.line_end)


def _elements(values) -> str:
    return "".join(f"<{tag}>{escape(value)}</{tag}>" for tag, value in values)
