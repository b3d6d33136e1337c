"""The quarantine: rejected rows of the current batches, by feed and rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.batches import Batch, batches, current
from ingestion.feed_spec import FeedSpecError, all_feeds, load_feed
from ingestion.kept import Rereader
from ingestion.masking import printable
from ingestion.messages import RULE_TITLES

ZERO = Decimal("0.00")
FIRST_PLACES = 3


@dataclass(frozen=True)
class Rejects:
    """Rejected rows of one batch, in the order of its file: as the batch keeps them, raw, and as judged today."""

    batch: Batch
    kept: pa.Table
    raw: pa.Table
    judged: pa.Table

    def of_rule(self, rule: str) -> "Rejects":
        """Return those that broke a rule."""
        chosen = pc.equal(self.kept["rule_code"], rule)
        return Rejects(self.batch, *(table.filter(chosen) for table in (self.kept, self.raw, self.judged)))


@dataclass
class Group:
    """Rejected rows of one feed that broke one rule; money in yuan by control total, where it can be read."""

    source: str
    feed: str
    rule: str
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    first_places: list[tuple[str, int]] = field(default_factory=list)  # file name, line

    @property
    def title(self) -> str:
        """Return the rule in a word."""
        return RULE_TITLES.get(self.rule, self.rule)

    def add(self, rejects: Rejects) -> None:
        """Count rows of the group."""
        self.rows += len(rejects.kept)
        for name in self.totals:
            self.totals[name] += pc.sum(rejects.judged[name]).as_py() or ZERO
        free = FIRST_PLACES - len(self.first_places)
        lines = rejects.kept["source_line"].slice(0, free).to_pylist()
        self.first_places += [(rejects.batch.file_name, line) for line in lines]


def feeds_named(name: str | None) -> set[tuple[str, str]]:
    """Return the feeds meant by `source/feed`, by a feed's name alone, or by None: all; raise FeedSpecError."""
    known = {(feed.source, feed.name) for feed in all_feeds()}
    found = {key for key in known if name in (None, "/".join(key), key[1])}
    if not found:
        raise FeedSpecError(f"没有接口 {printable(name or '')}；请写成 来源/接口，已定义的接口见 ingestion/feeds")
    return found


def rejecting_batches(feed: str | None = None) -> list[Batch]:
    """Return the current batches that hold rejected rows, of a feed or of all."""
    wanted = feeds_named(feed)
    return [it for it in current(batches()) if it.rows["rejected"] and (it.source, it.feed) in wanted]


def rejects(
    feed: str | None = None, rule: str | None = None, progress: Callable[[Batch], None] | None = None
) -> Iterator[Rejects]:
    """Yield the rejected rows of the current batches, of a feed and a rule or of all."""
    with Rereader() as reader:
        for batch in rejecting_batches(feed):
            for tables in reader.rejected(batch):
                found = Rejects(batch, *tables)
                found = found.of_rule(rule) if rule else found
                if len(found.kept):
                    yield found
            if progress:
                progress(batch)


def quarantine(
    feed: str | None = None, rule: str | None = None, progress: Callable[[Batch], None] | None = None
) -> list[Group]:
    """Return the rejected rows of the current batches, counted by feed and rule."""
    groups: dict[tuple[str, str, str], Group] = {}
    for found in rejects(feed, rule, progress):
        source, name = found.batch.source, found.batch.feed
        totals = dict.fromkeys(load_feed(source, name).control_totals, ZERO)
        for code in pc.unique(found.kept["rule_code"]).to_pylist():
            group = groups.setdefault((source, name, code), Group(source, name, code, totals=dict(totals)))
            group.add(found.of_rule(code))
    return [groups[key] for key in sorted(groups)]
