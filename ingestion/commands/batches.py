"""List the landed batches."""

import argparse

from rich.table import Table

from ingestion.commands.console import console
from ingestion.commands.receive import print_gaps

HELP = "列出已落地的批次"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace) -> int:
    from ingestion.batches import batches, superseded
    from ingestion.gaps import gaps

    landed = batches()
    replaced = superseded(landed)
    table = Table("批次", "接口", "发送方", "所属期", "序号", "接收时间（UTC）", "入库行", "退回行", "状态")
    for batch in landed:
        table.add_row(
            batch.batch_id,
            f"{batch.source}/{batch.feed}",
            batch.profile or "",
            batch.period,
            f"{batch.sequence:03d}",
            f"{batch.received_at:%Y-%m-%d %H:%M:%S}",
            f"{batch.rows['accepted']:,}",
            f"{batch.rows['rejected']:,}",
            ("已被取代" if batch.batch_id in replaced else "有效") + ("（重判）" if batch.replay_of else ""),
        )
    console.print(table)
    print_gaps(gaps(landed))
    console.print(f"共 {len(landed)} 个批次，其中 {len(replaced)} 个已被取代。")
    return 0
