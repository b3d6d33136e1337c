"""XML with one `<ROW>` a line between a `<HEAD>` and a `<TAIL>`, entities off.

A real parser reads every piece, so nothing passes that is not well formed. Rows written plainly, as all but a few
are, become columns without a Python step per row; rows that hold references, comments or empty-element tags are
taken from the parser's tree.
"""

import re
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, zip_longest
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
from lxml import etree

from ingestion.feed_spec import Feed, Layout
from ingestion.formats.columns import Lines, lost_characters, raw_rows, split
from ingestion.formats.encoding import Decoder
from ingestion.formats.exchange import Named
from ingestion.formats.fixed_width import UNIT_SEPARATOR
from ingestion.formats.shape import Shape, total_pattern, total_text
from ingestion.messages import Refused

_CONTROL = re.compile("[\x00-\x1f\x7f]")
DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST)")


def check_declaration(line: bytes, encoding: str) -> None:
    """Raise `Refused` unless the XML declaration on the first line names the encoding of the layout."""
    declared = re.match(rb"<\?xml[^>]*encoding=[\"']([^\"'>]*)[\"']", line)
    found = declared[1].decode("ascii", errors="replace") if declared else ""
    if found.lower() != encoding:
        raise Refused("xml_encoding_declared", line=1, found=found, encoding=encoding.upper())


class Xml(Shape):
    """Rows are elements whose children are the fields by their national codes, in the layout's order."""

    head_lines = 3
    header_start = b"<?xml"
    header_pattern = re.compile(
        rb"<\?xml[^\n]*\n<DATA>\n<HEAD><TITLE>(?P<title>.*?)</TITLE><FEED>(?P<feed>.*?)</FEED>"
        rb"<PERIOD>(?P<period>.*?)</PERIOD><SEQUENCE>(?P<sequence>.*?)</SEQUENCE>"
        rb"<CREATED>(?P<created>.*?)</CREATED></HEAD>\n"
    )
    trailer_start = b"<TAIL>"

    def __init__(self, feed: Feed, layout: Layout):
        super().__init__(feed, layout)
        self.tags = [field.source_field for field in layout.fields]
        self._parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
        )

    def head(self, named: Named) -> tuple[bytes, bytes]:
        values = {
            "TITLE": escape(self.feed.title),
            "FEED": self.feed.name,
            "PERIOD": named.period,
            "SEQUENCE": named.sequence,
        }
        elements = "".join(f"<{tag}>{value}</{tag}>" for tag, value in values.items())
        declaration = f'<?xml version="1.0" encoding="{self.encoding.upper()}"?>'
        prefix = f"{declaration}\n<DATA>\n<HEAD>{elements}<CREATED>"
        return prefix.encode(self.encoding), b"</CREATED></HEAD>\n"

    def trailer(self, rows: int, totals: tuple[Decimal, ...], body_bytes: int) -> bytes:
        values = [("COUNT", str(rows))]
        for field, total in zip(self.total_fields, totals, strict=True):
            values.append((field.source_field, total_text(field, total)))
        values.append(("BYTES", str(body_bytes)))
        return f"<TAIL>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in values)}</TAIL>\n</DATA>\n".encode()

    @cached_property
    def _trailer_pattern(self) -> re.Pattern:
        tags = [("COUNT", "(?P<rows>[0-9]+)")]
        tags += [(it.source_field, f"(?P<total{i}>{total_pattern(it)})") for i, it in enumerate(self.total_fields)]
        tags.append(("BYTES", "(?P<body_bytes>[0-9]+)"))
        return re.compile(
            f"<TAIL>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in tags)}</TAIL>\n</DATA>\n".encode()
        )

    def trailer_pattern(self) -> re.Pattern:
        return self._trailer_pattern

    def damaged_trailer(self, tail: bytes) -> int | None:
        after_rows = tail.rfind(b"</ROW>")
        start = tail.find(b"\n", after_rows) + 1 if after_rows >= 0 else 0
        rest = tail[start:]
        return start if re.match(rb"<?/?T?A?I?L?>?<?COUNT|<TAIL>", rest) else None

    def repeated_header(self, piece: bytes) -> int:
        found = [at for at in (piece.find(b"<?xml"), piece.find(b"<HEAD>")) if at >= 0]
        return min(found, default=-1)

    def check_head(self, head: bytes) -> None:
        line = head.find(b"\n")
        if match := DOCTYPE.search(head):
            raise Refused("xml_doctype", line=head.count(b"\n", 0, match.start()) + 1)
        check_declaration(head[:line], self.encoding)

    def table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        if match := DOCTYPE.search(piece):
            raise Refused("xml_doctype", line=line + piece.count(b"\n", 0, match.start()))
        lines = Lines.of(piece, offset, line)
        text = decoder.decode(piece, line)
        rows = self._parse(text.encode(), line)
        if len(rows) != len(lines.starts):
            raise Refused("xml_structure", detail=f"第 {line} 行起，不是每行恰好一个 <ROW>")
        separated, problems = self._separate(text, rows, line)
        columns, wrong = split(separated, self.names, UNIT_SEPARATOR)
        return raw_rows(columns, wrong, lines, {**lost_characters(text), **problems})

    def _parse(self, text: bytes, line: int) -> etree._Element:
        """Parse a piece of the body on its own; raise `Refused` when it is not well formed."""
        try:
            return etree.fromstring(b"<DATA>" + text + b"</DATA>", self._parser)
        except etree.XMLSyntaxError as error:
            at = line + (error.lineno or 1) - 1
            raise Refused("xml_not_well_formed", line=at, detail=f"第 {error.position[1]} 列附近") from error

    def _separate(self, text: str, rows: etree._Element, line: int) -> tuple[str, dict[str, np.ndarray]]:
        """Return the values of each row joined by a separator, and the rows with control characters."""
        first, last = f"<ROW><{self.tags[0]}>", f"</{self.tags[-1]}></ROW>\n"
        separated = f"\n{text}".replace(f"\n{first}", "\n")[1:].replace(last, "\n")
        for tag, following in pairwise(self.tags):
            separated = separated.replace(f"</{tag}><{following}>", UNIT_SEPARATOR)
        if "<" not in separated and "&" not in separated:
            return separated, {}
        values = separated.split("\n")[:-1]
        controls = []
        for index, value in enumerate(values):
            if "<" in value or "&" in value:
                texts = self._values(rows[index], line + index)
                cleaned = [_CONTROL.sub(" ", text) for text in texts]
                values[index] = UNIT_SEPARATOR.join(cleaned)
                if cleaned != texts:
                    controls.append(index)
        return "\n".join(values) + "\n", {"control_character": np.array(controls)} if controls else {}

    def _values(self, row: etree._Element, line: int) -> list[str]:
        """Return the texts of a row's elements; raise `Refused` unless they are exactly the fields, in order."""
        found = [child.tag if isinstance(child.tag, str) else "注释" for child in row]
        if row.tag != "ROW" or found != self.tags:
            wanted = next((tag for tag, other in zip_longest(self.tags, found) if tag != other), "ROW")
            raise Refused("xml_structure", line=line, detail=f"<ROW> 的元素应依次为各字段，自 {wanted} 起不符")
        before = row.getprevious()
        around = (row.getparent().text if before is None else before.tail, row.tail)
        stray = [row.text, *(child.tail for child in row), *((text or "").strip("\n") for text in around)]
        if any(stray) or row.attrib or any(child.attrib or len(child) for child in row):
            raise Refused("xml_structure", line=line, detail="<ROW> 内有字段以外的内容或属性")
        return [child.text or "" for child in row]
