"""Where the files of a province go: one folder per source, names by the feeds' own patterns."""

from datetime import date
from pathlib import Path

from ingestion.feed_spec import Feed, load_feed
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.forms import begin_file
from ingestion.sample.calendar import as_date, last_day, month_code


class Outbox:
    """The folder that the files of a province are written to, and what was written."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.written: list[ExchangeFile] = []

    def monthly(self, source: str, name: str, month: int, *, created: date | None = None, **key: str) -> ExchangeFile:
        """Begin the file of a feed for a month, created on its last day unless told; `key`: sequence, profile."""
        return self._begin(load_feed(source, name), month_code(month), created or last_day(month), **key)

    def daily(self, source: str, name: str, day: int, **key: str) -> ExchangeFile:
        """Begin the file of a feed for a day YYYYMMDD, created on it; `key`: sequence, profile."""
        return self._begin(load_feed(source, name), str(day), as_date(day), **key)

    def latest(self, source: str, name: str) -> ExchangeFile:
        """Return the file of a feed that was begun last."""
        return next(file for file in reversed(self.written) if (file.feed.source, file.feed.name) == (source, name))

    def _begin(self, feed: Feed, period: str, created: date, **key: str) -> ExchangeFile:
        file = begin_file(self.directory / feed.source, feed, period, created, **key)
        self.written.append(file)
        return file
