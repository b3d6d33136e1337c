"""Whether a build can stand on the published one and only add what is new, or has to be made whole.

An incremental build gives the same rows as a whole one. It is possible when the rules and seeds are the same, every
batch that counted still counts, and what is new follows it in the order of its feed; otherwise the reason is said.
Only DuckDB builds so: its published warehouse is one file to copy.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from ingestion.batches import Batch, current
from ingestion.settings import ROOT, target
from ingestion.warehouse import EMBEDDED, database_file

# Tables that only grow by what is new; they are all there once a build was finished.
GROWING = ("int_receipts__deduplicated", "int_levy_plan__persons", "int_contributions__settled")


@dataclass(frozen=True)
class Increment:
    """What a build adds to the published one; `reason` says why it cannot, and is empty when it can.

    `stands_on` is the day that the published one was made for.
    """

    new: tuple[Batch, ...] = ()
    reason: str = ""
    stands_on: date | None = None


def increment(landed: list[Batch], as_of: date) -> Increment:
    """Return what a build as of a day would add to the published warehouse."""
    if target() != EMBEDDED:
        return Increment(reason="PostgreSQL 每次整体构建")
    if not database_file("published").exists():
        return Increment(reason="还没有已发布的数仓")
    with duckdb.connect(str(database_file("published")), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
        if not {"built", *GROWING} <= tables:
            return Increment(reason="已发布的数仓没有建完")
        built_as_of, digest = connection.execute("select as_of, rules_digest from landing.built").fetchone()
        known = {batch_id for (batch_id,) in connection.execute("select batch_id from landing.batches").fetchall()}
    if digest != rules_digest():
        return Increment(reason="规则、费率或接口定义改过")
    if as_of < built_as_of:
        return Increment(reason=f"数据截止日早于已发布的 {built_as_of}")
    before = _counting((batch for batch in landed if batch.batch_id in known), built_as_of)
    now = _counting(landed, as_of)
    if gone := before.keys() - now.keys():
        return Increment(reason=f"{len(gone)} 个批次被重报的文件取代，或不在本机")
    new = [now[batch_id] for batch_id in now.keys() - before.keys()]
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for batch in before.values():
        last[batch.source, batch.feed] = max(_place(batch), last.get((batch.source, batch.feed), ("", 0)))
    if early := [it for it in new if _place(it) < last.get((it.source, it.feed), ("", 0))]:
        return Increment(reason=f"{len(early)} 个批次补报早于已入库的期次，如 {early[0].file_name}")
    return Increment(new=tuple(sorted(new, key=lambda batch: batch.batch_id)), stands_on=built_as_of)


def rules_digest() -> str:
    """Return the SHA-256 of everything that decides what a build makes of the batches: models, seeds, feeds."""
    files = [
        path
        for folder in ("dbt", "ingestion/feeds")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".sql", ".csv", ".yml") and "target" not in path.parts
    ]
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _counting(landed: Iterable[Batch], as_of: date) -> dict[str, Batch]:
    """Return by id the batches that count on a day."""
    return {batch.batch_id: batch for batch in current([it for it in landed if it.created_on <= as_of])}


def _place(batch: Batch) -> tuple[str, int]:
    return batch.period, batch.sequence
