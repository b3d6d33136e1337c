"""The runs that several tests look at: each is made once a session, by the commands a person would type."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import ROOT

PERSONS, SEED, FIRST_MONTH, LAST_MONTH = 500, 7, "2016-01", "2017-06"


def run(*command: str, home: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
    """Run a command of ours in a home of its own, and return what it printed."""
    finished = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "WAREHOUSE_HOME": str(home), "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert not check or finished.returncode == 0, finished.stdout
    return finished


@pytest.fixture(scope="session")
def province(tmp_path_factory) -> Path:
    """A sample province of 500 persons: `<source>/<file>` and `truth/`."""
    directory = tmp_path_factory.mktemp("province")
    span = ("--from", FIRST_MONTH, "--to", LAST_MONTH)
    sample = ("-m", "ingestion", "sample", str(directory), "--persons", str(PERSONS), "--seed", str(SEED), *span)
    run(*sample, home=directory / "home")
    return directory


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> tuple[Path, str]:
    """The home of a whole demonstration run, and what the run printed."""
    home = tmp_path_factory.mktemp("demo")
    finished = run("dags/run_demo.py", "--persons", str(PERSONS), "--seed", str(SEED), home=home)
    return home, finished.stdout
