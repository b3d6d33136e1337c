"""Read report.yml: what the release is made of. A slip in the declaration stops with the entry that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DECLARATION = Path(__file__).with_name("report.yml")
FORMATS = ("text", "count", "yuan", "percent", "day")
ARRANGEMENTS = ("single", "stacked", "grouped")


@dataclass(frozen=True)
class Column:
    """A published column: its name is the warehouse's, everything else is for the reader."""

    name: str
    label: str
    format: str
    definition: str = ""
    unit: str = ""
    measure: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A published table: rows of one model under one title."""

    name: str
    number: int
    title: str
    sheet: str
    model: str
    total_rows: Mapping[str, str]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    scope: str
    source: str
    notes: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def sheet_name(self) -> str:
        """Return the name of the table's sheet (at most 31 characters)."""
        return f"表{self.number} {self.sheet}"

    @property
    def units(self) -> str:
        """Return the units of the table's figures, each once."""
        return "、".join(dict.fromkeys(column.unit for column in self.columns if column.unit))

    def column(self, name: str) -> Column:
        """Return a column of the table by name; raise KeyError when it has none of that name."""
        return next((column for column in self.columns if column.name == name), None) or _missing(self.name, name)


@dataclass(frozen=True)
class Crosstab:
    """One figure of a table, set out by prefecture and scheme."""

    name: str
    title: str
    table: str
    value: str


@dataclass(frozen=True)
class Chart:
    """Bars drawn from the rows of a table that are not totals."""

    name: str
    title: str
    table: str
    category: str
    arrangement: str
    series: tuple[str, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    unit: str = ""  # of what is printed, where it is not the column's


@dataclass(frozen=True)
class Parameter:
    """A seed of rules or codes that the figures rest on."""

    seed: str
    title: str
    used_for: str
    columns: tuple[Column, ...]
    valid: tuple[str, ...] = ()
    scheme_column: str = ""
    marks: tuple[str, ...] = ()  # published columns that rest on the seed


@dataclass(frozen=True)
class Report:
    """The declaration as a whole."""

    name: str
    title: str
    publisher: str
    audience: str
    period_kinds: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, str]
    columns: Mapping[str, Column]
    tables: tuple[Table, ...]
    crosstabs: tuple[Crosstab, ...]
    charts: tuple[Chart, ...]
    statuses: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]


@cache
def load_report(path: Path = DECLARATION) -> Report:
    """Return the declared report; raise ValueError naming the entry that is wrong."""
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = {name: _made(Column, name, {"name": name, **entry}) for name, entry in declared.pop("columns").items()}
    tables = tuple(_table(number, entry, columns) for number, entry in enumerate(declared.pop("tables"), start=1))
    report = _made(
        Report,
        "report",
        {
            **declared,
            "columns": columns,
            "tables": tables,
            "crosstabs": tuple(_made(Crosstab, entry["name"], entry) for entry in declared.pop("crosstabs")),
            "charts": tuple(_made(Chart, entry["name"], entry) for entry in declared.pop("charts")),
            "parameters": tuple(_parameter(entry) for entry in declared.pop("parameters")),
        },
    )
    _check(report)
    return report


def _table(number: int, entry: dict[str, Any], columns: Mapping[str, Column]) -> Table:
    chosen = tuple(columns.get(name) or _missing(entry["name"], name) for name in entry["columns"])
    return _made(Table, entry["name"], {**entry, "number": number, "columns": chosen})


def _parameter(entry: dict[str, Any]) -> Parameter:
    chosen = tuple(_made(Column, name, {"name": name, **column}) for name, column in entry["columns"].items())
    return _made(Parameter, entry["seed"], {**entry, "columns": chosen})


def _made(kind: type, name: str, entry: dict[str, Any]) -> Any:
    """Build one declared thing, with lists as tuples."""
    try:
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
    except TypeError as error:
        raise ValueError(f"report.yml 的 {name} 有误：{error}") from error


def _missing(where: str, name: str) -> Any:
    raise KeyError(f"report.yml 的 {where} 用到没有声明的列 {name}")


def _check(report: Report) -> None:
    """Refuse what would only fail, or mislead, once a release is drawn."""
    tables = {table.name: table for table in report.tables}
    for column in report.columns.values():
        if column.format not in FORMATS:
            raise ValueError(f"report.yml 的列 {column.name}：格式 {column.format} 不认识")
        if column.format != "text" and not (column.unit and column.measure in report.measures and column.definition):
            raise ValueError(f"report.yml 的列 {column.name}：数字列须有单位、口径与指标解释")
    for table in report.tables:
        if len(table.sheet_name) > 31:
            raise ValueError(f"report.yml 的表 {table.name}：工作表名超过 31 个字符")
    for crosstab in report.crosstabs:
        tables[crosstab.table].column(crosstab.value)
    for parameter in report.parameters:
        for name in set(parameter.marks) - set(report.columns):
            _missing(parameter.seed, name)
    for chart in report.charts:
        if chart.arrangement not in ARRANGEMENTS:
            raise ValueError(f"report.yml 的图 {chart.name}：排列 {chart.arrangement} 不认识")
        for name in (chart.category, *chart.series, *filter(None, [chart.label])):
            tables[chart.table].column(name)
