"""List the findings of base verification of a year; they are work for the auditor, not an error."""

import argparse
from pathlib import Path

from rich.markup import escape

from ingestion.commands.console import console

HELP = "缴费基数核查：申报基数对照工资报表、财务报表、上下限和上年"
HEAD = (
    "规则",
    "险种",
    "单位编号",
    "单位名称",
    "个人编号",
    "社会保障号码",
    "申报（元）",
    "比对（元）",
    "差额（元）",
    "位置",
)
WIDTHS = (34, 8, 14, 30, 16, 22, 16, 16, 16, 46)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--year", type=int, required=True, metavar="YYYY")
    parser.add_argument("--export", type=Path, metavar="FILE.xlsx", help="写成稽核清单工作簿")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.base_findings import findings
    from ingestion.text_workbook import write_text_workbook

    rows = [_texts(row) for row in findings(arguments.year)]
    for row in rows:
        console.print(escape("　".join(f"{name} {text}" for name, text in zip(HEAD, row, strict=True) if text)))
    if arguments.export:
        write_text_workbook(arguments.export, "缴费基数稽核清单", HEAD, WIDTHS, rows)
        console.print(f"稽核清单已写入 {escape(str(arguments.export))}")
    console.print(f"{arguments.year} 年：{len(rows)} 条核查发现。")
    return 0


def _texts(row: dict) -> tuple[str, ...]:
    amounts = (f"{row[name]:,.2f}" for name in ("declared_yuan", "compared_yuan", "difference_yuan"))
    place = f"{row['file_name']} 第 {row['source_line']} 行"
    unit = row["unit_number"], row["unit_name"] or ""
    return (row["title"], row["insurance_code"], *unit, row["person_number"], row["identity_number"], *amounts, place)
