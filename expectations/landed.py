"""What landed, feed by feed, in counts: for the quality page."""

from collections import Counter
from typing import Any

from expectations.rules import CURRENT_BATCHES
from ingestion import warehouse
from ingestion.feed_spec import Feed, all_feeds
from ingestion.warehouse import Database


def landed_feeds(database: Database, as_of: str) -> list[dict[str, Any]]:
    """Return for each feed its batches that count on a day (ISO date), those superseded, their rows and warnings."""
    current = CURRENT_BATCHES.format(as_of=as_of)
    with warehouse.connect(database) as opened:
        return [_landed_feed(opened, feed, current, as_of) for feed in all_feeds()]


def _landed_feed(opened: warehouse.Warehouse, feed: Feed, current: str, as_of: str) -> dict[str, Any]:
    is_current = f"batch_id in ({current})"
    (counted,) = opened.rows(
        f"select count(*) filter (where {is_current}) as batches,"
        f" count(*) filter (where not {is_current}) as superseded,"
        f" coalesce(sum(received_row_count) filter (where {is_current}), 0) as received,"
        f" coalesce(sum(accepted_row_count) filter (where {is_current}), 0) as accepted,"
        f" coalesce(sum(rejected_row_count) filter (where {is_current}), 0) as rejected"
        f" from landing.batches where source_name = '{feed.source}' and feed_name = '{feed.name}'"
        f" and created_on <= date '{as_of}'"
    )
    warned = opened.rows(
        f"select warning_codes, count(*) as row_count from landing.{feed.source}__{feed.name}"
        f" where warning_codes is not null and {is_current} group by warning_codes"
    )
    warnings: Counter[str] = Counter()
    for row in warned:
        for code in row["warning_codes"].split(","):
            warnings[code] += row["row_count"]
    return {
        "publisher": feed.publisher.name,
        "title": feed.title,
        **{name: int(count) for name, count in counted.items()},
        "warnings": dict(sorted(warnings.items())),
    }
