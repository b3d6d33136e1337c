"""Show what has landed to the warehouse: a table per feed, `landing.<source>__<feed>`, and the register of batches.

DuckDB reads the landed Parquet in place through views. PostgreSQL holds copies: each batch it lacks is loaded in one
transaction, so a batch is there whole or not at all.
"""

import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ingestion.batches import Batch, batches
from ingestion.feed_spec import Feed, all_feeds
from ingestion.increment import Increment, rules_digest
from ingestion.settings import target
from ingestion.warehouse import EMBEDDED, WarehouseMissing, database_file, postgres_connection

SQL_TYPES = {
    "text": "varchar",
    "code": "varchar",
    "money": "decimal(18,2)",
    "month": "date",
    "day": "date",
    "integer": "integer",
}
REGISTER = {
    "batch_id": "varchar",
    "source_name": "varchar",
    "feed_name": "varchar",
    "period_code": "varchar",
    "sequence_number": "integer",
    "profile_name": "varchar",
    "created_on": "date",
    "received_at": "timestamp",
    "layout_effective_from": "date",
    "file_name": "varchar",
    "received_row_count": "bigint",
    "accepted_row_count": "bigint",
    "rejected_row_count": "bigint",
}
REJECTED = {
    "batch_id": "varchar",
    "source_line": "bigint",
    "byte_offset": "bigint",
    "rule_code": "varchar",
    "field_name": "varchar",
    "message": "varchar",
    "original": "blob",
}


def landed_batches() -> list[Batch]:
    """Return the batches that have landed.

    Raise `WarehouseMissing` when there are none: an empty build would only replace figures by nothing.
    """
    if landed := batches():
        return landed
    raise WarehouseMissing("没有已落地的批次：先运行 python -m ingestion receive 路径")


def open_landing(landed: list[Batch], as_of: date, increment: Increment) -> None:
    """Begin a build over what has landed, on a copy of the published warehouse when an increment is all there is."""
    if target() == EMBEDDED:
        _open_embedded(landed, as_of, increment)
    else:
        _open_postgres(landed)


def _table_name(feed: Feed) -> str:
    return f"{feed.source}__{feed.name}"


def _columns(feed: Feed) -> dict[str, str]:
    """Return the columns of a feed's landed rows over all its layouts, with their SQL types."""
    fields = {field.name: SQL_TYPES[field.type] for layout in feed.layouts for field in layout.fields}
    return {"batch_id": "varchar", "source_line": "bigint", **fields, "warning_codes": "varchar"}


def _register_row(batch: Batch) -> tuple:
    return (
        batch.batch_id,
        batch.source,
        batch.feed,
        batch.period,
        batch.sequence,
        batch.profile or "",
        batch.created_on,
        batch.received_at,
        batch.layout_effective_from,
        batch.file_name,
        batch.rows["received"],
        batch.rows["accepted"],
        batch.rows["rejected"],
    )


def _open_embedded(landed: list[Batch], as_of: date, increment: Increment) -> None:
    folder = database_file("building").parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not increment.reason:
        shutil.copyfile(database_file("published"), database_file("building"))
    with duckdb.connect(str(database_file("building"))) as connection:
        connection.execute("create schema if not exists landing")
        connection.execute(f"create or replace table landing.batches ({_declared(REGISTER)})")
        marks = ", ".join("?" for _ in REGISTER)
        connection.executemany(f"insert into landing.batches values ({marks})", [_register_row(it) for it in landed])
        connection.execute("create or replace table landing.new_batches (batch_id varchar)")
        for batch in increment.new:
            connection.execute("insert into landing.new_batches values (?)", [batch.batch_id])
        connection.execute("create or replace table landing.built (as_of date, rules_digest varchar, stands_on date)")
        connection.execute("insert into landing.built values (?, ?, ?)", [as_of, rules_digest(), increment.stands_on])
        for feed in all_feeds():
            of_feed = [batch for batch in landed if (batch.source, batch.feed) == (feed.source, feed.name)]
            _create_view(
                connection, _table_name(feed), _columns(feed), (it.directory / "rows.parquet" for it in of_feed)
            )
        _create_view(connection, "rejected_rows", REJECTED, (batch.directory / "rejected.parquet" for batch in landed))


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], files: Iterable) -> None:
    """Create a view over Parquet files that has all `columns`, also when no file or none of these layouts landed."""
    typed = ", ".join(f"cast(null as {sql_type}) as {column}" for column, sql_type in columns.items())
    view = f"select {typed} where false"
    if listed := ", ".join("'" + str(file).replace("'", "''") + "'" for file in files):
        view += f" union all by name select * from read_parquet([{listed}], union_by_name = true)"
    connection.execute(f"create or replace view landing.{name} as {view}")


def _open_postgres(landed: list[Batch]) -> None:
    with postgres_connection("landing") as connection, connection.cursor() as cursor:
        cursor.execute("drop schema if exists building cascade")
        cursor.execute("create schema building")
        cursor.execute("create schema if not exists landing")
        cursor.execute("create table if not exists new_batches (batch_id varchar)")
        for name, columns in _postgres_tables():
            cursor.execute(f"create table if not exists {name} ({_declared(columns)})")
            for column, sql_type in columns.items():
                cursor.execute(f"alter table {name} add column if not exists {column} {sql_type}")
        cursor.execute("select batch_id from batches")
        loaded = {row[0] for row in cursor.fetchall()}
    if strangers := loaded - {batch.batch_id for batch in landed}:
        raise WarehouseMissing(
            f"PostgreSQL 里有 {len(strangers)} 个批次不在本机的 landing 目录中（如 {min(strangers)}）："
            "请确认 WAREHOUSE_HOME 与 PGDATABASE 属于同一套数据"
        )
    for batch in landed:
        if batch.batch_id not in loaded:
            _load(batch)


def _postgres_tables() -> Iterator[tuple[str, dict[str, str]]]:
    yield "batches", REGISTER
    yield "rejected_rows", {**REJECTED, "original": "bytea"}
    for feed in all_feeds():
        yield _table_name(feed), _columns(feed)


def _load(batch: Batch) -> None:
    with postgres_connection("landing") as connection, connection.cursor() as cursor:
        _copy(cursor, f"{batch.source}__{batch.feed}", batch.directory / "rows.parquet")
        _copy(cursor, "rejected_rows", batch.directory / "rejected.parquet")
        marks = ", ".join("%s" for _ in REGISTER)
        cursor.execute(f"insert into batches ({', '.join(REGISTER)}) values ({marks})", _register_row(batch))


def _copy(cursor, table: str, file) -> None:
    """Append a Parquet file to a table; text is always quoted in Arrow's CSV, so empty text and null stay apart."""
    with pyarrow.parquet.ParquetFile(file) as parquet:
        statement = f"copy {table} ({', '.join(parquet.schema_arrow.names)}) from stdin with (format csv)"
        for part in parquet.iter_batches(batch_size=100_000):
            buffer = BytesIO()
            pyarrow.csv.write_csv(_with_bytes_as_hex(part), buffer, pyarrow.csv.WriteOptions(include_header=False))
            buffer.seek(0)
            cursor.copy_expert(statement, buffer)


def _with_bytes_as_hex(part: pa.RecordBatch) -> pa.RecordBatch:
    """Write binary columns as PostgreSQL reads them: `\\x` and hexadecimal digits."""
    for index, field in enumerate(part.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            digits = [None if value is None else "\\x" + value.hex() for value in part.column(index).to_pylist()]
            part = part.set_column(index, field.name, pa.array(digits, pa.string()))
    return part


def _declared(columns: dict[str, str]) -> str:
    return ", ".join(f"{column} {sql_type}" for column, sql_type in columns.items())
