"""The workbook's sheets that are not tables: cover, contents and notes."""

import math

from xlsxwriter.worksheet import Worksheet

from reports.formats import day, period_months, period_name
from reports.fund_statistics.figures import Figures
from reports.fund_statistics.workbook_styles import ROW_HEIGHT, Styles, set_page, text_width

COVER, CONTENTS, NOTES = "封面", "目录", "说明"
NOTES_WIDTHS = (26, 80, 14, 56)  # characters
LINE_HEIGHT = 14


def write_cover(sheet: Worksheet, styles: Styles, figures: Figures) -> None:
    """Write title, period, day of the figures and publisher."""
    report = figures.report
    set_page(sheet)
    sheet.set_column(0, 0, 110)
    for row, height, text, style in (
        (4, 48, report.title, styles.title(28)),
        (6, 32, period_name(figures.period_code), styles.title(20)),
        (8, 24, f"本年累计期间：{period_months(figures.period_code)}", styles(align="center", font_size=14)),
        (9, 24, f"数据截至：{day(figures.as_of)}", styles(align="center", font_size=14)),
        (14, 28, report.publisher, styles(align="center", font_size=16)),
    ):
        sheet.set_row(row, height)
        sheet.write_string(row, 0, text, style)
    sheet.write_url(16, 0, f"internal:'{CONTENTS}'!A1", styles.link(align="center"), string="查看目录")


def write_contents(sheet: Worksheet, styles: Styles, figures: Figures) -> None:
    """Write the list of tables, each a link to its sheet."""
    set_page(sheet)
    for column, width in enumerate((10, 60, 56)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, 2, "目　录", styles.title())
    for column, label in enumerate(("序号", "表名", "统计范围")):
        sheet.write_string(2, column, label, styles.header())
    tables = [filled.table for filled in figures.tables.values()]
    entries = [(f"表{table.number}", table.title, table.sheet_name, table.scope) for table in tables]
    entries.append((NOTES, "编制说明、指标解释与待核定参数", NOTES, ""))
    for row, (number, title, target, scope) in enumerate(entries, start=3):
        sheet.set_row(row, 22)
        sheet.write_string(row, 0, number, styles.framed(align="center"))
        sheet.write_url(row, 1, f"internal:'{target}'!A1", styles.link(border=1), string=title)
        sheet.write_string(row, 2, scope, styles.framed())


def write_notes(sheet: Worksheet, styles: Styles, figures: Figures) -> None:
    """Write how the figures are made, what each indicator means, and which parameters nobody has confirmed."""
    set_page(sheet)
    for column, width in enumerate(NOTES_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, len(NOTES_WIDTHS) - 1, "说　明", styles.title())
    report = figures.report
    sheet.write_string(2, 0, "一、编制说明", styles(bold=True, font_size=12))
    for row, note in enumerate(report.notes, start=3):
        sheet.write_string(row, 0, f"{row - 2}. {note}", styles())
    indicators = [
        (column.label, column.definition, column.unit, report.measures[column.measure])
        for column in report.columns.values()
        if column.measure
    ]
    row = 4 + len(report.notes)
    row = _write_list(sheet, styles, row, "二、指标解释", ("指标", "解释", "计量单位", "口径"), indicators)
    sheet.set_h_pagebreaks([row])
    headings = ("参数或代码", "内容", "状态", "依据")
    lines: list[tuple[str, ...]] = []
    for assumptions in figures.assumptions:
        lines.append((f"{assumptions.title}　用途：{assumptions.used_for}",))
        lines.extend((assumptions.title, entry.content, entry.status, entry.document) for entry in assumptions.entries)
    _write_list(sheet, styles, row, "三、尚无正式文件依据的参数与代码", headings, lines)


def _write_list(
    sheet: Worksheet, styles: Styles, row: int, title: str, headings: tuple[str, ...], lines: list[tuple[str, ...]]
) -> int:
    """Write a headed list and return the row where the next one starts; a line of one text heads those below it."""
    sheet.write_string(row, 0, title, styles(bold=True, font_size=12))
    for number, line in enumerate([headings, *lines], start=row + 1):
        if len(line) == 1:
            sheet.merge_range(number, 0, number, len(NOTES_WIDTHS) - 1, line[0], styles.framed(bold=True))
            continue
        sheet.set_row(number, ROW_HEIGHT + LINE_HEIGHT * (max(map(_line_count, line, NOTES_WIDTHS)) - 1))
        for column, text in enumerate(line):
            sheet.write_string(number, column, text, styles.header() if line is headings else styles.framed())
    return row + len(lines) + 3


def _line_count(text: str, width: int) -> int:
    """Return how many lines a text takes; a spreadsheet does not make room for them by itself on every system."""
    return math.ceil(text_width(text) / (width - 2))
