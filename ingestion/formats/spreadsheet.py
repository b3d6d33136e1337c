"""XLSX workbooks read as text: header, labels, rows, and a last row of totals; every cell must be text."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest

import openpyxl
import pyarrow as pa
from openpyxl.utils import get_column_letter

from ingestion.feed_spec import Feed, Layout
from ingestion.formats.columns import raw_schema
from ingestion.formats.encoding import check_title
from ingestion.formats.exchange import Declared, Exchange, Facts, Named, check_totals, created_day, layout_for
from ingestion.formats.received import ReceivedFile
from ingestion.formats.shape import total_pattern, total_yuan
from ingestion.messages import Refused

LARGEST_FILE = 64 << 20
LARGEST_UNPACKED = 256 << 20
MOST_PARTS = 1000
TOTAL_LABEL = "合计"
HEADER = ("标题", "接口名", "所属期", "序号", "生成日期")
CHUNK_ROWS = 20_000
_CONTROL = re.compile("[\x00-\x1f\x7f]")
# How XML begins, in UTF-8 or UTF-16: a workbook may give its sheets any name.
_MARKUP = re.compile(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_KINDS = {"n": "数值", "d": "日期", "f": "公式", "b": "逻辑值", "e": "错误值"}


def open_workbook(file: ReceivedFile, feed: Feed, named: Named) -> "Workbook":
    """Check that a file is a safe workbook, and its header row and labels; raise `Refused`."""
    if file.size > LARGEST_FILE:
        raise Refused("spreadsheet_too_large", detail=f"文件超过 {LARGEST_FILE >> 20} MB")
    content = file.read(0, file.size)
    _check_archive(content)
    rows = _sheet_rows(content)
    header = _texts(next(rows, ()), 1)
    created = _check_header(header, feed, named)
    layout = layout_for(feed, created, named.profile)
    _check_labels(_texts(next(rows, ()), 2), layout)
    return Workbook(feed, layout, created, rows)


def _check_archive(content: bytes) -> None:
    """Raise `Refused` for what is no whole zip archive, unpacks to too much, or defines entities."""
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("spreadsheet_not_zip")
    _check_end(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
                raise Refused("spreadsheet_too_large", detail=f"{len(parts)} 个部分，共 {unpacked} 字节")
            for part in parts:
                text = archive.read(part)  # checks its CRC, and never unpacks more than the size declared
                is_xml = part.filename.endswith((".xml", ".rels")) or _MARKUP.match(text)
                if is_xml and (b"<!" in text or b"\0" in text):
                    raise Refused("xml_doctype")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, OSError, MemoryError) as error:
        raise Refused("spreadsheet_damaged", detail="压缩包结构或校验和不对") from error
    except Exception as error:
        # zlib.error, lzma.LZMAError and the like have no common base.
        if isinstance(error, Refused):
            raise
        raise Refused("spreadsheet_damaged", detail="压缩数据无法解开") from error


def _check_end(content: bytes) -> None:
    """Raise `Refused` when the archive's last record tells that bytes are missing before it."""
    end = content.rfind(b"PK\x05\x06")
    if end < 0:
        raise Refused("truncated", detail="压缩包没有结尾，缺多少字节无从得知")
    if missing := end + 22 - len(content) if end + 22 > len(content) else 0:
        raise Refused("truncated", detail=f"压缩包结尾缺 {missing} 字节")
    size, offset, _ = struct.unpack("<IIH", content[end + 12 : end + 22])
    if 0 < (missing := offset + size - end) < len(content):
        raise Refused("truncated", detail=f"压缩包缺 {missing} 字节")


def _sheet_rows(content: bytes) -> Iterator[tuple]:
    """Yield the rows of cells of the first sheet."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a wrong declared size would hide cells
        yield from sheet.iter_rows()
    except Exception as error:
        # openpyxl raises whatever the broken part made it stumble over.
        raise Refused("spreadsheet_damaged", detail=f"工作表无法读取（{type(error).__name__}）") from error


def _kind(cell) -> str | None:
    """Return in Chinese what a cell is when it is not text; None for text and for an empty cell."""
    if cell.value is None or (isinstance(cell.value, str) and cell.data_type in ("s", "inlineStr", "str")):
        return None
    return _KINDS.get(cell.data_type, cell.data_type)


def _unescaped(text: str) -> str:
    """Return the text with `_x0041_` and the like, as workbooks write what XML cannot, put back into characters."""

    def character(found: re.Match) -> str:
        code = int(found[1], 16)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    return _ESCAPED.sub(character, text) if "_x" in text else text


def _texts(cells: tuple, line: int) -> list[str]:
    """Return the texts of a row in which every cell must be text, without empty cells at the end; raise `Refused`."""
    for column, cell in enumerate(cells, 1):
        if kind := _kind(cell):
            raise Refused("spreadsheet_cell_type", line=line, cell=f"{get_column_letter(column)}{line}", kind=kind)
    texts = [_unescaped(cell.value or "") for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _check_header(header: list[str], feed: Feed, named: Named) -> date:
    if not header:
        raise Refused("header_missing", line=1)
    if len(header) != len(HEADER):
        raise Refused("header_malformed", line=1, detail=f"应有 {len(HEADER)} 格，实际 {len(header)} 格")
    check_title(header[0].encode(), feed.title, "utf-8")
    for label, found, expected in zip(HEADER[1:4], header[1:4], (feed.name, *_named(named)), strict=True):
        if found != expected:
            raise Refused("header_disagrees", line=1, field=label, found=found, expected=expected)
    if day := created_day(header[4]):
        return day
    raise Refused("header_malformed", line=1, field="生成日期", detail=f"“{header[4]}”不是日期")


def _named(named: Named) -> tuple[str, str]:
    return named.period, named.sequence


def _check_labels(found: list[str], layout: Layout) -> None:
    expected = [field.label for field in layout.fields]
    for column, (is_, should) in enumerate(zip_longest(found, expected, fillvalue=""), 1):
        if is_ != should:
            raise Refused("spreadsheet_labels", line=2, column=get_column_letter(column), found=is_, expected=should)


class Workbook(Exchange):
    """A workbook whose header and labels were read. Its rows have no bytes of their own: the cells' texts stand in."""

    def __init__(self, feed: Feed, layout: Layout, created: date, rows: Iterator[tuple]):
        super().__init__(feed, layout, created)
        self._cells = rows
        self._names = [field.name for field in layout.fields]
        self._declared: Declared | None = None
        self._originals: dict[int, bytes] = {}

    @property
    def encoding(self) -> str:
        return "utf-8"

    def rows(self) -> Iterator[pa.Table]:
        waiting: list[dict] = []
        for line, cells in enumerate(self._cells, 3):
            texts = [None if cell.value is None else _unescaped(str(cell.value)) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if self._declared is not None:
                if texts:
                    again = texts[0] == TOTAL_LABEL
                    raise Refused("trailer_repeated" if again else "trailer_not_last", line=line)
            elif texts and texts[0] == TOTAL_LABEL:
                self._read_trailer(_texts(cells, line), line)
            else:
                waiting.append(self._row(line, cells, texts))
            if len(waiting) == CHUNK_ROWS:
                yield self._table(waiting)
                waiting = []
        if self._declared is None:
            raise Refused("trailer_missing")
        yield self._table(waiting)

    def _row(self, line: int, cells: tuple, texts: list) -> dict:
        self._originals[line] = "\t".join(text or "" for text in texts).encode("utf-8", errors="replace")
        if texts and texts[0] == self.feed.title:
            raise Refused("header_repeated", line=line)
        row = dict.fromkeys(raw_schema(self._names).names)
        row["source_line"] = line
        if len(texts) > len(self._names):
            row["problem"] = "field_count"
        for name, text, cell in zip(self._names, texts, cells, strict=False):
            if _kind(cell):
                # A number cell is floating point: its money is not to be read.
                row["problem"], row["problem_field"] = "cell_not_text", name
                continue
            if text and _CONTROL.search(text):
                row["problem"] = "control_character"
            elif text and "\ufffd" in text:
                row["problem"] = "replacement_character"
            row[name] = (text or "").rstrip(" ")
        return row

    def _table(self, rows: list[dict]) -> pa.Table:
        return pa.Table.from_pylist(rows, schema=raw_schema(self._names))

    def _read_trailer(self, texts: list[str], line: int) -> None:
        fields = [self.layout.field(name) for name in self.feed.control_totals]
        patterns = ("[0-9]{1,18}", *(total_pattern(field) for field in fields))
        if len(texts) != len(patterns) + 1:
            raise Refused("trailer_malformed", line=line, detail=f"应有 {len(patterns) + 1} 格，实际 {len(texts)} 格")
        for pattern, text in zip(patterns, texts[1:], strict=True):
            if not re.fullmatch(pattern, text, re.ASCII):
                raise Refused("trailer_malformed", line=line, detail=f"“{text}”的写法不合规定")
        totals = (total_yuan(*pair) for pair in zip(fields, texts[2:], strict=True))
        self._declared = Declared(int(texts[1]), tuple(totals))

    def original(self, rows: pa.Table) -> pa.Array:
        return pa.array([self._originals[line] for line in rows["source_line"].to_pylist()], pa.binary())

    def locate(self, lines: list[int]) -> dict[int, tuple[int | None, bytes]]:
        return {line: (None, self._originals[line]) for line in lines}

    def verify(self, facts: Facts) -> None:
        check_totals(self.feed, self.layout, self._declared, facts)
