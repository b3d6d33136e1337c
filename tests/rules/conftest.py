"""The project built empty and compiled once for all workers, for the kinds of cases to run on."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import shared_folder
from tests.postgres import throwaway_postgres
from tests.rules.engine import Engine, Project, embedded, postgres, read_project
from tests.warehouse.conftest import ENGINES, build, working_in
from tests.warehouse.situations import land, unit

# Cases may lie in any of these years.
VARS, LAST_DAY = '{"first_account_year": 1996}', date(2039, 12, 31)


def _dbt(home: Path, engine: str, *arguments: str) -> None:
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "--quiet",
        "--no-use-colors",
        "--no-populate-cache",
        *arguments,
    ]
    options = ["--target", engine, "--vars", VARS, "--target-path", str(home / "compiled" / engine)]
    with working_in(home, engine):
        finished = subprocess.run(
            [*command, *options],
            cwd=home,
            env=build.dbt_environment(LAST_DAY.isoformat()),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory) -> Path:
    """A home with a DuckDB warehouse that has every table and nothing but seeds in it, and the models compiled."""
    shared = shared_folder(tmp_path_factory)
    home, ready = shared / "empty", shared / "empty" / "ready"
    with FileLock(shared / "empty.lock"):
        if not ready.exists():
            with working_in(home, "embedded"):
                land("core_system", "insured_units", "201701", [unit()])
                build.open_build(LAST_DAY)
            _dbt(home, "embedded", "build", "--empty", "--exclude-resource-type", "test")
            for engine in ENGINES:
                _dbt(home, engine, "compile", "--no-introspect", "--select", "resource_type:model")
            ready.touch()
    return home


@pytest.fixture(scope="session")
def on_duckdb(empty_home) -> Engine:
    return embedded(_project(empty_home, "embedded"))


@pytest.fixture(scope="session")
def on_postgres(empty_home) -> Iterator[Engine]:
    with throwaway_postgres():
        yield postgres(_project(empty_home, "postgres"))


def _project(home: Path, engine: str) -> Project:
    compiled = home / "compiled" / engine / "compiled" / "social_insurance" / "models"
    return read_project(compiled, home / "warehouse" / "building" / "warehouse.duckdb")


@pytest.fixture(params=["embedded", "postgres"])
def engine(request) -> Engine:
    """Each engine; PostgreSQL is started when it is wanted first."""
    return request.getfixturevalue("on_duckdb" if request.param == "embedded" else "on_postgres")
