"""Send an outbound file: the rows of its `out_` model, written as its feed declares, proved and kept as a batch.

What we send lands like what we receive, so that it is audited, traced and tied in the same way.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.batches import batches
from ingestion.feed_spec import Feed, Field, all_feeds, load_feed
from ingestion.outgoing.forms import begin_file
from ingestion.outgoing.text import MISSING, Column
from ingestion.receive import Receiver
from ingestion.settings import home
from ingestion.warehouse import connect
from ingestion.work_folders import WorkFolder

CHUNK = 50_000
CENTS = Decimal(100)


class NotSent(Exception):
    """A file was not sent; the message says why and what to do. Commands end with exit code 2."""

    exit_code = 2


@dataclass(frozen=True)
class Sent:
    """A file that was sent: where it lies, its batch, and whether it replaces an earlier one of the same key."""

    path: Path
    batch_id: str
    rows: int
    is_new: bool
    replaces: str | None


def outbound_feeds() -> list[Feed]:
    """Return the feeds whose files we make."""
    return [feed for feed in all_feeds() if feed.direction == "outbound"]


def send(source: str, name: str, month: date, created: date | None = None) -> Sent:
    """Make the file of a month and put it into `outbox/<source>/`; the same rows and day give the same bytes.

    created: the day in the file's head, the first of the month unless told. Raise `NotSent`, `Unwritable`, and
    `WarehouseMissing` when nothing is published.
    """
    feed = load_feed(source, name)
    if feed.direction != "outbound":
        known = "、".join(f"{each.source}/{each.name}" for each in outbound_feeds())
        raise NotSent(f"接口 {source}/{name} 由对方报送，不由我方送出；可送出的接口：{known}")
    with WorkFolder("send-") as folder:
        file = begin_file(folder, feed, f"{month:%Y%m}", created or month)
        with file, connect("published") as warehouse:
            fields = ", ".join(field.name for field in file.layout.fields)
            rows = warehouse.stream(
                f"select {fields} from out_{source}__{name} where period_month = cast(? as date) "
                f"order by {', '.join(feed.key)}",
                [month],
                CHUNK,
            )
            for part in rows:
                file.write({field.name: _column(field, part, file.encoding) for field in file.layout.fields})
        if not file.rows:
            raise NotSent(
                f"接口 {source}/{name}：数仓里没有 {month:%Y-%m} 的数据，不送空文件；请先接收该月数据再建数仓"
            )
        return _keep(feed, file.path, file.rows)


def _keep(feed: Feed, path: Path, rows: int) -> Sent:
    """Prove the file by receiving it as its reader would, and put it into the outbox."""
    with Receiver([feed]) as receiver:
        (outcome,) = receiver.receive([path])
    if outcome.status == "refused":
        raise RuntimeError(f"我方生成的文件没有通过我方自己的校验：{outcome.message}")
    (batch,) = (each for each in batches() if each.batch_id == outcome.batch_id)
    earlier = [each for each in batches() if each.business_key == batch.business_key]
    replaces = earlier[-2].batch_id if len(earlier) > 1 and earlier[-1].batch_id == batch.batch_id else None
    target = home() / "outbox" / feed.source / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    return Sent(target, batch.batch_id, rows, outcome.status == "landed", replaces)


def _column(field: Field, rows: list[dict], encoding: str) -> Column:
    """Return one column as the writers take it: fen, months and days as integers, text as bytes."""
    values = [row[field.name] for row in rows]
    if field.type in ("text", "code"):
        return pa.array([b"" if value is None else value.encode(encoding) for value in values], pa.binary())
    number = {"money": _fen, "month": _month, "day": _day, "integer": int}[field.type]
    return np.array([MISSING if value is None else number(value) for value in values], np.int64)


def _fen(value: Decimal) -> int:
    return int(value * CENTS)


def _month(value: date) -> int:
    return value.year * 12 + value.month - 1


def _day(value: date) -> int:
    return value.year * 10_000 + value.month * 100 + value.day
