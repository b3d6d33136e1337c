"""The engine of the warehouse leaves no trace in a release."""

from pathlib import Path

import duckdb
import psycopg2

from reports.fund_statistics.release import publish
from tests.postgres import throwaway_postgres


def copy_to_postgres(file: Path, folder: Path) -> None:
    """Copy every table of a DuckDB warehouse into the published schema of PostgreSQL."""
    with duckdb.connect(str(file), read_only=True) as source, psycopg2.connect("") as target, target.cursor() as cursor:
        cursor.execute("create schema warehouse")
        for (table,) in source.execute("select table_name from duckdb_tables()").fetchall():
            columns = source.execute(f"select column_name, column_type from (describe {table})").fetchall()
            cursor.execute(f"create table warehouse.{table} ({', '.join(' '.join(column) for column in columns)})")
            source.execute(f"copy {table} to '{folder / table}.csv' (header false)")
            with (folder / f"{table}.csv").open(encoding="utf-8") as rows:
                cursor.copy_expert(f"copy warehouse.{table} from stdin (format csv)", rows)


def test_a_release_from_postgres_has_the_same_bytes(statistics_home, release, tmp_path, monkeypatch):
    with throwaway_postgres():
        copy_to_postgres(statistics_home / "warehouse" / "warehouse.duckdb", tmp_path)
        monkeypatch.setenv("WAREHOUSE_TARGET", "postgres")
        published = publish("2017Q2", tmp_path / "out").directory
    assert {path.name: path.read_bytes() for path in published.iterdir()} == {
        path.name: path.read_bytes() for path in release.iterdir()
    }
