"""Build the warehouse from what has landed, layer by layer, and publish it when every check has passed.

    python dbt/build.py [open | layers [NAME...] | publish | all] [--as-of YYYY-MM-DD] [--whole]

`open` begins a build, and settles the day the figures are made for: --as-of, else the last day of the latest period
among the files that others sent, or the day the latest of them was made if that is later. A build stands on the
published one and adds what is new where that gives the same rows (ingestion/increment.py), unless --whole is said.
`layers` builds all layers, or those named (staging, consolidated, marts, reports, outbound), by one `dbt build` in a
process of its own, in which a layer waits for the tests of the one below. `publish` swaps the built warehouse in.
`all`, the default, does everything: the quality gate after `open`, the layers, and the gate once more.
Exit code 0: all well; 2: a check failed or there is nothing to build; 1: a fault of ours.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from calendar import monthrange
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingestion import warehouse
from ingestion.batches import Batch
from ingestion.feed_spec import all_feeds
from ingestion.increment import Increment, increment
from ingestion.landing_tables import landed_batches, open_landing
from ingestion.settings import home, target

PROJECT = Path(__file__).resolve().parent
LAYERS = ("staging", "consolidated", "marts", "reports", "outbound")
CHECK_FAILED, FAULT = 2, 1


class BuildFailed(Exception):
    """A step did not succeed; the message is for the operator."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.step == "open":
            say(open_build(arguments.as_of, arguments.whole))
        elif arguments.step == "layers":
            say(build_layers(*(arguments.names or LAYERS)))
        elif arguments.step == "publish":
            say(publish())
        else:
            build_all(arguments.as_of, arguments.whole)
    except Exception as error:
        if not hasattr(error, "exit_code"):  # what nobody foresaw keeps its traceback
            raise
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="由已落地的批次构建并发布数仓")
    parser.add_argument("step", nargs="?", choices=("open", "layers", "publish", "all"), default="all")
    parser.add_argument("names", nargs="*", metavar="层", help=f"layers 只建这些层：{'、'.join(LAYERS)}；不写则全建")
    parser.add_argument("--as-of", type=date.fromisoformat, help="数据截止日，默认取最晚一期的末日")
    parser.add_argument("--whole", action="store_true", help="不在已发布的数仓上增建，整体重建")
    arguments = parser.parse_args()
    if arguments.names and (arguments.step != "layers" or not set(arguments.names) <= set(LAYERS)):
        parser.error(f"只有 layers 后可写层名，层名是 {'、'.join(LAYERS)}")
    return arguments


def build_all(as_of: date | None, whole: bool = False) -> None:
    from expectations.gate import require  # slow to import, and only wanted here

    say(open_build(as_of, whole))
    say(require("landing"))
    say(build_layers(*LAYERS))
    say(require("marts"))
    say(publish())


def open_build(as_of: date | None, whole: bool = False) -> str:
    """Begin a build over the landed batches and write down its day; return a line for the operator."""
    landed = landed_batches()
    as_of = as_of or max(max(period_end(batch), batch.created_on) for batch in _from_others(landed))
    added = Increment(reason="按要求整体构建") if whole else increment(landed, as_of)
    open_landing(landed, as_of, added)
    file = as_of_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    opened = {"as_of": as_of.isoformat(), "is_increment": not added.reason}
    file.write_text(json.dumps(opened) + "\n", encoding="utf-8")
    later = sum(batch.created_on > as_of for batch in landed)
    how = f"整体构建：{added.reason}" if added.reason else f"在已发布的数仓上增加 {len(added.new)} 个批次"
    left_out = f"；其中 {later} 个在此日之后生成，不计入" if later else ""
    return f"打开 {len(landed)} 个批次，数据截止 {as_of}{left_out}；{how}"


def _from_others(landed: list[Batch]) -> list[Batch]:
    """Return the batches that others sent: a plan of ours for the month to come does not end that month."""
    ours = {(feed.source, feed.name) for feed in all_feeds() if feed.direction == "outbound"}
    return [batch for batch in landed if (batch.source, batch.feed) not in ours] or landed


def period_end(batch: Batch) -> date:
    """Return the last day a batch is about; its period is YYYYMM or YYYYMMDD."""
    year, month = int(batch.period[:4]), int(batch.period[4:6])
    return date(year, month, int(batch.period[6:8] or monthrange(year, month)[1]))


def as_of_file() -> Path:
    return home() / "warehouse" / "building.json"


def opened_build() -> dict:
    """Return what is written down of the build that is open: `as_of` (YYYY-MM-DD) and `is_increment`.

    Raises `WarehouseMissing` when no build is open.
    """
    with warehouse.connect("building"):  # raises when no build is open; dbt would begin an empty database
        pass
    return json.loads(as_of_file().read_text(encoding="utf-8"))


def build_layers(*names: str) -> str:
    """Run dbt once on these layers, their tests included; raise `BuildFailed` with dbt's own words when one fails."""
    started = time.monotonic()
    selected = [f"path:models/{name}" for name in names]
    if "staging" in names and not opened_build()["is_increment"]:  # else seeds stand as they were published
        selected.append("resource_type:seed")
    finished = run_dbt("--warn-error", "build", "--select", *selected, "--indirect-selection", "buildable")
    layers = "、".join(names)
    if finished.returncode:
        exit_code = CHECK_FAILED if "Failure in test" in finished.stdout else FAULT
        said = [*faults_of_law(), without_successes(finished.stdout)]
        raise BuildFailed("\n".join([f"{layers} 层没有建成：", *said]), exit_code)
    return f"{layers} 层：{summary(finished.stdout)}，{time.monotonic() - started:.1f} 秒"


def run_dbt(*arguments: str) -> subprocess.CompletedProcess:
    """Run a dbt command on the build that is open, in a process of its own; its output and errors are in `stdout`.

    Raises `WarehouseMissing` when no build is open.
    """
    dbt = str(Path(sys.executable).with_name("dbt"))
    return subprocess.run(
        [dbt, "--no-use-colors", *arguments, "--target", target()],
        cwd=home(),
        env=dbt_environment(**opened_build()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def dbt_environment(as_of: str, is_increment: bool = False) -> dict[str, str]:
    """Return the environment of dbt: what is built, its state beside the warehouse, and no word to the outside.

    In a whole build growing tables begin anew, so that a step that is run again does not add its rows twice.
    """
    state = state_folder()
    return {
        **os.environ,
        "WAREHOUSE_AS_OF": as_of,
        "DBT_FULL_REFRESH": str(not is_increment),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(state / "target"),
        "DBT_LOG_PATH": str(state / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "PYTHONPATH": "",
    }


def state_folder() -> Path:
    """Return where dbt keeps what it parsed, compiled and ran for this home and engine."""
    return home() / "dbt" / target()


def without_successes(output: str) -> str:
    """Return dbt's output without the lines on what went well or was not tried."""
    quiet = (" START ", " OK ", " PASS ", " SKIP ")
    return "\n".join(line for line in output.splitlines() if not any(mark in line for mark in quiet)).strip()


def faults_of_law() -> list[str]:
    """Return one line for each row that a failed test of law found: tests of seeds/policy, and those tagged `law`.

    Law is no personal data; what other tests find is never printed.
    """
    target_folder = state_folder() / "target"
    results_file = target_folder / "run_results.json"
    if not results_file.exists():  # dbt did not come so far
        return []
    results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    nodes = json.loads((target_folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    lines = []
    with warehouse.connect("building") as opened:
        for result in results:
            test = nodes.get(result["unique_id"], {})
            if result["status"] == "fail" and _is_of_law(test, nodes):
                seed = (test.get("attached_node") or "").split(".")[-1]
                lines += [_fault(seed, test, row) for row in opened.rows(result["compiled_code"])]
    return lines


def _is_of_law(test: dict, nodes: dict[str, dict]) -> bool:
    """Tell whether a test is tagged `law` or looks at seeds of law alone."""
    stands_on = [nodes[name]["original_file_path"] for name in test["depends_on"]["nodes"]]
    return "law" in test["tags"] or (bool(stands_on) and all(path.startswith("seeds/policy/") for path in stands_on))


def _fault(seed: str, test: dict, row: dict) -> str:
    """Say what a failing row is about: a range of days, a year's rate, or as it stands in the seed."""
    if "fault_code" in row:
        where = f"{row['seed_name']}（{row['range_key']}）{row['from_day']} 至 {row['to_day']}"
        return {
            "hole": f"费率有空档：{where} 没有费率，请补一行",
            "overlap": f"费率重叠：{where} 有两行，请改 valid_from 或 valid_to",
            "empty": f"费率期间为空或倒置：{where}，valid_to 须晚于 valid_from",
        }[row["fault_code"]]
    if "account_year" in row:
        return f"费率为零或缺失：{row['seed_name']}（insurance_code={row['insurance_code']}）{row['account_year']} 年"
    values = "，".join(f"{column}={'' if value is None else value}" for column, value in row.items())
    return f"参数不合规：{seed or test['name']}（{values}），检查 {test['name']}"


def summary(output: str) -> str:
    """Return dbt's closing count, such as `PASS=12 WARN=0 ERROR=0`."""
    counts = [line.split("Done. ")[1] for line in output.splitlines() if "Done. " in line]
    passed = dict(pair.split("=") for pair in counts[-1].split()).get("PASS", "0") if counts else "0"
    return f"{passed} 个模型与检查通过"


def publish() -> str:
    """Swap the built warehouse in; return a line for the operator."""
    warehouse.publish()
    return "已发布"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
