"""Prove a file: every row judged, every row and every fen accounted for, before anything lands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.feed_spec import Feed
from ingestion.formats.exchange import Exchange, Facts, check_volume
from ingestion.judge import REJECTED, Judge, landed_schema
from ingestion.land import Aside, TableFile
from ingestion.messages import ROW_RULES, field_title

ZERO = Decimal("0.00")
HASHES_IN_MEMORY = 20_000_000  # of a larger file all keys are compared on disk


@dataclass
class Tally:
    """Rows and money of one file, by what became of them; money in yuan by control total."""

    names: tuple[str, ...]
    received: int = 0
    rejected: int = 0
    received_yuan: dict[str, Decimal] = field(default_factory=dict)
    rejected_yuan: dict[str, Decimal] = field(default_factory=dict)
    unread: dict[str, tuple[int, int]] = field(default_factory=dict)
    warnings: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.received_yuan = dict.fromkeys(self.names, ZERO)
        self.rejected_yuan = dict.fromkeys(self.names, ZERO)

    def count_received(self, judged: pa.Table) -> None:
        """Add judged rows, before it is known which are rejected."""
        self.received += len(judged)
        for name in self.names:
            self.received_yuan[name] += pc.sum(judged[name]).as_py() or ZERO

    def count_rejected(self, judged: pa.Table, raw: pa.Table | None = None) -> None:
        """Add rejected rows; `raw`, when given, tells where their money could not be read."""
        self.rejected += len(judged)
        for name in self.names:
            self.rejected_yuan[name] += pc.sum(judged[name]).as_py() or ZERO
            if raw is not None:
                self._count_unread(name, judged, raw)

    def _count_unread(self, name: str, judged: pa.Table, raw: pa.Table) -> None:
        # An empty amount is an amount left out; text that is no amount, or a row without fields, is one not read.
        unread = pc.and_(pc.is_null(judged[name]), pc.fill_null(pc.not_equal(raw[name], ""), True))
        lines = judged["source_line"].filter(unread)
        if len(lines):
            count, first = self.unread.get(name, (0, lines[0].as_py()))
            self.unread[name] = count + len(lines), first

    def facts(self) -> Facts:
        """Return what the trailer has to agree with."""
        return Facts(self.received, tuple(self.received_yuan.values()), self.unread)

    def as_json(self) -> dict:
        """Return the counts and totals as the batch records them: accepted + rejected = received."""
        totals = {
            name: {
                "received": str(received),
                "accepted": str(received - self.rejected_yuan[name]),
                "rejected": str(self.rejected_yuan[name]),
            }
            for name, received in self.received_yuan.items()
        }
        rows = {"received": self.received, "accepted": self.received - self.rejected, "rejected": self.rejected}
        return {"rows": rows, "control_totals": totals, "warnings": dict(sorted(self.warnings.items()))}


class Prover:
    """Sorts the judged rows of one exchange into `rows.parquet` and `rejected.parquet` of a batch aside."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        exchange: Exchange,
        judge: Judge,
        batch_id: str,
        others: int = 0,  # rows of the period's other files
    ):
        self._connection, self._exchange, self._judge, self._batch_id = connection, exchange, judge, batch_id
        self._others = others
        self._key_hashes: list[np.ndarray] = []
        self._feed: Feed = exchange.feed
        self._schema = landed_schema(exchange.layout)
        self.tally = Tally(self._feed.control_totals)

    def prove(self, aside: Aside, judged_rows: Iterable[tuple[pa.Table, pa.Table]]) -> Tally:
        """Write both files from raw and judged rows, and return the tally; raise `Refused` unless all ties."""
        rows = TableFile(aside.folder / "rows.parquet", self._schema)
        rejected = TableFile(aside.folder / "rejected.parquet", REJECTED)
        try:
            for raw, judged in judged_rows:
                self._sort(raw, judged, rows, rejected)
            rows.close()
            self._exchange.verify(self.tally.facts())
            check_volume(self._feed, self._others + self.tally.received)
            if self._keys_may_repeat():
                self._reject_repeated_keys(aside, rejected)
        finally:
            rows.close()
            rejected.close()
        if self._others + self.tally.received > self._feed.volume.max_rows:
            self.tally.warnings["volume_above_maximum"] = 1
        return self.tally

    def _stamp(self, table: pa.Table) -> pa.Table:
        return table.append_column("batch_id", pa.repeat(self._batch_id, len(table)))

    def _sort(self, raw: pa.Table, judged: pa.Table, rows: TableFile, rejected: TableFile) -> None:
        self.tally.count_received(judged)
        if judged["rejection"].null_count < len(judged):
            broken = pc.is_valid(judged["rejection"])
            self._reject(raw.filter(broken), judged.filter(broken), rejected)
            judged = judged.filter(pc.invert(broken))
        self._count_warnings(judged)
        if self.tally.received <= HASHES_IN_MEMORY:
            self._key_hashes.append(judged["key_hash"].to_numpy())
        rows.write(self._stamp(judged))

    def _reject(self, raw: pa.Table, judged: pa.Table, rejected: TableFile) -> None:
        self.tally.count_rejected(judged, raw)
        explained = self._judge.explain(raw, judged["rejection"].combine_chunks())
        for name in ("source_line", "byte_offset"):
            explained = explained.append_column(name, raw[name])
        rejected.write(self._stamp(explained.append_column("original", self._exchange.original(raw))))

    def _count_warnings(self, judged: pa.Table, sign: int = 1) -> None:
        if judged["warning_codes"].null_count < len(judged):
            codes = pc.list_flatten(pc.split_pattern(judged["warning_codes"].drop_null(), ","))
            for counted in pc.value_counts(codes).to_pylist():
                self.tally.warnings[counted["values"]] += sign * counted["counts"]

    def _keys_may_repeat(self) -> bool:
        """Tell whether two accepted rows have keys of one hash, which few files do; only then are keys compared."""
        if self.tally.received > HASHES_IN_MEMORY:
            return True
        hashes = np.concatenate([np.empty(0, np.uint64), *self._key_hashes])
        hashes.sort()
        return bool((hashes[1:] == hashes[:-1]).any())

    def _reject_repeated_keys(self, aside: Aside, rejected: TableFile) -> None:
        """Move rows whose key stood on an earlier accepted line from the accepted to the rejected."""
        file = aside.folder / "rows.parquet"
        key = ", ".join(f'"{name}"' for name in self._feed.key)
        many = f"select {key} from read_parquet($file) group by all having count(*) > 1"
        firsts = f"min(source_line) over (partition by {key})"
        repeated = self._connection.execute(
            f"select source_line, first_line from (select source_line, {firsts} as first_line "
            f"from read_parquet($file) where ({key}) in ({many})) where source_line > first_line order by source_line",
            {"file": str(file)},
        ).fetchall()
        if not repeated:
            return
        first_lines = dict(repeated)
        lines = pa.array(list(first_lines), pa.int64())
        kept = TableFile(aside.folder / "kept.parquet", self._schema)
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches():
                table = pa.table(batch)
                again = pc.is_in(table["source_line"], lines)
                kept.write(table.filter(pc.invert(again)))
                self.tally.count_rejected(table.filter(again))
                self._count_warnings(table.filter(again), -1)
        kept.close()
        (aside.folder / "kept.parquet").replace(file)
        rejected.write(self._repeated_rows(first_lines))

    def _repeated_rows(self, first_lines: dict[int, int]) -> pa.Table:
        titles = "、".join(field_title(self._exchange.layout.field(name)) for name in self._feed.key)
        places = self._exchange.locate(list(first_lines))
        columns: dict[str, list] = {name: [] for name in REJECTED.names}
        for line, first_line in first_lines.items():
            text = ROW_RULES["duplicate_key"].format(first_line=first_line, key=titles)
            offset, original = places[line]
            values = (
                self._batch_id,
                line,
                offset,
                "duplicate_key",
                self._feed.key[0],
                f"第 {line} 行：{text}",
                original,
            )
            for name, value in zip(REJECTED.names, values, strict=True):
                columns[name].append(value)
        return pa.table(columns, schema=REJECTED)
