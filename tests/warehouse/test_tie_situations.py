"""Every step of the tie with every outcome, on both engines, by what is known on the day."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from ingestion import warehouse
from tests.warehouse import tie_situations
from tests.warehouse.conftest import build, create_database, working_in
from tests.warehouse.tie_situations import EARLY, END, FISCAL, ITEMS, ITEMS_IN_THE_MIDDLE, MATCHED, MIDDLE

MARTS = ("+fct_tie_item", "+fct_tie_summary", "+fct_unidentified_receipt")


def built_on(day: date) -> None:
    """Build what the tie needs as of a day, its tests included."""
    build.open_build(day)
    done = build.run_dbt("--warn-error", "build", "--select", *MARTS, "--indirect-selection", "buildable")
    assert done.returncode == 0, build.without_successes(done.stdout)
    assert "assert_tie_hides_nothing" in done.stdout


def read(sql: str) -> list[dict]:
    with warehouse.connect("building") as opened:
        return opened.rows(sql)


def items() -> dict:
    """Return outcome and difference of what the tie lists, by step and item."""
    rows = read("select * from fct_tie_item")
    found = {(row["step_code"], row["item_key"]): (row["outcome_code"], row["difference_yuan"]) for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def tied(engine, tmp_path_factory):
    """A home and engine on which the situations are tied at the end of February."""
    home = tmp_path_factory.mktemp("tied")
    if engine == "postgres":
        create_database(home)
    with working_in(home, engine):
        tie_situations.land_tie()
        built_on(END)
    return home, engine


@pytest.fixture
def at_the_end(tied):
    with working_in(*tied):
        yield


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A home in which the situations are landed, to be tied on other days."""
    home = tmp_path_factory.mktemp("tied_earlier")
    with working_in(home, "embedded"):
        tie_situations.land_tie()
        yield home


def test_the_tie_lists_exactly_what_is_not_alike(at_the_end):
    assert items() == ITEMS


def test_all_else_is_matched_and_only_summed(at_the_end):
    rows = read("select step_code, sum(matched_count) as matched_count from fct_tie_summary group by step_code")
    assert {row["step_code"]: row["matched_count"] for row in rows} == MATCHED


def test_items_are_aged_to_the_day_and_name_the_lines_of_the_sides_they_have(at_the_end):
    rows = {(row["step_code"], row["item_key"]): row for row in read("select * from fct_tie_item")}
    ages = {
        ("plan_acknowledged", "201701U211010"): 58,
        ("plan_received", "P6-110-201701"): 58,
        ("received_booked", "U9-110-20170110"): 49,
        ("fiscal_banked", "F3"): 28,
        ("sent_paid", "YHBP-201702-110-20170206"): 22,
    }
    assert {key: rows[key]["age_day_count"] for key in ages} == ages
    for (_, key), row in rows.items():
        sides = {side for side in ("left", "right") if row[f"{side}_batch_id"] and row[f"{side}_source_line"]}
        one_side = {"left_only": {"left"}, "right_only": {"right"}}.get(row["outcome_code"], {"left", "right"})
        assert sides == one_side or (row["outcome_code"] == "owed" and sides == {"left"}), key


def test_an_item_belongs_to_the_month_of_the_file_that_shows_it(at_the_end):
    months = {row["item_key"]: row["tie_month"] for row in read("select item_key, tie_month from fct_tie_item")}
    assert months["Q5-110-100001-201701"] == date(2017, 2, 1)  # sent again in February
    assert months["Q9-110-100001-201702"] == date(2017, 2, 1)
    assert months["R7"] == months["P4-110-201701"] == months["S3"] == date(2017, 1, 1)


def test_only_credits_of_the_fiscal_accounts_wait_for_claiming(at_the_end):
    rows = read("select * from fct_unidentified_receipt order by entry_yuan")
    assert [(row["own_account_number"], row["entry_yuan"]) for row in rows] == [
        (FISCAL["120"], Decimal("7.00")),  # booked on the account of another fund
        (FISCAL["110"], Decimal("12.34")),
    ]
    assert rows[1]["counterparty_name"] == "某公司 6217003860001234564"  # as given: whoever claims it must be found


def test_in_the_middle_of_a_month_its_other_sides_may_still_come(earlier):
    built_on(MIDDLE)
    assert items() == ITEMS_IN_THE_MIDDLE


def test_before_anything_has_moved_nothing_is_missed(earlier):
    built_on(EARLY)
    outcomes = Counter(row["outcome_code"] for row in read("select outcome_code from fct_tie_item"))
    assert set(outcomes) == {"owed", "awaiting", "differs"} and outcomes["owed"] == 6
    differing = {key for key, (outcome, _) in items().items() if outcome == "differs"}
    assert differing == {
        ("plan_acknowledged", "201701U311010"),
        ("plan_itemised", "201701U411010"),
        ("award_sent", "Q3-110-100001-201701"),
    }
    assert all(row["age_day_count"] >= 0 for row in read("select age_day_count from fct_tie_item"))


def test_what_is_left_out_of_the_list_fails_the_build(earlier):
    built_on(EARLY)
    with warehouse.connect("building", read_only=False) as opened:
        opened.execute("delete from fct_tie_item where item_key = 'Q3-110-100001-201701'")
    done = build.run_dbt("test", "--select", "assert_tie_hides_nothing")
    assert done.returncode and "Failure in test assert_tie_hides_nothing" in done.stdout
