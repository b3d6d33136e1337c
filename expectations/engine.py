"""SQLAlchemy engines through which Great Expectations reads the warehouse.

Great Expectations knows PostgreSQL. For DuckDB it is given the PostgreSQL dialect over DuckDB's own driver: the SQL of
its metrics is the same, only reflection, parameter marks and regular expressions differ. The published dialects
(`duckdb-engine`, `duckdb-driver`) stream their results, while Great Expectations fetches after the connection went
back to the pool; here every result is read whole before that. Results are counts, never rows, so this costs nothing.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect
from sqlalchemy.pool import StaticPool

from ingestion.settings import target
from ingestion.warehouse import Database, database_file, schema_name

TYPES = {
    "BOOLEAN": sa.Boolean,
    "INTEGER": sa.Integer,
    "BIGINT": sa.BigInteger,
    "DATE": sa.Date,
    "TIMESTAMP": sa.DateTime,
    "VARCHAR": sa.String,
    "BLOB": sa.LargeBinary,
    "DECIMAL": sa.Numeric,
}


def connection_string(stage: str, database: Database) -> str:
    """Return the URL of the tables of a stage (`landing`, `marts`) in the warehouse `building` or `published`.

    PostgreSQL's host, user and password come from libpq's own variables, so that no URL holds them.
    """
    schema = "landing" if stage == "landing" else schema_name(database)
    if target() == "embedded":
        return f"duckdb:///{database_file(database)}?schema={schema}"
    return f"postgresql+psycopg2://?options=-csearch_path%3D{schema}"


class _Cursor:
    """A DB-API cursor that has read its whole result before it answers."""

    arraysize = 1

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: list[tuple] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        result = self._connection.execute(statement, parameters)
        self.description = result.description
        self._rows = result.fetchall() if self.description else []

    def fetchone(self) -> tuple | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple]:
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        self._rows = []


class _Connection:
    """A DB-API connection to a DuckDB file, read only. Its cursors share it, so that its schema holds for all."""

    def __init__(self, path: str, schema: str) -> None:
        self._connection = duckdb.connect(path, read_only=True)
        self._connection.execute(f"use {schema}")

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def close(self) -> None:
        self._connection.close()


class _Compiler(PGCompiler):
    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> str:
        """Write `column ~ pattern` as DuckDB's search; its own `~` matches the whole text only."""
        if operator.opstring == "~":
            return f"regexp_matches({self.process(element.left, **kw)}, {self.process(element.right, **kw)})"
        return super().visit_custom_op_binary(element, operator, **kw)


class DuckDBDialect(PGDialect):
    """PostgreSQL's dialect over a DuckDB file, read only. URL: `duckdb:////path/to/file?schema=main`."""

    driver = "duckdb"
    statement_compiler = _Compiler
    default_paramstyle = "qmark"
    supports_statement_cache = True
    supports_server_side_cursors = False

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    @classmethod
    def get_pool_class(cls, url: sa.URL) -> type[StaticPool]:
        return StaticPool

    def create_connect_args(self, url: sa.URL) -> tuple[list[str], dict[str, str]]:
        return [url.database or ""], {"schema": str(url.query["schema"])}

    def connect(self, path: str, schema: str) -> _Connection:
        return _Connection(path, schema)

    def initialize(self, connection: sa.Connection) -> None:
        self.server_version_info = (15, 0)
        self.default_schema_name = None

    def do_begin(self, dbapi_connection: _Connection) -> None:
        """Nothing to begin: the file is open read only."""

    do_commit = do_rollback = do_begin

    def has_table(self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        return bool(self._columns(connection, table_name))

    def get_columns(
        self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict]:
        return [
            {
                "name": name,
                "type": TYPES.get(type_name.split("(")[0], sa.types.NullType)(),
                "nullable": True,
                "default": None,
            }
            for name, type_name in self._columns(connection, table_name)
        ]

    def get_multi_columns(
        self,
        connection: sa.Connection,
        *,
        filter_names: Sequence[str] | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> list[tuple]:
        return [((schema, name), self.get_columns(connection, name)) for name in filter_names or ()]

    def get_pk_constraint(
        self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> dict:
        return {"constrained_columns": [], "name": None}

    def _columns(self, connection: sa.Connection, table_name: str) -> list[tuple[str, str]]:
        """Return (name, type) of each column of a table or view of the current schema."""
        found = connection.exec_driver_sql(
            "select column_name, data_type from duckdb_columns() where database_name = current_database()"
            " and schema_name = current_schema() and table_name = ? order by column_index",
            (table_name,),
        )
        return [(row[0], row[1]) for row in found]


sa.dialects.registry.register("duckdb", __name__, "DuckDBDialect")
