"""A DAG takes what waits in an inbox: landed files leave it, refused ones move aside with their reason."""

import json

import pytest

from ingestion.inbox import exchange_files
from ingestion.messages import InputRefused
from ingestion.receive import receive, receive_inbox
from tests.ingestion.exchange_files import sample_of


@pytest.fixture
def inbox(desk):
    folder = desk.home / "inbox" / "tax_bureau"
    folder.mkdir(parents=True)
    return folder


def test_landed_files_leave_the_inbox(desk, inbox):
    sample = sample_of("delimited")
    (inbox / sample.file_name).write_bytes(sample.bytes())
    summary = receive_inbox("tax_bureau", "contribution_receipts")
    expected = {"landed": 1, "already_landed": 0, "accepted_rows": 5, "rejected_rows": 0, "missing_files": []}
    assert summary == {"source": "tax_bureau", "feed": "contribution_receipts", **expected}
    assert not list(inbox.iterdir()) and len(desk.landed()) == 1
    (inbox / sample.file_name).write_bytes(sample.bytes())
    assert receive_inbox("tax_bureau", "contribution_receipts")["already_landed"] == 1
    assert json.dumps(summary)


def test_refused_files_move_aside_and_the_others_land(desk, inbox):
    right, wrong = sample_of("delimited"), sample_of("delimited")
    right.sequence, right.file_name = "002", "SBF_20160105_002.txt"
    (inbox / wrong.file_name).write_bytes(wrong.bytes()[:-1])
    (inbox / right.file_name).write_bytes(right.bytes())
    (inbox / "unknown.txt").write_bytes(b"x")
    with pytest.raises(InputRefused) as caught:
        receive_inbox("tax_bureau", "contribution_receipts")
    assert caught.value.exit_code == 2
    assert wrong.file_name in str(caught.value) and "unknown.txt" in str(caught.value)
    assert len(desk.landed()) == 1 and not list(inbox.iterdir())
    refused = desk.home / "refused" / "tax_bureau"
    assert (refused / wrong.file_name).read_bytes() == wrong.bytes()[:-1]
    reason = json.loads((refused / f"{wrong.file_name}.reason.json").read_text(encoding="utf-8"))
    assert reason["reason"] == "truncated" and reason["feed"] == "tax_bureau/contribution_receipts"
    (inbox / wrong.file_name).write_bytes(b"other")
    with pytest.raises(InputRefused):
        receive_inbox("tax_bureau", "contribution_receipts")
    assert (refused / wrong.file_name).read_bytes() == wrong.bytes()[:-1]
    assert (refused / "SBF_20160105_001.2.txt").read_bytes() == b"other"


def test_a_feed_takes_its_own_files_and_the_first_feed_the_strangers(desk):
    inbox = desk.home / "inbox" / "core_system"
    inbox.mkdir(parents=True)
    sample = sample_of("xml")
    (inbox / sample.file_name).write_bytes(sample.bytes())
    (inbox / "SBF_20160105_001.txt").write_bytes(sample_of("delimited").bytes())
    assert receive_inbox("core_system", "participation")["landed"] == 0
    with pytest.raises(InputRefused):
        receive_inbox("core_system", "account_openings")
    assert [path.parts[-2] for path in desk.landed()] == ["account_openings"]


def test_an_inbox_that_is_not_there_holds_nothing(desk):
    assert receive_inbox("banks", "benefit_payment_returns")["landed"] == 0


def test_a_directory_is_walked_and_truth_and_hidden_files_are_left(tmp_path):
    for name in ("b/2.txt", "a/1.txt", "truth/x.csv", "a/.part", "c/truth/y"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    files, left = exchange_files([tmp_path])
    assert [file.name for file in files] == ["1.txt", "2.txt"]
    assert sorted(path.name for path in left) == [".part", "truth", "truth"]


def test_outcomes_come_in_the_order_of_the_files_and_one_refusal_stops_nothing(desk):
    paths = []
    for number in range(1, 40):
        sample = sample_of("delimited", rows=1)
        sample.sequence, sample.file_name = f"{number:03d}", f"SBF_20160105_{number:03d}.txt"
        paths.append(desk.files / sample.file_name)
        paths[-1].write_bytes(sample.bytes() if number % 7 else b"broken")
    outcomes = receive([*paths, desk.files / "SBF_20160105_999.txt", desk.files / "missing.txt"])
    assert [outcome.path.name for outcome in outcomes[:39]] == [path.name for path in paths]
    assert [outcome.reason for outcome in outcomes[39:]] == ["not_found", "not_found"]
    assert len(desk.landed()) == 34


def test_a_named_pipe_or_an_unreadable_path_is_refused_without_waiting(desk):
    import os

    pipe = desk.files / "SBF_20160105_001.txt"
    os.mkfifo(pipe)
    (outcome,) = receive([pipe])
    assert outcome.reason == "unreadable"


def test_a_link_is_not_followed(desk, inbox):
    secret = desk.files / "secret.txt"
    secret.write_bytes("H|口令".encode("gb18030"))
    (inbox / "SBF_20160105_001.txt").symlink_to(secret)
    with pytest.raises(InputRefused, match="符号链接"):
        receive_inbox("tax_bureau", "contribution_receipts")
    (receipt,) = (desk.home / "outbox" / "tax_bureau").iterdir()
    assert "口令" not in receipt.read_bytes().decode("gb18030") and secret.exists() and not list(inbox.iterdir())


def test_the_summary_names_files_that_are_missing(desk, inbox):
    sample = sample_of("delimited")
    sample.sequence, sample.file_name = "002", "SBF_20160105_002.txt"
    (inbox / sample.file_name).write_bytes(sample.bytes())
    summary = receive_inbox("tax_bureau", "contribution_receipts")
    assert summary["landed"] == 1 and summary["missing_files"] == ["SBF_20160105_001.txt"]
