"""Situations of a personal account in one year, built through the models on both engines."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion import warehouse
from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import cases, land_situations, person_number

SITUATIONS = list(enumerate(cases("account_years")))


def rows_of(home, engine, sql, *params):
    with working_in(home, engine), warehouse.connect("building") as opened:
        return opened.rows(sql, params)


@pytest.mark.parametrize(("index", "situation"), SITUATIONS, ids=[it["name"] for _, it in SITUATIONS])
def test_an_account_year_comes_out_as_the_situation_expects(situations, index, situation):
    sql = "select * from fct_personal_account_year where person_number = ? and account_year = 2017"
    (account,) = rows_of(*situations, sql, person_number(index))
    assert {name: str(account[name]) for name in situation["expect"]} == situation["expect"]


def test_a_superseding_file_counts_from_the_day_it_was_made(tmp_path):
    sql = "select distinct opening_balance_yuan from stg_core_system__account_openings where opening_kind_code = '1'"
    with working_in(tmp_path, "embedded"):
        land_situations()
        said = build.open_build(date(2017, 1, 31))
        made = build.run_dbt(
            "build", "--select", "+stg_core_system__account_openings", "--exclude-resource-type", "test"
        )
        assert made.returncode == 0, made.stdout
    assert rows_of(tmp_path, "embedded", sql) == [{"opening_balance_yuan": Decimal("1.00")}]
    assert "不计入" in said
