"""Old against new: counts by column, and every difference kept."""

import csv
import json

import duckdb
import pytest

from expectations import results
from expectations.migration import LegacyDataMissing, all_comparisons, check_migration
from tests.expectations.tables import build

PERSON = {
    "person_number": "P1",
    "identity_number": "53010219850312002X",
    "person_name": "李梅",
    "sex_code": "2",
    "born_on": "1985-03-12",
    "region_code": "530102",
    "first_insured_month": "2007-08-01",
}
ACCOUNT = {
    "person_number": "P1",
    "insurance_code": "110",
    "account_year": 2016,
    "opening_balance_yuan": "100.00",
    "principal_credited_yuan": "10.00",
    "interest_credited_yuan": "1.00",
    "account_outflow_yuan": "0.00",
    "closing_balance_yuan": "111.00",
}
BATCH = {"source_name": "legacy_system", "period_code": "201612", "created_on": "2017-01-01"}


def legacy(persons, accounts, period="201612"):
    return {
        "landing.batches": [
            {**BATCH, "batch_id": "l1", "feed_name": "persons"},
            {**BATCH, "batch_id": "l2", "feed_name": "account_balances"},
        ],
        "int_legacy_persons__latest": [{**PERSON, **person, "period_code": period} for person in persons],
        "int_legacy_accounts__latest": [{**ACCOUNT, **account, "period_code": period} for account in accounts],
        "int_account_openings__latest": [
            {"person_number": f"P{number}", "insurance_code": "110", "opening_kind_code": "1"} for number in range(1, 9)
        ],
    }


def build_both(home, old_persons, new_persons, old_accounts, new_accounts):
    build(
        home,
        {
            **legacy(old_persons, old_accounts),
            "dim_person": [{**PERSON, **person} for person in new_persons],
            "fct_personal_account_year": [{**ACCOUNT, **account} for account in new_accounts],
        },
    )


def compared(found_id):
    return {found.id: found for found in check_migration("building").comparisons}[found_id]


def compared_ids():
    return [found.id for found in check_migration("building").comparisons]


def differences(home):
    with duckdb.connect(str(home / "quality" / "quarantine.duckdb"), read_only=True) as store:
        return store.execute("select * from migration_differences order by all").fetchall()


def numbered(*numbers, **changed):
    return [{"person_number": f"P{number}", **changed} for number in numbers]


def test_each_difference_is_counted_under_its_column_and_kept_with_both_values(home):
    old = [*numbered(1, 2, 4), {"person_number": "P3", "person_name": "王钢", "born_on": "1960-02-28"}]
    new = [*numbered(1, 2, 5), {"person_number": "P3", "person_name": "王刚", "born_on": "1960-02-29"}]
    build_both(home, old, new, [{}], [{}])
    found = compared("persons")
    assert (found.in_both, found.only_old, found.only_new, found.differing) == (3, 1, 1, 1)
    assert {label: count for label, count in found.by_column.items() if count} == {"姓名": 1, "出生日期": 1}
    assert differences(home) == [
        ("persons", "person_number=P3", "differs", "born_on", "1960-02-28", "1960-02-29"),
        ("persons", "person_number=P3", "differs", "person_name", "王钢", "王刚"),
        ("persons", "person_number=P4", "only_old", None, None, None),
        ("persons", "person_number=P5", "only_new", None, None, None),
    ]


def test_a_missing_value_differs_from_a_value_and_not_from_a_missing_one(home):
    old = [{"person_number": "P1", "person_name": None}, {"person_number": "P2", "person_name": None}]
    new = [{"person_number": "P1", "person_name": None}, {"person_number": "P2"}]
    build_both(home, old, new, [{}], [{}])
    assert compared("persons").by_column["姓名"] == 1


def test_people_insured_after_the_legacy_file_are_not_missing_from_it(home):
    build_both(home, numbered(1), [*numbered(1), *numbered(2, first_insured_month="2017-01-01")], [{}], [{}])
    assert compared("persons").only_new == 0


def test_account_years_that_both_hold_are_compared_to_the_fen(home):
    old = [{}, {"person_number": "P2"}, {"person_number": "P3", "closing_balance_yuan": "111.01"}]
    new = [{}, {"person_number": "P2"}, {"person_number": "P3"}, {"account_year": 2017}]
    build_both(home, numbered(1, 2, 3), numbered(1, 2, 3), old, new)
    found = compared("account_years")
    assert (found.in_both, found.only_old, found.only_new) == (3, 0, 0)
    assert {label: count for label, count in found.by_column.items() if count} == {"年末储存额": 1}
    assert "opening_balances" not in compared_ids()


def test_the_last_legacy_year_is_compared_with_the_first_opening(home):
    old = [
        {"account_year": 2015, "closing_balance_yuan": "100.00"},
        {"account_year": 2015, "closing_balance_yuan": "99.99", "person_number": "P2"},
    ]
    new = [{}, {"person_number": "P2"}, {"person_number": "P9", "opening_balance_yuan": "0.00"}]
    build_both(home, numbered(1, 2), numbered(1, 2, 9), old, new)
    found = compared("opening_balances")
    assert (found.in_both, found.only_old, found.only_new, found.differing) == (2, 0, 0, 1)
    assert "account_years" not in compared_ids()
    assert ("opening_balances", "person_number=P2, insurance_code=110", "differs") in [
        row[:3] for row in differences(home)
    ]


def test_the_kept_result_holds_counts_alone(home):
    build_both(home, numbered(1), numbered(1, person_name="李玫"), [{}], [{}])
    result = check_migration("building")
    text = (home / "quality" / "migration.json").read_text(encoding="utf-8")
    assert "李" not in text
    assert "P1" not in text
    assert json.loads(text)["comparisons"] == results.read("migration.json")["comparisons"]
    assert "参保人员：两侧都有 1，仅原系统 0，仅新系统 0，不一致 1" in result.summary


def test_without_legacy_data_the_check_says_what_is_missing(home):
    rows = legacy([{}], [{}])
    build(home, {**rows, "landing.batches": rows["landing.batches"][:1]})
    with pytest.raises(LegacyDataMissing, match="缺 account_balances") as raised:
        check_migration("building")
    assert raised.value.exit_code == 2


def test_the_demonstration_counts_the_differences_that_the_sample_planted(demo):
    home, _ = demo
    with (home / "sample" / "truth" / "legacy_differences.csv").open(encoding="utf-8", newline="") as lines:
        planted = list(csv.DictReader(lines))
    kept = json.loads((home / "quality" / "migration.json").read_text(encoding="utf-8"))["comparisons"]
    labels = {comparison.id: comparison.columns for comparison in all_comparisons()}
    found = {comparison["id"]: comparison for comparison in kept}
    assert set(found) == {row["table_name"] for row in planted}
    for row in planted:
        comparison, kind = found[row["table_name"]], row["difference_kind"]
        if kind == "differs":
            counted = comparison["by_column"][labels[row["table_name"]][row["column_name"]]]
        else:
            counted = comparison[{"only_legacy": "only_old", "only_new": "only_new"}[kind]]
        assert counted == int(row["difference_count"]), row
    assert sum(int(row["difference_count"]) for row in planted) > 0
