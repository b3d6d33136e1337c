"""The engine of the warehouse leaves no trace in a statement: not a byte, not a code."""

from reports.rights_statement import statements
from tests.postgres import throwaway_postgres
from tests.reports import statement_fixtures as sample
from tests.reports.test_statements import contents, set_up
from tests.reports.test_statistics_postgres import copy_to_postgres


def test_both_engines_give_the_same_bytes(tmp_path, monkeypatch):
    people = sample.make_people(30)
    people[8] |= {"postcode": None, "unit_name": None, "rate_document": None}
    sample.write_warehouse(tmp_path, people)
    set_up(monkeypatch, tmp_path)
    statements.publish(sample.YEAR, tmp_path / "embedded")
    with throwaway_postgres():
        copy_to_postgres(tmp_path / "warehouse" / "warehouse.duckdb", tmp_path)
        monkeypatch.setenv("WAREHOUSE_TARGET", "postgres")
        statements.publish(sample.YEAR, tmp_path / "postgres")
    assert contents(tmp_path / "postgres") == contents(tmp_path / "embedded")
