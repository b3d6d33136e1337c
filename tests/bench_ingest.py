"""How fast receiving is, as ratios measured side by side in one run: `make bench-ingest` calls this.

Receiving reads, proves, judges and lands a month's receipts (GB 18030); DuckDB alone reads the same rows as UTF-8 and
writes them as Parquet. Each runs in turn, several times; medians are compared. Memory is that of a process of its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console

from ingestion.feed_spec import all_feeds, load_feed
from ingestion.outgoing.forms import begin_file
from ingestion.outgoing.text import encoded, joined, number_text, take
from ingestion.receive import Receiver
from ingestion.sample.identities import citizen_numbers
from ingestion.sample.names import draw_ethnic_groups, draw_names, name_bytes
from ingestion.settings import ROOT

DAY = date(2016, 1, 29)
CHUNK = 200_000
console = Console(highlight=False)


def write_receipts(folder: Path, persons: int, rejected_percent: int = 0) -> Path:
    """Write one receipt a person, and spoil the scheme of so many in a hundred; return the file."""
    feed, rng = load_feed("tax_bureau", "contribution_receipts"), np.random.default_rng(1)
    with begin_file(folder, feed, f"{DAY:%Y%m%d}", DAY) as file:
        for start in range(0, persons, CHUNK):
            rows = np.arange(start, min(start + CHUNK, persons))
            number = number_text(rows, 9).cast(pa.binary())
            base = rng.integers(258_000, 1_290_000, len(rows))
            born_on = (
                rng.integers(1956, 1996, len(rows)) * 10_000 + rng.integers(1, 13, len(rows)) * 100 + rows % 28 + 1
            )
            names = draw_names(rng, *draw_ethnic_groups(rng, len(rows)))
            is_bad = (rows % 100 < rejected_percent).astype(np.uint8)
            file.write(
                {
                    "receipt_number": joined(b"20160129", number),
                    "unit_number": joined(b"53", number_text(rows // 16, 8).cast(pa.binary())),
                    "person_number": joined(b"530", number),
                    "identity_number": citizen_numbers((530_102 * 10**8 + born_on) * 1000 + rows % 1000),
                    "person_name": name_bytes(names, "gb18030"),
                    "insurance_code": take(encoded(["110", "999"], "ascii"), is_bad),
                    "liability_month": np.full(len(rows), 2016 * 12),
                    "due_type_code": b"10",
                    "contribution_base_yuan": base,
                    "unit_paid_yuan": base * 20 // 100,
                    "person_paid_yuan": base * 8 // 100,
                    "received_on": np.full(len(rows), 20160129),
                }
            )
    return file.path


def timed(action) -> tuple[float, float]:
    """Return wall and processor seconds of an action."""
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - processor


def receive_once(file: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        os.environ["WAREHOUSE_HOME"] = home
        with Receiver(all_feeds()) as receiver:
            (outcome,) = receiver.receive([file])
        assert outcome.status == "landed", outcome.message


def duckdb_alone(file: Path, target: Path) -> None:
    """Read the same rows as UTF-8 into typed columns, and write Parquet."""
    layout = load_feed("tax_bureau", "contribution_receipts").layout_on(DAY)
    types = {"text": "varchar", "code": "varchar", "money": "decimal(18,2)", "month": "varchar", "day": "date"}
    columns = ", ".join(f"'{field.name}': '{types[field.type]}'" for field in layout.fields)
    month = "strptime(liability_month || '01', '%Y%m%d')::date as liability_month"
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(
            f"copy (select * replace ({month}) from read_csv('{file}', delim='|', header=false, quote='', "
            f"columns={{{columns}}}, dateformat='%Y%m%d')) to '{target}' (format parquet, compression zstd)"
        )


def as_utf8(file: Path) -> Path:
    """Return a copy of the rows alone in UTF-8."""
    target = file.with_suffix(".utf8")
    with file.open("rb") as source, target.open("w", encoding="utf-8", newline="") as sink:
        next(source)
        for line in source:
            if not line.startswith(b"T|"):
                sink.write(line.decode("gb18030"))
    return target


def peak_memory(file: Path, folder: Path) -> float:
    """Return the peak of resident memory, in MiB, of receiving a file in a process of its own."""
    # Not from getrusage, whose peak a process inherits from the one that started it.
    code = (
        "import sys; from ingestion.receive import receive; receive([sys.argv[1]]); "
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    with tempfile.TemporaryDirectory(dir=folder) as home:
        environment = {**os.environ, "WAREHOUSE_HOME": home, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, str(file)]
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return int(printed.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000, help="rows of the file for memory; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, console.status("生成文件") as status:
        folder = Path(name)
        clean, bad = (
            write_receipts(folder / kind, arguments.persons, percent) for kind, percent in (("clean", 0), ("bad", 5))
        )
        plain = as_utf8(clean)
        console.print(f"{arguments.persons:,} 行，GB 18030 {clean.stat().st_size / 1e6:.0f} MB")
        runs = {
            "DuckDB 单独读写": lambda: duckdb_alone(plain, folder / "alone.parquet"),
            "接收": lambda: receive_once(clean, folder),
            "接收（5% 行退回）": lambda: receive_once(bad, folder),
        }
        figures = {title: [] for title in runs}
        for number in range(arguments.rounds + 1):
            for title, run in runs.items():
                status.update(f"第 {number} 轮 {title}")
                figure = timed(run)
                if number:  # the first round only warms up
                    figures[title].append(figure)
        walls = {title: statistics.median(wall for wall, _ in found) for title, found in figures.items()}
        work = {title: statistics.median(processor for _, processor in found) for title, found in figures.items()}
        for title in runs:
            console.print(
                f"  {title}：{walls[title]:.2f} 秒，处理器 {work[title]:.2f} 秒（{arguments.rounds} 轮的中位数）"
            )
        alone, received, rejecting = runs
        console.print(f"接收 / DuckDB 单独读写：{walls[received] / walls[alone]:.2f}（目标不高于 2.5）")
        console.print(f"5% 行退回 / 无退回：{walls[rejecting] / walls[received]:.2f}（目标不高于 1.3）")
        for rows in filter(None, (arguments.persons, arguments.large)):
            status.update(f"内存：{rows:,} 行")
            file = clean if rows == arguments.persons else write_receipts(folder / "large", rows)
            console.print(f"内存峰值，{rows:,} 行：{peak_memory(file, folder):,.0f} MiB（目标低于 1024）")


if __name__ == "__main__":
    main()
