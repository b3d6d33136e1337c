"""Write a batch: aside first, every byte of it on disk, then in place by one atomic rename."""

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from isal import igzip

from ingestion.batches import landing
from ingestion.feed_spec import Feed
from ingestion.formats.received import ReceivedFile
from ingestion.messages import Refused
from ingestion.work_folders import WorkFolder

ROW_GROUP = 100_000  # at least; a piece more at most
COMPRESSION_LEVEL = 1  # received files compress 3 to 4 times at any level; higher ones only cost time
SAMPLE = 10_000  # rows that tell whether the values of a column repeat


def batch_folder(feed: Feed, batch_id: str) -> Path:
    """Return where a batch of a feed lands."""
    return landing() / feed.source / feed.name / batch_id


class TableFile:
    """A Parquet file that is written as tables come, in row groups of a useful size."""

    def __init__(self, path: Path, schema: pa.Schema):
        self._path, self._schema, self._waiting, self._rows = path, schema, [], 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """Append a table with the columns of the schema."""
        self._waiting.append(table.select(self._schema.names).cast(self._schema))
        self._rows += len(table)
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        table = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        if self._writer is None:
            settings = {"compression": "zstd", "compression_level": 1, "use_dictionary": _repeating(table)}
            self._writer = pq.ParquetWriter(self._path, self._schema, **settings)
        if len(table):
            self._writer.write_table(table, row_group_size=len(table))
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Write what waits, and the footer; closing again does nothing."""
        self._flush()
        self._writer.close()


def _repeating(table: pa.Table) -> list[str]:
    """Return the columns that a dictionary makes smaller; making one of all different values costs time and space."""
    sample = table.slice(0, SAMPLE)
    return [name for name in table.column_names if pc.count_distinct(sample[name]).as_py() * 4 <= len(sample)]


class Aside:
    """A folder beside the landing, on the same file system, for a batch that is not whole yet.

    Use as a context manager: whatever is not landed is removed.
    """

    def __enter__(self) -> "Aside":
        self._work = WorkFolder("batch-")
        self.folder = self._work.__enter__()
        return self

    def __exit__(self, *_) -> None:
        self._work.__exit__()

    def keep_received(self, file: ReceivedFile, sha256: str) -> None:
        """Keep the bytes as received, compressed; raise `Refused` when they are not those of the checksum."""
        digest = hashlib.sha256()
        suffix = file.path.suffix.lower()
        extension = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ".bin"
        # Neither name nor time in the stream: the same bytes give the same file.
        with (
            (self.folder / f"received{extension}.gz").open("wb") as target,
            igzip.IGzipFile("", "wb", COMPRESSION_LEVEL, target, mtime=0) as stream,
        ):
            for block in file.blocks():
                digest.update(block)
                stream.write(block)
        if digest.hexdigest() != sha256:
            raise Refused("changed_while_reading")

    def describe(self, facts: dict) -> None:
        """Write `batch.json`."""
        text = json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True)
        (self.folder / "batch.json").write_text(text + "\n", encoding="utf-8")

    def land(self, folder: Path) -> bool:
        """Put the batch in its place, whole and on disk; return False when it was already there."""
        # At once: the disk writes them in one go.
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(_sync, self.folder.iterdir()))
        _sync(self.folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        try:
            self.folder.rename(folder)
        except OSError:
            # Another process landed the same bytes meanwhile.
            if folder.is_dir():
                return False
            raise
        _sync(folder.parent)
        return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
