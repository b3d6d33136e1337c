"""Outbound files made of given rows: what is written, proved, kept, replaced, and what is never sent."""

import argparse
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ingestion import send as sending
from ingestion.audit import audit
from ingestion.batches import batches
from ingestion.commands import send as command
from ingestion.outgoing.writable import Unwritable
from ingestion.send import NotSent, outbound_feeds, send, send_for

MONTH = date(2016, 5, 1)
FEED = "tax_bureau", "levy_plan_persons"


def line(number: int, **changes) -> dict:
    """Return one row of the plan."""
    return {
        "settlement_slip_number": f"2016055301{number:04d}11010",
        "unit_number": f"5301{number:04d}",
        "person_number": f"53{number:08d}",
        "identity_number": "53010219850312002X",
        "person_name": "段思平",
        "insurance_code": "110",
        "settlement_month": MONTH,
        "liability_month": MONTH,
        "due_type_code": "10",
        "contribution_base_yuan": Decimal("4357.80"),
        "unit_due_yuan": Decimal("697.25"),
        "person_due_yuan": Decimal("348.62"),
        **changes,
    }


class Published:
    """Stands for the published warehouse: it has the given rows, in the order asked for."""

    def __init__(self, rows: list[dict]):
        self.given = rows

    def stream(self, sql: str, params: list, size: int):
        assert "from out_tax_bureau__levy_plan_persons where period_month" in sql and params == [MONTH]
        assert 'order by settlement_slip_number collate "C", person_number collate "C"' in sql
        rows = sorted(self.given, key=lambda row: (row["settlement_slip_number"], row["person_number"]))
        yield from (rows[start : start + 2] for start in range(0, len(rows), 2))

    def rows(self, sql: str) -> list[dict]:
        assert sql == "select max(period_month) as month from out_tax_bureau__levy_plan_persons"
        return [{"month": MONTH if self.given else None}]


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Return a function that publishes rows for the plan of May 2016, in a home of the test's own."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))

    def published(*rows: dict) -> None:
        @contextmanager
        def connect(database):
            assert database == "published"
            yield Published(list(rows))

        monkeypatch.setattr(sending, "connect", connect)

    return published


def outbox(tmp_path):
    return sorted(path for path in (tmp_path / "home").glob("outbox/*/*"))


def test_rows_leave_as_a_file_that_landed_and_is_audited(publish, tmp_path):
    publish(line(3), line(1), line(2, person_name="尼玛·次仁𠮷", person_due_yuan=Decimal("0.07")))
    sent = send(*FEED, MONTH)
    assert outbox(tmp_path) == [sent.path] and sent.path.name == "ZJJHMX_201605_001.txt" and sent.rows == 3
    lines = sent.path.read_bytes().decode("gb18030").splitlines()
    assert lines[0].endswith("|levy_plan_persons|201605|001|20160501")
    assert [text.split("|")[2] for text in lines[1:4]] == ["5300000001", "5300000002", "5300000003"]
    assert lines[2].split("|")[4:] == ["尼玛·次仁𠮷", "110", "201605", "201605", "10", "4357.80", "697.25", "0.07"]
    assert lines[4].startswith("T|3|13073.40|2091.75|697.31|")
    (batch,) = batches()
    assert batch.batch_id == sent.batch_id and batch.control_totals["unit_due_yuan"]["accepted"] == "2091.75"
    assert audit() == []


def test_the_same_rows_give_the_same_bytes_and_no_second_batch(publish):
    publish(line(1))
    first = send(*FEED, MONTH)
    content = first.path.read_bytes()
    again = send(*FEED, MONTH)
    assert again.path.read_bytes() == content and not again.is_new and again.replaces is None
    assert len(batches()) == 1


def test_changed_rows_are_sent_again_under_the_same_key_and_the_command_says_so(publish, monkeypatch):
    said = []
    monkeypatch.setattr(command.console, "print", said.append)
    publish(line(1))
    before = send(*FEED, MONTH)
    publish(line(1), line(2))
    assert run("tax_bureau/levy_plan_persons", "--month", "2016-05") == 0
    assert "2 行" in said[0] and f"批次 {before.batch_id}），本次为重报" in said[-1]
    old, new = batches()
    assert old.business_key == new.business_key and before.path.read_bytes().count(b"\n") == 4


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


def test_content_that_was_replaced_since_cannot_be_sent_again_unnoticed(publish, tmp_path):
    publish(line(1))
    first = send(*FEED, MONTH)
    publish(line(2))
    second = send(*FEED, MONTH)
    content = second.path.read_bytes()
    publish(line(1))
    with pytest.raises(NotSent, match=f"{first.batch_id} 逐字节相同，而该批次已被批次 {second.batch_id} 取代"):
        send(*FEED, MONTH)
    assert second.path.read_bytes() == content
    third = send(*FEED, MONTH, created=date(2016, 5, 20))
    assert third.is_new and third.replaces == second.batch_id


def test_a_row_that_its_reader_would_reject_keeps_the_file_at_home(publish, tmp_path):
    publish(line(1), line(2, insurance_code="999"), line(3, due_type_code="99"))
    with pytest.raises(NotSent, match="有 2 行不合接口定义，未送出；第一处：第 3 行：字段 险种类型"):
        send(*FEED, MONTH)
    assert not outbox(tmp_path) and not batches()


def test_a_name_that_gbk_cannot_write_is_refused_with_its_row(publish, tmp_path, monkeypatch):
    (feed,) = (feed for feed in outbound_feeds() if feed.name == "levy_plan_persons")
    (layout,) = feed.layouts
    gbk = replace(feed, layouts=(replace(layout, format=replace(layout.format, encoding="gbk")),))
    monkeypatch.setattr(sending, "outbound_feeds", lambda: [gbk])
    publish(line(1), line(2), line(3), line(4, person_name="马𠮷"))
    with pytest.raises(Unwritable, match=r"第 5 行，字段 姓名.*“马𠮷”无法用 GBK 写出.*请改正") as caught:
        send(*FEED, MONTH)
    assert caught.value.exit_code == 2
    assert not outbox(tmp_path) and not batches()


def test_a_value_that_would_break_the_line_is_refused(publish, tmp_path):
    publish(line(1, person_name="马|帮"))
    with pytest.raises(Unwritable, match="含有分隔符"):
        send(*FEED, MONTH)
    assert not outbox(tmp_path) and not batches()


def test_what_was_landed_but_not_put_out_is_put_out_by_the_next_run(publish, tmp_path):
    """As after a kill between landing and the rename."""
    publish(line(1))
    sent = send(*FEED, MONTH)
    content = sent.path.read_bytes()
    sent.path.unlink()
    assert send(*FEED, MONTH).path.read_bytes() == content and len(batches()) == 1


def test_the_last_month_that_can_be_planned_is_sent_when_none_is_named(publish):
    publish(line(1))
    assert send_for("tax_bureau/levy_plan_persons").name == "ZJJHMX_201605_001.txt"
    assert send_for("tax_bureau/levy_plan_persons", "2016-05").exists()


def test_nothing_is_sent_without_rows_nor_for_a_feed_of_others(publish, tmp_path):
    publish()
    with pytest.raises(NotSent, match="不送空文件"):
        send(*FEED, MONTH)
    with pytest.raises(NotSent, match="没有任何月份"):
        send_for("tax_bureau/levy_plan_persons")
    for name in ("tax_bureau/contribution_receipts", "tax_bureau/x; drop table y", "levy_plan"):
        with pytest.raises(NotSent, match="不由我方送出；可送出的接口"):
            send_for(name, "2016-05")
    assert not outbox(tmp_path)
