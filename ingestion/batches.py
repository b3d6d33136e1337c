"""The register of batches, read from the landing folders themselves."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.settings import home


class BrokenBatch(Exception):
    """A folder in the landing whose `batch.json` is missing or is not what this software writes."""

    exit_code = 2

    def __init__(self, directory: Path, detail: str):
        self.place = "/".join(directory.parts[-3:])
        super().__init__(
            f"批次目录 {self.place} 的 batch.json {detail}，该批次无法使用。"
            "请从备份恢复该目录，或删除目录后请发送方重发原文件"
        )


@dataclass(frozen=True)
class Batch:
    """One landed exchange file. `received_at` is UTC without a zone; totals are decimal strings in yuan.

    A batch that was judged again under a mended spec says so: `replay_of` is the batch whose bytes it holds,
    `judged_by` the digest of the spec.
    """

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
    replay_of: str | None = None
    judged_by: str | None = None

    @property
    def business_key(self) -> tuple[str, str, str, str, int]:
        """What the file is about; a later batch with the same key supersedes this one."""
        return self.source, self.feed, self.profile or "", self.period, self.sequence


def batch_id_of(sha256: str, judged_by: str | None = None) -> str:
    """Return the id of the batch of some bytes; judged again, of the bytes and the digest of the spec they met."""
    if judged_by is None:
        return sha256[:20]
    return hashlib.sha256(f"{sha256}{judged_by}".encode()).hexdigest()[:20]


def landing() -> Path:
    """Return the folder of landed batches, `<source>/<feed>/<batch_id>/` under it."""
    return home() / "landing"


def read_batch(directory: Path) -> Batch:
    """Return the batch that landed in that folder; raise `BrokenBatch`."""
    try:
        facts = json.loads((directory / "batch.json").read_text(encoding="utf-8"))
        facts.setdefault("profile", None)
        for key in ("created_on", "layout_effective_from"):
            facts[key] = date.fromisoformat(facts[key])
        facts["received_at"] = datetime.fromisoformat(facts["received_at"]).astimezone(UTC).replace(tzinfo=None)
        return Batch(directory=directory, **facts)
    except OSError as error:
        raise BrokenBatch(directory, f"无法读取（{error.strerror}）") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenBatch(directory, "内容不完整或被改动") from error


def batches(source: str = "*", feed: str = "*") -> list[Batch]:
    """Return the landed batches by business key, each key's versions in the order they were received."""
    found = [read_batch(file.parent) for file in landing().glob(f"{source}/{feed}/*/batch.json")]
    return sorted(found, key=lambda batch: (batch.business_key, batch.received_at, batch.batch_id))


def batch_folders() -> list[Path]:
    """Return every folder where a batch should be, whole or not, by source, feed and batch."""
    return sorted(path for path in landing().glob("*/*/*") if path.is_dir())


def current(landed: list[Batch]) -> list[Batch]:
    """Return the batches that no later one with the same business key replaces."""
    replaced = superseded(landed)
    return [batch for batch in landed if batch.batch_id not in replaced]


def superseded(landed: list[Batch]) -> set[str]:
    """Return the ids of the batches that a later one with the same business key replaces."""
    latest = {batch.business_key: batch.batch_id for batch in landed}
    return {batch.batch_id for batch in landed} - set(latest.values())
