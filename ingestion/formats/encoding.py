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
_CJK_IN_UTF8 = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")


def check_start(start: bytes) -> None:
    """Raise `Refused` when the first bytes show a byte order mark, UTF-16 or NULs."""
    for mark, detail in MARKS:
        if start.startswith(mark):
            raise Refused("wrong_encoding", line=1, detail=detail)
    if b"\0" in start:
        # Half of the bytes of ASCII in UTF-16 are NUL.
        if start.count(b"\0") * 10 > len(start):
            raise Refused("wrong_encoding", line=1, detail="文件是没有 BOM 的 UTF-16")
        raise Refused("nul_bytes", line=start.count(b"\n", 0, start.index(b"\0")) + 1)


def check_title(found: bytes, title: str, encoding: str) -> None:
    """Raise `Refused` unless the header's title, the sentinel for the encoding, is the feed's."""
    if found == title.encode(encoding):
        return
    read = found.decode(encoding, errors="replace")
    if read in {feed.title for feed in all_feeds()}:
        raise Refused("header_disagrees", line=1, field="标题", found=read, expected=title)
    raise Refused("wrong_encoding", line=1, field="标题", detail=_guess(found, read, title))


def _guess(found: bytes, read: str, title: str) -> str:
    if not found.isascii():
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
    """Decode the pieces of one file strictly, and notice a body that is UTF-8 under a header that is not."""

    def __init__(self, encoding: str):
        self._encoding = encoding
        self._utf8_possible, self._utf8_seen = True, False

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
            broken = " ".join(f"{byte:02X}" for byte in piece[error.start : error.start + 2])
            detail = "正文是 UTF-8" if self._utf8_seen else f"字节 {broken} 不是合法字符"
            raise Refused("wrong_encoding", line=line, detail=detail) from error

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
            raise Refused("wrong_encoding", detail="文件头之外的正文是 UTF-8")
