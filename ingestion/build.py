"""Run a step of the warehouse build in a process of its own, since dbt keeps the database locked until it ends."""

import subprocess
import sys

from ingestion.settings import ROOT

REFUSED = 2


class BuildFailed(Exception):
    """A build step failed; the message is what it printed. `exit_code` 2: a check failed; 1: a fault of ours."""

    def __init__(self, step: str, exit_code: int, output: str):
        super().__init__(f"建数仓步骤 {step} 失败（退出码 {exit_code}）：\n{output.strip()}")
        self.exit_code = REFUSED if exit_code == REFUSED else 1


def build(step: str) -> str:
    """Run `dbt/build.py STEP` and return what it printed; raise `BuildFailed` when it does not exit with 0."""
    command = [sys.executable, str(ROOT / "dbt" / "build.py"), *step.split()]
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if finished.returncode:
        raise BuildFailed(step, finished.returncode, finished.stdout)
    return finished.stdout.strip()
