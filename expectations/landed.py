"""What landed, feed by feed, in counts: for the quality page."""

from collections import Counter
from datetime import date
from typing import Any

from ingestion import warehouse
from ingestion.batches import Batch, batches, superseded
from ingestion.feed_spec import Feed, all_feeds
from ingestion.warehouse import Database

# The batches that do not count on a day: made later, or superseded by then (the same file, received again later).
EXCLUDED = """
select batches.batch_id from landing.batches as batches
where batches.created_on > date '{as_of}' or exists (
    select 1 from landing.batches as later
    where later.source_name = batches.source_name and later.feed_name = batches.feed_name
    and later.period_code = batches.period_code and later.sequence_number = batches.sequence_number
    and later.created_on <= date '{as_of}'
    and (later.received_at, later.batch_id) > (batches.received_at, batches.batch_id)
) order by batches.batch_id"""


def excluded_batches(database: Database, as_of: str) -> list[str]:
    """Return the batches of a warehouse that do not count on a day (ISO date)."""
    with warehouse.connect(database) as opened:
        return [row["batch_id"] for row in opened.rows(EXCLUDED.format(as_of=as_of))]


def landed_feeds(database: Database, as_of: str) -> list[dict[str, Any]]:
    """Return for each feed the batches of a build that count on a day (ISO date), those superseded, rows, warnings."""
    with warehouse.connect(database) as opened:
        opened_ids = {row["batch_id"] for row in opened.rows("select batch_id from landing.batches")}
    day = date.fromisoformat(as_of)
    landed = [batch for batch in batches() if batch.batch_id in opened_ids and batch.created_on <= day]
    replaced = superseded(landed)
    return [
        _landed_feed(
            feed, [batch for batch in landed if (batch.source, batch.feed) == (feed.source, feed.name)], replaced
        )
        for feed in all_feeds()
    ]


def _landed_feed(feed: Feed, landed: list[Batch], replaced: set[str]) -> dict[str, Any]:
    current = [batch for batch in landed if batch.batch_id not in replaced]
    warnings = sum((Counter(batch.warnings) for batch in current), Counter())
    return {
        "publisher": feed.publisher.name,
        "title": feed.title,
        "batches": len(current),
        "superseded": len(landed) - len(current),
        **{key: sum(batch.rows[key] for batch in current) for key in ("received", "accepted", "rejected")},
        "warnings": dict(sorted(warnings.items())),
    }
