"""A person's account is followed through a year, line by line, to the files it came from."""

import re
from decimal import Decimal

import pytest
from rich.console import Console

from ingestion import warehouse
from reports.__main__ import main
from reports.trace.page import trace
from tests.warehouse.conftest import working_in


@pytest.fixture(scope="module")
def home(demo):
    return demo[0]


def rows(home, sql, *params):
    with working_in(home, "embedded"), warehouse.connect() as opened:
        return opened.rows(sql, params)


def traced(home, person_number: str, year: int) -> str:
    """Return what is printed on a wide screen."""
    console = Console(width=260, highlight=False)
    with working_in(home, "embedded"), console.capture() as printed:
        trace(person_number, year, console)
    return printed.get()


def test_every_person_with_an_account_is_traced_to_its_closing_balance(home):
    accounts = rows(home, "select * from fct_personal_account_year where account_year = 2016 order by person_number")
    assert len(accounts) > 100
    for account in accounts[::7]:
        printed = traced(home, account["person_number"], 2016)
        closing = f"= {account['closing_balance_yuan']:,}"
        assert closing in printed and f"② 本年记账本金 {account['principal_credited_yuan']:,}" in printed


def test_every_line_names_the_file_and_the_line_it_came_from(home):
    accounts = "select min(person_number) as number from fct_personal_account_year"
    number = rows(home, f"{accounts} where account_year = 2016 and month_count = 12")[0]["number"]
    printed = traced(home, number, 2016)
    places = re.findall(r"到账 \S+（(\d{4}-\d{2})）(\S+) 第 (\d+) 行", printed)
    assert {month for month, _, _ in places} >= {f"2016-{month:02d}" for month in range(1, 13)}
    for _, file_name, line in places:
        found = rows(
            home,
            "select receipts.person_number from landing.tax_bureau__contribution_receipts as receipts inner join "
            "landing.batches as batches on receipts.batch_id = batches.batch_id "
            "where batches.file_name = ? and receipts.source_line = ?",
            file_name,
            int(line),
        )
        assert found == [{"person_number": number}]


def test_the_month_products_of_the_lines_add_to_that_of_the_year(home):
    (account,) = rows(
        home,
        "select * from fct_personal_account_year where account_year = 2016 and account_outflow_yuan > 0 "
        "and closed_month is null order by person_number limit 1",
    )
    printed = traced(home, account["person_number"], 2016)
    (product,) = re.findall(r"月积数 (-?[\d,.]+) ×", printed)
    assert Decimal(product.replace(",", "")) == account["month_product_yuan"] < 0


def test_the_identity_number_is_masked(home):
    (person,) = rows(home, "select * from dim_person where person_number in (select min(person_number) from "
                           "fct_personal_account_year where account_year = 2016)")  # fmt: skip
    printed = traced(home, person["person_number"], 2016)
    assert person["identity_number"] not in printed
    assert f"{person['identity_number'][:6]}********{person['identity_number'][-4:]}" in printed


@pytest.mark.parametrize(
    ("number", "year", "said"),
    [("000", 2016, "没有个人编号 000"), (None, 2009, "在 2009 年没有个人账户：有 2016")],
    ids=["unknown number", "year without account"],
)
def test_what_cannot_be_traced_is_said_with_exit_code_2(home, capsys, number, year, said):
    first = rows(home, "select min(person_number) as number from fct_personal_account_year")[0]["number"]
    with working_in(home, "embedded"):
        assert main(["trace", "person", number or first, "--year", str(year)]) == 2
    assert said in capsys.readouterr().err
