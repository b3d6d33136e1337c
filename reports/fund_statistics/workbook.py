"""Write the workbook: cover, contents, one table a sheet, notes.

Figures are written from `Decimal`, digit for digit. A spreadsheet then holds them as doubles, which keep 15 significant
digits: enough for fen up to 10^13 yuan, a hundred times the largest fund; `cell_number` refuses anything larger.
"""

from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from reports.formats import MISSING, day, period_name
from reports.fund_statistics.declaration import Column
from reports.fund_statistics.figures import Figures, FilledTable, Row, exact_value, shown_text
from reports.fund_statistics.workbook_pages import CONTENTS, COVER, NOTES, write_contents, write_cover, write_notes
from reports.fund_statistics.workbook_styles import NUMBER_FORMATS, Styles, set_page, text_width

LARGEST = Decimal(10) ** 13
HEADER_ROW, FIRST_ROW = 3, 6  # label, unit and measure stand in three rows


def write_workbook(figures: Figures, path: Path) -> None:
    """Write the workbook of one release; the same figures give the same bytes."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties(
            {
                "title": f"{figures.report.title}（{period_name(figures.period_code)}）",
                "author": figures.report.publisher,
                "created": datetime.combine(figures.as_of, time()),  # the figures' day, not the clock's
            }
        )
        styles = Styles(book)
        write_cover(book.add_worksheet(COVER), styles, figures)
        write_contents(book.add_worksheet(CONTENTS), styles, figures)
        for filled in figures.tables.values():
            _write_table(book.add_worksheet(filled.table.sheet_name), styles, figures, filled)
        write_notes(book.add_worksheet(NOTES), styles, figures)


def cell_number(value, column: Column) -> int | Decimal:
    """Return a figure to be written as a number; raise ValueError when a double could not hold all its digits."""
    number = exact_value(value, column)
    if abs(number) >= LARGEST:
        raise ValueError(f"{column.label} 的值 {number} 超过电子表格的 15 位有效数字")
    return number


def _write_table(sheet: Worksheet, styles: Styles, figures: Figures, filled: FilledTable) -> None:
    table = filled.table
    last_column = len(table.columns) - 1
    last_row = FIRST_ROW + len(filled.rows) - 1
    set_page(sheet)
    sheet.set_row(0, 28)
    title = f"表{table.number}　{table.title}"
    sheet.merge_range(0, 0, 0, last_column, title, styles.title())
    sheet.write_string(1, 0, f"{period_name(figures.period_code)}　数据截至 {day(figures.as_of)}", styles())
    sheet.write_string(1, last_column, f"单位：{table.units}", styles(align="right"))
    sheet.write_string(2, 0, f"统计范围：{table.scope}", styles())
    back = styles.link(align="right")
    sheet.write_url(2, last_column, f"internal:'{CONTENTS}'!A1", back, string="返回目录")
    _write_header(sheet, styles, figures, filled)
    for offset, row in enumerate(filled.rows):
        _write_row(sheet, styles, figures, filled, offset, row)
    notes = [f"资料来源：{table.source}", *(f"注：{note}" for note in table.notes), *figures.mark_notes(table)]
    for row, note in enumerate(notes, start=last_row + 1):
        sheet.write_string(row, 0, note, styles(font_size=9.5))
    if len(table.key) > 1:
        sheet.autofilter(FIRST_ROW - 1, 0, last_row, last_column)
    sheet.freeze_panes(FIRST_ROW, len(table.key))
    sheet.repeat_rows(HEADER_ROW, FIRST_ROW - 1)


def _write_header(sheet: Worksheet, styles: Styles, figures: Figures, filled: FilledTable) -> None:
    sheet.set_row(HEADER_ROW, 34)
    for number, column in enumerate(filled.table.columns):
        sheet.set_column(number, number, _column_width(figures, filled, column))
        if not column.measure:
            sheet.merge_range(HEADER_ROW, number, FIRST_ROW - 1, number, column.label, styles.header())
            continue
        for row, text in enumerate((column.label, column.unit, figures.report.measures[column.measure]), HEADER_ROW):
            sheet.write_string(row, number, text, styles.header())


def _write_row(sheet: Worksheet, styles: Styles, figures: Figures, filled: FilledTable, offset: int, row: Row) -> None:
    group = filled.table.key[0]
    opens_group = len(filled.table.key) > 1 and offset > 0 and filled.rows[offset - 1][group] != row[group]
    for number, column in enumerate(filled.table.columns):
        value = row[column.name]
        marked = bool(figures.mark(column))
        style = styles.cell(column, filled.is_total(row), opens_group, value is None, marked)
        if value is None:
            sheet.write_string(FIRST_ROW + offset, number, MISSING, style)
        elif column.format in NUMBER_FORMATS:
            sheet.write_number(FIRST_ROW + offset, number, cell_number(value, column), style)
        else:
            sheet.write_string(FIRST_ROW + offset, number, value, style)


def _column_width(figures: Figures, filled: FilledTable, column: Column) -> float:
    """Return a width that shows every value whole, and the label in at most two lines."""
    widest = max(text_width(figures.mark(column) + shown_text(row[column.name], column)) for row in filled.rows)
    return max(widest + 2, text_width(column.label) / 2 + 3, 13)
