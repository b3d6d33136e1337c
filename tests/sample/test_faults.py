"""A faulty province differs from a clean one in the seeded faults only, and its truth says what really is."""

import re
from datetime import date
from decimal import Decimal

import openpyxl
import pyarrow.parquet as pq
import pytest

from ingestion import sample
from tests.published import read_csv
from tests.sample.reading import Exchange, read_exchanges
from tests.sample.recomputing import account_years, contribution_months, heads, payments, receipts
from tests.sample.tying import differences

SPANS = {(200, 5): (date(2016, 1, 1), date(2017, 3, 31)), (60, 3): (date(2017, 1, 1), date(2017, 6, 30))}
# Which parts of an item's key stand on a line of its own feed.
SHOWN = {
    "award_sent": slice(0, 2),
    "sent_paid": slice(-2, None),
    "fiscal_banked": slice(-1, None),
    "returned_refunded": slice(0, 1),
}


@pytest.fixture(scope="module", params=SPANS, ids=str)
def faulty(request, tmp_path_factory):
    """The files of a faulty province, and the folder of its truth."""
    persons, seed = request.param
    directory = tmp_path_factory.mktemp("faulty")
    sample.write(directory, persons, seed, *SPANS[request.param], faults=True)
    return read_exchanges(directory), directory / "truth"


def seeded(truth) -> list[dict]:
    return [row for row in read_csv(truth / "faults.csv") if row["found_by"] == "tie"]


def test_the_files_differ_in_the_seeded_faults_and_in_nothing_else(faulty):
    found, truth = faulty
    names = ("step_code", "outcome_code", "tie_month", "insurance_code", "item_key")
    faults = seeded(truth)
    said = {tuple(row[name] for name in names): Decimal(row["difference_yuan"]) for row in faults}
    assert differences(found) == said and len(said) == len(faults) == 25


def test_the_files_of_a_clean_province_do_not_differ(exchanges):
    assert differences(exchanges(500, 1)) == {}


def test_every_fault_names_a_line_that_shows_its_item(faulty):
    found, truth = faulty
    files = {file.path.name: file for files in found.values() for file in files}
    for row in seeded(truth):
        file = files[row["file_name"]]
        assert (row["source"], row["feed"]) == (file.path.parent.name, file.header[1])
        line = re.sub(r"(?<=\d)-(?=\d)", "", line_of(file, int(row["source_line"])))  # days of ISO 20022 have hyphens
        shown = row["item_key"].split("-")[SHOWN.get(row["step_code"], slice(None))]
        assert shown and all(part in line for part in shown), row


def line_of(file: Exchange, number: int) -> str:
    """Return a line of a file as it stands, of a workbook the values of a row."""
    form = file.layout["format"]
    if form["kind"] == "spreadsheet":
        values = list(openpyxl.load_workbook(file.path).worksheets[0].values)[number - 1]
        return "|".join(str(value) for value in values)
    return file.path.read_bytes().decode(form["encoding"]).splitlines()[number - 1]


def test_the_truth_of_contributions_says_what_was_paid_for_those_who_contribute(faulty):
    found, truth = faulty
    months = contribution_months(planned_only(found, truth), *ends(found))
    table = pq.read_table(truth / "contributions.parquet").to_pylist()
    names = ("unit_due", "person_due", "unit_paid", "person_paid")
    said = {
        (row["person_number"], row["insurance_code"], f"{row['liability_month']:%Y%m}"): [
            *(row[f"{name}_yuan"] for name in names),
            row["booked_on"] and f"{row['booked_on']:%Y%m%d}",
        ]
        for row in table
    }
    assert said == {key: [month[name] for name in (*names, "booked_on")] for key, month in months.items()}
    overpaid = [month for month in months.values() if month["person_paid"] > month["person_due"]]
    assert [month["person_paid"] - month["person_due"] for month in overpaid] == [Decimal("19.00")]


def planned_only(found: dict[str, list[Exchange]], truth) -> dict[str, list[Exchange]]:
    """Leave out the receipt of somebody who does not contribute: it belongs to no month that is due."""
    (number,) = (row["item_key"] for row in seeded(truth) if row["fault_code"] == "receipt_without_plan")
    files = [
        Exchange(
            it.feed, it.path, it.layout, it.header, [row for row in it.rows if row["receipt_number"] != number], []
        )
        for it in found["contribution_receipts"]
    ]
    assert sum(len(it.rows) for it in found["contribution_receipts"]) > sum(len(it.rows) for it in files)
    return {**found, "contribution_receipts": files}


def ends(found: dict[str, list[Exchange]]) -> tuple[str, str]:
    periods = [file.period for file in found["participation"]]
    return min(periods), max(periods)


def test_the_truth_of_accounts_follows_what_was_received_and_answered(faulty):
    found, truth = faulty
    first, last = ends(found)
    years = account_years(found, contribution_months(planned_only(found, truth), first, last), last)
    table = pq.read_table(truth / "accounts.parquet").to_pylist()
    assert {tuple(list(row.values())[:3]): tuple(list(row.values())[3:]) for row in table} == years


def test_the_truth_of_funds_follows_receipts_and_answers(faulty):
    found, truth = faulty
    first, _ = ends(found)
    for row in read_csv(truth / "fund.csv"):
        year, quarter = row["period_code"][:4], row["period_code"][5:]
        end = f"{year}{int(quarter or 4) * 3:02d}"
        income = sum(
            Decimal(it["unit_paid_yuan"]) + Decimal(it["person_paid_yuan"])
            for it in receipts(found)
            if it["insurance_code"] == row["insurance_code"] and f"{year}01" <= it["received_on"][:6] <= end
        )
        spent = sum(
            it["payment_yuan"]
            for it in payments(found)
            if it["insurance_code"] == row["insurance_code"]
            and f"{year}01" <= it["paid_on"][:6] <= end
            and it["payment_status_code"] == "40"
        )
        assert end > first
        assert Decimal(row["contribution_income_yuan"]) == income
        assert Decimal(row["expenditure_yuan"]) == spent


def test_the_truth_of_headcounts_follows_participation_and_awards(faulty):
    found, truth = faulty
    names = ("contributing_person", "paused_person", "retired_person", "insured_unit", "beneficiary_person")
    table = read_csv(truth / "headcounts.csv")
    for period in {row["period_code"] for row in table}:
        end = f"{period[:4]}{int(period[5:] or 4) * 3:02d}"
        said = {
            (row["insurance_code"], row["prefecture_code"], name): int(row[f"{name}_count"])
            for row in table
            if row["period_code"] == period
            for name in names
            if int(row[f"{name}_count"])
        }
        assert said == heads(found, end) and said
