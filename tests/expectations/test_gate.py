"""The gate on DuckDB: each rule holds on good rows and fails on bad ones, and all failing rows are kept."""

import dataclasses
import json
import re

import duckdb
import pytest

from expectations import engine, gate, quarantine
from expectations.rules import all_suites
from expectations.validate import GateFault, failing_counts
from tests.expectations.tables import bad_changes, broken, build, good_rows

RECEIPTS = "landing.tax_bureau__contribution_receipts"
RULES = {rule.id: (suite, rule) for suite in all_suites() for rule in suite.rules}
IDENTITY_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")


def quarantined(home, columns: str) -> list[tuple]:
    with duckdb.connect(str(home / "quality" / "quarantine.duckdb"), read_only=True) as store:
        return store.execute(f"select {columns} from quarantine order by all").fetchall()


def rows_with_bad_receipts(count: int):
    rows = good_rows()
    for line in range(count):
        rows[RECEIPTS].append({**rows[RECEIPTS][0], "source_line": 10 + line, "person_paid_yuan": "-0.01"})
    return rows


def test_good_rows_pass_both_stages(home):
    build(home, good_rows())
    for stage in ("landing", "marts"):
        result = gate.run(stage)
        assert result.passed
        assert [found.rule_id for found in result.results if found.failing] == []
    assert quarantined(home, "rule_id") == []


def test_a_warehouse_without_a_single_row_breaks_no_rule(home):
    build(home, good_rows())
    with duckdb.connect(str(home / "warehouse" / "building" / "warehouse.duckdb")) as connection:
        for table in good_rows():
            connection.execute(f"delete from {table}")
    assert gate.run("landing").passed
    assert gate.run("marts").passed


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_fails_on_a_row_that_breaks_it(home, rule_id):
    suite, rule = RULES[rule_id]
    change = bad_changes()[rule_id]
    build(home, broken(change))
    counts = failing_counts(suite.stage, [dataclasses.replace(suite, rules=(rule,))], "building", [])
    assert counts == {rule_id: change.get("failing", 1)}


def test_every_failing_row_is_quarantined_with_its_origin(home):
    build(home, rows_with_bad_receipts(450))
    result = gate.run("landing")
    assert not result.passed
    assert "receipt_amounts_not_negative 到账金额不为负（退收、冲正除外）：450 行" in result.summary
    kept = quarantined(home, "rule_id, stage, table_name, batch_id, source_line, row_json")
    assert [row[:5] for row in kept] == [
        ("receipt_amounts_not_negative", "landing", "tax_bureau__contribution_receipts", "b1", 10 + line)
        for line in range(450)
    ]
    assert {json.loads(row[5])["person_paid_yuan"] for row in kept} == {-0.01}


def test_a_row_that_breaks_two_rules_is_kept_for_both(home):
    rows = good_rows()
    rows[RECEIPTS][0] |= {"contribution_base_yuan": "0.00", "unit_number": "U9"}
    build(home, rows)
    gate.run("landing")
    assert quarantined(home, "rule_id") == [("receipt_base_positive",), ("receipt_unit_registered",)]


def test_the_next_run_replaces_what_was_quarantined_of_its_stage_only(home):
    rows = rows_with_bad_receipts(3)
    rows["dim_person"].append(rows["dim_person"][0])
    build(home, rows)
    gate.run("landing")
    gate.run("marts")
    build(home, good_rows())
    gate.run("landing")
    assert {stage for (stage,) in quarantined(home, "stage")} == {"marts"}


def test_rows_of_a_superseded_batch_and_of_one_made_later_block_nothing(home):
    rows = rows_with_bad_receipts(0)
    first, corrected = rows["landing.batches"][0], "2016-02-03 08:00:00"
    rows["landing.batches"].append({**first, "batch_id": "b0", "received_at": corrected})
    rows["landing.batches"].append({**first, "batch_id": "b9", "sequence_number": 2, "created_on": "2018-01-01"})
    rows[RECEIPTS] = [
        {**rows[RECEIPTS][0], "contribution_base_yuan": "-1.00"},
        {**rows[RECEIPTS][0], "batch_id": "b0"},
        {**rows[RECEIPTS][0], "batch_id": "b9", "contribution_base_yuan": "-1.00"},
    ]
    rows["landing.rejected_rows"] = [{"batch_id": "b1", "source_line": 3}, {"batch_id": "b9", "source_line": 3}]
    payments = rows["landing.banks__benefit_payment_returns"]
    payments.append({**payments[0], "batch_id": "b9", "payment_status_code": "30"})
    build(home, rows)
    result = gate.run("landing")
    assert [found.rule_id for found in result.results if found.failing] == []
    assert {found.rows for found in result.results if found.table == "tax_bureau__contribution_receipts"} == {1}
    assert {found.rows for found in result.results if found.table == "banks__benefit_payment_returns"} == {2}


def test_great_expectations_fetches_counts_and_never_the_rows(home, monkeypatch):
    build(home, rows_with_bad_receipts(450))
    fetched = []
    execute = engine._Cursor.execute

    def counting(cursor, *given):
        execute(cursor, *given)
        fetched.append(len(cursor._rows))

    monkeypatch.setattr(engine._Cursor, "execute", counting)
    gate.run("landing")
    assert 0 < max(fetched) < 30  # the columns of a table


def test_a_warning_is_counted_and_stops_nothing(home):
    build(home, broken(bad_changes()["person_sex_matches_identity"]))
    result = gate.run("landing")
    assert result.passed
    assert [found.rule_id for found in result.warnings] == ["person_sex_matches_identity"]
    assert gate.require("landing") == result.summary


def test_a_blocked_stage_raises_with_the_exit_code_of_a_failed_check(home):
    build(home, broken(bad_changes()["account_identity"]))
    with pytest.raises(gate.GateFailed, match=r"停止发布.*account_identity.*：1 行") as raised:
        gate.require("marts")
    assert raised.value.exit_code == 2


def test_counts_that_do_not_agree_are_a_fault(home, monkeypatch):
    build(home, rows_with_bad_receipts(2))
    monkeypatch.setattr(gate, "failing_counts", lambda *given: {**failing_counts(*given), "receipt_base_positive": 1})
    with pytest.raises(GateFault, match="receipt_base_positive 的两个计数不一致：检验 1 行，隔离 0 行"):
        gate.run("landing")


def test_a_missing_table_is_a_fault_that_names_it_and_shows_no_sql(home):
    rows = good_rows()
    del rows["dim_unit"]
    build(home, rows)
    with pytest.raises(GateFault, match=r"^质量检验读不到表 dim_unit：") as raised:
        gate.run("marts")
    assert "select" not in str(raised.value)


def test_a_rule_on_a_missing_column_is_a_fault_that_names_it_and_shows_no_row(home):
    rows = good_rows()
    for row in rows["dim_person"]:
        row.pop("identity_number")
    build(home, rows)
    with pytest.raises(GateFault, match="person_identity_unique 无法执行") as raised:
        gate.run("marts")
    assert raised.value.__cause__ is None


def test_neither_page_nor_results_hold_a_personal_number(home):
    rows = rows_with_bad_receipts(5)
    rows["landing.core_system__insured_persons"][0]["sex_code"] = "1"
    build(home, rows)
    gate.run("landing")
    gate.run("marts")
    for path in (home / "quality").iterdir():
        if path.suffix in (".html", ".json"):
            assert not IDENTITY_NUMBER.search(path.read_text(encoding="utf-8")), path.name
    assert any(IDENTITY_NUMBER.search(row) for (row,) in quarantined(home, "row_json"))


def test_the_same_rows_give_the_same_bytes(home):
    made = []
    for _ in range(2):
        build(home, rows_with_bad_receipts(3))
        gate.run("landing")
        gate.run("marts")
        made.append({path.name: path.read_bytes() for path in (home / "quality").glob("*.[hj]*")})
    assert set(made[0]) == {"index.html", "results.json", "feeds.json"}
    assert made[0] == made[1]


def test_a_run_that_is_broken_off_keeps_the_rows_quarantined_before(home, monkeypatch):
    build(home, rows_with_bad_receipts(2))
    gate.run("landing")
    monkeypatch.setattr(quarantine, "_origin", lambda columns: "not_a_column")
    with pytest.raises(duckdb.Error):
        gate.run("landing")
    assert len(quarantined(home, "rule_id")) == 2
