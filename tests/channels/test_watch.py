"""`python -m ingestion watch`: takes, receives, answers and delivers, one line a file, and ends cleanly."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingestion.settings import ROOT
from ingestion.watch import watch
from tests.channels.conftest import drop, names
from tests.ingestion.exchange_files import sample_of

SOURCE = "public_service_platform"
SECONDS = 10  # from the drop to the receipt at the counterpart, on a busy machine


@pytest.fixture
def sample():
    return sample_of("json_lines", rows=3)


def command(*arguments: str) -> subprocess.Popen:
    """Start a command in a process of its own; it inherits the test's home."""
    line = [sys.executable, "-m", "ingestion", "watch", "--source", SOURCE, *arguments]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)


def wait_for(path: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path.name} did not come"
        time.sleep(0.05)


def test_one_round_receives_and_answers_what_is_there_and_tells_each_file(home, sample):
    arrivals = home / "arrivals" / SOURCE
    drop(arrivals, sample.file_name, sample.bytes().decode())
    drop(arrivals, "stranger.txt")
    process = command("--once")
    lines, _ = process.communicate(timeout=60)
    assert process.returncode == 2, lines  # one was refused
    said = [line.split()[1:4] for line in lines.splitlines()[1:]]
    assert [SOURCE, "取来", sample.file_name] in said and [SOURCE, "落地", sample.file_name] in said
    assert [SOURCE, "取来", "stranger.txt"] in said
    assert len([line for line in lines.splitlines() if f"{SOURCE} 拒收" in line and "stranger.txt" in line]) == 1
    receipts = [name for name in names(home / "departures" / SOURCE) if not name.endswith(".ok")]
    assert len(receipts) == 2 and all([SOURCE, "送达", name] in said for name in receipts)
    assert names(arrivals) == [] and names(home / "inbox" / SOURCE) == []


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_within_seconds_and_ends_cleanly_when_told_to(home, sample, signal_):
    arrivals, receipt = home / "arrivals" / SOURCE, home / "departures" / SOURCE / f"HZ_{sample.file_name}.ok"
    process = command()
    wait_for(arrivals, 60)  # made by its first look
    dropped = time.monotonic()
    drop(arrivals, sample.file_name, sample.bytes().decode())
    wait_for(receipt, SECONDS)
    print(f"自送到至回执送达：{time.monotonic() - dropped:.1f} 秒")
    process.send_signal(signal_)
    lines, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "已停止" in lines.splitlines()[-1] and "Traceback" not in lines


def test_it_outlives_a_declaration_that_somebody_is_still_writing(home, sample):
    drop(home / "arrivals" / SOURCE, sample.file_name, sample.bytes().decode())
    said = []
    (home / "channels.yml").write_text(f"{SOURCE}:\n  kind: direct")
    assert watch([SOURCE], lambda *words: said.append(words), once=True) == 1
    assert [what for _, what, _ in said] == ["出错"] and "channels.yml" in said[0][2]
    (home / "channels.yml").write_text(f"{SOURCE}:\n  kind: directory\n")
    assert watch([SOURCE], lambda *words: said.append(words), once=True) == 0
    assert [what for _, what, _ in said[1:]] == ["取来", "落地", "接口", "送达"]
