"""The bytes that a batch keeps: unpacked aside, hashed, and read again by its feed's spec."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.batches import Batch
from ingestion.feed_spec import Feed, Layout, load_feed
from ingestion.formats import open_exchange
from ingestion.formats.exchange import Exchange, Named
from ingestion.formats.received import CHUNK, ReceivedFile
from ingestion.judge import Judge
from ingestion.work_folders import WorkFolder


class KeptBroken(Exception):
    """The kept bytes of a batch cannot be read any more; the text says what is wrong with them."""

    exit_code = 2


@contextmanager
def kept_file(directory: Path, name: str = "received") -> Iterator[tuple[ReceivedFile, str]]:
    """Yield the bytes that a batch's folder keeps, as a file of that name, and their SHA-256; raise `KeptBroken`."""
    packed = list(directory.glob("received.*.gz"))
    if len(packed) != 1:
        raise KeptBroken(f"应有一个原始文件 received.*.gz，实有 {len(packed)} 个")
    with WorkFolder("kept-") as folder:
        digest = _unpack(packed[0], folder / name)
        with ReceivedFile(folder / name) as file:
            yield file, digest


def _unpack(packed: Path, target: Path) -> str:
    digest = hashlib.sha256()
    try:
        with gzip.open(packed) as stream, target.open("wb") as copy:
            while block := stream.read(CHUNK):
                digest.update(block)
                copy.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise KeptBroken(f"原始文件 {packed.name} 的压缩数据已损坏") from error
    return digest.hexdigest()


@dataclass(frozen=True)
class Kept:
    """What a batch keeps, open to be read again."""

    file: ReceivedFile
    sha256: str
    exchange: Exchange


class Rereader:
    """Reads batches again through one DuckDB connection. Use as a context manager."""

    def __enter__(self) -> "Rereader":
        self._spill = WorkFolder("spill-")
        settings = {"memory_limit": "512MB", "threads": 2, "temp_directory": str(self._spill.__enter__())}
        self.connection = duckdb.connect(config=settings)
        self._judges: dict[tuple[str, str, Layout], Judge] = {}
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()
        self._spill.__exit__()

    @contextmanager
    def open(self, batch: Batch) -> Iterator[Kept]:
        """Yield what a batch keeps, under the layout that it was judged by; raise `KeptBroken` or `Refused`."""
        feed = load_feed(batch.source, batch.feed)
        with kept_file(batch.directory) as (file, digest):
            yield Kept(file, digest, open_exchange(file, as_judged(feed, batch), named(batch)))

    def judge(self, exchange: Exchange, raw: pa.Table) -> pa.Table:
        """Return the raw rows of an exchange as they are judged today."""
        key = exchange.feed.source, exchange.feed.name, exchange.layout
        if key not in self._judges:
            self._judges[key] = Judge(self.connection, exchange.feed, exchange.layout)
        return self._judges[key].judge(raw)

    def rejected(self, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table, pa.Table]]:
        """Yield the rejected rows of a batch, in the file's order: as kept in the batch, raw, and as judged today."""
        if not batch.rows["rejected"]:
            return
        kept_rows = read_rejected(batch.directory)
        with self.open(batch) as kept:
            for raw in kept.exchange.rows():
                chosen = only(raw, kept_rows["source_line"])
                if len(chosen):
                    yield only(kept_rows, chosen["source_line"]), chosen, self.judge(kept.exchange, chosen)


def read_rejected(directory: Path) -> pa.Table:
    """Return the rejected rows of a batch in the order of the file."""
    return pq.read_table(directory / "rejected.parquet").sort_by("source_line")


def only(table: pa.Table, lines: pa.ChunkedArray | np.ndarray) -> pa.Table:
    """Return the rows of a table that stand on those lines."""
    return table.filter(pc.is_in(table["source_line"], pa.array(lines, pa.int64())))


def named(batch: Batch) -> Named:
    """Return what the name of a batch's file says, as the batch records it."""
    return Named(batch.period, f"{batch.sequence:03d}", batch.profile)


def as_judged(feed: Feed, batch: Batch) -> Feed:
    """Return the feed with the one layout that a batch was judged by; raise `KeptBroken` when it has it no more."""
    layouts = [it for it in feed.layouts_of(batch.profile) if it.effective_from == batch.layout_effective_from]
    if not layouts:
        raise KeptBroken(f"接口定义里已没有该批次所用的格式（自 {batch.layout_effective_from} 起）")
    return replace(feed, layouts=tuple(layouts))
