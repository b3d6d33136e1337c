"""Receive exchange files: recognise each by its name, prove it, land it, or refuse it whole with a reason."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import inbox
from ingestion.ahead import ahead, gathered
from ingestion.batches import Batch, BrokenBatch, batch_id_of, batches, read_batch
from ingestion.feed_spec import Feed, Layout, all_feeds, feeds_of, load_feed
from ingestion.formats import open_exchange
from ingestion.formats.exchange import Exchange, Named
from ingestion.formats.received import ReceivedFile
from ingestion.gaps import gaps
from ingestion.judge import Judge
from ingestion.land import Aside, batch_folder
from ingestion.messages import InputRefused, Refused
from ingestion.outcome import Outcome
from ingestion.prove import Prover
from ingestion.receipts import answer
from ingestion.volume import Volumes
from ingestion.work_folders import WorkFolder, clear_leftovers

SMALL = 1 << 20  # bytes of a file that is judged together with others
TOGETHER = 32
JUDGED_AT_ONCE = 150_000  # rows, since planning a query costs as much as judging a few thousand


def recognise(name: str, feeds: Iterable[Feed]) -> tuple[Feed, Named]:
    """Return the feed whose pattern the file name matches, and what the name says; raise `Refused`."""
    for feed in feeds:
        if match := feed.arrives.pattern.fullmatch(name):
            named = Named(**match.groupdict())
            if feed.profiles and named.profile not in dict(feed.profiles):
                break
            return feed, named
    raise Refused("unknown_name")


@dataclass
class Candidate:
    """A file whose head and tail were found right. Small ones are read, and judged together with others."""

    file: ReceivedFile
    exchange: Exchange
    named: Named
    sha256: str
    raw: list[pa.Table] | None = None
    judged: list[pa.Table] | None = None
    replay: dict[str, str] = field(default_factory=dict)  # what the batch records when bytes are judged again

    @property
    def batch_id(self) -> str:
        return batch_id_of(self.sha256, self.replay.get("judged_by"))


class Receiver:
    """Receives any number of files of some feeds through one DuckDB connection. Use as a context manager."""

    def __init__(self, feeds: Iterable[Feed]):
        self._feeds = tuple(feeds)
        self._volumes = Volumes()

    def __enter__(self) -> "Receiver":
        clear_leftovers()
        self._spill = WorkFolder("spill-")
        settings = {"memory_limit": "512MB", "threads": 2, "temp_directory": str(self._spill.__enter__())}
        self._connection = duckdb.connect(config=settings)
        self._judges: dict[tuple[str, str, Layout], Judge] = {}
        return self

    def __exit__(self, *_) -> None:
        self._connection.close()
        self._spill.__exit__()

    def receive(self, paths: Iterable[Path]) -> Iterator[Outcome]:
        """Receive files in order and yield what became of each; a refusal is an outcome, not an exception."""
        waiting: list[Candidate | Outcome] = []
        for path in paths:
            waiting.append(self._open(path))
            is_large = isinstance(waiting[-1], Candidate) and waiting[-1].raw is None
            if is_large or len(waiting) == TOGETHER:
                yield from self._finish(waiting)
                waiting = []
        yield from self._finish(waiting)

    def _open(self, path: Path) -> Candidate | Outcome:
        """Return a file ready to be judged, or what became of it already."""
        feed = file = None
        try:
            if not path.exists():
                raise Refused("not_found")
            if path.is_symlink():  # else a sender could be told what stands in a file of ours
                raise Refused("unreadable", detail="是符号链接")
            feed, named = recognise(path.name, self._feeds)
            file = ReceivedFile(path)
            candidate = Candidate(file, open_exchange(file, feed, named), named, file.sha256())
            folder = batch_folder(feed, candidate.batch_id)
            if folder.is_dir():
                file.close()
                return _outcome(path, "already_landed", feed, read_batch(folder))
            if file.size <= SMALL:
                candidate.raw = list(candidate.exchange.rows())
            return candidate
        except Refused as refused:
            if file:
                file.close()
            return _refusal(path, feed, refused)
        except BrokenBatch as broken:
            return _refusal(path, feed, Refused("landed_broken", place=broken.place))

    def _finish(self, waiting: list[Candidate | Outcome]) -> Iterator[Outcome]:
        """Judge the small files of each layout in one query, since planning it costs more than running it."""
        by_judge: dict[int, list[Candidate]] = {}
        for item in waiting:
            if isinstance(item, Candidate) and item.raw:
                by_judge.setdefault(id(self._judge(item.exchange)), []).append(item)
        for candidates in by_judge.values():
            raw = pa.concat_tables([table for candidate in candidates for table in candidate.raw])
            judged, start = self._judge(candidates[0].exchange).judge(raw), 0
            for candidate in candidates:
                candidate.judged = []
                for table in candidate.raw:
                    candidate.judged.append(judged.slice(start, len(table)))
                    start += len(table)
        for item in waiting:
            yield self._settle(item) if isinstance(item, Candidate) else item

    def _settle(self, candidate: Candidate) -> Outcome:
        feed, path = candidate.exchange.feed, candidate.file.path
        folder = batch_folder(feed, candidate.batch_id)
        try:
            with candidate.file, Aside() as aside:
                self._fill(aside, candidate)
                landed = aside.land(folder)
        except Refused as refused:
            return _refusal(path, feed, refused)
        return _outcome(path, "landed" if landed else "already_landed", feed, read_batch(folder))

    def _fill(self, aside: Aside, candidate: Candidate) -> None:
        """Write the four files of a batch; raise `Refused` when the file does not prove right."""
        file, exchange = candidate.file, candidate.exchange
        judge = self._judge(exchange)
        others = self._volumes.others(exchange.feed, candidate.named)
        if candidate.raw is None:
            # Three threads at work: one splits a piece, one judges the piece before, this one writes what was judged.
            gathering = gathered(ahead(exchange.rows()), JUDGED_AT_ONCE)
            judged_rows = ahead((raw, judge.judge(raw)) for raw in gathering)
        else:
            judged_rows = zip(candidate.raw, candidate.judged or [], strict=True)
        with ThreadPoolExecutor(1) as compressor:
            kept = compressor.submit(aside.keep_received, file, candidate.sha256)
            tally = Prover(self._connection, exchange, judge, candidate.batch_id, others).prove(aside, judged_rows)
            kept.result()
        file.require_unchanged()
        aside.describe(
            {
                "batch_id": candidate.batch_id,
                "sha256": candidate.sha256,
                "source": exchange.feed.source,
                "feed": exchange.feed.name,
                "period": candidate.named.period,
                "sequence": int(candidate.named.sequence),
                "profile": candidate.named.profile,
                "created_on": exchange.created.isoformat(),
                "layout_effective_from": exchange.layout.effective_from.isoformat(),
                "file_name": file.path.name,
                "encoding": exchange.encoding,
                "received_at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "byte_count": file.size,
                **tally.as_json(),
                **candidate.replay,
            }
        )

    def _judge(self, exchange: Exchange) -> Judge:
        key = exchange.feed.source, exchange.feed.name, exchange.layout
        if key not in self._judges:
            self._judges[key] = Judge(self._connection, exchange.feed, exchange.layout)
        return self._judges[key]


def _refusal(path: Path, feed: Feed | None, refused: Refused) -> Outcome:
    return Outcome(path, "refused", feed, reason=refused.code, message=refused.explain(path.name, feed))


def _outcome(path: Path, status: str, feed: Feed, batch: Batch) -> Outcome:
    return Outcome(path, status, feed, batch.batch_id, batch.rows, batch.warnings)


def receive(paths: Iterable[Path], progress: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Receive files and directories of files, in order, and answer each; `progress` is called with each outcome."""
    files, _ = inbox.exchange_files(map(Path, paths))
    outcomes = []
    with Receiver(all_feeds()) as receiver:
        for outcome in receiver.receive(files):
            answer(outcome)
            outcomes.append(outcome)
            if progress:
                progress(outcome)
    return outcomes


def receive_inbox(source: str, feed: str) -> dict:
    """Receive every file of the feed that waits in the source's inbox, and return a summary.

    Each is answered with a receipt. Landed files leave the inbox; refused ones move to `refused/<source>/` with their
    reason beside them. Once all were tried, `InputRefused` is raised if any was refused. Files that no feed of the
    source recognises are refused by the call for its alphabetically first feed.
    """
    files = inbox.waiting(source, load_feed(source, feed))
    landed, refusals = [], []
    with Receiver(load_feed(source, name) for name in feeds_of(source)) as receiver:
        for outcome in receiver.receive(files):
            answer(outcome, source)
            if outcome.status == "refused":
                inbox.set_aside(outcome, source)
                refusals.append((outcome.path, outcome.message))
            else:
                outcome.path.unlink()
                landed.append(outcome)
    if refusals:
        raise InputRefused(refusals)
    new = [outcome for outcome in landed if outcome.status == "landed"]
    return {
        "source": source,
        "feed": feed,
        "landed": len(new),
        "already_landed": len(landed) - len(new),
        "accepted_rows": sum(outcome.rows["accepted"] for outcome in new),
        "rejected_rows": sum(outcome.rows["rejected"] for outcome in new),
        "missing_files": [gap.file_name for gap in gaps(batches(source, feed))],
    }
