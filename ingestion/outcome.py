"""What became of one exchange file."""

from dataclasses import dataclass, field
from pathlib import Path

from ingestion.feed_spec import Feed


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
