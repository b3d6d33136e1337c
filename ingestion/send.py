"""Send an outbound file: the rows of its `out_` model, written as its feed declares, proved and kept as a batch.

What we send lands like what we receive, so that it is audited, traced and tied in the same way.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.batches import Batch, batches
from ingestion.feed_spec import Feed, Field, all_feeds
from ingestion.land import Aside
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.forms import begin_file
from ingestion.outgoing.text import MISSING, Column
from ingestion.outgoing.writable import Unwritable
from ingestion.receive import Candidate, Receiver
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


class _OwnReceiver(Receiver):
    """Lands a file of ours only when every row of it is right: what its reader would reject is not sent."""

    def _fill(self, aside: Aside, candidate: Candidate) -> None:
        super()._fill(aside, candidate)
        rejected = pq.read_table(aside.folder / "rejected.parquet", columns=["source_line", "message"]).to_pylist()
        if rejected:
            first = min(rejected, key=lambda row: row["source_line"])
            raise NotSent(
                f"文件 {candidate.file.path.name} 有 {len(rejected)} 行不合接口定义，未送出；"
                f"第一处：{first['message']}。请更正核心系统中的数据并重建数仓后再送"
            )


def send(source: str, name: str, month: date, created: date | None = None) -> Sent:
    """Make the file of a month and put it into `outbox/<source>/`; the same rows and day give the same bytes.

    created: the day in the file's head, the first of the month unless told. Raise `NotSent`, `Unwritable`, and
    `WarehouseMissing` when nothing is published.
    """
    feed = _outbound_feed(source, name)
    with WorkFolder("send-") as folder:
        file = begin_file(folder, feed, f"{month:%Y%m}", created or month)
        with file, connect("published") as warehouse:
            fields = ", ".join(field.name for field in file.layout.fields)
            rows = warehouse.stream(
                f"select {fields} from out_{source}__{name} where period_month = cast(? as date) "
                # By code, not as the database's language sorts: the bytes must not depend on it.
                "order by " + ", ".join(f'{name} collate "C"' for name in feed.key),
                [month],
                CHUNK,
            )
            for part in rows:
                file.write({field.name: _column(field, part, file) for field in file.layout.fields})
        if not file.rows:
            raise NotSent(
                f"接口 {source}/{name}：数仓里没有 {month:%Y-%m} 的数据，不送空文件；请先接收该月数据再建数仓"
            )
        return _keep(feed, file.path, file.rows)


def send_for(feed: str, month: str | None = None) -> Path:
    """Send the file of `source/feed` for a month YYYY-MM, by default the last that can be planned; return its place."""
    source, _, name = feed.partition("/")
    return send(source, name, date.fromisoformat(f"{month}-01") if month else _last_month(source, name)).path


def _last_month(source: str, name: str) -> date:
    _outbound_feed(source, name)
    with connect("published") as warehouse:
        (found,) = warehouse.rows(f"select max(period_month) as month from out_{source}__{name}")
    if found["month"] is None:
        raise NotSent(f"接口 {source}/{name}：数仓里没有任何月份的数据，无可送出；请先接收数据再建数仓")
    return found["month"]


def _outbound_feed(source: str, name: str) -> Feed:
    """Return a feed that we send; raise `NotSent` for one of others, and for a name that is none."""
    feeds = {(feed.source, feed.name): feed for feed in outbound_feeds()}
    if (source, name) not in feeds:
        known = "、".join("/".join(key) for key in feeds)
        raise NotSent(f"接口 {source}/{name} 不由我方送出；可送出的接口：{known}")
    return feeds[source, name]


def _keep(feed: Feed, path: Path, rows: int) -> Sent:
    """Prove the file by receiving it as its reader would, and put it into the outbox by one rename."""
    with _OwnReceiver([feed]) as receiver:
        (outcome,) = receiver.receive([path])
    if outcome.status == "refused":
        raise NotSent(f"我方生成的文件没有通过我方自己的校验，未送出：{outcome.message}")
    landed = batches(feed.source, feed.name)
    (batch,) = (each for each in landed if each.batch_id == outcome.batch_id)
    versions = [each for each in landed if each.business_key == batch.business_key]
    _require_latest(batch, versions[-1])
    target = home() / "outbox" / feed.source / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    replaces = versions[-2].batch_id if len(versions) > 1 else None
    return Sent(target, batch.batch_id, rows, outcome.status == "landed", replaces)


def _require_latest(batch: Batch, latest: Batch) -> None:
    """Raise `NotSent` for a file that equals one which has been replaced since: it cannot take its place back."""
    if batch.batch_id != latest.batch_id:
        raise NotSent(
            f"文件 {batch.file_name} 与此前的批次 {batch.batch_id} 逐字节相同，"
            f"而该批次已被批次 {latest.batch_id} 取代，再送也不会重新生效，未送出。"
            "要恢复原来的内容，请用 --on 换一个生成日期重报"
        )


def _column(field: Field, rows: list[dict], file: ExchangeFile) -> Column:
    """Return one column as the writers take it: fen, months and days as integers, text as bytes."""
    values = [row[field.name] for row in rows]
    if field.type in ("text", "code"):
        return pa.array([_bytes(field, value, row, file) for row, value in enumerate(values)], pa.binary())
    number = {"money": _fen, "month": _month, "day": _day, "integer": int}[field.type]
    return np.array([MISSING if value is None else number(value) for value in values], np.int64)


def _bytes(field: Field, value: str | None, row: int, file: ExchangeFile) -> bytes:
    try:
        return (value or "").encode(file.encoding)
    except UnicodeEncodeError:
        wrong = Unwritable(row, value.encode("gb18030"), file.encoding, f"无法用 {file.encoding.upper()} 写出")
        raise wrong.at(file.path.name, file.line_of(file.rows + row), field) from None


def _fen(value: Decimal) -> int:
    return int(value * CENTS)


def _month(value: date) -> int:
    return value.year * 12 + value.month - 1


def _day(value: date) -> int:
    return value.year * 10_000 + value.month * 100 + value.day
