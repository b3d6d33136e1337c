"""Receipts: what became of each file, line by line, for its sender and in the sender's own form."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.batches import Batch, read_batch
from ingestion.feed_spec import Arrival, Feed, Field, Format, Layout, Publisher, Volume
from ingestion.formats.shape import total_text
from ingestion.land import batch_folder
from ingestion.masking import mask, printable
from ingestion.messages import field_title
from ingestion.outcome import Outcome
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.forms import SUFFIXES, begin_file
from ingestion.safe_names import safe_name
from ingestion.settings import home
from ingestion.work_folders import WorkFolder

TITLE, NAME = "交换文件回执", "receipts"
UNRECOGNISED = "unrecognised"
PLAIN = Format("delimited", "gb18030", "|")
# A bank statement in ISO 20022 has no place for rejected lines; its sender gets plain text in the same encoding.
CARRIERS = ("delimited", "fixed_width", "xml", "spreadsheet", "json_lines")
# name, code, label, and width in bytes where fields have one
FIELDS = (
    ("record", "RECORD", "记录", 60),
    ("item", "ITEM", "项目", 80),
    ("received", "RECEIVED", "接收", 24),
    ("accepted", "ACCEPTED", "入库", 24),
    ("rejected", "REJECTED", "退回", 24),
    ("line", "LINE", "行号", 12),
    ("offset", "OFFSET", "字节位置", 16),
    ("rule", "RULE", "规则", 40),
    ("reason", "REASON", "原因", 800),
)
OURS = ("not_found", "landed_broken")  # reasons that are no matter of the sender's
_CHUNK = 50_000
Rows = Iterator[dict[str, pa.Array]]


def receipt_feed(feed: Feed | None, profile: str | None = None) -> Feed:
    """Return the feed that a file's receipt is a file of: one layout of texts, in the form of the file's sender."""
    form = feed.layouts_of(profile)[-1].format if feed else PLAIN
    if form.kind not in CARRIERS:
        form = Format("delimited", form.encoding, "|")
    fields = tuple(Field(name, code, label, "text", width=width) for name, code, label, width in FIELDS)
    return Feed(
        source=feed.source if feed else UNRECOGNISED,
        name=NAME,
        title=TITLE,
        description="One row per fact about a received file, and per rejected line of it.",
        publisher=Publisher("省社会保险局", "数据中心"),
        arrives=Arrival(re.compile(rf"receipt\.{SUFFIXES[form.kind]}"), "day"),
        layouts=(Layout(date.min, form, fields, profile),),
        key=("record",),
        control_totals=(),
        volume=Volume(0, 0),
        profiles=feed.profiles if feed else (),
    )


def answer(outcome: Outcome, source: str | None = None) -> Path | None:
    """Write the receipt for a file that was received, and return it; None when nobody is to be answered.

    `source` is whose inbox an unrecognised file lay in. The receipt of a file that had landed before is written only
    when it is missing: a kill may have come between landing and answering.
    """
    feed, name = outcome.feed, outcome.path.name
    if outcome.reason in OURS or (feed and feed.direction == "outbound"):
        return None
    if feed is None:
        target = home() / "outbox" / (source or UNRECOGNISED) / f"HZ_{safe_name(mask(name))}.txt"
        day = _day_of_arrival(outcome.path)
        return _write(target, receipt_feed(None), f"{day:%Y%m%d}", day, {"sequence": "001"}, _refusal(outcome))
    named = feed.arrives.pattern.fullmatch(name).groupdict()
    form = receipt_feed(feed, named.get("profile"))
    suffix = SUFFIXES[form.layouts[0].format.kind]
    target = home() / "outbox" / feed.source / f"HZ_{safe_name(Path(name).stem)}.{suffix}"
    if outcome.status == "already_landed" and target.exists():
        return target
    period = named.pop("period")
    day, rows = _day_of(period), _refusal(outcome)
    if outcome.batch_id:
        batch = read_batch(batch_folder(feed, outcome.batch_id))
        day, rows = batch.created_on, _landing(feed, batch)
    return _write(target, form, period, day, named, rows)


def _write(
    target: Path, form: Feed, period: str, day: date, key: dict[str, str], rows: Iterator[dict[str, pa.Array]]
) -> Path:
    """Write a receipt aside and put it in its place in one step, so that nobody sends half of one."""
    with WorkFolder("receipt-") as folder:
        with begin_file(folder, form, period, day, **key) as file:
            for part in rows:
                file.write(_columns(file, part))
        with file.path.open("rb") as written:
            os.fsync(written.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        file.path.replace(target)
    return target


def _refusal(outcome: Outcome) -> Rows:
    yield _rows({"record": "状态", "item": "已拒收", "rule": outcome.reason, "reason": outcome.message})


def _landing(feed: Feed, batch: Batch) -> Rows:
    layout = feed.layout_on(batch.created_on, batch.profile)
    facts = [
        {"record": "状态", "item": "已入库", "reason": f"文件 {printable(batch.file_name)}，批次 {batch.batch_id}"},
        {"record": "行数", **{key: str(batch.rows[key]) for key in ("received", "accepted", "rejected")}},
    ]
    for name in feed.control_totals:
        field = layout.field(name)
        unit = "分" if field.unit == "fen" else "元"
        amounts = {key: total_text(field, Decimal(text)) for key, text in batch.control_totals[name].items()}
        facts.append({"record": field.label, "item": field.source_field, **amounts, "reason": f"单位：{unit}"})
    yield _rows(*facts)
    titles = pa.array([field_title(field) for field in layout.fields])
    names = pa.array([field.name for field in layout.fields])
    columns = ["source_line", "byte_offset", "rule_code", "field_name", "message"]
    with pq.ParquetFile(batch.directory / "rejected.parquet") as file:
        for part in file.iter_batches(_CHUNK, columns=columns):
            yield {
                "record": pa.array(["退回"] * len(part)),
                "item": titles.take(pc.index_in(part["field_name"], names)),
                "line": part["source_line"].cast(pa.string()),
                "offset": part["byte_offset"].cast(pa.string()),
                "rule": part["rule_code"],
                "reason": part["message"],
            }


def _rows(*rows: dict[str, str]) -> dict[str, pa.Array]:
    return {name: pa.array([row.get(name) for row in rows], pa.string()) for name, *_ in FIELDS}


def _columns(file: ExchangeFile, part: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return every column in the encoding of the file, without what its form has no way to write."""
    count = len(part["record"])
    empty = pa.nulls(count, pa.string())
    return {field.name: _encoded(file, field, part.get(field.name, empty)) for field in file.layout.fields}


def _encoded(file: ExchangeFile, field: Field, texts: pa.Array) -> pa.Array:
    form = file.layout.format
    texts = pc.fill_null(texts, "")
    # A separator has no way to be quoted, and U+FFFD would tell the reader that a character was lost on the way.
    separator = form.separator or ""
    if pc.any(pc.match_substring_regex(texts, f"[\\x00-\\x1f\\x7f\ufffd{re.escape(separator)}]")).as_py():
        other = dict.fromkeys([*range(32), 127], " ") | {0xFFFD: "?"}
        other |= {ord(mark): chr(ord(mark) + 0xFEE0) for mark in separator if mark > " "}
        texts = pa.array([text.translate(other) for text in texts.to_pylist()])
    encoding = form.encoding or "utf-8"
    values = "\n".join(texts.to_pylist()).encode(encoding, errors="replace").split(b"\n")
    if form.kind == "fixed_width":
        values = [_cut(value, field.width, encoding) for value in values]
    return pa.array(values, pa.binary())


def _cut(value: bytes, width: int, encoding: str) -> bytes:
    if len(value) <= width:
        return value
    return value[:width].decode(encoding, errors="ignore").encode(encoding)


def _day_of(period: str) -> date:
    """Return the first day of a period, for a file that was refused before its own day of creation was known."""
    try:
        return date(int(period[:4]), int(period[4:6]), int(period[6:] or 1))
    except ValueError:
        return date(1970, 1, 1)


def _day_of_arrival(path: Path) -> date:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC).date()
