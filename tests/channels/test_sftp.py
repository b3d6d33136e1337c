"""The SFTP channel against a real sshd: verified hosts, whole files, each once, and both directions."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
import pytest

from ingestion.channels import ChannelError, Lookout, collect, deliver
from ingestion.channels.sftp import Sftp
from tests.channels.conftest import LINES, drop, names

NAME = "YHHP_201601_001.txt"


def test_complete_files_come_into_the_inbox_and_are_moved_to_taken(server, home):
    server.declare(home)
    drop(server.folder / "out", NAME)
    drop(server.folder / "out", "YHHP_201602_001.txt", control=False)
    assert [path.name for path in collect("banks")] == [NAME]
    assert (home / "inbox" / "banks" / NAME).read_text() == LINES
    assert names(server.folder / "out") == ["YHHP_201602_001.txt"]
    assert names(server.folder / "out" / "taken") == [NAME]
    assert collect("banks") == []


def test_a_file_sent_again_under_its_name_comes_again_and_taken_keeps_both(server, home):
    server.declare(home)
    for content in ("first\n", "second\n"):
        drop(server.folder / "out", NAME, content)
        (path,) = collect("banks")
        assert path.read_text() == content
        path.unlink()
    assert names(server.folder / "out" / "taken") == ["YHHP_201601_001.2.txt", NAME]


def test_two_collectors_at_once_bring_every_file_once(server, home):
    server.declare(home)
    for number in range(6):
        drop(server.folder / "out", f"YHHP_20160{number + 1}_001.txt")
    with ThreadPoolExecutor(2) as pool:
        brought = [path.name for paths in pool.map(collect, ["banks", "banks"]) for path in paths]
    assert sorted(brought) == names(home / "inbox" / "banks") and len(set(brought)) == len(brought) == 6


def test_a_wrong_host_key_is_refused_and_nothing_is_learnt(server, home):
    server.declare(home)
    server.expect("other_key")
    before = (server.folder / "known_hosts").read_bytes()
    drop(server.folder / "out", NAME)
    with pytest.raises(ChannelError, match=r"主机公钥与 known_hosts 不符.*核实"):
        collect("banks")
    assert (server.folder / "known_hosts").read_bytes() == before
    assert names(server.folder / "out") == [NAME, f"{NAME}.ok"] and names(home / "inbox" / "banks") == []


def test_an_unknown_host_is_refused_and_nothing_is_learnt(server, home):
    server.declare(home)
    (server.folder / "known_hosts").write_text("")
    with pytest.raises(ChannelError, match="known_hosts 里没有这台服务器"):
        collect("banks")
    assert (server.folder / "known_hosts").read_text() == ""


def test_a_key_that_is_not_accepted_is_told_without_showing_it(server, home):
    server.declare(home, key_file=server.folder / "other_key")
    with pytest.raises(ChannelError, match="登录失败") as raised:
        collect("banks")
    assert "PRIVATE KEY" not in str(raised.value) and "banks" in str(raised.value)


def test_a_password_is_never_shown(server, home, monkeypatch):
    server.declare(home, key_file=None, password_variable="BANK_PASSWORD")
    with pytest.raises(ChannelError, match="环境变量 BANK_PASSWORD 没有设置"):
        collect("banks")
    monkeypatch.setenv("BANK_PASSWORD", "correct horse")
    with pytest.raises(ChannelError, match="登录失败") as raised:
        collect("banks")
    assert "horse" not in repr(raised.value) + str(raised.value)


def test_a_connection_lost_in_mid_download_leaves_nothing_half_and_the_next_run_completes(server, home, monkeypatch):
    server.declare(home)
    content = os.urandom(4 << 20).hex()
    drop(server.folder / "out", NAME, content)
    fetch, sizes = Sftp.fetch, []

    def cut(transport, file, target: Path) -> None:
        def watch() -> None:
            while not (target.exists() and target.stat().st_size > 1 << 20):
                time.sleep(0.001)
            server.stop()
            sizes.append(target.stat().st_size)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            fetch(transport, file, target)
        finally:
            watcher.join()

    monkeypatch.setattr(Sftp, "fetch", cut)
    with pytest.raises(ChannelError, match=r"下载.*连接.*文件没有丢失"):
        collect("banks")
    assert 0 < sizes[0] < len(content)  # it was in the middle
    assert names(home / "inbox" / "banks") == []
    assert not [path for path in (home / "collecting").rglob("*") if path.is_file() and path.parent.name != "names"]
    monkeypatch.undo()
    monkeypatch.setenv("WAREHOUSE_HOME", str(home))
    server.start()
    (path,) = collect("banks")
    assert path.read_text() == content and names(server.folder / "out" / "taken") == [NAME]


def test_a_lookout_finds_the_server_again_after_an_outage(server, home):
    server.declare(home)
    lookout = Lookout("banks")
    assert lookout.look() == set()
    drop(server.folder / "out", NAME)
    assert lookout.look() == {NAME}
    server.stop()
    with pytest.raises(ChannelError):
        lookout.look()
    first = lookout.seconds_until_next
    with pytest.raises(ChannelError):
        lookout.look()
    assert lookout.seconds_until_next > first
    server.start()
    assert lookout.look() == {NAME} and lookout.seconds_until_next < first
    lookout.close()


def test_ours_are_delivered_once_whole_and_followed_by_their_control_file(server, home):
    server.declare(home)
    outbox = home / "outbox" / "banks"
    drop(outbox, "YHBP_201601_001.txt", "batch\n", control=False)
    assert deliver("banks") == ["YHBP_201601_001.txt"]
    there = server.folder / "in"
    assert names(there) == ["YHBP_201601_001.txt", "YHBP_201601_001.txt.ok"]
    assert (there / "YHBP_201601_001.txt").read_text() == "batch\n"
    assert names(outbox) == [] and names(outbox / "delivered") == ["YHBP_201601_001.txt"]
    for name in names(there):  # the bank took it
        (there / name).unlink()
    drop(outbox, "YHBP_201601_001.txt", "batch\n", control=False)
    assert deliver("banks") == [] and names(there) == [] and names(outbox) == []
    drop(outbox, "YHBP_201601_001.txt", "mended\n", control=False)
    assert deliver("banks") == ["YHBP_201601_001.txt"]
    assert (there / "YHBP_201601_001.txt").read_text() == "mended\n"
    assert names(outbox / "delivered") == ["YHBP_201601_001.2.txt", "YHBP_201601_001.txt"]


def test_a_file_that_we_may_not_read_holds_up_no_other(server, home, monkeypatch):
    server.declare(home)
    for month in (1, 2, 3):
        drop(server.folder / "out", f"YHHP_20160{month}_001.txt")
    getfo = paramiko.SFTPClient.getfo

    def refuse_the_first(client, path, *rest, **more):
        if path.endswith("YHHP_201601_001.txt"):
            raise PermissionError(13, "Permission denied")
        return getfo(client, path, *rest, **more)

    monkeypatch.setattr(paramiko.SFTPClient, "getfo", refuse_the_first)
    with pytest.raises(ChannelError, match=r"YHHP_201601_001\.txt.*没有权限"):
        collect("banks")
    assert names(home / "inbox" / "banks") == ["YHHP_201602_001.txt", "YHHP_201603_001.txt"]
    monkeypatch.setattr(paramiko.SFTPClient, "getfo", getfo)
    assert [path.name for path in collect("banks")] == ["YHHP_201601_001.txt"]


def test_a_server_that_cannot_rename_over_a_file_serves_too(server, home):
    server.stop()
    server.configure("Subsystem sftp internal-sftp -P posix-rename")
    server.start()
    server.declare(home)
    for content in ("first\n", "second\n"):
        drop(server.folder / "out", NAME, content)
        (path,) = collect("banks")
        assert path.read_text() == content
        path.unlink()
        drop(home / "outbox" / "banks", "HZ_a.txt", content, control=False)
        assert deliver("banks") == ["HZ_a.txt"]
        assert (server.folder / "in" / "HZ_a.txt").read_text() == content
    assert names(server.folder / "out" / "taken") == ["YHHP_201601_001.2.txt", NAME]


def test_no_control_file_follows_an_upload_that_vanished(server, home, monkeypatch):
    server.declare(home)
    drop(home / "outbox" / "banks", "HZ_a.txt", control=False)
    put = paramiko.SFTPClient.put

    def put_and_lose(client, file, target, *rest):
        put(client, file, target, *rest)
        Path(target).unlink()

    monkeypatch.setattr(paramiko.SFTPClient, "put", put_and_lose)
    with pytest.raises(ChannelError, match="不见了"):
        deliver("banks")
    assert names(server.folder / "in") == []
    monkeypatch.setattr(paramiko.SFTPClient, "put", put)
    assert deliver("banks") == ["HZ_a.txt"]
    assert names(server.folder / "in") == ["HZ_a.txt", "HZ_a.txt.ok"]


def test_a_missing_folder_of_the_server_is_named(server, home):
    server.declare(home, arrivals=server.folder / "nowhere")
    with pytest.raises(ChannelError, match=r"nowhere.*不存在.*channels.yml"):
        collect("banks")
