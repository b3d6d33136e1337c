"""Rows that a period has so far: the minimum and maximum of a feed are those of a period, over all its files."""

from datetime import datetime
from pathlib import Path

from ingestion.batches import BrokenBatch, landing, read_batch
from ingestion.feed_spec import Feed
from ingestion.formats.exchange import Named

Latest = tuple[datetime, str, int]  # received at, batch, rows


class Volumes:
    """Knows the rows of landed batches. Each is read once, since it never changes; those that came since are added."""

    def __init__(self) -> None:
        self._seen: dict[Path, set[str]] = {}
        self._latest: dict[tuple[Path, str | None, str], dict[int, Latest]] = {}

    def others(self, feed: Feed, named: Named) -> int:
        """Return the rows received in the period's current batches, apart from those which this file supersedes."""
        folder = landing() / feed.source / feed.name
        if folder.is_dir():
            self._read_new(folder)
        files = self._latest.get((folder, named.profile, named.period), {})
        return sum(rows for sequence, (_, _, rows) in files.items() if sequence != int(named.sequence))

    def _read_new(self, folder: Path) -> None:
        seen = self._seen.setdefault(folder, set())
        for name in {path.name for path in folder.iterdir()} - seen:
            seen.add(name)
            try:
                batch = read_batch(folder / name)
            except BrokenBatch:
                continue  # no reason to refuse a file; the audit names it
            files = self._latest.setdefault((folder, batch.profile, batch.period), {})
            found = batch.received_at, batch.batch_id, batch.rows["received"]
            files[batch.sequence] = max(found, files.get(batch.sequence, found))
