"""What the marts say of the demonstration's province is what the sample knows to be true, row by row."""

import duckdb
import pytest

from ingestion import warehouse
from tests.warehouse.conftest import working_in

FACTS = {"accounts": "fct_personal_account_year", "contributions": "fct_contribution_month"}


@pytest.mark.parametrize("name", FACTS)
def test_every_row_of_a_fact_equals_the_truth(demo, name):
    home, _ = demo
    truth = duckdb.sql(f"select * from read_parquet('{home / 'sample' / 'truth' / f'{name}.parquet'}')")
    with working_in(home, "embedded"), warehouse.connect() as opened:
        built = opened.rows(f"select {', '.join(truth.columns)} from {FACTS[name]}")
    assert sorted(map(repr, (tuple(row.values()) for row in built))) == sorted(map(repr, truth.fetchall()))
    assert built
