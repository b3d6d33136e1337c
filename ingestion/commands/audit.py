"""Prove all landed batches anew, from their files; 2 when anything does not tie or a file is missing."""

import argparse

from rich.markup import escape
from rich.table import Column, Table

from ingestion.commands.console import REFUSED, console, errors, progress_bar

HELP = "逐批复核：行数、金额、原始字节、缺号"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace) -> int:
    from ingestion.audit import audit_feeds
    from ingestion.batches import batch_folders

    with progress_bar() as bar:
        task = bar.add_task("复核", total=len(batch_folders()))
        audited = audit_feeds(progress=lambda _: bar.advance(task))
    _print_table(audited)
    differences = [difference for each in audited for difference in each.differences]
    for difference in differences:
        errors.print(f"[red]差异[/red] {escape(difference.message)}")
    console.print(f"复核 {sum(each.batches for each in audited):,} 个批次，差异 {len(differences)} 处。")
    if not differences:
        return 0
    errors.print("有差异的批次不能用于建仓：请从备份恢复其目录，或删除目录后请发送方重发原文件；缺号请催发送方补发。")
    return REFUSED


def _print_table(audited: list) -> None:
    from ingestion.feed_spec import FeedSpecError, load_feed

    numbers = (Column(label, justify="right") for label in ("接收", "入库", "退回", "差异"))
    table = Table("接口", Column("批次", justify="right"), "项目", *numbers)
    for each in audited:
        counts = (each.accepted.rows + each.rejected.rows, each.accepted.rows, each.rejected.rows)
        table.add_row(
            escape(f"{each.source}/{each.feed}"),
            f"{each.batches:,}",
            "行数",
            *(f"{count:,}" for count in counts),
            f"{len(each.differences)}",
        )
        try:
            layout = load_feed(each.source, each.feed).layouts[-1]
        except FeedSpecError:
            continue
        for name, accepted in each.accepted.totals.items():
            rejected = each.rejected.totals[name]
            amounts = (accepted + rejected, accepted, rejected)
            table.add_row("", "", f"{layout.field(name).label}（元）", *(f"{amount:,.2f}" for amount in amounts), "")
    console.print(table)
