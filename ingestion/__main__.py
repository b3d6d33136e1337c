"""The commands of ingestion: `sample`, `receive`, `batches`."""

import argparse
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ingestion.feed_spec import FeedSpecError
from ingestion.messages import WARNINGS

REFUSED, FAULT = 2, 1
# A file or a pipe has no width: nothing is cut there.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def month(text: str) -> date:
    """Return the first day of the month written YYYY-MM."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"月份 {text!r} 应写成 YYYY-MM") from error


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m ingestion", description="接收交换文件并落地")
    commands = top.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="生成样例省份的交换文件")
    sample.add_argument("directory", type=Path, metavar="目录")
    sample.add_argument("--persons", type=int, required=True, metavar="人数")
    sample.add_argument("--seed", type=int, required=True, metavar="种子")
    sample.add_argument("--from", dest="first_month", type=month, required=True, metavar="YYYY-MM")
    sample.add_argument("--to", dest="last_month", type=month, required=True, metavar="YYYY-MM")
    receive = commands.add_parser("receive", help="接收文件或目录")
    receive.add_argument("paths", type=Path, nargs="+", metavar="路径")
    commands.add_parser("batches", help="列出已落地的批次")
    return top


def progress_bar() -> Progress:
    """Return a progress bar that leaves nothing behind, and shows nothing when nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def run_receive(paths: list[Path]) -> int:
    """Receive files; return 2 when one was refused."""
    from ingestion.receive import exchange_files, receive

    files, left = exchange_files(paths)
    for path in left:
        console.print(f"跳过 {escape(str(path))}：不是交换文件")
    with progress_bar() as bar:
        task = bar.add_task("接收", total=len(files))
        outcomes = receive(files, progress=lambda _: bar.advance(task))
    _print_summary(outcomes)
    refused = [outcome for outcome in outcomes if outcome.status == "refused"]
    for outcome in refused:
        errors.print(f"[red]拒收[/red]（{outcome.reason}）{escape(outcome.message)}")
    counts = Counter(outcome.status for outcome in outcomes)
    console.print(
        f"落地 {counts['landed']} 个文件，此前已落地 {counts['already_landed']} 个，拒收 {counts['refused']} 个。"
    )
    return REFUSED if refused else 0


def _print_summary(outcomes: list) -> None:
    by_feed = defaultdict(list)
    for outcome in outcomes:
        if outcome.status != "refused":
            by_feed[f"{outcome.feed.source}/{outcome.feed.name}"].append(outcome)
    if not by_feed:
        return
    table = Table("接口", "文件", "接收行", "入库行", "退回行", "提示")
    for name, found in sorted(by_feed.items()):
        warnings = sum((Counter(outcome.warnings) for outcome in found), Counter())
        shown = "；".join(f"{WARNINGS[code]} {count}" for code, count in sorted(warnings.items()))
        rows = (sum(outcome.rows[key] for outcome in found) for key in ("received", "accepted", "rejected"))
        table.add_row(name, f"{len(found):,}", *(f"{count:,}" for count in rows), shown)
    console.print(table)


def run_batches() -> int:
    """List the landed batches."""
    from ingestion.batches import batches, superseded

    landed = batches()
    replaced = superseded(landed)
    table = Table("批次", "接口", "所属期", "序号", "接收时间（UTC）", "入库行", "退回行", "状态")
    for batch in landed:
        table.add_row(
            batch.batch_id,
            f"{batch.source}/{batch.feed}",
            batch.period,
            f"{batch.sequence:03d}",
            f"{batch.received_at:%Y-%m-%d %H:%M:%S}",
            f"{batch.rows['accepted']:,}",
            f"{batch.rows['rejected']:,}",
            "已被取代" if batch.batch_id in replaced else "有效",
        )
    console.print(table)
    console.print(f"共 {len(landed)} 个批次，其中 {len(replaced)} 个已被取代。")
    return 0


def run_sample(arguments: argparse.Namespace) -> int:
    """Write the exchange files of a sample province."""
    from ingestion import sample
    from ingestion.sample.errors import SampleError

    span = (arguments.first_month, arguments.last_month)
    try:
        with errors.status("生成样例省份") as status:
            sample.write(arguments.directory, arguments.persons, arguments.seed, *span, progress=status.update)
    except SampleError as error:
        errors.print(escape(str(error)))
        return error.exit_code
    console.print(f"样例省份已写入 {escape(str(arguments.directory))}")
    return 0


def main() -> int:
    """Run a command and return its exit code: 0 well, 2 an input refused, 1 a fault of ours."""
    arguments = parser().parse_args()
    try:
        if arguments.command == "receive":
            return run_receive(arguments.paths)
        return run_batches() if arguments.command == "batches" else run_sample(arguments)
    except FeedSpecError as error:
        errors.print(escape(str(error)))
    except OSError as error:
        errors.print(f"读写失败：{escape(str(error))}。请检查磁盘空间和权限后重试。")
    return FAULT


if __name__ == "__main__":
    sys.exit(main())
