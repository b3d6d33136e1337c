"""Show every version of a file or a row that was ever received."""

import argparse

from rich.markup import escape
from rich.table import Table

from ingestion.commands.console import console

HELP = "列出一个文件或一条记录的全部版本"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key", metavar="键", help="来源/接口/所属期[/序号]、文件名，或记录的主键（如到账编号、支付编号）"
    )


def run(arguments: argparse.Namespace) -> int:
    from ingestion.history import history

    with console.status("查找"):
        versions = history(arguments.key)
    table = Table("接收时间（UTC）", "接口", "文件", "批次", "行", "状态", "说明")
    for version in versions:
        batch = version.batch
        table.add_row(
            f"{batch.received_at:%Y-%m-%d %H:%M:%S}",
            f"{batch.source}/{batch.feed}",
            escape(batch.file_name),
            batch.batch_id,
            "" if version.line is None else f"{version.line:,}",
            version.state,
            escape("\n".join(version.notes)),
        )
    console.print(table)
    console.print(f"共 {len(versions)} 个版本，按接收先后排列。")
    return 0
