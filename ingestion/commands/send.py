"""Make an outbound file of a month from the published warehouse, and put it into the outbox."""

import argparse
from datetime import date

from rich.markup import escape

from ingestion.commands.arguments import month
from ingestion.commands.console import console

HELP = "生成并送出我方文件（征缴计划、发放报盘）"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("feed", metavar="来源/接口", help="如 tax_bureau/levy_plan")
    parser.add_argument("--month", type=month, required=True, metavar="YYYY-MM")
    parser.add_argument(
        "--on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="文件头的生成日期，默认为该月第一天"
    )


def run(arguments: argparse.Namespace) -> int:
    from ingestion.send import send

    source, _, name = arguments.feed.partition("/")
    sent = send(source, name, arguments.month, arguments.on)
    console.print(f"{escape(str(sent.path))}：{sent.rows:,} 行，批次 {sent.batch_id}")
    if not sent.is_new:
        console.print("与此前送出的逐字节相同。")
    if sent.replaces:
        console.print(f"该月此前已送出过内容不同的文件（批次 {sent.replaces}），本次为重报，取代前者。")
    return 0
