"""The directory channel: only complete files, each once, whoever comes at the same time or is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingestion.channels import ChannelError, Lookout, collect, deliver
from ingestion.channels import complete as completeness
from ingestion.channels.deliver import waits
from ingestion.channels.directory import Directory
from ingestion.messages import InputRefused
from ingestion.settings import ROOT
from tests.channels.conftest import LINES, drop, names

SOURCE = "banks"
KILLS = 12
# Brings and delivers without Airflow, receiving nothing: what lies in the inbox can then be counted.
COLLECT = "from ingestion.channels import collect, deliver; collect('banks'); deliver('banks')"


@pytest.fixture
def arrivals(home) -> Path:
    folder = home / "arrivals" / SOURCE
    folder.mkdir(parents=True)
    return folder


def declare(home: Path, *lines: str) -> None:
    (home / "channels.yml").write_text("\n".join([f"{SOURCE}:", "  kind: directory", *(f"  {one}" for one in lines)]))


def test_a_file_without_its_control_file_is_not_taken_and_one_with_it_is(home, arrivals):
    drop(arrivals, "half.txt", control=False)
    drop(arrivals, ".hidden.txt")
    (arrivals / "early.txt.ok").touch()  # before its file
    drop(arrivals, "whole.txt")
    assert [path.name for path in collect(SOURCE)] == ["whole.txt"]
    assert (home / "inbox" / SOURCE / "whole.txt").read_text() == LINES
    assert names(arrivals) == [".hidden.txt", ".hidden.txt.ok", "early.txt.ok", "half.txt"]
    assert collect(SOURCE) == []


def test_a_burst_of_five_comes_at_once(home, arrivals):
    for number in range(5):
        drop(arrivals, f"file{number}.txt", f"{number}\n")
    assert [path.read_text() for path in collect(SOURCE)] == [f"{number}\n" for number in range(5)]
    assert names(arrivals) == [] and not [path for path in (home / "collecting").rglob("*") if path.is_file()]


def test_collectors_at_once_bring_every_file_once(home, arrivals):
    for number in range(40):
        drop(arrivals, f"file{number:02d}.txt", f"{number}\n")
    with ThreadPoolExecutor(4) as pool:
        brought = Counter(path.name for paths in pool.map(collect, [SOURCE] * 4) for path in paths)
    assert sorted(brought) == names(home / "inbox" / SOURCE) and set(brought.values()) == {1} and len(brought) == 40


def test_a_file_of_stable_size_is_taken_once_it_has_not_changed_for_long_enough(home, arrivals, monkeypatch):
    declare(home, "complete: stable_size", "stable_seconds: 10")
    clock = [1000.0]
    monkeypatch.setattr(completeness.time, "time", lambda: clock[0])
    file = drop(arrivals, "growing.txt", control=False)
    os.utime(file, (1, 1))  # the sender's clock is not believed
    assert collect(SOURCE) == []
    clock[0] += 9
    file.write_text(LINES * 2)
    assert collect(SOURCE) == []
    clock[0] += 9
    drop(arrivals, "upload.filepart", control=False)
    assert collect(SOURCE) == []
    clock[0] += 1
    assert [path.read_text() for path in collect(SOURCE)] == [LINES * 2]
    clock[0] += 100
    assert collect(SOURCE) == [] and names(arrivals) == ["upload.filepart"]


def test_what_a_lookout_saw_counts_for_the_collector(home, arrivals, monkeypatch):
    declare(home, "complete: stable_size", "stable_seconds: 10")
    clock = [1000.0]
    monkeypatch.setattr(completeness.time, "time", lambda: clock[0])
    drop(arrivals, "file.txt", control=False)
    assert Lookout(SOURCE).look() == set()
    clock[0] += 10
    assert [path.name for path in collect(SOURCE)] == ["file.txt"]


def test_a_file_that_changes_while_it_is_fetched_is_left_until_it_is_complete_again(home, arrivals, monkeypatch):
    file = drop(arrivals, "file.txt")
    fetch = Directory.fetch

    def fetch_while_written(transport, path, target) -> None:
        fetch(transport, path, target)
        file.write_text(LINES * 2)

    monkeypatch.setattr(Directory, "fetch", fetch_while_written)
    assert collect(SOURCE) == [] and names(home / "inbox" / SOURCE) == []
    monkeypatch.setattr(Directory, "fetch", fetch)
    assert [path.read_text() for path in collect(SOURCE)] == [LINES * 2]


def test_a_second_version_waits_until_the_first_has_been_received(home, arrivals):
    drop(arrivals, "file.txt", "first\n")
    (first,) = collect(SOURCE)
    drop(arrivals, "file.txt", "second\n")
    assert collect(SOURCE) == [] and first.read_text() == "first\n"
    first.unlink()
    assert [path.read_text() for path in collect(SOURCE)] == ["second\n"]


def test_a_name_from_outside_becomes_a_harmless_one(home, arrivals):
    odd = "$(reboot) 110101199003077715 ..;.txt"
    drop(arrivals, odd)
    drop(arrivals, "汇总表.txt")
    brought = collect(SOURCE)
    assert names(home / "inbox" / SOURCE) == sorted(path.name for path in brought) and len(brought) == 2
    assert not any(mark in path.name for path in brought for mark in "$ ;")
    assert names(arrivals) == []


def test_links_and_folders_are_not_taken(home, arrivals):
    secret = drop(home, "secret.txt", control=False)
    (arrivals / "link.txt").symlink_to(secret)
    (arrivals / "link.txt.ok").touch()
    (arrivals / "folder.txt").mkdir()
    (arrivals / "folder.txt.ok").touch()
    assert collect(SOURCE) == [] and names(home / "inbox" / SOURCE) == []


def test_a_file_named_like_one_of_ours_is_refused_and_the_others_come(home, arrivals):
    drop(arrivals, "YHBP_201601_001.txt")
    drop(arrivals, "YHHP_201601_001.txt")
    with pytest.raises(InputRefused, match="由我方送出") as raised:
        collect(SOURCE)
    assert "YHBP_201601_001.txt" in str(raised.value)
    assert names(home / "inbox" / SOURCE) == ["YHHP_201601_001.txt"]
    reason = json.loads((home / "refused" / SOURCE / "YHBP_201601_001.txt.reason.json").read_text())
    assert reason["reason"] == "ours_to_send"


def test_a_missing_folder_is_told_with_what_to_do(home):
    declare(home, f"arrivals: {home}/nowhere")
    with pytest.raises(ChannelError, match=r"banks.*nowhere.*不存在.*channels\.yml"):
        collect(SOURCE)


def test_ours_are_delivered_with_a_control_file_once(home):
    drop(home / "outbox" / SOURCE, "HZ_a.txt", control=False)
    drop(home / "outbox" / SOURCE, ".unfinished", control=False)
    assert deliver(SOURCE) == ["HZ_a.txt"] and deliver(SOURCE) == []
    assert names(home / "departures" / SOURCE) == ["HZ_a.txt", "HZ_a.txt.ok"]
    assert names(home / "outbox" / SOURCE) == [".unfinished"]


def test_what_is_written_anew_while_it_is_delivered_goes_next(home, monkeypatch):
    file = drop(home / "outbox" / SOURCE, "HZ_a.txt", "refused\n", control=False)
    store = Directory.store

    def store_while_written(transport, path, target) -> None:
        store(transport, path, target)
        file.write_text("landed\n")

    monkeypatch.setattr(Directory, "store", store_while_written)
    assert deliver(SOURCE) == ["HZ_a.txt"]
    monkeypatch.setattr(Directory, "store", store)
    there = home / "departures" / SOURCE / "HZ_a.txt"
    assert there.read_text() == "refused\n" and file.read_text() == "landed\n"
    assert deliver(SOURCE) == ["HZ_a.txt"] and there.read_text() == "landed\n"


def test_a_delivery_that_failed_is_made_up_for_before_what_came_later(home, monkeypatch):
    file = drop(home / "outbox" / SOURCE, "HZ_a.txt", "first\n", control=False)
    stored = []
    store = Directory.store

    def store_or_fail(transport, path, target) -> None:
        if not stored:
            stored.append(None)
            raise transport.failure("写入", target, "磁盘已满", "请清理")
        stored.append(path.read_text())
        store(transport, path, target)

    monkeypatch.setattr(Directory, "store", store_or_fail)
    with pytest.raises(ChannelError, match="磁盘已满"):
        deliver(SOURCE)
    assert waits(SOURCE) and not (home / "departures" / SOURCE).exists()
    file.write_text("second\n")
    assert deliver(SOURCE) == ["HZ_a.txt", "HZ_a.txt"] and stored[1:] == ["first\n", "second\n"]
    assert (home / "departures" / SOURCE / "HZ_a.txt").read_text() == "second\n" and not waits(SOURCE)


def test_a_file_that_cannot_be_read_holds_up_no_other_and_comes_when_it_can(home, arrivals, monkeypatch):
    for name in "abc":
        drop(arrivals, f"{name}.txt")
    open_ = os.open

    def open_all_but_a(path, flags, *rest, **more) -> int:
        if Path(path) == arrivals / "a.txt":
            raise PermissionError(13, "Permission denied")
        return open_(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", open_all_but_a)
    with pytest.raises(ChannelError, match=r"a\.txt失败：Permission denied"):
        collect(SOURCE)
    assert names(home / "inbox" / SOURCE) == ["b.txt", "c.txt"]
    monkeypatch.setattr(os, "open", open_)
    assert [path.name for path in collect(SOURCE)] == ["a.txt"]
    assert names(arrivals) == []


def test_killed_at_any_moment_every_file_still_comes_once_and_whole(home, arrivals):
    """Kill collectors and deliverers after every so many files, then let one finish."""
    contents = {f"file{number:02d}.txt": f"{number}\n" * 5000 for number in range(30)}
    draw = random.Random(3)
    killed_between = 0
    inbox, departures = home / "inbox" / SOURCE, home / "departures" / SOURCE
    for round_ in range(KILLS):
        for name, content in contents.items():
            drop(arrivals, name, content)
            drop(home / "outbox" / SOURCE, f"HZ{round_}_{name}", content, control=False)
        process = start(COLLECT)
        while process.poll() is None and len(names(inbox)) + len(names(departures)) < round_ * 90 // KILLS:
            time.sleep(0.0005)
        time.sleep(draw.random() * 0.005)  # about what one file takes
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        partly = names(inbox)
        killed_between += 0 < len(partly) < len(contents)
        assert all((inbox / name).read_text() == contents[name] for name in partly)
        brought = Counter([*partly, *(path.name for path in collect(SOURCE))])
        deliver(SOURCE)
        assert brought == Counter(dict.fromkeys(contents, 1))
        assert all((inbox / name).read_text() == content for name, content in contents.items())
        assert all((departures / f"HZ{round_}_{name}").read_text() == content for name, content in contents.items())
        assert names(arrivals) == [] and names(home / "outbox" / SOURCE) == []
        assert not [path for path in (home / "collecting").rglob("*") if path.is_file()]
        for folder in (inbox, departures):
            for name in names(folder):
                (folder / name).unlink()
    assert killed_between >= 3


def start(code: str) -> subprocess.Popen:
    """Start Python code in a process of its own, and return once it has begun to work."""
    ready = f"import ingestion.channels as c; print('ready', flush=True); {code}"
    process = subprocess.Popen([sys.executable, "-c", ready], cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ))
    process.stdout.readline()
    return process
