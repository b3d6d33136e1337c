"""A file that should have come and has not is named with its expected name; it never refuses another file."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from ingestion import gaps as module
from ingestion.feed_spec import Arrival, load_feed
from ingestion.gaps import gaps
from tests.conftest import run
from tests.ingestion.exchange_files import sample_of


def batch(source: str, feed: str, period: str, sequence: int = 1, profile: str | None = None):
    return SimpleNamespace(source=source, feed=feed, period=period, sequence=sequence, profile=profile)


def test_a_sequence_skipped_within_a_period_is_missing_also_at_its_beginning():
    landed = [batch("tax_bureau", "contribution_receipts", "20160105", number) for number in (2, 5)]
    landed.append(batch("tax_bureau", "contribution_receipts", "20160107", 1))
    found = gaps(landed)
    assert [gap.key.rsplit("/", 2)[1:] for gap in found] == [["20160105", number] for number in ("001", "003", "004")]
    assert found[1].file_name == "SBF_20160105_003.txt"
    assert "应有文件 SBF_20160105_003.txt" in found[1].message and "省税务局（社会保险费征收处）" in found[1].message


def test_a_month_without_a_file_between_two_with_one_is_missing_and_days_are_not():
    landed = [batch("service_windows", "complaints", period) for period in ("201611", "201702", "201703")]
    landed += [batch("tax_bureau", "contribution_receipts", period) for period in ("20160105", "20160301")]
    assert [(gap.key, gap.file_name) for gap in gaps(landed)] == [
        ("service_windows/complaints/201612", "TSJB_201612_001.txt"),
        ("service_windows/complaints/201701", "TSJB_201701_001.txt"),
    ]


def test_each_sender_of_a_feed_has_files_of_its_own():
    landed = [batch("banks", "account_statements", period, 1, "ICBC") for period in ("201601", "201602", "201603")]
    landed += [batch("banks", "account_statements", period, 1, "ABC") for period in ("201601", "201603")]
    (gap,) = gaps(landed)
    assert gap.file_name == "DZD_ABC_201602_001.txt" and "农业银行" in gap.message
    assert gap.key == "banks/account_statements/201602"


def test_a_yearly_feed_misses_years_and_no_months(monkeypatch):
    monthly = load_feed("tax_bureau", "unit_declarations")
    yearly = replace(monthly, arrives=Arrival(monthly.arrives.pattern, "year"))
    monkeypatch.setattr(module, "all_feeds", lambda: [yearly])
    landed = [batch("tax_bureau", "unit_declarations", period) for period in ("201601", "201901")]
    assert [gap.period for gap in gaps(landed)] == ["201701", "201801"]


def test_receive_and_batches_name_what_is_missing_and_take_the_files(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    for number in ("001", "003"):
        sample = sample_of("delimited", rows=int(number))
        sample.sequence, sample.file_name = number, f"SBF_20160105_{number}.txt"
        Path(files / sample.file_name).write_bytes(sample.bytes())
    received = run("-m", "ingestion", "receive", str(files), home=tmp_path / "home")
    listed = run("-m", "ingestion", "batches", home=tmp_path / "home")
    for text in (received.stdout, listed.stdout):
        assert "缺号 接口 tax_bureau/contribution_receipts" in text and "SBF_20160105_002.txt" in text
