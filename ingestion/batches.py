"""The register of batches, read from the landing folders themselves."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.settings import home


@dataclass(frozen=True)
class Batch:
    """One landed exchange file. `received_at` is UTC without a zone; totals are decimal strings in yuan."""

    directory: Path
    batch_id: str
    sha256: str
    source: str
    feed: str
    period: str
    sequence: int
    profile: str | None
    created_on: date
    layout_effective_from: date
    file_name: str
    encoding: str
    received_at: datetime
    rows: dict[str, int]
    control_totals: dict[str, dict[str, str]]
    warnings: dict[str, int]
    byte_count: int

    @property
    def business_key(self) -> tuple[str, str, str, str, int]:
        """What the file is about; a later batch with the same key supersedes this one."""
        return self.source, self.feed, self.profile or "", self.period, self.sequence


def landing() -> Path:
    """Return the folder of landed batches, `<source>/<feed>/<batch_id>/` under it."""
    return home() / "landing"


def read_batch(directory: Path) -> Batch:
    """Return the batch that landed in that folder."""
    facts = json.loads((directory / "batch.json").read_text(encoding="utf-8"))
    facts.setdefault("profile", None)
    for key in ("created_on", "layout_effective_from"):
        facts[key] = date.fromisoformat(facts[key])
    facts["received_at"] = datetime.fromisoformat(facts["received_at"]).astimezone(UTC).replace(tzinfo=None)
    return Batch(directory=directory, **facts)


def batches() -> list[Batch]:
    """Return every landed batch by business key, each key's versions in the order they were received."""
    found = [read_batch(file.parent) for file in landing().glob("*/*/*/batch.json")]
    return sorted(found, key=lambda batch: (batch.business_key, batch.received_at, batch.batch_id))


def superseded(landed: list[Batch]) -> set[str]:
    """Return the ids of the batches that a later one with the same business key replaces."""
    latest = {batch.business_key: batch.batch_id for batch in landed}
    return {batch.batch_id for batch in landed} - set(latest.values())
