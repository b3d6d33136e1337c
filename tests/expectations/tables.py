"""Small warehouses made of the rows of `good_rows.yml`, for rules to hold on and to fail on."""

import json
import tempfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingestion.feed_spec import all_feeds

HERE = Path(__file__).parent
AS_OF = "2017-06-30"
Rows = dict[str, list[dict[str, Any]]]

# What no row names but a table has all the same.
EXTRA = {
    "landing.rejected_rows": ["batch_id", "source_line", "rule_code", "field_name", "message"],
    "landing.batches": ["layout_effective_from", "file_name"],
    **{f"landing.{feed.source}__{feed.name}": ["batch_id", "source_line", "warning_codes"] for feed in all_feeds()},
}
SUFFIXES = {
    "_yuan": "decimal(18,2)",
    "_month": "date",
    "_on": "date",
    "_from": "date",
    "_at": "timestamp",
    "_count": "integer",
    "_year": "integer",
    "_number": "varchar",
    "source_line": "bigint",
    "sequence_number": "integer",
    "risk_class": "integer",
    "is_paid": "boolean",
    "is_allowed_factor": "boolean",
    "floating_percent": "integer",
    "premium_rate_ppm": "integer",
}


@cache
def _read(name: str) -> Any:
    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def good_rows() -> Rows:
    """Return the rows of a province in which every rule holds, by table; every feed has its table."""
    feeds = {f"landing.{feed.source}__{feed.name}": [] for feed in all_feeds()}
    return deepcopy({**feeds, **_read("good_rows.yml")})


def bad_changes() -> dict[str, dict[str, Any]]:
    """Return for each rule the change that breaks it."""
    return _read("bad_rows.yml")


def broken(change: dict[str, Any]) -> Rows:
    """Return the good rows with one change as `bad_rows.yml` declares it."""
    rows = good_rows()
    table = rows[change["table"]]
    if "row" in change:
        table[change["row"]].update(change["set"])
    else:
        copied = table[change["copy"]] if "copy" in change else {}
        table.append({**copied, **change["set"]})
    return rows


def statements(rows: Rows) -> list[str]:
    """Return the SQL that makes these tables, for DuckDB and PostgreSQL alike; `landing` must exist."""
    made = []
    for table, table_rows in rows.items():
        columns = list(dict.fromkeys([*(key for row in table_rows for key in row), *EXTRA.get(table, [])]))
        made.append(f"create table {table} ({', '.join(f'{column} {_type(column)}' for column in columns)})")
        for row in table_rows:
            made.append(f"insert into {table} values ({', '.join(_literal(row.get(column)) for column in columns)})")
    return made


def build(home: Path, rows: Rows) -> None:
    """Write the rows as the warehouse that is being built below `home`."""
    path = home / "warehouse" / "building" / "warehouse.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_good_warehouse())
    write_day(home)
    good = good_rows()
    changed = {table: table_rows for table, table_rows in rows.items() if table_rows != good.get(table)}
    dropped = [f"drop table if exists {table}" for table in (*changed, *(set(good) - set(rows)))]
    with duckdb.connect(str(path)) as connection:
        connection.execute(";".join([*dropped, *statements(changed), "checkpoint"]))


def write_day(home: Path) -> None:
    """Write down the day the figures are made for, as `dbt/build.py open` does."""
    path = home / "warehouse" / "building.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"as_of": AS_OF}))


@cache
def _good_warehouse() -> bytes:
    """Return the file of a warehouse of the good rows, made once: most tests change one table of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(";".join(["create schema landing", *statements(good_rows())]))
        return path.read_bytes()


def _type(column: str) -> str:
    matching = [suffix for suffix in SUFFIXES if column.endswith(suffix)]
    return SUFFIXES[max(matching, key=len)] if matching else "varchar"


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"
