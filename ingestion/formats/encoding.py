"""Decode strictly, and say what a file that is not in the declared encoding seems to be in."""

import re

from ingestion.feed_spec import all_feeds
from ingestion.masking import printable
from ingestion.messages import Refused

MARKS = (
    (b"\xef\xbb\xbf", "文件带有 UTF-8 的 BOM"),
    (b"\xff\xfe", "文件是 UTF-16"),
    (b"\xfe\xff", "文件是 UTF-16"),
    (b"\x84\x31\x95\x33", "文件带有 BOM"),
)
NO_MARK = "文件开头没有接口规定的 BOM"
_CJK_IN_UTF8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")


def wrong_encoding(encoding: str, detail: str, *, line: int | None = None, field: str | None = None) -> Refused:
    """Return the refusal of a file that is not in the encoding of its layout."""
    return Refused("wrong_encoding", line=line, field=field, detail=detail, encoding=encoding.upper())


def check_start(start: bytes, encoding: str, own_mark: bytes = b"") -> None:
    """Raise `Refused` when the first bytes show a mark that is not the layout's own, UTF-16 or NULs."""
    start = start.removeprefix(own_mark)
    for mark, detail in MARKS:
        if start.startswith(mark):
            raise wrong_encoding(encoding, detail, line=1)
    if b"\0" in start:
        # Half of the bytes of ASCII in UTF-16 are NUL.
        if start.count(b"\0") * 10 > len(start):
            raise wrong_encoding(encoding, "文件是没有 BOM 的 UTF-16", line=1)
        raise Refused("nul_bytes", line=start.count(b"\n", 0, start.index(b"\0")) + 1)


def check_title(found: bytes, title: str, encoding: str) -> None:
    """Raise `Refused` unless the header's title, the sentinel for the encoding, is the feed's."""
    if found == title.encode(encoding):
        return
    read = found.decode(encoding, errors="replace")
    if read in {feed.title for feed in all_feeds()}:
        raise Refused("header_disagrees", line=1, field="标题", found=read, expected=title)
    raise wrong_encoding(encoding, _guess(found, read, title, encoding), line=1, field="标题")


def _guess(found: bytes, read: str, title: str, encoding: str) -> str:
    if encoding == "utf-8" and found == title.encode("gb18030"):
        return "文件是 GB 18030"
    if encoding != "utf-8" and not found.isascii():
        try:
            text = found.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "文件是 UTF-8" if text == title else f"文件是 UTF-8，且标题已成乱码“{printable(text)}”"
        big5 = found.decode("big5", errors="ignore")
        if len(set(big5) & set(title)) > len(set(read) & set(title)):
            return f"疑为 Big5，按 Big5 读出的标题是“{printable(big5)}”"
    if "?" in read:
        return f"标题里的汉字成了问号：“{printable(read)}”"
    return f"标题应为“{title}”，读出的是“{printable(read)}”"


class Decoder:
    """Decode the pieces of one file strictly, and notice a body that is UTF-8 where the layout is not."""

    def __init__(self, encoding: str):
        self._encoding = encoding
        self._utf8_possible, self._utf8_seen = encoding != "utf-8", False

    def decode(self, piece: bytes, first_line: int) -> str:
        """Return the piece as text; raise `Refused` with the line of the first byte that cannot be decoded."""
        if piece.isascii():
            return piece.decode("ascii")
        if self._utf8_possible:
            self._try_utf8(piece)
        try:
            return piece.decode(self._encoding)
        except UnicodeDecodeError as error:
            line = first_line + piece.count(b"\n", 0, error.start)
            raise wrong_encoding(self._encoding, self._explain(piece, error.start), line=line) from error

    def _explain(self, piece: bytes, at: int) -> str:
        if self._utf8_seen:
            return "正文是 UTF-8"
        broken = " ".join(f"{byte:02X}" for byte in piece[at : at + 2])
        try:
            piece.decode("gb18030")
        except UnicodeDecodeError:
            return f"字节 {broken} 不是合法字符"
        if self._encoding == "utf-8":
            return "正文是 GB 18030"
        return f"字节 {broken} 起的字只在 GB 18030 中有，{self._encoding.upper()} 写不出"

    def _try_utf8(self, piece: bytes) -> None:
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError:
            self._utf8_possible = self._utf8_seen = False
        else:
            # Two bytes alone may be valid in both encodings; a whole file of three-byte characters is not by chance.
            self._utf8_seen = self._utf8_seen or bool(_CJK_IN_UTF8.search(piece))

    def finish(self) -> None:
        """Raise `Refused` when all that was decoded is also valid UTF-8 with Chinese characters in it."""
        if self._utf8_possible and self._utf8_seen:
            raise wrong_encoding(self._encoding, "文件头之外的正文是 UTF-8")
