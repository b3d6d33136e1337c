"""Run suites with Great Expectations and take from it one count per rule: nothing else it knows leaves this module."""

import logging
import os
import warnings
from collections.abc import Sequence
from typing import Any

# Before the import: nothing is sent anywhere, and no log line carries the text of a query or a row.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

import great_expectations as gx  # noqa: E402
from great_expectations import expectations as gx_expectations  # noqa: E402
from great_expectations.compatibility import pydantic  # noqa: E402
from great_expectations.expectations.row_conditions import Column  # noqa: E402

from expectations.engine import connection_string  # noqa: E402
from expectations.rules import Rule, Suite  # noqa: E402
from ingestion.warehouse import Database  # noqa: E402

# Counts only: the other formats carry samples of failing values, which are personal data.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
ROW_COUNT = "unexpected_rows_query.row_count"


class GateFault(RuntimeError):
    """The gate itself failed: a table is missing, a rule cannot run, or two counts of the same thing differ."""


class ExpectNoFailingRows(gx_expectations.UnexpectedRowsExpectation):
    """Expect a query to find no row. Unlike its parent it counts the rows and never fetches one."""

    metric_dependencies = (ROW_COUNT,)

    @pydantic.validator("unexpected_rows_query")
    def _validate_query(cls, query: str) -> str:
        """Accept a query that names its tables itself, without the parent's placeholder."""
        return query

    def _validate(self, metrics: dict, runtime_configuration: Any = None, execution_engine: Any = None) -> dict:
        count = metrics[ROW_COUNT]
        return {"success": count == 0, "result": {"unexpected_count": count}}


def failing_counts(stage: str, suites: Sequence[Suite], database: Database, excluded: Sequence[str]) -> dict[str, int]:
    """Return the number of failing rows of each rule by its id, without those of excluded batches.

    Raise `GateFault` when a rule cannot be evaluated.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that PostgreSQL has a data source of its own, which wants a host in the URL
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_sql(stage, connection_string=connection_string(stage, database))
        try:
            return dict(found for suite in suites for found in _validate_suite(source, suite, excluded).items())
        finally:
            source.get_engine().dispose()
            source.get_execution_engine().engine.dispose()


def _validate_suite(source: Any, suite: Suite, excluded: Sequence[str]) -> dict[str, int]:
    try:
        # A table, not a query: of a query Great Expectations fetches every row to learn the names of its columns.
        asset = source.add_table_asset(suite.table, table_name=suite.table)
    except Exception:
        # Its text holds the query; the name of the table is enough.
        raise GateFault(f"质量检验读不到表 {suite.table}：它不存在，或没有读取权限") from None
    batch = asset.add_batch_definition_whole_table(suite.table).get_batch()
    declared = gx.ExpectationSuite(
        name=suite.table, expectations=[_expectation(rule, excluded) for rule in suite.rules]
    )
    outcome = batch.validate(declared, result_format=RESULT_FORMAT)
    counts = {}
    for result in outcome.results:
        rule_id = result.expectation_config.meta["rule_id"]
        if "unexpected_count" not in result.result:
            raise GateFault(f"质量规则 {rule_id} 无法执行：请核对 {suite.table}.yml 中它的列名和写法")
        counts[rule_id] = result.result["unexpected_count"] or 0  # None: there is no row at all
    return counts


def _expectation(rule: Rule, excluded: Sequence[str]) -> Any:
    meta = {"rule_id": rule.id}
    if rule.expectation is None:
        query = rule.failing_sql(excluded).replace("{", "{{").replace("}", "}}")  # its braces are not placeholders
        return ExpectNoFailingRows(unexpected_rows_query=query, meta=meta)
    name, arguments = rule.expectation
    condition = Column("batch_id").is_not_in(list(excluded)) if excluded else None
    return getattr(gx_expectations, name)(**arguments, row_condition=condition, meta=meta)
