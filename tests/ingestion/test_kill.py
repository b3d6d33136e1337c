"""Killed at any moment, a batch is whole or absent; a further run completes what is missing and equals one in peace."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingestion.audit import audit
from ingestion.batches import batches
from ingestion.receive import receive
from ingestion.settings import ROOT
from ingestion.work_folders import WorkFolder, clear_leftovers
from tests.ingestion.exchange_files import sample_of

KILLS = 20
FILES = 4  # that land
LARGE = 20_000  # rows: several times what is judged together with other files


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """Return a folder with small files before and after a large one, and one that is refused."""
    folder = tmp_path_factory.mktemp("files")
    for kind, rows in (("xml", 30), ("delimited", LARGE)):
        sample = sample_of(kind, rows=rows)
        sample.rows[7]["insurance_code"] = "999"
        (folder / sample.file_name).write_bytes(sample.bytes())
    for number in ("002", "003"):
        sample = sample_of("delimited", rows=int(number))
        sample.sequence, sample.file_name = number, f"SBF_20160105_{number}.txt"
        (folder / sample.file_name).write_bytes(sample.bytes())
    (folder / "SBF_20160105_004.txt").write_bytes(sample.bytes()[:-1])
    return folder


def start(files: Path, home: Path) -> subprocess.Popen:
    """Start receiving, and return once it opened its home."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ingestion", "receive", str(files)],
        cwd=ROOT,
        env={**os.environ, "WAREHOUSE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (home / "receiving").exists() and process.poll() is None:
        time.sleep(0.001)
    return process


def contents(home: Path) -> dict[str, bytes | dict]:
    """Return every file that landed or was answered, without the time at which it was."""
    found = {}
    for file in sorted(path for part in ("landing", "outbox") for path in (home / part).rglob("*") if path.is_file()):
        name = str(file.relative_to(home))
        if file.name == "batch.json":
            found[name] = json.loads(file.read_text(encoding="utf-8")) | {"received_at": None}
        else:
            found[name] = file.read_bytes()
    return found


@pytest.mark.slow
def test_a_run_killed_at_random_points_leaves_whole_batches_and_a_rerun_completes_it(files, tmp_path, monkeypatch):
    took, expected = [], {}
    for name in ("first", "again"):  # the first run may have waited for the disk
        process, opened = start(files, tmp_path / name), time.monotonic()
        assert process.wait(timeout=120) == 2
        took.append(time.monotonic() - opened)
        assert not expected or contents(tmp_path / name) == expected
        expected = contents(tmp_path / name)
    assert len([name for name in expected if name.endswith("batch.json")]) == FILES
    draw = random.Random(5)
    landed_after_kill = []
    for number in range(KILLS):
        home = tmp_path / f"home{number}"
        monkeypatch.setenv("WAREHOUSE_HOME", str(home))
        process = start(files, home)
        time.sleep((number + draw.random()) / KILLS * min(took))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = contents(home)
        # Whole: what is there is what an undisturbed run leaves, to the byte. Absent: no batch lacks a file.
        assert all(expected[name] == content for name, content in found.items())
        for batch in batches():
            assert {path.name for path in batch.directory.iterdir()} >= {"rows.parquet", "rejected.parquet"}
        assert audit() == []
        landed_after_kill.append(len(batches()))
        outcomes = receive([files])
        assert [outcome.status == "refused" for outcome in outcomes].count(True) == 1
        assert contents(home) == expected
        assert [path.name for path in (home / "receiving").iterdir()] == [".lock"]
    # The kills came at different moments, many of them before the end.
    assert len(set(landed_after_kill)) > 2 and sum(count < FILES for count in landed_after_kill) > KILLS // 4


def test_only_what_the_dead_left_is_cleared(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    script = (
        "from ingestion.work_folders import WorkFolder\nprint(WorkFolder('batch-').__enter__(), flush=True)\ninput()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    theirs = Path(other.stdout.readline().strip())
    with WorkFolder("batch-") as ours:
        (theirs / "rows.parquet").write_bytes(b"x")
        clear_leftovers()
        assert theirs.is_dir() and ours.is_dir()
        other.kill()
        other.communicate()
        clear_leftovers()
        assert not theirs.exists() and ours.is_dir()
    assert not ours.exists()
