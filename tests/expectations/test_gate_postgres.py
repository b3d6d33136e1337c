"""The gate on PostgreSQL gives the counts it gives on DuckDB, and keeps every failing row in schema `quality`."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from expectations import gate
from expectations.migration import check_migration
from expectations.rules import all_suites
from expectations.validate import failing_counts
from tests.expectations.tables import Rows, bad_changes, broken, good_rows, statements, write_day
from tests.expectations.test_migration import ACCOUNT, PERSON, legacy
from tests.postgres import throwaway_postgres

RECEIPTS = "landing.tax_bureau__contribution_receipts"


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with throwaway_postgres():
        yield


@pytest.fixture
def fill(server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Rows], None]:
    """Fill the warehouse that is being built, on PostgreSQL."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_TARGET", "postgres")

    def fill_schemas(rows: Rows) -> None:
        write_day(tmp_path)
        anew = [f"drop schema if exists {schema} cascade; create schema {schema}" for schema in ("building", "landing")]
        with psycopg2.connect(options="-c search_path=building") as connection, connection.cursor() as cursor:
            cursor.execute(";".join([*anew, *statements(rows)]))
        connection.close()

    return fill_schemas


def quality_rows(sql: str) -> list[tuple]:
    with psycopg2.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchall()
    connection.close()
    return found


def test_good_rows_pass_both_stages(fill):
    fill(good_rows())
    assert gate.run("landing").passed
    assert gate.run("marts").passed


def test_every_rule_finds_the_same_rows_as_on_duckdb(fill):
    for suite in all_suites():
        for rule in suite.rules:
            fill(broken(bad_changes()[rule.id]))
            only = [dataclasses.replace(suite, rules=(rule,))]
            assert failing_counts(suite.stage, only, "building", []) == {
                rule.id: bad_changes()[rule.id].get("failing", 1)
            }


def test_every_failing_row_is_quarantined_as_on_duckdb(fill):
    rows = good_rows()
    rows[RECEIPTS] += [{**rows[RECEIPTS][0], "source_line": 10 + line, "unit_number": "U9"} for line in range(450)]
    fill(rows)
    assert not gate.run("landing").passed
    kept = quality_rows("select rule_id, stage, table_name, batch_id, source_line, row_json from quality.quarantine")
    assert sorted(row[:5] for row in kept) == [
        ("receipt_unit_registered", "landing", "tax_bureau__contribution_receipts", "b1", 10 + line)
        for line in range(450)
    ]
    assert {json.loads(row[5])["unit_number"] for row in kept} == {"U9"}


def test_differences_of_the_migration_are_kept_as_on_duckdb(fill):
    old = [{}, {"person_number": "P2", "person_name": "王钢", "born_on": "1960-02-28"}]
    fill(
        {
            **legacy(old, [{"closing_balance_yuan": "111.01"}]),
            "dim_person": [PERSON, {**PERSON, "person_number": "P2"}],
            "fct_personal_account_year": [ACCOUNT],
        }
    )
    check_migration("building")
    assert quality_rows("select * from quality.migration_differences order by 1, 2, 3, 4") == [
        (
            "account_years",
            "person_number=P1, insurance_code=110, account_year=2016",
            "differs",
            "closing_balance_yuan",
            "111.01",
            "111.00",
        ),
        ("persons", "person_number=P2", "differs", "born_on", "1960-02-28", "1985-03-12"),
        ("persons", "person_number=P2", "differs", "person_name", "王钢", "李梅"),
    ]
