"""Every case of `tests/cases/` (or of `--cases DIR`), by SQL on DuckDB, by SQL on PostgreSQL, and by the calculator."""

from itertools import groupby
from typing import Any

import pytest

from tests.rules.kinds import CASES, Case, differences, kind, load_cases

LEAST = 60


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = load_cases(metafunc.config.getoption("--cases") or CASES)
        metafunc.parametrize("case", cases, ids=[f"{case['kind']}: {case['name']}" for case in cases])


@pytest.fixture(scope="session")
def answers(on_duckdb, on_postgres, request) -> dict[str, dict[str, Any]]:
    """By engine, the answers of SQL to all cases, by the text of the case; each kind runs once an engine."""
    cases = load_cases(request.config.getoption("--cases") or CASES)
    found: dict[str, dict[str, Any]] = {"embedded": {}, "postgres": {}}
    for name, of_kind in groupby(sorted(cases, key=lambda case: case["kind"]), key=lambda case: case["kind"]):
        mine = list(of_kind)
        for engine in (on_duckdb, on_postgres):
            found[engine.name] |= {repr(it): ans for it, ans in zip(mine, engine.run(kind(name), mine), strict=True)}
    return found


@pytest.mark.parametrize("engine_name", ["embedded", "postgres"])
def test_sql_answers_as_the_case_expects(case: Case, engine_name: str, answers):
    assert not differences(case["expect"], answers[engine_name][repr(case)])


def test_the_calculator_answers_as_the_case_expects(case: Case):
    assert not differences(case["expect"], kind(case["kind"]).calculate(case))


def test_there_are_enough_cases_and_no_two_share_a_name():
    names = [case["name"] for case in load_cases(CASES)]
    assert len(names) >= LEAST
    assert len(set(names)) == len(names)
