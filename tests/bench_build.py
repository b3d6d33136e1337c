"""What building the warehouse costs, as ratios measured side by side in one run: `make bench-build` calls this.

dbt builds a sample province of twelve months, tests included; then the statements it ran are run by hand on a fresh
database with the same settings. Two further months are received on top and built one by one: a January, for which every
unit declares its bases anew, and one like most. Half the persons are built for the slope.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingestion.settings import ROOT
from ingestion.warehouse import EMBEDDED, POSTGRES, connect, database_file, postgres_connection
from tests import by_hand
from tests.postgres import compose_settings, throwaway_postgres

FIRST_MONTH, LAST_MONTH, FURTHER_MONTHS = "2016-01", "2016-12", ("2017-01", "2017-02")
ENGINES = {EMBEDDED: "DuckDB", POSTGRES: "PostgreSQL"}
PERSONS = {EMBEDDED: 1_330_000, POSTGRES: 400_000}
console = Console(highlight=False)


class Steps:
    """Says what is being done, and the seconds it took when it is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def timed(self, title: str, action: Callable[[], object]) -> float:
        self._progress.reset(self._task, description=title)
        started = time.perf_counter()
        action()
        seconds = time.perf_counter() - started
        self._progress.console.print(f"  [dim]{title}：{seconds:,.1f} 秒[/]")
        return seconds


def measure(steps: Steps, engine: str, persons: int, rounds: int) -> None:
    """Print what a build of so many persons costs on an engine."""
    os.environ["WAREHOUSE_TARGET"] = engine
    with province(steps, persons // 2, LAST_MONTH):
        half = median(build(steps, f"dbt 构建 {persons // 2:,} 人")[0] for _ in range(rounds))
    with province(steps, persons, FURTHER_MONTHS[-1]) as further_folder:
        builds, hands = [], []
        for _ in range(rounds):
            builds.append(build(steps, f"dbt 构建 {persons:,} 人"))
            hands.append(build_by_hand(steps))
        contributions, payments = row_counts()
        further = {month: add_month(steps, month, further_folder / month) for month in FURTHER_MONTHS}
    full, hand, peak = median(wall for wall, _ in builds), median(hands), max(memory for _, memory in builds)
    lines = (
        f"[bold]{ENGINES[engine]}[/]，{persons:,} 人，12 个月，{contributions:,} 行缴费，{payments:,} 笔支付",
        f"dbt 构建 {full:,.1f} 秒，手工运行同样的语句 {hand:,.1f} 秒：{full / hand:.2f} 倍（目标不高于 1.6）",
        *(
            f"再加 {month}：接收 {received:,.1f} 秒；构建 {built:,.1f} 秒，为全量的 {built / full:.1%}（目标 15%）"
            for month, (received, built) in further.items()
        ),
        f"人数翻倍：{half:,.1f} 秒到 {full:,.1f} 秒，{full / half:.2f} 倍（目标不高于 2.2）",
    )
    for line in lines:
        console.print(line)
    if engine == EMBEDDED:
        console.print(f"dbt 进程内存峰值 {peak / 2**30:.1f} GiB（目标低于 8）")


@contextmanager
def province(steps: Steps, persons: int, last_month: str) -> Iterator[Path]:
    """Receive twelve months of a sample province in a home of its own, with a database; give the files of the next."""
    postgres = throwaway_postgres(compose_settings()) if os.environ["WAREHOUSE_TARGET"] == POSTGRES else nullcontext()
    with tempfile.TemporaryDirectory(prefix="bench-build-") as name, postgres:
        files, further, os.environ["WAREHOUSE_HOME"] = (
            Path(name, "files"),
            Path(name, "further"),
            str(Path(name, "home")),
        )
        months = ("--from", FIRST_MONTH, "--to", last_month)
        sample = ("-m", "ingestion", "sample", str(files), "--persons", str(persons), "--seed", "1", *months)
        steps.timed(f"生成 {persons:,} 人的样例", lambda: run(*sample))
        for month in FURTHER_MONTHS:
            (further / month).mkdir(parents=True)
            for file in files.rglob(f"*_{month.replace('-', '')}*"):
                file.rename(further / month / file.name)
        steps.timed("接收 12 个月", lambda: receive(files))
        load(steps)
        yield further


def add_month(steps: Steps, month: str, folder: Path) -> tuple[float, float]:
    """Publish what is built, and build a month on top; return the seconds of receiving and of building it."""
    run("dbt/build.py", "publish")
    received = steps.timed(f"接收 {month}", lambda: receive(folder))
    load(steps)
    return received, build(steps, f"dbt 构建 {month}")[0]


def receive(folder: Path) -> None:
    """Land exchange files, and delete them, since they take three times the room of what has landed."""
    run("-m", "ingestion", "receive", str(folder))
    shutil.rmtree(folder)


def load(steps: Steps) -> None:
    """Copy into PostgreSQL what has landed; DuckDB reads it in place."""
    if os.environ["WAREHOUSE_TARGET"] == POSTGRES:
        steps.timed("装入 PostgreSQL", lambda: run("dbt/build.py", "open"))


def build(steps: Steps, title: str) -> tuple[float, int]:
    """Build with dbt what has landed; return seconds, and the peak of its processes' resident memory in bytes."""
    peak = []

    def both_steps() -> None:
        run("dbt/build.py", "open")
        peak.append(run("dbt/build.py", "layers"))

    return steps.timed(title, both_steps), peak[0]


def build_by_hand(steps: Steps) -> float:
    """Run by hand what dbt has just run, on a fresh database; return seconds. dbt's stays the one that is open."""
    found = by_hand.statements(Path(os.environ["WAREHOUSE_HOME"], "dbt", os.environ["WAREHOUSE_TARGET"], "target"))
    move_build("building", "by_dbt")
    run("dbt/build.py", "open")
    seconds = steps.timed(f"手工运行 {len(found)} 个语句", lambda: by_hand.run(found))
    move_build("by_dbt", "building")
    return seconds


def move_build(old: str, new: str) -> None:
    """Give the build that is open another name, or one set aside its own name again."""
    if os.environ["WAREHOUSE_TARGET"] == POSTGRES:
        with postgres_connection("public") as connection, connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {new} cascade")
            cursor.execute(f"alter schema {old} rename to {new}")
        return
    folder = database_file("building").parents[1]
    shutil.rmtree(folder / new, ignore_errors=True)
    (folder / old).rename(folder / new)


def row_counts() -> tuple[int, int]:
    """Return how many contribution months and payments the build has."""
    with connect("building") as warehouse:
        tables = ("fct_contribution_month", "fct_benefit_payment")
        contributions, payments = (warehouse.rows(f"select count(*) as n from {table}")[0]["n"] for table in tables)
    return contributions, payments


def run(*command: str) -> int:
    """Run a Python command of ours; return the peak of resident memory of its processes together, in bytes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident_bytes(process.pid))
            time.sleep(0.1)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)} 没有成功（退出码 {process.returncode}）：\n{output.read()[-4000:]}")
    return peak


def resident_bytes(root: int) -> int:
    """Return what a process and all below it hold in memory now."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            fields = file.read_text().rpartition(")")[2].split()
            found[int(file.parent.name)] = int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    tree, below = {root}, {root}
    while below:
        below = {number for number, (parent, _) in found.items() if parent in below}
        tree |= below
    return sum(found[number][1] for number in tree if number in found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="dbt 构建数仓的代价，与手工运行同样的语句并排测量",
        epilog="默认值在 2 核上约两个半小时，最多占用 40 GB 磁盘；--persons 40000 约 10 分钟。"
        "PostgreSQL 每人用时约为 DuckDB 的 3 倍，所以默认 40 万人。",
    )
    parser.add_argument("--engine", choices=ENGINES, action="append", help="只测这个引擎，可写多次；默认两个都测")
    parser.add_argument("--persons", type=int, help="人数；默认 DuckDB 133 万，PostgreSQL 40 万")
    parser.add_argument("--rounds", type=int, default=1, help="轮数，取中位数；默认 1")
    arguments = parser.parse_args()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        for engine in arguments.engine or ENGINES:
            measure(Steps(progress), engine, arguments.persons or PERSONS[engine], arguments.rounds)


if __name__ == "__main__":
    main()
