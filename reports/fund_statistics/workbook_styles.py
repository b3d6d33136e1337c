"""How the workbook looks: fonts, frames, number formats, and the printed page."""

from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.formats import ASSUMED
from reports.fund_statistics.declaration import Column

NUMBER_FORMATS = {"count": "#,##0", "yuan": "#,##0.00", "percent": "0.00%"}
SONG, HEI = "宋体", "黑体"
LINK = "#1F4E79"
FRAME = "#7F7F7F"
BAND = "#E8EEF4"
A4 = 9  # the file format's number of the paper
ROW_HEIGHT = 18


class Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book = book
        self._made: dict[tuple, Format] = {}

    def __call__(self, **properties) -> Format:
        """Return the format with these properties over the house font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            base = {"font_name": SONG, "font_size": 10.5, "valign": "vcenter"}
            self._made[key] = self._book.add_format({**base, **properties})
        return self._made[key]

    def title(self, size: float = 15) -> Format:
        """Return the format of a sheet's title."""
        return self(font_name=HEI, font_size=size, align="center")

    def link(self, **properties) -> Format:
        """Return the format of a link to another sheet."""
        return self(font_color=LINK, underline=1, **properties)

    def framed(self, **properties) -> Format:
        """Return the format of a text cell of a list."""
        return self(border=1, border_color=FRAME, text_wrap=True, **properties)

    def header(self) -> Format:
        """Return the format of a table's head."""
        return self(font_name=HEI, align="center", text_wrap=True, border=1, border_color=FRAME, bg_color=BAND)

    def cell(self, column: Column, total: bool, opens_group: bool, missing: bool, marked: bool) -> Format:
        """Return the format of a figure or of a label; a marked figure stays a number with a sign before it."""
        properties = {"border": 1, "border_color": FRAME}
        if total:
            properties["bold"] = True
        if opens_group:
            properties["top"] = 2
        if missing:
            properties["align"] = "right"
        elif column.format in NUMBER_FORMATS:
            shown = NUMBER_FORMATS[column.format]
            properties["num_format"] = f'"{ASSUMED}"{shown};"{ASSUMED}"-{shown}' if marked else shown
        return self(**properties)


def text_width(text: str) -> int:
    """Return the width of a text in half-width characters."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def set_page(sheet: Worksheet) -> None:
    """Print a sheet on A4 across, as wide as the page, with page numbers."""
    sheet.set_default_row(ROW_HEIGHT)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)
