"""The first migration check: the legacy system's persons and account balances against the new ones, by column.

Each file under `comparisons/` declares a query for either side, the key they share and the columns to compare. One
full join counts what is in both, only old, only new, and differing by column; every difference is stored whole.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from expectations import results
from expectations.quarantine import store_differences
from ingestion import warehouse

COMPARISONS = Path(__file__).parent / "comparisons"
LEGACY_FEEDS = ("persons", "account_balances")


class LegacyDataMissing(Exception):
    """There is nothing to compare with: no batch of the legacy system was landed."""

    exit_code = 2


@dataclass(frozen=True)
class Comparison:
    """Two queries with the same columns. `key` and `columns` map a column's name to its Chinese label."""

    id: str
    title: str
    old: str
    new: str
    key: dict[str, str]
    columns: dict[str, str]

    @property
    def joined_sql(self) -> str:
        """Return the full join of both sides: key, presence, and each column's old and new value."""
        keys = ", ".join(f"coalesce(old_side.{key}, new_side.{key}) as {key}" for key in self.key)
        values = ", ".join(
            f"old_side.{column} as old_{column}, new_side.{column} as new_{column}" for column in self.columns
        )
        first = next(iter(self.key))
        return (
            f"select {keys}, old_side.{first} is not null as is_old, new_side.{first} is not null as is_new, {values}"
            f" from ({self.old}) as old_side full outer join ({self.new}) as new_side"
            f" on {' and '.join(f'old_side.{key} = new_side.{key}' for key in self.key)}"
        )

    @property
    def count_sql(self) -> str:
        """Return the query of one row that counts both, only old, only new, and differing rows by column."""
        by_column = ", ".join(f"count(*) filter (where {self._differs(column)}) as {column}" for column in self.columns)
        return (
            "select count(*) filter (where is_old and is_new) as in_both,"
            " count(*) filter (where not is_new) as only_old, count(*) filter (where not is_old) as only_new,"
            f" count(*) filter (where {self._any_differs()}) as differing, {by_column}"
            f" from ({self.joined_sql}) as joined"
        )

    @property
    def differences_sql(self) -> str:
        """Return the query of every difference: key, kind, column, and the values of both sides as text."""
        key = " || ', ' || ".join(f"'{key}=' || cast({key} as varchar)" for key in self.key)
        selects = [
            f"select '{self.id}' as comparison, {key} as key_text, '{kind}' as difference,"
            " cast(null as varchar) as column_name, cast(null as varchar) as old_value,"
            f" cast(null as varchar) as new_value from joined where not {missing}"
            for kind, missing in (("only_old", "is_new"), ("only_new", "is_old"))
        ]
        selects += [
            f"select '{self.id}', {key}, 'differs', '{column}', cast(old_{column} as varchar),"
            f" cast(new_{column} as varchar) from joined where {self._differs(column)}"
            for column in self.columns
        ]
        return (
            f"with joined as materialized (select * from ({self.joined_sql}) as both_sides"
            f" where not is_old or not is_new or {self._any_differs()}) {' union all '.join(selects)}"
        )

    def _differs(self, column: str) -> str:
        return f"is_old and is_new and old_{column} is distinct from new_{column}"

    def _any_differs(self) -> str:
        return "(" + " or ".join(self._differs(column) for column in self.columns) + ")"


@dataclass(frozen=True)
class ComparisonResult:
    """The counts of one comparison; `by_column` maps a column's Chinese label to its differing rows."""

    id: str
    title: str
    in_both: int
    only_old: int
    only_new: int
    differing: int
    by_column: dict[str, int]


@dataclass(frozen=True)
class MigrationResult:
    """The comparisons with rows to compare. Differences are counted for people to rule on; they fail nothing."""

    comparisons: tuple[ComparisonResult, ...]

    @property
    def summary(self) -> str:
        """Return one Chinese sentence with the counts of each comparison."""
        return "；".join(
            f"{found.title}：两侧都有 {found.in_both}，仅原系统 {found.only_old}，仅新系统 {found.only_new}，"
            f"不一致 {found.differing}"
            for found in self.comparisons
        )


def check_migration(database: str = "published") -> MigrationResult:
    """Compare both systems in a warehouse, store every difference, keep the counts in `quality/migration.json`.

    Raise `LegacyDataMissing` when a legacy feed has no batch.
    """
    comparisons = all_comparisons()
    with warehouse.connect(database) as opened:
        landed = opened.rows("select feed_name from landing.batches where source_name = 'legacy_system'")
        missing = sorted(set(LEGACY_FEEDS) - {row["feed_name"] for row in landed})
        if missing:
            raise LegacyDataMissing(
                f"原系统数据尚未落地，无法核对：缺 {'、'.join(missing)}；请先接收原系统文件并重建数仓"
            )
        counted = {comparison.id: opened.rows(comparison.count_sql)[0] for comparison in comparisons}
    stored = [_store_and_summarise(comparison, counted[comparison.id], database) for comparison in comparisons]
    found = tuple(result for result in stored if result.in_both or result.only_old or result.only_new)
    results.write("migration.json", {"comparisons": [asdict(result) for result in found]})
    return MigrationResult(found)


def all_comparisons() -> list[Comparison]:
    """Read every declared comparison, by file name."""
    return [
        Comparison(id=path.stem, **yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(COMPARISONS.glob("*.yml"))
    ]


def _store_and_summarise(comparison: Comparison, counts: dict[str, Any], database: str) -> ComparisonResult:
    by_column = {label: counts[column] for column, label in comparison.columns.items()}
    stored = store_differences(comparison.id, comparison.differences_sql, database)
    expected = counts["only_old"] + counts["only_new"] + sum(by_column.values())
    if stored != expected:
        raise RuntimeError(f"{comparison.title}的两个计数不一致：比较 {expected} 处，存入 {stored} 处；须由开发核对")
    return ComparisonResult(
        id=comparison.id,
        title=comparison.title,
        in_both=counts["in_both"],
        only_old=counts["only_old"],
        only_new=counts["only_new"],
        differing=counts["differing"],
        by_column=by_column,
    )
