"""Find what should have come and has not: a sequence skipped within a period, a period skipped between two others."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.batches import Batch
from ingestion.feed_spec import Feed, all_feeds
from ingestion.outgoing.forms import file_name

STEPS = {"month": 1, "year": 12}  # months from one period to the next; of days some have no business


@dataclass(frozen=True)
class Gap:
    """A file that is missing: of a period that has later files, or (`sequence` None) of a whole period."""

    feed: Feed
    profile: str | None
    period: str
    sequence: int | None
    file_name: str

    @property
    def key(self) -> str:
        """Return `source/feed/period` and, where only a file of the period is missing, its sequence."""
        key = f"{self.feed.source}/{self.feed.name}/{self.period}"
        return key if self.sequence is None else f"{key}/{self.sequence:03d}"

    @property
    def message(self) -> str:
        """Return what is missing, why that matters and what to do next."""
        sender = self.feed.sender(self.profile)
        what = f"所属期 {self.period} 缺少序号 {self.sequence:03d}" if self.sequence else f"缺少所属期 {self.period}"
        return (
            f"接口 {self.feed.source}/{self.feed.name}（{self.feed.title}）：{what}，应有文件 {self.file_name}。"
            f"可能漏发，这部分人员或资金未入库。请{sender.name}（{sender.contact}）补发该文件，或书面确认没有该文件。"
        )


def gaps(batches: Iterable[Batch]) -> list[Gap]:
    """Return the gaps of each feed and sender among those batches, by feed, sender, period and sequence."""
    feeds = {(feed.source, feed.name): feed for feed in all_feeds()}
    landed: dict[tuple, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for batch in batches:
        if (batch.source, batch.feed) in feeds:
            landed[batch.source, batch.feed, batch.profile or ""][batch.period].add(batch.sequence)
    found = []
    for (source, name, profile), periods in sorted(landed.items()):
        found += _gaps_of(feeds[source, name], profile or None, periods)
    return found


def _gaps_of(feed: Feed, profile: str | None, periods: dict[str, set[int]]) -> list[Gap]:
    missing: list[tuple[str, int | None]] = [(period, None) for period in _skipped_periods(feed, set(periods))]
    for period, sequences in periods.items():
        missing += [(period, number) for number in range(1, max(sequences)) if number not in sequences]
    return [
        Gap(feed, profile, period, sequence, file_name(feed, period, f"{sequence or 1:03d}", profile))
        for period, sequence in sorted(missing, key=lambda each: (each[0], each[1] or 0))
    ]


def _skipped_periods(feed: Feed, landed: set[str]) -> list[str]:
    """Return the months (or years) between the first and the last landed one of which there is no file at all."""
    if feed.arrives.period not in STEPS:
        return []
    step = STEPS[feed.arrives.period]
    numbers = sorted(int(period[:4]) * 12 + int(period[4:]) - 1 for period in landed)
    expected = range(numbers[0], numbers[-1], step)
    return [f"{number // 12:04d}{number % 12 + 1:02d}" for number in expected if number not in set(numbers)]
