"""The runs that several tests look at: each is made once a session, by the commands a person would type."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from xdist.scheduler import LoadFileScheduling

from ingestion.settings import ROOT

os.environ.setdefault("DBT_LOG_LEVEL_FILE", "none")  # nobody reads them here, and they take a tenth of dbt's time
PERSONS, SEED = 500, 7
LONG = "tests/expectations/test_gate.py"  # builds no warehouse, but is not to be what one process ends with alone
LOOK_AT_SITUATIONS = {
    f"tests/warehouse/test_{name}.py"
    for name in ("account_years", "golden_calculations", "project", "reversals", "services")
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", metavar="DIR", type=Path, help="cases of the law to run in place of tests/cases")


class GroupScheduling(LoadFileScheduling):
    """Give the tests of a group to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    return GroupScheduling(config, log)


def group_of(nodeid: str) -> str:
    """Return the file of a test; files that look at the same run are one group."""
    file = nodeid.partition("::")[0]
    return "tests/warehouse/with_situations" if file in LOOK_AT_SITUATIONS else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what builds warehouses, which takes longest, and leave an engine only when its tests are done."""

    def place(item: pytest.Item) -> tuple[bool, str, str]:
        group = group_of(item.nodeid)
        engine = item.callspec.params.get("engine", "") if hasattr(item, "callspec") else ""
        return group == LONG, group, str(engine)

    items.sort(key=place, reverse=True)


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
