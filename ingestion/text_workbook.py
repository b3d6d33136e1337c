"""A list as a workbook for a desk: one sheet, every cell text, so that no number is rounded or re-read."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter


def write_text_workbook(
    path: Path, title: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> None:
    """Write rows of text under a head; columns of yuan are set right, lines within a cell are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1})
        left = book.add_format({"text_wrap": True, "valign": "top"})
        right = book.add_format({"align": "right", "valign": "top"})
        for column, (name, width) in enumerate(zip(head, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, bold)
        last = 0
        for last, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                sheet.write_string(last, column, text, right if head[column].endswith("（元）") else left)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(head) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
