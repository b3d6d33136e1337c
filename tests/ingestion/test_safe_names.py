"""No name from outside trips a path, a shell or a listing, and no two names become one."""

import json
import os

import pytest

from ingestion.messages import InputRefused
from ingestion.receive import receive_inbox
from ingestion.safe_names import safe_name

ODD = [
    "a\nb.txt",
    "$(touch x).txt",
    "`id`;rm -rf ~.txt",
    "'; drop table batches; --.txt",
    "-rf",
    " ",
    "…" * 80,
    "名" * 80 + ".txt",
    "x" * 251 + ".txt",
    "SBF_20160105_001.txt ",
    "SBF_20160105_001.txt\n",
    "a|b..txt..",
    os.fsdecode(b"\xff\xfe.txt"),
]


def test_a_harmless_name_stays_as_it_is():
    for name in ("SBF_20160105_001.txt", "工资表（2016）.xlsx", "a-b=c@d,e+f.tar.gz"):
        assert safe_name(name) == name


def test_an_odd_name_becomes_a_harmless_one_of_its_own():
    safe = [safe_name(name) for name in ODD]
    assert len(set(safe)) == len(ODD)
    for name in safe:
        assert name == safe_name(name) and len(name.encode()) <= 160
        assert not set(name) & set("/\n\\$`;'\" |&<>*?~\0") and name[0] not in ".-"
    assert safe_name("../../etc/passwd").startswith("_") and "/" not in safe_name("../../etc/passwd")


def test_files_with_odd_names_are_set_aside_with_their_reason_and_answered(desk):
    inbox = desk.home / "inbox" / "tax_bureau"
    inbox.mkdir(parents=True)
    for name in ODD:
        (inbox / name).write_bytes(name.encode(errors="surrogateescape"))
    with pytest.raises(InputRefused) as caught:
        receive_inbox("tax_bureau", "contribution_receipts")
    assert str(caught.value).startswith(f"拒收 {len(ODD)} 个文件")
    assert not list(inbox.iterdir())
    refused = desk.home / "refused" / "tax_bureau"
    reasons = sorted(refused.glob("*.reason.json"))
    assert len(reasons) == len(ODD)
    for file in reasons:
        reason = json.loads(file.read_text(encoding="utf-8"))
        assert reason["reason"] == "unknown_name"
        kept = file.with_name(file.name.removesuffix(".reason.json"))
        name = kept.read_bytes().decode("utf-8", errors="backslashreplace")
        assert reason["file_name"] == name
    assert len(list((desk.home / "outbox" / "tax_bureau").iterdir())) == len(ODD)
