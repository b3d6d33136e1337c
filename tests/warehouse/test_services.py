"""Complaints, window days and bills come out on both engines as their cases say."""

from decimal import Decimal

import pytest

from ingestion import warehouse
from tests.warehouse.conftest import working_in
from tests.warehouse.service_situations import BILLED, COMPLAINTS, DAY


@pytest.fixture
def rows(situations):
    """Return a function that reads a table of the build."""

    def read(sql: str) -> list[dict]:
        home, engine = situations
        with working_in(home, engine), warehouse.connect("building") as opened:
            return opened.rows(sql)

    return read


def test_a_complaint_is_overdue_once_its_last_day_is_past(rows):
    found = {row["complaint_number"]: row for row in rows("select * from fct_complaint")}
    assert {number: row["is_overdue"] for number, row in found.items()} == {
        number: is_overdue for number, (_, _, is_overdue) in COMPLAINTS.items()
    }
    for number, (due_on, sent, _) in COMPLAINTS.items():
        row = found[number]
        assert (row["due_on"], row["handled_on"], row["closed_on"]) == (due_on, *sent[-1])


def test_a_window_day_adds_officers_as_last_sent_and_ratings_by_grade(rows):
    found = {row.pop("window_code"): row for row in rows("select * from fct_window_day")}
    nothing = dict.fromkeys(found["530101"], 0)
    assert found["530101"] == {
        "service_on": DAY,
        "visit_count": 42,
        "accepted_case_count": 26,
        "collected_document_count": 51,
        "scanned_document_count": 45,
        "rating_count": 8,
        "very_satisfied_count": 2,
        "satisfied_count": 1,
        "basically_satisfied_count": 1,
        "dissatisfied_count": 1,
        "very_dissatisfied_count": 3,
    }
    assert found["530102"] == {**nothing, "service_on": DAY, "rating_count": 1, "satisfied_count": 1}
    assert set(found) == {"530101", "530102"}


def test_a_bill_counts_as_last_sent(rows):
    found = {row["settlement_number"]: row["billed_yuan"] for row in rows("select * from fct_work_injury_settlement")}
    assert found == {number: Decimal(amounts[-1]) for number, amounts in BILLED.items()}
