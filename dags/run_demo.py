"""Run the main job once, without a scheduler: a sample province through every DAG, in the order of their assets.

`make demo` calls this. Exit code 0: all well; 2: an input was refused or a check failed; 1: a fault of ours.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
import time
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from traceback import format_exception

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console

from dags.run_environment import DAGS, set_airflow_environment
from ingestion.settings import home

console = Console(file=sys.stdout, highlight=False)  # bound now: tasks run with stdout redirected
REFUSED, FAULT = 2, 1
RECONCILE = "reconcile_exchanges"  # what it found is said at the end
DEMONSTRATION_KEY = "verification key of the demonstration: not a secret, guards nothing"


def main() -> int:
    arguments = parse_arguments()
    started = time.monotonic()
    set_airflow_environment("WARNING")
    os.environ.setdefault("STATEMENT_VERIFICATION_KEY", DEMONSTRATION_KEY)  # the same bytes in every clone
    if not is_ours_alone(arguments):
        console.print(
            f"[bold red]{home()} 里已落地别的数据，演示不与之混合。[/]"
            "请先 make clean，或用 WAREHOUSE_HOME 另指一个目录。",
            soft_wrap=True,
        )
        return REFUSED
    say_step("生成样本省", lambda: write_province(arguments))
    say_step("各方送来文件", drop_files)
    bag = load_dags()
    listener = listen_to_tasks()
    failed = run_in_asset_order(bag.dags)
    for finding in listener.findings:
        console.print(finding, markup=False)
    console.print(f"用时 {time.monotonic() - started:.0f} 秒")
    if failed:
        console.print(f"[bold red]未完成：{'、'.join(failed)}[/]　没有发布基于不完整数据的结果。")
        return REFUSED if listener.all_failures_are_refusals() else FAULT
    say_where_results_lie()
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="用样本省把主流程跑一遍")
    parser.add_argument("--persons", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first_month", default="2016-01")
    parser.add_argument("--to", dest="last_month", default="2017-06")
    return parser.parse_args()


def is_ours_alone(arguments: argparse.Namespace) -> bool:
    """Tell whether nothing has landed in this home but, if at all, this very province; two would make wrong figures."""
    note, wanted = home() / "demonstration.json", json.dumps(vars(arguments))
    if (home() / "landing").exists() and not (note.exists() and note.read_text() == wanted):
        return False
    note.write_text(wanted)
    return True


def write_province(arguments: argparse.Namespace) -> str:
    """Draw the sample province; return how many live in it."""
    from ingestion import sample

    province = home() / "sample"
    shutil.rmtree(province, ignore_errors=True)
    first, last = (date.fromisoformat(f"{month}-01") for month in (arguments.first_month, arguments.last_month))
    sample.write(province, arguments.persons, arguments.seed, first, last)
    return f"{arguments.persons} 人"


def drop_files() -> str:
    """Drop the province's files where their senders would, each with its control file; return what was dropped.

    What we sent ourselves in those months no counterpart sends back: it is put into the inbox, as an operator would.
    """
    from ingestion.feed_spec import all_feeds
    from ingestion.receive import recognise

    counts = {"inbound": 0, "outbound": 0}
    for path in sorted(path for path in (home() / "sample").glob("*/*") if path.parent.name != "truth"):
        feed, _ = recognise(path.name, all_feeds())
        counts[feed.direction] += 1
        folder = home() / ("arrivals" if feed.direction == "inbound" else "inbox") / feed.source
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / path.name)
        if feed.direction == "inbound":
            (folder / f"{path.name}.ok").touch()
    return f"{counts['inbound']} 个交换文件；另有我方此前送出的 {counts['outbound']} 个"


def load_dags():
    """Create Airflow's database when absent and return the bag of our DAGs; a DAG that does not import is a fault."""
    with quiet():
        from airflow.dag_processing.dagbag import DagBag
        from airflow.utils.db import initdb

        initdb()
        bag = DagBag(str(DAGS))
    if bag.import_errors:
        raise SystemExit("\n".join(bag.import_errors.values()))
    return bag


def run_in_asset_order(dags: dict) -> list[str]:
    """Run each DAG once every asset it waits for was made; return the names of those that failed or could not run."""
    makers = {asset.name: dag_id for dag_id, dag in dags.items() for asset in made_by(dag)}
    # What arrives is made by nobody here: the demonstration dropped it.
    waits_for = {
        dag_id: sorted({makers[asset.name] for asset in needed_by(dags[dag_id]) if asset.name in makers})
        for dag_id in sorted(dags)
    }
    waits_for["send_exchanges"] = [RECONCILE]  # by hand, and last
    failed = []
    for dag_id in TopologicalSorter(waits_for).static_order():
        dag = dags[dag_id]
        console.print(f"[bold]{dag.dag_display_name}[/]  [dim]{dag_id}[/]")
        if set(failed).intersection(waits_for[dag_id]):
            console.print("  [yellow]— 上游没有完成，不运行[/]")
            failed.append(dag_id)
        elif not run(dag):
            failed.append(dag_id)
    return failed


def made_by(dag) -> list:
    return [outlet for task in dag.tasks for outlet in task.outlets]


def needed_by(dag) -> list:
    condition = getattr(dag.timetable, "asset_condition", None)
    return list(condition.objects) if condition else []


def run(dag) -> bool:
    """Run one DAG in this process and tell whether it succeeded; the listener says why it did not."""
    from airflow.sdk.exceptions import AirflowException

    with quiet():
        try:
            return dag.test().state == "success"
        except AirflowException:
            return False
        finally:
            spare_further_syncs()


def spare_further_syncs() -> None:
    """Let only the first `dag.test()` read and store all DAG files: each would do it anew, a second a DAG."""
    from airflow.dag_processing import dagbag

    dagbag.BundleDagBag = dagbag.sync_bag_to_db = lambda *_, **__: None


def listen_to_tasks():
    """Print one line for each task that ends."""
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager

    class StepLines:
        def __init__(self):
            self.started = {}
            self.errors = []
            self.findings = []

        @hookimpl
        def on_task_instance_running(self, previous_state, task_instance):
            self.started[task_instance.id] = time.monotonic()

        @hookimpl
        def on_task_instance_success(self, previous_state, task_instance):
            self.line("[green]✓[/]", task_instance)
            if task_instance.dag_id == RECONCILE:
                self.findings.append(task_instance.xcom_pull(task_ids=task_instance.task_id))

        @hookimpl
        def on_task_instance_failed(self, previous_state, task_instance, error):
            self.errors.append(error)
            if task_instance.dag_id == RECONCILE:
                self.findings.append(str(error).splitlines()[0])
            self.line("[red]✗[/]", task_instance)
            console.print(str(error) if is_refusal(error) else "".join(format_exception(error)), markup=False)

        def line(self, mark, task_instance):
            seconds = time.monotonic() - self.started.get(task_instance.id, time.monotonic())
            label = getattr(task_instance, "rendered_map_index", None) or ""
            console.print(f"  {mark} {task_instance.task.task_display_name} {label}  [dim]{seconds:.1f} 秒[/]")

        def all_failures_are_refusals(self) -> bool:
            """Tell whether each failure was an input refused or a check failed, and none a fault of ours."""
            return all(is_refusal(error) for error in self.errors)

    listener = StepLines()
    get_listener_manager().add_listener(listener)
    return listener


def is_refusal(error) -> bool:
    """Tell whether an error says that an input was refused or a check failed, not that something of ours broke."""
    return getattr(error, "exit_code", FAULT) == REFUSED


@contextlib.contextmanager
def quiet():
    """Keep what Airflow and the tasks print away from the screen; the listener says what a person needs."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


def say_step(title: str, step) -> None:
    started = time.monotonic()
    result = step()
    console.print(f"[green]✓[/] {title}：{result}  [dim]{time.monotonic() - started:.1f} 秒[/]")


def say_where_results_lie() -> None:
    console.print("[bold green]主流程完成。[/]结果在：")
    for title, pattern in (
        ("统计工作簿", "releases/*/*.xlsx"),
        ("统计公报", "releases/*/bulletin.html"),
        ("权益记录单", "statements/*"),
        ("质量页", "quality/index.html"),
    ):
        for path in sorted(home().glob(pattern)):
            console.print(f"  {title}  {path}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
