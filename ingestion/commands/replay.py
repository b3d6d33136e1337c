"""Judge kept bytes again after the spec was mended; 2 when a file no longer passes."""

import argparse

from rich.markup import escape
from rich.table import Table

from ingestion.commands.console import REFUSED, console, errors, progress_bar

HELP = "接口定义或代码表改正后，重判有退回记录的批次"
STATUSES = {"landed": "落地新版本", "same": "结果不变", "refused": "未通过", "superseded": "曾有此结果，已被取代"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from ingestion.messages import ROW_RULES

    parser.add_argument("--feed", required=True, metavar="来源/接口")
    parser.add_argument("--rule", metavar="规则", choices=sorted(ROW_RULES), help="只重判有这种退回的批次")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.quarantine import rejecting_batches
    from ingestion.replay import replay

    with progress_bar() as bar:
        task = bar.add_task("重判", total=len(rejecting_batches(arguments.feed)))
        done = replay(arguments.feed, arguments.rule, lambda _: bar.advance(task))
    if done:
        table = Table("文件", "批次", "结果", "新批次", "入库行", "退回行")
        for each in done:
            rows = [
                f"{each.batch.rows[key]:,} → {each.new.rows[key]:,}" if each.new else f"{each.batch.rows[key]:,}"
                for key in ("accepted", "rejected")
            ]
            new = each.new.batch_id if each.new else ""
            table.add_row(escape(each.batch.file_name), each.batch.batch_id, STATUSES[each.status], new, *rows)
        console.print(table)
    refused = [each for each in done if each.status == "refused"]
    for each in refused:
        errors.print(f"[red]未通过[/red] {escape(each.message)}")
    landed = sum(each.status == "landed" for each in done)
    console.print(f"重判 {len(done)} 个批次，{landed} 个有变化并落地，{len(refused)} 个未通过。")
    return REFUSED if refused else 0
