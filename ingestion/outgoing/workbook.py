"""XLSX workbooks: one sheet in which every cell is text."""

from datetime import datetime

import xlsxwriter

from ingestion.feed_spec import Field
from ingestion.outgoing.files import ExchangeFile, field_text
from ingestion.outgoing.text import Column, amount_text


class SpreadsheetFile(ExchangeFile):
    """One sheet of text cells: header values, labels, rows, and a last row of totals."""

    first_line = 3

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        options = {"constant_memory": True, "strings_to_numbers": False}
        self._workbook = xlsxwriter.Workbook(self.unfinished, options)
        self._workbook.set_properties({"created": datetime(self.created.year, self.created.month, self.created.day)})
        self._sheet = self._workbook.add_worksheet(self.feed.title[:31])
        self._line = 0
        self._write_line(self.header_values)
        self._write_line([field.label for field in self.layout.fields])

    def _write_line(self, values) -> None:
        for column, value in enumerate(values):
            self._sheet.write_string(self._line, column, value)
        self._line += 1

    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        texts = [field_text(field, column) for field, column in columns]
        values = [[text] * count if isinstance(text, bytes) else text.to_pylist() for text in texts]
        for row in zip(*values, strict=True):
            self._write_line([value.decode() for value in row])

    def finish(self) -> None:
        units = {name: self.layout.field(name).unit for name in self.totals}
        totals = (amount_text(total, units[name]) for name, total in self.totals.items())
        self._write_line(["合计", str(self.rows), *totals])
        self._workbook.close()

    def abandon(self) -> None:
        self._workbook.fileclosed = 1  # so that it is not written when it is no longer needed
