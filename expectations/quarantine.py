"""Keep every row that breaks a rule, and every difference of the migration check, beside the warehouse.

Embedded: `quality/quarantine.duckdb`; PostgreSQL: schema `quality`. Rows hold personal data and stay there; pages and
result files only ever carry their counts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from expectations.results import quality_folder
from expectations.rules import Rule
from ingestion.settings import target
from ingestion.warehouse import Database, database_file, postgres_connection, schema_name

QUARANTINE = (
    "rule_id varchar(80), stage varchar(20), table_name varchar(80), row_json text, batch_id varchar(40),"
    " source_line bigint"
)
DIFFERENCES = (
    "comparison varchar(80), key_text text, difference varchar(20), column_name varchar(80), old_value text,"
    " new_value text"
)
# How each engine writes a whole row as JSON text.
ROW_JSON = {"embedded": "cast(to_json(failing) as varchar)", "postgres": "cast(row_to_json(failing) as text)"}


def store_failing_rows(
    stage: str, rules: Sequence[Rule], database: Database, excluded: Sequence[str]
) -> dict[str, int]:
    """Replace the quarantined rows of a stage by all failing rows of these rules; return how many each has."""
    counts = {}
    with _store("quarantine", QUARANTINE, database) as store:
        store.clear("stage", stage)
        for rule in rules:
            failing = rule.failing_sql(excluded)
            counts[rule.id] = store.add(
                f"select '{rule.id}' as rule_id, '{stage}' as stage, '{rule.table}' as table_name,"
                f" {ROW_JSON[target()]} as row_json, {_origin(store.columns(failing))} from ({failing}) as failing"
            )
    return counts


def store_differences(comparison: str, sql: str, database: Database) -> int:
    """Replace the stored differences of one comparison by the rows of a query; return how many there are."""
    with _store("migration_differences", DIFFERENCES, database) as store:
        store.clear("comparison", comparison)
        return store.add(sql)


class _InWarehouse:
    """The store is a schema of the warehouse: rows never leave the server."""

    def __init__(self, table: str, connection: Any) -> None:
        self._table = table
        self._cursor = connection.cursor()

    def clear(self, column: str, value: str) -> None:
        self._cursor.execute(f"delete from {self._table} where {column} = %s", (value,))

    def columns(self, sql: str) -> set[str]:
        self._cursor.execute(f"select * from ({sql}) as failing limit 0")
        return {column.name for column in self._cursor.description}

    def add(self, sql: str) -> int:
        self._cursor.execute(f"insert into {self._table} {sql}")
        return self._cursor.rowcount


class _BesideWarehouse:
    """The store is a file beside the warehouse: rows stream from one DuckDB to the other."""

    def __init__(self, table: str, connection: duckdb.DuckDBPyConnection, store: duckdb.DuckDBPyConnection) -> None:
        self._table = table
        self._connection = connection
        self._store = store

    def clear(self, column: str, value: str) -> None:
        self._store.execute(f"delete from {self._table} where {column} = ?", (value,))

    def columns(self, sql: str) -> set[str]:
        described = self._connection.execute(f"select * from ({sql}) as failing limit 0").description
        return {column[0] for column in described}

    def add(self, sql: str) -> int:
        self._store.register("found", self._connection.sql(sql).to_arrow_reader(10_000))
        (added,) = self._store.execute(f"insert into {self._table} select * from found").fetchone()
        self._store.unregister("found")
        return added


@contextmanager
def _store(table: str, columns: str, database: Database) -> Iterator[_InWarehouse | _BesideWarehouse]:
    """Open a table of the quality store for one transaction: all of what is added is kept, or nothing."""
    if target() == "postgres":
        with postgres_connection(schema_name(database)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("create schema if not exists quality")
                cursor.execute(f"create table if not exists quality.{table} ({columns})")
            yield _InWarehouse(f"quality.{table}", connection)
        return
    with (
        duckdb.connect(str(database_file(database)), read_only=True) as connection,
        duckdb.connect(str(quality_folder() / "quarantine.duckdb")) as store,
    ):
        store.execute(f"create table if not exists {table} ({columns})")
        store.begin()
        yield _BesideWarehouse(table, connection, store)
        store.commit()


def _origin(columns: set[str]) -> str:
    """Return the expressions for batch and line of failing rows, null where they have no such columns."""
    batch_id = "failing.batch_id" if "batch_id" in columns else "cast(null as varchar(40))"
    source_line = "failing.source_line" if "source_line" in columns else "cast(null as bigint)"
    return f"{batch_id} as batch_id, {source_line} as source_line"
