"""The demonstration runs every DAG, takes files in as in earnest, and says at its end how they tie."""

import json
import re

from tests.dags.test_dags import EXPECTED


def test_every_dag_runs_and_the_end_tells_how_audit_and_tie_ended(demo):
    _, output = demo
    assert {name for name in EXPECTED if not re.search(rf"\b{name}\b", output)} == set()
    end = output[output.rindex("用时") - 400 :]
    assert re.search(r"审计 [\d,]+ 个批次.*没有缺号", end) and re.search(r"四方勾对：12 个步骤.*差异 0 项", end)


def test_files_arrived_by_the_channels_and_each_sender_was_answered(demo):
    home, _ = demo
    assert not [path for path in (home / "arrivals").rglob("*") if path.is_file()]
    batches = [json.loads(path.read_text()) for path in (home / "landing").glob("*/*/*/batch.json")]
    answered = {path.name for path in (home / "departures").glob("*/HZ_*.ok")}
    inbound = [path for path in (home / "sample").glob("*/*") if (home / "departures" / path.parent.name).is_dir()]
    assert len(batches) > len(answered) > len(inbound) / 2
