"""The kinds of rules. Each turns one declaration into the expectation and into the SQL of all rows that break it.

`table` is what the rows are read from: a query in brackets. A `query` names it `{table}`.

The SQL is plain enough for DuckDB and PostgreSQL alike. A value that is missing never breaks a rule of another kind
than `not_null`: a condition that is neither true nor false holds.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingestion.settings import ROOT

SEEDS = ROOT / "dbt" / "seeds"
# What RE2 and PostgreSQL read alike: anchored, character classes, counted repeats, alternatives.
_PORTABLE_PATTERN = re.compile(r"\^(?:\[\^?[^\]\\]+\]|\(|\)|\||[0-9A-Za-z]|\{[0-9,]+\}|\\[*.]|[+?])+\$")

Declared = dict[str, Any]
Expectation = tuple[str, Declared]


@dataclass(frozen=True)
class Kind:
    """How a declaration is read, put in SQL, and said to Great Expectations (None: by the SQL itself)."""

    read: Callable[[Any], Declared]
    failing_sql: Callable[[str, Declared], str]
    expectation: Callable[[Declared], Expectation | None]


def _literal(value: Any) -> str:
    text = str(value).replace("'", "''")
    return f"date '{text}'" if isinstance(value, date) else str(value) if isinstance(value, int) else f"'{text}'"


def _only(declared: Any, required: set[str], optional: frozenset[str] = frozenset()) -> Declared:
    if not isinstance(declared, dict) or not required <= set(declared) <= required | optional:
        raise ValueError(f"须有 {'、'.join(sorted(required | optional))}")
    return declared


def _text(declared: Any) -> Declared:
    if not isinstance(declared, str):
        raise TypeError("须是一段文字")
    return {"text": declared.strip()}


def _read_unique(declared: Any) -> Declared:
    columns = [declared] if isinstance(declared, str) else declared
    return {"columns": [_text(column)["text"] for column in columns]}


def _unique_sql(table: str, declared: Declared) -> str:
    columns = declared["columns"]
    same = " and ".join(f"repeated.{column} = checked.{column}" for column in columns)
    return (
        f"select checked.* from {table} as checked inner join ("
        f"select {', '.join(columns)} from {table} as keyed group by {', '.join(columns)} having count(*) > 1"
        f") as repeated on {same}"
    )


def _unique_expectation(declared: Declared) -> Expectation:
    if len(declared["columns"]) == 1:
        return "ExpectColumnValuesToBeUnique", {"column": declared["columns"][0]}
    return "ExpectCompoundColumnsToBeUnique", {"column_list": declared["columns"]}


def _read_in_set(declared: Any) -> Declared:
    declared = _only(declared, {"column"}, frozenset({"values", "codes"}))
    if ("values" in declared) == ("codes" in declared):
        raise ValueError("values 与 codes 须有其一")
    values = declared["values"] if "values" in declared else _codes(**declared["codes"])
    if not values:
        raise ValueError("没有一个可用的值")
    return {"column": declared["column"], "values": list(values)}


def _in_set_sql(table: str, declared: Declared) -> str:
    values = ", ".join(map(_literal, declared["values"]))
    return f"select checked.* from {table} as checked where {declared['column']} not in ({values})"


def _codes(file: str, column: str, **equal: str) -> list[str]:
    """Return a column of a seed (path below `dbt/seeds/`, without `.csv`), of the rows whose columns equal `equal`."""
    with (SEEDS / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        return [row[column] for row in csv.DictReader(opened) if all(row[key] == equal[key] for key in equal)]


def _read_between(declared: Any) -> Declared:
    declared = _only(declared, {"column", "min", "max"})
    # Great Expectations turns bounds into floats, which have no place near money.
    if declared["column"].endswith("_yuan") or any(type(declared[key]) not in (int, date) for key in ("min", "max")):
        raise TypeError("min 与 max 须是整数或日期；金额的上下限用 condition 写")
    return declared


def _read_regex(declared: Any) -> Declared:
    declared = _only(declared, {"column", "pattern"})
    if not _PORTABLE_PATTERN.fullmatch(declared["pattern"]):
        raise ValueError("pattern 须以 ^ 开头、以 $ 结尾，只用字符类、次数和分支（两种引擎的读法才一样）")
    return declared


def _read_relationship(declared: Any) -> Declared:
    return _only(declared, {"column", "to", "to_column"})


def _relationship_sql(table: str, declared: Declared) -> str:
    column, to_column = declared["column"], declared["to_column"]
    return (
        f"select checked.* from {table} as checked left join ("
        f"select distinct {to_column} as known_value from {declared['to']}"
        f") as known on known.known_value = checked.{column}"
        f" where checked.{column} is not null and known.known_value is null"
    )


def _by_sql(declared: Declared) -> None:
    """Say that Great Expectations has no such expectation: it counts the rows of the SQL."""


KINDS = {
    "not_null": Kind(
        _text,
        lambda table, declared: f"select checked.* from {table} as checked where {declared['text']} is null",
        lambda declared: ("ExpectColumnValuesToNotBeNull", {"column": declared["text"]}),
    ),
    "unique": Kind(_read_unique, _unique_sql, _unique_expectation),
    "in_set": Kind(
        _read_in_set,
        _in_set_sql,
        lambda declared: (
            "ExpectColumnValuesToBeInSet",
            {"column": declared["column"], "value_set": declared["values"]},
        ),
    ),
    "between": Kind(
        _read_between,
        lambda table, declared: (
            f"select checked.* from {table} as checked where {declared['column']}"
            f" not between {_literal(declared['min'])} and {_literal(declared['max'])}"
        ),
        lambda declared: (
            "ExpectColumnValuesToBeBetween",
            {"column": declared["column"], "min_value": declared["min"], "max_value": declared["max"]},
        ),
    ),
    "regex": Kind(
        _read_regex,
        lambda table, declared: (
            f"select checked.* from {table} as checked where not ({declared['column']} ~ '{declared['pattern']}')"
        ),
        lambda declared: (
            "ExpectColumnValuesToMatchRegex",
            {"column": declared["column"], "regex": declared["pattern"]},
        ),
    ),
    "relationship": Kind(_read_relationship, _relationship_sql, _by_sql),
    "condition": Kind(
        _text,
        lambda table, declared: f"select checked.* from {table} as checked where not ({declared['text']})",
        _by_sql,
    ),
    "query": Kind(_text, lambda table, declared: declared["text"].replace("{table}", table), _by_sql),
}
