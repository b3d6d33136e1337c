"""Every file is answered: a receipt in the sender's own form, of what was taken, what was not, and why."""

import os

import pytest

from ingestion.feed_spec import load_feed
from ingestion.formats import open_exchange
from ingestion.formats.exchange import Facts, Named
from ingestion.formats.received import ReceivedFile
from ingestion.receipts import receipt_feed
from ingestion.receive import receive, receive_inbox
from tests.ingestion.exchange_files import ALL_KINDS, sample_of
from tests.ingestion.test_audit import spoil

KINDS_OF_RECEIPTS = [kind for kind in ALL_KINDS if kind != "camt053"]


def read(path, feed, period: str, profile=None) -> list[dict]:
    """Read a receipt as its sender would: by the reader of his own form, to the last byte of its trailer."""
    form = receipt_feed(feed, profile)
    with ReceivedFile(path) as file:
        exchange = open_exchange(file, form, Named(period, "001", profile))
        rows = [row for table in exchange.rows() for row in table.to_pylist()]
        exchange.verify(Facts(len(rows), (), {}))
    assert all(row["problem"] is None for row in rows)
    names = [field.name for field in form.layouts[0].fields]
    return [{name: row[name] for name in names if row[name]} for row in rows]


def put(desk, sample, content=None):
    path = desk.files / sample.file_name
    path.write_bytes(sample.bytes() if content is None else content)
    return path


def outbox(desk) -> list:
    return sorted(path for path in (desk.home / "outbox").rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", KINDS_OF_RECEIPTS)
def test_a_landed_file_is_answered_line_by_line_in_the_form_of_its_sender(desk, kind):
    sample = sample_of(kind)
    field = sample.layout.field(spoil(sample, 1))
    sample.rows[3][field.name] = ""
    (outcome,) = receive([put(desk, sample)])
    (path,) = outbox(desk)
    assert path.parent.name == sample.feed.source and path.stem == f"HZ_{outcome.path.stem}"
    assert path.suffix == outcome.path.suffix
    status, rows, *totals, first, second = read(path, sample.feed, sample.period, sample.profile)
    assert (status["record"], status["item"]) == ("状态", "已入库") and outcome.batch_id in status["reason"]
    assert rows == {"record": "行数", "received": "5", "accepted": "3", "rejected": "2"}
    assert [total["item"] for total in totals] == [
        sample.layout.field(name).source_field for name in sample.feed.control_totals
    ]
    for total, expected in zip(totals, sample.totals(), strict=True):
        assert total["received"] == str(int(expected)) if total["reason"] == "单位：分" else expected
    assert (first["rule"] in ("unknown_code", "not_day"), second["rule"]) == (True, "required_missing")
    assert {first["record"], second["record"]} == {"退回"} and field.label in first["item"]
    assert f"第 {first['line']} 行" in first["reason"]
    if kind != "spreadsheet":
        at = int(first["offset"])
        assert sample.bytes()[:at].count(b"\n") == int(first["line"]) - 1 and sample.bytes()[at - 1 : at] == b"\n"


@pytest.mark.parametrize("kind", KINDS_OF_RECEIPTS)
def test_a_refused_file_is_answered_with_its_reason(desk, kind):
    sample = sample_of(kind)
    receive([put(desk, sample, sample.bytes()[:-1])])
    (path,) = outbox(desk)
    (row,) = read(path, sample.feed, sample.period, sample.profile)
    assert (row["record"], row["item"], row["rule"]) == ("状态", "已拒收", "truncated")
    assert sample.file_name in row["reason"] and "请重新传输" in row["reason"]


def test_what_a_form_cannot_write_is_written_otherwise(desk):
    sample = sample_of("delimited")
    sample.rows[1]["liability_month"] = '<&>\\"\ue000'
    receive([put(desk, sample)])
    (*_, row) = read(outbox(desk)[0], sample.feed, sample.period)
    assert '的值“<&>\\"?”不是年月' in row["reason"]
    sample = sample_of("fixed_width")
    sample.rows[1]["insurance_code"] = "9|9"
    sample.rows[2]["payment_status_code"] = "<>"
    receive([put(desk, sample)])
    first, second = read(outbox(desk)[0], sample.feed, sample.period)[-2:]
    assert "“9|9”" in first["reason"] and "“<>”" in second["reason"]
    sample = sample_of("delimited_crlf_gbk")
    spoiled = spoil(sample, 1)
    sample.rows[1][spoiled] = "9，9"
    receive([put(desk, sample)])
    (path,) = (desk.home / "outbox" / "certification").iterdir()
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") > 3
    assert "“9，9”" in read(path, sample.feed, sample.period)[-1]["reason"]


def test_a_separator_in_a_reason_is_written_in_full_width(desk):
    path = desk.files / "a|b.txt"
    path.write_bytes(b"x")
    os.utime(path, (0, 0))
    receive([path])
    (row,) = read(outbox(desk)[0], None, "19700101")
    assert "文件 a｜b.txt：" in row["reason"]


def test_no_receipt_shows_a_whole_number_and_long_reasons_are_cut_between_characters(desk):
    sample = sample_of("fixed_width")
    sample.rows[1]["insurance_code"] = "999"
    sample.rows[1]["bank_account_number"] = "1"
    receive([put(desk, sample)])
    wrong = sample_of("delimited")
    wrong.rows[0]["liability_month"] = "53010219491231002X"
    wrong.rows[1]["person_name"] = "6222020200112233446" * 9
    receive([put(desk, wrong)])
    texts = [path.read_bytes().decode("gb18030") for path in outbox(desk)]
    assert len(texts) == 2 and any("530102********002X" in text for text in texts)
    assert not any("19491231" in text or "020200112233" in text for text in texts)


def test_an_amount_is_answered_in_the_unit_of_the_sender(desk):
    sample = sample_of("fixed_width")
    sample.rows[0]["insurance_code"] = "999"
    receive([put(desk, sample)])
    row = read(outbox(desk)[0], sample.feed, sample.period)[2]
    total = sum(int(row["payment_yuan"]) for row in sample.rows)
    assert (row["received"], row["rejected"], row["reason"]) == (str(total), "123456", "单位：分")
    assert int(row["accepted"]) + int(row["rejected"]) == total


def test_a_missing_receipt_is_made_up_for_and_one_that_is_there_is_left(desk):
    sample = sample_of("delimited")
    path = put(desk, sample)
    desk.receive(sample.file_name, sample.bytes())  # landed; the kill came before the receipt
    assert not outbox(desk)
    (outcome,) = receive([path])
    (receipt,) = outbox(desk)
    assert outcome.status == "already_landed"
    first = receipt.read_bytes()
    receipt.write_bytes(b"sent")
    receive([path])
    assert receipt.read_bytes() == b"sent"
    receipt.unlink()
    receive([path])
    assert receipt.read_bytes() == first


def test_a_file_sent_anew_is_answered_anew(desk):
    sample = sample_of("delimited")
    receive([put(desk, sample, b"broken")])
    receive([put(desk, sample)])
    (path,) = outbox(desk)
    assert read(path, sample.feed, sample.period)[0]["item"] == "已入库"
    sample.rows.pop()
    receive([put(desk, sample)])
    assert read(path, sample.feed, sample.period)[1]["received"] == "4"


def test_files_of_ours_and_paths_that_are_not_there_get_none(desk):
    ours = desk.files / "YHBP_201601_001.txt"
    ours.write_bytes(b"x")
    outcomes = receive([ours, desk.files / "SBF_20160105_001.txt"])
    assert [outcome.reason for outcome in outcomes][1] == "not_found" and outcomes[0].feed.direction == "outbound"
    assert outbox(desk) == []


def test_a_batch_that_was_damaged_here_refuses_its_file_only_and_is_not_told_to_the_sender(desk):
    sample, other = sample_of("delimited"), sample_of("xml")
    outcome = desk.receive(sample.file_name, sample.bytes())
    (desk.landed()[0] / "batch.json").write_text("{}", encoding="utf-8")
    refused, landed = receive([put(desk, sample), put(desk, other)])
    assert (refused.reason, landed.status) == ("landed_broken", "landed")
    assert outcome.batch_id in refused.message and "请从备份恢复该目录" in refused.message
    assert [path.name for path in outbox(desk)] == ["HZ_HX_ZHJZ_201601_001.xml"]


def test_a_bank_that_sends_camt_is_answered_in_plain_text(desk):
    name = "DZD_ICBC_201601_001.xml"
    (desk.files / name).write_bytes(b"<x/>")
    receive([desk.files / name])
    (path,) = outbox(desk)
    assert path.name == "HZ_DZD_ICBC_201601_001.txt"
    (row,) = read(path, load_feed("banks", "account_statements"), "201601", "ICBC")
    assert row["item"] == "已拒收" and "工商银行云南省分行（机构业务部）" in row["reason"]
    assert path.read_bytes().startswith("H|交换文件回执|receipts|201601|001".encode())


def test_a_stranger_is_answered_plainly_and_his_sender_when_the_inbox_tells_who_it_is(desk):
    name = "工资 530102194912310029.xls\n"
    (desk.files / name).write_bytes(b"x")
    receive([desk.files / name])
    (path,) = outbox(desk)
    assert path.parent.name == "unrecognised" and path.name.startswith("HZ_工资_530102") and path.suffix == ".txt"
    text = path.read_bytes().decode("gb18030")
    assert "19491231" not in text + path.name and "不符合任何接口的命名规则" in text
    inbox = desk.home / "inbox" / "tax_bureau"
    inbox.mkdir(parents=True)
    (inbox / "stranger.txt").write_bytes(b"x")
    with pytest.raises(Exception, match="拒收 1 个文件"):
        receive_inbox("tax_bureau", "contribution_receipts")
    assert (desk.home / "outbox" / "tax_bureau" / "HZ_stranger.txt.txt").exists()


def test_an_inbox_answers_before_a_file_leaves_it(desk, monkeypatch):
    sample = sample_of("delimited")
    inbox = desk.home / "inbox" / "tax_bureau"
    inbox.mkdir(parents=True)
    (inbox / sample.file_name).write_bytes(sample.bytes())
    monkeypatch.setattr("ingestion.receive.answer", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receive_inbox("tax_bureau", "contribution_receipts")
    assert (inbox / sample.file_name).exists()
    monkeypatch.undo()
    monkeypatch.setenv("WAREHOUSE_HOME", str(desk.home))
    receive_inbox("tax_bureau", "contribution_receipts")
    assert len(outbox(desk)) == 1 and not list(inbox.iterdir())
