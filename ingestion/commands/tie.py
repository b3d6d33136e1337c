"""Tie plan, tax, treasury, fiscal account and bank to each other, and awards to payments; 2 when something differs."""

import argparse
from pathlib import Path

from rich.markup import escape
from rich.table import Column, Table

from ingestion.commands.arguments import month
from ingestion.commands.console import REFUSED, console, errors

HELP = "四方勾对：计划、到账、国库与财政专户、银行；核定、报盘、回盘、支出户"
ITEM_HEAD = (
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
ITEM_WIDTHS = (24, 16, 8, 5, 12, 34, 15, 15, 15, 10, 38)
RECEIPT_HEAD = ("记账日期", "险种", "账户", "银行流水号", "金额（元）", "对方户名", "摘要", "待认领（天）", "位置")
RECEIPT_WIDTHS = (12, 6, 22, 22, 18, 36, 24, 12, 46)
WAITING_HEAD = ("步骤", "险种", "账龄", "项数", "金额（元）")
WAITING_WIDTHS = (26, 6, 14, 12, 20)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", type=month, metavar="YYYY-MM", help="只看这个月，不写则看全部月份")
    parser.add_argument("--export", type=Path, metavar="FILE.xlsx", help="把差异、未知来款、欠缴和在途写成工作簿")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.tie import describe, tie

    if arguments.export and arguments.export.suffix.lower() != ".xlsx":
        errors.print(f"导出文件 {escape(str(arguments.export))} 应以 .xlsx 结尾，否则表格软件打不开；请改文件名。")
        return REFUSED
    found = tie(arguments.month)
    for number, step in enumerate(found.steps, 1):
        console.print(_step(number, step))
    _print_waiting("欠缴（计划未足额到账，不算差异）", found.owed)
    _print_waiting("在途（月份未结束，或退票待重发，不算差异）", found.awaiting)
    for row in found.unidentified:
        console.print(escape(_receipt_line(row)))
    for item in found.items:
        console.print(escape(describe(item)))
    if arguments.export:
        _export(arguments.export, found)
        console.print(f"清单已写入 {escape(str(arguments.export))}")
    console.print(f"差异 {len(found.items)} 项")
    return REFUSED if found.items else 0


def _step(number: int, step) -> Table:
    """Return both sides of a step by scheme, and what is matched and what is not."""
    from ingestion.tie import NUMBERS

    is_planned = step.step_code == "plan_received"
    counted = ("differs", "left_only", "right_only")
    heads = (f"{step.left_name}（元）", f"{step.right_name}（元）", "相符项", "相符金额（元）")
    heads += (*(["欠缴（元）"] if is_planned else []), *map(step.outcome, counted), "在途")
    names = ("left_yuan", "right_yuan", "matched_count", "matched_yuan")
    names += (*(["owed_yuan"] if is_planned else []), *(f"{code}_count" for code in counted), "awaiting_count")
    columns = ("险种", *(Column(head, justify="right") for head in heads))
    table = Table(*columns, title=f"{number}. {step.step_name}", title_justify="left")
    for scheme in step.schemes:
        table.add_row(scheme["insurance_code"], *(_number(name, scheme[name]) for name in names))
    total = {name: step.total(name) for name in NUMBERS}
    table.add_row("合计", *(_number(name, total[name]) for name in names))
    return table


def _number(name: str, value) -> str:
    return f"{value:,.2f}" if name.endswith("_yuan") else f"{value:,}"


def _print_waiting(title: str, waiting: list) -> None:
    if not waiting:
        return
    table = Table(*WAITING_HEAD[:3], *(Column(head, justify="right") for head in WAITING_HEAD[3:]), title=title)
    for row in waiting:
        table.add_row(*_waiting_texts(row))
    console.print(table)


def _export(path: Path, found) -> None:
    from ingestion.text_workbook import Sheet, write_text_sheets

    sheets = [
        Sheet("勾对差异", ITEM_HEAD, ITEM_WIDTHS, map(_item_texts, found.items)),
        Sheet("未知来款", RECEIPT_HEAD, RECEIPT_WIDTHS, map(_receipt_texts, found.unidentified)),
        Sheet("欠缴账龄", WAITING_HEAD, WAITING_WIDTHS, map(_waiting_texts, found.owed)),
        Sheet("在途", WAITING_HEAD, WAITING_WIDTHS, map(_waiting_texts, found.awaiting)),
    ]
    write_text_sheets(path, sheets)


def _item_texts(item) -> tuple[str, ...]:
    amounts = (f"{amount:,.2f}" for amount in (item.left_yuan, item.right_yuan, item.difference_yuan))
    head = (item.step_name, item.outcome, f"{item.tie_month:%Y-%m}", item.insurance_code, item.unit_number)
    return (*head, item.shown_key, *amounts, str(item.age_day_count), "\n".join(item.places))


def _receipt_line(row: dict) -> str:
    day, scheme, account, number, yuan, counterparty, summary, age, place = _receipt_texts(row)
    whose = "　".join(filter(None, (counterparty, summary)))
    head = f"未知来款　{day}　险种 {scheme}　账户 {account}　流水 {number}　{yuan} 元"
    return f"{head}　{whose}　待认领 {age} 天　{place}"


def _receipt_texts(row: dict) -> tuple[str, ...]:
    return (
        f"{row['entry_on']}",
        row["insurance_code"],
        row["own_account_number"],
        row["statement_entry_number"],
        f"{row['entry_yuan']:,.2f}",
        row["counterparty_name"],
        row["entry_summary"],
        str(row["age_day_count"]),
        f"{row['file_name']} 第 {row['source_line']} 行",
    )


def _waiting_texts(row) -> tuple[str, ...]:
    return (row.step_name, row.insurance_code, row.age, f"{row.item_count:,}", f"{row.waiting_yuan:,.2f}")
