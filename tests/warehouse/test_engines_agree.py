"""The same landed province, on DuckDB and on PostgreSQL: marts, reports and outbound files are equal row by row."""

from collections import Counter
from datetime import date

import pytest

from ingestion import warehouse
from ingestion.send import send
from ingestion.settings import ROOT
from tests.warehouse.conftest import build, create_database, working_in

MODELS = ROOT / "dbt" / "models"
# Empty while all is well; a faulty province compares them.
FINDINGS = {
    "fct_tie_item",
    "fct_unidentified_receipt",
    "fct_base_finding",
    "fct_levy_adjustment",
    "fct_account_resettlement",
    "fct_benefit_overpayment",
}
TABLES = sorted(path.stem for layer in ("marts", "reports", "outbound") for path in (MODELS / layer).rglob("*.sql"))


@pytest.fixture(scope="module")
def embedded_home(demo):
    """The home of the demonstration, which is built and published on DuckDB."""
    return demo[0]


@pytest.fixture(scope="module")
def postgres_home(embedded_home, postgres, tmp_path_factory):
    """A home with the same landed batches, built and published on PostgreSQL."""
    home = tmp_path_factory.mktemp("province_on_postgres")
    (home / "landing").symlink_to(embedded_home / "landing")
    create_database(home)
    with working_in(home, "postgres"):
        build.open_build(None)
        build.build_layers(*build.LAYERS)
        build.publish()
    return home


def rows_of(home, engine, table):
    with working_in(home, engine), warehouse.connect() as opened:
        return opened.rows(f"select * from {table}")


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_equal_on_both_engines(embedded_home, postgres_home, table):
    on_duckdb, on_postgres = rows_of(embedded_home, "embedded", table), rows_of(postgres_home, "postgres", table)
    assert len(on_duckdb) == len(on_postgres)
    assert on_duckdb or table in FINDINGS
    assert [list(row) for row in on_duckdb[:1]] == [list(row) for row in on_postgres[:1]]
    counted = [Counter(tuple(map(repr, row.values())) for row in rows) for rows in (on_duckdb, on_postgres)]
    assert counted[0] == counted[1]


def test_opening_again_loads_nothing_twice(postgres_home):
    counts = "select count(*) as row_count, count(distinct batch_id) as batch_count from landing.batches"
    with working_in(postgres_home, "postgres"):
        with warehouse.connect() as opened:
            before = opened.rows(counts)
        build.open_build(None)
        with warehouse.connect() as opened:
            assert opened.rows(counts) == before
            assert before[0]["row_count"] == before[0]["batch_count"] > 0


def test_a_file_sent_from_postgres_has_the_bytes_of_the_province(embedded_home, postgres_home):
    with working_in(postgres_home, "postgres"):
        sent = send("tax_bureau", "levy_plan_persons", date(2017, 6, 1))
    assert sent.path.is_relative_to(postgres_home / "outbox")
    assert sent.path.read_bytes() == (embedded_home / "sample" / "tax_bureau" / sent.path.name).read_bytes()
