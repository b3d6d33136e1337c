"""Receive files and folders; 2 when a file was refused."""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ingestion.commands.console import REFUSED, console, errors, progress_bar
from ingestion.messages import WARNINGS

HELP = "接收文件或目录"
MOST_GAPS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", type=Path, nargs="+", metavar="路径")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.inbox import exchange_files
    from ingestion.receive import receive

    files, left = exchange_files(arguments.paths)
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
    _print_gaps(outcomes)
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


def _print_gaps(outcomes: list) -> None:
    """Name the files that are missing in the feeds received; nothing is refused for it."""
    from ingestion.batches import batches
    from ingestion.gaps import gaps

    received = {(it.feed.source, it.feed.name) for it in outcomes if it.feed and it.status != "refused"}
    print_gaps(gaps(batch for batch in batches() if (batch.source, batch.feed) in received))


def print_gaps(found: list) -> None:
    """Print the first gaps, and how many more there are."""
    for gap in found[:MOST_GAPS]:
        errors.print(f"[yellow]缺号[/yellow] {escape(gap.message)}")
    if len(found) > MOST_GAPS:
        errors.print(f"[yellow]缺号[/yellow] 另有 {len(found) - MOST_GAPS} 处，见 python -m ingestion audit")
