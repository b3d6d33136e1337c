"""Prove every landed batch anew, from its files alone: no byte, row or fen lost or invented, and no file missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.batches import Batch, BrokenBatch, batch_folders, batch_id_of, read_batch
from ingestion.feed_spec import Feed, all_feeds
from ingestion.formats.exchange import Facts
from ingestion.gaps import gaps
from ingestion.kept import Kept, KeptBroken, Rereader, only, read_rejected
from ingestion.masking import printable
from ingestion.messages import Refused, field_title

ZERO = Decimal("0.00")
READ_FIRST = ("spreadsheet", "camt053")  # what these declare is known only once their rows have been read
NOT_ALL_LINES = "入库行与退回行合起来不是原始文件的全部行"
FILES = ("batch.json", "rejected.parquet", "rows.parquet")


@dataclass(frozen=True)
class Difference:
    """Something that does not tie. `key`: `source/feed/batch_id`, or for a missing file that of `Gap.key`."""

    source: str
    feed: str
    batch_id: str | None
    file_name: str
    key: str
    message: str


@dataclass
class Measured:
    """Rows and money (in yuan, by control total) as found in files."""

    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)

    def add(self, other: "Measured") -> None:
        """Add what another measured."""
        self.rows += other.rows
        for name, amount in other.totals.items():
            self.totals[name] = self.totals.get(name, ZERO) + amount


@dataclass
class FeedAudit:
    """What the batches of one feed hold, as measured, and what does not tie."""

    source: str
    feed: str
    batches: int = 0
    accepted: Measured = field(default_factory=Measured)
    rejected: Measured = field(default_factory=Measured)
    differences: list[Difference] = field(default_factory=list)


class AuditFailed(Exception):
    """Batches do not tie, or files are missing; the message names each."""

    exit_code = 2

    def __init__(self, differences: list[Difference]):
        super().__init__(f"审计发现 {len(differences)} 处差异：\n" + "\n".join(each.message for each in differences))


def audit(progress: Callable[[Path], None] | None = None) -> list[Difference]:
    """Return whatever does not tie over all landed batches; `progress` is called with each batch's folder."""
    return [difference for each in audit_feeds(progress) for difference in each.differences]


def require_clean() -> str:
    """Return a sentence about what was proved; raise `AuditFailed` when anything does not tie."""
    audited = audit_feeds()
    if differences := [difference for each in audited for difference in each.differences]:
        raise AuditFailed(differences)
    return f"审计 {sum(each.batches for each in audited)} 个批次，行数、金额、原始字节全部相符，没有缺号"


def audit_feeds(progress: Callable[[Path], None] | None = None) -> list[FeedAudit]:
    """Audit everything that landed, feed by feed, then look for gaps between files."""
    folders: dict[tuple[str, str], list[Path]] = {}
    for folder in batch_folders():
        folders.setdefault((folder.parts[-3], folder.parts[-2]), []).append(folder)
    feeds = {(feed.source, feed.name): feed for feed in all_feeds()}
    audited, whole = {}, []
    with Rereader() as reader:
        for key, batches in folders.items():
            audited[key] = FeedAudit(*key, batches=len(batches))
            auditor = _Auditor(reader, feeds.get(key), audited[key])
            whole += auditor.audit(batches, progress)
    for gap in gaps(whole):
        key = gap.feed.source, gap.feed.name
        audited[key].differences.append(Difference(*key, None, gap.file_name, gap.key, gap.message))
    return list(audited.values())


class _Auditor:
    """Audits the batches of one feed. The money of accepted rows is summed for all of them at once."""

    def __init__(self, reader: Rereader, feed: Feed | None, result: FeedAudit):
        self._reader, self._feed, self._result = reader, feed, result
        self._names = feed.control_totals if feed else ()

    def audit(self, folders: list[Path], progress: Callable[[Path], None] | None) -> list[Batch]:
        """Add to the result what is measured and what differs; return the batches that can be read."""
        accepted = self._accepted([folder for folder in folders if (folder / "rows.parquet").is_file()])
        batches = []
        for folder in folders:
            try:
                batch = read_batch(folder)
            except BrokenBatch as error:
                self._differs(folder, "", str(error))
            else:
                batches.append(batch)
                for message in self._check(batch, accepted.get(folder)):
                    self._differs(folder, batch.file_name, message)
            if progress:
                progress(folder)
        return batches

    def _differs(self, folder: Path, file_name: str, what: str) -> None:
        source, feed, batch_id = folder.parts[-3:]
        place = f"接口 {source}/{feed}，批次 {batch_id}" + (f"（文件 {printable(file_name)}）" if file_name else "")
        key = f"{source}/{feed}/{batch_id}"
        self._result.differences.append(Difference(source, feed, batch_id, file_name, key, f"{place}：{what}。"))

    def _accepted(self, folders: list[Path]) -> dict[Path, "Measured | str"]:
        """Return by folder what its accepted rows add up to, or why they cannot be read."""
        if not folders:
            return {}
        sums = [f'coalesce(sum("{name}"), 0)' for name in self._names]
        strangers = "count(*) filter (where batch_id is distinct from parse_path(filename)[-2])"
        query = (
            f"select {', '.join(['filename', 'count(*)', strangers, *sums])} "
            "from read_parquet($files, filename = true, union_by_name = true) group by all"
        )
        files = {str(folder / "rows.parquet"): folder for folder in folders}
        try:
            found = self._reader.connection.execute(query, {"files": list(files)}).fetchall()
        except duckdb.Error:
            if len(folders) == 1:
                return {folders[0]: "rows.parquet 已损坏，无法读取"}
            halves = (folders[: len(folders) // 2], folders[len(folders) // 2 :])
            return {**self._accepted(halves[0]), **self._accepted(halves[1])}
        measured: dict[Path, Measured | str] = {
            folder: Measured(0, dict.fromkeys(self._names, ZERO)) for folder in folders
        }
        for file, rows, strangers, *totals in found:
            wrong = f"rows.parquet 有 {strangers:,} 行的批次号不是本批次"
            measured[files[file]] = wrong if strangers else Measured(rows, dict(zip(self._names, totals, strict=True)))
        return measured

    def _check(self, batch: Batch, accepted: "Measured | str | None") -> Iterator[str]:
        """Yield what is wrong with a batch."""
        yield from self._check_folder(batch)
        if self._feed is None:
            yield "没有这个接口的定义，无法核对"
        if not self._feed or (batch.source, batch.feed) != (self._feed.source, self._feed.name):
            return
        if not isinstance(accepted, Measured):
            if accepted:
                yield accepted
            return
        try:
            rejected = read_rejected(batch.directory)
            lines = pq.read_table(batch.directory / "rows.parquet", columns=["source_line"])["source_line"]
        except (OSError, pa.ArrowException):
            yield "rejected.parquet 缺失或已损坏，无法读取"
            return
        lines = np.concatenate([lines.to_numpy(), rejected["source_line"].to_numpy()])
        yield from _check_lines(lines)
        money = Measured(len(rejected), dict.fromkeys(self._names, ZERO))
        try:
            with self._reader.open(batch) as kept:
                yield from self._check_bytes(batch, kept)
                yield from self._check_rejected(kept, rejected, lines, money)
                yield from self._check_trailer(kept, accepted, money)
        except KeptBroken as error:
            yield str(error)
        except Refused as refused:
            yield f"原始文件不再通过核对：{refused.what(self._feed, batch.profile)}"
        else:
            yield from self._check_record(batch, accepted, money)
        self._result.accepted.add(accepted)
        self._result.rejected.add(money)

    def _check_folder(self, batch: Batch) -> Iterator[str]:
        found = {path.name for path in batch.directory.iterdir()}
        for name in FILES:
            if name not in found:
                yield f"缺少文件 {name}"
        for name in sorted(found.difference(FILES)):
            if not (name.startswith("received.") and name.endswith(".gz")):
                yield f"多出文件 {printable(name)}"
        if (batch.source, batch.feed, batch.batch_id) != batch.directory.parts[-3:]:
            yield "batch.json 写的接口或批次号与所在目录不符"
        if self._feed:
            match = self._feed.arrives.pattern.fullmatch(batch.file_name)
            said = {"period": batch.period, "sequence": f"{batch.sequence:03d}"}
            said |= {"profile": batch.profile} if batch.profile else {}
            if not match or match.groupdict() != said:
                yield "batch.json 写的文件名与所属期、序号不符"

    def _check_bytes(self, batch: Batch, kept: Kept) -> Iterator[str]:
        if kept.sha256 != batch.sha256:
            yield f"原始字节的 SHA-256 是 {kept.sha256[:12]}…，batch.json 写的是 {str(batch.sha256)[:12]}…"
        if batch_id_of(kept.sha256, batch.judged_by) != batch.directory.name:
            yield "批次号不是由原始字节得出的"
        if (batch.replay_of or batch.judged_by) and batch.replay_of != batch_id_of(kept.sha256):
            yield "batch.json 写的被重判批次不是这些字节的批次"
        exchange = kept.exchange
        found = {
            "byte_count": kept.file.size,
            "created_on": exchange.created,
            "encoding": exchange.encoding,
        }
        for name, value in found.items():
            if getattr(batch, name) != value:
                yield f"batch.json 的 {name} 是 {getattr(batch, name)}，原始文件是 {value}"

    def _check_rejected(self, kept: Kept, rejected: pa.Table, lines: np.ndarray, money: Measured) -> Iterator[str]:
        """Compare rejected rows with the file's own, and add up their money, read by the format's parser."""
        if not len(rejected) and kept.exchange.layout.format.kind not in READ_FIRST:
            yield from _check_run(kept, lines)
            return
        yield from _check_places(kept, rejected)
        seen, same = [], 0
        for raw in kept.exchange.rows():
            seen.append(raw["source_line"].to_numpy())
            raw = only(raw, rejected["source_line"])
            if not len(raw):
                continue
            stored = only(rejected, raw["source_line"])
            same += _same_rows(kept, raw, stored)
            judged = self._reader.judge(kept.exchange, raw)
            money.add(Measured(0, {name: pc.sum(judged[name]).as_py() or ZERO for name in self._names}))
        if same != len(rejected):
            yield f"rejected.parquet 有 {len(rejected) - same:,} 行的行号、位置或原文与原始文件不符"
        if not np.array_equal(np.sort(lines), np.sort(np.concatenate([np.empty(0, np.int64), *seen]))):
            yield NOT_ALL_LINES

    def _check_trailer(self, kept: Kept, accepted: Measured, rejected: Measured) -> Iterator[str]:
        totals = tuple(accepted.totals[name] + rejected.totals[name] for name in self._names)
        try:
            kept.exchange.verify(Facts(accepted.rows + rejected.rows, totals, {}))
        except Refused as refused:
            yield f"入库与退回之和不等于文件尾记录：{refused.what(self._feed, kept.exchange.layout.profile)}"

    def _check_record(self, batch: Batch, accepted: Measured, rejected: Measured) -> Iterator[str]:
        """Compare what `batch.json` says with what was measured."""
        found = {"accepted": accepted.rows, "rejected": rejected.rows, "received": accepted.rows + rejected.rows}
        if batch.rows != found:
            yield f"batch.json 的行数是 {_shown(batch.rows)}，实有 {_shown(found)}"
        if set(batch.control_totals) != set(self._names):
            yield "batch.json 的控制合计项目与接口定义不符"
            return
        for name in self._names:
            parts = {"accepted": accepted.totals[name], "rejected": rejected.totals[name]}
            parts["received"] = sum(parts.values(), ZERO)
            if batch.control_totals[name] != {key: str(amount) for key, amount in parts.items()}:
                label = field_title(self._feed.layouts[-1].field(name))
                yield f"batch.json 的 {label} 是 {_shown(batch.control_totals[name])}，实有 {_shown(parts)}"


def _check_lines(lines: np.ndarray) -> Iterator[str]:
    """Yield what is wrong when two rows stand on one line."""
    ordered = np.sort(lines)
    if len(repeated := ordered[1:][ordered[1:] == ordered[:-1]]):
        yield f"入库行与退回行有 {len(repeated):,} 个行号重复，首见于第 {repeated[0]} 行"


def _check_run(kept: Kept, lines: np.ndarray) -> Iterator[str]:
    """Yield what is wrong when lines without a double are not one run from the file's first row on."""
    first = next((table["source_line"][0].as_py() for table in kept.exchange.rows() if len(table)), 0)
    if len(lines) and (lines.min(), lines.max()) != (first, first + len(lines) - 1):
        yield NOT_ALL_LINES


def _check_places(kept: Kept, rejected: pa.Table) -> Iterator[str]:
    """Yield what is wrong when a rejected row's bytes do not stand where it says."""
    places = zip(*(rejected[name].to_pylist() for name in ("source_line", "byte_offset", "original")), strict=True)
    wrong = [
        line
        for line, offset, original in places
        if offset is not None and kept.file.read(offset, len(original)) != original
    ]
    if wrong:
        yield f"rejected.parquet 有 {len(wrong):,} 行的原文不在所写的字节位置，首见于第 {wrong[0]} 行"


def _same_rows(kept: Kept, raw: pa.Table, stored: pa.Table) -> int:
    """Return how many stored rejected rows are those rows of the file, byte for byte."""
    if len(raw) != len(stored):
        return 0
    same = pc.equal(stored["original"].combine_chunks(), kept.exchange.original(raw))
    offsets = (table["byte_offset"].fill_null(-1).combine_chunks() for table in (stored, raw))
    return pc.sum(pc.and_(same, pc.equal(*offsets))).as_py() or 0


def _shown(parts: dict) -> str:
    labels = {"received": "接收", "accepted": "入库", "rejected": "退回"}
    return "、".join(f"{label} {parts.get(key, '（无）')}" for key, label in labels.items())
