"""Files of lines between a known head and a trailer: the frame that proves every byte of them is there."""

import re
from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from ingestion.feed_spec import Feed, Layout
from ingestion.formats.columns import Lines
from ingestion.formats.delimited import Delimited
from ingestion.formats.encoding import NO_MARK, Decoder, check_start, check_title, wrong_encoding
from ingestion.formats.exchange import Declared, Exchange, Facts, Named, check_totals, created_day, layout_for
from ingestion.formats.fixed_width import FixedWidth
from ingestion.formats.frame import Frame, check_line_ends
from ingestion.formats.json_lines import JsonLines
from ingestion.formats.places import locate_lines, original_bytes
from ingestion.formats.received import ReceivedFile
from ingestion.formats.shape import Shape, at_line_start, total_yuan
from ingestion.formats.xml import Xml
from ingestion.messages import Refused

WINDOW = 64 << 10
LONGEST_NUMBER = 26  # characters of a number in a trailer; a longer one is no count, no total and no size
CREATED = 8  # digits of the creation day, the only part of a head that the file's name does not tell
KINDS = {"delimited": Delimited, "fixed_width": FixedWidth, "xml": Xml, "json_lines": JsonLines}


def missing_bytes(expected: bytes, found: bytes) -> int:
    """Return how many bytes were cut out of `expected`, at one place, to give `found`; 0 when it is not so."""
    missing = len(expected) - len(found)
    if missing <= 0:
        return 0
    same = 0
    while same < len(found) and expected[same] == found[same]:
        same += 1
    return missing if expected[same + missing :] == found[same:] else 0


def shape_of(feed: Feed, layout: Layout) -> Shape:
    """Return the shape of a layout's kind."""
    return KINDS[layout.format.kind](feed, layout)


def open_text(file: ReceivedFile, feed: Feed, named: Named) -> "TextExchange":
    """Check head, trailer and byte count of a text file; raise `Refused`."""
    start = file.read(0, WINDOW)
    frame = Frame(shape_of(feed, feed.layouts_of(named.profile)[-1]), named)
    check_start(start[:4096], frame.shape.encoding, frame.mark)
    if frame.mark and start.startswith(frame.shape.header_start):
        raise wrong_encoding(frame.shape.encoding, NO_MARK, line=1)
    created = _created(file, frame, named, start)
    layout = layout_for(feed, created, named.profile)
    if layout is not frame.shape.layout:
        frame = Frame(shape_of(feed, layout), named)
        created = _created(file, frame, named, start)
    return TextExchange(file, frame, created)


def _find_trailer(file: ReceivedFile, frame: Frame) -> tuple[int, re.Match] | None:
    """Return offset and match of a whole trailer at the end of the file."""
    offset = max(0, file.size - WINDOW)
    tail = file.read(offset, WINDOW)
    mark = frame.shape.trailer_start
    start = tail.rfind(mark)
    while start >= 0:
        match = frame.trailer_pattern.fullmatch(tail, start)
        if match and all(len(number) <= LONGEST_NUMBER for number in match.groups()):
            return offset + start, match
        start = tail.rfind(mark, 0, start)
    return None


def _created(file: ReceivedFile, frame: Frame, named: Named, start: bytes) -> date:
    """Return the day of creation from the head; raise `Refused` when the head is not what the name calls for."""
    prefix, suffix = frame.prefix, frame.suffix
    length = len(prefix) + CREATED + len(suffix)
    head = start[:length]
    digits = head[len(prefix) : len(prefix) + CREATED]
    if head == prefix + digits + suffix and digits.isdigit():
        if day := created_day(digits.decode()):
            return day
        raise Refused("header_malformed", line=1, field="生成日期", detail=f"没有 {digits.decode()} 这一天")
    if trailer := _find_trailer(file, frame):
        missing = length + int(trailer[1]["body_bytes"]) + (file.size - trailer[0]) - file.size
        if 0 < missing < length and _cut_from_head(prefix, suffix, start, missing):
            raise Refused("truncated", line=1, detail=f"文件头缺 {missing} 字节")
    _explain_head(frame, named, start)
    raise Refused("header_malformed", line=1, detail=f"应为 {length} 字节，内容与文件名不符")


def _cut_from_head(prefix: bytes, suffix: bytes, start: bytes, missing: int) -> bool:
    """Tell whether a head is the expected one but for some bytes cut out at one place."""
    head = start[: len(prefix) + CREATED + len(suffix) - missing]
    if head.startswith(prefix) and head.endswith(suffix):
        days = [head[len(prefix) : len(head) - len(suffix)] + b"0" * missing]
    else:
        days = [head[at : at + CREATED] for at in (len(prefix), len(prefix) - missing)]
    return any(day.isdigit() and missing_bytes(prefix + day + suffix, head) == missing for day in days)


def _explain_head(frame: Frame, named: Named, start: bytes) -> None:
    """Raise the most telling `Refused` for a head that differs from the expected one."""
    shape = frame.shape
    start = start.removeprefix(frame.mark)
    if not start.startswith(shape.header_start):
        raise Refused("header_missing", line=1)
    check_line_ends(start[: start.find(b"\n") + 1], frame.line_end, 1)
    shape.check_head(start)
    found = frame.header_pattern.match(start)
    if not found:
        return
    check_title(found["title"], shape.feed.title, shape.encoding)
    expected = {"feed": shape.feed.name, "period": named.period, "sequence": named.sequence}
    for group, label in (("feed", "接口名"), ("period", "所属期"), ("sequence", "序号")):
        value = found[group].decode("ascii", errors="replace")
        if value != expected[group]:
            raise Refused("header_disagrees", line=1, field=label, found=value, expected=expected[group])


class TextExchange(Exchange):
    """A text file whose head was read."""

    def __init__(self, file: ReceivedFile, frame: Frame, created: date):
        super().__init__(frame.shape.feed, frame.shape.layout, created)
        self._file, self._frame, self._shape = file, frame, frame.shape
        self._body_start = len(frame.head(created))
        self._declared: Declared | None = None
        self._declared_bytes = 0
        found = _find_trailer(file, frame)
        if found:
            self._body_end, match = found
            self._read_trailer(match)
            self._check_size()
        else:
            self._body_end = self._find_damaged()

    @property
    def encoding(self) -> str:
        return self._shape.encoding

    def _read_trailer(self, match: re.Match) -> None:
        fields = enumerate(self._shape.total_fields)
        totals = tuple(total_yuan(field, match[f"total{i}"].decode()) for i, field in fields)
        self._declared = Declared(int(match["rows"]), totals)
        self._declared_bytes = int(match["body_bytes"])

    def _check_size(self) -> None:
        found = self._body_end - self._body_start
        missing = self._declared_bytes - found
        if missing > 0:
            detail = f"正文应有 {self._declared_bytes} 字节，实际 {max(found, 0)} 字节，缺 {missing} 字节"
            raise Refused("truncated", detail=detail)
        if found and self._file.read(self._body_end - 1, 1) != b"\n":
            raise Refused("trailer_malformed", detail="尾记录不在行首")

    def _find_damaged(self) -> int:
        """Return where a damaged trailer begins; raise `Refused` when there is none, saying what became of it."""
        offset = max(self._body_start, self._file.size - WINDOW)
        tail = self._file.read(offset, WINDOW)
        damaged = self._frame.damaged_trailer(tail)
        if damaged is not None:
            return offset + damaged
        if not tail.endswith(b"\n"):
            line = 1 + sum(block.count(b"\n") for block in self._file.blocks())
            raise Refused("truncated", line=line, detail="文件在这一行中间结束，尾记录没有收到，缺多少字节无从得知")
        for start, line, piece in self._file.lines(self._body_start, self._file.size, self._shape.head_lines + 1):
            if (at := self._repeated_trailer(piece, start)) >= 0:
                raise Refused("trailer_not_last", line=line + piece.count(b"\n", 0, at))
        raise Refused("trailer_missing")

    def _repeated_trailer(self, piece: bytes, offset: int) -> int:
        """Return where a whole trailer begins in a piece of the body, or -1; raise `Refused` if a header follows it."""
        at = at_line_start(piece, self._shape.trailer_start)
        while at >= 0:
            # From the file, since the piece may end within the trailer.
            around = self._file.read(offset + at, WINDOW)
            if match := self._frame.trailer_pattern.match(around):
                if self._shape.repeated_header(around[match.end() :]) == 0:
                    raise Refused("header_repeated")
                return at
            after = piece.find(b"\n" + self._shape.trailer_start, at)
            at = after + 1 if after >= 0 else -1
        return -1

    def rows(self) -> Iterator[pa.Table]:
        decoder = Decoder(self._shape.encoding)
        for offset, line, piece in self._file.lines(self._body_start, self._body_end, self._shape.head_lines + 1):
            self._check_piece(piece, offset, line)
            yield self._table(piece, offset, line, decoder)
        decoder.finish()

    def _table(self, piece: bytes, offset: int, line: int, decoder: Decoder) -> pa.Table:
        end = self._frame.line_end
        if end == b"\n":
            return self._shape.table(piece, offset, line, decoder)
        # The shapes know newlines only; where the rows really stand is put right after.
        table = self._shape.table(piece.replace(end, b"\n"), offset, line, decoder)
        lines = Lines.of(piece, offset, line)
        for name, values in (("byte_offset", lines.starts), ("byte_length", lines.lengths - (len(end) - 1))):
            table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
        return table

    def _check_piece(self, piece: bytes, offset: int, line: int) -> None:
        findings = (
            ("header_repeated", self._shape.repeated_header(piece)),
            ("trailer_repeated", self._repeated_trailer(piece, offset)),
            ("nul_bytes", piece.find(b"\0")),
        )
        for code, at in findings:
            if at >= 0:
                raise Refused(code, line=line + piece.count(b"\n", 0, at))
        check_line_ends(piece, self._frame.line_end, line)

    def original(self, rows: pa.Table) -> pa.Array:
        return original_bytes(self._file, rows)

    def locate(self, lines: list[int]) -> dict[int, tuple[int | None, bytes]]:
        first_line = self._shape.head_lines + 1
        return locate_lines(self._file, self._body_start, self._body_end, first_line, lines, self._frame.line_end)

    def verify(self, facts: Facts) -> None:
        body_bytes = self._body_end - self._body_start
        found = self._file.read(self._body_end, self._file.size - self._body_end)
        expected = self._frame.trailer(facts.rows, facts.totals, body_bytes)
        if missing := missing_bytes(expected, found):
            raise Refused("truncated", detail=f"尾记录缺 {missing} 字节")
        if self._declared is None:
            raise Refused("trailer_malformed", detail="不是完整的尾记录")
        check_totals(self.feed, self.layout, self._declared, facts)
        if surplus := body_bytes - self._declared_bytes:
            raise Refused("surplus_bytes", surplus=surplus, expected=self._declared_bytes, found=body_bytes)
        if found != expected:
            raise Refused("trailer_malformed", detail="数字的写法不合规定")
