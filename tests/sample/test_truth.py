"""The truth file says what the exchange files mean: everything in it is worked out anew from them."""

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from tests.sample.conftest import QUICK_SEEDS
from tests.sample.reading import latest
from tests.sample.recomputing import (
    ACCOUNT_SCHEMES,
    CLOSING_ITEMS,
    account_years,
    contribution_months,
    heads,
    payments,
    receipts,
)

SCHEMES = ("110", "120", "410", "510")
PERIOD_ENDS = {"2016Q1": "201603", "2016Q2": "201606", "2016Q3": "201609", "2016Q4": "201612", "2016": "201612"} | {
    "2017Q1": "201703",
    "2017Q2": "201706",
}


@pytest.fixture(scope="module", params=QUICK_SEEDS)
def province(exchanges, drawn, request):
    return exchanges(500, request.param), drawn(500, request.param) / "truth"


@pytest.fixture(scope="module")
def months(province):
    return contribution_months(province[0], "201601", "201706")


def read_csv(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_contributions_due_paid_and_booked(province, months):
    truth = pq.read_table(province[1] / "contributions.parquet").to_pylist()
    said = {}
    for row in truth:
        booked_on = row["booked_on"] and f"{row['booked_on']:%Y%m%d}"
        amounts = (row[f"{name}_yuan"] for name in ("unit_due", "person_due", "unit_paid", "person_paid"))
        said[row["person_number"], row["insurance_code"], f"{row['liability_month']:%Y%m}"] = (*amounts, booked_on)
    names = ("unit_due", "person_due", "unit_paid", "person_paid", "booked_on")
    assert len(said) == len(truth)
    assert said == {key: tuple(month[name] for name in names) for key, month in months.items()}


def test_accounts_of_every_year_to_the_fen(province, months):
    truth = pq.read_table(province[1] / "accounts.parquet").to_pylist()
    said = {tuple(list(row.values())[:3]): tuple(list(row.values())[3:]) for row in truth}
    assert len(said) == len(truth)
    assert said == account_years(province[0], months, "201706")


def test_accounts_are_never_negative_and_closed_ones_are_empty(province):
    closed = {row["person_number"] for row in payments(province[0]) if row["benefit_item_code"] in CLOSING_ITEMS}
    truth = pq.read_table(province[1] / "accounts.parquet").to_pylist()
    assert closed and all(row["closing_balance_yuan"] >= 0 and row["opening_balance_yuan"] >= 0 for row in truth)
    last_rows = {row["person_number"]: row for row in sorted(truth, key=lambda row: row["account_year"])}
    assert {last_rows[person]["closing_balance_yuan"] for person in closed} == {0}


def test_what_comes_from_an_account_is_within_the_payment(province):
    for row in payments(province[0]):
        assert 0 <= row["from_account_yuan"] <= row["payment_yuan"] and row["payment_yuan"] > 0


def test_headcounts_at_the_ends_of_quarters_and_years(province):
    found, truth = province
    for period, month in PERIOD_ENDS.items():
        rows = [row for row in read_csv(truth / "headcounts.csv") if row["period_code"] == period]
        said = {
            (row["insurance_code"], row["prefecture_code"], name): int(row[f"{name}_count"])
            for row in rows
            for name in ("contributing_person", "paused_person", "retired_person", "insured_unit", "beneficiary_person")
            if int(row[f"{name}_count"])
        }
        assert len(rows) == len(SCHEMES) * 17
        assert said == heads(found, month), period


def test_funds_close_with_what_they_opened_took_in_and_spent(province):
    found, truth = province
    entries = [row for file in found["fiscal_account_entries"] for row in file.rows]
    all_payments, all_receipts = payments(found), receipts(found)
    for row in read_csv(truth / "fund.csv"):
        code, end = row["insurance_code"], PERIOD_ENDS[row["period_code"]]
        mine = [entry for entry in entries if entry["insurance_code"] == code and entry["entry_on"][:6] <= end]

        def fiscal(*kinds: str, year: str, mine=mine) -> Decimal:
            chosen = (entry for entry in mine if entry["entry_kind_code"] in kinds and entry["entry_on"][:4] == year)
            return sum((Decimal(entry["entry_yuan"]) for entry in chosen), Decimal(0))

        year = end[:4]
        paid = [
            payment
            for payment in all_payments
            if payment["insurance_code"] == code
            and payment["payment_status_code"] == "40"
            and payment["paid_on"][:6] <= end
        ]
        spent = sum(payment["payment_yuan"] for payment in paid if payment["paid_on"][:4] == year)
        spent_before = sum(payment["payment_yuan"] for payment in paid if payment["paid_on"][:4] < year)
        opening = fiscal("00", year="2016")
        if year == "2017":
            opening += fiscal("01", "02", "03", "05", year="2016") - spent_before
        income = fiscal("01", "02", "03", "05", year=year)
        assert Decimal(row["opening_balance_yuan"]) == opening
        assert (Decimal(row["income_yuan"]), Decimal(row["expenditure_yuan"])) == (income, spent)
        assert Decimal(row["closing_balance_yuan"]) == opening + income - spent
        old = sum(
            Decimal(receipt["unit_paid_yuan"]) + Decimal(receipt["person_paid_yuan"])
            for receipt in all_receipts
            if receipt["insurance_code"] == code
            and receipt["liability_month"][:4] < receipt["received_on"][:4] == year
            and receipt["received_on"][:6] <= end
        )
        assert Decimal(row["arrears_income_yuan"]) == old
        benefits = [
            payment for payment in paid if payment["benefit_item_code"] != "300011" and payment["paid_on"][:4] == year
        ]
        assert int(row["payment_count"]) == len(benefits)
        assert Decimal(row["benefit_paid_yuan"]) == sum(payment["payment_yuan"] for payment in benefits)


def test_what_is_swept_in_equals_receipts_and_what_is_allotted_equals_payments_attempted(province):
    found, _ = province
    swept, allotted = defaultdict(Decimal), defaultdict(Decimal)
    transferred = defaultdict(Decimal)
    targets = {"01": swept, "04": allotted, "05": transferred}
    for row in (row for file in found["fiscal_account_entries"] for row in file.rows):
        if row["entry_kind_code"] in targets:
            targets[row["entry_kind_code"]][row["entry_on"][:6], row["insurance_code"]] += Decimal(row["entry_yuan"])
    received, attempted, entered = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    for row in receipts(found):
        key = row["received_on"][:6], row["insurance_code"]
        received[key] += Decimal(row["unit_paid_yuan"]) + Decimal(row["person_paid_yuan"])
    for row in payments(found):
        attempted[row["paid_on"][:6], row["insurance_code"]] += row["payment_yuan"]
    for row in (row for file in found["account_openings"] for row in file.rows):
        if row["opening_kind_code"] == "2":
            amount = Decimal(row["opening_balance_yuan"]) + Decimal(row["pooled_yuan"])
            entered[row["opened_month"], row["insurance_code"]] += amount
    assert (swept, allotted, transferred) == (received, attempted, entered)


def test_payments_csv_sums_the_banks_files(province):
    found, truth = province
    counts, amounts = Counter(), defaultdict(Decimal)
    for row in payments(found):
        key = (row["paid_on"][:6], row["insurance_code"], row["benefit_item_code"], row["payment_status_code"])
        counts[key] += 1
        amounts[key] += row["payment_yuan"]
    said = {tuple(list(row.values())[:4]): row for row in read_csv(truth / "payments.csv")}
    assert {key: int(row["payment_count"]) for key, row in said.items()} == counts
    assert {key: Decimal(row["payment_yuan"]) for key, row in said.items()} == amounts


def test_legacy_differences_are_what_a_full_join_finds(province, months):
    found, truth = province
    said = {
        (row["table_name"], row["column_name"], row["difference_kind"]): int(row["difference_count"])
        for row in read_csv(truth / "legacy_differences.csv")
    }
    persons = latest(found["insured_persons"], "person_number")
    old_persons = {row["person_number"]: row for file in found["legacy_persons"] for row in file.rows}
    names = ("identity_number", "person_name", "sex_code", "born_on", "region_code", "first_insured_month")
    assert compare("persons", names, old_persons, persons) == {key: n for key, n in said.items() if key[0] == "persons"}
    columns = ("opening_balance_yuan", "principal_credited_yuan", "interest_credited_yuan", "account_outflow_yuan")
    columns += ("closing_balance_yuan",)
    old = {
        (row["person_number"], row["insurance_code"]): {name: Decimal(row[name]) for name in columns}
        for file in found["legacy_account_balances"]
        for row in file.rows
    }
    new = {}
    for (person, code, year), values in account_years(found, months, "201706").items():
        if year == 2016:
            opening, principal, on_opening, on_current, outflow, closing, *_ = values
            amounts = (opening, principal, on_opening + on_current, outflow, closing)
            new[person, code] = dict(zip(columns, amounts, strict=True))
    assert compare("account_years", columns, old, new) == {
        key: n for key, n in said.items() if key[0] == "account_years"
    }


def compare(table: str, columns: tuple[str, ...], old: dict, new: dict) -> dict[tuple, int]:
    """Count the differences of two sides by column."""
    both = old.keys() & new.keys()
    counts = {(table, name, "differs"): sum(old[key][name] != new[key][name] for key in both) for name in columns}
    counts[table, "", "only_legacy"] = len(old.keys() - new.keys())
    counts[table, "", "only_new"] = len(new.keys() - old.keys())
    return counts


def test_only_pension_schemes_have_accounts(province):
    codes = set(pq.read_table(province[1] / "accounts.parquet")["insurance_code"].to_pylist())
    assert codes == set(ACCOUNT_SCHEMES)


def test_without_a_completed_year_the_legacy_system_sends_what_was_carried_over(exchanges, drawn):
    span = (date(2016, 1, 1), date(2016, 3, 31))
    found, truth = exchanges(60, 4, *span), drawn(60, 4, *span) / "truth"
    (file,) = found["legacy_account_balances"]
    assert file.period == "201512" and {row["account_year"] for row in file.rows} == {"2015"}
    unmoved = ("principal_credited_yuan", "interest_credited_yuan", "account_outflow_yuan")
    assert all(Decimal(row[name]) == 0 for row in file.rows for name in unmoved)
    old = {row["person_number"]: {"opening_balance_yuan": Decimal(row["closing_balance_yuan"])} for row in file.rows}
    new = {
        row["person_number"]: {"opening_balance_yuan": Decimal(row["opening_balance_yuan"])}
        for row in found["account_openings"][0].rows
    }
    said = {
        (row["table_name"], row["column_name"], row["difference_kind"]): int(row["difference_count"])
        for row in read_csv(truth / "legacy_differences.csv")
        if row["table_name"] == "opening_balances"
    }
    assert compare("opening_balances", ("opening_balance_yuan",), old, new) == said and all(said.values())
