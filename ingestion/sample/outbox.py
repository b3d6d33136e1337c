"""Where the files of a province go: one folder per source, names by the feeds' own patterns."""

import re
from datetime import date
from pathlib import Path

from ingestion.feed_spec import Feed, load_feed
from ingestion.sample.calendar import as_date, last_day, month_code
from ingestion.sample.files import ExchangeFile
from ingestion.sample.forms import FORMS


class Outbox:
    """The folder that the files of a province are written to, and what was written."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.written: list[ExchangeFile] = []

    def monthly(self, source: str, name: str, month: int) -> ExchangeFile:
        """Begin the file of a feed for a month, created on its last day."""
        return self._begin(load_feed(source, name), month_code(month), last_day(month))

    def daily(self, source: str, name: str, day: int) -> ExchangeFile:
        """Begin the file of a feed for a day YYYYMMDD, created on it."""
        return self._begin(load_feed(source, name), str(day), as_date(day))

    def _begin(self, feed: Feed, period: str, created: date) -> ExchangeFile:
        kind = FORMS[feed.layout_on(created).format.kind]
        path = self.directory / feed.source / _file_name(feed, period, "001")
        file = kind(path, feed, period, created)
        self.written.append(file)
        return file


def _file_name(feed: Feed, period: str, sequence: str) -> str:
    """Return the name that the feed's pattern asks for: the pattern with its groups filled in."""
    filled = re.sub(
        r"\(\?P<(\w+)>[^)]*\)",
        lambda group: {"period": period, "sequence": sequence}[group[1]],
        feed.arrives.pattern.pattern,
    )
    name = filled.replace("\\.", ".")
    if not feed.arrives.pattern.fullmatch(name):
        raise ValueError(f"{feed.source}/{feed.name}：文件名 {name} 不合接口定义的 pattern")
    return name
