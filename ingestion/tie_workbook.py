"""The list of differences of a tie as a workbook for the desk; every cell is text, as files are exchanged."""

from pathlib import Path

import xlsxwriter

from ingestion.tie import Tie

HEAD = (
    ("步骤", 26), ("结果", 18), ("月份", 10), ("险种", 8), ("单位编号", 14), ("核对项", 40), ("左方金额（元）", 16),
    ("右方金额（元）", 16), ("差额（元）", 16), ("账龄（天）", 10), ("位置", 70),
)  # fmt: skip


def write_workbook(path: Path, found: Tie) -> None:
    """Write the items that differ; the same tie gives the same cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("差异")
        bold = book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1})
        right, wrapped = book.add_format({"align": "right"}), book.add_format({"text_wrap": True})
        for column, (title, width) in enumerate(HEAD):
            sheet.write_string(0, column, title, bold)
            sheet.set_column(column, column, width)
        for row, item in enumerate(found.items, 1):
            texts = (item.step_name, item.outcome, f"{item.tie_month:%Y-%m}", item.insurance_code, item.unit_number)
            for column, text in enumerate((*texts, item.item_key)):
                sheet.write_string(row, column, text)
            amounts = (item.left_yuan, item.right_yuan, item.difference_yuan)
            for column, amount in enumerate(amounts, 6):
                sheet.write_string(row, column, f"{amount:,.2f}", right)
            sheet.write_string(row, 9, str(item.age_day_count), right)
            sheet.write_string(row, 10, "\n".join(item.places), wrapped)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(found.items), 1), len(HEAD) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
