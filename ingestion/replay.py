"""Judge kept bytes again after a lookup, code list or layout was mended; what comes out otherwise lands anew."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.batches import Batch, batch_id_of, read_batch
from ingestion.feed_spec import Feed, Layout, load_feed
from ingestion.formats import open_exchange
from ingestion.formats.received import ReceivedFile
from ingestion.judge import codes_of
from ingestion.kept import KeptBroken, kept_file, named
from ingestion.land import Aside, batch_folder
from ingestion.messages import Refused
from ingestion.outcome import Outcome
from ingestion.quarantine import rejecting_batches
from ingestion.receipts import answer
from ingestion.receive import Candidate, Receiver

TABLES = ("rows.parquet", "rejected.parquet")
UNTOLD = ("batch_id", "message")  # a message in other words is no other result


@dataclass(frozen=True)
class Replayed:
    """What became of a batch that was judged again: `landed` as a new batch, `same`, or `refused` with a message.

    `superseded`: it had landed so once, as `new`, and a later version replaced that; the later one stays.
    """

    batch: Batch
    status: str
    new: Batch | None = None
    message: str | None = None


def replay(feed: str, rule: str | None = None, progress: Callable[[Replayed], None] | None = None) -> list[Replayed]:
    """Judge again the current batches of a feed that hold rejected rows, or such of one rule.

    A changed result lands as a further version of the same file: created when the file was, received now.
    """
    done = []
    batches = [batch for batch in rejecting_batches(feed) if rule is None or _broke(batch, rule)]
    feeds = {load_feed(batch.source, batch.feed) for batch in batches}
    with Replayer(feeds) as replayer:
        for batch in batches:
            done.append(replayer.replay(batch))
            if progress:
                progress(done[-1])
    return done


def judged_by(feed: Feed, layout: Layout) -> str:
    """Return the digest of all that a feed's spec says on how a row is judged: layout, lookups, codes, key, totals."""
    spec = {
        "layout": asdict(layout),
        "lookups": [[name, [asdict(lookup) for lookup in lookups]] for name, lookups in feed.lookups],
        "codes": {field.name: codes_of(field.codes) for field in layout.fields if field.codes},
        "key": feed.key,
        "control_totals": feed.control_totals,
    }
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, default=date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def _broke(batch: Batch, rule: str) -> bool:
    return rule in pq.read_table(batch.directory / "rejected.parquet", columns=["rule_code"])["rule_code"].to_pylist()


class Replayer(Receiver):
    """Receives the kept bytes of batches again, by today's spec. Use as a context manager."""

    def replay(self, batch: Batch) -> Replayed:
        """Judge a batch again, and land what comes out when it is not the same."""
        feed = load_feed(batch.source, batch.feed)
        try:
            if not feed.arrives.pattern.fullmatch(batch.file_name):  # the name becomes one of ours below
                raise KeptBroken("batch.json 写的文件名不合接口定义")
            with kept_file(batch.directory, batch.file_name) as (file, sha256), Aside() as aside:
                candidate = self._candidate(feed, batch, file, sha256)
                self._fill(aside, candidate)
                if _same(aside.folder, batch.directory):
                    return Replayed(batch, "same")
                folder = batch_folder(feed, candidate.batch_id)
                if not aside.land(folder):
                    return Replayed(batch, "superseded", read_batch(folder))
        except Refused as refused:
            return Replayed(batch, "refused", message=refused.explain(batch.file_name, feed))
        except KeptBroken as error:
            message = (
                f"接口 {batch.source}/{batch.feed}，批次 {batch.batch_id}：{error}。请运行 python -m ingestion audit"
            )
            return Replayed(batch, "refused", message=message)
        new = read_batch(folder)
        answer(Outcome(Path(batch.file_name), "landed", feed, new.batch_id))
        return Replayed(batch, "landed", new)

    @staticmethod
    def _candidate(feed: Feed, batch: Batch, file: ReceivedFile, sha256: str) -> Candidate:
        if sha256 != batch.sha256:
            raise KeptBroken("原始字节与批次登记的 SHA-256 不符")
        exchange = open_exchange(file, feed, named(batch))
        origin = {"replay_of": batch_id_of(sha256), "judged_by": judged_by(feed, exchange.layout)}
        return Candidate(file, exchange, named(batch), sha256, replay=origin)


def _same(folder: Path, other: Path) -> bool:
    """Tell whether two batches hold the same rows, accepted and rejected."""
    for name in TABLES:
        with pq.ParquetFile(folder / name) as new, pq.ParquetFile(other / name) as old:
            if new.metadata.num_rows != old.metadata.num_rows or new.schema_arrow != old.schema_arrow:
                return False
            columns = [column for column in new.schema_arrow.names if column not in UNTOLD]
            parts = (file.iter_batches(50_000, columns=columns) for file in (new, old))
            if any(not one.equals(two) for one, two in zip(*parts, strict=True)):
                return False
    return True
