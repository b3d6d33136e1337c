"""Read the warehouse on either engine, and publish a built one.

A warehouse is built aside (`building`) and published by one swap, so readers see the last published figures until the
new ones have passed every check. Unqualified table names are the marts and reports of the database connected to;
landed rows are under `landing.`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

import duckdb
import psycopg2
import psycopg2.extensions

from ingestion.settings import home, target

Database = Literal["published", "building"]
EMBEDDED, POSTGRES = "embedded", "postgres"
_SCHEMAS = {"published": "warehouse", "building": "building"}
# psycopg2 gives binary columns as memoryview, DuckDB as bytes.
_BYTEA = psycopg2.extensions.new_type(
    psycopg2.BINARY.values,
    "BYTES",
    lambda value, cursor: None if value is None else bytes(psycopg2.BINARY(value, cursor)),
)


class WarehouseMissing(Exception):
    """There is no warehouse to read; the message says what to do. Commands end with exit code 2."""

    exit_code = 2


def database_file(database: Database) -> Path:
    """Return the DuckDB file of a database; the name is the same for both, since views hold the name of their file."""
    folder = home() / "warehouse"
    return folder / "warehouse.duckdb" if database == "published" else folder / "building" / "warehouse.duckdb"


def schema_name(database: Database) -> str:
    """Return the schema that holds the models of a database: DuckDB's `main`, or PostgreSQL's of that database."""
    return "main" if target() == EMBEDDED else _SCHEMAS[database]


class Warehouse:
    """An open warehouse. `?` marks a parameter on both engines; a `?` inside a text literal is not supported."""

    def __init__(self, engine: str, connection: Any) -> None:
        self.engine = engine
        self.raw = connection
        self._stream_numbers = count(1)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return every row of a query, by column name; money as `Decimal`, days and months as `date`."""
        cursor = self._run(self._cursor(), sql, params)
        return _named(cursor, cursor.fetchall())

    def stream(self, sql: str, params: Sequence[Any] = (), size: int = 10_000) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of a query in lists of at most `size`, without holding them all."""
        name = f"stream_{next(self._stream_numbers)}"
        cursor = self._run(self.raw.cursor(name) if self.engine == POSTGRES else self.raw.cursor(), sql, params)
        while rows := cursor.fetchmany(size):
            yield _named(cursor, rows)
        cursor.close()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement; what it changes stays only when the `with` block ends well."""
        self._run(self._cursor(), sql, params)

    def _cursor(self) -> Any:
        """Return what runs a statement inside the transaction: a cursor of DuckDB would be a connection of its own."""
        return self.raw.cursor() if self.engine == POSTGRES else self.raw

    def _run(self, cursor: Any, sql: str, params: Sequence[Any]) -> Any:
        if params and self.engine == POSTGRES:
            sql = sql.replace("%", "%%").replace("?", "%s")
        cursor.execute(sql, params or None)
        return cursor


def _named(cursor: Any, rows: list[tuple]) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


@contextmanager
def connect(database: Database = "published", read_only: bool = True) -> Iterator[Warehouse]:
    """Open a database of the warehouse; raise `WarehouseMissing` when it was never built or published.

    One transaction: what was written is kept when the block ends well, and undone when it raises.
    """
    if target() == EMBEDDED:
        with _open_file(database, read_only) as warehouse:
            yield warehouse
    else:
        with postgres_connection(_SCHEMAS[database]) as connection:
            warehouse = Warehouse(POSTGRES, connection)
            if not warehouse.rows("select 1 from pg_namespace where nspname = ?", [_SCHEMAS[database]]):
                raise WarehouseMissing(_missing(database))
            if read_only:
                warehouse.execute("set transaction read only")
            yield warehouse


@contextmanager
def _open_file(database: Database, read_only: bool) -> Iterator[Warehouse]:
    path = database_file(database)
    if not path.exists():
        raise WarehouseMissing(_missing(database))
    connection = duckdb.connect(str(path), read_only=read_only)
    try:
        connection.begin()
        yield Warehouse(EMBEDDED, connection)
        connection.commit()
    finally:
        connection.close()


@contextmanager
def postgres_connection(schema: str) -> Iterator[Any]:
    """Open PostgreSQL by libpq's own variables for one transaction, with `schema` as the place of unqualified names."""
    connection = psycopg2.connect(options=f"-c search_path={schema}")
    psycopg2.extensions.register_type(_BYTEA, connection)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _missing(database: Database) -> str:
    if database == "building":
        return "没有正在构建的数仓：先运行 python dbt/build.py open"
    return "还没有已发布的数仓：先接收交换文件（python -m ingestion receive 路径），再运行 python dbt/build.py"


def publish() -> None:
    """Put the built warehouse in the place of the published one, by one rename or in one transaction."""
    if target() == EMBEDDED:
        built = database_file("building")
        if not built.exists():
            raise WarehouseMissing(_missing("building"))
        built.replace(database_file("published"))
        return
    with connect("building", read_only=False) as warehouse:
        warehouse.execute("drop schema if exists warehouse cascade")
        warehouse.execute("alter schema building rename to warehouse")
