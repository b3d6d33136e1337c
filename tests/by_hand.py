"""The statements of a dbt build run by hand, beside which a build is measured: what dbt itself costs is the difference.

They are what dbt left behind: their order from `run_results.json`, what waits for what from `manifest.json`, and their
text from the folder `run/`, without the renaming that dbt does around a table it makes anew.
"""

import json
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import yaml

from ingestion.settings import ROOT, home, target
from ingestion.warehouse import EMBEDDED, database_file


@dataclass(frozen=True)
class Statement:
    """What one node of a build runs; `rows_from` is the CSV file that a seed's table is filled from."""

    node: str
    sql: str
    after: frozenset[str]
    relation: str | None
    is_analyzed: bool = False
    rows_from: Path | None = None


def statements(folder: Path) -> list[Statement]:
    """Return what the last `dbt build` with this target folder ran, in dbt's order."""
    nodes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
    ran = sorted(results, key=lambda result: result["timing"][0]["started_at"])
    names = {result["unique_id"] for result in ran}
    return [_statement(nodes[result["unique_id"]], names) for result in ran]


def _statement(node: dict[str, Any], names: set[str]) -> Statement:
    after = frozenset(node["depends_on"].get("nodes", ())) & names
    sql = Path(node["build_path"]).read_text(encoding="utf-8").replace("__dbt_tmp", "")
    if node["resource_type"] == "seed":  # dbt binds its rows to parameters, which it does not write down
        file = ROOT / "dbt" / node["original_file_path"]
        created = sql.split("-- dbt seed --")[0]
        return Statement(node["unique_id"], created, after, node["relation_name"], rows_from=file)
    hooks = [hook["sql"] for hook in node["config"].get("post-hook", ()) if node["config"]["materialized"] != "view"]
    return Statement(node["unique_id"], sql, after, node["relation_name"], any("analyze_table" in it for it in hooks))


def run(found: Sequence[Statement]) -> float:
    """Run statements on the build that is open, in as many sessions as dbt has threads; return seconds."""
    started = time.perf_counter()
    sessions = [_session() for _ in range(_profile()["threads"])]
    waiting, done, running = list(found), set(), {}
    with ThreadPoolExecutor(len(sessions)) as pool:
        while waiting or running:
            for statement in [it for it in waiting if it.after <= done][: len(sessions)]:
                session = sessions.pop()
                running[pool.submit(_run_one, session, statement)] = statement, session
                waiting.remove(statement)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                statement, session = running.pop(future)
                done.add(statement.node)
                sessions.append(session)
    for session in sessions:
        session.close()
    return time.perf_counter() - started


def _profile() -> dict[str, Any]:
    """Return what dbt's profile says about the engine."""
    return yaml.safe_load((ROOT / "dbt" / "profiles.yml").read_text(encoding="utf-8"))["warehouse"]["outputs"][target()]


def _session() -> Any:
    if target() == EMBEDDED:
        options = _profile()["config_options"]
        options["temp_directory"] = str(home() / options["temp_directory"])
        return duckdb.connect(str(database_file("building")), config=options)
    return psycopg2.connect("")


def _run_one(session: Any, statement: Statement) -> None:
    if target() == EMBEDDED:
        _require_no_failures(session.execute(statement.sql), statement)
        if statement.rows_from:
            session.execute(f"copy {statement.relation} from '{statement.rows_from}' (format csv, header)")
        return
    with session, session.cursor() as cursor:
        cursor.execute(statement.sql)
        _require_no_failures(cursor, statement)
        if statement.rows_from:
            with statement.rows_from.open("rb") as rows:
                cursor.copy_expert(f"copy {statement.relation} from stdin (format csv, header)", rows)
        if statement.is_analyzed:
            cursor.execute(f"analyze {statement.relation}")


def _require_no_failures(cursor: Any, statement: Statement) -> None:
    """Read what a test found, since an unread result may not have been computed, and raise unless it is nothing."""
    if statement.node.startswith("test.") and (failures := cursor.fetchone()[0]):
        raise RuntimeError(f"{statement.node}: {failures}")
