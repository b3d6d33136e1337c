"""Run the compiled SQL of real models on rows of cases, on either engine, in temporary tables."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pyarrow as pa

from tests.rules.kinds import Case, Kind, Mutant, Row, key_of

# `"database"."schema"."table"`, as dbt writes what a model reads.
_RELATION = re.compile(r'"[^"]+"\."[^"]+"\."([^"]+)"')


@dataclass
class Project:
    """What the kinds stand on: compiled models, and the columns and seeds of a warehouse with nothing in it."""

    compiled: dict[str, str]
    columns: dict[str, dict[str, str]]
    seeds: dict[str, list[Row]]

    def sql(self, model: str, mutant: Mutant | None) -> str:
        """Return a model's SQL reading temporary tables, as it is or as the mutant has it."""
        sql = self.compiled[model]
        if mutant and mutant.model == model:
            if mutant.find not in sql:
                raise ValueError(f"mutant of {model}: {mutant.find!r} is not in its compiled SQL")
            sql = sql.replace(mutant.find, mutant.replace)
        return _RELATION.sub(lambda match: match.group(1), sql)

    def reads(self, model: str) -> set[str]:
        """Return the names of the tables a model reads."""
        return set(_RELATION.findall(self.compiled[model]))


@dataclass
class Engine:
    """An empty database on one engine: tables are made, filled, read and forgotten with each run."""

    project: Project
    name: str
    connect: Any = field(repr=False)

    def run(self, kind: Kind, cases: Iterable[Case], mutant: Mutant | None = None) -> list[Any]:
        """Return the answers of the models of a kind to cases, in their order."""
        cases = list(cases)
        tables: dict[str, list[Row]] = defaultdict(list)
        for number, case in enumerate(cases):
            for table, rows in kind.tables(case, key_of(number)).items():
                tables[table] += rows
        needed = {table for model in kind.models for table in self.project.reads(model)} - set(kind.models)
        for table in needed - set(tables):
            if table not in self.project.seeds:
                raise ValueError(f"{table} is read by {kind.models} and is no seed: `tables` must give its rows")
            tables[table] = self.project.seeds[table]
        connection = self.connect()
        try:
            for table, rows in tables.items():
                self._fill(connection, table, rows)
            for model in kind.models:
                self._execute(connection, f"create temporary table {model} as {self.project.sql(model, mutant)}")
            grouped: list[dict[str, list[Row]]] = [{model: [] for model in kind.outputs} for _ in cases]
            for model, column in kind.outputs.items():
                for row in self._rows(connection, model):
                    grouped[int(str(row[column])[1:7])][model].append(row)
        finally:
            connection.close()
        return [kind.answer(rows) for rows in grouped]

    def _execute(self, connection: Any, sql: str) -> Any:
        cursor = connection if self.name == "embedded" else connection.cursor()
        cursor.execute(sql)
        return cursor

    def _rows(self, connection: Any, table: str) -> list[Row]:
        cursor = self._execute(connection, f"select * from {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _fill(self, connection: Any, table: str, rows: list[Row]) -> None:
        columns = self.project.columns[table]
        if unknown := {name for row in rows for name in row} - set(columns):
            raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        declared = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
        self._execute(connection, f"create temporary table {table} ({declared})")
        texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
        if self.name == "embedded":
            filled = pa.table({name: pa.array(values, pa.string()) for name, values in texts.items()})
            connection.register("filled", filled)
            cast = ", ".join(f"cast({name} as {sql_type})" for name, sql_type in columns.items())
            connection.execute(f"insert into {table} select {cast} from filled")
            connection.unregister("filled")
        elif rows:
            lines = zip(*texts.values(), strict=True)
            copied = StringIO("".join("\t".join("\\N" if it is None else it for it in line) + "\n" for line in lines))
            connection.cursor().copy_expert(f"copy {table} from stdin", copied)


def embedded(project: Project) -> Engine:
    """Return DuckDB, in memory."""
    return Engine(project, "embedded", lambda: duckdb.connect(config={"threads": 2}))


def postgres(project: Project) -> Engine:
    """Return PostgreSQL, by libpq's own variables."""
    return Engine(project, "postgres", psycopg2.connect)


def read_project(compiled_folder: Path, warehouse_file: Path) -> Project:
    """Read compiled models from a folder of dbt, columns and seeds from a DuckDB warehouse that was built empty."""
    compiled = {
        path.stem: re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8")) for path in compiled_folder.rglob("*.sql")
    }
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'main' "
            "order by table_name, ordinal_position"
        ).fetchall()
        columns: dict[str, dict[str, str]] = defaultdict(dict)
        for table, column, data_type in found:
            columns[table][column] = data_type.replace("HUGEINT", "numeric(38, 0)")
        seeds = {}
        for path in (Path(__file__).resolve().parents[2] / "dbt" / "seeds").rglob("*.csv"):
            cursor = connection.execute(f"select * from {path.stem}")
            names = [column[0] for column in cursor.description]
            seeds[path.stem] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Project(compiled, dict(columns), seeds)
