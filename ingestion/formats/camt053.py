"""ISO 20022 bank statements (camt.053): one statement per account, one entry a line.

The file has no count of its bytes. What proves it is the message itself: its identification is the file's, every
statement's entries agree with its summary, and its balances with its entries. It is read as a stream, entities off.
"""

import re
from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
from lxml import etree

from ingestion.feed_spec import Feed, Layout
from ingestion.formats import iso20022 as iso
from ingestion.formats.columns import Lines, raw_schema
from ingestion.formats.encoding import NO_MARK, Decoder, check_start, check_title, wrong_encoding
from ingestion.formats.exchange import CENT, Declared, Exchange, Facts, Named, check_totals, created_day, layout_for
from ingestion.formats.frame import check_line_ends, line_end_of, mark_of
from ingestion.formats.places import locate_lines, original_bytes
from ingestion.formats.received import ReceivedFile
from ingestion.formats.statement import ONE_A_LINE, Message, structure
from ingestion.formats.xml import DOCTYPE, check_declaration
from ingestion.messages import Refused

WINDOW = 64 << 10
START, END = b"<?xml", b"</Document>"
ENTRY_START = b"<Ntry>"
TOGETHER = 2000
_AROUND = f'<Stmt xmlns="{iso.NAMESPACE}">'.encode(), b"</Stmt>"


def open_camt053(file: ReceivedFile, feed: Feed, named: Named) -> "Statements":
    """Check the beginning, the end and the group header of a message; raise `Refused`."""
    layout = feed.layouts_of(named.profile)[-1]
    start = file.read(0, WINDOW)
    _check_beginning(start, layout)
    _check_end(file, line_end_of(layout.format))
    created = _created(start, feed, layout, named)
    return Statements(file, feed, layout_for(feed, created, named.profile), created, named)


def _check_beginning(start: bytes, layout: Layout) -> None:
    mark, encoding = mark_of(layout.format), layout.format.encoding
    check_start(start[:4096], encoding, mark)
    if not start.startswith(mark):
        raise wrong_encoding(encoding, NO_MARK, line=1)
    start = start.removeprefix(mark)
    if not start.startswith(START):
        raise Refused("header_missing", line=1)
    first = start[: start.find(b"\n") + 1]
    check_line_ends(first, line_end_of(layout.format), 1)
    check_declaration(first, encoding)


def _check_end(file: ReceivedFile, line_end: bytes) -> None:
    tail = file.read(max(0, file.size - WINDOW), WINDOW)
    if tail.endswith(END + line_end):
        return
    after = tail.rpartition(END)[2] if END in tail else None
    if after is None:
        raise Refused("truncated", detail="文件没有以 </Document> 结束，缺多少字节无从得知")
    if after.strip():
        raise Refused("trailer_not_last")
    missing = len(line_end) - len(after)
    if missing > 0:
        raise Refused("truncated", detail=f"最后的换行没有收到，缺 {missing} 字节")
    raise structure(None, "</Document> 之后还有空行，或行尾不合规定")


def _created(start: bytes, feed: Feed, layout: Layout, named: Named) -> date:
    """Return the day of creation from the group header; raise `Refused` when it is not what the name calls for."""
    lines = start[: start.rfind(b"\n") + 1]
    Decoder(layout.format.encoding).decode(lines, 1)
    feeder = Feeder(layout, named)
    for line, text in enumerate(lines.removeprefix(mark_of(layout.format)).split(b"\n")[:-1], 1):
        feeder.feed(text.removesuffix(b"\r"), line)
        if feeder.message.header is not None:
            return _check_header(feeder.message.header, line, feed, layout, named)
    raise Refused("header_malformed", line=1, detail="没有 <GrpHdr>")


def _check_header(header: dict[str, str], line: int, feed: Feed, layout: Layout, named: Named) -> date:
    check_title(header["AddtlInf"].encode(), feed.title, layout.format.encoding)
    expected = iso.message_id(feed, named.period, named.sequence, named.profile)
    if header["MsgId"] != expected:
        raise Refused("header_disagrees", line=line, field="报文编号", found=header["MsgId"], expected=expected)
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T00:00:00", header["CreDtTm"], re.ASCII)
    if match and (day := created_day("".join(match.groups()))):
        return day
    raise Refused("header_malformed", line=line, field="生成日期", detail=f"“{header['CreDtTm']}”不是日期")


def _require_no_doctype(text: bytes, line: int) -> None:
    if match := DOCTYPE.search(text):
        raise Refused("xml_doctype", line=line + text.count(b"\n", 0, match.start()))


def _not_well_formed(error: etree.XMLSyntaxError, line: int) -> Refused:
    return Refused("xml_not_well_formed", line=line, detail=f"第 {error.position[1]} 列附近")


class Feeder:
    """Feeds a message to its parsers line by line, so that the line of everything is known.

    Entries are parsed apart and many at once, in a fraction of the time that one parser of the whole message takes.
    """

    def __init__(self, layout: Layout, named: Named):
        self.message = Message(layout, named)
        options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
        self._parser = etree.XMLParser(target=self.message, encoding="utf-8", **options)
        self._entry_parser = etree.XMLParser(encoding="utf-8", **options)
        self._waiting: list[bytes] = []

    def feed(self, text: bytes, line: int) -> None:
        """Take a line without its line end; raise `Refused`."""
        if text.startswith(ENTRY_START):
            self._waiting.append(text)
            if len(self._waiting) == TOGETHER:
                self.flush(line + 1)
            return
        self.flush(line)
        _require_no_doctype(text, line)
        if b"<!" in text or not (text.lstrip(b" ").startswith(b"<") and text.endswith(b">")):
            # Nor may anything that spans lines hide entries from the parser that does not see them.
            raise structure(line, "此行不是完整的元素，或含有注释或 CDATA")
        self.message.line = line
        try:
            self._parser.feed(text + b"\n")
        except etree.XMLSyntaxError as error:
            raise _not_well_formed(error, line) from error

    def flush(self, line: int) -> None:
        """Take the entries that wait, the last of them on the line before; raise `Refused`."""
        first_line, count = line - len(self._waiting), len(self._waiting)
        if not count:
            return
        text = b"\n".join((*self._waiting, b""))
        self._waiting = []
        _require_no_doctype(text, first_line)
        try:
            entries = etree.fromstring(_AROUND[0] + text + _AROUND[1], self._entry_parser)
        except etree.XMLSyntaxError as error:
            raise _not_well_formed(error, first_line + (error.lineno or 1) - 1) from error
        if len(entries) != count:
            raise structure(first_line, f"自此行起，{ONE_A_LINE}")
        self.message.take_entries(entries, first_line)

    def close(self) -> None:
        """End the message; raise `Refused` when it is not whole."""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise Refused("truncated", detail="报文没有结束") from error


class Statements(Exchange):
    """A message whose header was read. The rows are its entries, each with the account of its statement."""

    def __init__(self, file: ReceivedFile, feed: Feed, layout: Layout, created: date, named: Named):
        super().__init__(feed, layout, created)
        self._file, self._named = file, named
        self._line_end = line_end_of(layout.format)
        self._names = [item.name for item in layout.fields]
        self._declared: Declared | None = None
        if any(layout.field(name).path != iso.AMOUNT for name in feed.control_totals):
            raise ValueError(f"{feed.source}/{feed.name}：camt053 的 control_totals 只能是 Amt 字段")

    @property
    def encoding(self) -> str:
        return self.layout.format.encoding

    def rows(self) -> Iterator[pa.Table]:
        feeder, decoder = Feeder(self.layout, self._named), Decoder(self.encoding)
        mark = mark_of(self.layout.format)
        for offset, first, piece in self._file.lines(0, self._file.size, 1):
            self._check_piece(piece, offset, first)
            decoder.decode(piece, first)
            lines = Lines.of(piece, offset, first)
            text = piece.removeprefix(mark) if offset == 0 else piece
            for number, line in enumerate(text.split(b"\n")[:-1], first):
                feeder.feed(line.removesuffix(b"\r"), number)
            feeder.flush(first + len(lines.starts))
            yield self._table(feeder.message.entries, lines)
            feeder.message.entries.clear()
        feeder.close()
        declared = feeder.message.declared
        self._declared = Declared(declared.count, (declared.fen * CENT,) * len(self.feed.control_totals))

    def _check_piece(self, piece: bytes, offset: int, first: int) -> None:
        findings = (("nul_bytes", piece.find(b"\0")), ("header_repeated", piece.find(START, 0 if offset else 10)))
        for code, at in findings:
            if at >= 0:
                raise Refused(code, line=first + piece.count(b"\n", 0, at))
        check_line_ends(piece, self._line_end, first)

    def _table(self, entries: list[tuple], lines: Lines) -> pa.Table:
        numbers, problems, *texts = zip(*entries, strict=True) if entries else ((), (), *((),) * len(self._names))
        indexes = np.array(numbers, np.int64) - lines.first_line
        columns = (
            pa.array(numbers, pa.int64()),
            pa.array(lines.starts[indexes]),
            pa.array(lines.lengths[indexes] - (len(self._line_end) - 1)),
            pa.array(problems, pa.string()),
            pa.nulls(len(entries), pa.string()),
            *(pa.array(column, pa.string()) for column in texts),
        )
        return pa.Table.from_arrays(columns, schema=raw_schema(self._names))

    def original(self, rows: pa.Table) -> pa.Array:
        return original_bytes(self._file, rows)

    def locate(self, lines: list[int]) -> dict[int, tuple[int | None, bytes]]:
        return locate_lines(self._file, 0, self._file.size, 1, lines, self._line_end)

    def verify(self, facts: Facts) -> None:
        check_totals(self.feed, self.layout, self._declared, facts)
