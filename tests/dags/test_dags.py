"""The DAGs as an operator meets them: they import, they say what they do, their assets chain."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.feed_spec import all_feeds
from ingestion.settings import ROOT

HELPERS = {"exchange_dag.py", "run_airflow.py", "run_demo.py", "run_environment.py"}
DAG_FILES = sorted(path for path in (ROOT / "dags").glob("*.py") if path.name not in HELPERS)
SOURCES = sorted({feed.source for feed in all_feeds()})
EXPECTED = {
    *(f"ingest_{source}" for source in SOURCES),
    "reconcile_exchanges",
    "send_exchanges",
    "build_warehouse",
    "migrate_legacy_systems",
    "publish_fund_statistics",
    "publish_rights_statements",
}


@pytest.fixture(scope="module")
def dags(tmp_path_factory):
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag.dags


def test_every_dag_is_there_and_is_named_as_its_file(dags):
    missing = [source for source in SOURCES if f"ingest_{source}" not in dags]
    assert not missing, f"feeds of {missing} are declared, but no dags/ingest_<source>.py takes them in"
    assert set(dags) == EXPECTED == {path.stem for path in DAG_FILES}


def test_a_source_is_taken_in_when_something_arrives_and_by_its_clock(dags):
    for source in SOURCES:
        condition = getattr(dags[f"ingest_{source}"].timetable, "asset_condition", None)
        watched = {asset.name for asset in condition.objects} if condition else set()
        assert watched == (set() if source == "legacy_system" else {f"arrivals/{source}"}), source
        for asset in condition.objects if condition else ():
            (watcher,) = asset.watchers
            assert watcher.trigger.serialize() == ("ingestion.arrival_trigger.ArrivalTrigger", {"source": source})
    assert "30 6 * * 1-5" in repr(dags["ingest_tax_bureau"].timetable.timetable)


def test_every_dag_and_task_has_a_chinese_name_and_every_dag_says_what_happens_on_failure(dags):
    for dag in dags.values():
        assert re.search("[一-鿿]", dag.dag_display_name), dag.dag_id
        assert all(heading in dag.doc_md for heading in ("何时", "产出", "失败")), dag.dag_id
        for task in dag.tasks:
            assert re.search("[一-鿿]", task.task_display_name), f"{dag.dag_id}.{task.task_id}"


def test_every_asset_waited_for_is_made_by_some_dag(dags):
    made = {outlet.name for dag in dags.values() for task in dag.tasks for outlet in task.outlets}
    for dag in dags.values():
        condition = getattr(dag.timetable, "asset_condition", None)
        waited_for = {asset.name for asset in condition.objects} if condition else set()
        assert {name for name in waited_for if not name.startswith("arrivals/")} <= made, dag.dag_id


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_a_dag_file_is_short_and_holds_no_logic(path: Path):
    source = path.read_text()
    assert len(source.splitlines()) <= 60
    tree = ast.parse(source)
    logic = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.With, ast.Compare, ast.BoolOp)
    assert not [node for node in ast.walk(tree) if isinstance(node, logic)]
    top_imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in top_imports} <= {"airflow.sdk", "dags.exchange_dag"}


def test_reading_a_dag_file_imports_nothing_heavy():
    code = "import sys, dags.exchange_dag; print([name for name in sys.argv[1:] if name in sys.modules])"
    heavy = ["pyarrow", "numpy", "pandas", "duckdb", "lxml", "paramiko", "great_expectations", "dbt"]
    found = subprocess.run([sys.executable, "-c", code, *heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"


def test_the_timetable_lists_every_dag(dags):
    timetable = (ROOT / "dags" / "README.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", timetable, re.M)) == set(dags)
