"""The demonstration runs every DAG, takes files in as in earnest, and says at its end how they tie."""

import re

from ingestion.feed_spec import all_feeds
from ingestion.receive import recognise
from tests.dags.test_dags import EXPECTED


def test_every_dag_runs_and_the_end_tells_how_audit_and_tie_ended(demo):
    _, output = demo
    assert {name for name in EXPECTED if not re.search(rf"\b{name}\b", output)} == set()
    end = output[output.rindex("用时") - 400 :]
    assert re.search(r"审计 [\d,]+ 个批次.*没有缺号", end) and re.search(r"四方勾对：12 个步骤.*差异 0 项", end)


def test_files_came_by_the_channels_and_each_was_answered_but_our_own(demo):
    home, _ = demo
    assert not [path for path in (home / "arrivals").rglob("*") if path.is_file()]
    checked = set()
    for path in (home / "sample").glob("*/*"):
        if path.parent.name != "truth":
            feed, _ = recognise(path.name, all_feeds())
            answers = list((home / "departures" / feed.source).glob(f"HZ_{path.stem}.*.ok"))
            assert len(answers) == (feed.direction == "inbound"), path
            checked.add(f"{feed.source}/{feed.name}")
    assert checked == {f"{feed.source}/{feed.name}" for feed in all_feeds()}
