"""The runs that several tests look at: each is made once a session, by the commands a person would type."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from ingestion.settings import ROOT

PERSONS, SEED = 500, 7


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", metavar="DIR", type=Path, help="cases of the law to run in place of tests/cases")


@pytest.hookimpl(tryfirst=True)  # before xdist writes the groups into the names of the tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a file's tests to one process, with others that look at the same run; first what builds warehouses."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=lambda item: item.path, reverse=True)


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


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of the session have."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> tuple[Path, str]:
    """The home of a whole demonstration run, and what the run printed; one for all processes of the session."""
    shared = shared_folder(tmp_path_factory)
    home, printed = shared / "demo", shared / "demo.txt"
    with FileLock(shared / "demo.lock"):
        if not printed.exists():
            finished = run("dags/run_demo.py", "--persons", str(PERSONS), "--seed", str(SEED), home=home)
            printed.write_text(finished.stdout)
    return home, printed.read_text()
