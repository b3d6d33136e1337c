"""The whole demonstration on 500 persons: what is published equals the truth, to the head and to the fen."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from tests.conftest import PERSONS, SEED, run
from tests.published import assert_statements_tell_the_truth, by_key, read_csv

PERIODS = ("2017Q2", "2016")
SCHEMES = ("110", "120", "410", "510")


def published_table(home: Path, period: str, table: str) -> list[dict]:
    rows = read_csv(home / "releases" / period / f"{table}.csv")
    return [row for row in rows if row["insurance_code"] in SCHEMES]


def truth_table(home: Path, name: str, period: str) -> list[dict]:
    return [row for row in read_csv(home / "sample" / "truth" / name) if row["period_code"] == period]


def test_the_demonstration_says_where_the_results_lie(demo):
    home, output = demo
    for product in ("统计工作簿", "统计公报", "权益记录单", "质量页"):
        assert product in output
    for path in ("releases/2017Q2", "releases/2016", "statements/2016", "quality/index.html"):
        assert str(home / path) in output.replace("\n", "") and (home / path).exists()


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (
            "insured_persons_by_prefecture",
            ("contributing_person_count", "paused_person_count", "retired_person_count", "insured_person_count"),
        ),
        ("insured_units_by_prefecture", ("insured_unit_count",)),
        ("beneficiaries_by_prefecture", ("beneficiary_person_count",)),
    ],
)
def test_published_headcounts_equal_the_truth(demo, period, table, columns):
    home, _ = demo
    published = by_key(published_table(home, period, table), "insurance_code", "prefecture_code")
    truth = by_key(truth_table(home, "headcounts.csv", period), "insurance_code", "prefecture_code")
    compared = 0
    for key, true_row in truth.items():
        for column in columns:
            printed = published[key][column] if key in published else "0"
            assert int(printed) == int(true_row[column]), (period, key, column)
            compared += int(true_row[column])
    assert compared > 0
    unexplained = {key for key in published.keys() - truth.keys() if any(int(published[key][c]) for c in columns)}
    assert not unexplained


@pytest.mark.parametrize("period", PERIODS)
def test_published_fund_figures_equal_the_truth_to_the_fen(demo, period):
    home, _ = demo
    truth = by_key(truth_table(home, "fund.csv", period), "insurance_code")
    compared = set()
    for table in ("fund_income", "fund_expenditure", "fund_balance", "beneficiaries_by_scheme"):
        published = by_key(published_table(home, period, table), "insurance_code")
        assert set(published) == set(truth) == {(scheme,) for scheme in SCHEMES}
        columns = set(truth["110",]) & set(published["110",]) - {"period_code", "insurance_code"}
        for key, true_row in truth.items():
            for column in columns:
                assert Decimal(published[key][column]) == Decimal(true_row[column]), (period, key, column)
        compared |= columns
    assert compared == set(truth["110",]) - {"period_code", "insurance_code"}


@pytest.mark.parametrize(
    ("mart", "truth", "key"),
    [
        ("fct_personal_account_year", "accounts.parquet", "person_number, insurance_code, account_year"),
        ("fct_contribution_month", "contributions.parquet", "person_number, insurance_code, liability_month"),
    ],
)
def test_every_account_and_every_contribution_month_equals_the_truth(demo, mart, truth, key):
    home, _ = demo
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        true_rows = f"read_parquet('{home / 'sample' / 'truth' / truth}')"
        columns = [row[0] for row in connection.execute(f"describe select * from {true_rows}").fetchall()]
        listed = ", ".join(columns)
        assert connection.execute(f"select count(*) from {true_rows}").fetchone()[0] >= PERSONS / 2
        for one, other in ((true_rows, mart), (mart, true_rows)):
            difference = f"select {listed} from {one} except all select {listed} from {other} order by {key} limit 5"
            assert connection.execute(difference).fetchall() == []


def test_every_account_holder_gets_a_page_with_the_right_name_and_balance_or_is_held_with_a_reason(demo):
    home, _ = demo
    assert_statements_tell_the_truth(home, home / "statements" / "2016", home / "sample" / "truth")


@pytest.mark.slow
def test_a_second_run_publishes_the_same_bytes(demo):
    home, _ = demo

    def published_files() -> dict:
        folders = (home / "releases", home / "statements", home / "quality")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if path.suffix != ".duckdb"
        }

    first = published_files()
    assert any(name.endswith(".pdf") for name in first) and any(name.endswith(".xlsx") for name in first)
    with FileLock(home.parent / "demo.lock"):  # the sample is written anew meanwhile
        run("dags/run_demo.py", "--persons", str(PERSONS), "--seed", str(SEED), home=home)
    assert published_files() == first


@pytest.mark.slow
def test_a_broken_file_stops_publication_and_leaves_everything_else_landed(demo, tmp_path):
    home, _ = demo
    (good,) = sorted((home / "sample" / "tax_bureau").glob("*.txt"))[-1:]
    broken = tmp_path / "inbox" / "tax_bureau" / good.name.replace("_001", "_002")
    broken.parent.mkdir(parents=True)
    broken.write_bytes(good.read_bytes())  # its header says 001
    finished = run("dags/run_demo.py", "--persons", "60", "--seed", "3", home=tmp_path, check=False)
    assert finished.returncode == 2, finished.stdout
    assert broken.name in finished.stdout and "上游没有完成" in finished.stdout
    assert not (tmp_path / "releases").exists() and not (tmp_path / "warehouse" / "warehouse.duckdb").exists()
    assert (tmp_path / "refused" / "tax_bureau" / broken.name).read_bytes() == good.read_bytes()
    landed = [json.loads(path.read_text())["feed"] for path in (tmp_path / "landing").glob("*/*/*/batch.json")]
    received = len(list((tmp_path / "sample" / "tax_bureau").glob("SBF_*.txt")))
    assert landed.count("contribution_receipts") == received


def test_the_demonstration_does_not_mix_with_other_data(demo):
    home, _ = demo
    finished = run("dags/run_demo.py", "--persons", "60", "--seed", "3", home=home, check=False)
    assert finished.returncode == 2
    assert "已落地别的数据" in finished.stdout and "make clean" in finished.stdout
