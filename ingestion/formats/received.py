"""A file as it was received: its bytes by position, and proof that they did not change while being read."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingestion.messages import Refused

CHUNK = 4 << 20  # larger pieces leave the caches, and the memory for them is not used again
LONGEST_LINE = 1 << 20


class ReceivedFile:
    """An open exchange file. Use as a context manager."""

    def __init__(self, path: Path):
        """Open the file; raise `Refused` when it is no regular readable file or is empty."""
        self.path = path
        try:
            # Without O_NONBLOCK, opening a named pipe would wait for a writer.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise Refused("not_found") from error
        except OSError as error:
            raise Refused("unreadable", detail=error.strerror or "") from error
        self._opened = os.fstat(self._descriptor)
        if not stat.S_ISREG(self._opened.st_mode):
            self.close()
            raise Refused("unreadable", detail="不是普通文件")
        self.size = self._opened.st_size
        if self.size == 0:
            self.close()
            raise Refused("empty_file")

    def __enter__(self) -> "ReceivedFile":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing again does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        parts = []
        while length > 0 and (part := os.pread(self._descriptor, length, offset)):
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole file in blocks, as it was when it was opened."""
        for offset in range(0, self.size, CHUNK):
            yield self.read(offset, min(CHUNK, self.size - offset))

    def sha256(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    def require_unchanged(self) -> None:
        """Raise `Refused` when the file was written to since it was opened."""
        now = os.fstat(self._descriptor)
        if (now.st_size, now.st_mtime_ns) != (self._opened.st_size, self._opened.st_mtime_ns):
            raise Refused("changed_while_reading")

    def lines(self, start: int, end: int, first_line: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield (offset, line number, bytes) of pieces of about 4 MiB that end with a line, between two offsets."""
        offset, line, rest = start, first_line, b""
        while offset + len(rest) < end:
            block = self.read(offset + len(rest), min(CHUNK, end - offset - len(rest)))
            if not block:
                raise Refused("changed_while_reading")
            piece = rest + block
            cut = piece.rfind(b"\n") + 1
            if offset + len(piece) == end:
                cut = len(piece)
            if not cut and len(piece) > LONGEST_LINE:
                raise Refused("line_too_long", line=line, limit=LONGEST_LINE)
            if cut:
                yield offset, line, piece[:cut]
                line += piece.count(b"\n", 0, cut)
            offset, rest = offset + cut, piece[cut:]
