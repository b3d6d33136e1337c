"""List the rejected rows of the current batches by feed and rule, or write them to a workbook for their sender."""

import argparse
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ingestion.commands.console import REFUSED, console, errors, progress_bar

HELP = "列出退回的记录，或导出给发送方核对"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from ingestion.messages import ROW_RULES

    parser.add_argument("--feed", metavar="来源/接口")
    parser.add_argument("--rule", metavar="规则", choices=sorted(ROW_RULES), help="、".join(sorted(ROW_RULES)))
    parser.add_argument("--export", type=Path, metavar="文件.xlsx", help="导出全部退回记录，号码已掩码")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.quarantine import quarantine, rejecting_batches, rejects
    from ingestion.quarantine_workbook import export

    batches = rejecting_batches(arguments.feed)
    with progress_bar() as bar:
        task = bar.add_task("读取退回记录", total=len(batches))
        chosen = (arguments.feed, arguments.rule, lambda _: bar.advance(task))
        if arguments.export is None:
            groups = quarantine(*chosen)
        elif arguments.export.suffix.lower() != ".xlsx":
            errors.print(f"导出文件 {escape(str(arguments.export))} 应以 .xlsx 结尾，否则对方打不开；请改文件名。")
            return REFUSED
        else:
            arguments.export.parent.mkdir(parents=True, exist_ok=True)
            count = export(arguments.export, rejects(*chosen))
    if arguments.export is None:
        _print_groups(groups)
        count = sum(group.rows for group in groups)
        console.print(f"有效批次里共有 {count:,} 行被退回。")
    else:
        console.print(f"{count:,} 行退回记录已写入 {escape(str(arguments.export))}")
    return 0


def _print_groups(groups: list) -> None:
    from ingestion.feed_spec import load_feed

    if not groups:
        return
    table = Table("接口", "规则", "行数", "金额（元）", "首见于")
    for group in groups:
        layout = load_feed(group.source, group.feed).layouts[-1]
        money = "\n".join(f"{layout.field(name).label} {amount:,.2f}" for name, amount in group.totals.items())
        places = "\n".join(f"{file} 第 {line} 行" for file, line in group.first_places)
        rule = f"{group.title}（{group.rule}）"
        table.add_row(f"{group.source}/{group.feed}", rule, f"{group.rows:,}", money, places)
    console.print(table)
