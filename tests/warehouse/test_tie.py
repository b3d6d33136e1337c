"""Four-way tie, base verification and audit: a clean province shows nothing, a faulty one exactly what was seeded."""

import csv
from argparse import Namespace
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from filelock import FileLock

from ingestion import sample, text_workbook, warehouse
from ingestion.audit import audit
from ingestion.base_findings import findings
from ingestion.commands import tie as command
from ingestion.receive import receive
from ingestion.tie import NotTied, require_tied, tie
from tests.published import read_csv
from tests.warehouse.conftest import ENGINES, build, create_database, working_in

FIRST, LAST = date(2016, 1, 1), date(2017, 2, 28)
TIE_TABLES = ("fct_tie_item", "fct_tie_summary", "fct_unidentified_receipt", "fct_base_finding")


@pytest.fixture(scope="module")
def faulty_province(tmp_path_factory):
    """A folder with a faulty province, and a home in which all of it has landed."""
    directory, home = tmp_path_factory.mktemp("faulty"), tmp_path_factory.mktemp("faulty_landing")
    sample.write(directory, 200, 5, FIRST, LAST, faults=True)
    with working_in(home, "embedded"):
        outcomes = receive([directory])
    assert {outcome.status for outcome in outcomes} == {"landed"}
    return directory, home


@pytest.fixture(scope="module")
def home_on(request, faulty_province, tmp_path_factory):
    """Return a function that gives the home of the faulty province on an engine, built when first asked for."""
    homes = {}

    def built(engine: str) -> Path:
        if engine not in homes:
            home = homes[engine] = tmp_path_factory.mktemp(f"faulty_on_{engine}")
            (home / "landing").symlink_to(faulty_province[1] / "landing")
            if engine == "postgres":
                request.getfixturevalue("postgres")
                create_database(home)
            with working_in(home, engine):
                build.build_all(None)
        return homes[engine]

    return built


@pytest.fixture(params=["embedded", pytest.param("postgres", marks=pytest.mark.slow)])
def faulty(request, faulty_province, home_on):
    """The folder of the faulty province, with its warehouse on one engine to read from."""
    with working_in(home_on(request.param), request.param):
        yield faulty_province[0]


def seeded(directory, found_by: str) -> list[dict]:
    return [row for row in read_csv(directory / "truth" / "faults.csv") if row["found_by"] == found_by]


def test_the_tie_names_exactly_the_seeded_faults_each_with_its_line(faulty):
    found = {
        (item.step_code, f"{item.tie_month:%Y-%m}", item.item_key, item.outcome_code, str(item.difference_yuan)): item
        for item in tie().items
    }
    wanted = {
        tuple(row[name] for name in ("step_code", "tie_month", "item_key", "outcome_code", "difference_yuan")): row
        for row in seeded(faulty, "tie")
    }
    assert found.keys() == wanted.keys() and len(wanted) == 25
    for key, row in wanted.items():
        if row["file_name"]:
            line = f"{row['file_name']} 第 {row['source_line']}"
            assert any(line in place for place in found[key].places), (key, found[key].places)
        assert found[key].places and found[key].age_day_count >= 0


def test_one_month_shows_the_items_of_that_month_only(faulty):
    by_month = Counter(row["tie_month"] for row in seeded(faulty, "tie"))
    for month in ("2016-02", "2016-05", "2016-12"):
        assert len(tie(date.fromisoformat(f"{month}-01")).items) == by_month[month]


def test_a_bank_credit_of_nobody_is_kept_for_claiming(faulty):
    (receipt,) = tie().unidentified
    assert receipt["entry_yuan"] == Decimal("1234.00") and receipt["counterparty_name"] == "云南某某商贸有限公司"
    assert receipt["file_name"].startswith("DZD_ICBC_")


def test_a_tie_with_differences_ends_with_two_and_names_them(faulty):
    with pytest.raises(NotTied, match="25 项差异") as caught:
        require_tied()
    assert caught.value.exit_code == 2


def run_command(month: date | None = None, export: Path | None = None) -> int:
    return command.run(Namespace(month=month, export=export))


def test_the_command_says_what_differs_by_step_and_scheme_and_ends_with_two(faulty, capsys):
    assert run_command() == 2
    printed = capsys.readouterr().out
    assert printed.endswith("差异 25 项\n")
    words = ("计划有税务无", "税务有计划无", "系统有银行无", "银行有系统无", "核定有报盘无", "欠缴", "未知来款", "在途")
    assert all(word in printed for word in words)
    assert "12. 拨入支出户→支出户收款" in printed and "│ 合计" in printed
    with warehouse.connect() as opened:
        accounts = [row["bank_account_number"] for row in opened.rows("select bank_account_number from fund_accounts")]
    assert accounts and not any(account in printed for account in accounts)
    assert "250201********0110" in printed
    assert run_command(date(2017, 2, 1)) == 0
    assert capsys.readouterr().out.endswith("差异 0 项\n")


def test_the_export_is_text_for_the_desk(faulty, tmp_path, capsys, monkeypatch):
    target = tmp_path / "to" / "tie.xlsx"
    assert run_command(export=target) == 2
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["勾对差异", "未知来款", "欠缴账龄", "在途"]
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" for cell in cells)
    rows = list(book["勾对差异"].iter_rows(min_row=2, values_only=True))
    assert [row[5] for row in rows] == [item.shown_key for item in tie().items] and len(rows) == 25
    (receipt,) = book["未知来款"].iter_rows(min_row=2, values_only=True)
    assert receipt[2] == "250201********0110" and receipt[4] == "1,234.00"
    written = target.read_bytes()
    run_command(export=target)
    assert target.read_bytes() == written
    monkeypatch.setattr(text_workbook, "SHEET_ROWS", 10)
    run_command(export=target)
    parts = [f"勾对差异{number}" for number in ("", 2, 3)]
    assert [openpyxl.load_workbook(target)[part].max_row for part in parts] == [11, 11, 6]
    capsys.readouterr()
    assert run_command(export=tmp_path / "tie.csv") == 2
    assert "应以 .xlsx 结尾" in capsys.readouterr().err


def test_base_verification_finds_exactly_the_seeded_faults(faulty):
    wanted = Counter((row["step_code"], row["item_key"]) for row in seeded(faulty, "bases"))
    found = Counter()
    for year in (2016, 2017):
        found.update((row["rule_code"], row["person_number"] or row["unit_number"]) for row in findings(year))
    assert found == wanted and wanted


def test_the_audit_names_exactly_the_missing_files(faulty_province):
    directory, home = faulty_province
    with working_in(home, "embedded"):
        found = {difference.key for difference in audit()}
    assert found == {row["item_key"] for row in seeded(directory, "audit")} and len(found) == 2


@pytest.mark.slow
@pytest.mark.parametrize("table", TIE_TABLES)
def test_both_engines_find_the_same(home_on, table):
    rows = []
    for engine in ENGINES:
        with working_in(home_on(engine), engine), warehouse.connect() as opened:
            found = opened.rows(f"select * from {table}")
            rows.append(Counter(tuple(map(repr, row.values())) for row in found))
    assert rows[0] == rows[1] and rows[0]


def test_a_clean_province_ties_in_every_month(demo):
    home, _ = demo
    with working_in(home, "embedded"):
        assert not tie().items and not tie().unidentified
        assert "差异 0 项" in require_tied()
        found = tie(date(2016, 5, 1))
        assert not found.items and all(step.total("matched_count") for step in found.steps)
        assert audit() == [] and findings(2016) == findings(2017) == []


def test_what_the_tie_compares_is_all_that_the_files_hold(demo):
    """Nothing hides outside of the tie: its sides add to the control totals of the files."""
    home, _ = demo
    totals = Counter()
    files = home / "sample" / "truth" / "files.csv"
    with FileLock(home.parent / "demo.lock"), files.open(encoding="utf-8") as lines:  # a second run writes it anew
        for row in csv.DictReader(lines):
            for part in filter(None, row["totals"].split(";")):
                name, _, amount = part.partition("=")
                totals[row["feed"], name] += Decimal(amount)
    with working_in(home, "embedded"):
        steps = {step.step_code: step for step in tie().steps}
    plan = totals["levy_plan", "total_due_yuan"]
    assert steps["plan_acknowledged"].total("left_yuan") == steps["plan_itemised"].total("left_yuan") == plan > 0
    assert steps["plan_acknowledged"].total("right_yuan") == totals["levy_plan_acknowledgements", "total_due_yuan"]
    assert steps["received_booked"].total("right_yuan") == totals["treasury_receipts", "treasury_yuan"]
    assert steps["treasury_swept"].total("left_yuan") == totals["treasury_receipts", "treasury_yuan"]
    assert steps["subsidy_transferred"].total("left_yuan") == totals["subsidy_transfers", "transfer_yuan"]
    assert steps["sent_answered"].total("left_yuan") == totals["benefit_payment_batch", "payment_yuan"]
    assert steps["sent_answered"].total("right_yuan") == totals["benefit_payment_returns", "payment_yuan"]
    assert steps["sent_paid"].total("left_yuan") == totals["benefit_payment_batch", "payment_yuan"]


def test_arrears_of_the_tie_are_those_of_the_contributions(demo):
    home, _ = demo
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        arrears = connection.execute("select sum(arrears_yuan) from fct_contribution_month").fetchone()[0]
    with working_in(home, "embedded"):
        assert sum(row.waiting_yuan for row in tie().owed) == arrears > 0


def test_reversed_receipts_are_in_the_cash_but_not_in_the_account(demo):
    home, _ = demo
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        counts = connection.execute(
            "select (select count(*) from int_receipts__deduplicated), (select count(*) from int_receipts__effective),"
            " (select count(*) from int_receipts__deduplicated where reversed_receipt_number is not null),"
            " (select count(*) from int_receipts__effective where reversed_receipt_number is not null)"
        ).fetchone()
    received, effective, reversals, unmatched = counts
    assert reversals > 0 and unmatched == 0 and received - effective == 2 * reversals
