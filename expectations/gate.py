"""The gate before publication: every rule of a stage must hold, apart from warnings.

Great Expectations judges; the rows it counted as failing are stored whole by SQL from the same declaration, and both
counts must agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import duckdb
import psycopg2

from expectations import page, results
from expectations.landed import excluded_batches, landed_feeds
from expectations.quarantine import store_failing_rows
from expectations.rules import STAGES, Suite, checked_sql, suites_of
from expectations.validate import GateFault, failing_counts
from ingestion import warehouse
from ingestion.warehouse import Database


class GateFailed(Exception):
    """A rule that blocks publication does not hold; the message names it in Chinese."""

    exit_code = 2


@dataclass(frozen=True)
class RuleResult:
    """What one rule found: rows looked at and rows that break it."""

    rule_id: str
    table: str
    table_title: str
    title: str
    severity: str
    remedy: str
    rows: int
    failing: int


@dataclass(frozen=True)
class GateResult:
    """The results of a stage, one per rule."""

    stage: str
    results: tuple[RuleResult, ...]

    @property
    def blocking(self) -> list[RuleResult]:
        """Return the rules that stop publication."""
        return [result for result in self.results if result.failing and result.severity == "error"]

    @property
    def warnings(self) -> list[RuleResult]:
        """Return the rules that do not hold and do not stop publication."""
        return [result for result in self.results if result.failing and result.severity == "warning"]

    @property
    def passed(self) -> bool:
        """Tell whether the stage may go on to publication."""
        return not self.blocking

    @property
    def summary(self) -> str:
        """Return one Chinese sentence; it names each rule that does not hold and counts its rows."""
        named = [("阻断", self.blocking), ("警告", self.warnings)]
        parts = [f"{word} {len(found)} 条（{_named(found)}）" for word, found in named if found]
        return f"{STAGES[self.stage]}：{len(self.results)} 条规则，" + ("；".join(parts) or "全部通过")


def run(stage: str, database: Database = "building") -> GateResult:
    """Check one stage (`landing`, `marts`) of a warehouse (`building`, `published`), store what fails, write the page.

    Raise `GateFault` when a rule cannot be evaluated or when the stored rows are not as many as were counted.
    """
    suites, as_of = suites_of(stage), results.as_of()
    excluded = excluded_batches(database, as_of) if stage == "landing" else []
    rows = _row_counts(suites, database, excluded)
    counts = failing_counts(stage, suites, database, excluded)
    failing = [rule for suite in suites for rule in suite.rules if counts[rule.id]]
    _tie(counts, store_failing_rows(stage, failing, database, excluded))
    result = GateResult(
        stage,
        tuple(
            RuleResult(
                rule_id=rule.id,
                table=rule.table,
                table_title=suite.title,
                title=rule.title,
                severity=rule.severity,
                remedy=rule.remedy,
                rows=rows[rule.table],
                failing=counts[rule.id],
            )
            for suite in suites
            for rule in suite.rules
        ),
    )
    results.save_stage(stage, as_of, [asdict(found) for found in result.results])
    if stage == "landing":
        results.write("feeds.json", {"feeds": landed_feeds(database, as_of)})
    page.write_page()
    return result


def require(stage: str, database: Database = "building") -> str:
    """Check one stage and return its summary; raise `GateFailed` when it may not be published."""
    result = run(stage, database)
    if not result.passed:
        raise GateFailed(f"质量门禁未通过，停止发布。{result.summary}。问题行已全部存入隔离表，处理办法见质量页")
    return result.summary


def _named(found: Iterable[RuleResult]) -> str:
    return "、".join(f"{result.rule_id} {result.title}：{result.failing} 行" for result in found)


def _row_counts(suites: Iterable[Suite], database: Database, excluded: Sequence[str]) -> dict[str, int]:
    """Return the rows looked at by table. Raise `WarehouseMissing` when there is no such warehouse."""
    with warehouse.connect(database) as opened:
        return {suite.table: _row_count(opened, suite, excluded) for suite in suites}


def _row_count(opened: warehouse.Warehouse, suite: Suite, excluded: Sequence[str]) -> int:
    sql = checked_sql(suite.stage, suite.table, excluded)
    try:
        return opened.rows(f"select count(*) as row_count from ({sql}) as checked")[0]["row_count"]
    except (duckdb.Error, psycopg2.Error):
        raise GateFault(f"质量检验读不到表 {suite.table}：它不存在，或没有读取权限") from None


def _tie(counted: dict[str, int], stored: dict[str, int]) -> None:
    for rule_id, count in counted.items():
        if stored.get(rule_id, 0) != count:
            raise GateFault(
                f"质量规则 {rule_id} 的两个计数不一致：检验 {count} 行，隔离 {stored.get(rule_id, 0)} 行；"
                f"该规则的检验与取数写法不同义，须由开发核对"
            )
