"""What the trailer of an exchange file declares, read plainly: to see that nothing landed that it does not declare."""

import io
import json
import re
from decimal import Decimal

import openpyxl

from tests.ingestion.exchange_files import Sample


def declared(sample: Sample, content: bytes) -> tuple[int, list[Decimal]]:
    """Return rows and totals in yuan, from the trailer or the summaries of a file that landed."""
    rows, *totals = READERS[sample.layout.format.kind](sample, content)
    units = [sample.layout.field(name).unit for name in sample.feed.control_totals]
    amounts = [Decimal(total) / (100 if unit == "fen" else 1) for total, unit in zip(totals, units, strict=True)]
    return int(rows), amounts


def _last_line(sample: Sample, content: bytes) -> str:
    return content.decode(sample.encoding).splitlines()[-1]


def _delimited(sample: Sample, content: bytes) -> list[str]:
    return _last_line(sample, content).split(sample.layout.format.separator)[1:-1]


def _fixed_width(sample: Sample, content: bytes) -> list[str]:
    line = _last_line(sample, content)
    starts = range(11, 11 + 18 * len(sample.feed.control_totals), 18)
    return [line[1:11], *(line[start : start + 18] for start in starts)]


def _xml(sample: Sample, content: bytes) -> list[str]:
    tail = content.decode(sample.encoding).rsplit("<TAIL>", 1)[1]
    return [text for _, text in re.findall(r"<(\w+)>([^<]*)</\1>", tail)][:-1]


def _json_lines(sample: Sample, content: bytes) -> list[str]:
    tail = json.loads(_last_line(sample, content))
    return [tail["rows"], *tail["totals"].values()]


def _camt053(sample: Sample, content: bytes) -> list[str]:
    found = re.findall(r"<TtlNtries><NbOfNtries>(\d+)</NbOfNtries><Sum>([\d.]+)</Sum>", content.decode())
    return [sum(int(count) for count, _ in found), sum((Decimal(amount) for _, amount in found), Decimal(0))]


def _spreadsheet(sample: Sample, content: bytes) -> list[str]:
    rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    (last,) = [row for row in rows if row[0] == "合计"]
    return [value for value in last[1:] if value is not None]


READERS = {
    "delimited": _delimited,
    "fixed_width": _fixed_width,
    "xml": _xml,
    "json_lines": _json_lines,
    "camt053": _camt053,
    "spreadsheet": _spreadsheet,
}
