"""Read the figures of one period from the published warehouse, and give each its one exact text.

Rows are picked and laid out here, never added up: totals, shares and changes come from the models.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reports import ReportRefused
from reports.formats import ASSUMED, FILTERS, MISSING, last_day
from reports.fund_statistics.declaration import Column, Crosstab, Parameter, Report, Table
from reports.fund_statistics.periods import find_period

Row = Mapping[str, Any]
PLACES = {"yuan": 2, "percent": 6}  # decimals the warehouse keeps: decimal(18,2) and decimal(18,6)


@dataclass(frozen=True)
class FilledTable:
    """A declared table with its rows of one period, in the order the model gives."""

    table: Table
    rows: tuple[Row, ...]

    def is_total(self, row: Row) -> bool:
        """Tell whether a row of this table is a total."""
        return matches(row, self.table.total_rows)

    def row(self, **values: str) -> Row:
        """Return the one row whose codes have these values; raise ValueError when there is not exactly one."""
        (found,) = (row for row in self.rows if matches(row, values))
        return found

    @property
    def parts(self) -> tuple[Row, ...]:
        """Return the rows that are not totals."""
        return tuple(row for row in self.rows if not self.is_total(row))


@dataclass(frozen=True)
class FilledCrosstab:
    """One figure by prefecture (lines) and scheme (headings)."""

    crosstab: Crosstab
    column: Column
    headings: tuple[str, ...]
    lines: tuple[tuple[str, bool, tuple[Any, ...]], ...]  # prefecture, is it the total, one figure a heading


@dataclass(frozen=True)
class Assumption:
    """A parameter or code in force that no official document confirms, in words."""

    content: str
    status: str
    document: str
    is_assumed: bool


@dataclass(frozen=True)
class Assumptions:
    """What one seed holds that no official document confirms, and what it is used for."""

    title: str
    used_for: str
    entries: tuple[Assumption, ...]
    marks: tuple[str, ...]

    @property
    def assumed_documents(self) -> tuple[str, ...]:
        """Return the documents of what is assumed, each once; none when all has a source of some kind."""
        return _in_order(entry.document for entry in self.entries if entry.is_assumed)


@dataclass(frozen=True)
class Figures:
    """All that one release prints."""

    report: Report
    period_code: str
    period_kind: str
    as_of: date
    tables: Mapping[str, FilledTable]
    assumptions: tuple[Assumptions, ...]

    def mark(self, column: Column | str) -> str:
        """Return the sign before a figure of a column: `ASSUMED` where it rests on an assumed row, else nothing."""
        name = column if isinstance(column, str) else column.name
        return ASSUMED if any(name in them.marks and them.assumed_documents for them in self.assumptions) else ""

    def mark_notes(self, table: Table) -> tuple[str, ...]:
        """Return what the sign means in a table: which parameters are assumed, and by which documents."""
        names = {column.name for column in table.columns}
        return tuple(
            f"{ASSUMED}所依据的{them.title}{self.report.statuses['assumed']}：{'、'.join(them.assumed_documents)}"
            for them in self.assumptions
            if them.assumed_documents and names & set(them.marks)
        )


def matches(row: Row, values: Mapping[str, str]) -> bool:
    """Tell whether a row has all of these values."""
    return all(row[name] == value for name, value in values.items())


def read_figures(warehouse, report: Report, code: str) -> Figures:
    """Return the figures of a period; raise `ReportRefused` when the warehouse does not hold all of them."""
    period = find_period(warehouse, code)
    as_of = last_day(period["period_end_month"])
    return Figures(
        report=report,
        period_code=code,
        period_kind=period["period_kind"],
        as_of=as_of,
        tables={table.name: FilledTable(table, _table_rows(warehouse, table, code)) for table in report.tables},
        assumptions=tuple(filter(None, (_assumptions(warehouse, report, p, code, as_of) for p in report.parameters))),
    )


def _table_rows(warehouse, table: Table, code: str) -> tuple[Row, ...]:
    names = [*table.key, *(column.name for column in table.columns)]
    conditions = ["period_code = ?", *(f"{name} = ?" for name in table.where)]
    rows = warehouse.rows(
        f"select {', '.join(names)} from {table.model} where {' and '.join(conditions)} order by sort_order",
        (code, *table.where.values()),
    )
    if not rows:
        raise ReportRefused(f"数仓的 {table.model} 没有统计期 {code} 的数据，而其他表有：请重建数仓后再发布。")
    return tuple(rows)


def _assumptions(warehouse, report: Report, parameter: Parameter, code: str, as_of: date) -> Assumptions | None:
    """Put into words what of a seed was in force in the year of the period, up to its last day, and is not official."""
    entries = tuple(
        Assumption(
            content="；".join(f"{column.label} {shown_text(row[column.name], column)}" for column in parameter.columns),
            status=report.statuses[row["status"]],
            document=row["document"] or "无文件",
            is_assumed=row["status"] == "assumed",
        )
        for row in _unofficial_rows(warehouse, parameter, code, as_of)
    )
    return Assumptions(parameter.title, parameter.used_for, entries, parameter.marks) if entries else None


def _unofficial_rows(warehouse, parameter: Parameter, code: str, as_of: date) -> list[Row]:
    conditions, values = ["status <> 'official'"], []
    if parameter.valid:
        conditions.append(f"{parameter.valid[0]} <= ?")
        values.append(as_of)
    if len(parameter.valid) == 2:
        conditions.append(f"{parameter.valid[1]} > ?")
        values.append(as_of.replace(month=1, day=1))
    if parameter.scheme_column:
        used = "select insurance_code from rpt_fund_statistics__fund where period_code = ?"
        conditions.append(f"{parameter.scheme_column} in ({used})")
        values.append(code)
    names = [column.name for column in parameter.columns]
    return warehouse.rows(
        f"select {', '.join([*names, 'status', 'document'])} from {parameter.seed}"
        f" where {' and '.join(conditions)} order by {', '.join(names)}",
        tuple(values),
    )


def set_out(filled: FilledTable, crosstab: Crosstab) -> FilledCrosstab:
    """Lay one figure of a table out by prefecture and scheme, in the table's order of each."""
    headings = _in_order(row["insurance_name"] for row in filled.rows)
    prefectures = _in_order(row["prefecture_name"] for row in filled.rows)
    figures = {(row["prefecture_name"], row["insurance_name"]): row[crosstab.value] for row in filled.rows}
    totals = {row["prefecture_name"] for row in filled.rows if filled.is_total(row)}
    lines = (
        (prefecture, prefecture in totals, tuple(figures.get((prefecture, heading)) for heading in headings))
        for prefecture in prefectures
    )
    return FilledCrosstab(crosstab, filled.table.column(crosstab.value), headings, tuple(lines))


def _in_order(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def exact_value(value: Any, column: Column) -> int | Decimal | str | None:
    """Return a figure as the warehouse keeps it: int for counts, Decimal with all its places for money and rates.

    Raise ValueError when the value has more places than its column, TypeError when it is a float.
    """
    if value is None or column.format == "text":
        return value
    if isinstance(value, float):
        raise TypeError(f"{column.name} 是浮点数，应为 Decimal")
    exact = Decimal(value).quantize(Decimal(1).scaleb(-PLACES.get(column.format, 0)))
    if exact != value:
        raise ValueError(f"{column.name} 的值 {value} 超出该列的小数位数")
    return int(exact) if column.format == "count" else exact


def shown_text(value: Any, column: Column) -> str:
    """Return a value as a reader sees it."""
    if column.format == "text":
        return MISSING if value is None else column.texts.get(str(value), str(value))
    return FILTERS[column.format](value)
