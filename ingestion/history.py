"""All that was ever received about one file or one row: every version, in the order received, and what changed."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.batches import Batch, batches, superseded
from ingestion.feed_spec import Feed, all_feeds, load_feed
from ingestion.judge import literal
from ingestion.kept import KeptBroken, Rereader, as_judged
from ingestion.masking import mask_values, printable
from ingestion.messages import Refused, field_title

VALID, REPLACED, REJECTED, REVERSED, REVERSAL = "有效", "已被取代", "退回", "被冲正", "冲正"
OWN = ("batch_id", "source_line", "warning_codes")  # columns of landing's own


class NothingKnown(Exception):
    """No landed batch is or holds what was asked for."""

    exit_code = 2

    def __init__(self, key: str):
        super().__init__(
            f"没有找到“{printable(key)}”：没有这样的文件，也没有批次含有这个主键。"
            "文件请写 来源/接口/所属期[/序号] 或文件名；记录请写主键，主键由几项组成的用 / 连接"
        )


@dataclass(frozen=True)
class Version:
    """A file, or a row (`line`) of one, as it was once received; `notes` say what changed or why it was rejected."""

    batch: Batch
    line: int | None
    state: str
    notes: tuple[str, ...] = ()


def history(key: str) -> list[Version]:
    """Return the versions of a file (`source/feed/[sender/]period[/sequence]` or its name) or of a row, by its key.

    Raise `NothingKnown`. Identity and bank numbers are masked.
    """
    landed = sorted(batches(), key=lambda batch: (batch.received_at, batch.batch_id))
    replaced = superseded(landed)
    if files := [batch for batch in landed if _is_named(batch, key)]:
        return _file_versions(files, replaced)
    with Rereader() as reader:
        found = [version for feed in all_feeds() for version in _Rows(reader, feed, key).versions(landed, replaced)]
    if not found:
        raise NothingKnown(key)
    return sorted(found, key=lambda version: (version.batch.received_at, version.batch.batch_id, version.line))


def _is_named(batch: Batch, key: str) -> bool:
    start = (batch.source, batch.feed, *((batch.profile,) if batch.profile else ()))
    names = [(*start, batch.period), (*start, batch.period, f"{batch.sequence:03d}")]
    return key == batch.file_name or tuple(key.split("/")) in names


def _file_versions(files: list[Batch], replaced: set[str]) -> list[Version]:
    versions, before = [], {}
    for batch in files:
        earlier = before.get(batch.business_key)
        before[batch.business_key] = batch
        notes = [f"重判 {batch.replay_of}"] if batch.replay_of else []
        notes += _file_changes(earlier, batch) if earlier else []
        state = REPLACED if batch.batch_id in replaced else VALID
        versions.append(Version(batch, None, state, tuple(notes)))
    return versions


def _file_changes(earlier: Batch, batch: Batch) -> Iterator[str]:
    layout = as_judged(load_feed(batch.source, batch.feed), batch).layouts[0]
    for key, label in (("accepted", "入库"), ("rejected", "退回")):
        if earlier.rows[key] != batch.rows[key]:
            yield f"{label}行 {earlier.rows[key]:,} → {batch.rows[key]:,}"
        for name, totals in batch.control_totals.items():
            before = earlier.control_totals.get(name, {}).get(key, "（无）")
            if before != totals[key]:
                yield f"{field_title(layout.field(name))} {label} {before} → {totals[key]}"


class _Rows:
    """Finds the rows of a feed that have a key, or that reverse the row that has it."""

    def __init__(self, reader: Rereader, feed: Feed, key: str):
        self._reader, self._feed, self._key = reader, feed, key
        self._parts = key.split("/") if len(feed.key) > 1 else [key]

    def versions(self, landed: list[Batch], replaced: set[str]) -> list[Version]:
        """Return the versions of the rows found, in the order received."""
        self._batches = {
            it.batch_id: it for it in landed if (it.source, it.feed) == (self._feed.source, self._feed.name)
        }
        self._replaced = replaced
        if not self._batches or len(self._parts) != len(self._feed.key):
            return []
        accepted = self._accepted()
        is_reversed = any(self._reverses(row) and row["batch_id"] not in replaced for row in accepted)
        found, before = [], {}
        for row in accepted:
            own = tuple(str(row[name]) for name in self._feed.key)
            notes = tuple(self._changes(before[own], row)) if own in before else ()
            before[own] = row
            named = row.get(self._feed.reversed_key)
            if named:
                notes = (f"冲正 {printable(named)}", *notes)
            state = REVERSAL if named else REVERSED if is_reversed else VALID
            state = REPLACED if row["batch_id"] in replaced else state
            found.append(Version(self._batches[row["batch_id"]], row["source_line"], state, notes))
        return found + list(self._rejected())

    def _reverses(self, row: dict) -> bool:
        return bool(self._feed.reversed_key) and row[self._feed.reversed_key] == self._key

    def _accepted(self) -> list[dict]:
        """Return the accepted rows that have the key, or name it as what they reverse, in the order received."""
        own = " and ".join(f'cast("{name}" as varchar) = ?' for name in self._feed.key)
        parts, none = list(self._parts), ""
        if reversed_key := self._feed.reversed_key:
            # Files of earlier layouts have no such column.
            none = f'select cast(null as varchar) as "{reversed_key}" where false union all by name '
            own, parts = f'({own}) or "{reversed_key}" = ?', [*parts, self._key]
        files = ", ".join(literal(str(batch.directory / "rows.parquet")) for batch in self._batches.values())
        rows = f"{none}select * from read_parquet([{files}], union_by_name = true)"
        found = self._reader.connection.sql(f"select * from ({rows}) where {own}", params=parts)
        order = {batch_id: number for number, batch_id in enumerate(self._batches)}
        return sorted(found.to_arrow_table().to_pylist(), key=lambda row: (order[row["batch_id"]], row["source_line"]))

    def _changes(self, before: dict, row: dict) -> Iterator[str]:
        layout = self._feed.layout_on(self._batches[row["batch_id"]].created_on, self._batches[row["batch_id"]].profile)
        for field in layout.fields:
            old, new = before.get(field.name), row.get(field.name)
            if old != new:
                texts = pa.array(["（空）" if value is None else str(value) for value in (old, new)])
                shown = mask_values(texts, is_number=field.checksum is not None).to_pylist()
                yield f"{field_title(field)} {shown[0]} → {shown[1]}"

    def _rejected(self) -> Iterator[Version]:
        """Yield the rejected rows that have the key, or hold it where they could not be split into fields."""
        for batch in self._holding():
            try:
                tables = [*self._reader.rejected(batch)]
            except (KeptBroken, Refused):
                continue  # the audit names it
            for kept, raw, judged in tables:
                for index in self._of_key(kept, raw, judged):
                    line, message = kept["source_line"][index].as_py(), kept["message"][index].as_py()
                    state = f"{REJECTED}，{REPLACED}" if batch.batch_id in self._replaced else REJECTED
                    yield Version(batch, line, state, (message,))

    def _holding(self) -> list[Batch]:
        """Return the batches with a rejected line that holds the texts of the key."""
        files = [
            str(batch.directory / "rejected.parquet") for batch in self._batches.values() if batch.rows["rejected"]
        ]
        if not files:
            return []
        encodings = {layout.format.encoding or "utf-8" for layout in self._feed.layouts}
        conditions = []
        for encoding in sorted(encodings):
            marks = [part.encode(encoding, errors="replace").hex().upper() for part in self._parts]
            conditions.append(" and ".join(f"contains(hex(original), {literal(mark)})" for mark in marks))
        query = f"select distinct batch_id from read_parquet($files) where ({') or ('.join(conditions)})"
        found = {row[0] for row in self._reader.connection.execute(query, {"files": files}).fetchall()}
        return [batch for batch_id, batch in self._batches.items() if batch_id in found]

    def _of_key(self, kept: pa.Table, raw: pa.Table, judged: pa.Table) -> list[int]:
        """Return which rejected rows have the key, or hold its texts where they have no fields."""
        encodings = {layout.format.encoding or "utf-8" for layout in self._feed.layouts}
        chosen = pa.array([True] * len(raw))
        for name, part in zip(self._feed.key, self._parts, strict=True):
            marks = [part.encode(encoding, errors="replace") for encoding in encodings]
            holds = pa.array([any(mark in line for mark in marks) for line in kept["original"].to_pylist()])
            text = pc.coalesce(judged[name].cast(pa.string()), raw[name]).combine_chunks()
            chosen = pc.and_(chosen, pc.if_else(pc.is_null(text), holds, pc.equal(text, part)))
        return pc.indices_nonzero(pc.fill_null(chosen, False)).to_pylist()
