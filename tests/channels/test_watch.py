"""`python -m ingestion watch`: takes, receives, answers and delivers within seconds, says so, and ends when asked."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ingestion.settings import ROOT
from ingestion.watch import watch
from tests.channels.conftest import drop, names
from tests.ingestion.exchange_files import sample_of

SOURCE = "public_service_platform"


def drop_sample(home: Path, sequence: str = "001", rows: int = 3) -> str:
    """Drop a right file of the platform and return its name."""
    sample = sample_of("json_lines", rows=rows)
    sample.sequence, sample.file_name = sequence, sample.file_name.replace("_001", f"_{sequence}")
    arrivals = home / "arrivals" / SOURCE
    arrivals.mkdir(parents=True, exist_ok=True)
    (arrivals / sample.file_name).write_bytes(sample.bytes())
    (arrivals / f"{sample.file_name}.ok").touch()
    return sample.file_name


def test_one_round_takes_receives_answers_and_delivers_with_a_line_for_each_file(home):
    said = []
    good, other = drop_sample(home), drop_sample(home, "002", rows=1)
    drop(home / "arrivals" / SOURCE, "whatisthis.txt")
    code = watch([SOURCE], lambda *words: said.append(words), once=True)
    assert code == 2  # one was refused
    assert {source for source, *_ in said} == {SOURCE}
    lines = [f"{what} {text}" for _, what, text in said]
    for name in (good, other):
        assert any(line.startswith(f"取来 {name}") for line in lines) and f"落地 {name}" in lines
    (refusal,) = [line for line in lines if line.startswith("拒收")]
    assert "whatisthis.txt" in refusal and "命名规则" in refusal
    answered = [name for name in names(home / "departures" / SOURCE) if not name.endswith(".ok")]
    assert len(answered) == 3 and {f"送达 {name}" for name in answered} <= set(lines)
    assert len(list((home / "landing" / SOURCE).glob("*/*/batch.json"))) == 2
    assert watch([SOURCE], lambda *words: said.append(words), once=True) == 0 and len(said) == len(lines)


def test_a_source_whose_channel_fails_does_not_stop_the_others(home):
    (home / "channels.yml").write_text(f"banks:\n  kind: directory\n  arrivals: {home}/nowhere\n")
    said = []
    name = drop_sample(home)
    assert watch(["banks", SOURCE], lambda *words: said.append(words), once=True) == 1
    assert any(source == "banks" and what == "出错" and "nowhere" in text for source, what, text in said)
    assert (SOURCE, "落地", name) in said


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_within_seconds_rests_in_between_and_ends_cleanly(home, stop):
    process = subprocess.Popen(
        [sys.executable, "-m", "ingestion", "watch", "--source", SOURCE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert "值守" in process.stdout.readline()
        name = drop_sample(home)
        receipt = home / "departures" / SOURCE / f"HZ_{name}.ok"
        until = time.monotonic() + 120
        while not receipt.exists():
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.1)
        before = sum(psutil.Process(process.pid).cpu_times()[:2])
        time.sleep(3)
        assert sum(psutil.Process(process.pid).cpu_times()[:2]) - before < 0.6
        process.send_signal(stop)
        printed, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0 and "已停止" in printed and "Traceback" not in printed
    assert re.search(rf"落地 {name}", printed) and re.search(rf"送达 HZ_{name}", printed)


def test_an_unknown_source_is_named_with_those_there_are(home):
    command = [sys.executable, "-m", "ingestion", "watch", "--source", "bank", "--once"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 1 and "没有来源 bank" in finished.stderr and "banks" in finished.stderr
