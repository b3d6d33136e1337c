"""All versions of a file or a row, in the order received: what counts, what was replaced, rejected or reversed."""

import pytest

from ingestion.history import NothingKnown, history
from tests.conftest import run
from tests.ingestion.exchange_files import CARD, Sample, sample_of
from tests.ingestion.exchange_rows import receipt


def receive(desk, sample):
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.status == "landed", outcome.message
    return outcome


def dated(day: str, sequence: str, rows: list[dict]) -> Sample:
    sample = sample_of("delimited")
    sample.period, sample.created, sample.sequence, sample.rows = day, day, sequence, rows
    sample.file_name = f"SBF_{day}_{sequence}.txt"
    return sample


@pytest.fixture
def corrected(desk):
    """Receive a file, send it anew with another amount and name (重报), and add to it (补报)."""
    first = dated("20160105", "001", [receipt(index) for index in range(3)])
    again = dated("20160105", "001", [receipt(index) for index in range(3)])
    again.rows[1] |= {"unit_paid_yuan": "99.00", "person_name": "王五", "identity_number": "530102194912310010"}
    added = dated("20160105", "002", [receipt(9)])
    return [receive(desk, sample).batch_id for sample in (first, again, added)]


def test_a_row_sent_anew_shows_both_versions_and_what_changed_masked(corrected):
    first, second = history("R000000001")
    assert [(version.batch.batch_id, version.line, version.state) for version in (first, second)] == [
        (corrected[0], 3, "已被取代"),
        (corrected[1], 3, "有效"),
    ]
    assert first.notes == ()
    notes = "\n".join(second.notes)
    assert "单位实缴" in notes and "601.25 → 99.00" in notes and "阿依·木 → 王五" in notes
    assert "530102********0029 → 530102********0010" in notes and len(second.notes) == 3


@pytest.mark.parametrize("key", ["tax_bureau/contribution_receipts/20160105/001", "SBF_20160105_001.txt"])
def test_a_file_shows_its_versions(corrected, key):
    first, second = history(key)
    assert [version.batch.batch_id for version in (first, second)] == corrected[:2]
    assert (first.state, second.state, first.line) == ("已被取代", "有效", None)
    (note,) = second.notes
    assert note.startswith("单位实缴") and note.endswith("入库 1803.75 → 1301.50")


def test_a_period_shows_all_its_files(corrected):
    versions = history("tax_bureau/contribution_receipts/20160105")
    assert [(version.batch.sequence, version.state) for version in versions] == [
        (1, "已被取代"),
        (1, "有效"),
        (2, "有效"),
    ]
    assert versions[2].notes == ()


def test_a_row_that_was_rejected_first_shows_the_reason(desk):
    wrong = dated("20160105", "001", [receipt(index) for index in range(3)])
    wrong.rows[1]["insurance_code"] = "999"
    receive(desk, wrong)
    (only,) = history("R000000001")
    assert only.state == "退回" and "不在代码表" in only.notes[0] and only.line == 3
    receive(desk, dated("20160105", "001", [receipt(index) for index in range(3)]))
    first, second = history("R000000001")
    assert (first.state, second.state) == ("退回，已被取代", "有效")


def test_a_line_that_could_not_be_split_is_found_by_its_text(desk):
    wrong = dated("20160105", "001", [receipt(index) for index in range(2)])
    wrong.rows[1] |= dict.fromkeys(wrong.feed.control_totals, "0.00") | {"one_more": "x"}
    receive(desk, wrong)
    (only,) = history("R000000001")
    assert only.state == "退回" and "字段个数不对" in only.notes[0]


def test_a_reversal_is_shown_beside_the_row_that_it_reverses(desk):
    receive(desk, dated("20161230", "001", [receipt(1), receipt(2)]))
    back = receipt(7) | {"reversed_receipt_number": "R000000001"}
    back |= {name: f"-{back[name]}" for name in ("unit_paid_yuan", "person_paid_yuan")}
    later = dated("20170105", "001", [back])
    assert [field.name for field in later.layout.fields] == list(back)
    receive(desk, later)
    first, second = history("R000000001")
    assert (first.state, second.state) == ("被冲正", "冲正")
    assert second.notes == ("冲正 R000000001",) and second.batch.period == "20170105"
    (other,) = history("R000000002")
    assert other.state == "有效"
    (itself,) = history("R000000007")
    assert itself.state == "冲正"


def test_keys_of_other_forms_and_of_several_parts_are_found(desk):
    for kind in ("fixed_width", "xml", "spreadsheet", "fixed_width_yuan"):
        sample = sample_of(kind)
        sample.rows[3]["insurance_code"] = "999"
        receive(desk, sample)
    for key, feed in (("P000000001", "benefit_payment_returns"), ("K000000002", "account_openings")):
        (version,) = history(key)
        assert (version.batch.feed, version.state) == (feed, "有效")
    for key, line in (("P000000003", 5), ("K000000003", 7), ("E000000003", 6)):
        (version,) = history(key)
        assert (version.state, version.line) == ("退回", line)
    (version,) = history("5300000001/110/2015")
    assert (version.batch.feed, version.line) == ("account_balances", 3)
    (version,) = history("5300000003/999/2015")
    assert version.state == "退回"


@pytest.mark.parametrize("key", ["R9", "a/b", "'; drop table x; --", "tax_bureau/contribution_receipts/2017", CARD, ""])
def test_what_is_not_known_is_said_so(corrected, key):
    with pytest.raises(NothingKnown) as caught:
        history(key)
    assert caught.value.exit_code == 2 and CARD not in str(caught.value)


def test_the_command_prints_a_table(tmp_path):
    file = tmp_path / "SBF_20160105_001.txt"
    file.write_bytes(sample_of("delimited").bytes())
    run("-m", "ingestion", "receive", str(file), home=tmp_path / "home")
    shown = run("-m", "ingestion", "history", "R000000003", home=tmp_path / "home")
    assert "SBF_20160105_001.txt" in shown.stdout and "有效" in shown.stdout and "共 1 个版本" in shown.stdout
    unknown = run("-m", "ingestion", "history", "R999", home=tmp_path / "home", check=False)
    assert unknown.returncode == 2 and "没有找到“R999”" in unknown.stdout
