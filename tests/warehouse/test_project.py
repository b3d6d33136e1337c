"""What every model and macro of the project must be."""

import re
from pathlib import Path

import pytest
import yaml

from ingestion import warehouse
from ingestion.settings import ROOT
from tests.warehouse.conftest import build, working_in

PROJECT = ROOT / "dbt"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
SQL = [*MODELS, *sorted((PROJECT / "tests").rglob("*.sql")), *sorted((PROJECT / "macros" / "rules").glob("*.sql"))]
WAREHOUSE_MACROS = sorted((PROJECT / "macros" / "warehouse").glob("*.sql"))
LONGEST_NAME = 55
# What one engine only knows, what reads the clock, and divisions, which round differently on each engine.
FORBIDDEN = {
    "a dialect": r"adapter\.|target\.|::|\b(duckdb|postgres|spark)\b",
    "the clock": r"\b(now|getdate)\s*\(|current_date|current_timestamp|run_started_at",
    "a float": r"\b(double|float|real)\b",
    "a function of one engine": r"\b(date_trunc|interval|strftime|to_char|list_agg|string_agg|unnest|ilike)\b",
    "a bare division": r"(?<![/*'])/(?![/*'])",
}


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def code_of(path: Path) -> str:
    """Return a file's SQL and Jinja without comments, and without Jinja's own `//`."""
    text = re.sub(r"\{#.*?#\}|--[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\bnumber // 3\b", "", text)


@pytest.mark.parametrize("path", SQL, ids=relative)
def test_only_warehouse_macros_know_the_engine(path):
    found = {what: re.findall(pattern, code_of(path), flags=re.IGNORECASE) for what, pattern in FORBIDDEN.items()}
    assert not any(found.values()), found


@pytest.mark.parametrize("path", WAREHOUSE_MACROS, ids=relative)
def test_a_warehouse_macro_is_one_per_file_with_a_default(path):
    names = set(re.findall(r"macro (?:\w+?__)?(\w+)\(", path.read_text(encoding="utf-8")))
    assert names == {path.stem}
    assert f"macro default__{path.stem}(" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WAREHOUSE_MACROS, ids=relative)
def test_every_warehouse_macro_that_makes_a_value_has_an_expectation(path):
    expectations = (PROJECT / "models" / "staging" / "warehouse_macro_expectations.sql").read_text(encoding="utf-8")
    assert path.stem == "analyze_table" or f" {path.stem}(" in expectations


@pytest.mark.parametrize("path", MODELS, ids=relative)
def test_a_model_states_its_question_and_its_grain(path):
    assert path.read_text(encoding="utf-8").startswith("-- One row per ")
    (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert model["name"] == path.stem and len(path.stem) <= LONGEST_NAME
    assert model["description"].startswith("One row per ")


def test_every_column_that_is_built_is_described_and_labelled(situations):
    home, engine = situations
    sql = "select table_name, column_name from information_schema.columns where table_schema = ?"
    with working_in(home, engine), warehouse.connect("building") as opened:
        found = opened.rows(sql, [warehouse.schema_name("building")])
    built = {(row["table_name"], row["column_name"]) for row in found}
    declared = set()
    for path in MODELS:
        (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        for column in model["columns"]:
            assert column["description"] and column["config"]["meta"]["label"], (path.stem, column["name"])
            declared.add((path.stem, column["name"]))
    models = {path.stem for path in MODELS}
    assert {key for key in built if key[0] in models} <= declared


@pytest.mark.slow
def test_every_check_of_the_warehouse_passes_on_the_situations(situations):
    """They are built without the checks, which `make test` runs on the demonstration on both engines."""
    with working_in(*situations):
        layers = [f"path:models/{layer}" for layer in ("staging", "consolidated", "marts")]
        done = build.run_dbt("--warn-error", "test", "--select", *layers, "--indirect-selection", "buildable")
    assert done.returncode == 0, build.without_successes(done.stdout)
