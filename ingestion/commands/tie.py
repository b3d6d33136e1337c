"""Tie plan, tax, treasury, fiscal account and bank to each other, and awards to payments; 2 when something differs."""

import argparse
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ingestion.commands.arguments import month
from ingestion.commands.console import REFUSED, console

HEAD = (
    "步骤",
    "结果",
    "月份",
    "险种",
    "单位编号",
    "核对项",
    "左方（元）",
    "右方（元）",
    "差额（元）",
    "账龄（天）",
    "位置",
)
WIDTHS = (26, 18, 10, 8, 14, 42, 16, 16, 16, 10, 60)
HELP = "四方勾对：计划、到账、国库与财政专户、银行；核定、报盘、回盘、支出户"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", type=month, metavar="YYYY-MM", help="只看这个月，不写则看全部月份")
    parser.add_argument("--export", type=Path, metavar="FILE.xlsx", help="把差异逐项写成工作簿")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.text_workbook import write_text_workbook
    from ingestion.tie import describe, tie

    found = tie(arguments.month)
    console.print(_steps(found.steps))
    if found.owed:
        console.print(_owed(found.owed))
    for row in found.unidentified:
        place = f"{row['file_name']} 第 {row['source_line']} 行"
        text = f"未知来款　{row['entry_on']}　险种 {row['insurance_code']}　{row['entry_yuan']:,.2f} 元　"
        text += f"{row['counterparty_name']}　{row['entry_summary']}　待认领 {row['age_day_count']} 天　{place}"
        console.print(escape(text))
    for item in found.items:
        console.print(escape(describe(item)))
    if arguments.export:
        write_text_workbook(arguments.export, "勾对差异", HEAD, WIDTHS, [_texts(item) for item in found.items])
        console.print(f"差异清单已写入 {escape(str(arguments.export))}")
    console.print(f"差异 {len(found.items)} 项。")
    return REFUSED if found.items else 0


def _steps(steps: list[dict]) -> Table:
    table = Table("步骤", "左方合计", "右方合计", "相符项", "相符金额", "欠缴", "差异项")
    for step in steps:
        sums = (f"{step[name]:,.2f}" for name in ("left_yuan", "right_yuan"))
        rest = (f"{step['matched_count']:,}", f"{step['matched_yuan']:,.2f}", f"{step['owed_yuan']:,.2f}")
        table.add_row(step["step_name"], *sums, *rest, f"{step['unmatched_count']:,}")
    return table


def _owed(owed: list[tuple]) -> Table:
    table = Table("险种", "欠缴账龄", "人月", "金额", title="欠缴（计划未足额到账，不算差异）")
    for code, age, count, yuan in owed:
        table.add_row(code, age, f"{count:,}", f"{yuan:,.2f}")
    return table


def _texts(item) -> tuple[str, ...]:
    amounts = (f"{amount:,.2f}" for amount in (item.left_yuan, item.right_yuan, item.difference_yuan))
    head = (item.step_name, item.outcome, f"{item.tie_month:%Y-%m}", item.insurance_code, item.unit_number)
    return (*head, item.item_key, *amounts, str(item.age_day_count), "\n".join(item.places))
