"""Rows that a period has so far: the minimum and maximum of a feed are those of a period, over all its files."""

from pathlib import Path

from ingestion.batches import Batch, BrokenBatch, landing, read_batch
from ingestion.feed_spec import Feed
from ingestion.formats.exchange import Named


class Volumes:
    """Knows the rows of landed batches. Each is read once, since it never changes; those that came since are added."""

    def __init__(self) -> None:
        self._known: dict[Path, Batch | None] = {}

    def others(self, feed: Feed, named: Named) -> int:
        """Return the rows received in the period's current batches, apart from those which this file supersedes."""
        current = {}
        for batch in sorted(self._landed(feed), key=lambda batch: (batch.received_at, batch.batch_id)):
            current[batch.business_key] = batch
        return sum(
            batch.rows["received"]
            for batch in current.values()
            if (batch.profile or None, batch.period) == (named.profile, named.period)
            and batch.sequence != int(named.sequence)
        )

    def _landed(self, feed: Feed) -> list[Batch]:
        folder = landing() / feed.source / feed.name
        paths = list(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            if path not in self._known:
                self._known[path] = _read(path)
        return [batch for path in paths if (batch := self._known[path])]


def _read(path: Path) -> Batch | None:
    try:
        return read_batch(path)
    except BrokenBatch:
        return None  # no reason to refuse a file; the audit names it
