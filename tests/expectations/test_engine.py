"""What Great Expectations needs of DuckDB through our dialect: reflection, whole results, PostgreSQL's operators."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from expectations import engine


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[sa.Engine]:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table account (person_number varchar, closing_balance_yuan decimal(18,2), born_on date,"
            " account_year integer); insert into account values ('P1', 0.10, '1985-03-12', 2016),"
            " ('xP12', 0.20, null, 2017)"
        )
        connection.execute("create view account_view as select * from account")
    made = sa.create_engine(f"duckdb:///{path}?schema=main")
    assert isinstance(made.dialect, engine.DuckDBDialect)
    yield made
    made.dispose()


@pytest.mark.parametrize("relation", ["account", "account_view"])
def test_columns_of_tables_and_views_are_reflected(opened, relation):
    inspector = sa.inspect(opened)
    assert inspector.has_table(relation)
    assert [(column["name"], str(column["type"])) for column in inspector.get_columns(relation)] == [
        ("person_number", "VARCHAR"),
        ("closing_balance_yuan", "NUMERIC"),
        ("born_on", "DATE"),
        ("account_year", "INTEGER"),
    ]
    assert not inspector.has_table("nothing")


def test_a_result_outlives_its_connection(opened):
    with opened.connect() as connection:
        result = connection.execute(sa.text("select person_number from account order by 1"))
    assert result.fetchmany(1) == [("P1",)]
    assert result.fetchall() == [("xP12",)]


def test_a_pattern_is_searched_for_as_in_postgresql_and_not_matched_whole(opened):
    column = sa.column("person_number")
    query = sa.select(column).select_from(sa.table("account")).where(column.op("~")("P1")).order_by(column)
    with opened.connect() as connection:
        assert [row[0] for row in connection.execute(query)] == ["P1", "xP12"]


def test_money_stays_decimal_through_parameters(opened):
    yuan = sa.column("closing_balance_yuan")
    with opened.connect() as connection:
        (total,) = connection.execute(sa.select(sa.func.sum(yuan)).select_from(sa.table("account"))).one()
    assert str(total) == "0.30"


def test_nothing_can_be_written(opened):
    with opened.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(sa.text("delete from account"))
