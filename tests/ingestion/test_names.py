"""Names from exchanges never reach a path, a shell or a query as more than text."""

import json
import os
from pathlib import Path

import pytest

from ingestion.batches import batches
from ingestion.messages import InputRefused
from ingestion.receive import receive, receive_inbox
from tests.ingestion.exchange_files import sample_of

RIGHT = "SBF_20160105_001.txt"
TRICKS = [
    f"..%2f{RIGHT}",
    f"..\\{RIGHT}",
    f"{RIGHT}\n",
    f"\n{RIGHT}",
    f"{RIGHT} ",
    f"{RIGHT};touch owned",
    "$(touch owned).txt",
    "`touch owned`.txt",
    "'; drop table batches; --.txt",
    "' or 1=1 or '.txt",
    "\";COPY (SELECT 1) TO 'owned';--.txt",
    "SBF_20160105_001.txt'",
    "SBF_２０１６0105_001.txt",
    "SBF_20160105_٠٠١.txt",
    "-rf",
    "--help",
    "~root",
    "*.txt",
    "CON.txt",
    "{period}_{0}.txt",
    "%s%n%x.txt",
    "<b>&amp;<b>.txt",
    "=cmd|' calc'!A0.txt",
    "\u202etxt.100_50106102_FBS",
    "\x1b[2Jx.txt",
    "数据" * 40 + ".txt",
    "9" * 251 + ".txt",
    "6222020200112233446.txt",
    os.fsdecode(b"\xd5\xc5\xc8\xfd.txt"),  # a name in GBK, which is no UTF-8
    os.fsdecode(b"\xff\xfe.txt"),
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder in which nothing but what a run of ours makes appears, and which is the present one."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def require_contained(place: Path, *folders: str) -> None:
    """Require that nothing was made beside the home, and in it only in those folders."""
    assert sorted(path.name for path in place.iterdir() if path.name not in ("files", "here")) in ([], ["home"])
    assert list((place / "here").iterdir()) == []
    if (place / "home").exists():
        assert {path.name for path in (place / "home").iterdir()} <= {*folders, "receiving", "outbox"}


def test_a_name_that_is_no_exchange_files_is_refused_whatever_it_is(place):
    folder = place / "files"
    folder.mkdir()
    content = sample_of("delimited").bytes()
    for name in TRICKS:
        (folder / name).write_bytes(content)
    outcomes = receive([folder / name for name in TRICKS])
    assert [outcome.reason for outcome in outcomes] == ["unknown_name"] * len(TRICKS)
    for outcome in outcomes:
        assert outcome.message.isprintable() and outcome.message.encode()
        assert "6222020200112233446" not in outcome.message
    require_contained(place)
    assert batches() == []


@pytest.mark.parametrize("name", ["a\0b.txt", "missing\0", "../../etc/passwd", "/etc/passwd"])
def test_a_path_that_is_no_file_or_none_of_ours_is_refused(place, name):
    (outcome,) = receive([Path(name)])
    assert outcome.status == "refused" and outcome.reason in ("not_found", "unknown_name")
    require_contained(place)


def test_an_inbox_keeps_refused_files_in_their_folder_whatever_their_names(place):
    inbox = place / "home" / "inbox" / "tax_bureau"
    inbox.mkdir(parents=True)
    visible = [name for name in TRICKS if not name.startswith(".")]
    for name in visible:
        (inbox / name).write_bytes(b"x")
    (inbox / RIGHT).write_bytes(sample_of("delimited").bytes())
    with pytest.raises(InputRefused) as caught:
        receive_inbox("tax_bureau", "contribution_receipts")
    assert str(caught.value).replace("\n", "").isprintable()
    refused = place / "home" / "refused" / "tax_bureau"
    reasons = list(refused.glob("*.reason.json"))
    kept = [path for path in refused.iterdir() if path not in reasons]
    assert len(kept) == len(reasons) == len(visible) and not any(inbox.iterdir())
    assert all(json.loads(path.read_text(encoding="utf-8"))["reason"] == "unknown_name" for path in reasons)
    assert [batch.file_name for batch in batches()] == [RIGHT]
    require_contained(place, "inbox", "refused", "landing")


@pytest.mark.parametrize("odd", ["it's; drop table x; --", "$(touch owned) `x`", 'a "quoted" %s {0}', "省 厅\n新"])
def test_a_home_with_an_odd_name_works_like_any_other(tmp_path, monkeypatch, odd):
    home = tmp_path / odd
    monkeypatch.setenv("WAREHOUSE_HOME", str(home))
    folder = tmp_path / "files" / odd
    folder.mkdir(parents=True)
    sample = sample_of("delimited", rows=5)
    sample.rows[4]["receipt_number"] = sample.rows[1]["receipt_number"]
    (folder / sample.file_name).write_bytes(sample.bytes())
    (outcome,) = receive([folder / sample.file_name])
    assert outcome.rows == {"received": 5, "accepted": 4, "rejected": 1}, outcome.message
    assert {path.name for path in tmp_path.iterdir()} == {odd, "files"}


def test_a_link_or_a_folder_or_a_pipe_under_a_right_name_is_no_harm(place):
    folder = place / "files"
    folder.mkdir()
    (folder / RIGHT).symlink_to("/etc/passwd")
    os.mkfifo(folder / "SBF_20160106_001.txt")
    (folder / "SBF_20160107_001.txt").symlink_to("nowhere")
    outcomes = receive([folder / f"SBF_2016010{day}_001.txt" for day in (5, 6, 7)])
    assert [outcome.reason for outcome in outcomes] == ["unreadable", "unreadable", "not_found"]
    assert "root" not in outcomes[0].message
    require_contained(place)
