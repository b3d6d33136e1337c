"""Reversed receipts: pairs fall away in the account and stay in the cash; what matches nothing is found."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion import warehouse
from ingestion.settings import ROOT
from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import UNIT_RATE, YEAR, cases, land_situations, person_number

REVERSING = {
    person_number(index): case
    for index, case in enumerate(cases("account_years"))
    if any("reverses" in line for lines in case["given"].get("paid", {}).values() for line in lines)
}
TAKEN_BACK_IN_APRIL = next(number for number, case in REVERSING.items() if "again in June" in case["name"])


@pytest.fixture
def rows(situations):
    """Return a function that reads a table of the build."""

    def read(sql: str, *params) -> list[dict]:
        home, engine = situations
        with working_in(home, engine), warehouse.connect("building") as opened:
            return opened.rows(sql, params)

    return read


def test_the_rule_of_the_gate_finds_exactly_what_was_not_netted(rows):
    rule = (ROOT / "expectations" / "suites" / "int_receipts__effective.yml").read_text(encoding="utf-8")
    assert "condition: reversed_receipt_number is null" in rule and "severity: warning" in rule
    found = rows("select person_number from int_receipts__effective where reversed_receipt_number is not null")
    wanted = {number for number, case in REVERSING.items() if not case["given"].get("netted", True)}
    assert sorted(row["person_number"] for row in found) == sorted(wanted) and len(wanted) == 6


def test_a_reversal_that_was_netted_took_its_receipt_with_it(rows):
    sql = "select person_number, count(*) as line_count from {} group by person_number"
    received, effective = (
        {row["person_number"]: row["line_count"] for row in rows(sql.format(table))}
        for table in ("int_receipts__deduplicated", "int_receipts__effective")
    )
    for number, case in REVERSING.items():
        pairs = 1 if case["given"].get("netted", True) or "twice" in case["name"] or "cannot" in case["name"] else 0
        assert received[number] - effective[number] == 2 * pairs, case["name"]


def test_every_line_is_income_of_the_fund_on_its_day(rows):
    """Both lines of a pair moved money: the fund has the sum of all lines, month by month."""
    lines = rows(
        "select cast(date_trunc('month', received_on) as date) as month, "
        "sum(unit_paid_yuan + person_paid_yuan) as yuan from int_receipts__deduplicated group by 1 order by 1"
    )
    income = rows(
        "select movement_month as month, sum(movement_yuan) as yuan from int_fund__movement_lines "
        "where movement_type_code = 'contribution_income' group by movement_month order by movement_month"
    )
    assert [tuple(row.values()) for row in lines] == [tuple(row.values()) for row in income]
    taken_back = rows("select sum(unit_paid_yuan) as yuan from int_receipts__deduplicated where unit_paid_yuan < 0")
    assert taken_back[0]["yuan"] < 0


@pytest.mark.parametrize(
    ("as_of", "unit_paid", "booked_on"),
    [
        (date(YEAR, 3, 31), UNIT_RATE * 4000, date(YEAR, 3, 20)),
        (date(YEAR, 4, 30), Decimal(0), date(YEAR, 4, 20)),
    ],
    ids=["before the reversal", "after it"],
)
def test_each_day_shows_what_was_known_on_it(landed, as_of, unit_paid, booked_on):
    """March was paid in March, and taken back in April, whose own payment then pays March first."""
    with working_in(landed, "embedded"):
        build.open_build(as_of)
        made = build.run_dbt("build", "--select", "+int_contributions__settled", "--exclude-resource-type", "test")
        assert made.returncode == 0, made.stdout
        with warehouse.connect("building") as opened:
            (month,) = opened.rows(
                "select unit_paid_yuan, booked_on from int_contributions__settled "
                "where person_number = ? and liability_month = cast(? as date)",
                [TAKEN_BACK_IN_APRIL, date(YEAR, 3, 1)],
            )
    assert (month["unit_paid_yuan"], month["booked_on"]) == (unit_paid, booked_on)


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """A home in which the situations have landed."""
    home = tmp_path_factory.mktemp("reversals")
    with working_in(home, "embedded"):
        land_situations()
    return home
