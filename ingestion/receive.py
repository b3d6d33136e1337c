"""Receive exchange files: recognise each by its name, prove it, land it, or refuse it whole with a reason."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion.batches import Batch, read_batch
from ingestion.feed_spec import Feed, Layout, all_feeds, feeds_of, load_feed
from ingestion.formats import open_exchange
from ingestion.formats.exchange import Exchange, Named
from ingestion.formats.received import ReceivedFile
from ingestion.judge import Judge
from ingestion.land import Aside, batch_folder
from ingestion.messages import InputRefused, Refused
from ingestion.prove import Prover
from ingestion.settings import home

TRUTH = "truth"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `landed`, `already_landed`, or `refused` with a reason code and a message."""

    path: Path
    status: str
    feed: Feed | None = None
    batch_id: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    reason: str | None = None
    message: str | None = None


def recognise(name: str) -> tuple[Feed, Named]:
    """Return the feed whose pattern the file name matches, and what the name says; raise `Refused`."""
    for feed in all_feeds():
        if match := feed.arrives.pattern.fullmatch(name):
            return feed, Named(match["period"], match["sequence"])
    raise Refused("unknown_name")


def exchange_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files to receive, directories walked, and what was left aside: truth folders and hidden files."""
    files, left = [], []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path).parts
            if file.is_dir() and file.name == TRUTH:
                left.append(file)
            elif not file.is_dir() and TRUTH not in inside[:-1]:
                hidden = any(part.startswith(".") for part in inside)
                (left if hidden else files).append(file)
    return files, left


class Receiver:
    """Receives any number of files through one DuckDB connection. Use as a context manager."""

    def __enter__(self) -> "Receiver":
        spill = home() / "receiving"
        spill.mkdir(parents=True, exist_ok=True)
        settings = {"memory_limit": "512MB", "threads": 2, "temp_directory": str(spill)}
        self._connection = duckdb.connect(config=settings)
        self._judges: dict[tuple[str, str, Layout], Judge] = {}
        return self

    def __exit__(self, *_) -> None:
        self._connection.close()

    def receive(self, path: Path) -> Outcome:
        """Receive one file and say what became of it; a refusal is an outcome, not an exception."""
        feed = None
        try:
            feed, named = recognise(path.name)
            with ReceivedFile(path) as file:
                return self._take(file, open_exchange(file, feed, named), named)
        except Refused as refused:
            return Outcome(path, "refused", feed, reason=refused.code, message=refused.explain(path.name, feed))

    def _take(self, file: ReceivedFile, exchange: Exchange, named: Named) -> Outcome:
        feed, sha256 = exchange.feed, file.sha256()
        batch_id = sha256[:20]
        folder = batch_folder(feed, batch_id)
        if folder.is_dir():
            return _outcome(file.path, "already_landed", feed, read_batch(folder))
        with Aside() as aside, ThreadPoolExecutor(1) as compressor:
            kept = compressor.submit(aside.keep_received, file, sha256)
            tally = Prover(self._connection, exchange, self._judge(exchange), batch_id).prove(aside)
            kept.result()
            file.require_unchanged()
            aside.describe(
                {
                    "batch_id": batch_id,
                    "sha256": sha256,
                    "source": feed.source,
                    "feed": feed.name,
                    "period": named.period,
                    "sequence": int(named.sequence),
                    "created_on": exchange.created.isoformat(),
                    "layout_effective_from": exchange.layout.effective_from.isoformat(),
                    "file_name": file.path.name,
                    "encoding": exchange.encoding,
                    "received_at": datetime.now(UTC).isoformat(timespec="microseconds"),
                    "byte_count": file.size,
                    **tally.as_json(),
                }
            )
            landed = aside.land(folder)
        return _outcome(file.path, "landed" if landed else "already_landed", feed, read_batch(folder))

    def _judge(self, exchange: Exchange) -> Judge:
        key = exchange.feed.source, exchange.feed.name, exchange.layout
        if key not in self._judges:
            self._judges[key] = Judge(self._connection, exchange.feed, exchange.layout)
        return self._judges[key]


def _outcome(path: Path, status: str, feed: Feed, batch: Batch) -> Outcome:
    return Outcome(path, status, feed, batch.batch_id, batch.rows, batch.warnings)


def receive(paths: Iterable[Path], progress: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Receive files and directories of files, in order; `progress` is called with each outcome."""
    files, _ = exchange_files(map(Path, paths))
    outcomes = []
    with Receiver() as receiver:
        for file in files:
            outcomes.append(receiver.receive(file))
            if progress:
                progress(outcomes[-1])
    return outcomes


def receive_inbox(source: str, feed: str) -> dict:
    """Receive every file of the feed that waits in the source's inbox, and return a summary.

    Landed files leave the inbox; refused ones move to `refused/<source>/` with their reason beside them. Once all
    were tried, `InputRefused` is raised if any was refused. Files that no feed of the source recognises are refused
    by the call for its alphabetically first feed.
    """
    files = _waiting(source, load_feed(source, feed))
    landed, refusals = [], []
    with Receiver() as receiver:
        for file in files:
            outcome = receiver.receive(file)
            if outcome.status == "refused":
                _set_aside(outcome, source)
                refusals.append((file, outcome.message))
            else:
                file.unlink()
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
    }


def _waiting(source: str, feed: Feed) -> list[Path]:
    inbox = home() / "inbox" / source
    others = [load_feed(source, name) for name in feeds_of(source) if name != feed.name]
    is_first = feeds_of(source)[0] == feed.name

    def is_ours(name: str) -> bool:
        if feed.arrives.pattern.fullmatch(name):
            return True
        return is_first and not any(other.arrives.pattern.fullmatch(name) for other in others)

    files, _ = exchange_files([inbox] if inbox.is_dir() else [])
    return [file for file in files if is_ours(file.name)]


def _set_aside(outcome: Outcome, source: str) -> None:
    """Move a refused file out of the inbox, its reason beside it, never over an earlier one."""
    folder = home() / "refused" / source
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / outcome.path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{outcome.path.stem}.{number}{outcome.path.suffix}"
    reason = {
        "file_name": outcome.path.name,
        "feed": outcome.feed and f"{outcome.feed.source}/{outcome.feed.name}",
        "reason": outcome.reason,
        "message": outcome.message,
    }
    text = json.dumps(reason, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    target.with_name(target.name + ".reason.json").write_text(text, encoding="utf-8")
    outcome.path.replace(target)
