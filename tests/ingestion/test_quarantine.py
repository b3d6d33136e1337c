"""Rejected rows are listed by feed and rule with their money, and exported masked for their sender."""

from decimal import Decimal

import openpyxl
import pytest

from ingestion.feed_spec import FeedSpecError
from ingestion.quarantine import quarantine, rejects
from ingestion.quarantine_workbook import WIDTHS, export
from tests.conftest import run
from tests.ingestion.exchange_files import CARD, KINDS, RIGHT_IDENTITY, sample_of


@pytest.fixture
def landed(desk):
    """Land a file of every kind with two unknown schemes and a field that is missing."""
    for kind in KINDS:
        sample = sample_of(kind, rows=6)
        for index in (1, 4):
            sample.rows[index]["insurance_code"] = "999"
        sample.rows[3]["insurance_code"] = ""
        outcome = desk.receive(sample.file_name, sample.bytes())
        assert outcome.rows["rejected"] == 3, outcome.message
    return desk


def test_rejected_rows_are_counted_by_feed_and_rule_with_money_and_first_places(landed):
    groups = quarantine()
    assert [(group.rule, group.rows) for group in groups] == [("required_missing", 1), ("unknown_code", 2)] * len(KINDS)
    (missing, unknown) = quarantine("tax_bureau/contribution_receipts")
    rows = sample_of("delimited", rows=6).rows
    assert unknown.totals["unit_paid_yuan"] == sum(Decimal(rows[index]["unit_paid_yuan"]) for index in (1, 4))
    assert missing.totals["person_paid_yuan"] == Decimal(rows[3]["person_paid_yuan"])
    assert unknown.first_places == [("SBF_20160105_001.txt", 3), ("SBF_20160105_001.txt", 6)]
    assert unknown.title == "代码未知"
    (only,) = quarantine("benefit_payment_returns", "unknown_code")
    assert only.totals["payment_yuan"] == Decimal("1234.57") + Decimal("1234.60")
    assert quarantine(None, "too_long") == []


def test_a_batch_that_was_superseded_is_out_of_quarantine(landed):
    landed.receive("SBF_20160105_001.txt", sample_of("delimited", rows=6).bytes())
    assert quarantine("tax_bureau/contribution_receipts") == []


def test_a_feed_that_is_not_declared_is_named(desk):
    with pytest.raises(FeedSpecError, match="没有接口 tax_bureau/receipts"):
        quarantine("tax_bureau/receipts")


def test_the_workbook_is_text_masked_and_says_where_and_why(landed):
    sample = sample_of("delimited", rows=5)
    sample.sequence, sample.file_name = "002", "SBF_20160105_002.txt"
    sample.rows[1] |= {"identity_number": "530102491231002", "insurance_code": "=1+1"}
    sample.rows[2] |= dict.fromkeys(sample.feed.control_totals, "0.00") | {"one_more": "x"}
    landed.receive(sample.file_name, sample.bytes())
    target = landed.home / "out.xlsx"
    assert export(target, rejects()) == 3 * len(KINDS) + 2
    sheet = openpyxl.load_workbook(target).active
    labels, *rows = sheet.iter_rows()
    assert [cell.value for cell in labels] == list(WIDTHS) and sheet.freeze_panes == "A2"
    assert all(cell.data_type in ("s", "inlineStr") for row in rows for cell in row if cell.value is not None)
    texts = [[cell.value or "" for cell in row] for row in rows]
    everything = "\n".join("\t".join(row) for row in texts)
    assert RIGHT_IDENTITY not in everything and CARD not in everything and "530102491231002" not in everything
    assert "530102********0029" in everything
    (wrong,) = [row for row in texts if row[1:3] == ["SBF_20160105_002.txt", "3"]]
    content = sample.bytes()
    assert content[int(wrong[3]) :].startswith(b"R000000001|")
    assert wrong[4:6] == ["代码未知", "险种类型（AAE140）"]
    assert "“=1+1”不在代码表" in wrong[6] and " | =1+1 | " in wrong[7]
    (many,) = [row for row in texts if row[4] == "字段个数不对"]
    assert many[7].startswith("R000000002|") and "530102********0029" in many[7]
    first = target.read_bytes()
    export(target, rejects())
    assert target.read_bytes() == first


def test_a_full_sheet_is_continued_on_the_next(landed, monkeypatch):
    monkeypatch.setattr("ingestion.quarantine_workbook.SHEET_ROWS", 4)
    target = landed.home / "out.xlsx"
    assert export(target, rejects()) == 15
    book = openpyxl.load_workbook(target)
    assert [sheet.max_row for sheet in book] == [5, 5, 5, 4]
    assert len({row for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)}) == 15


def test_the_command_lists_and_exports(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    sample = sample_of("fixed_width")
    sample.rows[0]["insurance_code"] = "999"
    (files / sample.file_name).write_bytes(sample.bytes())
    run("-m", "ingestion", "receive", str(files), home=tmp_path / "home")
    listed = run("-m", "ingestion", "quarantine", "--rule", "unknown_code", home=tmp_path / "home")
    assert "代码未知（unknown_code）" in listed.stdout and "1,234.56" in listed.stdout
    assert "YHHP_201601_001.txt 第 2 行" in listed.stdout and "共有 1 行被退回" in listed.stdout
    target = tmp_path / "to" / "bank.xlsx"
    command = ("-m", "ingestion", "quarantine", "--feed", "banks/benefit_payment_returns", "--export", str(target))
    assert "1 行退回记录已写入" in run(*command, home=tmp_path / "home").stdout and target.exists()
    wrong = run(*command[:-1], "x.csv", home=tmp_path / "home", check=False)
    assert wrong.returncode == 2 and "应以 .xlsx 结尾" in wrong.stdout
    unknown = run("-m", "ingestion", "quarantine", "--feed", "x", home=tmp_path / "home", check=False)
    assert unknown.returncode == 1 and "没有接口 x" in unknown.stdout and "Traceback" not in unknown.stdout
