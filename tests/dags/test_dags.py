"""The DAGs as an operator meets them: they import, they say what they do, their assets chain."""

import ast
import os
import re
from pathlib import Path

import pytest

from ingestion.settings import ROOT

DAG_FILES = sorted(path for path in (ROOT / "dags").glob("*.py") if not path.name.startswith("run_"))
EXPECTED = {
    "ingest_tax_bureau",
    "ingest_finance_bureau",
    "ingest_banks",
    "ingest_core_system",
    "ingest_legacy_system",
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
    assert set(dags) == EXPECTED == {path.stem for path in DAG_FILES}


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
        assert waited_for <= made, dag.dag_id


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_a_dag_file_is_short_and_holds_no_logic(path: Path):
    source = path.read_text()
    assert 30 <= len(source.splitlines()) <= 60
    tree = ast.parse(source)
    logic = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.With, ast.Compare, ast.BoolOp)
    assert not [node for node in ast.walk(tree) if isinstance(node, logic)]
    top_imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in top_imports} <= {"airflow.sdk", "ingestion.feed_spec"}


def test_the_timetable_lists_every_dag(dags):
    timetable = (ROOT / "dags" / "README.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", timetable, re.M)) == set(dags)
