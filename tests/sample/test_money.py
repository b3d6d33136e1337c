"""Plan, receipts, treasury, fiscal account, batch, answer and bank tell one story, worked out in plain Python."""

from collections import Counter, defaultdict
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from ingestion import sample
from ingestion.sample.errors import SampleError
from ingestion.sample.faults import MONTHS
from tests.published import read_csv
from tests.sample.conftest import FIRST

PERSONS, SEED = 500, 1


def rows_of(exchanges, feed: str) -> list[dict]:
    return [row | {"period": file.period} for file in exchanges(PERSONS, SEED)[feed] for row in file.rows]


def receipts_once(exchanges) -> list[dict]:
    """Return every receipt once, however often it was sent."""
    return list({row["receipt_number"]: row for row in rows_of(exchanges, "contribution_receipts")}.values())


def yuan(row: dict, *names: str) -> Decimal:
    return sum((Decimal(row[name]) for name in names), Decimal(0))


def test_the_plan_asks_each_person_for_what_is_due(exchanges, drawn):
    planned = {
        (row["person_number"], row["insurance_code"], row["liability_month"]): yuan(
            row, "unit_due_yuan", "person_due_yuan"
        )
        for row in rows_of(exchanges, "levy_plan_persons")
    }
    table = pq.read_table(drawn(PERSONS, SEED) / "truth" / "contributions.parquet").to_pylist()
    due = {
        (row["person_number"], row["insurance_code"], f"{row['liability_month']:%Y%m}"): row["unit_due_yuan"]
        + row["person_due_yuan"]
        for row in table
    }
    assert planned == due


def test_a_slip_holds_its_persons_and_is_acknowledged(exchanges):
    persons = defaultdict(list)
    for row in rows_of(exchanges, "levy_plan_persons"):
        persons[row["settlement_slip_number"]].append(row)
    slips = rows_of(exchanges, "levy_plan")
    acknowledged = {row["settlement_slip_number"]: row for row in rows_of(exchanges, "levy_plan_acknowledgements")}
    assert [slip["settlement_slip_number"] for slip in slips] == sorted(persons) == sorted(acknowledged)
    for slip in slips:
        mine = persons[slip["settlement_slip_number"]]
        assert int(slip["person_count"]) == len(mine)
        assert yuan(slip, "total_due_yuan") == sum(yuan(row, "unit_due_yuan", "person_due_yuan") for row in mine)
        assert acknowledged[slip["settlement_slip_number"]]["total_due_yuan"] == slip["total_due_yuan"]


def test_the_treasury_books_each_days_receipts_and_all_of_it_is_swept(exchanges):
    received, booked, swept, monthly = (Counter() for _ in range(4))
    for row in receipts_once(exchanges):
        received[row["unit_number"], row["insurance_code"], row["received_on"]] += yuan(
            row, "unit_paid_yuan", "person_paid_yuan"
        )
    for row in rows_of(exchanges, "treasury_receipts"):
        booked[row["unit_number"], row["insurance_code"], row["collected_on"]] += yuan(row, "treasury_yuan")
        monthly[row["insurance_code"], row["entry_on"][:6]] += yuan(row, "treasury_yuan")
    for row in rows_of(exchanges, "fiscal_account_entries"):
        if row["entry_kind_code"] == "01":
            swept[row["insurance_code"], row["entry_on"][:6]] += yuan(row, "entry_yuan")
    assert received == booked
    assert {key: amount for key, amount in swept.items() if amount} == monthly


def test_a_doubled_receipt_is_taken_back_in_the_same_month(exchanges):
    receipts = {row["receipt_number"]: row for row in receipts_once(exchanges)}
    reversals = [row for row in receipts.values() if row.get("reversed_receipt_number")]
    assert reversals and {row["period"][:4] for row in reversals} == {"2017"}
    for row in reversals:
        original = receipts[row["reversed_receipt_number"]]
        for name in ("person_number", "insurance_code", "liability_month", "unit_number"):
            assert row[name] == original[name]
        for name in ("unit_paid_yuan", "person_paid_yuan"):
            assert Decimal(row[name]) == -Decimal(original[name])
        assert row["received_on"][:6] == original["received_on"][:6] and row["received_on"] > original["received_on"]


def test_every_subsidy_of_the_fiscal_account_was_transferred(exchanges):
    transferred = Counter()
    for row in rows_of(exchanges, "subsidy_transfers"):
        transferred[row["entry_number"]] += yuan(row, "transfer_yuan")
    entries = rows_of(exchanges, "fiscal_account_entries")
    assert transferred == Counter(
        {row["entry_number"]: yuan(row, "entry_yuan") for row in entries if row["entry_kind_code"] == "02"}
    )


def test_the_bank_answers_every_payment_of_the_batch_with_its_amount(exchanges):
    names = ("payment_number", "person_number", "bank_account_number", "benefit_month", "payment_yuan")
    batch, returns = (rows_of(exchanges, feed) for feed in ("benefit_payment_batch", "benefit_payment_returns"))
    assert [[row[name] for name in names] for row in batch] == [[row[name] for name in names] for row in returns]
    assert [row["pay_on"] for row in batch] == [row["paid_on"] for row in returns]


def test_the_banks_show_every_entry_payment_and_return(exchanges):
    bank = Counter()
    for row in rows_of(exchanges, "account_statements"):
        amount = Decimal(row["entry_yuan"]) if "." in row["entry_yuan"] else Decimal(row["entry_yuan"]) / 100
        bank[row["reference_number"]] += amount * (1 if row["direction_code"] in ("CRDT", "贷") else -1)
    expected = Counter()
    for row in rows_of(exchanges, "fiscal_account_entries"):
        if row["entry_kind_code"] not in ("00", "04"):
            expected[row["entry_number"]] = yuan(row, "entry_yuan")
        elif row["entry_kind_code"] == "04":
            expected[row["entry_number"]] = Decimal(0)  # out of one account, into the other
    for row in rows_of(exchanges, "benefit_payment_returns"):
        fen = Decimal(row["payment_yuan"]) / 100
        expected[f"YHBP-{row['period']}-{row['insurance_code']}-{row['paid_on']}"] -= fen
        if row["payment_status_code"] == "41":
            expected[row["payment_number"]] = fen
    assert bank == expected


def test_a_faulty_province_has_each_fault_once_and_is_drawn_alike_again(tmp_path):
    for folder in ("one", "two"):
        sample.write(tmp_path / folder, 120, 9, FIRST, FIRST.replace(month=12), faults=True)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
    codes = Counter(row["fault_code"] for row in read_csv(tmp_path / "one" / "truth" / "faults.csv"))
    assert set(codes.values()) == {1} and set(MONTHS) <= set(codes)


def test_a_clean_province_has_no_faults_and_a_short_one_cannot_have_them(drawn, tmp_path):
    assert read_csv(drawn(PERSONS, SEED) / "truth" / "faults.csv") == []
    with pytest.raises(SampleError, match=r"至少要 6 个月.*放不下 4 种：slip_total_differs、.*allotment_not_received"):
        sample.write(tmp_path, 120, 9, FIRST, FIRST.replace(month=5), faults=True)
    assert not list(tmp_path.iterdir())
