"""Write the CSV twin of every table, and the metadata file that describes them (Data Package with Table Schemas).

The twins are UTF-8 with a byte order mark: without it, Excel on a Chinese Windows reads them as GBK. Readers that know
CSV (DuckDB, pandas, R, LibreOffice) drop the mark. Values are exact decimals as text, an empty field is "no value".
"""

import csv
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from reports.formats import period_name
from reports.fund_statistics.declaration import Column
from reports.fund_statistics.figures import Figures, FilledTable, exact_value

TYPES = {"text": "string", "count": "integer", "yuan": "number", "percent": "number"}
PERIOD = Column("period_code", "统计期", "text", "季度写作 2017Q2，年度写作 2016。")
METADATA = "datapackage.json"


def write_twins(figures: Figures, directory: Path) -> None:
    """Write one CSV for each table and `datapackage.json` into a directory."""
    resources = [_write_twin(figures, filled, directory) for filled in figures.tables.values()]
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{figures.report.name.replace('_', '-')}-{figures.period_code.lower()}",
        "title": f"{figures.report.title}（{period_name(figures.period_code)}）",
        "contributors": [{"title": figures.report.publisher, "roles": ["publisher"]}],
        "created": f"{figures.as_of.isoformat()}T00:00:00Z",
        "description": f"用途：{figures.report.audience}。",
        "period": figures.period_code,
        "dataAsOf": figures.as_of.isoformat(),
        "notes": list(figures.report.notes),
        "assumptions": [asdict(assumptions) for assumptions in figures.assumptions],
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (directory / METADATA).write_text(text, encoding="utf-8")


def twin_columns(figures: Figures, filled: FilledTable) -> list[Column]:
    """Return the columns of a twin: the period, the codes, then what the table prints."""
    codes = [figures.report.columns[name] for name in filled.table.key]
    return [PERIOD, *codes, *filled.table.columns]


def _write_twin(figures: Figures, filled: FilledTable, directory: Path) -> dict:
    """Write the twin of one table and return its description."""
    path = directory / f"{filled.table.name}.csv"
    columns = twin_columns(figures, filled)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
        writer.writerow(column.name for column in columns)
        for row in filled.rows:
            cells = {PERIOD.name: figures.period_code, **row}
            writer.writerow(_text(cells[column.name], column) for column in columns)
    return _description(figures, filled, columns, path)


def _text(value, column: Column) -> str:
    return "" if value is None else str(exact_value(value, column))


def _description(figures: Figures, filled: FilledTable, columns: list[Column], path: Path) -> dict:
    written = path.read_bytes()
    table = filled.table
    return {
        "name": table.name.replace("_", "-"),
        "path": path.name,
        "title": f"表{table.number}　{table.title}",
        "description": " ".join([f"统计范围：{table.scope}。", f"资料来源：{table.source}。", *table.notes]),
        "model": table.model,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "byteOrderMark": True},
        "bytes": len(written),
        "hash": f"sha256:{hashlib.sha256(written).hexdigest()}",
        "rowCount": len(filled.rows),
        "totalRows": dict(table.total_rows),
        "schema": {
            "fields": [_field(figures, column) for column in columns],
            "primaryKey": [PERIOD.name, *table.key],
            "missingValues": [""],
        },
    }


def _field(figures: Figures, column: Column) -> dict:
    field = {
        "name": column.name,
        "type": TYPES[column.format],
        "title": column.label,
        "description": column.definition,
    }
    if column.measure:
        # Rates are fractions here (0.0312); the workbook and the bulletin show them as per cent.
        unit = "1" if column.format == "percent" else column.unit
        field |= {"unit": unit, "measure": column.measure, "measureTitle": figures.report.measures[column.measure]}
        field |= {"restsOnAssumed": True} if figures.mark(column) else {}
    return field
